//! Setting slots: by meaning or by `NODE.INPUT`, checked before anything is sent.

mod fit;

use serde_json::{Map, Value};
use thiserror::Error;

pub use fit::fit;
use fit::quote;

use super::graph::Graph;
use super::near::nearest;
use super::slot::{Binding, Slot, SlotKind, link};

/// Why a slot could not be set.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PatchError {
    /// No slot and no node of this name.
    #[error("no slot or node input is called `{name}`{}", did_you_mean(near))]
    Unknown {
        /// Name as given.
        name: String,
        /// Names that exist and look like it.
        near: Vec<String>,
    },
    /// The node has no such input.
    #[error("node {node} ({class}) has no input `{input}`{}", did_you_mean(near))]
    UnknownInput {
        /// Node id.
        node: String,
        /// Class of the node.
        class: String,
        /// Input as given.
        input: String,
        /// Inputs that exist and look like it.
        near: Vec<String>,
    },
    /// The value has the wrong type.
    #[error("`{name}` takes {wants}, not {got}")]
    WrongType {
        /// Slot.
        name: String,
        /// What it takes.
        wants: &'static str,
        /// What was given.
        got: String,
    },
    /// The number is too small or too great.
    #[error("`{name}` takes {} to {}, not {got}", bound(*min), bound(*max))]
    OutOfRange {
        /// Slot.
        name: String,
        /// Smallest number.
        min: Option<f64>,
        /// Greatest number.
        max: Option<f64>,
        /// What was given.
        got: String,
    },
    /// The value is not one of the choices.
    #[error("`{name}` has no choice {got}{}", did_you_mean(near))]
    NotAChoice {
        /// Slot.
        name: String,
        /// What was given.
        got: String,
        /// Choices that look like it, or the first few.
        near: Vec<String>,
    },
    /// The input is fed by a wire that setting it would cut.
    #[error(
        "`{name}` is fed by node {from} through a link; set {from} instead, or unlink it first"
    )]
    Linked {
        /// Slot or `NODE.INPUT`.
        name: String,
        /// Node that feeds the input.
        from: String,
    },
}

fn did_you_mean(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    format!("; nearest: {}", near.join(", "))
}

fn bound(limit: Option<f64>) -> String {
    limit.map_or_else(|| "any".to_owned(), |limit| limit.to_string())
}

/// Sets one slot in every place it is bound to and returns the value as stored.
///
/// `name` is a slot's name or `NODE.INPUT`. Numbers are taken from numeric text, text from any scalar.
/// An array is stored as `{"__value__": […]}`, because a bare one would be read as a link.
///
/// # Errors
/// Says what is wrong with the name or the value; the graph is then unchanged.
pub fn set(
    graph: &mut Graph,
    slots: &[Slot],
    name: &str,
    value: Value,
) -> Result<Value, PatchError> {
    let guessed;
    let slot = if let Some(slot) = find(slots, graph, name) {
        slot
    } else {
        guessed = guess(graph, slots, name)?;
        &guessed
    };
    let value = fit(slot, value)?;
    for bind in &slot.bind {
        if let Some((from, _)) = bind.value(graph).and_then(link) {
            return Err(PatchError::Linked {
                name: bind.to_string(),
                from: from.to_owned(),
            });
        }
    }
    for bind in &slot.bind {
        if let Some(node) = graph.nodes.get_mut(&bind.node) {
            let stored = match &slot.within {
                Some(piece) => replaced(node.inputs.get(&bind.input), piece, &value),
                None => value.clone(),
            };
            node.inputs.insert(bind.input.clone(), stored);
        }
    }
    Ok(value)
}

/// Puts a value in place of a piece of a text.
fn replaced(text: Option<&Value>, piece: &str, value: &Value) -> Value {
    let text = text.and_then(Value::as_str).unwrap_or_default();
    let value = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Value::String(text.replace(piece, &value))
}

/// Sets several slots in order.
///
/// # Errors
/// Stops at the first value that does not fit; the graph is then unchanged.
pub fn set_all<'a>(
    graph: &mut Graph,
    slots: &[Slot],
    values: impl IntoIterator<Item = (&'a str, Value)>,
) -> Result<(), PatchError> {
    let mut patched = graph.clone();
    for (name, value) in values {
        set(&mut patched, slots, name, value)?;
    }
    *graph = patched;
    Ok(())
}

/// Finds a slot by name, or by a `NODE.INPUT` that is its only place.
fn find<'a>(slots: &'a [Slot], graph: &Graph, name: &str) -> Option<&'a Slot> {
    slots.iter().find(|slot| slot.name == name).or_else(|| {
        let bind = Binding::find(name, graph)?;
        slots
            .iter()
            .find(|slot| slot.bind.as_slice() == [bind.clone()])
    })
}

/// Makes a slot for `NODE.INPUT` from what the graph holds there.
fn guess(graph: &Graph, slots: &[Slot], name: &str) -> Result<Slot, PatchError> {
    let unknown = || {
        let known = slots.iter().map(|slot| slot.name.as_str());
        PatchError::Unknown {
            name: quote(name),
            near: nearest(name, known, 3),
        }
    };
    let bind = Binding::find(name, graph).ok_or_else(unknown)?;
    let node = graph.nodes.get(&bind.node).ok_or_else(unknown)?;
    let Some(value) = node.inputs.get(&bind.input) else {
        let near = nearest(&bind.input, node.inputs.keys().map(String::as_str), 3);
        return Err(PatchError::UnknownInput {
            node: bind.node,
            class: node.class_type.clone(),
            input: bind.input,
            near,
        });
    };
    // One of several places of a slot: same limits, this place only.
    if let Some(slot) = slots
        .iter()
        .find(|slot| slot.within.is_none() && slot.bind.contains(&bind))
    {
        return Ok(Slot {
            bind: vec![bind],
            ..slot.clone()
        });
    }
    Ok(Slot::new(name, kind_of(value, &bind.input), vec![bind]))
}

/// Guesses the kind of an input from its value.
#[must_use]
pub fn kind_of(value: &Value, input: &str) -> SlotKind {
    match value {
        Value::Bool(_) => SlotKind::Bool,
        Value::Number(_) if matches!(input, "seed" | "noise_seed") => SlotKind::Seed,
        // A whole number may stand in a FLOAT input: `"cfg": 8`.
        Value::Number(_) => SlotKind::Float,
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => SlotKind::Text,
    }
}

/// Wraps slot values as `submit --set` collects them: JSON when it parses, else text.
#[must_use]
pub fn read_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Reads the values of all slots, for a record of what was sent.
#[must_use]
pub fn values(graph: &Graph, slots: &[Slot]) -> Map<String, Value> {
    slots
        .iter()
        .filter_map(|slot| Some((slot.name.clone(), slot.value(graph)?.clone())))
        .collect()
}
