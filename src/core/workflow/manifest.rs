//! Manifests: what a workflow is for, what may be set in it, which files it needs, how to retry it.
//!
//! One TOML file beside each graph. Shipped ones are compiled in; a user's own are read the same way.

mod read;
mod write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

pub use read::parse;
pub use write::write;

use super::geometry::Family;
use super::graph::Graph;
use super::infer;
use super::model_rules::family_of;
use super::object_info::ObjectInfo;
use super::slot::{Binding, Slot};

/// Longest run of one attempt when a manifest names none, seconds.
const TIMEOUT_S: u64 = 1200;

/// What a workflow makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Video from text.
    T2v,
    /// Video from an image.
    I2v,
    /// Video from a video.
    V2v,
    /// Image from text.
    T2i,
    /// Image from an image.
    I2i,
    /// Greater image or video from a smaller one.
    Upscale,
    /// More frames from few.
    Interpolate,
    /// Anything else.
    Other,
}

/// A model file that the graph names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Folder under the worker's `models/`, as in `GET /models/{folder}`.
    pub folder: String,
    /// File name in that folder.
    pub file: String,
    /// Inputs that name it.
    pub bind: Vec<Binding>,
}

/// Which form of the prompt a rung sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromptForm {
    /// As written.
    #[default]
    Original,
    /// Cut to subject, one action and camera; the original where there is no simplified one.
    Simplified,
}

/// One step of the fallback ladder, as the manifest states it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RungRule {
    /// Name shown with the attempt.
    pub name: String,
    /// Form of the prompt.
    #[serde(default)]
    pub prompt: PromptForm,
    /// Workflow to use instead of this one.
    #[serde(default)]
    pub workflow: Option<String>,
    /// Size not to exceed, landscape, pixels.
    #[serde(default)]
    pub size: Option<[u32; 2]>,
    /// Length not to exceed when no duration was asked for, frames.
    #[serde(default)]
    pub frames: Option<u32>,
    /// Duration not to exceed, seconds.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// Slots set on this rung.
    #[serde(default)]
    pub set: Map<String, Value>,
}

/// What a workflow is, apart from its graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// Id, such as `ltx2-t2v`.
    pub id: String,
    /// Title for lists.
    pub title: String,
    /// Prompt target, such as `ltx2`; empty when the workflow takes no prompt.
    pub target: String,
    /// What it makes.
    pub kind: Kind,
    /// Size and length rules.
    pub family: Family,
    /// True for the workflow that `render` takes for its target.
    pub default: bool,
    /// Longest run of one attempt, seconds.
    pub timeout_s: u64,
    /// A few sentences.
    pub help: String,
    /// What may be set.
    pub slots: Vec<Slot>,
    /// Model files that have to be on the worker.
    pub models: Vec<Model>,
    /// Node packs that have to be on the worker, by name; empty for core nodes only.
    pub packs: Vec<String>,
    /// What the graph decides by itself (`steps`, `cfg`), for reports.
    pub fixed: Map<String, Value>,
    /// Fallback ladder; the first rung is what was asked for.
    pub ladder: Vec<RungRule>,
}

/// A workflow: manifest and graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Template {
    /// What it is.
    pub manifest: Manifest,
    /// The graph, with the default of every slot in place.
    pub graph: Graph,
}

impl Template {
    /// Makes a workflow of a graph that has no manifest: its slots are those found by meaning.
    #[must_use]
    pub fn of_graph(id: &str, graph: Graph, info: Option<&ObjectInfo>) -> Self {
        let manifest = Manifest {
            id: id.to_owned(),
            title: id.to_owned(),
            target: String::new(),
            kind: Kind::Other,
            family: family_of(&graph),
            default: false,
            timeout_s: TIMEOUT_S,
            help: String::new(),
            slots: infer::slots(&graph, info),
            models: Vec::new(),
            packs: Vec::new(),
            fixed: Map::new(),
            ladder: Vec::new(),
        };
        Self { manifest, graph }
    }

    /// Finds a slot by name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.manifest.slots.iter().find(|slot| slot.name == name)
    }

    /// Reads a default, or what the graph decides by itself.
    #[must_use]
    pub fn default(&self, name: &str) -> Option<&Value> {
        self.slot(name)
            .and_then(|slot| slot.value(&self.graph))
            .or_else(|| self.manifest.fixed.get(name))
    }

    /// Lists the places whose files are put on a worker before the graph is sent.
    #[must_use]
    pub fn file_places(&self) -> Vec<Binding> {
        let files = self
            .manifest
            .slots
            .iter()
            .filter(|slot| slot.kind.is_file());
        files.flat_map(|slot| slot.bind.clone()).collect()
    }

    /// Lists the slots that have to be set.
    pub fn required(&self) -> impl Iterator<Item = &Slot> {
        self.manifest.slots.iter().filter(|slot| slot.required)
    }
}

/// Why a manifest could not be used: file, line, reason and the nearest right word.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {reason}{}", near.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default())]
pub struct ManifestError {
    /// Name of the file as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
    /// Nearest right word.
    pub near: Option<String>,
}
