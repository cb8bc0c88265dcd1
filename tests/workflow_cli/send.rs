//! Workflows on a worker: sent, checked against it, made again.

use std::fs;

use image::{Rgb, RgbImage};
use rushes::media::still;
use serde_json::{Value, json};

use super::bring::EDITOR;
use super::desk::Desk;

/// The one job of an answer, done.
fn done(rows: &Value) -> Value {
    let row = rows.as_array().map_or(rows, |rows| &rows[0]);
    assert_eq!(row["phase"], "done", "{rows}");
    row.clone()
}

fn sidecar(job: &Value) -> (std::path::PathBuf, Value) {
    let path = std::path::Path::new(job["artifacts"][0]["path"].as_str().unwrap());
    let path = path.with_extension("json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, serde_json::from_slice(&text).unwrap())
}

/// The graph without the folder that differs from attempt to attempt.
fn without_prefix(sidecar: &Value) -> Value {
    let mut graph = sidecar["graph"].clone();
    for node in graph.as_object_mut().unwrap().values_mut() {
        let inputs = node["inputs"].as_object_mut().unwrap();
        inputs.remove("filename_prefix");
    }
    graph
}

fn submitted(desk: &Desk, words: &[&str]) -> Value {
    let words: Vec<&str> = ["submit"]
        .iter()
        .chain(words)
        .copied()
        .chain(["--wait"])
        .collect();
    let job = done(&desk.json(&words));
    desk.json(&["job", job["job"].as_str().unwrap()])
}

#[test]
fn an_editor_file_is_sent_and_found_again_in_its_picture_and_in_the_history() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    let job = submitted(
        &desk,
        &["editor.json", "--set", "width=96", "--set", "1.color=255"],
    );
    let picture = job["artifacts"][0]["path"].as_str().unwrap();
    assert_eq!(job["artifacts"][0]["width"], 96);
    let shown = desk.json(&["workflow", "show", picture]);
    assert_eq!(shown["graph"]["1"]["inputs"]["color"], 255);
    let attempt = &job["attempts"][0];
    let place = format!(
        "{}:{}",
        attempt["worker"].as_str().unwrap(),
        attempt["prompt_id"].as_str().unwrap()
    );
    let row = desk.json(&["workflow", "import", &place, "--name", "from-history"]);
    assert_eq!(row["form"], "history");
    let kept = desk.json(&["workflow", "show", "from-history"]);
    assert_eq!(kept["graph"]["1"]["inputs"]["width"], 96);
    let unknown = format!(
        "{}:0190a2b4-1111-7000-8000-000000000001",
        attempt["worker"].as_str().unwrap()
    );
    let nobody = desk.run(&["workflow", "import", &unknown, "--json"]);
    assert_eq!((nobody.code, nobody.error().as_str()), (2, "unknown-name"));
}

#[test]
fn a_result_is_made_again_from_its_sidecar() {
    let desk = Desk::new();
    let picture = |shade| still::png(&RgbImage::from_pixel(32, 32, Rgb([shade; 3])), &[]).unwrap();
    let graph = json!({
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    });
    desk.write("copy.json", &graph.to_string());
    fs::write(desk.path("in.png"), picture(40)).unwrap();
    let first = submitted(&desk, &["copy.json", "--set", "image=@in.png"]);
    let (path, told) = sidecar(&first);
    assert_eq!(told["inputs"][0]["slot"], "image");
    assert_eq!(
        told["inputs"][0]["uploaded_as"],
        told["graph"]["1"]["inputs"]["image"]
    );

    let path = path.to_str().unwrap();
    let second = submitted(&desk, &[path]);
    assert_ne!(first["job"], second["job"]);
    let (_, again) = sidecar(&second);
    assert_eq!(without_prefix(&again), without_prefix(&told));
    let pixels = |job: &Value| {
        let bytes = fs::read(job["artifacts"][0]["path"].as_str().unwrap()).unwrap();
        still::read_image(&bytes).unwrap()
    };
    assert_eq!(pixels(&second), pixels(&first));

    fs::write(desk.path("in.png"), picture(41)).unwrap();
    let changed = desk.run(&["submit", path, "--json"]);
    assert_eq!((changed.code, changed.error().as_str()), (3, "input-file"));
    let text = fs::read_to_string(path)
        .unwrap()
        .replace("LoadImage\"", "LoadImageMask\"");
    desk.write("edited.json", &text);
    let edited = desk.run(&["submit", "edited.json", "--json"]);
    assert!(
        edited.json()["error"]["cause"]
            .as_str()
            .unwrap()
            .contains("its hash differs")
    );
}

#[test]
fn a_repeated_clip_keeps_its_seeds_and_its_words() {
    let desk = Desk::new();
    let words = [
        "ltx2-t2v-distilled",
        "--set",
        "prompt=a {strange} rain",
        "--set",
        "width=128",
        "--set",
        "height=128",
        "--set",
        "frames=9",
    ];
    let first = submitted(&desk, &words);
    let (path, told) = sidecar(&first);
    let (_, again) = sidecar(&submitted(&desk, &[path.to_str().unwrap()]));
    assert_eq!(without_prefix(&again), without_prefix(&told));
    assert_eq!(again["seeds"]["seed"], told["seeds"]["seed"]);
    assert_eq!(again["request"]["workflow"], "ltx2-t2v-distilled");
}

#[test]
fn what_a_worker_lacks_is_said_before_it_is_sent_and_refused_when_asked() {
    let desk = Desk::new();
    desk.write("editor.json", EDITOR);
    submitted(&desk, &["editor.json"]);
    let graph = json!({
        "1": {"class_type": "VHS_SelectImages", "inputs": {"video": "a.mp4"}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    });
    desk.write("odd.json", &graph.to_string());
    let checked = desk.run(&["workflow", "check", "odd.json"]);
    assert_eq!(checked.code, 1);
    assert!(
        checked.out.ends_with("lacks VHS_SelectImages\n"),
        "{}",
        checked.out
    );
    let strict = desk.run(&["submit", "odd.json", "--strict", "--json"]);
    assert_eq!(
        (strict.code, strict.error().as_str()),
        (3, "workflow-invalid")
    );
    let held = desk.run(&["submit", "odd.json", "--hold"]).well();
    assert!(
        held.err.contains("warning: runs on no worker;"),
        "{}",
        held.err
    );
    let why = desk.json(&["why", held.out.trim()]);
    assert_eq!(why["workers"][0]["reason"], "it lacks VHS_SelectImages");
    assert!(
        why["message"]
            .as_str()
            .unwrap()
            .starts_with("it runs on no worker"),
        "{why}"
    );
}

#[test]
fn every_kind_of_output_lands_beside_one_sidecar() {
    let desk = Desk::new();
    let graph = json!({
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 2, "color": 255}},
        "2": {"class_type": "EmptyAudio", "inputs": {"duration": 0.5, "sample_rate": 44100, "channels": 2}},
        "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "4": {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "fps": 8.0, "audio": ["2", 0]}},
        "10": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        "11": {"class_type": "SaveAnimatedWEBP", "inputs": {"images": ["1", 0], "filename_prefix": "x", "fps": 8.0, "lossless": false, "quality": 80, "method": "default"}},
        "12": {"class_type": "SaveAnimatedPNG", "inputs": {"images": ["1", 0], "filename_prefix": "x", "fps": 8.0, "compress_level": 4}},
        "13": {"class_type": "SaveVideo", "inputs": {"video": ["4", 0], "filename_prefix": "x", "format": "auto", "codec": "auto"}},
        "14": {"class_type": "SaveAudio", "inputs": {"audio": ["2", 0], "filename_prefix": "x"}},
        "15": {"class_type": "SaveLatent", "inputs": {"samples": ["3", 0], "filename_prefix": "x"}},
        "16": {"class_type": "LabTextOut", "inputs": {"text": "line 1\nline 2 ✓", "repeat": 1, "key": "text", "nonce": 1}},
        "17": {"class_type": "LabGifOut", "inputs": {"images": ["1", 0], "prefix": "x", "fps": 8.0}},
    });
    desk.write("kinds.json", &graph.to_string());
    let job = submitted(&desk, &["kinds.json", "--name", "every kind"]);
    let mut kinds: Vec<(String, String)> = Vec::new();
    for artifact in job["artifacts"].as_array().unwrap() {
        let path = std::path::Path::new(artifact["path"].as_str().unwrap());
        let bytes = fs::read(path).unwrap();
        assert_eq!(artifact["bytes"], bytes.len());
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("every-kind-"), "{name}");
        let ending = path.extension().unwrap().to_str().unwrap().to_owned();
        if ending == "mp4" {
            let shown = desk.json(&["workflow", "show", path.to_str().unwrap()]);
            assert_eq!(shown["graph"].as_object().unwrap().len(), 12, "{name}");
        }
        kinds.push((artifact["kind"].as_str().unwrap().to_owned(), ending));
    }
    kinds.sort();
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, ending)| format!("{kind} {ending}"))
        .collect();
    assert_eq!(
        kinds,
        [
            "audio flac",
            "image png",
            "image png",
            "image png",
            "image webp",
            "other latent",
            "text txt",
            "video gif",
            "video mp4"
        ]
    );
    let (_, told) = sidecar(&job);
    assert_eq!(told["outputs"].as_array().unwrap().len(), kinds.len());
}
