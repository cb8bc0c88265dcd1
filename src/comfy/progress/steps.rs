//! How many steps a node of a graph will take.

use serde_json::Value;

use crate::core::workflow::{Graph, Node};

/// The steps a node will take: its own, a range of them, or those of the schedule it is linked to.
pub(super) fn of(graph: &Graph, node: &Node) -> Option<f64> {
    let makes_schedule =
        node.class_type.contains("Scheduler") || node.class_type.contains("Sigmas");
    if makes_schedule {
        return None;
    }
    if let Some(linked) = linked(graph, node, "sigmas") {
        return number(graph, linked, "steps");
    }
    let all = number(graph, node, "steps")?;
    let start = number(graph, node, "start_at_step").unwrap_or(0.0);
    let end = number(graph, node, "end_at_step").unwrap_or(all).min(all);
    Some((end - start).max(1.0))
}

/// A number given as an input, or one link away as the `value` of a primitive node.
fn number(graph: &Graph, node: &Node, input: &str) -> Option<f64> {
    let given = node.inputs.get(input)?;
    given
        .as_f64()
        .or_else(|| linked(graph, node, input)?.inputs.get("value")?.as_f64())
}

fn linked<'a>(graph: &'a Graph, node: &Node, input: &str) -> Option<&'a Node> {
    graph
        .nodes
        .get(node.inputs.get(input)?.get(0).and_then(Value::as_str)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_may_be_a_range_or_come_from_a_primitive() {
        for (inputs, expected) in [
            (json!({"steps": 20}), Some(20.0)),
            (
                json!({"steps": 20, "start_at_step": 12, "end_at_step": 10000}),
                Some(8.0),
            ),
            (json!({"steps": ["9", 0]}), Some(25.0)),
            (json!({"steps": ["404", 0]}), None),
            (json!({}), None),
        ] {
            let graph: Graph = serde_json::from_value(json!({
                "1": {"class_type": "KSamplerAdvanced", "inputs": inputs},
                "9": {"class_type": "PrimitiveInt", "inputs": {"value": 25}},
            }))
            .unwrap();
            assert_eq!(of(&graph, &graph.nodes["1"]), expected, "{inputs}");
        }
    }
}
