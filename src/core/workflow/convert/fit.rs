//! Whether stored values fit the inputs whose places they hold.

use serde_json::Value;

use super::widgets::CUSTOM_COMBO;
use crate::core::workflow::object_info::{ClassInfo, InputKind, InputSpec, Need, Upload};

/// Counts the entries that may end the list: uploads, and the options a custom combo is given.
pub(super) fn trailing(class: &ClassInfo) -> usize {
    if class.name == CUSTOM_COMBO {
        return usize::MAX / 2;
    }
    let uploads = class.inputs.iter().filter_map(|input| match &input.kind {
        InputKind::Combo(choices) if input.need == Need::Required => choices.upload,
        InputKind::Combo(_)
        | InputKind::Int(_)
        | InputKind::Float(_)
        | InputKind::String(_)
        | InputKind::Boolean
        | InputKind::DynamicCombo(_)
        | InputKind::Autogrow(_)
        | InputKind::Special
        | InputKind::Socket => None,
    });
    uploads
        .map(|upload| match upload {
            Upload::Image | Upload::AnimatedImage | Upload::Video | Upload::File => 1,
            Upload::Audio => 2,
        })
        .sum()
}

/// Says whether a value is one that the editor's control entry can have.
pub(super) fn is_control(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => matches!(
            text.as_str(),
            "fixed" | "increment" | "decrement" | "randomize" | "increment-wrap"
        ),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Says whether a stored value is of the kind that an input takes.
pub(super) fn fits(spec: &InputSpec, value: &Value) -> bool {
    if value.is_null() {
        return true;
    }
    match &spec.kind {
        InputKind::Int(_) | InputKind::Float(_) => value.is_number(),
        InputKind::String(_) => value.is_string(),
        InputKind::Boolean => value.is_boolean(),
        InputKind::Combo(choices) => {
            choices.values.is_empty()
                || choices.has(value)
                || (choices.multiple && value.is_array())
                || (value.is_string() && choices.values.iter().any(Value::is_string))
        }
        InputKind::DynamicCombo(options) => options
            .iter()
            .any(|option| Some(option.key.as_str()) == value.as_str()),
        InputKind::Autogrow(_) | InputKind::Special | InputKind::Socket => true,
    }
}
