//! The file beside an output that says how it was made, so that it can be made again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::graph::Graph;
use super::model_rules::{is_weights, model_folder};
use super::slot::{Slot, SlotKind};

/// Version of the layout that this program writes.
const LAYOUT: u32 = 1;
/// Longest sidecar read, bytes; graphs of thousands of nodes fit many times.
const LONGEST: usize = 32 * 1024 * 1024;

/// How an output was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Who wrote this, and in which layout.
    pub rushes: Written,
    /// Job.
    pub job: String,
    /// Attempt of the job, from 1.
    pub attempt: u32,
    /// What was asked for.
    pub request: Request,
    /// The graph exactly as sent, seeds resolved.
    pub graph: Graph,
    /// Hash of the graph, see [`graph_hash`].
    pub graph_blake3: String,
    /// Seeds by slot.
    #[serde(default)]
    pub seeds: Map<String, Value>,
    /// Worker that made it.
    pub worker: Maker,
    /// Model files that the graph names.
    #[serde(default)]
    pub models: Vec<ModelFile>,
    /// Files that went in.
    #[serde(default)]
    pub inputs: Vec<InputFile>,
    /// Files that came out.
    #[serde(default)]
    pub outputs: Vec<OutputFile>,
    /// When what happened.
    #[serde(default)]
    pub timings: Timings,
}

/// Writer of a sidecar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Layout, 1.
    pub sidecar: u32,
    /// Version of the program.
    pub version: String,
}

impl Written {
    /// Stamps the current layout with a program version.
    #[must_use]
    pub fn by(version: &str) -> Self {
        Self {
            sidecar: LAYOUT,
            version: version.to_owned(),
        }
    }
}

/// What the person asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Idea as typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idea: Option<String>,
    /// Prompt as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Negative prompt as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Prompt target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Workflow id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Slots that were set.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What people called the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Prompt revision it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Rung of the fallback ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<String>,
    /// Project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Shot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<String>,
}

/// Worker that made an output. Its address is left out: it may hold a secret, and changes anyway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// Name of the worker.
    pub name: String,
    /// Version of `ComfyUI`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comfyui: Option<String>,
    /// Devices by name.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Id of the prompt on that worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_id: Option<String>,
}

/// A model file that the graph names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// Folder under `models/`; empty where not known.
    pub folder: String,
    /// File name.
    pub file: String,
    /// SHA-256 where the worker tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A file that went in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Slot it was given for.
    pub slot: String,
    /// Path as given.
    pub path: String,
    /// Hash of its content.
    pub blake3: String,
    /// Name on the worker.
    pub uploaded_as: String,
}

/// A file that came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Name, beside the sidecar.
    pub file: String,
    /// Node that made it.
    #[serde(default)]
    pub node: String,
    /// Media type.
    #[serde(default)]
    pub media_type: String,
    /// Size, bytes.
    #[serde(default)]
    pub bytes: u64,
    /// Hash of its content.
    #[serde(default)]
    pub blake3: String,
}

/// When what happened: RFC 3339 UTC, and seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// When the job was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When the worker began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// When the worker was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Seconds from begin to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub render_s: Option<f64>,
    /// Seconds from creation to the file being here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_s: Option<f64>,
}

/// Lists the model files that a graph names, each once.
#[must_use]
pub fn models_of(graph: &Graph) -> Vec<ModelFile> {
    let mut models: Vec<ModelFile> = Vec::new();
    for node in graph.nodes.values() {
        for (input, value) in &node.inputs {
            let Some(file) = value.as_str().filter(|file| is_weights(file)) else {
                continue;
            };
            let model = ModelFile {
                folder: model_folder(&node.class_type, input)
                    .unwrap_or_default()
                    .to_owned(),
                file: file.to_owned(),
                sha256: None,
            };
            if !models.contains(&model) {
                models.push(model);
            }
        }
    }
    models
}

/// Lists the values of the seed slots, as the graph holds them.
#[must_use]
pub fn seeds_of(graph: &Graph, slots: &[Slot]) -> Map<String, Value> {
    let seeds = slots.iter().filter(|slot| slot.kind == SlotKind::Seed);
    seeds
        .filter_map(|slot| Some((slot.name.clone(), slot.value(graph)?.clone())))
        .collect()
}

/// Why a sidecar could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SidecarError {
    /// Longer than any sidecar.
    #[error("the file is longer than 32 MiB: that is no sidecar")]
    TooLong,
    /// Not JSON, or not of this shape.
    #[error("not a sidecar of rushes (line {line}): {reason}")]
    Shape {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// Written by a newer program.
    #[error("layout {found} is newer than this program reads (1): update rushes")]
    Newer {
        /// Layout found.
        found: u32,
    },
    /// The graph was changed after it was sent.
    #[error(
        "the graph is not the one that was sent (its hash differs): submit it as a workflow instead"
    )]
    Changed,
}

impl Sidecar {
    /// Says whether JSON claims to be a sidecar.
    #[must_use]
    pub fn is_one(value: &Value) -> bool {
        value
            .get("rushes")
            .and_then(|rushes| rushes.get("sidecar"))
            .is_some()
    }

    /// Reads a sidecar and makes sure that its graph is the one that was sent.
    ///
    /// Fields that this program does not know are ignored.
    ///
    /// # Errors
    /// When the text is no sidecar, of a newer layout, or was edited.
    pub fn read(text: &str) -> Result<Self, SidecarError> {
        if text.len() > LONGEST {
            return Err(SidecarError::TooLong);
        }
        let sidecar: Self = serde_json::from_str(text).map_err(|error| SidecarError::Shape {
            line: error.line(),
            reason: crate::core::text::scrub(&error.to_string()).into_owned(),
        })?;
        if sidecar.rushes.sidecar > LAYOUT {
            return Err(SidecarError::Newer {
                found: sidecar.rushes.sidecar,
            });
        }
        if graph_hash(&sidecar.graph) != sidecar.graph_blake3 {
            return Err(SidecarError::Changed);
        }
        Ok(sidecar)
    }

    /// Writes the sidecar as indented JSON with a final line feed.
    ///
    /// # Errors
    /// Never for values made by this program; serialization is fallible by type.
    pub fn write(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Hashes a graph: BLAKE3 of its JSON with sorted keys, so that the order of nodes and inputs does not count.
#[must_use]
pub fn graph_hash(graph: &Graph) -> String {
    let mut value = serde_json::to_value(graph).unwrap_or_default();
    value.sort_all_objects();
    blake3::hash(value.to_string().as_bytes())
        .to_hex()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::workflow::library;

    fn sidecar() -> Sidecar {
        let graph = library::find("sdxl").unwrap().graph.clone();
        Sidecar {
            rushes: Written::by("0.1.0"),
            job: "0190".to_owned(),
            attempt: 1,
            request: Request {
                idea: Some("비 오는 골목".to_owned()),
                ..Request::default()
            },
            graph_blake3: graph_hash(&graph),
            graph,
            seeds: Map::from_iter([("seed".to_owned(), Value::from(u64::MAX))]),
            worker: Maker {
                name: "gpu1".to_owned(),
                ..Maker::default()
            },
            models: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            timings: Timings::default(),
        }
    }

    #[test]
    fn a_sidecar_reads_back_as_it_was_written() {
        let written = sidecar();
        let text = written.write().unwrap();
        assert!(Sidecar::is_one(&serde_json::from_str(&text).unwrap()));
        assert_eq!(Sidecar::read(&text), Ok(written));
    }

    #[test]
    fn the_models_and_seeds_of_a_graph_are_named_once() {
        let template = library::find("ltx2-t2v-distilled").unwrap();
        let models = models_of(&template.graph);
        let of = |folder: &str| models.iter().filter(|model| model.folder == folder).count();
        assert_eq!((of("checkpoints"), of("latent_upscale_models")), (1, 1));
        let seeds = seeds_of(&template.graph, &template.manifest.slots);
        assert_eq!(seeds.keys().collect::<Vec<_>>(), ["seed", "seed.2"]);
    }

    #[test]
    fn an_edited_newer_or_foreign_file_says_so() {
        let text = sidecar().write().unwrap();
        for (text, expected) in [
            (
                text.replace("\"steps\": 25", "\"steps\": 26"),
                "hash differs",
            ),
            (
                text.replace("\"sidecar\": 1", "\"sidecar\": 7"),
                "update rushes",
            ),
            (
                "{\"1\": {}}".to_owned(),
                "not a sidecar of rushes (line 1): missing field `rushes`",
            ),
            ("x".to_owned(), "not a sidecar of rushes (line 1)"),
        ] {
            let error = Sidecar::read(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_order_of_nodes_does_not_change_the_hash() {
        let graph = library::find("sdxl").unwrap().graph.clone();
        let mut turned = graph.clone();
        turned.nodes.reverse();
        assert_eq!(graph_hash(&graph), graph_hash(&turned));
        turned.nodes["5"].inputs["steps"] = Value::from(1);
        assert_ne!(graph_hash(&graph), graph_hash(&turned));
    }
}
