//! Every form that people bring, and every message they can get.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;

/// Recognises JSON with the usual limit.
fn of(value: &Value) -> Result<Found, ReadError> {
    recognise(value.to_string().as_bytes(), USUAL_LIMIT)
}

/// A graph of one node.
fn graph() -> Value {
    json!({"1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}, "_meta": {"title": "S"}}})
}

/// An editor file of one node.
fn editor() -> Value {
    json!({"nodes": [{"id": 1, "type": "SaveImage"}], "links": [], "version": 0.4})
}

#[test]
fn each_form_is_told_from_the_others() {
    let entry = json!([3, "id-7", graph(), {"extra_pnginfo": {"workflow": editor()}}, ["1"]]);
    for (given, form, has_original) in [
        (editor(), "editor file", true),
        (graph(), "API graph", false),
        (
            json!({"prompt": graph(), "client_id": "x"}),
            "request",
            false,
        ),
        (
            json!({"prompt": graph(), "extra_data": {"extra_pnginfo": {"workflow": editor()}}}),
            "request",
            true,
        ),
        (
            json!({"output": graph(), "workflow": editor()}),
            "request",
            true,
        ),
        (
            json!({"prompt": graph().to_string(), "workflow": editor().to_string()}),
            "request",
            true,
        ),
        (
            json!({"prompt": entry, "outputs": {}, "status": {}}),
            "history",
            true,
        ),
        (
            json!({"id-7": {"prompt": [1, "id-7", graph(), {}, []], "outputs": {}}}),
            "history",
            false,
        ),
        (
            json!({"rushes": 1, "graph": graph(), "worker": "gpu1"}),
            "sidecar",
            false,
        ),
    ] {
        let found = of(&given).unwrap_or_else(|why| panic!("{given}: {why}"));
        assert_eq!(found.form(), form, "{given}");
        assert_eq!(found.workflow().is_some(), has_original, "{given}");
        assert_eq!(found.graph().is_none(), form == "editor file", "{given}");
    }
}

#[test]
fn the_newest_of_a_history_is_the_graph_to_send_again() {
    let entry = |id: &str, text: &str| json!({"prompt": [1, id, {"9": {"class_type": text, "inputs": {}}}, {}, []]});
    let found = of(&json!({"old": entry("old", "A"), "new": entry("new", "B")})).unwrap();
    assert_eq!(found.graph().unwrap().nodes["9"].class_type, "B");
    let Found::History(past) = found else {
        panic!("{found:?}")
    };
    let ids: Vec<_> = past.iter().map(|past| past.prompt_id.as_str()).collect();
    assert_eq!(ids, ["old", "new"]);
}

#[test]
fn a_prompt_written_by_python_with_nan_is_still_read() {
    let text = r#"{"1": {"class_type": "A", "is_changed": [NaN, -Infinity],
        "inputs": {"text": "NaN \" Infinity", "x": Infinity}}}"#;
    let found = recognise(text.as_bytes(), USUAL_LIMIT).unwrap();
    let inputs = &found.graph().unwrap().nodes["1"].inputs;
    assert_eq!(inputs["text"], json!("NaN \" Infinity"));
    assert_eq!(inputs["x"], Value::Null);
}

#[test]
fn pictures_and_clips_give_the_graph_that_ran_and_keep_the_original() {
    let map = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, text)| ((*key).to_owned(), text.clone()))
            .collect()
    };
    let (graph, editor) = (graph().to_string(), editor().to_string());
    let both = json!({"prompt": graph, "workflow": super::tests::editor()}).to_string();
    for (texts, form, has_original) in [
        (
            map(&[("prompt", graph.clone()), ("workflow", editor.clone())]),
            "request",
            true,
        ),
        (map(&[("Prompt", graph.clone())]), "request", false),
        (map(&[("workflow", editor.clone())]), "editor file", true),
        (
            map(&[("comment", both), ("encoder", "Lavf".to_owned())]),
            "request",
            true,
        ),
        (
            map(&[("prompt", "null".to_owned()), ("workflow", editor)]),
            "editor file",
            true,
        ),
    ] {
        let found = from_metadata(&texts).unwrap_or_else(|why| panic!("{texts:?}: {why}"));
        assert_eq!(found.form(), form, "{texts:?}");
        assert_eq!(found.workflow().is_some(), has_original, "{texts:?}");
    }
    let other = map(&[
        ("parameters", "a cat\nSteps: 20".to_owned()),
        ("dpi\u{1b}[2J", String::new()),
    ]);
    insta::assert_snapshot!(from_metadata(&other).unwrap_err(), @"the metadata holds no workflow (found: dpi[2J, parameters); ComfyUI writes it as `prompt` and `workflow` unless started with --disable-metadata");
    insta::assert_snapshot!(from_metadata(&map(&[])).unwrap_err(), @"the metadata holds no workflow (found: nothing); ComfyUI writes it as `prompt` and `workflow` unless started with --disable-metadata");
    insta::assert_snapshot!(from_metadata(&map(&[("prompt", "{".to_owned())])).unwrap_err(), @"the file is not JSON: line 1, column 1: EOF while parsing an object");
}

#[test]
fn a_bad_file_gets_a_message_that_says_what_to_do() {
    let told = |bytes: &[u8]| recognise(bytes, 1024 * 1024).unwrap_err().to_string();
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    let mut large = b"[".to_vec();
    large.resize(100 * 1024 * 1024, b' ');
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("empty", b"".to_vec()),
        ("only space", b" \n\t".to_vec()),
        ("100 MB", large),
        ("invalid UTF-8", b"{\"a\": \"\xff\"}".to_vec()),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("not JSON", b"{\"1\": {\n  \"class_type\": oops}}".to_vec()),
        ("cut off", b"{\"1\": {\"class_type\":".to_vec()),
        ("a web page", b"<!doctype html>".to_vec()),
        ("deep nesting", deep.into_bytes()),
        ("a picture", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("a clip", b"\0\0\0\x20ftypisom".to_vec()),
        ("a number", b"7".to_vec()),
        ("an array", b"[]".to_vec()),
        ("no nodes", b"{}".to_vec()),
        ("another shape", b"{\"nodes\": {\"a\": 1}}".to_vec()),
        (
            "InvokeAI",
            br#"{"name": "x", "nodes": [], "edges": []}"#.to_vec(),
        ),
        ("n8n", br#"{"nodes": [], "connections": {}}"#.to_vec()),
        (
            "node definitions",
            br#"{"KSampler": {"input": {}}}"#.to_vec(),
        ),
        (
            "no class",
            br#"{"1": {"class_type": "A"}, "5\u001b[31m": {"inputs": {}}}"#.to_vec(),
        ),
        (
            "odd inputs",
            br#"{"1": {"class_type": "A", "inputs": [1]}}"#.to_vec(),
        ),
    ];
    let messages: Vec<String> = table
        .iter()
        .map(|(name, bytes)| format!("{name}: {}", told(bytes)))
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r#"
    empty: the file is empty; save the workflow again
    only space: the file is empty; save the workflow again
    100 MB: the file has 100.0 MB, more than the 1.0 MB allowed for a workflow; is it the right file?
    invalid UTF-8: the file is not UTF-8 text (first fault at byte 7); save it as UTF-8
    UTF-16: the file is not UTF-8 text (first fault at byte 0); save it as UTF-8
    not JSON: the file is not JSON: line 2, column 17: expected value
    cut off: the file is not JSON: line 1, column 20: EOF while parsing a value
    a web page: the file is not JSON: line 1, column 1: expected value
    deep nesting: the JSON is nested more than 127 deep (line 1, column 128); no workflow is
    a picture: the file is a PNG picture, not JSON: its metadata has to be read instead
    a clip: the file is an MP4 clip, not JSON: its metadata has to be read instead
    a number: this is JSON (a number), but neither a ComfyUI editor file (`nodes` and `links`) nor a graph (nodes with `class_type`)
    an array: this is JSON (an array), but neither a ComfyUI editor file (`nodes` and `links`) nor a graph (nodes with `class_type`)
    no nodes: the graph has no nodes; export the workflow again
    another shape: this is JSON (an object), but neither a ComfyUI editor file (`nodes` and `links`) nor a graph (nodes with `class_type`)
    InvokeAI: this is an InvokeAI workflow, not a ComfyUI workflow; rushes takes files saved or exported by ComfyUI
    n8n: this is an n8n workflow, not a ComfyUI workflow; rushes takes files saved or exported by ComfyUI
    node definitions: this is an answer of /object_info (node definitions), not a ComfyUI workflow; rushes takes files saved or exported by ComfyUI
    no class: node 5[31m of the graph has no `class_type`: its pack was missing when the graph was exported; export the workflow again
    odd inputs: node 1 of the graph has `inputs` that are not an object; export the workflow again
    "#);
}
