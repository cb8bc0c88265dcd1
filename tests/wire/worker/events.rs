//! Streams of events: what was recorded, what was heard, where they part.

use serde_json::Value;

use super::{
    compare,
    transcript::{Step, Transcript},
    wire::{self, Ear, Heard},
};

pub(super) fn is_the_end_of_a_job(heard: &Heard) -> bool {
    matches!(heard, Heard::Text(message) if message["type"] == "execution_success")
}

/// Steps of a socket.
pub(super) fn since_open<'a>(steps: &'a [Step], socket: &str) -> Vec<&'a Step> {
    let own = |step: &&Step| step.body["socket"] == *socket && step.body["dir"] == "in";
    steps.iter().filter(own).collect()
}

pub(super) fn counts(body: &Value) -> bool {
    let kind = body["message"]["type"].as_str().unwrap_or("");
    body["kind"] == "ws_text" && !matches!(kind, "progress" | "progress_state")
}

/// Says whether a socket heard what a step recorded.
pub(super) fn is_heard(ear: &Ear, step: &Step) -> bool {
    let wanted = recorded_event(step).and_then(|heard| compare::event(&heard));
    ear.all()
        .iter()
        .any(|heard| compare::event(heard) == wanted)
}

pub(super) fn recorded_event(step: &Step) -> Option<Heard> {
    let body = &step.body;
    if step.kind == "ws_text" {
        return Some(Heard::Text(body["message"].clone()));
    }
    let decoded = &body["decoded"];
    let kind = u32::try_from(decoded["event_type"].as_u64()?).ok()?;
    let mut bytes = kind.to_be_bytes().to_vec();
    match kind {
        4 => {
            let text = decoded["metadata"].to_string();
            bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
            bytes.extend(text.bytes());
        }
        3 => bytes = wire::base64(body["b64"].as_str()?),
        _ => {
            let format = u32::try_from(decoded["image_format"].as_u64()?).ok()?;
            bytes.extend(format.to_be_bytes());
        }
    }
    Some(Heard::Binary(bytes))
}

/// Prompts with several outputs: which of them runs first differs from run to run.
pub(super) fn branching(transcript: &Transcript) -> Vec<String> {
    let outputs = |graph: &Value| {
        let nodes = graph.as_object().into_iter().flatten();
        let shows = |class: &str| class.starts_with("Save") || class.starts_with("Preview");
        nodes
            .filter(|(_, node)| shows(node["class_type"].as_str().unwrap_or("")))
            .count()
    };
    transcript
        .steps
        .iter()
        .filter(|step| outputs(&step.body["request"]["body"]["prompt"]) > 1)
        .filter_map(|step| step.body["request"]["body"]["prompt_id"].as_str())
        .map(str::to_owned)
        .collect()
}

pub(super) fn is_a_step(what: &str) -> bool {
    what.starts_with("progress") || what.starts_with("state")
}

/// Leaves out repeated steps and those in the air when a socket ended, and puts events of branching prompts in one order.
pub(super) fn reduce(events: &[(String, String)], branching: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut branched: Vec<String> = Vec::new();
    for (prompt, what) in events {
        if branching.contains(prompt) {
            let what = compare::numbers_out(what);
            if !what.starts_with("state") && !branched.contains(&what) {
                branched.push(what);
            }
            continue;
        }
        if what.starts_with("feature_flags") {
            branched.push(what.clone());
            continue;
        }
        let n = kept.len();
        if is_a_step(what) && n >= 3 && kept[n - 2] == *what && kept[n - 1] == kept[n - 3] {
            kept.pop();
        } else {
            kept.push(what.clone());
        }
    }
    while kept.last().is_some_and(|what| is_a_step(what)) {
        kept.pop();
    }
    branched.sort();
    kept.extend(branched);
    kept
}

pub(super) fn difference(recorded: &[String], found: &[String], thinned: bool) -> Option<String> {
    if thinned {
        let found: Vec<String> = found
            .iter()
            .map(|event| compare::numbers_out(event))
            .collect();
        let recorded: Vec<String> = recorded
            .iter()
            .map(|event| compare::numbers_out(event))
            .collect();
        let mut left = found.iter();
        let missing = recorded
            .iter()
            .find(|event| !left.any(|heard| heard == *event));
        return missing.map(|event| format!("{event} was not heard in its place"));
    }
    let at = (0..recorded.len().max(found.len())).find(|n| recorded.get(*n) != found.get(*n))?;
    let shown = |event: Option<&String>| {
        event.map_or("nothing".to_owned(), |event| {
            event.chars().take(400).collect()
        })
    };
    Some(format!(
        "at {at}\n      {}\n      recorded {}",
        shown(found.get(at)),
        shown(recorded.get(at))
    ))
}
