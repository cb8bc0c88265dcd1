//! Setting slots: by meaning or by `NODE.INPUT`, checked before anything is sent.

use serde_json::{Map, Number, Value, json};
use thiserror::Error;

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

/// Longest piece of a value quoted in a message, in characters.
const QUOTED: usize = 60;

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
    let slot = match find(slots, graph, name) {
        Some(slot) => slot,
        None => {
            guessed = guess(graph, slots, name)?;
            &guessed
        }
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
        Value::Number(number) if number.is_f64() => SlotKind::Float,
        // A whole number may stand in a FLOAT input: `"cfg": 8`.
        Value::Number(_) => SlotKind::Float,
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => SlotKind::Text,
    }
}

/// Checks a value against a slot and brings it into the type that the slot stores.
///
/// # Errors
/// `WrongType`, `OutOfRange` or `NotAChoice`.
pub fn fit(slot: &Slot, value: Value) -> Result<Value, PatchError> {
    let wrong = |value: &Value| PatchError::WrongType {
        name: slot.name.clone(),
        wants: slot.kind.wants(),
        got: quote(&value.to_string()),
    };
    if let Value::Array(items) = value {
        return match slot.kind {
            SlotKind::Text | SlotKind::Choice => Ok(json!({ "__value__": items })),
            _ => Err(wrong(&Value::Array(items))),
        };
    }
    let fitted = match slot.kind {
        SlotKind::Int => whole(&value).map(Value::Number),
        SlotKind::Seed => seed(&value).map(Value::from),
        SlotKind::Float => number(&value).map(Value::Number),
        SlotKind::Bool => boolean(&value).map(Value::Bool),
        SlotKind::Choice => return choice(slot, value),
        SlotKind::Text => text(&value).map(Value::String),
        SlotKind::Image | SlotKind::Video | SlotKind::Audio => text(&value)
            .filter(|name| is_file_name(name))
            .map(Value::String),
    };
    let fitted = fitted.ok_or_else(|| wrong(&value))?;
    in_range(slot, &fitted)?;
    Ok(fitted)
}

fn in_range(slot: &Slot, value: &Value) -> Result<(), PatchError> {
    let Some(number) = value.as_f64() else {
        return Ok(());
    };
    let outside =
        slot.min.is_some_and(|min| number < min) || slot.max.is_some_and(|max| number > max);
    if !outside {
        return Ok(());
    }
    Err(PatchError::OutOfRange {
        name: slot.name.clone(),
        min: slot.min,
        max: slot.max,
        got: quote(&value.to_string()),
    })
}

fn choice(slot: &Slot, value: Value) -> Result<Value, PatchError> {
    if slot.choices.is_empty() {
        return match value {
            Value::Null | Value::Object(_) => Err(PatchError::WrongType {
                name: slot.name.clone(),
                wants: slot.kind.wants(),
                got: quote(&value.to_string()),
            }),
            value => Ok(value),
        };
    }
    if let Some(same) = slot
        .choices
        .iter()
        .find(|choice| same_choice(choice, &value))
    {
        return Ok(same.clone());
    }
    let given = text(&value).unwrap_or_else(|| value.to_string());
    let names: Vec<String> = slot.choices.iter().filter_map(text).collect();
    let mut near = nearest(&given, names.iter().map(String::as_str), 3);
    if near.is_empty() {
        near = names.into_iter().take(5).collect();
    }
    Err(PatchError::NotAChoice {
        name: slot.name.clone(),
        got: quote(&given),
        near,
    })
}

/// Compares as text, so that `--set bits=8` finds the choice `"8"` and the other way round.
fn same_choice(choice: &Value, value: &Value) -> bool {
    choice == value || text(choice).is_some_and(|choice| text(value).is_some_and(|v| v == choice))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let text = text.trim();
            match text.parse::<i64>() {
                Ok(whole) => Some(whole.into()),
                Err(_) => text.parse::<f64>().ok().and_then(Number::from_f64),
            }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Greatest whole number that a float holds exactly, 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn whole(value: &Value) -> Option<Number> {
    let number = number(value)?;
    if number.is_i64() || number.is_u64() {
        return Some(number);
    }
    let float = number.as_f64()?;
    if float.fract() != 0.0 || float.abs() > EXACT {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    Some((float as i64).into())
}

fn seed(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => whole(other)?.as_u64(),
    }
}

/// Says whether a name may be sent as an input file: not empty, no control characters, no way out of the folder.
fn is_file_name(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.chars().any(char::is_control)
        && !name.starts_with('/')
        && !name.split(['/', '\\']).any(|part| part == "..")
}

fn quote(text: &str) -> String {
    let clean = crate::core::text::scrub(text);
    let mut short: String = clean.chars().take(QUOTED).collect();
    if clean.chars().count() > QUOTED {
        short.push('…');
    }
    short
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
