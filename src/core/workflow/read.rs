//! What a file is: an editor file, a graph, a request, a history, a sidecar, or none of these.
//!
//! People bring what they have. Nothing is converted here; the caller learns which form it is, gets the
//! graph where there is one, and the editor's original where there is one.

mod error;
mod graph;
mod metadata;

use serde_json::{Map, Value};

use super::Graph;
use super::object_info::kind_of;

pub use error::ReadError;
pub use metadata::from_metadata;

/// Bytes that no honest workflow exceeds; the largest official template has 0.3 MB.
pub const USUAL_LIMIT: usize = 32 * 1024 * 1024;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The editor's own file; needs [`to_api`](super::convert::to_api).
    Ui(Value),
    /// A graph in API format.
    Api(Graph),
    /// The body of `POST /prompt`, or a graph embedded in a picture or clip.
    Request {
        /// What would be sent.
        graph: Graph,
        /// The editor file it came from, where it is carried along.
        workflow: Option<Value>,
    },
    /// Entries of a worker's `/history`, in the order given.
    History(Vec<Past>),
    /// A sidecar of ours: an object with the graph as sent under `graph`.
    Sidecar {
        /// The graph as it was sent.
        graph: Graph,
        /// The sidecar as a whole.
        whole: Value,
    },
}

/// One entry of a worker's `/history`.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The worker's id of the request.
    pub prompt_id: String,
    /// The graph as it was sent.
    pub graph: Graph,
    /// The editor file it came from, where the sender gave it.
    pub workflow: Option<Value>,
}

impl Found {
    /// Gives the graph to send, the newest one of a history; `None` for an editor file.
    #[must_use]
    pub fn graph(&self) -> Option<&Graph> {
        match self {
            Self::Ui(_) => None,
            Self::Api(graph) | Self::Request { graph, .. } | Self::Sidecar { graph, .. } => {
                Some(graph)
            }
            Self::History(past) => past.last().map(|past| &past.graph),
        }
    }

    /// Gives the editor's original, where there is one.
    #[must_use]
    pub fn workflow(&self) -> Option<&Value> {
        match self {
            Self::Ui(workflow) => Some(workflow),
            Self::Request { workflow, .. } => workflow.as_ref(),
            Self::History(past) => past.last().and_then(|past| past.workflow.as_ref()),
            Self::Api(_) | Self::Sidecar { .. } => None,
        }
    }

    /// Names the form for people.
    #[must_use]
    pub const fn form(&self) -> &'static str {
        match self {
            Self::Ui(_) => "editor file",
            Self::Api(_) => "API graph",
            Self::Request { .. } => "request",
            Self::History(_) => "history",
            Self::Sidecar { .. } => "sidecar",
        }
    }
}

/// Says what the bytes of a file are.
///
/// # Errors
/// When there are more than `limit` bytes, or they are no text, no JSON, or JSON of something else.
pub fn recognise(bytes: &[u8], limit: usize) -> Result<Found, ReadError> {
    if bytes.len() > limit {
        return Err(ReadError::TooLarge {
            size: bytes.len(),
            limit,
        });
    }
    if let Some(kind) = media_kind(bytes) {
        return Err(ReadError::Media { kind });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|fault| ReadError::NotText {
        offset: fault.valid_up_to(),
    })?;
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    from_value(parse(text)?)
}

/// Says what parsed JSON is.
///
/// # Errors
/// When it is JSON of something else, or a graph with a broken node.
pub fn from_value(value: Value) -> Result<Found, ReadError> {
    let Value::Object(map) = &value else {
        return Err(not_a_workflow(&value));
    };
    if is_editor_file(map) {
        return Ok(Found::Ui(value));
    }
    if let Some(Value::Object(nodes)) = map.get("graph")
        && graph::is_graph(nodes)
    {
        let graph = graph::read(nodes)?;
        return Ok(Found::Sidecar {
            graph,
            whole: value,
        });
    }
    if let Some(found) = request(map)? {
        return Ok(found);
    }
    if let Some(past) = history(map)? {
        return Ok(Found::History(past));
    }
    if map.is_empty() {
        return Err(ReadError::NoNodes);
    }
    if graph::is_graph(map) {
        return graph::read(map).map(Found::Api);
    }
    Err(not_a_workflow(&value))
}

/// Parses JSON, also Python's, which writes `NaN` where a node is always run anew.
fn parse(text: &str) -> Result<Value, ReadError> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(fault) => serde_json::from_str(&without_nan(text)).map_err(|_| ReadError::json(&fault)),
    }
}

/// Puts `null` where `NaN`, `Infinity` or `-Infinity` stands outside texts.
fn without_nan(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (index, part) in quoted_parts(text).into_iter().enumerate() {
        if index % 2 == 1 {
            plain.push_str(part);
        } else {
            let part = part.replace("-Infinity", "null");
            plain.push_str(&part.replace("Infinity", "null").replace("NaN", "null"));
        }
    }
    plain
}

/// Splits JSON into what is outside texts (even places) and the texts with their quotes (odd places).
fn quoted_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut inside = false;
    let mut from = 0;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        let closes = inside && byte == b'"' && !escaped;
        let opens = !inside && byte == b'"';
        escaped = inside && byte == b'\\' && !escaped;
        let cut = if opens { at } else { at + 1 };
        if (opens || closes)
            && let Some((part, after)) = rest.split_at_checked(cut - from)
        {
            parts.push(part);
            rest = after;
            from = cut;
            inside = opens;
        }
    }
    parts.push(rest);
    parts
}

/// Says whether an object is an editor file.
fn is_editor_file(map: &Map<String, Value>) -> bool {
    let marks = ["links", "last_node_id", "last_link_id", "definitions"];
    map.get("nodes").is_some_and(Value::is_array)
        && marks.iter().any(|mark| map.contains_key(*mark))
}

/// Reads the body of `POST /prompt`, or the pair that the editor makes of a graph and its own file.
fn request(map: &Map<String, Value>) -> Result<Option<Found>, ReadError> {
    let prompt = metadata::unpacked(map.get("prompt"))?;
    let output = map.get("output").filter(|_| map.contains_key("workflow"));
    let Some(Value::Object(nodes)) = prompt.as_deref().or(output) else {
        return Ok(None);
    };
    if !graph::is_graph(nodes) {
        return Ok(None);
    }
    let carried = map.get("extra_data").and_then(carried_workflow);
    let beside = metadata::unpacked(map.get("workflow"))?;
    let workflow = carried
        .cloned()
        .or(beside.map(std::borrow::Cow::into_owned));
    Ok(Some(Found::Request {
        graph: graph::read(nodes)?,
        workflow: workflow.filter(|workflow| workflow.as_object().is_some_and(is_editor_file)),
    }))
}

/// Reads one entry of `/history`, or several by id.
fn history(map: &Map<String, Value>) -> Result<Option<Vec<Past>>, ReadError> {
    if let Some(past) = past(map)? {
        return Ok(Some(vec![past]));
    }
    let mut all = Vec::new();
    for entry in map.values() {
        let Some(entry) = entry.as_object() else {
            return Ok(None);
        };
        match past(entry)? {
            Some(past) => all.push(past),
            None => return Ok(None),
        }
    }
    Ok(Some(all).filter(|all| !all.is_empty()))
}

/// Reads one entry: `prompt: [number, id, graph, extra data, outputs]`.
fn past(entry: &Map<String, Value>) -> Result<Option<Past>, ReadError> {
    let Some([_, Value::String(id), Value::Object(nodes), rest @ ..]) = entry
        .get("prompt")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return Ok(None);
    };
    let workflow = rest.first().and_then(carried_workflow);
    Ok(Some(Past {
        prompt_id: id.clone(),
        graph: graph::read(nodes)?,
        workflow: workflow.cloned(),
    }))
}

/// Finds the editor file in the extra data of a request.
fn carried_workflow(extra: &Value) -> Option<&Value> {
    let workflow = extra.get("extra_pnginfo")?.get("workflow")?;
    workflow
        .as_object()
        .is_some_and(is_editor_file)
        .then_some(workflow)
}

/// Words JSON that is something else, naming the tool where it can be told.
fn not_a_workflow(value: &Value) -> ReadError {
    match error::other_tool(value) {
        Some(tool) => ReadError::OtherTool { tool },
        None => ReadError::NotAWorkflow {
            found: kind_of(value),
        },
    }
}

/// Tells pictures and clips by their first bytes.
fn media_kind(bytes: &[u8]) -> Option<&'static str> {
    let riff = |form: &[u8]| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(form);
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("a PNG picture"),
        [0xff, 0xd8, 0xff, ..] => Some("a JPEG picture"),
        [b'G', b'I', b'F', b'8', ..] => Some("a GIF picture"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("a WebM or Matroska clip"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("an MP4 clip"),
        _ if riff(b"WEBP") => Some("a WebP picture"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
