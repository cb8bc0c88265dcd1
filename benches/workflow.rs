//! How long a large workflow takes: read, convert. Promise: 2,000 nodes convert in under 50 ms.

use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use rushes::core::workflow::ObjectInfo;
use rushes::core::workflow::convert::{ConvertOptions, to_api};
use rushes::core::workflow::read::{USUAL_LIMIT, recognise};
use serde_json::{Value, json};

/// Nodes of one chain: loader, two encoders, size, reroute, bypassed adapter, sampler, decoder, saver, note.
const CHAIN: u64 = 10;

/// Makes chains of nodes until there are `nodes` of them, one in ten a subgraph's instance.
fn workflow(nodes: u64) -> Value {
    let mut all = Vec::new();
    let mut links = Vec::new();
    for chain in 0..nodes / CHAIN {
        let (n, l) = (chain * CHAIN, chain * CHAIN);
        let input = |name: &str, kind: &str, link: u64| json!({"name": name, "type": kind, "link": l + link});
        all.extend([
            json!({"id": n, "type": "CheckpointLoaderSimple", "widgets_values": ["a.safetensors"]}),
            json!({"id": n + 1, "type": "CLIPTextEncode", "widgets_values": ["rain {on|over} a street"],
                "inputs": [input("clip", "CLIP", 0)]}),
            json!({"id": n + 2, "type": "CLIPTextEncode", "widgets_values": ["blurry"],
                "inputs": [input("clip", "CLIP", 1)]}),
            json!({"id": n + 3, "type": "EmptyLatentImage", "widgets_values": [768, 512, 1]}),
            json!({"id": n + 4, "type": "Reroute", "inputs": [input("", "*", 2)]}),
            json!({"id": n + 5, "type": "LoraLoaderModelOnly", "mode": 4, "widgets_values": ["x", 1.0],
                "inputs": [input("model", "MODEL", 3)]}),
            json!({"id": n + 6, "type": "KSampler",
                "widgets_values": [7, "randomize", 20, 7.5, "euler", "normal", 1],
                "inputs": [input("model", "MODEL", 4), input("positive", "CONDITIONING", 5),
                    input("negative", "CONDITIONING", 6), input("latent_image", "LATENT", 7)]}),
            json!({"id": n + 7, "type": "decode", "inputs": [input("samples", "LATENT", 8)]}),
            json!({"id": n + 8, "type": "SaveImage", "widgets_values": ["%date:yyyy%/%KSampler.seed%"],
                "inputs": [input("images", "IMAGE", 9)]}),
            json!({"id": n + 9, "type": "Note", "widgets_values": ["a note"]}),
        ]);
        for (id, from, slot, to) in [
            (0, 0, 1, 1),
            (1, 0, 1, 2),
            (2, 0, 0, 4),
            (3, 4, 0, 5),
            (4, 5, 0, 6),
            (5, 1, 0, 6),
            (6, 2, 0, 6),
            (7, 3, 0, 6),
            (8, 6, 0, 7),
            (9, 7, 0, 8),
        ] {
            links.push(json!([l + id, n + from, slot, n + to, 0, "*"]));
        }
    }
    json!({"version": 0.4, "nodes": all, "links": links, "definitions": {"subgraphs": [decode()]}})
}

/// A subgraph that decodes.
fn decode() -> Value {
    json!({"id": "decode", "name": "Decode",
        "inputs": [{"name": "samples", "type": "LATENT", "linkIds": [1]}],
        "outputs": [{"name": "image", "type": "IMAGE", "linkIds": [2]}],
        "nodes": [{"id": 1, "type": "VAEDecode", "inputs": [{"name": "samples", "type": "LATENT", "link": 1}]}],
        "links": [
            {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 1, "target_slot": 0, "type": "LATENT"},
            {"id": 2, "origin_id": 1, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": "IMAGE"}]})
}

/// Reads the classes of a real server.
#[expect(clippy::panic, reason = "a bench without its input has no result")]
fn definitions() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/convert/object_info.json.gz");
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| GzDecoder::new(file).read_to_string(&mut text))
        .unwrap_or_else(|why| panic!("the recorded classes: {why}"));
    text
}

fn converts(bench: &mut Criterion) {
    let text = definitions();
    let info = ObjectInfo::parse(&text).unwrap_or_default();
    let ui = workflow(2_000);
    let bytes = ui.to_string();
    let options = ConvertOptions::default();
    let sent = to_api(&ui, &info, &options).map_or(0, |converted| converted.graph.nodes.len());
    assert_eq!(sent, 1_400, "seven of ten nodes of a chain are sent");
    bench.bench_function("convert 2,000 nodes", |b| {
        b.iter(|| to_api(black_box(&ui), &info, &options));
    });
    bench.bench_function("recognise 2,000 nodes", |b| {
        b.iter(|| recognise(black_box(bytes.as_bytes()), USUAL_LIMIT));
    });
    bench.bench_function("read the classes of a server", |b| {
        b.iter(|| ObjectInfo::parse(black_box(&text)));
    });
}

criterion_group!(benches, converts);
criterion_main!(benches);
