//! From a frame's name and data to an event.

use serde_json::Value;

use super::{Event, NodeProgress, Subject};
use crate::comfy::error::brief;
use crate::comfy::wire::failure::Failure;
use crate::comfy::wire::server::Features;
use crate::comfy::wire::{output, pick};

impl Event {
    pub(super) fn from_frame(kind: &str, data: &Value) -> Self {
        let of = Subject::of(data);
        let at = pick::whole(data, "timestamp");
        match kind {
            "status" => Self::status(data),
            "feature_flags" => Self::Features(Features::from_value(data)),
            "execution_start" => Self::Started { of, at },
            "execution_cached" => Self::Cached {
                of,
                nodes: pick::ids(data, "nodes"),
            },
            "executing" => Self::executing(of, data),
            "progress" => Self::progress(of, data),
            "progress_state" => Self::ProgressState {
                of,
                nodes: node_states(data),
            },
            "executed" => Self::executed(of, data),
            "execution_success" => Self::Succeeded { of, at },
            "execution_error" => Self::Failed {
                of,
                failure: Box::new(Failure::from_value(data)),
            },
            "execution_interrupted" => Self::Interrupted {
                of,
                node: pick::text(data, "node_id").map(pick::id),
                at,
            },
            other => Self::Other {
                kind: brief(other, 80),
            },
        }
    }

    fn status(data: &Value) -> Self {
        Self::Status {
            queue_remaining: data
                .pointer("/status/exec_info")
                .and_then(|queue| pick::count(queue, "queue_remaining")),
            sid: pick::text(data, "sid").map(pick::id),
        }
    }

    fn executing(of: Subject, data: &Value) -> Self {
        match data.get("node") {
            None | Some(Value::Null) => Self::Ended { of },
            Some(node) => {
                let node = as_id(node);
                let display = data
                    .get("display_node")
                    .filter(|shown| !shown.is_null())
                    .map_or_else(|| node.clone(), as_id);
                Self::Executing { of, node, display }
            }
        }
    }

    fn progress(of: Subject, data: &Value) -> Self {
        Self::Progress {
            of,
            node: pick::text(data, "node").map(pick::id),
            value: pick::number(data, "value").unwrap_or(0.0),
            max: pick::number(data, "max").unwrap_or(0.0),
        }
    }

    fn executed(of: Subject, data: &Value) -> Self {
        let node = data
            .get("display_node")
            .filter(|shown| !shown.is_null())
            .or_else(|| data.get("node"));
        let node = node.map(as_id).unwrap_or_default();
        Self::Executed {
            of,
            outputs: data
                .get("output")
                .map(|found| output::of_node(&node, found))
                .unwrap_or_default(),
        }
    }
}

impl Subject {
    pub(super) fn of(data: &Value) -> Self {
        match data.get("prompt_id") {
            None | Some(Value::Null) => Self::Unsaid,
            Some(Value::String(text)) => Self::from_id(text),
            Some(_) => Self::Foreign,
        }
    }

    /// Reads an id as servers write it.
    #[must_use]
    pub fn from_id(text: &str) -> Self {
        pick::prompt_id(text).map_or(Self::Foreign, Self::Prompt)
    }
}

/// Node ids are strings, but a third party may send a number.
fn as_id(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| pick::id(&value.to_string()), pick::id)
}

fn node_states(data: &Value) -> Vec<NodeProgress> {
    let Some(nodes) = data.get("nodes").and_then(Value::as_object) else {
        return Vec::new();
    };
    nodes
        .iter()
        .map(|(id, node)| NodeProgress {
            node: pick::id(id),
            display: pick::id(pick::text(node, "display_node_id").unwrap_or(id)),
            value: pick::number(node, "value").unwrap_or(0.0),
            max: pick::number(node, "max").unwrap_or(0.0),
            finished: pick::text(node, "state") == Some("finished"),
        })
        .collect()
}
