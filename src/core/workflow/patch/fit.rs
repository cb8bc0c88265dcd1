//! Values brought into the type a slot stores.

use serde_json::{Number, Value, json};

use super::PatchError;
use crate::core::workflow::near::nearest;
use crate::core::workflow::slot::{Slot, SlotKind};

/// Longest piece of a value quoted in a message, in characters.
const QUOTED: usize = 60;

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

pub(super) fn quote(text: &str) -> String {
    let clean = crate::core::text::scrub(text);
    let mut short: String = clean.chars().take(QUOTED).collect();
    if clean.chars().count() > QUOTED {
        short.push('…');
    }
    short
}
