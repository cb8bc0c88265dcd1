//! Checks on single inputs: links, widgets, choices.

use serde_json::{Value, json};

use super::{Library, refusal};
use crate::loopback::{catalog::Input, python};

/// A list of choices longer than this is not sent back.
const SHOWN_CHOICES: usize = 20;

/// Shows an input's specification as errors carry it.
pub(super) fn config(input: &Input) -> Value {
    json!([input.kind, input.options])
}

pub(super) fn missing(input: &Input) -> Value {
    let details = if input.dotted {
        input.name.rsplit('.').next().unwrap_or(&input.name)
    } else {
        &input.name
    };
    refusal(
        "required_input_missing",
        "Required input is missing",
        details,
        json!({ "input_name": input.name }),
    )
}

pub(super) fn bad_link(input: &Input, link: &[Value]) -> Value {
    refusal(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        &input.name,
        json!({ "input_name": input.name, "input_config": config(input), "received_value": link }),
    )
}

pub(super) fn mismatch(input: &Input, received: &Value, link: &[Value]) -> Value {
    let details = format!(
        "{}, received_type({}) mismatch input_type({})",
        input.name,
        python::text(received),
        python::text(&input.kind)
    );
    refusal(
        "return_type_mismatch",
        "Return type mismatch between linked nodes",
        &details,
        json!({
            "input_name": input.name, "input_config": config(input),
            "received_type": received, "linked_node": link
        }),
    )
}

pub(super) fn own_rule(input: &str, text: &str) -> Value {
    refusal(
        "custom_validation_failed",
        "Custom validation failed for node",
        &format!("{input} - {text}"),
        json!({ "input_name": input }),
    )
}

/// Names the input of a class that must be an existing file, and what kind of file its message says.
pub(super) fn file_input(class: &str) -> Option<(&'static str, &'static str)> {
    match class {
        "LoadImage" | "LoadImageMask" | "LoadImageOutput" => Some(("image", "image")),
        "LoadVideo" => Some(("file", "video")),
        "VHS_LoadVideo" => Some(("video", "video")),
        "LoadAudio" => Some(("audio", "audio")),
        _ => None,
    }
}

/// Says whether an output of one type may go into an input of another.
pub(super) fn fits(received: &Value, wanted: &Value) -> bool {
    if received == wanted {
        return true;
    }
    let open = |kind: &Value| kind == "*" || kind == "COMFY_MATCHTYPE_V3";
    if open(received) || open(wanted) {
        return true;
    }
    if received.is_array() && (wanted == "COMBO" || received.as_array().is_some_and(Vec::is_empty))
    {
        return true;
    }
    let (Some(received), Some(wanted)) = (received.as_str(), wanted.as_str()) else {
        return false;
    };
    received.split(',').any(|kind| {
        let kind = kind.trim();
        wanted.split(',').any(|other| {
            let other = other.trim();
            kind == other || kind == "*" || other == "*"
        })
    })
}

/// Coerces a widget's value, or hands back what it became and the complaint.
pub(super) fn settle(
    library: Library<'_>,
    class: &str,
    input: &Input,
    given: Value,
) -> Result<Value, Box<(Value, Value)>> {
    let given = match given {
        Value::Object(mut fields) if fields.contains_key("__value__") => {
            fields.remove("__value__").unwrap_or(Value::Null)
        }
        other => other,
    };
    let settled = convert(input, &given).map_err(|text| {
        let kind = python::text(&input.kind);
        let details = format!("{}, {}, {text}", input.name, python::text(&given));
        let extra = json!({
            "input_name": input.name, "input_config": config(input),
            "received_value": given, "exception_message": text
        });
        let message = format!("Failed to convert an input value to a {kind} value");
        let error = refusal("invalid_input_type", &message, &details, extra);
        Box::new((given.clone(), error))
    })?;
    let own_rule =
        file_input(class).is_some_and(|(name, _)| name == input.name) || class == "LabRejects";
    if own_rule {
        return Ok(settled);
    }
    match out_of_range(input, &settled).or_else(|| not_listed(library, input, &settled)) {
        Some(error) => Err(Box::new((settled, error))),
        None => Ok(settled),
    }
}

fn convert(input: &Input, given: &Value) -> Result<Value, String> {
    match input.kind.as_str() {
        Some("INT") => python::int(given),
        Some("FLOAT") => python::float(given),
        Some("STRING") => Ok(python::text(given).into()),
        Some("BOOLEAN") => Ok(python::truth(given).into()),
        _ => Ok(given.clone()),
    }
}

fn out_of_range(input: &Input, value: &Value) -> Option<Value> {
    let number = value.as_f64()?;
    let bound = |name: &str| {
        let bound = input.options.get(name)?;
        Some((bound, bound.as_f64()?))
    };
    let (kind, message) = match (bound("min"), bound("max")) {
        (Some((bound, min)), _) if number < min => ("value_smaller_than_min", {
            format!(
                "Value {} smaller than min of {}",
                python::text(value),
                python::text(bound)
            )
        }),
        (_, Some((bound, max))) if number > max => ("value_bigger_than_max", {
            format!(
                "Value {} bigger than max of {}",
                python::text(value),
                python::text(bound)
            )
        }),
        _ => return None,
    };
    Some(refusal(
        kind,
        &message,
        &input.name,
        json!({ "input_name": input.name, "input_config": config(input), "received_value": value }),
    ))
}

fn not_listed(library: Library<'_>, input: &Input, value: &Value) -> Option<Value> {
    let (listed, in_options) = match &input.kind {
        Value::Array(listed) => (listed.as_slice(), false),
        Value::String(kind) if kind == "COMBO" => {
            let listed = input.options.get("options").and_then(Value::as_array);
            (listed.map_or(&[][..], Vec::as_slice), true)
        }
        _ => return None,
    };
    let choices = library.catalog.choices(listed, library.files);
    let multiple = input.options.get("multiselect") == Some(&Value::Bool(true));
    let wrong: Vec<&Value> = match value {
        Value::Array(several) if multiple => {
            several.iter().filter(|v| !choices.contains(v)).collect()
        }
        one => std::iter::once(one)
            .filter(|v| !choices.contains(v))
            .collect(),
    };
    if wrong.is_empty() {
        return None;
    }
    let mut shown = config(input);
    let place = if in_options { "/1/options" } else { "/0" };
    if let Some(place) = shown.pointer_mut(place) {
        *place = Value::Array(choices.clone());
    }
    let wrong: Vec<String> = wrong.into_iter().map(python::repr).collect();
    let (list, shown) = if choices.len() > SHOWN_CHOICES {
        (format!("(list of length {})", choices.len()), Value::Null)
    } else {
        (python::text(&Value::Array(choices)), shown)
    };
    let details = format!("{}: {} not in {list}", input.name, wrong.join(", "));
    let extra = json!({ "input_name": input.name, "input_config": shown, "received_value": value });
    Some(refusal(
        "value_not_in_list",
        "Value not in list",
        &details,
        extra,
    ))
}
