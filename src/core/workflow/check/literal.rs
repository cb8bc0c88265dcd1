//! Values that stand in an input, against what it takes.

use serde_json::Value;

use super::inputs::Expected;
use super::node::Place;
use super::value::{Coerced, float, int, shown};
use super::{Fault, FaultKind, MissingModel, Report};
use crate::core::workflow::model_rules::{is_weights, model_folder};
use crate::core::workflow::near::nearest;
use crate::core::workflow::object_info::{Choices, InputKind};

/// Most values quoted as alternatives.
const NEAR: usize = 5;

/// Checks one value.
pub(super) fn literal(place: &Place<'_>, input: &Expected<'_>, value: &Value, report: &mut Report) {
    match &input.spec.kind {
        InputKind::Int(range) => match int(value) {
            Some(whole) => {
                let limit = |limit: Option<i128>| limit.map(Coerced::Whole);
                in_range(
                    place,
                    input,
                    Coerced::Whole(whole),
                    limit(range.min),
                    limit(range.max),
                    report,
                );
            }
            None => wrong_type(place, input, value, "a whole number", report),
        },
        InputKind::Float(range) => match float(value) {
            Some(real) => {
                let limit = |limit: Option<f64>| limit.map(Coerced::Real);
                in_range(
                    place,
                    input,
                    Coerced::Real(real),
                    limit(range.min),
                    limit(range.max),
                    report,
                );
            }
            None => wrong_type(place, input, value, "a number", report),
        },
        InputKind::Combo(choices) => combo(place, input, choices, value, report),
        InputKind::DynamicCombo(options) => {
            let chosen = value.as_str().unwrap_or_default();
            if !options.iter().any(|option| option.key == chosen) {
                let near = nearest(chosen, options.iter().map(|o| o.key.as_str()), NEAR);
                let message = format!(
                    "`{}` does not know {}: servers take it and fail when it runs{}",
                    input.name,
                    shown(value),
                    listed(&near)
                );
                let fault = place.fault(input, FaultKind::UnknownOption, &message);
                report.warnings.push(Fault {
                    near: values(&near),
                    ..fault
                });
            }
        }
        InputKind::Socket | InputKind::Autogrow(_) => {
            let message = format!(
                "`{}` holds {} but takes a link of type {}",
                input.name,
                shown(value),
                input.spec.type_name
            );
            report
                .warnings
                .push(place.fault(input, FaultKind::NeedsLink, &message));
        }
        // Servers turn anything into text or a truth value and do not look at special widgets.
        InputKind::String(_) | InputKind::Boolean | InputKind::Special => {}
    }
}

fn wrong_type(
    place: &Place<'_>,
    input: &Expected<'_>,
    value: &Value,
    wants: &str,
    report: &mut Report,
) {
    let message = format!("`{}` takes {wants}, not {}", input.name, shown(value));
    report
        .errors
        .push(place.fault(input, FaultKind::InvalidInputType, &message));
}

fn in_range(
    place: &Place<'_>,
    input: &Expected<'_>,
    value: Coerced,
    min: Option<Coerced>,
    max: Option<Coerced>,
    report: &mut Report,
) {
    let (kind, word, limit) = match (min, max) {
        (Some(min), _) if less(value, min) => (FaultKind::ValueSmallerThanMin, "smallest", min),
        (_, Some(max)) if less(max, value) => (FaultKind::ValueBiggerThanMax, "greatest", max),
        _ => return,
    };
    let message = format!(
        "`{}` is {}; the {word} value is {}",
        input.name,
        value.text(),
        limit.text()
    );
    let fault = place.fault(input, kind, &message);
    report.errors.push(Fault {
        near: vec![limit.json()],
        ..fault
    });
}

fn less(a: Coerced, b: Coerced) -> bool {
    match (a, b) {
        (Coerced::Whole(a), Coerced::Whole(b)) => a < b,
        (a, b) => a.real() < b.real(),
    }
}

impl Coerced {
    fn text(self) -> String {
        match self {
            Self::Whole(whole) => whole.to_string(),
            Self::Real(real) => real.to_string(),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::Whole(whole) => u64::try_from(whole)
                .map(Value::from)
                .or_else(|_| i64::try_from(whole).map(Value::from))
                .unwrap_or(Value::Null),
            Self::Real(real) => Value::from(real),
        }
    }
}

fn combo(
    place: &Place<'_>,
    input: &Expected<'_>,
    choices: &Choices,
    value: &Value,
    report: &mut Report,
) {
    if choices.remote && choices.values.is_empty() {
        return;
    }
    match value.as_array() {
        Some(several) if choices.multiple => {
            for value in several {
                chosen(place, input, choices, value, report);
            }
        }
        _ => chosen(place, input, choices, value, report),
    }
}

fn chosen(
    place: &Place<'_>,
    input: &Expected<'_>,
    choices: &Choices,
    value: &Value,
    report: &mut Report,
) {
    if choices.has(value) {
        return;
    }
    if choices.upload.is_some() {
        missing_file(place, input, choices, value, report);
        return;
    }
    let text = value.as_str().unwrap_or_default();
    let folder = model_folder(&place.node.class_type, &input.name);
    let listed_models = folder
        .and_then(|folder| place.known.models?.get(folder))
        .map(Vec::as_slice)
        .unwrap_or_default();
    if listed_models.iter().any(|model| model == text) {
        return;
    }
    let have = choices.values.iter().filter_map(Value::as_str);
    let near = nearest(
        text,
        have.chain(listed_models.iter().map(String::as_str)),
        NEAR,
    );
    if !text.is_empty() && (folder.is_some() || is_weights(text)) {
        report.missing_models.push(MissingModel {
            node: place.id.to_owned(),
            input: input.name.clone(),
            value: text.to_owned(),
            folder: folder.unwrap_or_default(),
            near,
        });
        return;
    }
    let near = if near.is_empty() {
        first_few(choices)
    } else {
        near
    };
    let message = format!(
        "`{}` has no choice {}{}",
        input.name,
        shown(value),
        listed(&near)
    );
    let fault = place.fault(input, FaultKind::ValueNotInList, &message);
    report.errors.push(Fault {
        near: values(&near),
        ..fault
    });
}

/// Judges the name of an input file: only top-level files are listed, so a folder or `[temp]` proves nothing.
fn missing_file(
    place: &Place<'_>,
    input: &Expected<'_>,
    choices: &Choices,
    value: &Value,
    report: &mut Report,
) {
    let name = value.as_str().unwrap_or_default();
    let supplied = place
        .known
        .supplied
        .iter()
        .any(|binding| binding.node == place.id && binding.input == input.name);
    if supplied || name.contains('/') || name.ends_with(']') {
        return;
    }
    let near = nearest(name, choices.values.iter().filter_map(Value::as_str), NEAR);
    let message = format!(
        "the file {} is not on the worker{}",
        shown(value),
        listed(&near)
    );
    let fault = place.fault(input, FaultKind::MissingFile, &message);
    report.errors.push(Fault {
        near: values(&near),
        ..fault
    });
}

fn first_few(choices: &Choices) -> Vec<String> {
    choices
        .values
        .iter()
        .filter_map(Value::as_str)
        .take(NEAR)
        .map(str::to_owned)
        .collect()
}

fn listed(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; nearest: {}", near.join(", "))
    }
}

fn values(near: &[String]) -> Vec<Value> {
    near.iter().map(|near| Value::from(near.as_str())).collect()
}
