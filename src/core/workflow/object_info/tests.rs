//! Both server generations, as recorded, and the oddities of packs.

use super::*;
use serde_json::json;

const OF_2026: &str = include_str!("../../../../tests/wire/object_info-small.json");
const OF_2025: &str = include_str!("../../../../tests/wire/object_info-small.v0.3.64.json");

/// Reads one class from its JSON.
fn class(given: &Value) -> ClassInfo {
    let all = ObjectInfo::from_value(&json!({ "Odd": given })).unwrap();
    all.class("Odd").unwrap().clone()
}

#[test]
fn a_sampler_is_the_same_to_both_server_generations() {
    for recorded in [OF_2025, OF_2026] {
        let known = ObjectInfo::parse(recorded).unwrap();
        let sampler = known.class("KSampler").unwrap();
        let names: Vec<_> = sampler.inputs.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "model",
                "seed",
                "steps",
                "cfg",
                "sampler_name",
                "scheduler",
                "positive",
                "negative",
                "latent_image",
                "denoise"
            ]
        );
        let seed = sampler.input("seed").unwrap();
        assert_eq!(seed.control_after_generate, Some(true));
        let InputKind::Int(range) = seed.kind else {
            panic!("{seed:?}")
        };
        assert_eq!(range.max, Some(i128::from(u64::MAX)));
        let choices = sampler.input("sampler_name").unwrap().choices().unwrap();
        assert!(choices.contains(&"euler".to_owned()));
        assert!(!sampler.input("model").unwrap().is_widget());
        assert_eq!(sampler.outputs[0].type_name, "LATENT");
        assert!(known.class("SaveImage").unwrap().output_node);
        assert!(known.skipped().is_empty());
    }
}

#[test]
fn a_listed_order_beats_the_order_of_the_keys_and_unlisted_inputs_come_last() {
    let odd = class(&json!({
        "input": {"required": {"late": ["INT"], "b": ["INT"], "a": ["INT"]}},
        "input_order": {"required": ["a", "gone", "b", "a"]}
    }));
    let names: Vec<_> = odd.inputs.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "late"]);
}

#[test]
fn both_spellings_of_a_combo_are_one_kind() {
    let odd = class(&json!({"input": {"required": {
        "old": [["x", "y"], {"image_upload": true}],
        "new": ["COMBO", {"options": ["x", "y"], "image_upload": true}]
    }}}));
    let [old, new] = odd.inputs.as_slice() else {
        panic!("{odd:?}")
    };
    assert_eq!(old.kind, new.kind);
    assert_eq!(old.type_name, new.type_name);
    assert_eq!(old.initial_value(), Some(json!("x")));
}

#[test]
fn dotted_names_reach_into_combos_and_growing_groups() {
    let odd = class(&json!({"input": {"required": {
        "model": ["COMFY_DYNAMICCOMBO_V3", {"options": [
            {"key": "pro", "inputs": {
                "required": {"seed": ["INT", {"max": 7}]},
                "optional": {"images": ["COMFY_AUTOGROW_V3", {"template": {
                    "input": {"optional": {"image": ["IMAGE", {}]}}, "prefix": "image_", "max": 3}}]}}}
        ]}],
        "values": ["COMFY_AUTOGROW_V3", {"template": {
            "input": {"required": {"value": ["*", {}]}}, "names": ["a", "b"], "min": 1}}]
    }}}));
    let table = [
        ("model", Some("COMFY_DYNAMICCOMBO_V3")),
        ("model.seed", Some("INT")),
        ("model.images.image_2", Some("IMAGE")),
        ("model.images.image_3", None),
        ("model.images.picture_1", None),
        ("values.b", Some("*")),
        ("values.c", None),
        ("values", Some("COMFY_AUTOGROW_V3")),
        ("other", None),
    ];
    for (name, expected) in table {
        let found = odd.input(name).map(|input| input.type_name.as_str());
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(
        odd.input("model").unwrap().initial_value(),
        Some(json!("pro"))
    );
}

#[test]
fn what_a_pack_writes_oddly_costs_only_itself() {
    let known = ObjectInfo::from_value(&json!({
        "Broken": 7,
        "Odd": {"input": {"required": {
            "a": null, "b": [], "c": [{}, "x"], "d": ["INT", {"min": "low", "max": 1e99}],
            "e": ["VHS_BatchManager"], "f": ["STRING", {"forceInput": true}]
        }, "hidden": {"id": "UNIQUE_ID", "node": ["PROMPT"]}}, "output": [["x", "y"], 3]}
    }))
    .unwrap();
    assert_eq!(known.skipped(), ["Broken"]);
    let odd = known.class("Odd").unwrap();
    let types: Vec<_> = odd.inputs.iter().map(|i| i.type_name.as_str()).collect();
    assert_eq!(
        types,
        [
            "*",
            "*",
            "*",
            "INT",
            "VHS_BatchManager",
            "STRING",
            "UNIQUE_ID",
            "PROMPT"
        ]
    );
    let widgets: Vec<_> = odd.inputs.iter().map(InputSpec::is_widget).collect();
    assert_eq!(
        widgets,
        [false, false, false, true, false, false, false, false]
    );
    let outputs: Vec<_> = odd.outputs.iter().map(|o| o.type_name.as_str()).collect();
    assert_eq!(outputs, ["COMBO", "*"]);
}

#[test]
fn a_later_answer_replaces_what_an_earlier_one_said() {
    let mut known = ObjectInfo::parse(r#"{"A": {"category": "old"}, "B": {}}"#).unwrap();
    known.merge(
        ObjectInfo::parse(
            r#"{"A": {"category": "new", "python_module": "custom_nodes.gguf.nodes"}}"#,
        )
        .unwrap(),
    );
    assert_eq!(known.len(), 2);
    assert_eq!(known.class("A").unwrap().category, "new");
    assert_eq!(known.class("A").unwrap().pack(), Some("gguf"));
    assert_eq!(known.class("B").unwrap().pack(), None);
}

#[test]
fn an_answer_that_is_no_list_of_classes_says_what_it_is() {
    for (text, message) in [
        (
            "<html>",
            "node definitions are not JSON (line 1, column 1): ask the worker again, or save its /object_info whole",
        ),
        (
            "[]",
            "node definitions are an array, not an object of classes: is this really the answer of /object_info?",
        ),
    ] {
        assert_eq!(ObjectInfo::parse(text).unwrap_err().to_string(), message);
    }
    assert!(ObjectInfo::parse("{}").unwrap().is_empty());
}

#[test]
fn link_types_fit_as_the_editor_sees_them() {
    for (output, input, fits) in [
        ("IMAGE", "image", true),
        ("IMAGE", "MASK", false),
        ("*", "MASK", true),
        ("MASK", "", true),
        ("MASK", "IMAGE,MASK", true),
        ("INT,FLOAT", "FLOAT, STRING", true),
        ("INT,FLOAT", "STRING", false),
    ] {
        assert_eq!(types_fit(output, input), fits, "{output} → {input}");
    }
}
