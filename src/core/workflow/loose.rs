//! The loose patching of an older pipeline: by input name on every node, and by placeholder texts.
//!
//! Kept for importing its graphs, nothing else: it cuts links, and it sets inputs of nodes that only happen to
//! use the same name. [`adopt`] turns such a graph into one with slots and says what would have gone wrong.

use serde::Serialize;
use serde_json::{Map, Value};

use super::graph::Graph;
use super::slot::{Binding, Slot, SlotKind, link};

/// Texts that stand for a value.
const PLACEHOLDERS: &[(&str, &str, SlotKind)] = &[
    ("positive_prompt", "prompt", SlotKind::Text),
    ("negative_prompt", "negative", SlotKind::Text),
    ("init_image", "image", SlotKind::Image),
];
/// Input names that were set wherever they stood, and the slots they become.
const KEYS: &[(&str, &str, SlotKind)] = &[
    ("width", "width", SlotKind::Int),
    ("height", "height", SlotKind::Int),
    ("length", "frames", SlotKind::Int),
    ("frames_number", "frames", SlotKind::Int),
    ("frame_rate", "fps", SlotKind::Float),
    ("steps", "steps", SlotKind::Int),
    ("cfg", "cfg", SlotKind::Float),
    ("noise_seed", "seed", SlotKind::Seed),
    ("strength", "strength", SlotKind::Float),
];

/// What goes wrong when values are set by name alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Pitfall {
    /// The value would replace a link; the slot sets the node behind it, or is left out.
    CutsLink {
        /// Place that holds the link.
        place: String,
        /// Node it comes from.
        from: String,
    },
    /// Nodes of different classes take the value because they use the same name.
    SeveralNodes {
        /// Name.
        name: String,
        /// Places that take it.
        places: Vec<String>,
    },
    /// The steps come from a fixed list; setting them changes nothing.
    FixedSteps {
        /// Node that holds the list.
        node: String,
    },
    /// Several noise nodes get the same seed.
    OneSeed {
        /// Places that get it.
        places: Vec<String>,
    },
}

/// A loosely patched graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The graph; entries that are no nodes are kept.
    pub graph: Value,
    /// Values that found no place.
    pub unapplied: Vec<String>,
}

/// Sets values the old way: by input name on every node, else by one of three placeholder texts.
#[must_use]
pub fn patch(workflow: &Value, values: &Map<String, Value>) -> Patched {
    let mut graph = workflow.clone();
    let mut used: Vec<&str> = Vec::new();
    let nodes = graph.as_object_mut().into_iter().flat_map(Map::values_mut);
    for inputs in nodes.filter_map(|node| node.get_mut("inputs")?.as_object_mut()) {
        for (name, held) in inputs.iter_mut() {
            let placeholder = held
                .as_str()
                .filter(|text| PLACEHOLDERS.iter().any(|(word, _, _)| word == text));
            let found = values
                .get_key_value(name)
                .or_else(|| placeholder.and_then(|text| values.get_key_value(text)));
            if let Some((key, value)) = found {
                used.push(key);
                *held = value.clone();
            }
        }
    }
    let unapplied = values
        .keys()
        .filter(|key| !used.contains(&key.as_str()))
        .cloned()
        .collect();
    Patched { graph, unapplied }
}

/// A graph of the old kind, understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adopted {
    /// Slots in place of names and placeholders.
    pub slots: Vec<Slot>,
    /// What the old way would have done wrong.
    pub pitfalls: Vec<Pitfall>,
}

/// Turns names and placeholders into slots, links left whole, and reports the pitfalls.
#[must_use]
pub fn adopt(graph: &Graph) -> Adopted {
    let mut adopted = Adopted {
        slots: Vec::new(),
        pitfalls: Vec::new(),
    };
    for (word, slot, kind) in PLACEHOLDERS {
        let places: Vec<Binding> = all_inputs(graph)
            .filter(|(_, value)| value.as_str() == Some(word))
            .map(|(place, _)| place)
            .collect();
        if !places.is_empty() {
            adopted.slots.push(Slot {
                required: true,
                ..Slot::new(*slot, *kind, places)
            });
        }
    }
    for (key, slot, kind) in KEYS {
        adopt_key(graph, key, slot, *kind, &mut adopted);
    }
    let steps = adopted.slots.iter().any(|slot| slot.name == "steps");
    let lists = graph
        .nodes
        .iter()
        .filter(|(_, node)| node.class_type == "ManualSigmas");
    if !steps {
        adopted
            .pitfalls
            .extend(lists.map(|(node, _)| Pitfall::FixedSteps { node: node.clone() }));
    }
    adopted
}

fn all_inputs(graph: &Graph) -> impl Iterator<Item = (Binding, &Value)> {
    graph.nodes.iter().flat_map(|(id, node)| {
        node.inputs.iter().map(move |(input, value)| {
            (
                Binding {
                    node: id.clone(),
                    input: input.clone(),
                },
                value,
            )
        })
    })
}

fn adopt_key(graph: &Graph, key: &str, name: &str, kind: SlotKind, adopted: &mut Adopted) {
    let mut places: Vec<Binding> = Vec::new();
    for (place, value) in all_inputs(graph).filter(|(place, _)| place.input == key) {
        let Some((from, _)) = link(value) else {
            places.push(place);
            continue;
        };
        adopted.pitfalls.push(Pitfall::CutsLink {
            place: place.to_string(),
            from: from.to_owned(),
        });
        let behind = super::walk::written_at(graph, &place.node, key);
        if let Some((node, input)) = behind {
            let behind = Binding {
                node: node.to_owned(),
                input: input.to_owned(),
            };
            if !places.contains(&behind) {
                places.push(behind);
            }
        }
    }
    if places.is_empty() {
        return;
    }
    let shown: Vec<String> = places.iter().map(ToString::to_string).collect();
    let class = |place: &Binding| graph.nodes.get(&place.node).map(|node| &node.class_type);
    let alike = places.windows(2).all(|pair| match pair {
        [a, b] => class(a) == class(b),
        _ => true,
    });
    if kind == SlotKind::Seed && places.len() > 1 {
        adopted.pitfalls.push(Pitfall::OneSeed { places: shown });
    } else if !alike {
        adopted.pitfalls.push(Pitfall::SeveralNodes {
            name: key.to_owned(),
            places: shown,
        });
    }
    if let Some(slot) = adopted.slots.iter_mut().find(|slot| slot.name == name) {
        slot.bind.extend(places);
    } else {
        let mut slot = Slot::new(name, kind, places);
        slot.default = slot.value(graph).cloned();
        adopted.slots.push(slot);
    }
}
