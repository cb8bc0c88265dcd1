//! Which inputs a node has, given what it holds: choices and growing groups bring more.

use serde_json::{Map, Value};

use crate::core::workflow::object_info::{
    Autogrow, ClassInfo, GrowNames, InputKind, InputSpec, Need,
};

/// An input that a node has.
pub(super) struct Expected<'a> {
    /// Name as sent.
    pub(super) name: String,
    /// What it takes.
    pub(super) spec: &'a InputSpec,
    /// True when the server refuses a graph without it.
    pub(super) required: bool,
}

/// Deepest nesting of dynamic combos followed.
const DEEPEST: usize = 8;

/// Lists the inputs of a node as the server sees them for these values.
pub(super) fn expected<'a>(class: &'a ClassInfo, held: &Map<String, Value>) -> Vec<Expected<'a>> {
    let mut found = Vec::new();
    for spec in class.visible_inputs() {
        let required = spec.need == Need::Required;
        add(spec, spec.name.clone(), required, held, DEEPEST, &mut found);
    }
    found
}

fn add<'a>(
    spec: &'a InputSpec,
    name: String,
    required: bool,
    held: &Map<String, Value>,
    depth: usize,
    found: &mut Vec<Expected<'a>>,
) {
    match &spec.kind {
        InputKind::Autogrow(group) => grown(group, &name, required, held, found),
        InputKind::DynamicCombo(options) => {
            let chosen = held.get(&name).and_then(Value::as_str);
            let option = options
                .iter()
                .find(|option| Some(option.key.as_str()) == chosen);
            if depth > 0 {
                for inner in option.into_iter().flat_map(|option| &option.inputs) {
                    let inner_name = format!("{name}.{}", inner.name);
                    let needed = inner.need == Need::Required;
                    add(inner, inner_name, needed, held, depth - 1, found);
                }
            }
            found.push(Expected {
                name,
                spec,
                required,
            });
        }
        InputKind::Combo(_)
        | InputKind::Int(_)
        | InputKind::Float(_)
        | InputKind::String(_)
        | InputKind::Boolean
        | InputKind::Special
        | InputKind::Socket => found.push(Expected {
            name,
            spec,
            required,
        }),
    }
}

/// Lists the sockets of a growing group: those that must be there and those that are.
fn grown<'a>(
    group: &'a Autogrow,
    name: &str,
    required: bool,
    held: &Map<String, Value>,
    found: &mut Vec<Expected<'a>>,
) {
    let single = group.template.len() == 1;
    for at in 0..group.min {
        for spec in &group.template {
            let socket = match &group.names {
                GrowNames::Listed(names) => names.get(at).cloned(),
                GrowNames::Prefixed(prefix) if single => Some(format!("{prefix}{at}")),
                GrowNames::Prefixed(_) => Some(format!("{}{at}", spec.name)),
            };
            let Some(socket) = socket else { continue };
            let full = format!("{name}.{socket}");
            let needed = required && spec.need == Need::Required;
            if needed || held.contains_key(&full) {
                found.push(Expected {
                    name: full,
                    spec,
                    required: needed,
                });
            }
        }
    }
    let first = found.len();
    for key in held.keys() {
        let Some(socket) = key
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('.'))
        else {
            continue;
        };
        if let Some(spec) = group.socket(socket)
            && !found.iter().take(first).any(|known| known.name == *key)
        {
            found.push(Expected {
                name: key.clone(),
                spec,
                required: false,
            });
        }
    }
}
