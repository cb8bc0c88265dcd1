//! The loose patching of the older pipeline, and how its graphs are taken over.

use rushes::core::workflow::loose::{Pitfall, adopt, patch};
use rushes::core::workflow::{Graph, patch as strict};
use serde_json::{Value, json};

use crate::vector;

#[test]
fn values_go_where_the_older_pipeline_put_them() {
    let file = vector("patch");
    let cases = file["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let values = case["in"]["params"].as_object().unwrap();
        let patched = patch(&case["in"]["workflow"], values);
        assert_eq!(patched.graph, case["out"], "{case}");
        assert_eq!(json!(patched.unapplied), case["unapplied"], "{case}");
    }
}

#[test]
fn a_file_that_is_no_graph_is_left_alone() {
    for odd in [
        json!(null),
        json!([1]),
        json!({ "1": 3, "2": { "inputs": [] } }),
    ] {
        let patched = patch(&odd, json!({ "steps": 1 }).as_object().unwrap());
        assert_eq!(patched.graph, odd);
        assert_eq!(patched.unapplied, ["steps"]);
    }
}

fn old_graph() -> Graph {
    serde_json::from_value(json!({
        "1": { "class_type": "CLIPTextEncode", "inputs": { "text": "positive_prompt", "clip": ["2", 0] } },
        "3": { "class_type": "RandomNoise", "inputs": { "noise_seed": 1 } },
        "4": { "class_type": "RandomNoise", "inputs": { "noise_seed": 2 } },
        "5": { "class_type": "EmptyLTXVLatentVideo", "inputs": { "width": ["7", 0], "height": 720, "length": 97 } },
        "6": { "class_type": "ManualSigmas", "inputs": { "sigmas": "1., 0.5, 0." } },
        "7": { "class_type": "PrimitiveInt", "inputs": { "value": 1280 } },
        "8": { "class_type": "LTXVConditioning", "inputs": { "frame_rate": 24.0 } },
        "9": { "class_type": "VHS_VideoCombine", "inputs": { "frame_rate": 24 } },
    }))
    .unwrap()
}

#[test]
fn an_old_graph_gets_slots_and_its_pitfalls_are_named() {
    let adopted = adopt(&old_graph());
    let slots: Vec<(String, Vec<String>)> = adopted
        .slots
        .iter()
        .map(|slot| {
            (
                slot.name.clone(),
                slot.bind.iter().map(ToString::to_string).collect(),
            )
        })
        .collect();
    let slots: Vec<(&str, Vec<&str>)> = slots
        .iter()
        .map(|(name, bind)| (name.as_str(), bind.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        slots,
        [
            ("prompt", vec!["1.text"]),
            ("width", vec!["7.value"]),
            ("height", vec!["5.height"]),
            ("frames", vec!["5.length"]),
            ("fps", vec!["8.frame_rate", "9.frame_rate"]),
            ("seed", vec!["3.noise_seed", "4.noise_seed"]),
        ]
    );
    assert_eq!(
        adopted.pitfalls,
        [
            Pitfall::CutsLink {
                place: "5.width".into(),
                from: "7".into()
            },
            Pitfall::SeveralNodes {
                name: "frame_rate".into(),
                places: vec!["8.frame_rate".into(), "9.frame_rate".into()],
            },
            Pitfall::OneSeed {
                places: vec!["3.noise_seed".into(), "4.noise_seed".into()]
            },
            Pitfall::FixedSteps { node: "6".into() },
        ]
    );
}

#[test]
fn an_adopted_graph_is_set_without_cutting_a_wire() {
    let mut graph = old_graph();
    let slots = adopt(&graph).slots;
    strict::set(&mut graph, &slots, "width", json!(768)).unwrap();
    assert_eq!(graph.nodes["5"].inputs["width"], json!(["7", 0]));
    assert_eq!(graph.nodes["7"].inputs["value"], json!(768));
    let left: Value = strict::set(&mut graph, &slots, "prompt", json!("눈")).unwrap();
    assert_eq!(left, json!("눈"));
}
