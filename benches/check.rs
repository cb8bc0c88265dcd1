//! What it costs to understand a graph before it is sent: slots, check, drawing, setting a value.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot read its data has nothing to say"
)]

use std::hint::black_box;
use std::io::Read;

use criterion::{Criterion, criterion_group, criterion_main};
use rushes::core::workflow::check::{Known, check};
use rushes::core::workflow::draw::{Glyphs, Style, draw};
use rushes::core::workflow::{Graph, ObjectInfo, infer, library, patch};
use serde_json::{Value, json};

/// Definitions of a `ComfyUI` 0.27.0 server, 791 classes.
fn definitions() -> ObjectInfo {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/convert/object_info.json.gz"
    );
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    ObjectInfo::parse(&text).unwrap()
}

/// A graph of 2,000 nodes: 286 stills of seven nodes each.
fn two_thousand_nodes() -> Graph {
    let still = &library::find("sdxl").unwrap().graph;
    let mut nodes = serde_json::Map::new();
    for copy in 0..286 {
        for (id, node) in &still.nodes {
            let mut node = serde_json::to_value(node).unwrap();
            for value in node["inputs"].as_object_mut().unwrap().values_mut() {
                if let Some(from) = value.get(0).and_then(Value::as_str) {
                    *value = json!([format!("{copy}:{from}"), value[1]]);
                }
            }
            nodes.insert(format!("{copy}:{id}"), node);
        }
    }
    serde_json::from_value(Value::Object(nodes)).unwrap()
}

fn benches(c: &mut Criterion) {
    let info = definitions();
    let template = library::find("ltx2-t2v").unwrap();
    let big = two_thousand_nodes();
    assert!(big.nodes.len() >= 2_000);
    for (name, graph) in [("36 nodes", &template.graph), ("2002 nodes", &big)] {
        c.bench_function(&format!("check {name}"), |b| {
            b.iter(|| check(black_box(graph), Known::new(&info)));
        });
        c.bench_function(&format!("slots {name}"), |b| {
            b.iter(|| infer::slots(black_box(graph), Some(&info)));
        });
        c.bench_function(&format!("draw {name}"), |b| {
            let style = Style {
                columns: 120,
                glyphs: Glyphs::Lines,
            };
            b.iter(|| draw(black_box(graph), Some(&info), style));
        });
    }
    c.bench_function("set one slot", |b| {
        let mut graph = template.graph.clone();
        b.iter(|| patch::set(&mut graph, &template.manifest.slots, "seed", json!(7)));
    });
}

criterion_group!(group, benches);
criterion_main!(group);
