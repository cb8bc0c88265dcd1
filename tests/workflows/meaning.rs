//! Slots found by meaning in graphs that nobody prepared.

use std::collections::BTreeMap;

use rushes::core::workflow::geometry::Family;
use rushes::core::workflow::patch::{self, PatchError};
use rushes::core::workflow::{Graph, Slot, SlotKind, Template, infer, library};
use serde_json::{Value, json};

use crate::definitions;

fn graph(value: Value) -> Graph {
    serde_json::from_value(value).unwrap()
}

/// Lists slots as `name → places`.
fn places(slots: &[Slot]) -> BTreeMap<String, Vec<String>> {
    let binds = |slot: &Slot| slot.bind.iter().map(ToString::to_string).collect();
    slots
        .iter()
        .map(|slot| (slot.name.clone(), binds(slot)))
        .collect()
}

/// A portrait of the usual kind: two `LoRAs`, guidance, a controlled negative.
fn portrait() -> Graph {
    graph(json!({
        "9": { "class_type": "SaveImage", "inputs": { "images": ["8", 0], "filename_prefix": "p" } },
        "8": { "class_type": "VAEDecode", "inputs": { "samples": ["3", 0], "vae": ["4", 2] } },
        "3": { "class_type": "KSampler", "inputs": {
            "seed": 5, "steps": ["20", 0], "cfg": 8, "sampler_name": "euler",
            "scheduler": "normal", "denoise": 1.0, "model": ["11", 0],
            "positive": ["12", 0], "negative": ["12", 1], "latent_image": ["5", 0] } },
        "20": { "class_type": "PrimitiveInt", "inputs": { "value": 30 } },
        "12": { "class_type": "ControlNetApplyAdvanced", "inputs": {
            "positive": ["6", 0], "negative": ["7", 0], "control_net": ["13", 0],
            "image": ["14", 0], "strength": 0.8, "start_percent": 0.0, "end_percent": 0.6 } },
        "13": { "class_type": "ControlNetLoader", "inputs": { "control_net_name": "c.safetensors" } },
        "14": { "class_type": "LoadImage", "inputs": { "image": "example.png" } },
        "7": { "class_type": "CLIPTextEncode", "inputs": { "text": "blurry", "clip": ["10", 1] } },
        "6": { "class_type": "CLIPTextEncode", "inputs": { "text": ["15", 0], "clip": ["10", 1] } },
        "15": { "class_type": "PrimitiveStringMultiline",
                "inputs": { "value": "a {animal} in the {place}, {animal} again" } },
        "5": { "class_type": "EmptyLatentImage",
               "inputs": { "width": 512, "height": 768, "batch_size": 1 } },
        "10": { "class_type": "LoraLoader", "inputs": {
            "lora_name": "a.safetensors", "strength_model": 1.0, "strength_clip": 0.5,
            "model": ["4", 0], "clip": ["4", 1] } },
        "11": { "class_type": "LoraLoaderModelOnly", "inputs": {
            "lora_name": "b.safetensors", "strength_model": 0.7, "model": ["10", 0] } },
        "4": { "class_type": "CheckpointLoaderSimple", "inputs": { "ckpt_name": "m.safetensors" } },
    }))
}

#[test]
fn a_portrait_shows_its_slots_under_readable_names() {
    let graph = portrait();
    let expected = json!({
        "animal": ["15.value"], "place": ["15.value"],
        "prompt": ["15.value"], "negative": ["7.text"],
        "image": ["14.image"], "width": ["5.width"], "height": ["5.height"],
        "seed": ["3.seed"], "steps": ["20.value"], "cfg": ["3.cfg"],
        "sampler": ["3.sampler_name"], "scheduler": ["3.scheduler"], "denoise": ["3.denoise"],
        "control.model": ["13.control_net_name"], "control.strength": ["12.strength"],
        "control.start": ["12.start_percent"], "control.end": ["12.end_percent"],
        "lora.1.name": ["10.lora_name"], "lora.1.strength": ["10.strength_model"],
        "lora.1.strength_clip": ["10.strength_clip"],
        "lora.2.name": ["11.lora_name"], "lora.2.strength": ["11.strength_model"],
        "model": ["4.ckpt_name"], "output": ["9.filename_prefix"],
    });
    let info = definitions();
    assert_eq!(json!(places(&infer::slots(&graph, Some(&info)))), expected);
    assert_eq!(
        json!(places(&infer::slots(&graph, None))),
        expected,
        "without definitions"
    );
}

#[test]
fn types_limits_and_choices_come_from_the_worker() {
    let info = definitions();
    let slots = infer::slots(&portrait(), Some(&info));
    let slot = |name: &str| slots.iter().find(|slot| slot.name == name).unwrap();
    assert_eq!(
        (slot("steps").kind, slot("steps").max),
        (SlotKind::Int, Some(10_000.0))
    );
    assert_eq!(
        (slot("cfg").kind, slot("cfg").max),
        (SlotKind::Float, Some(100.0))
    );
    assert_eq!(slot("width").step, Some(8.0));
    assert_eq!(slot("seed").kind, SlotKind::Seed);
    assert!(slot("sampler").choices.contains(&json!("euler")));
    assert_eq!(slot("steps").default, Some(json!(30)));
}

#[test]
fn a_placeholder_is_filled_in_and_the_rest_of_the_text_stays() {
    let mut graph = portrait();
    let slots = infer::slots(&graph, None);
    patch::set(&mut graph, &slots, "animal", json!("강아지")).unwrap();
    assert_eq!(
        graph.nodes["15"].inputs["value"],
        json!("a 강아지 in the {place}, 강아지 again")
    );
}

#[test]
fn a_sampler_that_does_not_exist_is_answered_with_the_nearest() {
    let mut graph = portrait();
    let slots = infer::slots(&graph, Some(&definitions()));
    let error = patch::set(&mut graph, &slots, "sampler", json!("eular")).unwrap_err();
    let PatchError::NotAChoice { near, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(near[0], "euler");
}

#[test]
fn every_other_input_is_reachable_by_node_and_name() {
    let graph = portrait();
    let info = definitions();
    let named = infer::slots(&graph, Some(&info));
    let rest = infer::rest(&graph, Some(&info), &named);
    let others: Vec<&str> = rest.iter().map(|slot| slot.name.as_str()).collect();
    assert_eq!(others, ["5.batch_size"]);
    assert_eq!((rest[0].kind, rest[0].min), (SlotKind::Int, Some(1.0)));
}

#[test]
fn the_first_pass_comes_first_and_experts_share_their_settings() {
    let info = definitions();
    let of = |id: &str| {
        places(&infer::slots(
            &library::find(id).unwrap().graph,
            Some(&info),
        ))
    };
    let ltx = of("ltx2-t2v");
    assert_eq!(
        (&ltx["seed"][..], &ltx["seed.2"][..]),
        (&["9.noise_seed".into()][..], &["2.noise_seed".into()][..])
    );
    assert_eq!(
        ltx["fps"],
        ["17.value", "1.value"],
        "one rate for sound, model and file"
    );
    let wan = of("wan22-t2v");
    assert_eq!(wan["sampler"].len(), 2, "both experts sample alike");
    assert!(
        !wan.contains_key("seed.2"),
        "the second expert adds no noise"
    );
    assert!(
        wan["model"][0].starts_with("19."),
        "the high-noise expert works first: {wan:?}"
    );
}

#[test]
fn a_text_behind_a_switch_is_the_one_the_switch_takes() {
    let text = |on: bool| {
        let graph = graph(json!({
            "1": { "class_type": "PrimitiveStringMultiline", "inputs": { "value": "plain" } },
            "2": { "class_type": "TextGenerate", "inputs": { "prompt": ["1", 0], "max_length": 64 } },
            "3": { "class_type": "PrimitiveStringMultiline", "inputs": { "value": "other" } },
            "4": { "class_type": "PrimitiveBoolean", "inputs": { "value": on } },
            "5": { "class_type": "ComfySwitchNode",
                   "inputs": { "switch": ["4", 0], "on_false": ["3", 0], "on_true": ["2", 0] } },
            "6": { "class_type": "CLIPTextEncode", "inputs": { "text": ["5", 0], "clip": ["9", 0] } },
            "7": { "class_type": "BasicGuider", "inputs": { "conditioning": ["6", 0], "model": ["9", 0] } },
            "8": { "class_type": "SamplerCustomAdvanced", "inputs": { "guider": ["7", 0] } },
        }));
        places(&infer::slots(&graph, None))["prompt"].clone()
    };
    assert_eq!(text(false), ["3.value"]);
    assert_eq!(text(true), ["1.value"]);
}

#[test]
fn a_zeroed_or_shared_negative_is_no_slot() {
    for id in [
        "ltx2-t2v-distilled",
        "ltx2-i2v-distilled",
        "flux-dev",
        "z-image-turbo",
    ] {
        let slots = places(&infer::slots(&library::find(id).unwrap().graph, None));
        assert!(slots.contains_key("prompt"), "{id}");
        assert!(!slots.contains_key("negative"), "{id}");
    }
}

#[test]
fn a_circle_does_not_hang_the_search() {
    let graph = graph(json!({
        "1": { "class_type": "KSampler", "inputs": { "positive": ["2", 0], "latent_image": ["1", 0], "seed": ["3", 0] } },
        "2": { "class_type": "ConditioningCombine", "inputs": { "conditioning_1": ["2", 0], "conditioning_2": ["2", 0] } },
        "3": { "class_type": "PrimitiveInt", "inputs": { "value": ["3", 0] } },
    }));
    assert!(infer::slots(&graph, None).is_empty());
}

#[test]
fn a_graph_without_a_manifest_is_a_workflow_too() {
    let template = Template::of_graph("mine", portrait(), None);
    assert_eq!(template.default("steps"), Some(&json!(30)));
    assert_eq!(template.manifest.family, Family::Sd);
    assert_eq!(template.slot("width").unwrap().unit.as_deref(), Some("px"));
}
