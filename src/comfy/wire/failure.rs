//! A job that failed, explained.

use serde_json::Value;

use super::pick;
use crate::comfy::error::brief;
use crate::core::text::scrub_lines;

/// Longest traceback kept, in characters; the end is kept, where Python says what happened.
const LONGEST_TRACEBACK: usize = 8_000;

/// What a server said about a node that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is, as far as it matters for trying again.
    pub class: FailureClass,
    /// The node of the graph that is blamed.
    pub node_id: Option<String>,
    /// Its class, scrubbed.
    pub node_class: Option<String>,
    /// Its title, if the graph is known, scrubbed.
    pub node_title: Option<String>,
    /// The Python class of the exception, scrubbed.
    pub exception: Option<String>,
    /// What was said, scrubbed, on one line.
    pub message: String,
    /// Where it happened, scrubbed line by line and bounded. Holds paths of the server.
    pub traceback: String,
}

/// What a failure means for trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureClass {
    /// Out of memory, on the GPU or in the host: less would fit, or another worker.
    Oom,
    /// The GPU or its driver is broken: this worker fails until it restarts.
    Device,
    /// The worker's disk is full.
    DiskFull,
    /// A branch was blocked on purpose; the job goes on without it.
    Blocked,
    /// A node raised an exception.
    NodeError,
    /// The server did not say.
    Unknown,
}

impl FailureClass {
    /// The word used in the store and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Oom => "oom",
            Self::Device => "device",
            Self::DiskFull => "disk-full",
            Self::Blocked => "blocked",
            Self::NodeError => "node-error",
            Self::Unknown => "unknown",
        }
    }

    fn of(exception: &str, message: &str) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if exception == "ExecutionBlocked" {
            Self::Blocked
        } else if exception.ends_with("OutOfMemoryError")
            || exception == "MemoryError"
            || says(&[
                "ran out of memory on your GPU",
                "out of memory",
                "can't allocate memory",
            ])
        {
            Self::Oom
        } else if exception.ends_with("AcceleratorError")
            || says(&[
                "CUDA error",
                "HIP error",
                "cuDNN error",
                "CUBLAS_STATUS",
                "device-side assert",
            ])
        {
            Self::Device
        } else if says(&["No space left on device", "Errno 28"]) {
            Self::DiskFull
        } else if exception.is_empty() && message.is_empty() {
            Self::Unknown
        } else {
            Self::NodeError
        }
    }
}

impl Failure {
    /// Reads the data of an `execution_error`.
    pub(super) fn from_value(data: &Value) -> Self {
        let exception = pick::text(data, "exception_type").unwrap_or_default();
        let message = pick::text(data, "exception_message")
            .unwrap_or_default()
            .trim();
        let node_id = pick::text(data, "node_id").map(|id| brief(id, 120));
        let exception = Some(brief(exception, 160)).filter(|name| !name.is_empty());
        Self {
            class: FailureClass::of(exception.as_deref().unwrap_or_default(), message),
            node_id,
            node_class: pick::text(data, "node_type").map(|class| brief(class, 160)),
            node_title: None,
            message: if message.is_empty() {
                exception.as_ref().map_or_else(
                    || "the server gave no reason".to_owned(),
                    |name| format!("{name} without a message"),
                )
            } else {
                brief(message, 1_000)
            },
            exception,
            traceback: traceback(data),
        }
    }

    /// A failure the server gave no reason for.
    pub(super) fn unexplained() -> Self {
        Self::from_value(&Value::Null)
    }

    /// Adds the title the graph gives the node.
    pub(super) fn titled(mut self, graph: Option<&Value>) -> Self {
        let node = self.node_id.as_deref().and_then(|id| graph?.get(id));
        self.node_title = node
            .and_then(|node| node.get("_meta"))
            .and_then(|meta| pick::text(meta, "title"))
            .map(|title| brief(title, 160));
        self
    }

    /// Names the node: title, class and id, as far as known.
    #[must_use]
    pub fn node(&self) -> String {
        name_node(
            self.node_id.as_deref(),
            self.node_class.as_deref(),
            self.node_title.as_deref(),
        )
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.node_id {
            Some(_) => write!(f, "{} failed: {}", self.node(), self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Names a node for a person: `node 12 KSampler “Second pass”`.
pub(super) fn name_node(id: Option<&str>, class: Option<&str>, title: Option<&str>) -> String {
    let mut name = String::from("node");
    for part in [id, class].into_iter().flatten() {
        name.push(' ');
        name.push_str(part);
    }
    if let Some(title) = title.filter(|title| Some(*title) != class && !title.is_empty()) {
        name.push_str(" “");
        name.push_str(title);
        name.push('”');
    }
    name
}

fn traceback(data: &Value) -> String {
    let whole: String = match data.get("traceback") {
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let over = whole.chars().count().saturating_sub(LONGEST_TRACEBACK);
    scrub_lines(&whole.chars().skip(over).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_is_classed_by_what_would_help() {
        for (exception, message, class) in [
            (
                "torch.OutOfMemoryError",
                "Allocation on device 0",
                FailureClass::Oom,
            ),
            ("torch.cuda.OutOfMemoryError", "", FailureClass::Oom),
            (
                "RuntimeError",
                "MPS backend out of memory (MPS allocated: 1 GB)",
                FailureClass::Oom,
            ),
            ("MemoryError", "", FailureClass::Oom),
            (
                "RuntimeError",
                "CUDA error: an illegal memory access was encountered",
                FailureClass::Device,
            ),
            ("torch.AcceleratorError", "x", FailureClass::Device),
            (
                "OSError",
                "[Errno 28] No space left on device",
                FailureClass::DiskFull,
            ),
            (
                "ExecutionBlocked",
                "Execution Blocked: x",
                FailureClass::Blocked,
            ),
            ("KeyError", "'latent'", FailureClass::NodeError),
            ("RuntimeError", "", FailureClass::NodeError),
            ("", "", FailureClass::Unknown),
        ] {
            let failure = Failure::from_value(
                &json!({"exception_type": exception, "exception_message": message}),
            );
            assert_eq!(failure.class, class, "{exception}: {message}");
            assert!(!failure.message.is_empty());
        }
    }

    #[test]
    fn a_failure_names_node_class_and_title_and_cannot_paint() {
        let failure = Failure::from_value(&json!({
            "node_id": "12", "node_type": "KSampler", "exception_type": "ValueError", "exception_message": "bad\u{1b}[2J\n",
            "traceback": ["  File \"x\"\n    y\u{7}\n"],
        }))
        .titled(Some(&json!({"12": {"_meta": {"title": "두 번째"}}})));
        assert_eq!(
            failure.to_string(),
            "node 12 KSampler “두 번째” failed: bad[2J"
        );
        assert_eq!(failure.traceback, "  File \"x\"\n    y");
    }

    #[test]
    fn a_traceback_without_end_keeps_its_end() {
        let failure = Failure::from_value(&json!({"traceback": ["x".repeat(50_000), "the end"]}));
        assert_eq!(failure.traceback.len(), LONGEST_TRACEBACK);
        assert!(failure.traceback.ends_with("the end"));
    }
}
