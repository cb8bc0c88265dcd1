//! What a server will say about a graph, and what it will only say after a GPU minute, before anything is sent.
//!
//! The rules are those of the server's own validation (ComfyUI 0.3.64 to 0.27): every class has to exist, an
//! output has to exist, and everything that leads to an output has to be linked and filled in. What a server
//! lets pass although it will not do what was meant is a warning.

mod inputs;
mod node;
mod value;

use std::collections::HashSet;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::graph::{Graph, NodeId};
use super::manifest::Manifest;
use super::model_rules::{self, count};
use super::object_info::ObjectInfo;
use super::packs::pack_of;
use super::slot::Binding;
use super::walk;
use crate::core::text::scrub;

/// Model files of a worker by folder, as `GET /models/{folder}` lists them.
pub type Models = IndexMap<String, Vec<String>>;

/// What is known when a graph is checked.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Node definitions of the worker.
    pub info: &'a ObjectInfo,
    /// Model files beyond those in the definitions' lists.
    pub models: Option<&'a Models>,
    /// Inputs whose file will be put on the worker before the graph is sent.
    pub supplied: &'a [Binding],
    /// The workflow's manifest, for the size and length rules of its model.
    pub manifest: Option<&'a Manifest>,
}

impl<'a> Known<'a> {
    /// Knows only the node definitions.
    #[must_use]
    pub const fn new(info: &'a ObjectInfo) -> Self {
        Self {
            info,
            models: None,
            supplied: &[],
            manifest: None,
        }
    }
}

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

/// Most findings of one kind of list; a hostile graph could cause any number.
const MOST: usize = 500;

/// Checks a graph as a server would, and a little further.
#[must_use]
pub fn check(graph: &Graph, known: Known<'_>) -> Report {
    let mut report = Report {
        format: "api",
        ..Report::default()
    };
    missing_classes(graph, known, &mut report);
    let outputs = walk::outputs(graph, Some(known.info));
    report.outputs = outputs.iter().filter_map(|id| output(graph, id)).collect();
    if outputs.is_empty() && report.missing_nodes.is_empty() {
        report.errors.push(no_outputs(graph));
    }
    let needed: HashSet<&str> = outputs
        .iter()
        .flat_map(|output| walk::upstream(graph, output))
        .collect();
    cycles(graph, &needed, &mut report);
    for (id, node) in &graph.nodes {
        if report.errors.len() + report.missing_models.len() > MOST {
            break;
        }
        if needed.contains(id.as_str())
            && let Some(class) = known.info.class(&node.class_type)
        {
            node::check(
                &node::Place {
                    graph,
                    id,
                    node,
                    class,
                    known,
                },
                &mut report,
            );
        }
    }
    grid(graph, known, &mut report);
    report.warnings.truncate(MOST);
    report.ok = report.missing_nodes.is_empty()
        && report.missing_models.is_empty()
        && report.errors.is_empty();
    report
}

fn missing_classes(graph: &Graph, known: Known<'_>, report: &mut Report) {
    let missing = graph
        .nodes
        .iter()
        .filter(|(_, node)| known.info.class(&node.class_type).is_none());
    for (id, node) in missing.take(MOST) {
        let pack = pack_of(&node.class_type);
        report.missing_nodes.push(MissingNode {
            class: node.class_type.clone(),
            node: id.clone(),
            pack: pack.map(|pack| pack.name.as_str()),
            advice: pack.map(super::packs::Pack::advice),
        });
    }
}

fn output(graph: &Graph, id: &str) -> Option<Output> {
    let node = graph.nodes.get(id)?;
    Some(Output {
        node: id.to_owned(),
        class: node.class_type.clone(),
        title: node.title().to_owned(),
    })
}

fn no_outputs(graph: &Graph) -> Fault {
    let message = if graph.nodes.is_empty() {
        "the graph is empty".to_owned()
    } else {
        "no node saves or shows a result: add one such as SaveImage or SaveVideo".to_owned()
    };
    Fault {
        node: String::new(),
        class: String::new(),
        input: String::new(),
        kind: FaultKind::PromptNoOutputs,
        message,
        near: Vec::new(),
    }
}

fn cycles(graph: &Graph, needed: &HashSet<&str>, report: &mut Report) {
    let mut blamed: HashSet<String> = HashSet::new();
    for circle in walk::circles(graph).into_iter().take(MOST) {
        if !circle.nodes.iter().any(|id| needed.contains(id.as_str())) {
            continue;
        }
        let mut path: Vec<&str> = circle.nodes.iter().take(20).map(String::as_str).collect();
        path.extend(circle.nodes.first().map(String::as_str));
        let message = format!(
            "nodes feed each other in a circle: {}",
            scrub(&path.join(" ← "))
        );
        for id in circle.nodes.iter().take(MOST) {
            if blamed.insert(id.clone()) {
                let class = graph.nodes.get(id).map_or("", |node| &node.class_type);
                report.errors.push(Fault {
                    node: id.clone(),
                    class: class.to_owned(),
                    input: String::new(),
                    kind: FaultKind::Cycle,
                    message: message.clone(),
                    near: Vec::new(),
                });
            }
        }
    }
}

/// Warns of sizes and lengths that the model will round.
fn grid(graph: &Graph, known: Known<'_>, report: &mut Report) {
    let mut found = model_rules::off_grid(graph);
    if let Some(manifest) = known.manifest {
        found.extend(["width", "height", "frames"].iter().filter_map(|name| {
            let slot = manifest.slots.iter().find(|slot| slot.name == *name)?;
            let asked = count(slot.value(graph)?)?;
            let (renders, nearest) = model_rules::rule(manifest.family, name, asked);
            let place = slot.bind.first()?;
            (renders != asked).then(|| model_rules::OffGrid {
                node: place.node.clone(),
                input: place.input.clone(),
                asked,
                renders,
                nearest,
            })
        }));
    }
    let mut told: HashSet<(String, String)> = HashSet::new();
    for off in found.into_iter().rev() {
        if !told.insert((off.node.clone(), off.input.clone())) {
            continue;
        }
        let size = matches!(off.input.rsplit('.').next(), Some("width" | "height"));
        let class = graph
            .nodes
            .get(&off.node)
            .map_or("", |node| &node.class_type);
        report.warnings.push(Fault {
            class: class.to_owned(),
            kind: if size {
                FaultKind::SizeRule
            } else {
                FaultKind::FrameRule
            },
            message: format!(
                "{} will come out as {}; the nearest value that is kept is {}",
                off.asked, off.renders, off.nearest
            ),
            near: vec![Value::from(off.nearest)],
            node: off.node,
            input: off.input,
        });
    }
}

/// What one worker lacks for a graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Worker.
    pub worker: String,
    /// True when the graph runs there.
    pub ok: bool,
    /// Classes and files it lacks, then what is wrong with the graph.
    pub lacks: Vec<String>,
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
    lacks.extend(report.errors.iter().map(|fault| fault.message.clone()));
    let mut seen = HashSet::new();
    lacks.retain(|lack| seen.insert(lack.clone()));
    Verdict {
        worker: worker.to_owned(),
        ok: report.ok,
        lacks,
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
        let shown: Vec<&str> = verdict.lacks.iter().take(3).map(String::as_str).collect();
        let more = verdict.lacks.len().saturating_sub(shown.len());
        let tail = if more == 0 {
            String::new()
        } else {
            format!(" and {more} more")
        };
        parts.push(format!(
            "{} lacks {}{tail}",
            verdict.worker,
            shown.join(", ")
        ));
    }
    parts.join("; ")
}
