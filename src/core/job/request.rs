//! Everything one render needs, in one plain value.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::workflow::{Graph, Slot};

/// What was asked for, complete: with it and a worker, a graph can be sent, on any rung, by any engine.
///
/// Stored once by content; equal jobs share it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Request {
    /// Workflow id.
    pub workflow: String,
    /// The graph in API format, before anything is set.
    pub graph: Graph,
    /// What may be set in it.
    pub slots: Vec<Slot>,
    /// What is set, by slot name or `NODE.INPUT`.
    pub set: IndexMap<String, Value>,
    /// Files that travel to the worker.
    pub files: Vec<InputFile>,
    /// Fallback ladder; empty means the request as it stands.
    pub ladder: Vec<Step>,
    /// The texts, for rungs that fall back to the simplified one.
    pub prompt: Option<PromptText>,
    /// The idea as typed.
    pub idea: String,
    /// Where the first result goes, if not to the usual place. Absolute.
    pub out: Option<String>,
    /// Longest run of one attempt, in seconds.
    pub timeout_s: Option<f64>,
    /// Failed attempts after which the job is failed.
    pub max_attempts: Option<u32>,
}

impl Request {
    /// Counts rungs; a request without a ladder stands on its only one.
    #[must_use]
    pub fn rungs(&self) -> u32 {
        u32::try_from(self.ladder.len()).unwrap_or(u32::MAX).max(1)
    }
}

/// One rung of a request's fallback ladder: what it sets over the request, all names resolved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Step {
    /// Name shown with the attempt.
    pub name: String,
    /// What it sets, winning over the request.
    pub set: IndexMap<String, Value>,
    /// Another workflow than the request's, by id.
    pub workflow: Option<String>,
    /// That workflow's graph.
    pub graph: Option<Graph>,
    /// That workflow's slots.
    pub slots: Option<Vec<Slot>>,
    /// Longest run on this rung, in seconds.
    pub timeout_s: Option<f64>,
}

/// A file that an input names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Slot or `NODE.INPUT` that takes the name the server gives it.
    pub slot: String,
    /// Absolute path here.
    pub path: String,
    /// Hash of its content when it was handed in.
    pub blake3: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// The prompt in its forms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptText {
    /// As written for the target.
    pub text: String,
    /// Two or three plain sentences, for retries.
    pub simplified: String,
    /// What to keep out.
    pub negative: String,
}
