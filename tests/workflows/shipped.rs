//! The workflows that come with the program.

use std::collections::BTreeSet;

use rushes::core::workflow::check::{Known, Models, Report, check};
use rushes::core::workflow::manifest::{ManifestError, parse};
use rushes::core::workflow::patch::{self, PatchError};
use rushes::core::workflow::{Graph, ObjectInfo, Slot, SlotKind, Template, infer, library};
use serde_json::{Value, json};

use crate::definitions;

#[test]
fn every_graph_in_the_folder_is_shipped() {
    let folder = format!("{}/workflows", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let mut shipped: Vec<String> = library::shipped()
        .iter()
        .map(|template| template.manifest.id.clone())
        .collect();
    files.sort();
    shipped.sort();
    assert_eq!(files, shipped);
}

#[test]
fn length_and_rate_reach_picture_sound_and_file() {
    for id in [
        "ltx2-t2v",
        "ltx2-t2v-distilled",
        "ltx2-i2v",
        "ltx2-i2v-distilled",
    ] {
        let template = library::find(id).unwrap();
        let mut graph = template.graph.clone();
        let slots = &template.manifest.slots;
        patch::set(&mut graph, slots, "frames", json!(97)).unwrap();
        patch::set(&mut graph, slots, "fps", json!(25)).unwrap();
        for (class, input, expected) in [
            ("EmptyLTXVLatentVideo", "length", 97),
            ("LTXVEmptyLatentAudio", "frames_number", 97),
            ("LTXVEmptyLatentAudio", "frame_rate", 25),
            ("LTXVConditioning", "frame_rate", 25),
            ("CreateVideo", "fps", 25),
        ] {
            assert_eq!(
                reaches(&graph, class, input),
                json!(expected),
                "{id} {class}.{input}"
            );
        }
    }
}

/// Follows an input through primitive nodes to the value it gets.
fn reaches(graph: &Graph, class: &str, input: &str) -> Value {
    let node = graph
        .nodes
        .values()
        .find(|node| node.class_type == class)
        .unwrap();
    let value = &node.inputs[input];
    match value.get(0).and_then(Value::as_str) {
        Some(from) => graph.nodes[from].inputs["value"].clone(),
        None => value.clone(),
    }
}

#[test]
fn every_slot_takes_a_value_and_gives_it_back() {
    for template in library::shipped() {
        for slot in &template.manifest.slots {
            let value = match slot.kind {
                SlotKind::Int => patch::fit(slot, json!(slot.max.unwrap_or(64.0))).unwrap(),
                SlotKind::Float => json!(slot.min.unwrap_or(0.5)),
                SlotKind::Seed => json!(u64::MAX),
                SlotKind::Bool => json!(true),
                SlotKind::Choice => slot.choices.last().cloned().unwrap_or(json!("euler")),
                SlotKind::Text => json!("눈 오는 날"),
                SlotKind::Image | SlotKind::Video | SlotKind::Audio => json!("clip/눈.png"),
            };
            let mut graph = template.graph.clone();
            let stored = patch::set(
                &mut graph,
                &template.manifest.slots,
                &slot.name,
                value.clone(),
            );
            assert_eq!(
                stored,
                Ok(value.clone()),
                "{} {}",
                template.manifest.id,
                slot.name
            );
            for bind in &slot.bind {
                assert_eq!(
                    bind.value(&graph),
                    Some(&value),
                    "{} {bind}",
                    template.manifest.id
                );
            }
        }
    }
}

#[test]
fn a_wrong_value_is_refused_with_the_reason_and_nothing_changes() {
    let template = library::find("ltx2-t2v").unwrap();
    let slots = &template.manifest.slots;
    for (name, value, message) in [
        (
            "widht",
            json!(1),
            "no slot or node input is called `widht`; nearest: width",
        ),
        (
            "width",
            json!("wide"),
            "`width` takes a whole number, not \"wide\"",
        ),
        ("width", json!(4.5), "`width` takes a whole number, not 4.5"),
        ("frames", json!(2000), "`frames` takes 9 to 993, not 2000"),
        (
            "seed",
            json!(-1),
            "`seed` takes a whole number from 0 to 18446744073709551615, not -1",
        ),
        ("prompt", Value::Null, "`prompt` takes text, not null"),
        (
            "12.widht",
            json!(1),
            "node 12 (EmptyImage) has no input `widht`; nearest: width",
        ),
        (
            "16.length",
            json!(9),
            "`16.length` is fed by node 15 through a link; set 15 instead, or unlink it first",
        ),
        ("12.width", json!(9), "`width` takes 128 to 4096, not 9"),
    ] {
        let mut graph = template.graph.clone();
        let error = patch::set(&mut graph, slots, name, value).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(graph, template.graph, "{name}");
    }
}

#[test]
fn values_from_a_command_line_become_what_the_input_holds() {
    let template = library::find("ltx2-t2v").unwrap();
    let slots = &template.manifest.slots;
    for (name, given, stored) in [
        ("seed", "18446744073709551615", json!(u64::MAX)),
        ("frames", "97.0", json!(97)),
        ("cfg", "3.5", json!(3.5)),
        ("prompt", "12", json!("12")),
        ("prompt", "true", json!("true")),
        ("prompt", "비 오는 골목", json!("비 오는 골목")),
        ("21.stretch", "false", json!(false)),
        ("21.terminal", "0.2", json!(0.2)),
        ("13.upscale_method", "area", json!("area")),
        ("18.ckpt_name", "x.safetensors", json!("x.safetensors")),
    ] {
        let mut graph = template.graph.clone();
        let value = patch::set(&mut graph, slots, name, patch::read_value(given));
        assert_eq!(value, Ok(stored), "{name}={given}");
    }
}

#[test]
fn a_list_is_wrapped_or_it_would_be_read_as_a_link() {
    let template = library::find("ltx2-t2v").unwrap();
    let mut graph = template.graph.clone();
    let value = patch::set(
        &mut graph,
        &template.manifest.slots,
        "prompt",
        json!(["1", 0]),
    );
    assert_eq!(value, Ok(json!({ "__value__": ["1", 0] })));
}

#[test]
fn an_input_file_may_not_leave_its_folder() {
    let template = library::find("ltx2-i2v").unwrap();
    for name in [
        "../secret.png",
        "/etc/passwd",
        "a/../../b.png",
        "a\u{1b}[2J.png",
        "",
    ] {
        let mut graph = template.graph.clone();
        let refused = patch::set(&mut graph, &template.manifest.slots, "image", json!(name));
        assert!(
            matches!(refused, Err(PatchError::WrongType { .. })),
            "{name:?}"
        );
    }
}

#[test]
fn a_manifest_error_names_file_line_reason_and_the_nearest_word() {
    let graph: Graph = serde_json::from_value(json!({
        "1": { "class_type": "EmptyImage", "inputs": { "width": 64, "color": ["2", 0] } },
        "2": { "class_type": "PrimitiveInt", "inputs": { "value": 3 } },
    }))
    .unwrap();
    let head = "id = \"mine\"\ntitle = \"Mine\"\nkind = \"t2i\"\n";
    for (body, message) in [
        (
            "familly = \"sd\"",
            "mine.toml:4: unknown field `familly`, expected one of",
        ),
        (
            "[[slot]]\nname = \"w\"\nkind = \"int\"\nbind = [\"1.widht\"]",
            "mine.toml:7: node 1 has no input `widht` (did you mean `width`?)",
        ),
        (
            "[[slot]]\nname = \"w\"\nkind = \"int\"\nbind = [\"7.width\"]",
            "mine.toml:7: `7.width` names no node of the graph",
        ),
        (
            "[[slot]]\nname = \"w\"\nkind = \"int\"\nbind = [\"1.color\"]",
            "mine.toml:7: 1.color is fed by node 2; bind that node",
        ),
        (
            "[[slot]]\nname = \"w\"\nkind = \"int\"\nmax = 32\nbind = [\"1.width\"]",
            "mine.toml:5: the graph's own value does not fit: `w` takes any to 32, not 64",
        ),
        (
            "[[slot]]\nname = \"w\"\nkind = \"whole\"\nbind = [\"1.width\"]",
            "mine.toml:6: unknown variant `whole`",
        ),
        (
            "[[ladder]]\nname = \"a\"\nset = { steps = 3 }",
            "mine.toml:4: rung sets `steps`, which is no slot",
        ),
        ("x = ", "mine.toml:4:"),
        (
            "[[model]]\nfolder = \"vae\"\nfile = \"a\"\nbind = [\"1.width\"]",
            "mine.toml:6: 1.width of the graph does not name `a`",
        ),
    ] {
        let error: ManifestError =
            parse("mine.toml", &format!("{head}{body}"), graph.clone()).unwrap_err();
        assert!(
            error.to_string().starts_with(message),
            "{error}\nis not\n{message}"
        );
    }
    let error = parse("mine.toml", &format!("{head}familly = \"sd\""), graph).unwrap_err();
    assert_eq!(error.near.as_deref(), Some("family"));
}

/// Checks a shipped workflow against a worker that has its nodes and models.
fn checked(template: &Template, info: &ObjectInfo) -> Report {
    let mut models = Models::new();
    for model in &template.manifest.models {
        models
            .entry(model.folder.clone())
            .or_default()
            .push(model.file.clone());
    }
    let supplied = template.file_places();
    let known = Known {
        models: Some(&models),
        supplied: &supplied,
        manifest: Some(&template.manifest),
        ..Known::new(info)
    };
    check(&template.graph, known)
}

#[test]
fn every_shipped_workflow_passes_the_checks_of_a_server_that_has_its_nodes() {
    let info = definitions();
    for template in library::shipped() {
        let id = &template.manifest.id;
        let report = checked(template, &info);
        assert!(report.ok, "{id}: {report:#?}");
        let mut titled = template.graph.clone();
        titled.fill_titles();
        assert_eq!(titled, template.graph, "{id}: every node has a title");
        assert!(report.warnings.is_empty(), "{id}: {:#?}", report.warnings);
        assert_eq!(report.outputs.len(), 1, "{id}");
    }
}

#[test]
fn a_worker_without_models_lacks_exactly_those_the_manifest_names() {
    let info = definitions();
    for template in library::shipped() {
        let report = check(&template.graph, Known::new(&info));
        let lacks: BTreeSet<(String, String)> = report
            .missing_models
            .iter()
            .map(|missing| (missing.folder.to_owned(), missing.value.clone()))
            .collect();
        let named: BTreeSet<(String, String)> = template
            .manifest
            .models
            .iter()
            .map(|model| (model.folder.clone(), model.file.clone()))
            .collect();
        assert_eq!(lacks, named, "{}", template.manifest.id);
    }
}

#[test]
fn the_slots_of_a_manifest_are_where_meaning_finds_them() {
    let info = definitions();
    for template in library::shipped() {
        let id = &template.manifest.id;
        let found = infer::slots(&template.graph, Some(&info));
        for slot in &template.manifest.slots {
            let Some(meant) = found.iter().find(|meant| meant.name == slot.name) else {
                continue;
            };
            let sorted = |slot: &Slot| {
                let mut bind: Vec<String> = slot.bind.iter().map(ToString::to_string).collect();
                bind.sort();
                bind
            };
            // One slot may set an input more than meaning can know, such as the size of a helper picture.
            let (mine, theirs) = (sorted(slot), sorted(meant));
            assert!(
                theirs.iter().all(|bind| mine.contains(bind)),
                "{id} {}: {mine:?} but meaning finds {theirs:?}",
                slot.name
            );
        }
        for name in [
            "prompt", "negative", "seed", "seed.2", "width", "frames", "fps", "image", "video",
            "steps",
        ] {
            let mine = template.slot(name).is_some();
            let theirs = found.iter().any(|slot| slot.name == name);
            if mine {
                assert!(theirs, "{id}: meaning does not find {name}");
            }
        }
    }
}
