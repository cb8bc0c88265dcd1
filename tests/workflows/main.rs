//! Workflows against recorded facts: the older pipeline's vectors, real servers' definitions and answers.

mod ladder;
mod shipped;
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
