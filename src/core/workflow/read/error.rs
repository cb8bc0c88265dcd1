//! Why something is not a workflow we can read.

use serde_json::Value;
use thiserror::Error;

/// Why a file could not be taken as a workflow; each message ends in what to do.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("the file is empty; save the workflow again")]
    Empty,
    /// It is larger than allowed.
    #[error("the file has {}, more than the {} allowed for a workflow; is it the right file?", megabytes(*.size), megabytes(*.limit))]
    TooLarge {
        /// Bytes of the file.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// It is a picture or clip, whose metadata may hold a workflow.
    #[error("the file is {kind}, not JSON: its metadata has to be read instead")]
    Media {
        /// What it is, with its article.
        kind: &'static str,
    },
    /// It is no UTF-8 text.
    #[error("the file is not UTF-8 text (first fault at byte {offset}); save it as UTF-8")]
    NotText {
        /// Bytes before the first fault.
        offset: usize,
    },
    /// It is text, but no JSON.
    #[error("the file is not JSON: line {line}, column {column}: {why}")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// What the fault is.
        why: String,
    },
    /// It is JSON nested deeper than any workflow.
    #[error("the JSON is nested more than 127 deep (line {line}, column {column}); no workflow is")]
    TooDeep {
        /// Line where it became too deep, from 1.
        line: usize,
        /// Column where it became too deep, from 1.
        column: usize,
    },
    /// It is an empty object.
    #[error("the graph has no nodes; export the workflow again")]
    NoNodes,
    /// It is the file of another program.
    #[error(
        "this is {tool}, not a ComfyUI workflow; rushes takes files saved or exported by ComfyUI"
    )]
    OtherTool {
        /// What it is, with its article.
        tool: &'static str,
    },
    /// It is JSON, but nothing known.
    #[error(
        "this is JSON ({found}), but neither a ComfyUI editor file (`nodes` and `links`) nor a graph (nodes with `class_type`)"
    )]
    NotAWorkflow {
        /// Kind of the outermost value.
        found: &'static str,
    },
    /// A node of a graph is broken.
    #[error("node {node} of the graph {why}; export the workflow again")]
    BrokenNode {
        /// Id of the node, scrubbed and shortened.
        node: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The metadata of a picture or clip holds no workflow.
    #[error(
        "the metadata holds no workflow (found: {found}); ComfyUI writes it as `prompt` and `workflow` unless started with --disable-metadata"
    )]
    NoWorkflowInside {
        /// Keys that are there, scrubbed and shortened, or `nothing`.
        found: String,
    },
}

impl ReadError {
    /// Words a fault found by the JSON parser.
    pub(super) fn json(fault: &serde_json::Error) -> Self {
        let (line, column) = (fault.line(), fault.column());
        let worded = fault.to_string();
        let why = worded.split(" at line ").next().unwrap_or_default();
        if why.contains("recursion limit") {
            return Self::TooDeep { line, column };
        }
        Self::NotJson {
            line,
            column,
            why: why.to_owned(),
        }
    }
}

/// Writes bytes for people.
fn megabytes(bytes: usize) -> String {
    const MEGA: usize = 1024 * 1024;
    if bytes < MEGA {
        return format!("{bytes} bytes");
    }
    let tenths = (bytes % MEGA) * 10 / MEGA;
    format!("{}.{tenths} MB", bytes / MEGA)
}

/// Tells the files of programs that people mix up with ComfyUI's.
pub(super) fn other_tool(value: &Value) -> Option<&'static str> {
    if let Value::Array(list) = value {
        let flow = list
            .first()
            .is_some_and(|first| first.get("wires").is_some() || first.get("z").is_some());
        return flow.then_some("a Node-RED flow");
    }
    let has = |keys: &[&str]| keys.iter().all(|key| value.get(key).is_some());
    [
        (has(&["nodes", "edges"]), "an InvokeAI workflow"),
        (has(&["nodes", "connections"]), "an n8n workflow"),
        (has(&["_class_name"]), "a diffusers model index"),
        (
            has(&["sd_model_checkpoint"]),
            "a settings file of Automatic1111 or Forge",
        ),
        (has(&["infotexts"]), "an answer of Automatic1111 or Forge"),
        (
            has(&["architectures", "model_type"]),
            "a model's config.json",
        ),
        (
            has(&["input", "output_node"]),
            "an answer of /object_info (node definitions)",
        ),
        (
            has(&["KSampler"]),
            "an answer of /object_info (node definitions)",
        ),
        (has(&["error", "node_errors"]), "a ComfyUI server's refusal"),
        (has(&["queue_running"]), "a ComfyUI server's queue"),
        (has(&["name", "version", "dependencies"]), "a package.json"),
    ]
    .into_iter()
    .find_map(|(is, tool)| is.then_some(tool))
}
