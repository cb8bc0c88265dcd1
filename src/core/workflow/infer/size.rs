//! Width, height and length, followed to where they are written.

use serde_json::Value;

use super::View;
use super::collect::Collected;
use crate::core::workflow::slot::{Binding, SlotKind, link};
use crate::core::workflow::walk;

/// Parts of class names that make latents, for servers whose definitions we do not have.
const LATENTS: &[&str] = &["Empty", "Latent", "ToVideo", "CogVideoSampler"];
/// Inputs that count frames wherever they stand.
const COUNTS: &[&str] = &[
    "num_frames",
    "frames_number",
    "video_frames",
    "video_length",
    "frame_count",
];
/// Most image nodes passed on the way from a measured size to the canvas.
const FARTHEST: usize = 64;

/// Finds `width`, `height` and `frames`.
///
/// The latent that is sampled decides; where its size is measured off an image, the canvas behind it does.
pub(super) fn find(view: View<'_>, order: &[&str], found: &mut Collected) {
    let makes_latents = |id: &&&str| view.gives(id, "LATENT", LATENTS) || is_empty_latent(view, id);
    for id in order.iter().filter(makes_latents) {
        for (side, name) in [("width", "width"), ("height", "height")] {
            if let Some((place, consumer)) = side_of(view, id, side) {
                found.add(name, SlotKind::Int, place, consumer);
            }
        }
    }
    if !found.slots.iter().any(|known| known.slot.name == "width") {
        any_size(view, order, found);
    }
    lengths(view, order, found);
}

fn is_empty_latent(view: View<'_>, id: &str) -> bool {
    view.class(id).starts_with("Empty") && view.class(id).contains("Latent")
}

/// Takes the first node that scales or pads to a written size, for graphs without a latent size.
fn any_size(view: View<'_>, order: &[&str], found: &mut Collected) {
    for id in order {
        let sides = [
            side_written(view, id, "width"),
            side_written(view, id, "height"),
        ];
        if let [Some(width), Some(height)] = sides {
            found.add("width", SlotKind::Int, width.clone(), width);
            found.add("height", SlotKind::Int, height.clone(), height);
            return;
        }
    }
}

/// Finds where one side of a node is written, as (place, consumer).
fn side_of(view: View<'_>, id: &str, side: &str) -> Option<(Binding, Binding)> {
    let consumer = Binding {
        node: id.to_owned(),
        input: side.to_owned(),
    };
    let value = consumer.value(view.graph)?;
    if let Some((node, input)) = walk::written_at(view.graph, id, side) {
        let place = Binding {
            node: node.to_owned(),
            input: input.to_owned(),
        };
        return number(view, &place).then_some((place, consumer));
    }
    let (measure, _) = link(value)?;
    let mut at = measure;
    for _ in 0..FARTHEST {
        if let Some(place) = side_written(view, at, side) {
            return Some((place.clone(), place));
        }
        let inputs = &view.graph.nodes.get(at)?.inputs;
        at = ["image", "images", "input", "pixels"]
            .iter()
            .find_map(|name| inputs.get(*name).and_then(link))?
            .0;
    }
    None
}

/// Finds a side written on the node itself, also inside a chosen option (`resize_type.width`).
fn side_written(view: View<'_>, id: &str, side: &str) -> Option<Binding> {
    let inputs = &view.graph.nodes.get(id)?.inputs;
    let name = inputs.keys().find(|name| {
        *name == side || name.rsplit_once('.').is_some_and(|(_, last)| last == side)
    })?;
    let (node, input) = walk::written_at(view.graph, id, name)?;
    let place = Binding {
        node: node.to_owned(),
        input: input.to_owned(),
    };
    number(view, &place).then_some(place)
}

fn number(view: View<'_>, place: &Binding) -> bool {
    place.value(view.graph).is_some_and(Value::is_number)
}

/// Finds the length; places that hold the same number as the first are set with it.
fn lengths(view: View<'_>, order: &[&str], found: &mut Collected) {
    for id in order {
        let Some(node) = view.graph.nodes.get(*id) else {
            continue;
        };
        for input in node.inputs.keys() {
            let counts = COUNTS.contains(&input.as_str())
                || (input == "length" && node.inputs.contains_key("width"));
            let consumer = Binding {
                node: (*id).to_owned(),
                input: input.clone(),
            };
            if !counts {
                continue;
            }
            match walk::written_at(view.graph, id, input) {
                Some((node, input)) => {
                    let place = Binding {
                        node: node.to_owned(),
                        input: input.to_owned(),
                    };
                    if number(view, &place) {
                        add_length(view, place, consumer, found);
                    }
                }
                None => seconds(view, &consumer, found),
            }
        }
    }
}

fn add_length(view: View<'_>, place: Binding, consumer: Binding, found: &mut Collected) {
    let first = found.slots.iter().find(|known| known.slot.name == "frames");
    let same = first.is_some_and(|known| {
        known.slot.value(view.graph) == place.value(view.graph) && !found.has(&place)
    });
    if same {
        found.join("frames", place, consumer);
    } else {
        found.add("frames", SlotKind::Int, place, consumer);
    }
}

/// Offers the duration where the length is reckoned as seconds times frame rate.
fn seconds(view: View<'_>, consumer: &Binding, found: &mut Collected) {
    let reckoned = consumer
        .value(view.graph)
        .and_then(link)
        .and_then(|(id, _)| {
            let node = view.graph.nodes.get(id)?;
            let expression = node.inputs.get("expression")?.as_str()?;
            (expression.contains("a * b") || expression.contains("b * a")).then_some((id, node))
        });
    let Some((id, node)) = reckoned else { return };
    for input in node
        .inputs
        .keys()
        .filter(|name| name.starts_with("values."))
    {
        let Some((at, name)) = walk::written_at(view.graph, id, input) else {
            continue;
        };
        let place = Binding {
            node: at.to_owned(),
            input: name.to_owned(),
        };
        let title = view
            .graph
            .nodes
            .get(at)
            .map_or("", |node| node.title())
            .to_lowercase();
        let rate = ["fps", "rate"].iter().any(|word| title.contains(word));
        let (name, kind) = if rate {
            ("fps", SlotKind::Float)
        } else {
            ("seconds", SlotKind::Float)
        };
        if number(view, &place) && !found.has(&place) && !feeds_a_rate(view, &place) {
            found.add(name, kind, place.clone(), place);
        }
    }
}

/// Says whether a number also goes into an `fps` input: then that is what it means.
fn feeds_a_rate(view: View<'_>, place: &Binding) -> bool {
    view.graph.nodes.values().any(|node| {
        node.links()
            .any(|(input, from, _)| from == place.node && matches!(input, "fps" | "frame_rate"))
    })
}
