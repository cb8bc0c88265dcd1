//! The recordings, as steps.

use std::path::PathBuf;
use std::sync::LazyLock;

use bytes::Bytes;
use rushes::comfy::{Event, HistoryEntry};
use serde_json::{Value, json};
use uuid::Uuid;

/// One recorded scenario on one server.
pub(super) struct Tape {
    pub(super) scenario: String,
    pub(super) version: String,
    pub(super) steps: Vec<Value>,
}

/// One recorded call and its answer.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) request: &'a Value,
    pub(super) response: &'a Value,
    pub(super) note: &'a str,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire/transcripts")
}

/// All recordings, by name.
pub(super) fn all() -> &'static [Tape] {
    static ALL: LazyLock<Vec<Tape>> =
        LazyLock::new(|| paths().iter().map(|path| read(path)).collect());
    assert_eq!(ALL.len(), 87, "all recordings are there");
    &ALL
}

/// The recordings of one scenario, such as `s01`: one per server version it was recorded on.
pub(super) fn both(prefix: &str) -> Vec<Tape> {
    let name = format!("{prefix}-");
    let mut paths = paths();
    paths.retain(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(&name)
    });
    assert!(!paths.is_empty(), "{prefix} was recorded");
    paths.iter().map(|path| read(path)).collect()
}

fn paths() -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    paths
}

fn read(path: &std::path::Path) -> Tape {
    let mut tape: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Tape {
        scenario: tape["scenario"].as_str().unwrap().to_owned(),
        version: tape["comfyui_version"].as_str().unwrap().to_owned(),
        steps: serde_json::from_value(tape["steps"].take()).unwrap(),
    }
}

impl Tape {
    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.scenario, self.version)
    }

    /// The calls that were answered.
    pub(super) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.steps
            .iter()
            .filter(|step| step["kind"] == "http" && step["response"].is_object())
            .map(|step| Call {
                method: step["request"]["method"].as_str().unwrap(),
                path: step["request"]["path"].as_str().unwrap(),
                request: &step["request"],
                response: &step["response"],
                note: step["note"].as_str().unwrap_or(""),
            })
    }

    /// The prompts that were posted and accepted, in order: id and request.
    pub(super) fn accepted(&self) -> Vec<(Uuid, &Value)> {
        self.calls()
            .filter(|call| {
                call.method == "POST" && call.path == "/prompt" && call.response["status"] == 200
            })
            .filter_map(|call| {
                Some((
                    call.response["body"]["prompt_id"].as_str()?.parse().ok()?,
                    &call.request["body"],
                ))
            })
            .collect()
    }

    /// The last history entry that was read of a prompt.
    pub(super) fn history(&self, id: Uuid) -> Option<HistoryEntry> {
        self.calls()
            .filter(|call| call.path.starts_with("/history/"))
            .filter_map(|call| rushes::comfy::wire::read_history(&call.response["body"], id))
            .last()
    }

    /// What a socket heard, as the client understands it, beside what was recorded.
    pub(super) fn heard(&self) -> impl Iterator<Item = (&Value, Event)> {
        self.steps
            .iter()
            .filter(|step| step["dir"] == "in")
            .filter_map(|step| match step["kind"].as_str()? {
                "ws_text" => Some((
                    step,
                    Event::from_text(step["message"].to_string().as_bytes()),
                )),
                "ws_binary" => Some((step, Event::from_binary(&frame(step)))),
                _ => None,
            })
    }

    /// What one socket heard.
    pub(super) fn events(&self, socket: &str) -> Vec<Event> {
        self.heard()
            .filter(|(step, _)| step["socket"] == socket)
            .map(|(_, event)| event)
            .collect()
    }
}

/// Builds a binary frame again: the recording keeps its start and what was decoded, pictures are left out.
fn frame(step: &Value) -> Bytes {
    let start = base64(step["b64"].as_str().unwrap());
    if step["b64_truncated"] == json!(false) {
        return start.into();
    }
    let decoded = &step["decoded"];
    let head = match decoded["event_type"].as_u64().unwrap() {
        1 => start[..8].to_vec(),
        4 => {
            let announced =
                usize::try_from(u32::from_be_bytes(start[4..8].try_into().unwrap())).unwrap();
            assert_eq!(decoded["metadata_len"], announced);
            // Python puts a space after each colon and comma; the recorded start shows the same bytes.
            let metadata = decoded["metadata"]
                .to_string()
                .replace("\":", "\": ")
                .replace(",\"", ", \"");
            assert_eq!(metadata.len(), announced, "{metadata}");
            assert!(metadata.as_bytes().starts_with(&start[8..]));
            [&start[..8], metadata.as_bytes()].concat()
        }
        other => panic!("no frame of type {other} was recorded in part"),
    };
    let size = usize::try_from(step["size"].as_u64().unwrap()).unwrap();
    let image = usize::try_from(decoded["image_len"].as_u64().unwrap()).unwrap();
    assert_eq!(head.len() + image, size);
    [head, vec![0; image]].concat().into()
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is no base64"),
    };
    let plain = text.trim_end_matches('=');
    let mut bytes = Vec::new();
    for chunk in plain.as_bytes().chunks(4) {
        let bits = chunk.iter().fold(0, |bits, &c| bits << 6 | digit(c)) << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}
