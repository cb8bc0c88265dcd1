//! What holds for any value and any damage.

use proptest::prelude::*;
use rushes::core::workflow::check::{Known, check};
use rushes::core::workflow::draw::{Glyphs, Style, draw};
use rushes::core::workflow::slot::Slot;
use rushes::core::workflow::{Graph, SlotKind, infer, library, loose, patch, walk};
use serde_json::{Value, json};

use crate::definitions;

#[expect(clippy::cast_possible_truncation, reason = "limits of slots are small")]
const fn whole(limit: f64) -> i64 {
    limit as i64
}

/// A value that a slot takes.
fn value_for(slot: &Slot) -> BoxedStrategy<Value> {
    let (min, max) = (slot.min.unwrap_or(-1000.0), slot.max.unwrap_or(1000.0));
    match slot.kind {
        SlotKind::Int => (whole(min)..=whole(max)).prop_map(Value::from).boxed(),
        SlotKind::Float => (min..=max).prop_map(Value::from).boxed(),
        SlotKind::Seed => any::<u64>().prop_map(Value::from).boxed(),
        SlotKind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        SlotKind::Choice if !slot.choices.is_empty() => {
            prop::sample::select(slot.choices.clone()).boxed()
        }
        SlotKind::Choice | SlotKind::Text => any::<String>().prop_map(Value::from).boxed(),
        SlotKind::Image | SlotKind::Video | SlotKind::Audio => {
            "[a-z가-힣]{1,12}\\.(png|mp4)".prop_map(Value::from).boxed()
        }
    }
}

/// A shipped workflow, one of its slots, and a value for it.
fn a_setting() -> impl Strategy<Value = (usize, usize, Value)> {
    (0..library::shipped().len()).prop_flat_map(|at| {
        let slots = &library::shipped()[at].manifest.slots;
        (0..slots.len()).prop_flat_map(move |slot| {
            value_for(&library::shipped()[at].manifest.slots[slot])
                .prop_map(move |value| (at, slot, value))
        })
    })
}

/// Anything that may stand in an input.
fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        (0..40_u32, any::<i8>()).prop_map(|(node, slot)| json!([node.to_string(), slot])),
        Just(json!([])),
        Just(json!([1, 2, 3])),
        Just(json!({ "__value__": ["a", 0] })),
        Just(json!({ "a": { "b": [] } })),
    ]
}

/// A shipped graph with inputs, classes and nodes damaged at random.
fn damaged() -> impl Strategy<Value = Graph> {
    let hit = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        junk(),
        0..5_u8,
    );
    (
        0..library::shipped().len(),
        prop::collection::vec(hit, 1..12),
    )
        .prop_map(|(at, hits)| {
            let mut graph = library::shipped()[at].graph.clone();
            for (node, input, value, how) in hits {
                if graph.nodes.is_empty() {
                    break;
                }
                let (id, hit) = graph
                    .nodes
                    .get_index_mut(node.index(graph.nodes.len()))
                    .unwrap();
                let id = id.clone();
                let names: Vec<String> = hit.inputs.keys().cloned().collect();
                match how {
                    0 => {
                        graph.nodes.shift_remove(&id);
                    }
                    1 => hit.class_type = value.to_string(),
                    2 => {
                        hit.inputs.insert(value.to_string(), json!([id, 0]));
                    }
                    _ if names.is_empty() => {}
                    _ => {
                        hit.inputs
                            .insert(names[input.index(names.len())].clone(), value);
                    }
                }
            }
            graph
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_that_was_set_is_read_back((at, slot, value) in a_setting()) {
        let template = &library::shipped()[at];
        let slot = &template.manifest.slots[slot];
        let mut graph = template.graph.clone();
        let stored = patch::set(&mut graph, &template.manifest.slots, &slot.name, value.clone()).unwrap();
        prop_assert_eq!(&stored, &value);
        prop_assert_eq!(slot.value(&graph), Some(&value));
        for bind in &slot.bind {
            prop_assert_eq!(bind.value(&graph), Some(&value));
        }
        let links = |graph: &Graph| graph.nodes.values().map(|node| node.links().count()).sum::<usize>();
        prop_assert_eq!(links(&graph), links(&template.graph));
    }

    #[test]
    fn a_value_that_was_refused_changes_nothing(
        at in 0..library::shipped().len(), name in "[a-z.0-9]{0,8}", value in junk()
    ) {
        let template = &library::shipped()[at];
        let mut graph = template.graph.clone();
        if patch::set(&mut graph, &template.manifest.slots, &name, value).is_err() {
            prop_assert_eq!(&graph, &template.graph);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_graph_is_judged_drawn_and_searched_without_a_panic(graph in damaged()) {
        static INFO: std::sync::LazyLock<rushes::core::workflow::ObjectInfo> =
            std::sync::LazyLock::new(definitions);
        let report = check(&graph, Known::new(&INFO));
        for fault in report.errors.iter().chain(&report.warnings) {
            prop_assert!(!fault.message.chars().any(char::is_control), "{}", fault.message);
        }
        let lines = draw(&graph, Some(&INFO), Style { columns: 60, glyphs: Glyphs::Lines });
        prop_assert!(lines.len() >= graph.nodes.len().min(1));
        let slots = infer::slots(&graph, Some(&INFO));
        let mut names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), slots.len(), "two slots share a name");
        prop_assert!(infer::slots(&graph, None).iter().all(|slot| !slot.bind.is_empty()));
        prop_assert!(loose::adopt(&graph).slots.iter().all(|slot| !slot.bind.is_empty()));
        let kept: usize = walk::split(&graph, Some(&INFO)).iter().map(|part| part.nodes.len()).sum();
        prop_assert!(kept <= graph.nodes.len());
    }
}
