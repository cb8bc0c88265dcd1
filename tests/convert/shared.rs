//! Reading the recorded files and comparing graphs as `POST /prompt` would see them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use rushes::core::workflow::ObjectInfo;
use serde_json::Value;

/// Gives a path beside this file.
pub(crate) fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/convert")
        .join(name)
}

/// Reads a text, packed or not.
pub(crate) fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    if path.extension().is_none_or(|ending| ending != "gz") {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// Reads JSON, packed or not.
pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Lists the files of a folder by name.
pub(crate) fn folder(name: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(here(name)).unwrap();
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The classes of a ComfyUI 0.27.0 with four custom packs.
pub(crate) fn classes() -> &'static ObjectInfo {
    static CLASSES: LazyLock<ObjectInfo> = LazyLock::new(|| {
        let mut known = ObjectInfo::parse(&text(&here("object_info.json.gz"))).unwrap();
        known.merge(ObjectInfo::parse(&text(&here("object_info_packs.json.gz"))).unwrap());
        known
    });
    &CLASSES
}

/// Makes graphs comparable: no `_meta`, numbers by value.
pub(crate) fn plain(graph: &Value) -> Value {
    match graph {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "_meta")
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Null | Value::Bool(_) | Value::String(_) => graph.clone(),
    }
}

/// Lists how two graphs differ, one line per input; empty when they are the same.
pub(crate) fn differences(ours: &Value, theirs: &Value) -> Vec<String> {
    let (ours, theirs) = (plain(ours), plain(theirs));
    let mut lines = Vec::new();
    compare("", &ours, &theirs, &mut lines);
    lines
}

fn compare(at: &str, ours: &Value, theirs: &Value, lines: &mut Vec<String>) {
    if let (Value::Object(mine), Value::Object(other)) = (ours, theirs) {
        for (key, value) in mine {
            let there = other.get(key).unwrap_or(&Value::Null);
            if other.contains_key(key) {
                compare(&format!("{at}/{key}"), value, there, lines);
            } else {
                lines.push(format!("{at}/{key}: only ours: {value}"));
            }
        }
        for (key, value) in other {
            if !mine.contains_key(key) {
                lines.push(format!("{at}/{key}: only theirs: {value}"));
            }
        }
    } else if ours != theirs {
        lines.push(format!("{at}: ours {ours}, theirs {theirs}"));
    }
}
