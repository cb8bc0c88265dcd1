//! Rules that the stored files do not reach, one small workflow each.

use rushes::core::workflow::ObjectInfo;
use rushes::core::workflow::convert::{ConvertOptions, Converted, NoteKind, to_api};
use serde_json::{Value, json};

use crate::shared::{classes, differences};

/// Converts nodes and links by the worker's classes.
fn converted(nodes: &Value, links: &Value) -> Converted {
    let ui = json!({"nodes": nodes, "links": links});
    to_api(&ui, classes(), &ConvertOptions::default()).unwrap()
}

/// Gives the inputs of one node of the graph.
fn inputs(converted: &Converted, node: &str) -> Value {
    Value::Object(converted.graph.nodes[node].inputs.clone())
}

/// A decoder whose samples come by `link`.
fn decoder(id: u32, link: u32) -> Value {
    json!({"id": id, "type": "VAEDecode",
        "inputs": [{"name": "samples", "type": "LATENT", "link": link}]})
}

/// An empty latent image.
fn latent(id: u32) -> Value {
    json!({"id": id, "type": "EmptyLatentImage", "widgets_values": [64, 32, 1]})
}

#[test]
fn a_getter_stands_for_the_setter_of_its_name() {
    let nodes = json!([
        latent(1),
        {"id": 2, "type": "SetNode", "widgets_values": ["size"],
            "inputs": [{"name": "LATENT", "type": "LATENT", "link": 1}]},
        {"id": 3, "type": "GetNode", "widgets_values": ["size"]},
        decoder(4, 2),
    ]);
    let links = json!([[1, 1, 0, 2, 0, "LATENT"], [2, 3, 0, 4, 0, "LATENT"]]);
    let converted = converted(&nodes, &links);
    assert_eq!(inputs(&converted, "4"), json!({"samples": ["1", 0]}));
    assert_eq!(converted.graph.nodes.len(), 2);
}

#[test]
fn links_written_as_objects_mean_the_same() {
    let nodes = json!([latent(1), decoder(4, 2)]);
    let links = json!([{"id": "2", "origin_id": "1", "origin_slot": 0, "target_id": 4,
        "target_slot": 0, "type": "LATENT"}, null]);
    assert_eq!(
        inputs(&converted(&nodes, &links), "4"),
        json!({"samples": ["1", 0]})
    );
}

#[test]
fn a_primitive_reaches_through_reroutes() {
    let nodes = json!([
        {"id": 1, "type": "PrimitiveNode", "widgets_values": [96, "fixed"]},
        {"id": 2, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 1}]},
        {"id": 3, "type": "EmptyLatentImage", "widgets_values": [64, 32, 1],
            "inputs": [{"name": "width", "type": "INT", "link": 2, "widget": {"name": "width"}}]},
    ]);
    let links = json!([[1, 1, 0, 2, 0, "INT"], [2, 2, 0, 3, 0, "INT"]]);
    let expected = json!({"width": 96, "height": 32, "batch_size": 1});
    assert_eq!(inputs(&converted(&nodes, &links), "3"), expected);
}

#[test]
fn values_with_names_are_believed_when_the_places_do_not_fit() {
    let nodes = json!([{"id": 1, "type": "EmptyLatentImage", "widgets_values": [1, 2],
        "widgets_values_named": {"batch_size": 3, "width": 64, "height": 32}}]);
    let converted = converted(&nodes, &json!([]));
    assert_eq!(
        inputs(&converted, "1"),
        json!({"width": 64, "height": 32, "batch_size": 3})
    );
    assert_eq!(converted.notes, []);
}

#[test]
fn values_kept_by_old_editors_for_inputs_that_take_only_links_are_dropped() {
    let info = ObjectInfo::from_value(&json!({"Old": {"input": {"required": {
        "a": ["INT", {}], "b": ["FLOAT", {"forceInput": true}],
        "c": ["INT", {"control_after_generate": true}], "d": ["STRING", {}]}}}}))
    .unwrap();
    for (values, d) in [
        (json!([1, 0.5, 3, "fixed", "text"]), "text"),
        (json!([1, 3, "fixed", "text"]), "text"),
    ] {
        let ui =
            json!({"nodes": [{"id": 1, "type": "Old", "widgets_values": values}], "links": []});
        let converted = to_api(&ui, &info, &ConvertOptions::default()).unwrap();
        assert_eq!(inputs(&converted, "1"), json!({"a": 1, "c": 3, "d": d}));
    }
}

#[test]
fn a_custom_combo_sends_where_its_choice_stands_whatever_is_stored() {
    for (choice, index) in [("b", 1), ("gone", -1)] {
        let nodes =
            json!([{"id": 1, "type": "CustomCombo", "widgets_values": [choice, 7, "a", "b"]}]);
        let expected = json!({"choice": choice, "index": index, "option1": "a", "option2": "b"});
        let converted = converted(&nodes, &json!([]));
        assert_eq!(differences(&inputs(&converted, "1"), &expected), [""; 0]);
        assert_eq!(converted.notes, []);
    }
}

#[test]
fn another_option_of_a_dynamic_combo_brings_its_own_inputs() {
    let nodes = json!([
        {"id": 1, "type": "PrimitiveNode", "widgets_values": ["scale by multiplier"]},
        {"id": 2, "type": "ResizeImageMaskNode",
            "widgets_values": ["scale dimensions", 640, 480, "center", "lanczos"],
            "inputs": [{"name": "resize_type", "type": "COMBO", "link": 1,
                "widget": {"name": "resize_type"}}]},
    ]);
    let expected = json!({"resize_type": "scale by multiplier", "resize_type.multiplier": 1.0,
        "scale_method": "lanczos"});
    let found = converted(&nodes, &json!([[1, 1, 0, 2, 0, "COMBO"]]));
    assert_eq!(inputs(&found, "2"), expected);
}

#[test]
fn a_muted_subgraph_inside_another_leaves_nothing_behind() {
    let ui = json!({
        "nodes": [{"id": 1, "type": "outer"}], "links": [],
        "definitions": {"subgraphs": [
            {"id": "outer", "name": "Outer", "inputs": [], "outputs": [], "links": [],
                "nodes": [latent(5), {"id": 6, "type": "inner", "mode": 2}]},
            {"id": "inner", "name": "Inner", "inputs": [], "outputs": [], "links": [],
                "nodes": [latent(7)]},
        ]}
    });
    let converted = to_api(&ui, classes(), &ConvertOptions::default()).unwrap();
    let ids: Vec<&str> = converted.graph.nodes.keys().map(String::as_str).collect();
    assert_eq!(ids, ["1:5"]);
}

#[test]
fn a_group_node_keeps_its_inner_nodes_values_apart() {
    let encoder = json!({"id": -1, "type": "CLIPTextEncode", "widgets_values": ["inner"],
        "inputs": [{"name": "clip", "type": "CLIP", "link": null}]});
    let ui = json!({
        "nodes": [
            {"id": 1, "type": "CheckpointLoaderSimple", "widgets_values": ["x.safetensors"]},
            {"id": 6, "type": "workflow/Two", "widgets_values": ["first", "second"],
                "inputs": [{"name": "clip", "type": "CLIP", "link": 1},
                    {"name": "CLIPTextEncode clip", "type": "CLIP", "link": 2}]}],
        "links": [[1, 1, 1, 6, 0, "CLIP"], [2, 1, 1, 6, 1, "CLIP"]],
        "extra": {"groupNodes": {"Two": {"nodes": [encoder, encoder], "links": [], "external": []}}}
    });
    let converted = to_api(&ui, classes(), &ConvertOptions::default()).unwrap();
    for (id, text) in [("6:0", "first"), ("6:1", "second")] {
        assert_eq!(
            inputs(&converted, id),
            json!({"text": text, "clip": ["1", 1]})
        );
    }
}

#[test]
fn a_seed_decides_which_part_of_a_prompt_is_taken_and_always_the_same() {
    let ui = json!({"nodes": [{"id": 1, "type": "CLIPTextEncode",
        "widgets_values": ["{비|눈|안개|달}"]}], "links": []});
    let info = classes();
    let sent = |seed: u64| {
        let options = ConvertOptions {
            seed,
            ..ConvertOptions::default()
        };
        let converted = to_api(&ui, info, &options).unwrap();
        assert!(matches!(
            converted.notes[0].kind,
            NoteKind::TextResolved { .. }
        ));
        converted.graph.nodes["1"].inputs["text"].clone()
    };
    let first: Vec<Value> = (0..20).map(sent).collect();
    let again: Vec<Value> = (0..20).map(sent).collect();
    assert_eq!(first, again);
    assert!(first.iter().any(|text| *text != first[0]));
}

#[test]
fn a_date_comes_in_from_outside() {
    let ui = json!({"nodes": [{"id": 1, "type": "SaveImage", "widgets_values": ["%date:yyyy-MM-dd%/x"]}],
        "links": []});
    let now = Some(jiff::civil::date(2026, 11, 21).at(14, 0, 0, 0));
    let options = ConvertOptions {
        now,
        ..ConvertOptions::default()
    };
    let converted = to_api(&ui, classes(), &options).unwrap();
    assert_eq!(
        inputs(&converted, "1"),
        json!({"filename_prefix": "2026-11-21/x"})
    );
}
