//! What recorded workers keep in their history can be taken up again.

use std::path::Path;

use rushes::core::workflow::read::{Found, from_value};
use serde_json::Value;

use crate::shared::read_json;

/// Lists every answer to `GET /history…` and every body of `POST /prompt` that was accepted.
fn exchanges(transcript: &Value) -> Vec<(&str, &Value, &Value)> {
    let steps = transcript["steps"].as_array().unwrap().iter();
    steps
        .filter(|step| step["response"]["status"] == 200)
        .filter_map(|step| {
            let path = step["request"]["path"].as_str()?;
            let body = step["request"].get("json").or(step["request"].get("body"));
            Some((
                path,
                body.unwrap_or(&Value::Null),
                &step["response"]["body"],
            ))
        })
        .collect()
}

#[test]
fn every_recorded_history_and_request_is_recognised_and_carries_its_graph() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/transcripts");
    let (mut histories, mut requests) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let transcript = read_json(&path);
        for (route, asked, answered) in exchanges(&transcript) {
            let is_history = route.starts_with("/history");
            if is_history && answered.as_object().is_some_and(|map| !map.is_empty()) {
                let found = from_value(answered.clone());
                let Ok(Found::History(past)) = found else {
                    panic!("{}: {found:?}", path.display());
                };
                let ids: Vec<_> = past.iter().map(|past| &past.prompt_id).collect();
                let keys: Vec<_> = answered.as_object().unwrap().keys().collect();
                assert_eq!(ids, keys);
                histories += 1;
            } else if route == "/prompt" && asked["prompt"].is_object() {
                let found = from_value(asked.clone());
                assert!(
                    matches!(found, Ok(Found::Request { .. })),
                    "{}: {found:?}",
                    path.display()
                );
                requests += 1;
            }
        }
    }
    assert!(
        histories > 50 && requests > 50,
        "{histories} histories, {requests} requests"
    );
}
