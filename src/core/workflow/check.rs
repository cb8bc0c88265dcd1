//! What a server will say about a graph, and what it will only say after a GPU minute, before anything is sent.
//!
//! The rules are those of the server's own validation (`ComfyUI` 0.3.64 to 0.27): every class has to exist, an
//! output has to exist, and everything that leads to an output has to be linked and filled in. What a server
//! lets pass although it will not do what was meant is a warning.

mod inputs;
mod literal;
mod node;
mod report;
mod value;

use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::Value;

pub use report::{
    Fault, FaultKind, MissingModel, MissingNode, Output, Report, Verdict, verdict, where_it_runs,
};

use super::graph::Graph;
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
    let needed: HashSet<&str> = walk::upstream(graph, &outputs).into_iter().collect();
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
