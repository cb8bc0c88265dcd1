//! Which value belongs to which input, and what is chosen behind a bypassed node, by small made-up classes.

use rushes::core::workflow::ObjectInfo;
use rushes::core::workflow::convert::{ConvertOptions, Converted, NoteKind, to_api};
use serde_json::{Value, json};

/// Converts a file by the classes given as `{name: {input: specification}}`.
fn by(classes: &Value, ui: &Value) -> Converted {
    let defined: Value = classes
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, inputs)| {
            let class = json!({"input": {"required": inputs}, "output": ["IMAGE", "MASK"]});
            (name.clone(), class)
        })
        .collect();
    let info = ObjectInfo::from_value(&defined).unwrap();
    to_api(ui, &info, &ConvertOptions::default()).unwrap()
}

/// Converts a single node of class `A` with these inputs and stored values; gives what it sends.
fn sent(inputs: &Value, values: &Value) -> Value {
    let ui = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": values}], "links": []});
    inputs_of(&by(&json!({"A": inputs}), &ui), "1")
}

/// Gives the inputs of one node of the graph.
fn inputs_of(converted: &Converted, node: &str) -> Value {
    Value::Object(converted.graph.nodes[node].inputs.clone())
}

#[test]
fn a_seed_has_a_control_entry_behind_it_and_other_numbers_only_if_asked() {
    for (name, options, values) in [
        ("seed", json!({}), json!([7, "fixed", "end"])),
        ("noise_seed", json!({}), json!([7, "fixed", "end"])),
        (
            "seed",
            json!({"control_after_generate": false}),
            json!([7, "end"]),
        ),
        ("other", json!({}), json!([7, "end"])),
        (
            "other",
            json!({"control_after_generate": true}),
            json!([7, "randomize", "end"]),
        ),
    ] {
        let inputs = json!({name: ["INT", options], "last": ["STRING", {}]});
        assert_eq!(
            sent(&inputs, &values),
            json!({name: 7, "last": "end"}),
            "{name} {options}"
        );
    }
}

#[test]
fn a_seed_inside_a_dynamic_combo_has_no_control_entry() {
    let inputs = json!({
        "model": ["COMFY_DYNAMICCOMBO_V3", {"options": [
            {"key": "a", "inputs": {"required": {"seed": ["INT", {}]}, "optional": {"x": ["FLOAT", {}]}}},
            {"key": "b", "inputs": {"required": {}}}]}],
        "last": ["STRING", {}]});
    assert_eq!(
        sent(&inputs, &json!(["a", 7, 0.5, "end"])),
        json!({"model": "a", "model.seed": 7, "model.x": 0.5, "last": "end"})
    );
    assert_eq!(
        sent(&inputs, &json!(["b", "end"])),
        json!({"model": "b", "last": "end"})
    );
}

#[test]
fn a_controlled_combo_has_two_entries_behind_it_and_a_controlled_fraction_one() {
    let inputs = json!({
        "pick": [["a", "b"], {"control_after_generate": true}],
        "x": ["FLOAT", {"control_after_generate": true}],
        "last": ["STRING", {}]});
    assert_eq!(
        sent(
            &inputs,
            &json!(["b", "increment-wrap", null, 0.5, "fixed", "end"])
        ),
        json!({"pick": "b", "x": 0.5, "last": "end"})
    );
}

#[test]
fn an_empty_combo_takes_its_first_choice_or_is_not_sent() {
    let inputs = json!({"a": [["x", "y"], {}], "b": ["COMBO", {"options": []}], "c": [["z"]]});
    assert_eq!(
        sent(&inputs, &json!([null, null])),
        json!({"a": "x", "c": "z"})
    );
    assert_eq!(
        sent(&inputs, &json!(["gone", "kept", "z"])),
        json!({"a": "gone", "b": "kept", "c": "z"})
    );
}

#[test]
fn defaults_stand_in_beyond_the_end_of_the_stored_values() {
    let inputs = json!({"i": ["INT", {}], "f": ["FLOAT", {"default": 0.5}], "s": ["STRING", {}],
        "b": ["BOOLEAN", {}], "socket": ["IMAGE", {}], "only": ["INT", {"forceInput": true}]});
    assert_eq!(
        sent(&inputs, &json!([])),
        json!({"i": 0, "f": 0.5, "s": "", "b": false})
    );
}

#[test]
fn arrays_and_curves_are_wrapped_so_that_nobody_takes_them_for_links() {
    let inputs = json!({"many": ["COMBO", {"options": ["a", "b"], "multi_select": true}],
        "curve": ["CURVE", {}], "box": ["BOUNDING_BOX", {}]});
    assert_eq!(
        sent(&inputs, &json!([["1", 0], [[0, 0], [1, 1]], {"x": 1}])),
        json!({"many": {"__value__": ["1", 0]},
            "curve": {"__type__": "CURVE", "__value__": [[0, 0], [1, 1]]}, "box": {"x": 1}})
    );
}

#[test]
fn a_sampler_of_the_first_editors_loses_its_prefix() {
    let classes = json!({"KSampler": {"sampler_name": [["euler", "ddim"], {}]}});
    let ui = json!({"nodes": [{"id": 1, "type": "KSampler", "widgets_values": ["sample_ddim"]}], "links": []});
    assert_eq!(
        inputs_of(&by(&classes, &ui), "1"),
        json!({"sampler_name": "ddim"})
    );
}

#[test]
fn an_input_the_class_does_not_know_is_kept_if_linked_unless_it_claims_a_widget() {
    let classes = json!({"Source": {}, "Sink": {"known": ["IMAGE", {}]}});
    let ui = json!({"nodes": [{"id": 1, "type": "Source"}, {"id": 2, "type": "Sink", "inputs": [
            {"name": "extra", "type": "IMAGE", "link": 1},
            {"name": "gone", "type": "IMAGE", "link": 2, "widget": {"name": "gone"}}]}],
        "links": [[1, 1, 0, 2, 0, "IMAGE"], [2, 1, 0, 2, 1, "IMAGE"]]});
    let converted = by(&classes, &ui);
    assert_eq!(inputs_of(&converted, "2"), json!({"extra": ["1", 0]}));
    let gone = NoteKind::InputUnknown {
        input: "gone".to_owned(),
    };
    assert_eq!(converted.notes[0].kind, gone);
}

/// A source and a sink with a bypassed node between them; gives which of its inputs was gone through.
fn chosen(between: &Value, order: &[&str], (slot, wanted): (u32, &str)) -> Option<Value> {
    let classes = json!({"Source": {}, "Pass": between, "Sink": {"in": [wanted, {}]}});
    let inputs: Vec<Value> = (1..)
        .zip(order)
        .map(|(link, name)| json!({"name": name, "type": between[name][0], "link": link}))
        .collect();
    let mut links: Vec<Value> = (1..=inputs.len())
        .map(|link| json!([link, 1, link, 2, link - 1, "*"]))
        .collect();
    links.push(json!([100, 2, slot, 3, 0, "*"]));
    let ui = json!({"links": links, "nodes": [
        {"id": 1, "type": "Source"},
        {"id": 2, "type": "Pass", "mode": 4, "inputs": inputs},
        {"id": 3, "type": "Sink", "inputs": [{"name": "in", "type": wanted, "link": 100}]}]});
    let found = by(&classes, &ui).graph.nodes["3"]
        .inputs
        .get("in")
        .cloned()?;
    let link = usize::try_from(found[1].as_u64()?).ok()?;
    Some(json!(order[link - 1]))
}

#[test]
fn a_bypassed_node_passes_on_what_fits_best() {
    let pass = json!({"width": ["INT", {}], "m": ["MASK", {}], "both": ["IMAGE,MASK", {}], "i": ["IMAGE", {}]});
    let order = ["width", "m", "both", "i"];
    for (output, input) in [
        ((0, "IMAGE"), Some("i")),
        ((0, "MASK"), Some("m")),
        ((1, "IMAGE,MASK"), Some("both")),
        ((0, "LATENT"), None),
        ((0, "*"), Some("m")),
        ((1, "*"), Some("both")),
        ((1, "MASK"), Some("both")),
        ((9, "*"), Some("m")),
    ] {
        let input = input.map(Value::from);
        assert_eq!(chosen(&pass, &order, output), input, "{output:?}");
    }
}

#[test]
fn a_field_in_a_file_name_means_the_search_name_before_the_title() {
    let classes = json!({"Size": {"w": ["INT", {}]}, "Save": {"filename_prefix": ["STRING", {}]}});
    let ui = json!({"links": [], "nodes": [
        {"id": 1, "type": "Size", "title": "X", "widgets_values": [1]},
        {"id": 2, "type": "Size", "properties": {"Node name for S&R": "X"}, "widgets_values": [2]},
        {"id": 3, "type": "Size", "title": "Y", "widgets_values": [3]},
        {"id": 4, "type": "Save", "widgets_values": ["%X.w%_%Y.w%_%Size.w%"]}]});
    assert_eq!(
        inputs_of(&by(&classes, &ui), "4"),
        json!({"filename_prefix": "2_3_2"})
    );
}

/// A subgraph of one text node (5) and one size node (6), its text input promoted; `instance` is node 1.
fn subgraph(instance: &Value) -> Converted {
    let classes = json!({
        "Text": {"clip": ["CLIP", {}], "text": ["STRING", {"dynamicPrompts": true}]},
        "Size": {"w": ["INT", {}], "h": ["INT", {}]}});
    let text = json!({"id": 5, "type": "Text", "widgets_values": ["inner"], "inputs": [
        {"name": "clip", "type": "CLIP", "link": 1},
        {"name": "text", "type": "STRING", "link": 2, "widget": {"name": "text"}}]});
    let inner = json!({"id": "inner", "name": "Inner", "outputs": [],
        "inputs": [{"name": "words", "type": "STRING", "linkIds": [1, 2]}],
        "nodes": [text, {"id": 6, "type": "Size", "widgets_values": [64, 32]}],
        "links": [
            {"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 0, "type": "CLIP"},
            {"id": 2, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 1, "type": "STRING"}]});
    let outer = json!({"id": "outer", "name": "Outer", "inputs": [], "outputs": [], "links": [],
        "nodes": [{"id": 7, "type": "inner", "widgets_values": ["of the inner instance"]}]});
    by(
        &classes,
        &json!({"nodes": [instance], "links": [],
        "definitions": {"subgraphs": [outer, inner]}}),
    )
}

#[test]
fn a_promoted_text_is_found_behind_any_of_the_links_and_sent_as_it_is() {
    let converted = subgraph(&json!({"id": 1, "type": "inner", "widgets_values": ["a {b} // c"]}));
    assert_eq!(
        converted.graph.nodes["1:5"].inputs["text"],
        json!("a {b} // c")
    );
    let kept = NoteKind::TextKept {
        input: "text".to_owned(),
    };
    assert!(converted.notes.iter().any(|note| note.kind == kept));
}

#[test]
fn shown_values_keep_what_is_null_and_skip_previews() {
    let converted = subgraph(&json!({"id": 1, "type": "inner",
        "properties": {"proxyWidgets": [["5", "text"], ["6", "$$preview"], ["6", "h"], ["6", "7: w"], ["6", "gone"]]},
        "widgets_values": [null, "not a value", null, 96, 1]}));
    assert_eq!(converted.graph.nodes["1:5"].inputs["text"], json!("inner"));
    assert_eq!(inputs_of(&converted, "1:6"), json!({"w": 96, "h": 32}));
}

#[test]
fn an_outer_subgraph_sets_what_an_inner_one_shows() {
    let with = |properties: Value, values: Value| {
        let instance =
            json!({"id": 1, "type": "outer", "properties": properties, "widgets_values": values});
        subgraph(&instance).graph.nodes["1:7:5"].inputs["text"].clone()
    };
    let text = json!({"proxyWidgets": r#"[["7", "words"]]"#});
    assert_eq!(with(text, json!(["of the outer"])), json!("of the outer"));
    assert_eq!(with(json!({}), json!([])), json!("of the inner instance"));
}
