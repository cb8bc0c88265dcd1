//! A prompt the server would not take, explained.

mod explain;

use std::fmt;

use serde_json::Value;

use super::failure::name_node;
use super::pick;
use crate::comfy::error::brief;
use crate::core::workflow::Graph;

/// Most nodes and inputs explained; a graph can be wrong in every box.
const MOST: usize = 200;

/// Why a server refused a graph, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// `error.type`, such as `prompt_outputs_failed_validation`; `None` when only parts were refused.
    pub kind: Option<String>,
    /// What the server said in general, scrubbed.
    pub message: String,
    /// What it said about nodes, ordered by node id.
    pub nodes: Vec<NodeFault>,
    /// The server took the rest of the graph and queued it: the caller should delete that job.
    pub also_queued: bool,
}

/// What is wrong with one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFault {
    /// Node id.
    pub node_id: String,
    /// Its class, if known, scrubbed.
    pub node_class: Option<String>,
    /// Its title, if known, scrubbed.
    pub node_title: Option<String>,
    /// What is wrong with it.
    pub inputs: Vec<InputFault>,
}

/// What is wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFault {
    /// Kind, such as `value_not_in_list`; an open set.
    pub kind: String,
    /// The input, if one is named, scrubbed.
    pub input: Option<String>,
    /// The whole explanation for a person, scrubbed.
    pub message: String,
    /// The valid choice nearest to what was given, if choices were told.
    pub nearest: Option<String>,
}

impl Rejection {
    /// Reads the body of a 400, or of a 200 with `node_errors`. The graph gives the titles.
    #[must_use]
    pub fn from_value(body: &Value, graph: Option<&Graph>) -> Self {
        let error = body.get("error").unwrap_or(&Value::Null);
        let kind = pick::text(error, "type").map(|kind| brief(kind, 80));
        let message = pick::text(error, "message")
            .or_else(|| error.as_str())
            .unwrap_or_default();
        let mut nodes = node_faults(body, graph);
        if nodes.is_empty() {
            nodes.extend(missing_class(error, graph));
        }
        let details = pick::text(error, "details").unwrap_or_default().trim();
        let details_add = nodes.is_empty() && !details.is_empty() && !message.contains(details);
        Self {
            message: match (message.trim(), details_add) {
                ("", _) if kind.is_none() && !nodes.is_empty() => {
                    "some outputs were refused".to_owned()
                }
                ("", _) => "the server gave no reason".to_owned(),
                (message, true) => brief(&format!("{message} ({details})"), 400),
                (message, false) => brief(message, 400),
            },
            kind,
            nodes,
            also_queued: false,
        }
    }

    /// A refusal told in plain text, such as a body over the server's limit.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let message = brief(text, 400);
        Self {
            kind: None,
            message: if message.is_empty() {
                "the server gave no reason".to_owned()
            } else {
                message
            },
            nodes: Vec::new(),
            also_queued: false,
        }
    }

    /// What a person can do about it, if that can be told.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self.kind.as_deref()? {
            "invalid_prompt" | "prompt_no_outputs" | "missing_node_type"
                if self.is_editor_file() =>
            {
                Some("this is a workflow as the editor saves it: export it in API format")
            }
            "missing_node_type" | "invalid_prompt" if self.lacks_class() => {
                Some("the graph is damaged: a node without a class cannot run anywhere")
            }
            "missing_node_type" | "invalid_prompt" => {
                Some("install the node on that worker, or send the job to one that has it")
            }
            "prompt_no_outputs" => Some("add a node that saves something, such as Save Video"),
            "invalid_prompt_id" => Some("this is a fault of ours: report it"),
            "prompt_outputs_failed_validation" if self.nodes.is_empty() => {
                Some("the server names no node: look for a circle of links in the graph")
            }
            _ => None,
        }
    }

    /// The keys of an editor's file, taken for nodes.
    fn is_editor_file(&self) -> bool {
        let keys = [
            "nodes",
            "links",
            "version",
            "last_node_id",
            "last_link_id",
            "groups",
            "config",
            "extra",
        ];
        self.nodes
            .iter()
            .any(|node| keys.contains(&node.node_id.as_str()))
    }

    fn lacks_class(&self) -> bool {
        self.nodes.iter().any(|node| node.node_class.is_none())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.trim_end_matches('.'))?;
        for node in &self.nodes {
            let name = name_node(
                Some(&node.node_id),
                node.node_class.as_deref(),
                node.node_title.as_deref(),
            );
            for fault in &node.inputs {
                write!(f, "; {name}: {}", fault.message)?;
            }
        }
        self.hint().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

fn node_faults(body: &Value, graph: Option<&Graph>) -> Vec<NodeFault> {
    let Some(faults) = body.get("node_errors").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut faults: Vec<_> = faults.iter().collect();
    faults.sort_by(|a, b| (a.0.len(), a.0).cmp(&(b.0.len(), b.0)));
    faults
        .into_iter()
        .take(MOST)
        .map(|(id, fault)| {
            let mut inputs: Vec<_> = pick::list(fault, "errors")
                .iter()
                .take(MOST)
                .map(InputFault::from_value)
                .collect();
            inputs.sort_by(|a, b| (&a.input, &a.message).cmp(&(&b.input, &b.message)));
            inputs.dedup();
            let class = pick::text(fault, "class_type").map(|class| brief(class, 160));
            named(graph, id, class, None, inputs)
        })
        .collect()
}

/// Explains a class the server does not know; it names only the first such node.
fn missing_class(error: &Value, graph: Option<&Graph>) -> Option<NodeFault> {
    let extra = error.get("extra_info").unwrap_or(&Value::Null);
    let from_details = || {
        pick::text(error, "details")?
            .strip_prefix("Node ID '#")?
            .strip_suffix('\'')
    };
    let id = pick::text(extra, "node_id").or_else(from_details)?;
    let class = pick::text(extra, "class_type").map(|class| brief(class, 160));
    let title = pick::text(extra, "node_title").map(|title| brief(title, 160));
    let mut node = named(graph, id, class, title, Vec::new());
    let message = node.node_class.as_ref().map_or_else(
        || "it has no class".to_owned(),
        |class| format!("this worker does not know the class {class}"),
    );
    node.inputs.push(InputFault {
        kind: "missing_node_type".to_owned(),
        input: None,
        message,
        nearest: None,
    });
    Some(node)
}

fn named(
    graph: Option<&Graph>,
    id: &str,
    class: Option<String>,
    title: Option<String>,
    inputs: Vec<InputFault>,
) -> NodeFault {
    let node = graph.and_then(|graph| graph.nodes.get(id));
    let graph_title = || Some(brief(node?.meta.as_ref()?.get("title")?.as_str()?, 160));
    NodeFault {
        node_id: brief(id, 120),
        node_class: class
            .or_else(|| Some(brief(&node?.class_type, 160)).filter(|class| !class.is_empty())),
        node_title: title.or_else(graph_title),
        inputs,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rejection_of_any_shape_is_still_a_reason() {
        for body in [
            json!(null),
            json!([]),
            json!({}),
            json!({"error": "plain words"}),
            json!({"error": {"type": 7}}),
            json!({"node_errors": {"1": null, "2": {"errors": [null, 7, {}]}}}),
        ] {
            assert!(
                !Rejection::from_value(&body, None).to_string().is_empty(),
                "{body}"
            );
        }
    }
}
