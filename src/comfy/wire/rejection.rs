//! A prompt the server would not take, explained.

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
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
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

impl InputFault {
    fn from_value(error: &Value) -> Self {
        let extra = error.get("extra_info").unwrap_or(&Value::Null);
        let kind = pick::text(error, "type").unwrap_or("unknown");
        let input = pick::text(extra, "input_name").map(|name| brief(name, 120));
        let given = extra.get("received_value");
        let choices = choices(extra);
        let nearest = given.and_then(|given| nearest(&plain(given), &choices));
        let message = explain(&Case {
            kind,
            error,
            extra,
            input: input.as_deref(),
            given,
            choices: &choices,
            nearest: nearest.as_deref(),
        });
        Self {
            kind: brief(kind, 80),
            input,
            message: brief(&message, 600),
            nearest,
        }
    }
}

struct Case<'a> {
    kind: &'a str,
    error: &'a Value,
    extra: &'a Value,
    input: Option<&'a str>,
    given: Option<&'a Value>,
    choices: &'a [String],
    nearest: Option<&'a str>,
}

fn explain(case: &Case<'_>) -> String {
    let input = case.input.unwrap_or("an input");
    let given = case.given.map(plain).unwrap_or_default();
    let said = pick::text(case.error, "message").unwrap_or_default();
    let details = pick::text(case.error, "details").unwrap_or_default();
    match case.kind {
        "required_input_missing" => format!("`{input}` is missing"),
        "bad_linked_input" => {
            format!("`{input}` is linked wrongly: a link is [node id, output index]")
        }
        "return_type_mismatch" => {
            let from = case
                .extra
                .pointer("/linked_node/0")
                .map(plain)
                .unwrap_or_default();
            let got = pick::text(case.extra, "received_type").unwrap_or("another type");
            let wanted = case
                .extra
                .pointer("/input_config/0")
                .map(plain)
                .unwrap_or_default();
            format!("`{input}` takes {wanted}, but node {from} gives {got}")
        }
        "invalid_input_type" => {
            let wanted = case
                .extra
                .pointer("/input_config/0")
                .map(plain)
                .unwrap_or_default();
            format!("`{input}` takes {wanted}, not `{given}`")
        }
        "value_smaller_than_min" => format!(
            "`{input}` is {given}, the least is {}",
            bound(case.extra, "min")
        ),
        "value_bigger_than_max" => format!(
            "`{input}` is {given}, the most is {}",
            bound(case.extra, "max")
        ),
        "value_not_in_list" => not_in_list(case, input, &given),
        "custom_validation_failed" => {
            let words = details
                .strip_prefix(&format!("{input} - "))
                .unwrap_or(details);
            format!("`{input}` is refused: {words}")
        }
        "dependency_cycle" => format!(
            "its links run in a circle: {}",
            pick::texts(case.extra, "cycle_nodes").join(" → ")
        ),
        "exception_during_validation" | "exception_during_inner_validation" => {
            broken_link(case, details)
        }
        _ if details.is_empty() => said.to_owned(),
        _ => format!("{said}: {details}"),
    }
}

fn not_in_list(case: &Case<'_>, input: &str, given: &str) -> String {
    match (case.choices, case.nearest) {
        ([], _) if case.extra.get("input_config").is_none_or(Value::is_null) => {
            format!("`{input}` has no choice `{given}` on this worker")
        }
        ([], _) => format!("`{input}` has no choice `{given}`: this worker offers none at all"),
        (_, Some(near)) => format!("`{input}` has no choice `{given}`; the nearest is `{near}`"),
        (choices, None) => {
            let shown: Vec<_> = choices
                .iter()
                .take(8)
                .map(|choice| format!("`{choice}`"))
                .collect();
            format!(
                "`{input}` has no choice `{given}`; choices are {}",
                shown.join(", ")
            )
        }
    }
}

/// A link to a node or slot that does not exist is told as a Python exception.
fn broken_link(case: &Case<'_>, details: &str) -> String {
    let exception = pick::text(case.extra, "exception_type").unwrap_or("an exception");
    let details = details.trim();
    match exception {
        "KeyError" if details == "'inputs'" => "it has no inputs".to_owned(),
        "KeyError" => format!("it is linked to a node that does not exist: {details}"),
        "IndexError" => "it is linked to an output that does not exist".to_owned(),
        _ => format!("checking it raised {exception}: {details}"),
    }
}

/// Choices as old combos (`[[…], …]`) and new ones (`["COMBO", {"options": […]}]`) list them.
fn choices(extra: &Value) -> Vec<String> {
    let config = extra.get("input_config");
    let old = config
        .and_then(|config| config.get(0))
        .and_then(Value::as_array);
    let new = || config?.get(1)?.get("options")?.as_array();
    old.or_else(new)
        .map(|list| list.iter().map(plain).collect())
        .unwrap_or_default()
}

fn bound(extra: &Value, key: &str) -> String {
    extra
        .get("input_config")
        .and_then(|config| config.get(1))
        .and_then(|options| options.get(key))
        .map_or_else(|| "another".to_owned(), plain)
}

/// A value as a person writes it, scrubbed and bounded.
fn plain(value: &Value) -> String {
    brief(
        &value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
        120,
    )
}

/// The choice most like what was given, if one is like it at all.
fn nearest(given: &str, choices: &[String]) -> Option<String> {
    let given: Vec<char> = given.to_lowercase().chars().collect();
    choices
        .iter()
        .map(|choice| {
            (
                distance(&given, &choice.to_lowercase().chars().collect::<Vec<_>>()),
                choice,
            )
        })
        .filter(|(away, choice)| *away * 2 <= given.len().max(choice.chars().count()))
        .min_by_key(|(away, _)| *away)
        .map(|(_, choice)| choice.clone())
}

/// Counts the insertions, deletions and replacements that make one text the other (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, &above) in b.iter().zip(row.iter().skip(1)) {
            let here = if from == to {
                corner
            } else {
                1 + corner.min(left).min(above)
            };
            next.push(here);
            corner = above;
            left = here;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_nearest_choice_is_offered_only_when_it_is_near() {
        let choices = ["euler", "euler_ancestral", "dpmpp_2m"].map(str::to_owned);
        assert_eq!(nearest("eular", &choices).as_deref(), Some("euler"));
        assert_eq!(nearest("EULER", &choices).as_deref(), Some("euler"));
        assert_eq!(nearest("nothing like it", &choices), None);
        assert_eq!(distance(&['a', 'b', 'c'], &['b', 'c', 'd', 'e']), 3);
    }

    #[test]
    fn new_and_old_combos_list_their_choices() {
        for config in [
            json!([["a.safetensors"], {}]),
            json!(["COMBO", {"options": ["a.safetensors"]}]),
        ] {
            let fault = InputFault::from_value(&json!({
                "type": "value_not_in_list",
                "extra_info": {"input_name": "ckpt", "input_config": config, "received_value": "a.safetensor"},
            }));
            assert_eq!(fault.nearest.as_deref(), Some("a.safetensors"));
        }
    }

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
