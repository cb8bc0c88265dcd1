use serde_json::Value;

use super::*;

fn judged(version: Imitates, prompt: Value) -> (Value, Result<Verdict, Crash>) {
    let home = tempfile::tempdir().unwrap();
    let files = Files::open(home.path()).unwrap();
    let catalog = Catalog::load(version).unwrap();
    let library = Library {
        catalog: &catalog,
        files: &files,
    };
    let mut prompt = prompt;
    let verdict = check(library, &mut prompt, None);
    (prompt, verdict)
}

fn picture(width: &Value) -> Value {
    json!({
        "1": { "class_type": "EmptyImage", "inputs": { "width": width, "height": 64, "batch_size": 1, "color": 5 } },
        "2": { "class_type": "SaveImage", "inputs": { "images": ["1", 0], "filename_prefix": "x" } }
    })
}

#[test]
fn values_are_coerced_where_they_stand() {
    for given in [json!("64"), json!(64.9), json!(64)] {
        let (prompt, verdict) = judged(Imitates::V0_25_0, picture(&given));
        assert!(verdict.unwrap().error.is_none());
        assert_eq!(prompt.pointer("/1/inputs/width"), Some(&json!(64)));
    }
}

#[test]
fn a_bad_value_is_named_with_its_node_input_and_kind() {
    for (given, kind) in [
        (json!(0), "value_smaller_than_min"),
        (json!(1_000_000_000), "value_bigger_than_max"),
        (json!("wide"), "invalid_input_type"),
        (json!(["2"]), "bad_linked_input"),
        (json!(["2", 0]), "return_type_mismatch"),
    ] {
        let (_, verdict) = judged(Imitates::V0_25_0, picture(&given));
        let verdict = verdict.unwrap();
        let found = verdict.node_errors.get("1").unwrap();
        assert_eq!(found.pointer("/errors/0/type"), Some(&json!(kind)));
        assert_eq!(
            found.pointer("/errors/0/extra_info/input_name"),
            Some(&json!("width"))
        );
        assert_eq!(found.pointer("/dependent_outputs"), Some(&json!(["2"])));
        assert!(verdict.error.is_some());
    }
}

#[test]
fn a_ring_of_nodes_is_named_by_new_servers_and_only_refused_by_old_ones() {
    let ring = json!({
        "1": { "class_type": "ImageInvert", "inputs": { "image": ["2", 0] } },
        "2": { "class_type": "ImageInvert", "inputs": { "image": ["1", 0] } },
        "3": { "class_type": "PreviewImage", "inputs": { "images": ["1", 0] } }
    });
    let (_, new) = judged(Imitates::V0_25_0, ring.clone());
    let (_, old) = judged(Imitates::V0_3_64, ring);
    let new = new.unwrap().node_errors;
    assert_eq!(
        new.get("1").unwrap().pointer("/errors/0/details"),
        Some(&json!(
            "1 (ImageInvert) -> 2 (ImageInvert) -> 1 (ImageInvert)"
        ))
    );
    let old = old.unwrap();
    assert!(old.error.is_some() && old.node_errors.is_empty());
}

#[test]
fn a_prompt_with_one_good_output_runs_and_names_the_bad_one() {
    let mut prompt = picture(&json!(64));
    prompt["5"] = json!({ "class_type": "SaveImage", "inputs": { "images": ["99", 0], "filename_prefix": "x" } });
    let (_, verdict) = judged(Imitates::V0_25_0, prompt);
    let verdict = verdict.unwrap();
    assert_eq!(verdict.outputs, ["2"]);
    assert_eq!(
        verdict
            .node_errors
            .get("5")
            .unwrap()
            .pointer("/errors/0/details"),
        Some(&json!("'99'"))
    );
}

#[test]
fn a_workflow_saved_for_the_web_front_end_is_refused_by_the_old_server_and_breaks_the_new_one() {
    let saved = json!({ "nodes": [], "links": [], "version": 0.4, "last_node_id": 3 });
    assert!(judged(Imitates::V0_25_0, saved.clone()).1.is_err());
    let refused = judged(Imitates::V0_3_64, saved).1.unwrap().error.unwrap();
    assert_eq!(refused["details"], "Node ID '#nodes'");
}
