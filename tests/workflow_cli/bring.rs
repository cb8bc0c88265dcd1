//! Bringing workflows in, and looking at them.

use std::collections::BTreeMap;
use std::fs;

use image::{Rgb, RgbImage};
use rushes::media::{clip::Encoder, still};
use serde_json::{Value, json};

use super::desk::{Desk, has};

/// An editor file of three nodes, one of them muted and one a note.
pub(crate) const EDITOR: &str = r#"{"nodes":[
  {"id":1,"type":"EmptyImage","mode":0,"inputs":[],"outputs":[{"name":"IMAGE","type":"IMAGE","links":[1]}],"widgets_values":[64,32,1,0]},
  {"id":2,"type":"SaveImage","mode":0,"inputs":[{"name":"images","type":"IMAGE","link":1}],"outputs":[],"widgets_values":["kept"]},
  {"id":3,"type":"Note","mode":0,"inputs":[],"outputs":[],"widgets_values":["for later"]}],
  "links":[[1,1,0,2,0,"IMAGE"]],"last_node_id":3,"last_link_id":1,"version":0.4}"#;

/// The graph that the editor would send.
pub(crate) fn graph() -> Value {
    json!({
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 32, "batch_size": 1, "color": 0}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "kept"}},
    })
}

/// Leaves out the titles.
fn bare(graph: &Value) -> Value {
    let nodes = graph.as_object().unwrap().iter();
    nodes
        .map(|(id, node)| {
            let kept = json!({"class_type": node["class_type"], "inputs": node["inputs"]});
            (id.clone(), kept)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn picture() -> RgbImage {
    RgbImage::from_pixel(64, 48, Rgb([9, 90, 200]))
}

/// A WebP whose EXIF texts *Make* and *Model* carry these, as the animated WebP node writes them; no pixels.
fn webp(make: &str, model: &str) -> Vec<u8> {
    let word = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    let first = 8 + 2 + 2 * 12 + 4;
    for (tag, text, at) in [
        (0x010f_u16, make, first),
        (0x0110, model, first + make.len() + 1),
    ] {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(2_u16.to_le_bytes());
        tiff.extend(word(text.len() + 1));
        tiff.extend(word(at));
    }
    tiff.extend([0; 4]);
    for text in [make, model] {
        tiff.extend(text.as_bytes());
        tiff.push(0);
    }
    tiff.resize(tiff.len().next_multiple_of(2), 0);
    let chunks = [b"WEBPEXIF".to_vec(), word(tiff.len()).to_vec(), tiff].concat();
    [b"RIFF".to_vec(), word(chunks.len()).to_vec(), chunks].concat()
}

#[test]
fn every_form_a_workflow_comes_in_is_kept_with_its_original() {
    let desk = Desk::new();
    let prompt = ("prompt".to_owned(), graph().to_string());
    let workflow = ("workflow".to_owned(), EDITOR.to_owned());
    let mut clip = Encoder::new(64, 48, 24.0).unwrap();
    clip.tag("prompt", graph().to_string());
    clip.push(&picture()).unwrap();
    let both = still::png(&picture(), &[prompt.clone(), workflow.clone()]).unwrap();
    let only_editor = still::png(&picture(), &[workflow]).unwrap();
    let request = json!({"prompt": graph(), "extra_data": {"extra_pnginfo": {"workflow": serde_json::from_str::<Value>(EDITOR).unwrap()}}});
    for (name, bytes, form) in [
        ("api.json", graph().to_string().into_bytes(), "API graph"),
        ("editor.json", EDITOR.as_bytes().to_vec(), "editor file"),
        ("request.json", request.to_string().into_bytes(), "request"),
        ("both.png", both, "request"),
        ("only.png", only_editor, "editor file"),
        (
            "still.webp",
            webp(
                &format!("workflow:{EDITOR}"),
                &format!("prompt:{}", graph()),
            ),
            "request",
        ),
        ("clip.mp4", clip.finish().unwrap(), "request"),
    ] {
        let file = desk.write(name, "");
        fs::write(&file, &bytes).unwrap();
        let id = name.replace('.', "-");
        let row = desk.json(&["workflow", "import", name, "--name", &id]);
        assert_eq!(row["form"], form, "{name}");
        let original = fs::read(row["original"].as_str().unwrap()).unwrap();
        let hash = blake3::hash(&original).to_hex().to_string();
        assert!(row["original"].as_str().unwrap().contains(&hash), "{row}");
        if name.ends_with(".json") {
            assert_eq!(original, bytes, "{name}");
        } else {
            let texts: BTreeMap<String, String> = serde_json::from_slice(&original).unwrap();
            assert!(texts.contains_key("prompt") || texts.contains_key("workflow"));
        }
        let kept = desk.json(&["workflow", "show", &id]);
        assert_eq!(bare(&kept["graph"]), graph(), "{name}");
        assert_eq!(
            bare(&desk.json(&["workflow", "show", name])["graph"]),
            graph()
        );
    }
    let list = desk.json(&["workflow", "list"]);
    let own = list.as_array().unwrap().iter();
    assert_eq!(own.filter(|row| row["origin"] == "own").count(), 7);
}

#[test]
fn an_id_that_is_taken_is_only_replaced_on_request() {
    let desk = Desk::new();
    desk.write("비 오는 골목.json", EDITOR);
    desk.json(&["workflow", "import", "비 오는 골목.json"]);
    let again = desk.run(&["workflow", "import", "비 오는 골목.json"]);
    assert_eq!(again.code, 2);
    assert_eq!(
        again.err.trim_end().lines().last().unwrap(),
        "  → give it another name with --name, or --replace that one"
    );
    desk.json(&["workflow", "import", "비 오는 골목.json", "--replace"]);
    assert_eq!(
        desk.json(&["workflow", "show", "비-오는-골목"])["manifest"]["id"],
        "비-오는-골목"
    );
}

#[test]
fn a_graph_of_the_older_pipeline_is_taken_with_its_pitfalls() {
    let desk = Desk::new();
    let old = json!({
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "positive_prompt"}},
        "2": {"class_type": "KSampler", "inputs": {"positive": ["1", 0], "steps": ["3", 0], "cfg": 7}},
        "3": {"class_type": "PrimitiveInt", "inputs": {"value": 20}},
    });
    desk.write("old.json", &old.to_string());
    let row = desk.json(&["workflow", "import", "old.json", "--loose"]);
    assert!(
        row["pitfalls"][0]
            .as_str()
            .unwrap()
            .starts_with("2.steps is fed by node 3"),
        "{row}"
    );
    let slots = desk.json(&["workflow", "slots", "old"]);
    let prompt = slots
        .as_array()
        .unwrap()
        .iter()
        .find(|slot| slot["slot"] == "prompt");
    assert_eq!(prompt.unwrap()["required"], true);
}

#[test]
fn a_workflow_is_drawn_as_a_tree_in_either_alphabet() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    for (words, branch) in [
        (
            &["workflow", "show", "editor.json"][..],
            "└ images: 1 Empty Image",
        ),
        (
            &["workflow", "show", "editor.json", "--ascii"],
            "`- images: 1 Empty Image",
        ),
    ] {
        let shown = desk.run(words).well();
        assert!(
            shown.out.contains("2 Save Image (SaveImage)"),
            "{}",
            shown.out
        );
        assert!(shown.out.contains(branch), "{}", shown.out);
        let tree = shown.out.split("\nslot ").next().unwrap();
        assert!(words.len() == 3 || tree.is_ascii(), "{}", shown.out);
    }
}

#[test]
fn the_slots_of_any_file_are_found_by_meaning_and_all_inputs_on_request() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    let names = |words: &[&str]| -> Vec<String> {
        let rows = desk.json(words);
        let rows = rows.as_array().unwrap();
        for row in rows {
            has(
                row,
                &[
                    "slot", "node", "class", "input", "type", "value", "choices", "min", "max",
                ],
            );
        }
        rows.iter()
            .map(|row| row["slot"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(&["workflow", "slots", "editor.json"]),
        ["width", "height", "output"]
    );
    assert_eq!(
        names(&["workflow", "slots", "editor.json", "--all"]),
        ["width", "height", "output", "1.batch_size", "1.color"]
    );
}

#[test]
fn converting_prints_what_the_editor_would_send() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    let picture = still::png(&picture(), &[("workflow".into(), EDITOR.into())]).unwrap();
    fs::write(desk.path("editor.png"), picture).unwrap();
    for file in ["editor.json", "editor.png"] {
        assert_eq!(bare(&desk.json(&["workflow", "convert", file])), graph());
    }
}

#[test]
fn a_check_without_a_worker_goes_by_the_classes_that_are_compiled_in() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    let fine = desk.run(&["workflow", "check", "editor.json"]);
    assert_eq!(
        (fine.code, fine.out.as_str()),
        (0, "runs on the built-in worker\n")
    );
    assert!(fine.err.contains("no worker answers"), "{}", fine.err);
    let odd = EDITOR.replace("EmptyImage", "VHS_SelectImages");
    desk.write("odd.json", &odd);
    let lacking = desk.run(&["workflow", "check", "odd.json", "--json"]);
    assert_eq!(lacking.code, 1);
    let report = lacking.json();
    assert_eq!(
        (&report["ok"], &report["format"]),
        (&false.into(), &"ui".into())
    );
    assert_eq!(report["missing_nodes"][0]["class"], "VHS_SelectImages");
    assert_eq!(report["missing_nodes"][0]["node"], "1");
    let advice = report["missing_nodes"][0]["advice"].as_str().unwrap();
    assert!(advice.contains("VideoHelperSuite"), "{advice}");
}
