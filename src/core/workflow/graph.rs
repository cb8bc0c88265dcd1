//! A graph in API format: what `POST /prompt` takes.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Id of a node in a graph: any string, such as `"12"` or `"57:8"`.
pub type NodeId = String;

/// A workflow graph in `ComfyUI`'s API format, nodes in the order they were written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Graph {
    /// Nodes by id.
    pub nodes: IndexMap<NodeId, Node>,
}

/// One box of a workflow graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Class as in `/object_info`, such as `KSampler`.
    pub class_type: String,
    /// Inputs by name: a value, or a link `[node id, output index]`.
    #[serde(default)]
    pub inputs: Map<String, Value>,
    /// `_meta`, of which only `title` means anything to us.
    ///
    /// Servers of mid-2026 answer 500 to some retired nodes that lack it, so senders fill it in.
    #[serde(rename = "_meta", default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
}

impl Graph {
    /// Gives every node without a title the name of its class, as servers of mid-2026 want.
    pub fn fill_titles(&mut self) {
        for node in self.nodes.values_mut() {
            let title = || Value::from(node.class_type.as_str());
            node.meta
                .get_or_insert_default()
                .entry("title")
                .or_insert_with(title);
        }
    }
}
