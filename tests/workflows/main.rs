//! Workflows against recorded facts: the older pipeline's vectors, real servers' definitions and answers.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic in a test is its verdict"
)]

use std::io::Read;

mod judged;
mod ladder;
mod loose;
mod meaning;
mod properties;
mod servers;
mod shipped;
mod templates;
mod vectors;

/// Reads one of the recorded vector files.
fn vector(name: &str) -> serde_json::Value {
    let path = format!(
        "{}/tests/workflows/vectors/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Lists the `in` and `out` of a vector file's cases.
fn cases(name: &str) -> Vec<(serde_json::Value, serde_json::Value)> {
    let file = vector(name);
    let cases = file["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    cases
        .iter()
        .map(|case| (case["in"].clone(), case["out"].clone()))
        .collect()
}

/// Reads the recordings of one server version, by name.
fn transcripts(version: &str) -> Vec<(String, serde_json::Value)> {
    let folder = format!("{}/tests/wire/transcripts", env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(&format!("{version}.json")) {
            let text = std::fs::read_to_string(path).unwrap();
            found.push((name, serde_json::from_str(&text).unwrap()));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// Reads the definitions of a `ComfyUI` 0.27.0 server and of the common packs.
fn definitions() -> rushes::core::workflow::ObjectInfo {
    let mut all = read_definitions("object_info.json.gz");
    all.merge(read_definitions("object_info_packs.json.gz"));
    all
}

fn read_definitions(name: &str) -> rushes::core::workflow::ObjectInfo {
    rushes::core::workflow::ObjectInfo::parse(&unpacked(name)).unwrap()
}

/// Reads a packed file of `tests/convert`, which holds what servers and the editor were recorded to say.
fn unpacked(name: &str) -> String {
    let path = format!("{}/tests/convert/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text
}
