//! What is no workflow says so, with what to do, and exit code 3.

use std::fs;

use image::{Rgb, RgbImage};
use rushes::media::still;
use serde_json::json;

use super::desk::Desk;

/// A subgraph that contains itself.
fn circle() -> String {
    let id = "8e2b0f63-0000-4000-8000-000000000001";
    json!({
        "nodes": [{"id": 1, "type": id, "mode": 0, "inputs": [], "outputs": []}],
        "links": [], "last_node_id": 1, "last_link_id": 0, "version": 0.4,
        "definitions": {"subgraphs": [{
            "id": id, "name": "Snake", "nodes": [{"id": 2, "type": id, "mode": 0, "inputs": [], "outputs": []}],
            "links": [], "inputs": [], "outputs": [],
            "inputNode": {"id": -10}, "outputNode": {"id": -20},
        }]},
    })
    .to_string()
}

fn nowhere() -> String {
    super::bring::EDITOR.replace("[1,1,0,2,0,", "[1,77,0,2,0,")
}

fn cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let plain = still::png(&RgbImage::from_pixel(8, 8, Rgb([0; 3])), &[]).unwrap();
    vec![
        (
            "empty.json",
            Vec::new(),
            "the file is empty; save the workflow again",
        ),
        (
            "cut.json",
            b"{\"1\": {".to_vec(),
            "the file is not JSON: line 1, column 7: EOF while parsing an object",
        ),
        (
            "schema.json",
            b"{\"a\": 1}".to_vec(),
            "this is JSON (an object), but neither a ComfyUI editor file (`nodes` and `links`) nor a graph (nodes with `class_type`)",
        ),
        (
            "n8n.json",
            b"{\"nodes\": [], \"connections\": {}}".to_vec(),
            "this is an n8n workflow, not a ComfyUI workflow; rushes takes files saved or exported by ComfyUI",
        ),
        (
            "deep.json",
            "[".repeat(5000).into_bytes(),
            "the JSON is nested more than 127 deep (line 1, column 128); no workflow is",
        ),
        (
            "latin1.json",
            b"{\"title\": \"caf\xe9\"}".to_vec(),
            "the file is not UTF-8 text (first fault at byte 14); save it as UTF-8",
        ),
        (
            "circle.json",
            circle().into_bytes(),
            "subgraph “Snake” contains itself, so it can never be expanded",
        ),
        (
            "nowhere.json",
            nowhere().into_bytes(),
            "node 2 (SaveImage): input `images` is linked to node 77, which the file does not have; connect it again in the editor",
        ),
        (
            "plain.png",
            plain,
            "the metadata holds no workflow (found: nothing); ComfyUI writes it as `prompt` and `workflow` unless started with --disable-metadata",
        ),
        (
            "clip.webm",
            b"\x1a\x45\xdf\xa3 and more than that".to_vec(),
            "the file is a WebM or Matroska clip, not JSON: its metadata has to be read instead",
        ),
    ]
}

#[test]
fn what_is_no_workflow_says_why_in_every_command_that_takes_one() {
    let desk = Desk::new();
    for (name, bytes, cause) in cases() {
        fs::create_dir_all(desk.path("")).unwrap();
        fs::write(desk.path(name), bytes).unwrap();
        for words in [
            &["workflow", "import", name, "--json"][..],
            &["workflow", "show", name, "--json"],
            &["workflow", "slots", name, "--json"],
            &["workflow", "check", name, "--json"],
            &["submit", name, "--json"],
        ] {
            let ran = desk.run(words);
            assert_eq!(ran.code, 3, "{words:?}: {ran:?}");
            assert_eq!(ran.json()["error"]["cause"], cause, "{words:?}");
        }
    }
    assert!(!desk.home().join("store.db").exists(), "nothing was queued");
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let desk = Desk::new();
    let file = fs::File::create(desk.write("big.json", "{}")).unwrap();
    file.set_len(100 << 20).unwrap();
    let ran = desk.run(&["workflow", "import", "big.json"]);
    assert_eq!(ran.code, 3);
    assert_eq!(
        ran.err,
        "rushes: reading big.json: the file has 100.0 MB, more than the 32.0 MB allowed for a workflow; is it the right file?\n"
    );
}

#[test]
fn a_name_out_of_a_file_cannot_speak_to_the_terminal() {
    let desk = Desk::new();
    let graph =
        json!({"1": {"class_type": "Evil\u{1b}[2J\u{7}", "inputs": {"text": "\u{1b}]0;x\u{7}"}}});
    desk.write("evil.json", &graph.to_string());
    for verb in ["show", "slots", "check"] {
        let ran = desk.run(&["workflow", verb, "evil.json"]);
        assert!(
            !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
            "{ran:?}"
        );
    }
}
