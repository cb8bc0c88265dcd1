//! Checks on classes: known, retired, worth running.

use serde_json::{Map, Value, json};

use super::{Crash, refusal};
use crate::loopback::{Imitates, catalog::Catalog, python};

/// Lists the output nodes, or the error of the first node without a known class.
pub(super) fn outputs(
    catalog: &Catalog,
    prompt: &Value,
    targets: Option<&Value>,
) -> Result<Result<Vec<String>, Value>, Crash> {
    let nodes = match prompt {
        Value::Object(nodes) => nodes,
        Value::Array(items) if items.is_empty() => &Map::new(),
        _ => return Err(Crash),
    };
    let wanted = |id: &str| match targets {
        None | Some(Value::Null) => true,
        Some(Value::Array(list)) => list.iter().any(|target| target == id),
        Some(_) => false,
    };
    let mut outputs = Vec::new();
    for (id, node) in nodes {
        match class_of(catalog, id, node)? {
            Err(error) => return Ok(Err(error)),
            Ok(class) if catalog.is_output(class) && wanted(id) => outputs.push(id.clone()),
            Ok(_) => {}
        }
    }
    if outputs.is_empty() {
        return Ok(Err(refusal(
            "prompt_no_outputs",
            "Prompt has no outputs",
            "",
            json!({}),
        )));
    }
    Ok(Ok(outputs))
}

fn class_of<'a>(
    catalog: &Catalog,
    id: &str,
    node: &'a Value,
) -> Result<Result<&'a str, Value>, Crash> {
    let named = match (node, catalog.version) {
        (Value::Object(fields), _) => fields.get("class_type"),
        (Value::Array(_) | Value::String(_), Imitates::V0_3_64) => None,
        _ => return Err(Crash),
    };
    let title = node.pointer("/_meta/title");
    match named {
        Some(Value::String(class)) if catalog.knows(class) => Ok(Ok(class)),
        Some(Value::Array(_) | Value::Object(_)) => Err(Crash),
        found => Ok(Err(unknown_class(catalog.version, id, found, title))),
    }
}

fn unknown_class(
    version: Imitates,
    id: &str,
    class: Option<&Value>,
    title: Option<&Value>,
) -> Value {
    let details = format!("Node ID '#{id}'");
    match version {
        Imitates::V0_3_64 => {
            let message = class.map_or_else(
                || "Cannot execute because a node is missing the class_type property.".to_owned(),
                |class| {
                    format!(
                        "Cannot execute because node {} does not exist.",
                        python::text(class)
                    )
                },
            );
            refusal("invalid_prompt", &message, &details, json!({}))
        }
        Imitates::V0_25_0 => {
            let title = title.or(class);
            let message = class.map_or_else(
                || {
                    format!(
                        "Node 'ID #{id}' has no class_type. The workflow may be corrupted or a custom node is missing."
                    )
                },
                |_| {
                    format!(
                        "Node '{}' not found. The custom node may not be installed.",
                        python::text(title.unwrap_or(&Value::Null))
                    )
                },
            );
            let extra = json!({ "node_id": id, "class_type": class, "node_title": title });
            refusal("missing_node_type", &message, &details, extra)
        }
    }
}

/// Puts today's class in place of a retired one; a node without `_meta` makes the server stumble.
pub(super) fn replace_retired(catalog: &Catalog, prompt: &mut Value) -> Result<(), Crash> {
    let Value::Object(nodes) = prompt else {
        return Err(Crash);
    };
    for node in nodes.values_mut() {
        let fields = match node {
            Value::Object(fields) => fields,
            Value::Array(_) | Value::String(_) => continue,
            Value::Null | Value::Bool(_) | Value::Number(_) => return Err(Crash),
        };
        let Some(class) = fields.get("class_type").and_then(Value::as_str) else {
            continue;
        };
        if catalog.knows(class) || !fields.contains_key("inputs") {
            continue;
        }
        let Some((class, renamed)) = catalog.replacement(class) else {
            continue;
        };
        if !fields.contains_key("_meta") {
            return Err(Crash);
        }
        fields.insert("class_type".to_owned(), class.into());
        if let Some(Value::Object(inputs)) = fields.get_mut("inputs") {
            *inputs = renamed
                .into_iter()
                .filter_map(|(old, new)| Some((new, inputs.get(&old)?.clone())))
                .collect();
        }
    }
    Ok(())
}
