//! What real servers answered to graphs, against what the check says before they are asked.

use std::collections::BTreeSet;

use rushes::core::workflow::check::{Known, Report, check};
use rushes::core::workflow::{Binding, Graph, ObjectInfo};
use serde_json::Value;

use crate::transcripts;

/// Reads the definitions of the classes that the recordings use.
fn definitions(version: &str) -> ObjectInfo {
    let file = match version {
        "v0.3.64" => "object_info-small.v0.3.64.json",
        _ => "object_info-small.json",
    };
    let path = format!("{}/tests/wire/{file}", env!("CARGO_MANIFEST_DIR"));
    ObjectInfo::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Graphs that a client posted, with the status and body of the answer.
fn posted(version: &str) -> Vec<(String, Value, u64, Value)> {
    let mut all = Vec::new();
    for (name, transcript) in transcripts(version) {
        for step in transcript["steps"].as_array().unwrap() {
            let request = &step["request"];
            let path = request["path"].as_str().unwrap_or_default();
            let prompt = &request["body"]["prompt"];
            if request["method"] == "POST" && path.ends_with("/prompt") && prompt.is_object() {
                let response = &step["response"];
                let status = response["status"].as_u64().unwrap_or(0);
                all.push((
                    name.clone(),
                    prompt.clone(),
                    status,
                    response["body"].clone(),
                ));
            }
        }
    }
    assert!(
        all.len() > 100,
        "{} graphs in the recordings of {version}",
        all.len()
    );
    all
}

/// Findings as (node, server's error type); exceptions of both phases of validation are one type.
fn said(report: &Report, version: &str) -> BTreeSet<(String, String)> {
    let mut said = BTreeSet::new();
    // The server stops at the first class it does not know.
    if let Some(missing) = report.missing_nodes.first() {
        let kind = if version == "v0.3.64" {
            "invalid_prompt"
        } else {
            "missing_node_type"
        };
        return BTreeSet::from([(missing.node.clone(), kind.to_owned())]);
    }
    for fault in &report.errors {
        let kind = fault.kind.server_type().unwrap();
        // The older server refuses a circle without saying where.
        if version == "v0.3.64" && kind == "dependency_cycle" {
            said.insert((String::new(), "prompt_outputs_failed_validation".to_owned()));
        } else {
            said.insert((fault.node.clone(), kind.to_owned()));
        }
    }
    for missing in &report.missing_models {
        said.insert((missing.node.clone(), "value_not_in_list".to_owned()));
    }
    said
}

fn answered(body: &Value) -> BTreeSet<(String, String)> {
    let mut answered = BTreeSet::new();
    for (node, found) in body["node_errors"].as_object().into_iter().flatten() {
        for error in found["errors"].as_array().unwrap() {
            let kind = error["type"].as_str().unwrap();
            let kind = kind.replace("_inner_validation", "_validation");
            answered.insert((node.clone(), kind));
        }
    }
    if answered.is_empty()
        && let Some(kind) = body["error"]["type"].as_str()
    {
        let details = body["error"]["details"].as_str().unwrap_or_default();
        let node = details
            .split('#')
            .nth(1)
            .unwrap_or_default()
            .trim_end_matches('\'');
        answered.insert((node.to_owned(), kind.to_owned()));
    }
    answered
}

/// Says why a refusal cannot be foreseen from the graph and the definitions.
fn unforeseeable(name: &str, prompt: &Value, body: &Value) -> Option<&'static str> {
    let text = prompt.to_string();
    let kind = body["error"]["type"].as_str().unwrap_or_default();
    if kind == "invalid_prompt_id" {
        Some("about the request's id")
    } else if body["error"].is_null() && !body.is_object() {
        Some("a 500 about another field of the request")
    } else if text.contains("LabRejects") {
        Some("a node's own validation")
    } else if name.starts_with("s31") && kind == "prompt_no_outputs" {
        Some("about the request's partial targets")
    } else if text.contains("Load3DAnimation") {
        Some("a retired class that the server renames first")
    } else {
        None
    }
}

#[test]
fn a_graph_that_a_server_took_has_no_errors() {
    for version in ["v0.25.0", "v0.3.64"] {
        let info = definitions(version);
        let mut taken = 0;
        for (name, prompt, status, body) in posted(version) {
            let whole = body["node_errors"]
                .as_object()
                .is_some_and(serde_json::Map::is_empty);
            if status == 200 && whole {
                let graph: Graph = serde_json::from_value(prompt.clone()).unwrap();
                // The recordings upload their pictures first.
                let supplied: Vec<Binding> = graph
                    .nodes
                    .iter()
                    .filter(|(_, node)| node.class_type == "LoadImage")
                    .map(|(id, _)| Binding {
                        node: id.clone(),
                        input: "image".to_owned(),
                    })
                    .collect();
                let known = Known {
                    supplied: &supplied,
                    ..Known::new(&info)
                };
                let report = check(&graph, known);
                assert!(
                    report.ok,
                    "{name} {version}: {:?}\n{prompt}",
                    said(&report, version)
                );
                taken += 1;
            }
        }
        assert!(taken > 100, "{taken} accepted graphs of {version}");
    }
}

#[test]
fn a_graph_that_a_server_refused_is_refused_for_the_same_reasons() {
    for version in ["v0.25.0", "v0.3.64"] {
        let info = definitions(version);
        let mut refused = 0;
        for (name, prompt, status, body) in posted(version) {
            let expected = answered(&body);
            if (status == 200 && expected.is_empty())
                || unforeseeable(&name, &prompt, &body).is_some()
            {
                continue;
            }
            let report = match serde_json::from_value::<Graph>(prompt.clone()) {
                Ok(graph) => said(&check(&graph, Known::new(&info)), version),
                // A node without a class is refused before it is a graph at all.
                Err(_) => continue,
            };
            // A node without `inputs` is completed when it is read, and then lacks them one by one.
            if prompt.to_string().contains(r#""class_type":"SaveImage"}"#) {
                assert!(!report.is_empty());
            } else {
                assert_eq!(report, expected, "{name} {version}\n{prompt}");
            }
            refused += 1;
        }
        assert!(refused >= 15, "{refused} refused graphs of {version}");
    }
}
