//! From the sampler back to the words: which texts are the positive and the negative prompt.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::View;
use super::collect::Collected;
use crate::core::workflow::graph::Node;
use crate::core::workflow::slot::{Binding, SlotKind, link};
use crate::core::workflow::walk;

/// Inputs of text encoders that take the prompt, best first.
const TEXTS: &[&str] = &[
    "text",
    "prompt",
    "text_g",
    "text_l",
    "clip_g",
    "clip_l",
    "t5xxl",
    "llama",
    "qwen",
    "tags",
    "positive_prompt",
    "caption",
];
/// Inputs of nodes that make or pass on a text.
const STRINGS: &[&str] = &[
    "value", "string", "text", "prompt", "string_a", "string_b", "input",
];
/// Inputs under which samplers and guiders take conditioning, and the side they stand for.
const SINKS: &[(&str, Side)] = &[
    ("positive", Side::Positive),
    ("conditioning", Side::Positive),
    ("cond1", Side::Positive),
    ("cond2", Side::Positive),
    ("negative", Side::Negative),
];
/// Most nodes looked at from one sampler.
const FARTHEST: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Positive,
    Negative,
}

/// Finds `prompt` and `negative`, in the order in which samplers work; what else takes conditioning comes last.
pub(super) fn find(view: View<'_>, order: &[&str], found: &mut Collected) {
    let (samplers, others): (Vec<&str>, Vec<&str>) =
        order.iter().filter(|id| is_sink(view, id)).partition(|id| {
            view.gives(id, "LATENT", &["Sampler"]) || view.gives(id, "GUIDER", &["Guider"])
        });
    for side in [Side::Positive, Side::Negative] {
        for id in samplers.iter().chain(&others) {
            for (input, _) in SINKS.iter().filter(|(_, of)| *of == side) {
                for texts in texts_of(view, id, input, side) {
                    add(texts, side, found);
                }
            }
        }
    }
}

/// Says whether words reach a sampler, directly or through its guider.
pub(super) fn is_prompted(view: View<'_>, id: &str) -> bool {
    let guiders = view.graph.nodes.get(id).into_iter().flat_map(Node::links);
    guiders
        .map(|(_, from, _)| from)
        .chain([id])
        .filter(|id| is_sink(view, id))
        .any(|id| {
            SINKS.iter().any(|(input, side)| {
                *side == Side::Positive && !texts_of(view, id, input, *side).is_empty()
            })
        })
}

/// Adds one encoder's texts as one slot.
fn add(texts: Vec<(Binding, Binding)>, side: Side, found: &mut Collected) {
    let base = match side {
        Side::Positive => "prompt",
        Side::Negative => "negative",
    };
    let mut name = None;
    for (bind, consumer) in texts {
        if found.has(&bind) {
            continue;
        }
        match &name {
            None => {
                found.add(base, SlotKind::Text, bind, consumer);
                name = found.slots.last().map(|last| last.slot.name.clone());
            }
            Some(name) => found.join(name, bind, consumer),
        }
    }
}

/// Says whether conditioning ends here: a sampler or guider, not a node that passes it on.
fn is_sink(view: View<'_>, id: &str) -> bool {
    let Some(node) = view.graph.nodes.get(id) else {
        return false;
    };
    let fed = node
        .links()
        .any(|(input, _, _)| SINKS.iter().any(|(name, _)| *name == input));
    let class = &node.class_type;
    fed && match view.info.and_then(|info| info.class(class)) {
        Some(class) => class
            .outputs
            .iter()
            .all(|output| output.type_name != "CONDITIONING"),
        None => class.contains("Sampler") || class.contains("Guider"),
    }
}

/// Follows one input to the encoders behind it; each gives its texts as (place, consumer).
fn texts_of(view: View<'_>, id: &str, input: &str, side: Side) -> Vec<Vec<(Binding, Binding)>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut open: Vec<(String, u64, Side)> = Vec::new();
    let start = view
        .graph
        .nodes
        .get(id)
        .and_then(|node| node.inputs.get(input))
        .and_then(link);
    open.extend(start.map(|(node, slot)| (node.to_owned(), slot, side)));
    while let Some((node_id, slot, side)) = open.pop() {
        if seen.len() > FARTHEST || !seen.insert((node_id.clone(), slot, side)) {
            continue;
        }
        let Some(node) = view.graph.nodes.get(&node_id) else {
            continue;
        };
        if node.class_type == "ConditioningZeroOut" {
            continue;
        }
        let texts = encoder_texts(view, &node_id, &node.inputs);
        if texts.is_empty() {
            let side = side_at(view, &node_id, &node.inputs, slot, side);
            let mut next: Vec<_> = node
                .links()
                .filter(|(name, _, _)| carries(view, &node_id, name, side))
                .map(|(_, from, slot)| (from.to_owned(), slot, side))
                .collect();
            next.reverse();
            open.extend(next);
        } else {
            found.push(texts);
        }
    }
    found
}

/// Says which side an output carries, for nodes that take both and give both.
fn side_at(view: View<'_>, id: &str, inputs: &Map<String, Value>, slot: u64, side: Side) -> Side {
    if !(inputs.contains_key("positive") && inputs.contains_key("negative")) {
        return side;
    }
    let named = usize::try_from(slot).ok().and_then(|slot| {
        let output = view.info?.class(view.class(id))?.outputs.get(slot)?;
        match output.name.as_str() {
            "positive" => Some(Side::Positive),
            "negative" => Some(Side::Negative),
            _ => None,
        }
    });
    named.unwrap_or(match slot {
        0 => Side::Positive,
        1 => Side::Negative,
        _ => side,
    })
}

/// Says whether an input of a passing node carries the side on.
fn carries(view: View<'_>, id: &str, input: &str, side: Side) -> bool {
    match input {
        "positive" => side == Side::Positive,
        "negative" => side == Side::Negative,
        "on_true" | "on_false" => walk::switched(view.graph, id) == Some(input),
        _ => match view.info.and_then(|info| info.class(view.class(id))) {
            Some(class) => class
                .input(input)
                .is_some_and(|spec| spec.type_name == "CONDITIONING"),
            None => input.starts_with("cond"),
        },
    }
}

/// Lists the texts of an encoder, as (place, consumer).
fn encoder_texts(view: View<'_>, id: &str, inputs: &Map<String, Value>) -> Vec<(Binding, Binding)> {
    TEXTS
        .iter()
        .filter(|input| inputs.contains_key(**input))
        .filter_map(|input| {
            let consumer = Binding {
                node: id.to_owned(),
                input: (*input).to_owned(),
            };
            Some((written_text(view, consumer.clone())?, consumer))
        })
        .collect()
}

/// Follows a text through nodes that hold, join or switch texts to where it is written.
fn written_text(view: View<'_>, start: Binding) -> Option<Binding> {
    let mut place = start;
    for _ in 0..FARTHEST.min(view.graph.nodes.len() + 1) {
        let value = place.value(view.graph)?;
        if value.is_string() {
            return Some(place);
        }
        let (source, _) = link(value)?;
        let inputs = &view.graph.nodes.get(source)?.inputs;
        let switched = walk::switched(view.graph, source);
        let input = switched
            .into_iter()
            .chain(STRINGS.iter().copied())
            .find(|name| {
                inputs
                    .get(*name)
                    .is_some_and(|value| value.is_string() || link(value).is_some())
            })?;
        place = Binding {
            node: source.to_owned(),
            input: input.to_owned(),
        };
    }
    None
}
