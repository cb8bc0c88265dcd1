//! How far a job is, folded from its events. Pure.
//!
//! Nodes weigh by the steps they say they will take: a sampler of thirty steps is thirty times a loader. What the
//! server had kept from earlier weighs nothing. The overall share never falls, whatever nodes do inside.

mod steps;

use std::collections::HashMap;

use indexmap::IndexMap;
use uuid::Uuid;

use super::wire::{Event, NodeProgress};
use crate::core::workflow::{Graph, Node, NodeId};

/// Share shown at most while the job still runs.
const ALMOST: f64 = 0.99;
/// Share of a node that runs others inside it, while not all of them are known.
const OPEN_END: f64 = 0.95;
/// Weight at most for a node whose steps were not known before: tiles and bytes count by the thousand.
const LEARNED_MOST: f64 = 20.0;
/// Most nodes kept count of.
const MOST_NODES: usize = 20_000;
/// Weight at most for steps a graph claims.
const CLAIMED_MOST: f64 = 10_000.0;

/// The progress of one prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    prompt: Uuid,
    nodes: IndexMap<NodeId, Part>,
    current: Option<NodeId>,
    overall: f64,
}

/// Where a job stands now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing<'a> {
    /// The node that runs.
    pub node: Option<&'a str>,
    /// Its class, if the graph knows it.
    pub class: Option<&'a str>,
    /// Its steps done.
    pub value: f64,
    /// Its steps in all; 0 when it reports none.
    pub max: f64,
    /// Share of the whole job, 0 to 1, never falling. 1 only when all nodes ran.
    pub overall: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Part {
    class: Option<String>,
    weight: f64,
    claimed: bool,
    kept: bool,
    done: f64,
    value: f64,
    max: f64,
}

impl Progress {
    /// Starts at nothing for a prompt of this graph.
    #[must_use]
    pub fn new(prompt: Uuid, graph: &Graph) -> Self {
        let nodes = graph
            .nodes
            .iter()
            .map(|(id, node)| (id.clone(), Part::of(graph, node)))
            .collect();
        Self {
            prompt,
            nodes,
            current: None,
            overall: 0.0,
        }
    }

    /// Where the job stands.
    #[must_use]
    pub fn standing(&self) -> Standing<'_> {
        let part = self.current.as_ref().and_then(|id| self.nodes.get(id));
        Standing {
            node: self.current.as_deref(),
            class: part.and_then(|part| part.class.as_deref()),
            value: part.map_or(0.0, |part| part.value),
            max: part.map_or(0.0, |part| part.max),
            overall: self.overall,
        }
    }

    /// Takes an event in; those of other prompts change nothing. Says whether anything changed.
    pub fn fold(&mut self, event: &Event) -> bool {
        if !event.is_about(self.prompt) {
            return false;
        }
        let before = self.snapshot();
        match event {
            Event::Cached { nodes, .. } => self.keep(nodes),
            Event::Executing { display, .. } => self.enter(display),
            Event::Progress {
                node: Some(node),
                value,
                max,
                ..
            } => self.step(node, *value, *max),
            Event::ProgressState { nodes, .. } => self.state(nodes),
            Event::Executed { outputs, .. } => {
                for output in outputs {
                    self.part(&output.node).done = 1.0;
                }
            }
            Event::Succeeded { .. } => self.finish(),
            Event::Progress { node: None, .. }
            | Event::Status { .. }
            | Event::Features(_)
            | Event::Started { .. }
            | Event::Ended { .. }
            | Event::Failed { .. }
            | Event::Interrupted { .. }
            | Event::Preview(_)
            | Event::Text { .. }
            | Event::Other { .. }
            | Event::Silent
            | Event::Missed
            | Event::Closed(_) => {}
        }
        self.overall = self.overall.max(self.share());
        self.snapshot() != before
    }

    fn keep(&mut self, ids: &[String]) {
        for id in ids {
            if let Some(part) = self.nodes.get_mut(id) {
                part.kept = true;
            }
        }
    }

    fn enter(&mut self, node: &str) {
        let left = self.current.take().filter(|old| old != node);
        if let Some(part) = left.and_then(|old| self.nodes.get_mut(&old)) {
            part.done = 1.0;
        }
        self.part(node).kept = false;
        self.current = Some(node.to_owned());
    }

    fn step(&mut self, node: &str, value: f64, max: f64) {
        // A node made at run time reports under its own id; the node it stands for is the one that is current.
        let id = if self.nodes.contains_key(node) {
            node.to_owned()
        } else {
            self.current.clone().unwrap_or_else(|| node.to_owned())
        };
        let inner = id != node;
        let part = self.part(&id);
        part.report(value, max);
        if !inner {
            part.done = part.done.max(part.ratio());
        }
    }

    fn state(&mut self, states: &[NodeProgress]) {
        let mut inner = HashMap::<&str, (f64, f64)>::new();
        for state in states.iter().filter(|state| state.node != state.display) {
            let (sum, count) = inner.entry(&state.display).or_default();
            *sum += ratio(state);
            *count += 1.0;
        }
        for own in states.iter().filter(|state| state.node == state.display) {
            let part = self.part(&own.node);
            if own.finished {
                part.done = 1.0;
            } else if let Some((sum, count)) = inner.get(own.node.as_str()) {
                part.done = part.done.max(sum / count * OPEN_END);
            } else {
                part.report(own.value, own.max);
                part.done = part.done.max(ratio(own));
            }
        }
    }

    fn finish(&mut self) {
        for part in self.nodes.values_mut() {
            part.done = 1.0;
        }
        self.overall = 1.0;
    }

    /// The part of a node; one more than any graph has shares a place with other strangers.
    fn part(&mut self, id: &str) -> &mut Part {
        let id = if self.nodes.len() < MOST_NODES || self.nodes.contains_key(id) {
            id
        } else {
            "…"
        };
        self.nodes
            .entry(id.to_owned())
            .or_insert_with(Part::unknown)
    }

    /// What a person sees of it, to tell whether it changed.
    fn snapshot(&self) -> (Option<NodeId>, [f64; 3]) {
        let standing = self.standing();
        (
            self.current.clone(),
            [standing.value, standing.max, standing.overall],
        )
    }

    fn share(&self) -> f64 {
        let live = || self.nodes.values().filter(|part| !part.kept);
        let all: f64 = live().map(|part| part.weight).sum();
        let done: f64 = live().map(|part| part.weight * part.done).sum();
        if all > 0.0 {
            (done / all).min(ALMOST)
        } else {
            0.0
        }
    }
}

impl Part {
    fn of(graph: &Graph, node: &Node) -> Self {
        let steps = steps::of(graph, node);
        Self {
            class: Some(node.class_type.clone()),
            weight: steps.unwrap_or(1.0).clamp(1.0, CLAIMED_MOST),
            claimed: steps.is_some(),
            ..Self::unknown()
        }
    }

    const fn unknown() -> Self {
        Self {
            class: None,
            weight: 1.0,
            claimed: false,
            kept: false,
            done: 0.0,
            value: 0.0,
            max: 0.0,
        }
    }

    fn report(&mut self, value: f64, max: f64) {
        if max > 0.0 {
            self.value = value.clamp(0.0, max);
            self.max = max;
            if !self.claimed {
                self.weight = self.weight.max(max.min(LEARNED_MOST));
            }
        }
    }

    fn ratio(&self) -> f64 {
        if self.max > 0.0 {
            self.value / self.max
        } else {
            0.0
        }
    }
}

fn ratio(state: &NodeProgress) -> f64 {
    if state.finished {
        1.0
    } else if state.max > 0.0 {
        (state.value / state.max).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::comfy::wire::Subject;

    const ID: Uuid = Uuid::from_u128(7);
    const OURS: Subject = Subject::Prompt(ID);

    fn graph() -> Graph {
        serde_json::from_value(json!({
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {}},
            "2": {"class_type": "BasicScheduler", "inputs": {"steps": 30}},
            "3": {"class_type": "SamplerCustomAdvanced", "inputs": {"sigmas": ["2", 0]}},
            "4": {"class_type": "SaveVideo", "inputs": {}},
        }))
        .unwrap()
    }

    fn executing(node: &str) -> Event {
        Event::Executing {
            of: OURS,
            node: node.into(),
            display: node.into(),
        }
    }

    fn step(node: &str, value: f64, max: f64) -> Event {
        Event::Progress {
            of: OURS,
            node: Some(node.into()),
            value,
            max,
        }
    }

    #[test]
    fn half_the_sampling_is_about_half_the_job() {
        let mut progress = Progress::new(ID, &graph());
        for event in [
            executing("1"),
            executing("2"),
            executing("3"),
            step("3", 15.0, 30.0),
        ] {
            assert!(progress.fold(&event));
        }
        let standing = progress.standing();
        assert_eq!(
            (standing.node, standing.class),
            (Some("3"), Some("SamplerCustomAdvanced"))
        );
        assert_eq!((standing.value, standing.max), (15.0, 30.0));
        assert!(
            (standing.overall - 17.0 / 33.0).abs() < 1e-9,
            "{}",
            standing.overall
        );
    }

    #[test]
    fn what_the_server_kept_weighs_nothing() {
        let mut progress = Progress::new(ID, &graph());
        progress.fold(&Event::Cached {
            of: OURS,
            nodes: vec!["1".into(), "2".into(), "3".into()],
        });
        progress.fold(&executing("4"));
        progress.fold(&step("4", 1.0, 2.0));
        assert!((progress.standing().overall - 0.5).abs() < 1e-9);
    }

    #[test]
    fn only_success_is_the_whole_and_others_change_nothing() {
        let mut progress = Progress::new(ID, &graph());
        for id in ["1", "2", "3", "4"] {
            progress.fold(&executing(id));
            progress.fold(&step(id, 9.0, 9.0));
        }
        assert!(progress.standing().overall < 1.0);
        assert!(!progress.fold(&Event::Succeeded {
            of: Subject::Unsaid,
            at: None
        }));
        assert!(!progress.fold(&Event::Succeeded {
            of: Subject::Prompt(Uuid::from_u128(8)),
            at: None
        }));
        assert!(progress.fold(&Event::Succeeded { of: OURS, at: None }));
        assert!((progress.standing().overall - 1.0).abs() < f64::EPSILON);
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let node = prop_oneof![
            Just("1"),
            Just("3"),
            Just("4"),
            Just("12.0.0.3"),
            Just("ghost")
        ];
        let number = prop_oneof![-5.0..2000.0, Just(0.0), Just(f64::NAN), Just(f64::INFINITY)];
        prop_oneof![
            node.clone().prop_map(executing),
            (node.clone(), number.clone(), number.clone())
                .prop_map(|(node, value, max)| step(node, value, max)),
            node.clone().prop_map(|node| Event::Cached {
                of: OURS,
                nodes: vec![node.into()]
            }),
            proptest::collection::vec((node, number.clone(), number, any::<bool>()), 0..4)
                .prop_map(|nodes| {
                    let nodes =
                        nodes
                            .into_iter()
                            .map(|(node, value, max, finished)| NodeProgress {
                                node: node.into(),
                                display: node.split('.').next().unwrap().into(),
                                value,
                                max,
                                finished,
                            });
                    Event::ProgressState {
                        of: OURS,
                        nodes: nodes.collect(),
                    }
                }),
        ]
    }

    proptest! {
        #[test]
        fn progress_never_falls_and_never_leaves_its_bounds(events in proptest::collection::vec(any_event(), 0..60)) {
            let mut progress = Progress::new(ID, &graph());
            let mut last = 0.0;
            for event in &events {
                progress.fold(event);
                let overall = progress.standing().overall;
                prop_assert!(overall >= last && overall <= ALMOST, "{overall} after {last}");
                last = overall;
            }
        }
    }
}
