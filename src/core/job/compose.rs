//! From a request and a rung to the graph that is sent.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::Request;
use crate::core::workflow::patch::PatchError;
use crate::core::workflow::slot::link;
use crate::core::workflow::{Binding, Graph, Slot, patch};

/// The facts of an attempt that people and estimates care about, by slot name.
const FACTS: [&str; 9] = [
    "width", "height", "frames", "fps", "steps", "cfg", "seed", "prompt", "negative",
];

/// A graph ready to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// The workflow that this rung runs.
    pub workflow: String,
    /// What goes on the wire.
    pub graph: Graph,
    /// Size, length, steps, seed and texts of this attempt.
    pub facts: Map<String, Value>,
    /// Longest run, in seconds.
    pub timeout_s: Option<f64>,
}

/// Builds the graph of one attempt.
///
/// `uploads` gives the name a worker knows each input file by. `mark` becomes the folder of the server's output files;
/// it differs between attempts, so that a worker's cache cannot hand an attempt the broken file of an earlier one.
///
/// # Errors
/// When a slot does not exist or a value does not fit it.
pub fn compose(
    request: &Request,
    rung: u32,
    uploads: &IndexMap<String, Value>,
    mark: &str,
) -> Result<Composed, PatchError> {
    let step = request.ladder.get(rung as usize).or(request.ladder.last());
    let other = step.and_then(|step| Some((step.workflow.as_ref()?, step.graph.as_ref()?)));
    let (workflow, graph) = other.unwrap_or((&request.workflow, &request.graph));
    let slots = step
        .filter(|_| other.is_some())
        .and_then(|step| step.slots.as_ref())
        .unwrap_or(&request.slots);
    let mut graph = graph.clone();
    let mut set = request.set.clone();
    set.extend(step.into_iter().flat_map(|step| step.set.clone()));
    set.extend(uploads.clone());
    if other.is_some() {
        // The other workflow need not have every slot of the one that was asked for; what it lacks has no meaning there.
        set.retain(|name, _| has_place(name, slots, &graph, &request.graph));
    }
    patch::set_all(
        &mut graph,
        slots,
        set.iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    )?;
    mark_outputs(&mut graph, mark);
    let facts = facts(&graph, slots);
    let timeout_s = step.and_then(|step| step.timeout_s).or(request.timeout_s);
    Ok(Composed {
        workflow: workflow.clone(),
        graph,
        facts,
        timeout_s,
    })
}

/// Says whether a name that was meant for `asked` means the same in another workflow: a slot, or an input of a node of
/// the same class under the same id. Ids are given out anew in every workflow, so the id alone proves nothing.
fn has_place(name: &str, slots: &[Slot], graph: &Graph, asked: &Graph) -> bool {
    if slots.iter().any(|slot| slot.name == name) {
        return true;
    }
    let Some(place) = Binding::find(name, graph) else {
        return false;
    };
    let class = |graph: &Graph| Some(graph.nodes.get(&place.node)?.class_type.clone());
    let settable = place
        .value(graph)
        .is_some_and(|value| link(value).is_none());
    settable && class(asked).is_none_or(|asked| Some(asked) == class(graph))
}

/// Reads what the attempt asks for back from the graph, so that defaults are known too.
fn facts(graph: &Graph, slots: &[Slot]) -> Map<String, Value> {
    let known = |name: &&str| {
        let slot = slots.iter().find(|slot| slot.name == **name)?;
        let value = slot.bind.first()?.value(graph)?;
        Some(((*name).to_owned(), value.clone()))
    };
    FACTS.iter().filter_map(known).collect()
}

/// Gives every node that writes files a prefix of its own.
fn mark_outputs(graph: &mut Graph, mark: &str) {
    for (id, node) in &mut graph.nodes {
        if let Some(Value::String(prefix)) = node.inputs.get_mut("filename_prefix") {
            let plain: String = id
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect();
            *prefix = format!("{mark}/{plain}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::*;
    use serde_json::json;

    fn graph(class: &str) -> Graph {
        serde_json::from_value(json!({
            "1": {"class_type": class, "inputs": {"width": 1280, "text": ""}},
            "9": {"class_type": "SaveVideo", "inputs": {"filename_prefix": "video/x"}},
        }))
        .unwrap()
    }

    fn slot(name: &str, input: &str, kind: &str) -> Slot {
        let bind = json!([{"node": "1", "input": input}]);
        serde_json::from_value(json!({"name": name, "bind": bind, "kind": kind, "help": ""}))
            .unwrap()
    }

    fn request() -> Request {
        let slots = vec![
            slot("width", "width", "int"),
            slot("prompt", "text", "text"),
        ];
        Request {
            workflow: "full".into(),
            graph: graph("Full"),
            slots: slots.clone(),
            set: IndexMap::from([
                ("prompt".to_owned(), json!("a long story")),
                ("width".to_owned(), json!(1280)),
            ]),
            ladder: vec![
                Step::default(),
                Step {
                    name: "small".into(),
                    set: IndexMap::from([
                        ("width".to_owned(), json!(768)),
                        ("prompt".to_owned(), json!("short")),
                    ]),
                    workflow: Some("distilled".into()),
                    graph: Some(graph("Distilled")),
                    slots: Some(slots),
                    timeout_s: Some(60.0),
                },
            ],
            timeout_s: Some(1200.0),
            ..Request::default()
        }
    }

    #[test]
    fn the_first_rung_is_as_asked() {
        let composed = compose(&request(), 0, &IndexMap::new(), "rushes/j-1").unwrap();
        assert_eq!(composed.workflow, "full");
        assert_eq!(composed.graph.nodes["1"].inputs["text"], "a long story");
        assert_eq!(
            composed.graph.nodes["9"].inputs["filename_prefix"],
            "rushes/j-1/9"
        );
        assert_eq!(composed.timeout_s, Some(1200.0));
    }

    #[test]
    fn a_lower_rung_runs_its_own_workflow_with_its_own_values() {
        let composed = compose(&request(), 1, &IndexMap::new(), "m").unwrap();
        assert_eq!(composed.workflow, "distilled");
        assert_eq!(composed.graph.nodes["1"].class_type, "Distilled");
        assert_eq!(composed.facts["width"], 768);
        assert_eq!(composed.facts["prompt"], "short");
        assert_eq!(composed.timeout_s, Some(60.0));
    }

    #[test]
    fn a_setting_by_node_number_stays_with_the_workflow_that_has_that_node() {
        let mut request = request();
        for (name, value) in [
            ("9.format", json!("mp4")), // the other workflow's node 9 has no such input
            ("1.text", json!("by number")), // its node 1 is of another class
            ("7.cfg", json!(3.0)),      // it has no node 7
            ("lora.2.strength", json!(0.5)), // a slot that it lacks
        ] {
            request.set.insert(name.to_owned(), value);
        }
        let composed = compose(&request, 1, &IndexMap::new(), "m").unwrap();
        assert_eq!(composed.graph.nodes["1"].inputs["text"], "short");
        assert!(!composed.graph.nodes["9"].inputs.contains_key("format"));

        request.ladder[1].graph = Some(graph("Full"));
        request.ladder[1].set.shift_remove("prompt");
        let composed = compose(&request, 1, &IndexMap::new(), "m").unwrap();
        assert_eq!(composed.graph.nodes["1"].inputs["text"], "by number");
    }

    #[test]
    fn past_the_last_rung_the_last_one_is_repeated() {
        assert_eq!(
            compose(&request(), 9, &IndexMap::new(), "m")
                .unwrap()
                .workflow,
            "distilled"
        );
    }
}
