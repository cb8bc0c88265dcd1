//! From a server's JSON to [`ClassInfo`], forgiving what it can.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use super::spec::{
    Autogrow, Choices, GrowNames, InputKind, InputSpec, Need, OptionInputs, Range, TextKind, Upload,
};
use super::{ClassInfo, OutputSpec};

/// Widget types whose value is sent as stored; source: the widget table of front end 1.58.1.
const SPECIAL: &[&str] = &[
    "COLOR",
    "COLORS",
    "BOUNDING_BOX",
    "BOUNDING_BOXES",
    "CURVE",
    "RANGE",
    "CHART",
    "GALLERIA",
    "PAINTER",
    "IMAGECOMPARE",
    "WEBCAM",
    "LOAD_3D",
    "AUDIO_RECORD",
    "AUDIO_UI",
    "AUDIOUPLOAD",
    "IMAGEUPLOAD",
    "VIDEO_EDIT",
    "RESOLUTION_PREVIEW",
    "COMFY_DYNAMICGROUP_V3",
];

/// The longest number a growing group's limits are believed to be.
const MOST_SOCKETS: usize = 4096;

/// Reads one class.
pub(super) fn class(name: &str, class: &Map<String, Value>) -> ClassInfo {
    let text = |key: &str| class.get(key).and_then(Value::as_str).unwrap_or_default();
    let flag = |key: &str| truthy(class.get(key));
    let display_name = match text("display_name") {
        "" => name,
        shown => shown,
    };
    ClassInfo {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        category: text("category").to_owned(),
        description: text("description").to_owned(),
        python_module: text("python_module").to_owned(),
        inputs: inputs(class),
        outputs: outputs(class),
        output_node: flag("output_node"),
        deprecated: flag("deprecated"),
        api_node: flag("api_node"),
    }
}

/// Reads all inputs of a class in the editor's order.
fn inputs(class: &Map<String, Value>) -> Vec<InputSpec> {
    let sections = class.get("input").and_then(Value::as_object);
    let order = class.get("input_order").and_then(Value::as_object);
    let mut all = Vec::new();
    for (key, need) in [
        ("required", Need::Required),
        ("optional", Need::Optional),
        ("hidden", Need::Hidden),
    ] {
        let Some(section) = sections.and_then(|s| s.get(key)).and_then(Value::as_object) else {
            continue;
        };
        let listed = order.and_then(|o| o.get(key)).and_then(Value::as_array);
        all.extend(
            in_order(section, listed)
                .into_iter()
                .map(|(name, given)| input(name, need, given)),
        );
    }
    all
}

/// Puts a section's inputs into the listed order, unlisted ones last.
fn in_order<'a>(
    section: &'a Map<String, Value>,
    listed: Option<&'a Vec<Value>>,
) -> IndexMap<&'a str, &'a Value> {
    let first = listed
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|name| Some((name, section.get(name)?)));
    let rest = section.iter().map(|(name, given)| (name.as_str(), given));
    first.chain(rest).collect()
}

/// Reads one input: `[type, options]`, `[type]` or, for hidden ones, a bare type.
fn input(name: &str, need: Need, given: &Value) -> InputSpec {
    static NO_TYPE: Value = Value::Null;
    let none = Map::new();
    let (kind, options) = match given {
        Value::Array(pair) => (
            pair.first().unwrap_or(&NO_TYPE),
            pair.get(1).and_then(Value::as_object).unwrap_or(&none),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            (given, &none)
        }
    };
    let type_name = match kind {
        Value::String(name) => name.as_str(),
        Value::Array(_) => "COMBO",
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "*",
    };
    let type_name = matched_type(type_name, options);
    InputSpec {
        name: name.to_owned(),
        need,
        kind: input_kind(kind, type_name, options),
        type_name: type_name.to_owned(),
        default: options.get("default").cloned(),
        force_input: truthy(options.get("forceInput")),
        control_after_generate: options
            .contains_key("control_after_generate")
            .then(|| truthy(options.get("control_after_generate"))),
        tooltip: options
            .get("tooltip")
            .and_then(Value::as_str)
            .map(str::to_owned),
        advanced: truthy(options.get("advanced")),
    }
}

/// Gives the types that a "match type" socket allows, and every other type as it is.
fn matched_type<'a>(type_name: &'a str, options: &'a Map<String, Value>) -> &'a str {
    if type_name != "COMFY_MATCHTYPE_V3" {
        return type_name;
    }
    options
        .get("template")
        .and_then(|template| template.get("allowed_types"))
        .and_then(Value::as_str)
        .unwrap_or("*")
}

/// Reads what values an input takes.
fn input_kind(given: &Value, type_name: &str, options: &Map<String, Value>) -> InputKind {
    if let Value::Array(values) = given {
        return InputKind::Combo(choices(values.clone(), options));
    }
    let shown = options.get("widgetType").and_then(Value::as_str);
    match shown.unwrap_or(type_name) {
        "INT" => InputKind::Int(range(options, whole)),
        "FLOAT" => InputKind::Float(range(options, Number::as_f64)),
        "STRING" | "TEXTAREA" | "MARKDOWN" => InputKind::String(TextKind {
            multiline: truthy(options.get("multiline")),
            dynamic_prompts: truthy(options.get("dynamicPrompts")),
        }),
        "BOOLEAN" => InputKind::Boolean,
        "COMBO" => {
            let listed = options.get("options").and_then(Value::as_array);
            InputKind::Combo(choices(listed.cloned().unwrap_or_default(), options))
        }
        "COMFY_DYNAMICCOMBO_V3" => InputKind::DynamicCombo(option_inputs(options)),
        "COMFY_AUTOGROW_V3" => InputKind::Autogrow(autogrow(options)),
        special if SPECIAL.contains(&special) => InputKind::Special,
        _ => InputKind::Socket,
    }
}

/// Reads a combo's choices and what belongs to them.
fn choices(values: Vec<Value>, options: &Map<String, Value>) -> Choices {
    let upload = [
        ("image_upload", Upload::Image),
        ("animated_image_upload", Upload::AnimatedImage),
        ("video_upload", Upload::Video),
        ("audio_upload", Upload::Audio),
        ("file_upload", Upload::File),
    ];
    Choices {
        values,
        multiple: truthy(options.get("multi_select")) || truthy(options.get("multiselect")),
        remote: truthy(options.get("remote")),
        upload: upload
            .into_iter()
            .find_map(|(key, kind)| truthy(options.get(key)).then_some(kind)),
        extra: extra_inputs(options),
    }
}

/// Reads the inputs that Video Helper Suite hangs on a chosen format: `formats: {choice: [[name, type, options], …]}`.
fn extra_inputs(options: &Map<String, Value>) -> IndexMap<String, Vec<InputSpec>> {
    let Some(formats) = options.get("formats").and_then(Value::as_object) else {
        return IndexMap::new();
    };
    formats
        .iter()
        .filter_map(|(choice, listed)| {
            let inputs = listed.as_array()?.iter().filter_map(named_input).collect();
            Some((choice.clone(), inputs))
        })
        .collect()
}

/// Reads `[name, type, options]`.
fn named_input(given: &Value) -> Option<InputSpec> {
    let (name, rest) = given.as_array()?.split_first()?;
    Some(input(
        name.as_str()?,
        Need::Optional,
        &Value::Array(rest.to_vec()),
    ))
}

/// Reads the choices of a dynamic combo.
fn option_inputs(options: &Map<String, Value>) -> Vec<OptionInputs> {
    let listed = options.get("options").and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(|option| {
            Some(OptionInputs {
                key: option.get("key")?.as_str()?.to_owned(),
                inputs: template_inputs(option.get("inputs")),
            })
        })
        .collect()
}

/// Reads `{required: {…}, optional: {…}}`.
fn template_inputs(sections: Option<&Value>) -> Vec<InputSpec> {
    let section = |key: &str| sections.and_then(|s| s.get(key)).and_then(Value::as_object);
    let required = section("required").into_iter().flatten();
    let optional = section("optional").into_iter().flatten();
    required
        .map(|(name, given)| input(name, Need::Required, given))
        .chain(optional.map(|(name, given)| input(name, Need::Optional, given)))
        .collect()
}

/// Reads a growing group.
fn autogrow(options: &Map<String, Value>) -> Autogrow {
    let template = options.get("template");
    let part = |key: &str| template.and_then(|t| t.get(key));
    let count = |key: &str| {
        part(key)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
            .map(|n| n.min(MOST_SOCKETS))
    };
    let names = match part("names").and_then(Value::as_array) {
        Some(names) => GrowNames::Listed(
            names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        ),
        None => GrowNames::Prefixed(
            part("prefix")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        ),
    };
    Autogrow {
        template: template_inputs(part("input")),
        names,
        min: count("min").unwrap_or(0),
        max: count("max"),
    }
}

/// Reads the outputs by slot.
fn outputs(class: &Map<String, Value>) -> Vec<OutputSpec> {
    let column = |key: &str| class.get(key).and_then(Value::as_array);
    let types = column("output").map(Vec::as_slice).unwrap_or_default();
    types
        .iter()
        .enumerate()
        .map(|(slot, given)| {
            let type_name = match given {
                Value::String(name) => name.as_str(),
                Value::Array(_) => "COMBO",
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "*",
            };
            let name = column("output_name")
                .and_then(|names| names.get(slot))
                .and_then(Value::as_str)
                .unwrap_or(type_name);
            OutputSpec {
                name: name.to_owned(),
                type_name: type_name.to_owned(),
                is_list: truthy(column("output_is_list").and_then(|lists| lists.get(slot))),
            }
        })
        .collect()
}

/// Reads the limits of a number.
fn range<T>(options: &Map<String, Value>, read: fn(&Number) -> Option<T>) -> Range<T> {
    let limit = |key: &str| options.get(key).and_then(Value::as_number).and_then(read);
    Range {
        min: limit("min"),
        max: limit("max"),
        step: limit("step"),
    }
}

/// Reads a whole number, also one that was written with a fraction or an exponent.
fn whole(number: &Number) -> Option<i128> {
    if let Some(exact) = number.as_i64() {
        return Some(exact.into());
    }
    if let Some(exact) = number.as_u64() {
        return Some(exact.into());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float cast saturates, which is the limit meant"
    )]
    number.as_f64().map(|float| float as i128)
}

/// Says whether a value counts as true in the editor's JavaScript.
pub(super) fn truthy(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64().is_some_and(|n| n != 0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(_) | Value::Object(_)) => true,
    }
}
