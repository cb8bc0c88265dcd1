//! Slots of any graph, found by meaning and not by node number.
//!
//! Prompts are followed from the sampler back through conditioning to the text that feeds it; sizes and
//! numbers through number nodes and switches to where they are written. With node definitions the slots have
//! types, limits and choices; without, types are guessed from names and values.

mod collect;
mod conditioning;
mod describe;
mod meaning;
mod placeholder;
mod size;

use std::collections::{HashMap, HashSet};

use super::graph::Graph;
use super::object_info::ObjectInfo;
use super::patch::kind_of;
use super::slot::{Binding, Slot, SlotKind, link};
use super::walk;
use collect::{Candidate, Collected};

/// A graph and what is known about its classes.
#[derive(Clone, Copy)]
struct View<'a> {
    graph: &'a Graph,
    info: Option<&'a ObjectInfo>,
}

/// Lists the slots with a meaning, prompts first.
///
/// Names are stable as long as the graph's wiring is: `prompt`, `negative`, `seed`, `width`, `image`,
/// `lora.2.strength`; a second one of a kind is `seed.2`, in the order in which nodes run.
#[must_use]
pub fn slots(graph: &Graph, info: Option<&ObjectInfo>) -> Vec<Slot> {
    let view = View { graph, info };
    let order = order_of_work(view);
    let mut found = Collected::default();
    placeholder::find(view, &order, &mut found);
    conditioning::find(view, &order, &mut found);
    meaning::files(view, &order, &mut found);
    size::find(view, &order, &mut found);
    meaning::find(view, &order, &mut found);
    found
        .slots
        .into_iter()
        .map(|slot| describe::finish(view, slot))
        .collect()
}

/// Most samplers whose needs are told apart.
const MOST_SAMPLERS: usize = 100;

/// Orders nodes by the sampler they work for: the first sampler with words first, then what it needs.
///
/// So `model` and `seed` belong to the pass that decides the picture, and `seed.2` to the one that refines it.
fn order_of_work(view: View<'_>) -> Vec<&str> {
    let runs = walk::order(view.graph)
        .unwrap_or_else(|_| view.graph.nodes.keys().map(String::as_str).collect());
    let place: HashMap<&str, usize> = runs.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut samplers: Vec<&str> = runs
        .iter()
        .copied()
        .filter(|id| is_sampler(view, id))
        .collect();
    samplers.sort_by_key(|id| !conditioning::is_prompted(view, id));
    let mut seen = HashSet::new();
    let mut order = Vec::with_capacity(runs.len());
    for sampler in samplers.into_iter().take(MOST_SAMPLERS) {
        let mut needed = walk::upstream(view.graph, &[sampler]);
        needed.sort_by_key(|id| place.get(id));
        order.extend(needed.into_iter().filter(|id| seen.insert(*id)));
    }
    order.extend(runs.into_iter().filter(|id| seen.insert(*id)));
    order
}

fn is_sampler(view: View<'_>, id: &str) -> bool {
    let links = view
        .graph
        .nodes
        .get(id)
        .map_or(0, |node| node.links().count());
    links >= 2 && view.class(id).contains("Sampler") && view.gives(id, "LATENT", &["Sampler"])
}

/// Lists every other input that holds a value, under its `NODE.INPUT`.
#[must_use]
pub fn rest(graph: &Graph, info: Option<&ObjectInfo>, named: &[Slot]) -> Vec<Slot> {
    let view = View { graph, info };
    let mut rest = Vec::new();
    for (id, node) in &graph.nodes {
        for (input, value) in &node.inputs {
            let bind = Binding {
                node: id.clone(),
                input: input.clone(),
            };
            if link(value).is_some() || named.iter().any(|slot| slot.bind == [bind.clone()]) {
                continue;
            }
            let kind = kind_of(value, input);
            let slot = Candidate::of(bind.to_string(), kind, id, input);
            rest.push(describe::finish(view, slot));
        }
    }
    rest
}

impl View<'_> {
    /// Reads the class of a node.
    fn class(&self, id: &str) -> &str {
        self.graph
            .nodes
            .get(id)
            .map_or("", |node| node.class_type.as_str())
    }

    /// Says whether a node gives an output of a type; guessed from the class name without definitions.
    fn gives(&self, id: &str, type_name: &str, hints: &[&str]) -> bool {
        let class = self.class(id);
        match self.info.and_then(|info| info.class(class)) {
            Some(class) => class
                .outputs
                .iter()
                .any(|output| output.type_name == type_name),
            None => hints.iter().any(|hint| class.contains(hint)),
        }
    }
}

/// Guesses the kind of a number from the input's name.
fn number_kind(input: &str) -> SlotKind {
    match input.rsplit('.').next().unwrap_or(input) {
        "seed" | "noise_seed" => SlotKind::Seed,
        "steps" | "width" | "height" | "length" | "frames" | "num_frames" | "frames_number"
        | "batch_size" | "multiplier" => SlotKind::Int,
        _ => SlotKind::Float,
    }
}
