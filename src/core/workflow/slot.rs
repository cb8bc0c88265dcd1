//! Slots: the inputs of a graph that may be set, under names that mean something.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::graph::{Graph, Node, NodeId};

/// One input of one node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Binding {
    /// Node that owns the input.
    pub node: NodeId,
    /// Input name as in `/object_info`, dotted for new-style inputs (`resize_type.width`).
    pub input: String,
}

impl Binding {
    /// Reads `NODE.INPUT`, cut at the first dot.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (node, input) = text.split_once('.')?;
        (!node.is_empty() && !input.is_empty()).then(|| Self {
            node: node.to_owned(),
            input: input.to_owned(),
        })
    }

    /// Reads `NODE.INPUT` where the node exists in `graph`, so that node ids may hold dots themselves.
    #[must_use]
    pub fn find(text: &str, graph: &Graph) -> Option<Self> {
        text.match_indices('.')
            .filter_map(|(at, _)| Some((text.get(..at)?, text.get(at + 1..)?)))
            .find(|(node, input)| !input.is_empty() && graph.nodes.contains_key(*node))
            .map(|(node, input)| Self {
                node: node.to_owned(),
                input: input.to_owned(),
            })
    }

    /// Reads what the graph holds at this place.
    #[must_use]
    pub fn value<'a>(&self, graph: &'a Graph) -> Option<&'a Value> {
        graph.nodes.get(&self.node)?.inputs.get(&self.input)
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.node, self.input)
    }
}

/// What a slot takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlotKind {
    /// Whole number.
    Int,
    /// Number.
    Float,
    /// Free text.
    Text,
    /// `true` or `false`.
    Bool,
    /// One of a list; any text when the list is not known.
    Choice,
    /// Name of an image in the worker's input folder.
    Image,
    /// Name of a video in the worker's input folder.
    Video,
    /// Name of a sound in the worker's input folder.
    Audio,
    /// Random seed, 0 to 2^64-1.
    Seed,
}

impl SlotKind {
    /// Names the kind in a sentence.
    #[must_use]
    pub const fn wants(self) -> &'static str {
        match self {
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Text => "text",
            Self::Bool => "true or false",
            Self::Choice => "one of its choices",
            Self::Image => "the name of an image",
            Self::Video => "the name of a video",
            Self::Audio => "the name of a sound",
            Self::Seed => "a whole number from 0 to 18446744073709551615",
        }
    }

    /// Says whether the value names a file that has to be on the worker.
    #[must_use]
    pub const fn is_file(self) -> bool {
        match self {
            Self::Image | Self::Video | Self::Audio => true,
            Self::Int | Self::Float | Self::Text | Self::Bool | Self::Choice | Self::Seed => false,
        }
    }
}

/// An input that may be set, with everything a person needs to set it right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Stable name, such as `prompt`, `width` or `lora.2.strength`.
    pub name: String,
    /// Places that take the value; the first one is shown.
    pub bind: Vec<Binding>,
    /// What it takes.
    pub kind: SlotKind,
    /// Unit of the number: `px`, `frames`, `fps`, `steps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Value the graph came with.
    #[serde(default)]
    pub default: Option<Value>,
    /// Smallest number.
    #[serde(default)]
    pub min: Option<f64>,
    /// Greatest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// Step between good numbers; servers do not refuse others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// Values of a choice; empty when not known.
    #[serde(default)]
    pub choices: Vec<Value>,
    /// One or two sentences.
    #[serde(default)]
    pub help: String,
    /// True when the graph is useless before this is set.
    #[serde(default)]
    pub required: bool,
    /// Piece of a text, such as `{animal}`, that the value replaces; `None` to replace the whole value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

impl Slot {
    /// Makes a slot without limits.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: SlotKind, bind: Vec<Binding>) -> Self {
        Self {
            name: name.into(),
            bind,
            kind,
            unit: None,
            default: None,
            min: None,
            max: None,
            step: None,
            choices: Vec::new(),
            help: String::new(),
            required: false,
            within: None,
        }
    }

    /// Reads the value that the graph holds now.
    #[must_use]
    pub fn value<'a>(&self, graph: &'a Graph) -> Option<&'a Value> {
        self.bind.iter().find_map(|bind| bind.value(graph))
    }

    /// Describes the slot as `rushes workflow slots` prints it.
    #[must_use]
    pub fn row<'a>(&'a self, graph: &'a Graph) -> SlotRow<'a> {
        let first = self.bind.first();
        SlotRow {
            slot: &self.name,
            node: first.map_or("", |bind| bind.node.as_str()),
            class: first
                .and_then(|bind| graph.nodes.get(&bind.node))
                .map_or("", |node| node.class_type.as_str()),
            input: first.map_or("", |bind| bind.input.as_str()),
            kind: self.kind,
            value: self.value(graph),
            choices: &self.choices,
            min: self.min,
            max: self.max,
            step: self.step,
            unit: self.unit.as_deref(),
            required: self.required,
            bind: self.bind.iter().map(ToString::to_string).collect(),
            help: &self.help,
        }
    }
}

/// A slot as `rushes workflow slots --json` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlotRow<'a> {
    /// Name.
    pub slot: &'a str,
    /// Node of the first place.
    pub node: &'a str,
    /// Class of that node.
    pub class: &'a str,
    /// Input of the first place.
    pub input: &'a str,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: SlotKind,
    /// Value in the graph now.
    pub value: Option<&'a Value>,
    /// Values of a choice.
    pub choices: &'a [Value],
    /// Smallest number.
    pub min: Option<f64>,
    /// Greatest number.
    pub max: Option<f64>,
    /// Step between good numbers.
    pub step: Option<f64>,
    /// Unit of the number.
    pub unit: Option<&'a str>,
    /// True when it has to be set.
    pub required: bool,
    /// All places, as `NODE.INPUT`.
    pub bind: Vec<String>,
    /// What it is for.
    pub help: &'a str,
}

/// Reads a link `[node id, output index]`, the only shape that servers resolve.
#[must_use]
pub fn link(value: &Value) -> Option<(&str, u64)> {
    let pair = value.as_array()?;
    match pair.as_slice() {
        [Value::String(node), index] => Some((node, index.as_u64()?)),
        _ => None,
    }
}

impl Node {
    /// Names the node for people: its title, else its class.
    #[must_use]
    pub fn title(&self) -> &str {
        self.meta
            .as_ref()
            .and_then(|meta| meta.get("title"))
            .and_then(Value::as_str)
            .unwrap_or(&self.class_type)
    }

    /// Lists the linked inputs as `(input, node, output index)`.
    pub fn links(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.inputs.iter().filter_map(|(name, value)| {
            let (node, index) = link(value)?;
            Some((name.as_str(), node, index))
        })
    }
}
