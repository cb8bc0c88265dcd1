//! Writing a manifest for a graph that was brought without one.

use serde::Serialize;
use serde_json::Value;

use super::{Kind, Template};
use crate::core::workflow::geometry::Family;
use crate::core::workflow::graph::Graph;
use crate::core::workflow::model_rules::model_folder;
use crate::core::workflow::patch;
use crate::core::workflow::slot::{Binding, Slot, SlotKind, link};

/// Most choices written down; a longer list is the worker's business.
const MOST_CHOICES: usize = 100;

#[derive(Serialize)]
struct Page<'a> {
    id: &'a str,
    title: &'a str,
    kind: Kind,
    family: Family,
    timeout_s: u64,
    help: &'a str,
    slot: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    kind: SlotKind,
    bind: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<&'a Value>,
    #[serde(skip_serializing_if = "str::is_empty")]
    help: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
}

/// Writes the manifest of a workflow that has no ladder and no models of its own, so that [`parse`](super::parse) reads the same slots.
///
/// Choices of model files are left out: they are the worker's, and change. Limits that the graph's own value does not
/// keep are left out too; a slot that is fed by a link, or stands nowhere, cannot be set and is not written.
///
/// # Errors
/// Never for slots made by this program; serialization is fallible by type.
pub fn write(template: &Template) -> Result<String, toml::ser::Error> {
    let manifest = &template.manifest;
    let slots = manifest.slots.iter();
    let page = Page {
        id: &manifest.id,
        title: &manifest.title,
        kind: manifest.kind,
        family: manifest.family,
        timeout_s: manifest.timeout_s,
        help: &manifest.help,
        slot: slots
            .filter_map(|slot| line(slot, &template.graph))
            .collect(),
    };
    toml::to_string_pretty(&page)
}

fn line<'a>(slot: &'a Slot, graph: &Graph) -> Option<Line<'a>> {
    let settable = |bind: &&Binding| bind.value(graph).is_some_and(|value| link(value).is_none());
    let binds: Vec<&Binding> = slot.bind.iter().filter(settable).collect();
    let first = binds.first()?;
    let of_worker = slot.kind.is_file()
        || graph
            .nodes
            .get(&first.node)
            .is_some_and(|node| model_folder(&node.class_type, &first.input).is_some());
    let told = !of_worker && slot.choices.len() <= MOST_CHOICES;
    let choices = slot
        .choices
        .iter()
        .filter(|choice| told && !choice.is_null());
    let line = Line {
        name: &slot.name,
        kind: slot.kind,
        bind: binds.iter().map(ToString::to_string).collect(),
        unit: slot.unit.as_deref(),
        min: slot.min.filter(|limit| limit.is_finite()),
        max: slot.max.filter(|limit| limit.is_finite()),
        step: slot.step.filter(|limit| limit.is_finite()),
        choices: choices.collect(),
        help: &slot.help,
        required: slot.required,
        within: slot.within.as_deref(),
    };
    let Some(value) = first.value(graph) else {
        return Some(line);
    };
    if patch::fit(slot, value.clone()).is_ok() {
        return Some(line);
    }
    let line = unlimited(line);
    let free = Slot::new(&*slot.name, slot.kind, Vec::new());
    Some(match patch::fit(&free, value.clone()) {
        Ok(_) => line,
        Err(_) => Line {
            kind: SlotKind::Text,
            ..line
        },
    })
}

fn unlimited(line: Line<'_>) -> Line<'_> {
    Line {
        min: None,
        max: None,
        step: None,
        choices: Vec::new(),
        ..line
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::core::workflow::library;

    #[test]
    fn a_manifest_that_was_written_reads_back_with_the_same_slots() {
        for shipped in library::shipped() {
            let found = Template::of_graph(&shipped.manifest.id, shipped.graph.clone(), None);
            let text = write(&found).unwrap();
            let read = parse("x.toml", &text, found.graph.clone())
                .unwrap_or_else(|error| panic!("{}: {error}\n{text}", shipped.manifest.id));
            let names = |template: &Template| -> Vec<String> {
                let slots = template.manifest.slots.iter();
                slots.map(|slot| slot.name.clone()).collect()
            };
            assert_eq!(names(&read), names(&found), "{text}");
        }
    }

    #[test]
    fn a_value_outside_its_limits_loses_the_limits_and_not_the_slot() {
        let graph: Graph = serde_json::from_value(serde_json::json!({
            "1": {"class_type": "KSampler", "inputs": {"steps": 900, "text": "a {dog} runs"}}
        }))
        .unwrap();
        let mut template = Template::of_graph("강아지", graph, None);
        let steps = template.manifest.slots.iter_mut();
        for slot in steps.filter(|slot| slot.name == "steps") {
            slot.max = Some(100.0);
        }
        let read = parse("x.toml", &write(&template).unwrap(), template.graph.clone()).unwrap();
        assert_eq!(read.manifest.id, "강아지");
        assert_eq!(read.slot("steps").unwrap().max, None);
        assert_eq!(read.slot("dog").unwrap().within.as_deref(), Some("{dog}"));
    }
}
