//! Graphs in API format, node by node, so that a fault can name its node.

use serde_json::{Map, Value};

use super::error::ReadError;
use crate::core::text;
use crate::core::workflow::{Graph, Node};

/// Cells of a node id that are shown in a message.
const SHOWN: usize = 40;

/// Says whether an object looks like a graph: some value has a `class_type`.
pub(super) fn is_graph(map: &Map<String, Value>) -> bool {
    map.values().any(|node| node.get("class_type").is_some())
}

/// Reads a graph.
pub(super) fn read(map: &Map<String, Value>) -> Result<Graph, ReadError> {
    let mut graph = Graph::default();
    for (id, given) in map {
        let node = node(given).map_err(|why| ReadError::BrokenNode {
            node: text::fit(&text::scrub(id), SHOWN).into_owned(),
            why,
        })?;
        graph.nodes.insert(id.clone(), node);
    }
    if graph.nodes.is_empty() {
        return Err(ReadError::NoNodes);
    }
    Ok(graph)
}

/// Reads one node, or says what is wrong with it.
fn node(given: &Value) -> Result<Node, &'static str> {
    let body = given.as_object().ok_or("is not an object")?;
    let class = body.get("class_type").and_then(Value::as_str);
    let class =
        class.ok_or("has no `class_type`: its pack was missing when the graph was exported")?;
    let inputs = match body.get("inputs") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(inputs)) => inputs.clone(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err("has `inputs` that are not an object");
        }
    };
    Ok(Node {
        class_type: class.to_owned(),
        inputs,
        meta: body.get("_meta").and_then(Value::as_object).cloned(),
    })
}
