//! History entries: the verdict on a job.

use serde_json::Value;
use uuid::Uuid;

use super::failure::Failure;
use super::output::{self, Output};
use super::pick;

/// What the history of a server says about one job.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    /// How it ended.
    pub outcome: Outcome,
    /// What it left behind; a job that failed keeps what was made before.
    pub outputs: Vec<Output>,
    /// Its place in the order of the queue.
    pub number: Option<f64>,
    /// The client that sent it.
    pub client_id: Option<String>,
    /// Nodes that did not run because their result was kept. When all did not, the file names are those of an older job.
    pub cached: Vec<String>,
    /// Start in server time, milliseconds since 1970.
    pub started_at: Option<i64>,
    /// End in server time, milliseconds since 1970.
    pub ended_at: Option<i64>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All nodes ran or were kept, or a branch was blocked on purpose.
    Success,
    /// A node failed.
    Failed(Box<Failure>),
    /// Someone stopped it.
    Interrupted {
        /// The node that was about to run or ran.
        node: Option<String>,
    },
}

/// Reads the answer of `GET /history/{id}` or `GET /history` and takes one entry.
///
/// `None` means any of: unknown, waiting, running, deleted, evicted, server restarted.
#[must_use]
pub fn read_history(answer: &Value, id: Uuid) -> Option<HistoryEntry> {
    answer.get(id.to_string()).map(HistoryEntry::from_value)
}

impl HistoryEntry {
    /// Reads an entry as it stands under its id.
    #[must_use]
    pub fn from_value(entry: &Value) -> Self {
        let prompt = entry.get("prompt");
        let status = entry.get("status").unwrap_or(&Value::Null);
        let ended = [
            "execution_success",
            "execution_error",
            "execution_interrupted",
        ]
        .into_iter()
        .find_map(|name| message(status, name))
        .and_then(|data| pick::whole(data, "timestamp"));
        Self {
            outcome: outcome(status, prompt.and_then(|prompt| prompt.get(2))),
            outputs: output::of_all(entry.get("outputs").unwrap_or(&Value::Null), |id| {
                display_node(entry, id)
            }),
            number: prompt
                .and_then(|prompt| prompt.get(0))
                .and_then(Value::as_f64),
            client_id: prompt
                .and_then(|prompt| pick::text(prompt.get(3)?, "client_id"))
                .map(pick::id),
            cached: message(status, "execution_cached")
                .map(|data| pick::ids(data, "nodes"))
                .unwrap_or_default(),
            started_at: message(status, "execution_start")
                .and_then(|data| pick::whole(data, "timestamp")),
            ended_at: ended,
        }
    }

    /// The files it left behind.
    pub fn files(&self) -> impl Iterator<Item = &output::OutputFile> {
        self.outputs.iter().filter_map(|output| match &output.item {
            output::OutputItem::File(file) => Some(file),
            output::OutputItem::Text(_) => None,
        })
    }
}

/// Judges a status. Interrupted jobs are `error` too: only the messages tell them from failures.
pub(super) fn outcome(status: &Value, graph: Option<&Value>) -> Outcome {
    if status.is_null() || pick::text(status, "status_str") == Some("success") {
        return Outcome::Success;
    }
    if let Some(data) = message(status, "execution_interrupted") {
        return Outcome::Interrupted {
            node: pick::text(data, "node_id").map(pick::id),
        };
    }
    let failure =
        message(status, "execution_error").map_or_else(Failure::unexplained, Failure::from_value);
    Outcome::Failed(Box::new(failure.titled(graph)))
}

/// The data of the last message of a name.
fn message<'a>(status: &'a Value, name: &str) -> Option<&'a Value> {
    let entry = pick::list(status, "messages")
        .iter()
        .rev()
        .find(|entry| entry.get(0).and_then(Value::as_str) == Some(name))?;
    entry.get(1)
}

/// The visible node for an id that may have been made at run time.
fn display_node<'a>(entry: &'a Value, id: &'a str) -> &'a str {
    entry
        .get("meta")
        .and_then(|meta| meta.get(id))
        .and_then(|node| pick::text(node, "display_node"))
        .unwrap_or(id)
}
