//! The node classes this worker knows, compiled in.

use std::io::Read as _;

use serde_json::{Map, Value};

use super::{Error, Imitates, files::Files};

const CLASSES: &[u8] = include_bytes!("classes.json.gz");
/// No more than this is unpacked, whatever the file claims.
const UNPACKED_LIMIT: u64 = 8 << 20;

/// Everything a server says about itself that does not change while it runs.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// Server version that is imitated.
    pub(crate) version: Imitates,
    classes: Map<String, Value>,
    models: Map<String, Value>,
    answers: Map<String, Value>,
}

/// One input of a class after dynamic inputs were worked out.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// Name as in a graph, dotted for dynamic inputs.
    pub(crate) name: String,
    /// Whether a prompt without it is refused.
    pub(crate) required: bool,
    /// Type: a word, or a list of choices.
    pub(crate) kind: Value,
    /// Options such as `min`, `max`, `options`.
    pub(crate) options: Map<String, Value>,
    /// Whether the class is of the new style, whose messages name only the last part.
    pub(crate) dotted: bool,
}

impl Catalog {
    pub(crate) fn load(version: Imitates) -> Result<Self, Error> {
        let mut raw = Vec::new();
        flate2::read::GzDecoder::new(CLASSES)
            .take(UNPACKED_LIMIT)
            .read_to_end(&mut raw)
            .map_err(|fault| Error::Classes(fault.to_string()))?;
        let mut all: Map<String, Value> =
            serde_json::from_slice(&raw).map_err(|fault| Error::Classes(fault.to_string()))?;
        let mut part = |name: &str| match all.remove(name) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let own = match version {
            Imitates::V0_25_0 => "current",
            Imitates::V0_3_64 => "older",
        };
        let mut classes = part(own);
        for (name, class) in part("shipped") {
            classes.entry(name).or_insert(class);
        }
        let mut answers = part("answers");
        let answers = match answers.remove(version.number()) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        Ok(Self {
            version,
            classes,
            models: part("models"),
            answers,
        })
    }

    /// Hands out the fixed answer of an end point that exists for the web front end.
    pub(crate) fn answer(&self, path: &str) -> Option<&Value> {
        self.answers.get(path)
    }

    /// Lists the model files of one folder; `None` when a server of this version has no such folder.
    pub(crate) fn models(&self, folder: &str) -> Option<Value> {
        let folders = self.answers.get("/models")?.as_array()?;
        if !folders.iter().any(|name| name == folder) {
            return None;
        }
        Some(
            self.models
                .get(folder)
                .cloned()
                .unwrap_or_else(|| Value::Array(Vec::new())),
        )
    }

    pub(crate) fn knows(&self, class: &str) -> bool {
        self.classes.contains_key(class)
    }

    /// Says whether running this class is what a prompt is for.
    pub(crate) fn is_output(&self, class: &str) -> bool {
        self.flag(class, "output_node")
    }

    fn flag(&self, class: &str, name: &str) -> bool {
        self.classes
            .get(class)
            .and_then(|c| c.get(name))
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    /// Lists the inputs a class gets without a prompt naming them, such as `extra_pnginfo`.
    ///
    /// Classes of the new style get them by another way that no error shows.
    pub(crate) fn hidden(&self, class: &str) -> Vec<String> {
        self.classes
            .get(class)
            .filter(|c| c.get("api_node").is_none())
            .and_then(|c| c.pointer("/input/hidden")?.as_object())
            .map_or_else(Vec::new, |hidden| hidden.keys().cloned().collect())
    }

    /// Lists the types of a class's outputs, by slot.
    pub(crate) fn outputs(&self, class: &str) -> &[Value] {
        self.strings(class, "output")
    }

    /// Lists the names of a class's outputs, by slot.
    pub(crate) fn output_names(&self, class: &str) -> &[Value] {
        self.strings(class, "output_name")
    }

    fn strings(&self, class: &str, field: &str) -> &[Value] {
        self.classes
            .get(class)
            .and_then(|c| c.get(field))
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Finds the class that replaces a retired one: `(new class, old to new input names)`.
    pub(crate) fn replacement(&self, class: &str) -> Option<(String, Vec<(String, String)>)> {
        let rule = self.answers.get("/node_replacements")?.get(class)?.get(0)?;
        let new = rule.get("new_node_id")?.as_str()?.to_owned();
        let renamed = rule
            .get("input_mapping")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|pair| {
                let old = pair.get("old_id")?.as_str()?;
                Some((old.to_owned(), pair.get("new_id")?.as_str()?.to_owned()))
            })
            .collect();
        Some((new, renamed))
    }

    /// Describes one class as `/object_info` does, with today's files in its choices.
    pub(crate) fn describe(&self, class: &str, files: &Files) -> Option<Value> {
        let mut described = self.classes.get(class)?.clone();
        for part in ["required", "optional"] {
            let Some(inputs) = described
                .pointer_mut(&format!("/input/{part}"))
                .and_then(Value::as_object_mut)
            else {
                continue;
            };
            for spec in inputs.values_mut() {
                self.fill(spec, files);
            }
        }
        Some(described)
    }

    /// Describes all classes.
    pub(crate) fn describe_all(&self, files: &Files) -> Value {
        self.classes
            .keys()
            .filter_map(|name| Some((name.clone(), self.describe(name, files)?)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn fill(&self, spec: &mut Value, files: &Files) {
        let Some(parts) = spec.as_array_mut() else {
            return;
        };
        for list in parts {
            let list = match list {
                Value::Array(_) => Some(list),
                Value::Object(options) => options.get_mut("options").filter(|o| o.is_array()),
                _ => None,
            };
            if let Some(Value::Array(choices)) = list {
                *choices = self.choices(choices, files);
            }
        }
    }

    /// Writes out choices: `$folder` stands for the files of that folder.
    pub(crate) fn choices(&self, listed: &[Value], files: &Files) -> Vec<Value> {
        let mut all = Vec::with_capacity(listed.len());
        for choice in listed {
            match choice.as_str().and_then(|name| name.strip_prefix('$')) {
                Some(kind @ ("input" | "output")) => all.extend(files.top_level(kind)),
                Some(folder) => all.extend(
                    self.models
                        .get(folder)
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten()
                        .cloned(),
                ),
                None => all.push(choice.clone()),
            }
        }
        all
    }

    /// Lists the inputs of a class as they stand for these given inputs.
    pub(crate) fn inputs(&self, class: &str, given: &Map<String, Value>) -> Vec<Input> {
        let mut all = Vec::new();
        if let Some(Value::Object(parts)) = self.classes.get(class).and_then(|c| c.get("input")) {
            expand(parts, "", given, &mut all);
        }
        all
    }
}

/// Works out one level of inputs; dynamic ones open further levels under dotted names.
fn expand(
    parts: &Map<String, Value>,
    prefix: &str,
    given: &Map<String, Value>,
    all: &mut Vec<Input>,
) {
    for part in ["required", "optional"] {
        let Some(inputs) = parts.get(part).and_then(Value::as_object) else {
            continue;
        };
        for (name, spec) in inputs {
            let input = Input {
                name: format!("{prefix}{name}"),
                required: part == "required",
                kind: spec.get(0).cloned().unwrap_or(Value::Null),
                options: spec
                    .get(1)
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default(),
                dotted: !prefix.is_empty(),
            };
            match input.kind.as_str() {
                Some("COMFY_AUTOGROW_V3") => grow(&input, given, all),
                Some("COMFY_DYNAMICCOMBO_V3") => choose(input, given, all),
                _ => all.push(input),
            }
        }
    }
}

/// Opens the chosen branch of a dynamic combo; an unknown choice leaves nothing to check.
fn choose(input: Input, given: &Map<String, Value>, all: &mut Vec<Input>) {
    let options = input.options.get("options").and_then(Value::as_array);
    let chosen = options
        .into_iter()
        .flatten()
        .find(|option| option.get("key") == given.get(&input.name) && option.get("key").is_some());
    if let Some(Value::Object(parts)) = chosen.and_then(|option| option.get("inputs")) {
        expand(parts, &format!("{}.", input.name), given, all);
        all.push(input);
    }
}

/// Opens the numbered or named inputs of an autogrow input; only the first `min` are required.
fn grow(input: &Input, given: &Map<String, Value>, all: &mut Vec<Input>) {
    let template = input.options.get("template");
    let field = |name: &str| template.and_then(|t| t.get(name));
    let min = field("min").and_then(Value::as_u64).unwrap_or(0);
    let max = field("max")
        .and_then(Value::as_u64)
        .unwrap_or(100)
        .min(1000);
    let listed = field("names").and_then(Value::as_array);
    let stem = field("prefix").and_then(Value::as_str).unwrap_or("");
    let names: Vec<String> = listed.map_or_else(
        || (0..max).map(|n| format!("{stem}{n}")).collect(),
        |names| {
            let words = names.iter().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        },
    );
    let Some(spec) = field("input")
        .and_then(|parts| parts.get("required").or_else(|| parts.get("optional")))
        .and_then(Value::as_object)
        .and_then(|specs| specs.values().next())
    else {
        return;
    };
    for (n, name) in (0_u64..).zip(names) {
        let name = format!("{}.{name}", input.name);
        let required = input.required && n < min;
        if !required && !given.contains_key(&name) {
            continue;
        }
        all.push(Input {
            name,
            required,
            kind: spec.get(0).cloned().unwrap_or(Value::Null),
            options: spec
                .get(1)
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default(),
            dotted: true,
        });
    }
}
