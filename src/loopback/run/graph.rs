//! The graph of one running job: its own nodes and those that come at run time.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Progress, order::Graph};
use crate::loopback::{
    heap::Entry,
    node::{Expansion, Inputs, Slot, tensor},
    python,
    server::Server,
};

/// Deepest chain of nodes a signature follows.
const DEPTH: usize = 256;

/// One node as it will run.
#[derive(Debug)]
struct Node {
    class: String,
    inputs: Map<String, Value>,
    /// The node that turned into this one.
    parent: Option<String>,
    output: bool,
    /// What the file it loads looks like now, so that a changed file is loaded again.
    file: Option<String>,
    /// Names of the inputs its class has; a value under another name never reaches it.
    known: HashSet<String>,
}

/// All nodes of a job.
#[derive(Debug)]
pub(super) struct Nodes {
    all: IndexMap<String, Node>,
    expanded: HashMap<String, Vec<(String, usize)>>,
    kept: HashSet<String>,
    lazy: HashMap<String, HashSet<String>>,
    signatures: HashMap<String, String>,
    hidden: HashMap<String, Vec<String>>,
}

impl Nodes {
    pub(super) fn read(server: &Server, prompt: &Value) -> Self {
        let mut graph = Self {
            all: IndexMap::new(),
            expanded: HashMap::new(),
            kept: HashSet::new(),
            lazy: HashMap::new(),
            signatures: HashMap::new(),
            hidden: HashMap::new(),
        };
        for (id, node) in prompt.as_object().into_iter().flatten() {
            graph.add(id, node, None);
        }
        for (id, node) in &mut graph.all {
            node.output = server.catalog.is_output(&node.class);
            node.file = loaded_file(server, node);
            let inputs = server.catalog.inputs(&node.class, &node.inputs);
            node.known = inputs.iter().map(|input| input.name.clone()).collect();
            let lazy = inputs
                .iter()
                .filter(|input| input.options.get("lazy") == Some(&Value::Bool(true)));
            let lazy: HashSet<String> = lazy.map(|input| input.name.clone()).collect();
            if !lazy.is_empty() {
                graph.lazy.insert(id.clone(), lazy);
            }
            graph
                .hidden
                .insert(id.clone(), server.catalog.hidden(&node.class));
        }
        let mut signatures = HashMap::new();
        for id in graph.all.keys() {
            graph.sign(id, 0, &mut signatures);
        }
        graph.signatures = signatures;
        graph
    }

    fn add(&mut self, id: &str, node: &Value, parent: Option<&str>) {
        let class = node.get("class_type").and_then(Value::as_str).unwrap_or("");
        let inputs = node.get("inputs").and_then(Value::as_object);
        self.all.insert(
            id.to_owned(),
            Node {
                class: class.to_owned(),
                inputs: inputs.cloned().unwrap_or_default(),
                parent: parent.map(str::to_owned),
                output: matches!(class, "SaveImage" | "PreviewImage") && parent.is_some(),
                file: None,
                known: HashSet::new(),
            },
        );
    }

    /// Lists the ids of the prompt itself, in its order.
    pub(super) fn own_ids(&self) -> impl Iterator<Item = &String> {
        self.all
            .iter()
            .filter(|(_, node)| node.parent.is_none())
            .map(|(id, _)| id)
    }

    pub(super) fn is_own(&self, id: &str) -> bool {
        self.all.get(id).is_some_and(|node| node.parent.is_none())
    }

    pub(super) fn shows(&self, id: &str) -> bool {
        self.all.get(id).is_some_and(|node| node.output)
    }

    pub(super) fn class(&self, id: &str) -> &str {
        self.all.get(id).map_or("", |node| &node.class)
    }

    /// Names the node a person sees for this one.
    pub(super) fn display<'a>(&'a self, id: &'a str) -> &'a str {
        self.real(id)
    }

    /// Names the node of the prompt that this one came from.
    pub(super) fn real<'a>(&'a self, id: &'a str) -> &'a str {
        let mut id = id;
        while let Some(parent) = self.all.get(id).and_then(|node| node.parent.as_deref()) {
            id = parent;
        }
        id
    }

    fn parent(&self, id: &str) -> Option<&str> {
        self.all.get(id)?.parent.as_deref()
    }

    /// Marks a node whose result the cache holds.
    pub(super) fn keep(&mut self, id: &str) {
        self.kept.insert(id.to_owned());
    }

    pub(super) fn is_kept(&self, id: &str) -> bool {
        self.kept.contains(id)
    }

    /// Puts the nodes of an expansion in; returns their ids.
    pub(super) fn expand(&mut self, id: &str, expansion: Expansion) -> Vec<String> {
        for (inner, node) in &expansion.nodes {
            self.add(inner, node, Some(id));
        }
        self.expanded.insert(id.to_owned(), expansion.outputs);
        expansion.nodes.into_keys().collect()
    }

    /// Lists what stands for the outputs of an expanded node.
    pub(super) fn expanded(&self, id: &str) -> Option<Vec<(String, usize)>> {
        self.expanded.get(id).cloned()
    }

    /// Finds the lazy link that a switch turns out to need and that has not been made yet.
    pub(super) fn open_lazy(
        &mut self,
        id: &str,
        results: &HashMap<String, Vec<Slot>>,
    ) -> Option<Vec<String>> {
        let lazy = self.lazy.get(id)?;
        let inputs = self.inputs(id, results);
        let chosen = if inputs.value("switch") == Some(&Value::Bool(true)) {
            "on_true"
        } else {
            "on_false"
        };
        let link = self.all.get(id)?.inputs.get(chosen);
        let (from, _) = linked(link?)?;
        if !lazy.contains(chosen) || results.contains_key(from) {
            return None;
        }
        Some(vec![from.to_owned()])
    }

    /// Collects a node's inputs with links followed.
    pub(super) fn inputs(&self, id: &str, results: &HashMap<String, Vec<Slot>>) -> Inputs {
        let Some(node) = self.all.get(id) else {
            return Inputs::default();
        };
        let follow = |(name, value): (&String, &Value)| {
            let slot = match linked(value) {
                None if !node.known.is_empty() && !node.known.contains(name) => return None,
                None => Slot::Value(value.clone()),
                Some((from, slot)) => results.get(from)?.get(slot)?.clone(),
            };
            Some((name.clone(), slot))
        };
        Inputs(node.inputs.iter().filter_map(follow).collect())
    }

    /// Names the class and all inputs of a node of the prompt, upstream nodes included.
    pub(super) fn signature(&self, id: &str) -> String {
        self.signatures.get(id).cloned().unwrap_or_default()
    }

    fn sign(&self, id: &str, depth: usize, known: &mut HashMap<String, String>) -> String {
        if let Some(signature) = known.get(id) {
            return signature.clone();
        }
        let Some(node) = self.all.get(id).filter(|_| depth < DEPTH) else {
            return String::new();
        };
        let mut hash = blake3::Hasher::new();
        hash.update(node.class.as_bytes());
        hash.update(node.file.as_deref().unwrap_or("").as_bytes());
        if node.class == "LabProgressText" {
            hash.update(id.as_bytes());
        }
        for (name, value) in &node.inputs {
            hash.update(name.as_bytes());
            match linked(value) {
                Some((from, slot)) if from != id => {
                    hash.update(self.sign(from, depth + 1, known).as_bytes());
                    hash.update(&slot.to_le_bytes());
                }
                _ => {
                    hash.update(value.to_string().as_bytes());
                }
            }
        }
        let signature = hash.finalize().to_hex().to_string();
        known.insert(id.to_owned(), signature.clone());
        signature
    }

    /// Shows where a node stands, as history's `meta` does.
    pub(super) fn meta(&self, id: &str) -> Value {
        json!({
            "node_id": id, "display_node": self.display(id),
            "parent_node": self.parent(id), "real_node_id": self.real(id)
        })
    }

    /// Shows the ids that come with a preview.
    pub(super) fn preview_ids(&self, id: &str, prompt_id: &str) -> Value {
        json!({
            "node_id": id, "prompt_id": prompt_id, "display_node_id": self.display(id),
            "parent_node_id": self.parent(id), "real_node_id": self.real(id)
        })
    }

    pub(super) fn progress(&self, id: &str, prompt_id: &str, progress: &Progress) -> Value {
        json!({
            "value": progress.value, "max": progress.max,
            "state": if progress.finished { "finished" } else { "running" },
            "node_id": id, "prompt_id": prompt_id, "display_node_id": self.display(id),
            "parent_node_id": self.parent(id), "real_node_id": self.real(id)
        })
    }

    /// Spells the inputs of a failed node as `execution_error` shows them: each a list of one.
    pub(super) fn current_inputs(
        &self,
        id: &str,
        results: &HashMap<String, Vec<Slot>>,
        entry: &Entry,
    ) -> Value {
        let mut shown = Map::new();
        for (name, slot) in self.inputs(id, results).0 {
            let value = match slot {
                Slot::Value(value @ (Value::Object(_) | Value::Array(_))) => {
                    python::text(&value).into()
                }
                Slot::Value(value) => value,
                Slot::Thing(facts) => tensor(&facts).into(),
                Slot::Blocked(_) => Value::Null,
            };
            shown.insert(name, json!([value]));
        }
        for name in self.hidden.get(id).into_iter().flatten() {
            let value = match name.as_str() {
                "prompt" => json!(python::text(&entry.prompt)),
                "extra_pnginfo" => match entry.extra.get("extra_pnginfo") {
                    Some(value @ Value::Object(_)) => json!(python::text(value)),
                    Some(value) => value.clone(),
                    None => Value::Null,
                },
                "unique_id" => json!(id),
                _ => continue,
            };
            shown.insert(name.clone(), json!([value]));
        }
        shown.into()
    }
}

impl Graph for Nodes {
    fn needs(&self, id: &str) -> Vec<String> {
        let Some(node) = self.all.get(id) else {
            return Vec::new();
        };
        let lazy = self.lazy.get(id);
        let strong = |name: &String| !lazy.is_some_and(|lazy| lazy.contains(name));
        node.inputs
            .iter()
            .filter(|(name, _)| strong(name))
            .filter_map(|(_, value)| Some(linked(value)?.0.to_owned()))
            .filter(|from| self.all.contains_key(from))
            .collect()
    }

    fn is_cached(&self, id: &str) -> bool {
        self.kept.contains(id)
    }

    fn is_output(&self, id: &str) -> bool {
        self.shows(id)
    }
}

/// Reads `[node id, slot]`.
fn linked(value: &Value) -> Option<(&str, usize)> {
    match value.as_array()?.as_slice() {
        [Value::String(from), slot] => Some((from, usize::try_from(slot.as_u64()?).ok()?)),
        _ => None,
    }
}

fn loaded_file(server: &Server, node: &Node) -> Option<String> {
    if !node.class.contains("Load") {
        return None;
    }
    let named = ["image", "file", "video", "audio"];
    let name = named
        .iter()
        .find_map(|name| node.inputs.get(*name)?.as_str())?;
    let about = std::fs::metadata(server.files.annotated(name)?).ok()?;
    Some(format!("{} {:?}", about.len(), about.modified().ok()))
}
