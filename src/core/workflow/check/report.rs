//! What a check found, in the shape that scripts read.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use crate::core::text::scrub;
use crate::core::workflow::graph::NodeId;

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// No node of the graph is an output.
    PromptNoOutputs,
    /// A required input has neither value nor link.
    RequiredInputMissing,
    /// An array that is no link.
    BadLinkedInput,
    /// A link to a node that is not in the graph.
    LinkToNowhere,
    /// A link to an output that the node does not have.
    NoSuchOutput,
    /// A link between types that do not fit.
    ReturnTypeMismatch,
    /// A value that is not of the input's type.
    InvalidInputType,
    /// A number below the minimum.
    ValueSmallerThanMin,
    /// A number above the maximum.
    ValueBiggerThanMax,
    /// A value that the list does not hold.
    ValueNotInList,
    /// An input file that is not on the worker.
    MissingFile,
    /// Nodes that feed each other in a circle.
    Cycle,
    /// A size that will not come out as asked.
    SizeRule,
    /// A length that will not come out as asked.
    FrameRule,
    /// An input that the class does not have: servers ignore it.
    UnknownInput,
    /// A choice that passes validation and fails when it runs.
    UnknownOption,
    /// A value where only a link makes sense.
    NeedsLink,
}

impl FaultKind {
    /// Gives the type under which a server reports it; `None` for what servers let pass.
    ///
    /// Servers report a broken link as an exception, with one of two types by order of validation.
    #[must_use]
    pub const fn server_type(self) -> Option<&'static str> {
        Some(match self {
            Self::PromptNoOutputs => "prompt_no_outputs",
            Self::RequiredInputMissing => "required_input_missing",
            Self::BadLinkedInput => "bad_linked_input",
            Self::LinkToNowhere | Self::NoSuchOutput => "exception_during_validation",
            Self::ReturnTypeMismatch => "return_type_mismatch",
            Self::InvalidInputType => "invalid_input_type",
            Self::ValueSmallerThanMin => "value_smaller_than_min",
            Self::ValueBiggerThanMax => "value_bigger_than_max",
            Self::ValueNotInList => "value_not_in_list",
            Self::MissingFile => "custom_validation_failed",
            Self::Cycle => "dependency_cycle",
            Self::SizeRule
            | Self::FrameRule
            | Self::UnknownInput
            | Self::UnknownOption
            | Self::NeedsLink => return None,
        })
    }
}

/// One finding about one input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// Node; empty for the graph as a whole.
    pub node: NodeId,
    /// Class of the node.
    pub class: String,
    /// Input; empty for the node as a whole.
    pub input: String,
    /// What is wrong.
    #[serde(rename = "type")]
    pub kind: FaultKind,
    /// What is wrong, for people.
    pub message: String,
    /// Values that would be right, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<Value>,
}

/// A node whose class the worker does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingNode {
    /// Class.
    pub class: String,
    /// Node that uses it.
    pub node: NodeId,
    /// Pack that provides it, where known.
    pub pack: Option<&'static str>,
    /// What to do, where known.
    pub advice: Option<String>,
}

/// A model file that the worker does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingModel {
    /// Node that names it.
    pub node: NodeId,
    /// Input that names it.
    pub input: String,
    /// File asked for.
    pub value: String,
    /// Folder under `models/`; empty where it is not known.
    pub folder: &'static str,
    /// Files that exist and look like it, best first.
    pub near: Vec<String>,
}

/// An output node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Node id.
    pub node: NodeId,
    /// Class.
    pub class: String,
    /// Title.
    pub title: String,
}

/// Everything that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// True when a server would take the whole graph.
    pub ok: bool,
    /// Format of what was checked, `api` or `ui`.
    pub format: &'static str,
    /// Node classes that are not there.
    pub missing_nodes: Vec<MissingNode>,
    /// Model files that are not there.
    pub missing_models: Vec<MissingModel>,
    /// What a server would refuse.
    pub errors: Vec<Fault>,
    /// What a server would let pass.
    pub warnings: Vec<Fault>,
    /// Nodes whose results come back.
    pub outputs: Vec<Output>,
}

/// What one worker lacks for a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Worker.
    pub worker: String,
    /// True when the graph runs there.
    pub ok: bool,
    /// Classes and model files it lacks.
    pub lacks: Vec<String>,
    /// What is wrong with the graph there, each with its place.
    pub refuses: Vec<String>,
}

/// Sums a report up for one worker.
#[must_use]
pub fn verdict(worker: &str, report: &Report) -> Verdict {
    let mut lacks: Vec<String> = report
        .missing_nodes
        .iter()
        .map(|missing| missing.class.clone())
        .collect();
    lacks.extend(
        report
            .missing_models
            .iter()
            .map(|missing| missing.value.clone()),
    );
    let mut seen = HashSet::new();
    lacks.retain(|lack| seen.insert(lack.clone()));
    let refuses = report.errors.iter().map(|fault| {
        let place = match (fault.node.as_str(), fault.input.as_str()) {
            ("", _) => String::new(),
            (node, "") => format!("node {node}: "),
            (node, input) => format!("{node}.{input}: "),
        };
        scrub(&format!("{place}{}", fault.message)).into_owned()
    });
    Verdict {
        worker: worker.to_owned(),
        ok: report.ok,
        lacks,
        refuses: refuses.collect(),
    }
}

impl Verdict {
    /// Says in a few words why the graph does not run there, such as `lacks VHS_VideoCombine`; what is missing comes first.
    #[must_use]
    pub fn why_not(&self) -> String {
        let (verb, all) = if self.lacks.is_empty() {
            ("refuses", &self.refuses)
        } else {
            ("lacks", &self.lacks)
        };
        let shown: Vec<&str> = all.iter().take(3).map(String::as_str).collect();
        let more = all.len().saturating_sub(shown.len());
        let tail = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        format!("{verb} {}{tail}", shown.join(", "))
    }
}

/// Says in one line where a graph runs: `runs on gpu1, gpu3; gpu2 lacks VHS_VideoCombine`.
#[must_use]
pub fn where_it_runs(verdicts: &[Verdict]) -> String {
    let able: Vec<&str> = verdicts
        .iter()
        .filter(|v| v.ok)
        .map(|v| v.worker.as_str())
        .collect();
    let mut parts = Vec::new();
    if able.is_empty() {
        parts.push("runs on no worker".to_owned());
    } else {
        parts.push(format!("runs on {}", able.join(", ")));
    }
    for verdict in verdicts.iter().filter(|verdict| !verdict.ok) {
        parts.push(format!("{} {}", verdict.worker, verdict.why_not()));
    }
    parts.join("; ")
}
