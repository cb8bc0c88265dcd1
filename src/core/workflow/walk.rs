//! Ways through a graph: what leads to an output, in which order nodes run, where they go in circles.
//!
//! Nothing here recurses, so that a chain of any length in a hostile file costs memory, not the stack.

use std::collections::{HashMap, HashSet};

use super::graph::{Graph, NodeId};
use super::object_info::ObjectInfo;
use super::slot::link;
use indexmap::IndexMap;

/// Lists the nodes where the graph ends.
///
/// With node definitions these are the output nodes. Without, they are the nodes that nothing is linked to.
#[must_use]
pub fn outputs<'a>(graph: &'a Graph, info: Option<&ObjectInfo>) -> Vec<&'a str> {
    if let Some(info) = info {
        let is_output = |class: &str| info.class(class).is_some_and(|class| class.output_node);
        return graph
            .nodes
            .iter()
            .filter(|(_, node)| is_output(&node.class_type))
            .map(|(id, _)| id.as_str())
            .collect();
    }
    let used: HashSet<&str> = graph
        .nodes
        .values()
        .flat_map(|node| node.links().map(|(_, from, _)| from))
        .collect();
    graph
        .nodes
        .keys()
        .map(String::as_str)
        .filter(|id| !used.contains(id))
        .collect()
}

/// Lists nodes and everything they need, nearest first.
#[must_use]
pub fn upstream<'a>(graph: &'a Graph, from: &[&'a str]) -> Vec<&'a str> {
    let mut seen: HashSet<&str> = from.iter().copied().collect();
    let mut found = from.to_vec();
    let mut next = 0;
    while let Some(id) = found.get(next).copied() {
        next += 1;
        for (_, source, _) in graph.nodes.get(id).into_iter().flat_map(super::Node::links) {
            if graph.nodes.contains_key(source) && seen.insert(source) {
                found.push(source);
            }
        }
    }
    found
}

/// A walk that could not end because nodes feed each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle {
    /// Nodes of the circle, in the order the links run.
    pub nodes: Vec<NodeId>,
}

/// Puts the nodes in an order in which each comes after all it needs.
///
/// Nodes that are ready at the same time keep the order of the file.
///
/// # Errors
/// The first circle found.
pub fn order(graph: &Graph) -> Result<Vec<&str>, Circle> {
    let mut missing: HashMap<&str, usize> = HashMap::new();
    let mut feeds: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, node) in &graph.nodes {
        let sources: HashSet<&str> = node
            .links()
            .map(|(_, from, _)| from)
            .filter(|from| graph.nodes.contains_key(*from))
            .collect();
        missing.insert(id, sources.len());
        for source in sources {
            feeds.entry(source).or_default().push(id);
        }
    }
    let mut ready: Vec<&str> = graph
        .nodes
        .keys()
        .map(String::as_str)
        .filter(|id| missing.get(id) == Some(&0))
        .collect();
    let mut next = 0;
    while let Some(id) = ready.get(next).copied() {
        next += 1;
        for fed in feeds.get(id).into_iter().flatten() {
            if let Some(count) = missing.get_mut(fed) {
                *count -= 1;
                if *count == 0 {
                    ready.push(fed);
                }
            }
        }
    }
    if ready.len() == graph.nodes.len() {
        return Ok(ready);
    }
    Err(circles(graph)
        .into_iter()
        .next()
        .unwrap_or(Circle { nodes: Vec::new() }))
}

/// Lists circles: at least one for every knot of nodes that feed each other.
#[must_use]
pub fn circles(graph: &Graph) -> Vec<Circle> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Open,
        Closed,
    }
    let mut marks: HashMap<&str, Mark> = HashMap::new();
    let mut found = Vec::new();
    for root in graph.nodes.keys() {
        if marks.contains_key(root.as_str()) {
            continue;
        }
        let mut path: Vec<(&str, Vec<&str>)> = vec![(root, sources(graph, root))];
        marks.insert(root, Mark::Open);
        while let Some((id, rest)) = path.last_mut() {
            let id = *id;
            let Some(source) = rest.pop() else {
                marks.insert(id, Mark::Closed);
                path.pop();
                continue;
            };
            match marks.get(source) {
                Some(Mark::Closed) => {}
                Some(Mark::Open) => {
                    let nodes = path
                        .iter()
                        .map(|(id, _)| *id)
                        .skip_while(|id| *id != source)
                        .map(str::to_owned)
                        .collect();
                    found.push(Circle { nodes });
                }
                None => {
                    marks.insert(source, Mark::Open);
                    path.push((source, sources(graph, source)));
                }
            }
        }
    }
    found
}

/// Lists the nodes that feed a node, the last one first.
fn sources<'a>(graph: &'a Graph, id: &str) -> Vec<&'a str> {
    let mut sources: Vec<&str> = graph
        .nodes
        .get(id)
        .into_iter()
        .flat_map(super::Node::links)
        .map(|(_, from, _)| from)
        .filter(|from| graph.nodes.contains_key(*from))
        .collect();
    sources.reverse();
    sources
}

/// Most outputs looked at when a graph is cut; more stay out of all parts.
const MOST_PARTS: usize = 256;

/// Cuts a graph into one graph per independent output, so that several workers can share it.
///
/// Outputs that share any node stay together: rendering the shared part twice would cost more than it saves.
#[must_use]
pub fn split(graph: &Graph, info: Option<&ObjectInfo>) -> Vec<Graph> {
    let mut parts: Vec<HashSet<&str>> = Vec::new();
    for output in outputs(graph, info).into_iter().take(MOST_PARTS) {
        let mut part: HashSet<&str> = upstream(graph, &[output]).into_iter().collect();
        let (joined, apart): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|other| !other.is_disjoint(&part));
        part.extend(joined.into_iter().flatten());
        parts = apart;
        parts.push(part);
    }
    parts
        .into_iter()
        .map(|part| {
            let nodes: IndexMap<_, _> = graph
                .nodes
                .iter()
                .filter(|(id, _)| part.contains(id.as_str()))
                .map(|(id, node)| (id.clone(), node.clone()))
                .collect();
            Graph { nodes }
        })
        .collect()
}

/// Follows a link through switches and plain value nodes to the place where a value can be written.
///
/// `None` when the value is computed, comes from a file, or the chain runs in a circle.
#[must_use]
pub fn written_at<'a>(
    graph: &'a Graph,
    node: &'a str,
    input: &'a str,
) -> Option<(&'a str, &'a str)> {
    let (mut node, mut input) = (node, input);
    for _ in 0..=graph.nodes.len() {
        let inputs = &graph.nodes.get(node)?.inputs;
        let value = inputs.get(input)?;
        let Some((source, _)) = link(value) else {
            return Some((node, input));
        };
        let inputs = &graph.nodes.get(source)?.inputs;
        let held = ["value", "string", "text", "int", "float", "number"]
            .into_iter()
            .find(|name| inputs.len() <= 2 && inputs.contains_key(*name));
        input = match held {
            Some(name) => name,
            None => switched(graph, source)?,
        };
        node = source;
    }
    None
}

/// Names the input that a switch node passes on; `None` for other nodes.
///
/// The switch may be held by a boolean node; one that is computed counts as off.
#[must_use]
pub fn switched(graph: &Graph, node: &str) -> Option<&'static str> {
    let inputs = &graph.nodes.get(node)?.inputs;
    let flag = inputs.get("switch")?;
    let held = link(flag)
        .and_then(|(source, _)| graph.nodes.get(source)?.inputs.get("value"))
        .unwrap_or(flag);
    let name = if held.as_bool().unwrap_or(false) {
        "on_true"
    } else {
        "on_false"
    };
    inputs.contains_key(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn graph(value: Value) -> Graph {
        serde_json::from_value(value).unwrap()
    }

    fn chain(links: &[(&str, &[&str])]) -> Graph {
        let nodes = links.iter().map(|(id, from)| {
            let inputs: serde_json::Map<_, _> = from
                .iter()
                .enumerate()
                .map(|(i, f)| (format!("i{i}"), json!([f, 0])))
                .collect();
            (
                (*id).to_owned(),
                json!({ "class_type": "X", "inputs": inputs }),
            )
        });
        graph(Value::Object(nodes.collect()))
    }

    #[test]
    fn nodes_run_after_what_they_need() {
        let graph = chain(&[
            ("save", &["mix"]),
            ("mix", &["a", "b", "a"]),
            ("a", &[]),
            ("b", &["a"]),
        ]);
        assert_eq!(order(&graph).unwrap(), ["a", "b", "mix", "save"]);
    }

    #[test]
    fn a_circle_is_named_and_not_walked_for_ever() {
        let graph = chain(&[("1", &["2"]), ("2", &["1"]), ("3", &["1"]), ("4", &["4"])]);
        let found = circles(&graph);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].nodes, ["1", "2"]);
        assert_eq!(found[1].nodes, ["4"]);
        assert!(order(&graph).is_err());
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_nodes_is_walked() {
        let nodes = (0..100_000).map(|i: u32| {
            let from = i.checked_sub(1).map(|from| json!([from.to_string(), 0]));
            (
                i.to_string(),
                json!({ "class_type": "X", "inputs": { "x": from } }),
            )
        });
        let graph = graph(Value::Object(nodes.collect()));
        assert_eq!(order(&graph).unwrap().len(), 100_000);
        assert!(circles(&graph).is_empty());
        assert_eq!(upstream(&graph, &["99999"]).len(), 100_000);
    }

    #[test]
    fn outputs_that_share_nothing_can_run_on_two_workers() {
        let graph = chain(&[
            ("s1", &["a"]),
            ("s2", &["b"]),
            ("s3", &["b"]),
            ("a", &[]),
            ("b", &[]),
        ]);
        let parts = split(&graph, None);
        let ids: Vec<Vec<_>> = parts
            .iter()
            .map(|g| g.nodes.keys().cloned().collect())
            .collect();
        assert_eq!(ids, [vec!["s1", "a"], vec!["s2", "s3", "b"]]);
    }

    #[test]
    fn a_value_behind_a_switch_is_written_where_the_switch_points() {
        let graph = graph(json!({
            "1": { "class_type": "PrimitiveInt", "inputs": { "value": 20 } },
            "2": { "class_type": "PrimitiveInt", "inputs": { "value": 4 } },
            "3": { "class_type": "ComfySwitchNode",
                   "inputs": { "switch": ["5", 0], "on_false": ["1", 0], "on_true": ["2", 0] } },
            "5": { "class_type": "PrimitiveBoolean", "inputs": { "value": false } },
            "4": { "class_type": "KSampler", "inputs": { "steps": ["3", 0], "cfg": ["9", 0] } },
        }));
        assert_eq!(written_at(&graph, "4", "steps"), Some(("1", "value")));
        assert_eq!(written_at(&graph, "4", "cfg"), None);
    }
}
