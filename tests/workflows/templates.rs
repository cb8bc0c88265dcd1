//! The official templates as the editor sends them: graphs that nobody here wrote.

use rushes::core::workflow::check::{FaultKind, Known, check};
use rushes::core::workflow::draw::{Glyphs, Style, draw};
use rushes::core::workflow::{Graph, SlotKind, infer, patch, walk};
use serde_json::json;

use crate::{definitions, unpacked};

/// Reads every export, by name.
fn exports() -> Vec<(String, Graph)> {
    let folder = format!("{}/tests/convert/expected", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<(String, Graph)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .map(|name| {
            let graph = serde_json::from_str(&unpacked(&format!("expected/{name}"))).unwrap();
            (name, graph)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.len() >= 40);
    found
}

#[test]
fn a_server_without_models_would_miss_only_files() {
    let info = definitions();
    for (name, graph) in exports() {
        let report = check(&graph, Known::new(&info));
        assert!(report.missing_nodes.is_empty(), "{name}");
        assert!(!report.outputs.is_empty(), "{name}");
        let wrong: Vec<&str> = report
            .errors
            .iter()
            .filter(|fault| fault.kind != FaultKind::MissingFile)
            .map(|fault| fault.message.as_str())
            .collect();
        // This template is newer than the server: its choice `auto` was a number there.
        if name.starts_with("video_ltx2_3_t2v") {
            assert_eq!(wrong, ["`bit_depth` takes a whole number, not `auto`"]);
        } else {
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
}

#[test]
fn a_template_that_samples_from_words_has_a_prompt_and_a_seed() {
    let info = definitions();
    for (name, graph) in exports() {
        let slots = infer::slots(&graph, Some(&info));
        let has = |wanted: &str| slots.iter().any(|slot| slot.name == wanted);
        let samples = graph.nodes.values().any(|node| {
            node.class_type.contains("Sampler")
                && node
                    .links()
                    .any(|(input, _, _)| matches!(input, "positive" | "guider"))
        });
        if samples {
            assert!(has("prompt") && has("seed"), "{name}");
        }
        for class in ["LoadImage", "LoadVideo"] {
            if graph.nodes.values().any(|node| node.class_type == class) {
                assert!(
                    has(if class == "LoadImage" {
                        "image"
                    } else {
                        "video"
                    }),
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn the_slots_of_a_template_are_set_without_cutting_a_wire() {
    let info = definitions();
    let wires = |graph: &Graph| {
        graph
            .nodes
            .values()
            .map(|node| node.links().count())
            .sum::<usize>()
    };
    for (name, graph) in exports() {
        let slots = infer::slots(&graph, Some(&info));
        let mut patched = graph.clone();
        for slot in &slots {
            let value = match slot.kind {
                SlotKind::Text => json!("눈"),
                SlotKind::Seed => json!(7),
                _ => continue,
            };
            patch::set(&mut patched, &slots, &slot.name, value.clone()).unwrap();
            assert_eq!(slot.value(&patched), Some(&value), "{name} {}", slot.name);
        }
        assert_eq!(wires(&patched), wires(&graph), "{name}");
    }
}

#[test]
fn every_node_of_a_template_is_drawn() {
    let info = definitions();
    for (name, graph) in exports() {
        let lines = draw(
            &graph,
            Some(&info),
            Style {
                columns: 100,
                glyphs: Glyphs::Lines,
            },
        );
        assert!(lines.len() >= graph.nodes.len(), "{name}");
        let order = walk::order(&graph).unwrap();
        assert_eq!(order.len(), graph.nodes.len(), "{name}");
    }
}
