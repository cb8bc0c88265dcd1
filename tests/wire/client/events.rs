//! Every recorded frame becomes an event; progress and history agree with what was heard.

use std::collections::BTreeMap;

use rushes::comfy::{Event, HistoryEntry, Outcome, OutputItem, Progress};
use rushes::core::workflow::Graph;
use uuid::Uuid;

use super::tape::{self, Tape};

#[test]
fn every_recorded_frame_is_an_event_of_its_kind() {
    let mut kinds = BTreeMap::<String, usize>::new();
    for tape in tape::all() {
        for (step, event) in tape.heard() {
            let recorded = step["message"]["type"].as_str().map_or_else(
                || format!("binary {}", step["decoded"]["event_type"]),
                str::to_owned,
            );
            assert_eq!(
                recorded,
                kind_of(&event, &recorded),
                "{}: {step}",
                tape.name()
            );
            if let Some(id) = step["message"]["data"]["prompt_id"]
                .as_str()
                .and_then(|id| id.parse::<Uuid>().ok())
            {
                let lower = step["message"]["data"]["prompt_id"] == id.to_string();
                assert_eq!(
                    event.prompt(),
                    Some(id).filter(|_| lower),
                    "{}",
                    tape.name()
                );
            }
            *kinds.entry(recorded).or_default() += 1;
        }
    }
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    assert!(kinds.values().sum::<usize>() > 4_700, "{kinds:?}");
}

/// The name a server would give an event.
fn kind_of(event: &Event, recorded: &str) -> String {
    match event {
        Event::Status { .. } => "status",
        Event::Features(_) => "feature_flags",
        Event::Started { .. } => "execution_start",
        Event::Cached { .. } => "execution_cached",
        Event::Executing { .. } | Event::Ended { .. } => "executing",
        Event::Progress { .. } => "progress",
        Event::ProgressState { .. } => "progress_state",
        Event::Executed { .. } => "executed",
        Event::Succeeded { .. } => "execution_success",
        Event::Failed { .. } => "execution_error",
        Event::Interrupted { .. } => "execution_interrupted",
        Event::Preview(picture) if picture.node.is_some() => "binary 4",
        Event::Preview(_) => "binary 1",
        Event::Text { .. } => "binary 3",
        Event::Other { .. } | Event::Silent | Event::Missed | Event::Closed(_) => {
            return format!("nothing for {recorded}");
        }
    }
    .to_owned()
}

#[test]
fn progress_over_every_recording_never_falls_and_is_whole_exactly_on_success() {
    let mut whole = 0;
    for tape in tape::all() {
        let heard: Vec<_> = tape.heard().map(|(_, event)| event).collect();
        for (id, request) in tape.accepted() {
            let graph: Graph =
                serde_json::from_value(request["prompt"].clone()).unwrap_or_default();
            let mut progress = Progress::new(id, &graph);
            let (mut last, mut succeeded) = (0.0, false);
            for event in &heard {
                progress.fold(event);
                let overall = progress.standing().overall;
                assert!(
                    (last..=1.0).contains(&overall),
                    "{}: {overall} after {last}",
                    tape.name()
                );
                succeeded |= event.is_about(id) && matches!(event, Event::Succeeded { .. });
                assert_eq!(overall >= 1.0, succeeded, "{} {id}", tape.name());
                last = overall;
            }
            whole += usize::from(succeeded);
        }
    }
    assert!(whole > 150, "{whole}");
}

#[test]
fn the_events_of_a_job_and_its_history_agree() {
    let mut compared = 0;
    for tape in tape::all() {
        let all: Vec<_> = tape.heard().map(|(_, event)| event).collect();
        for (id, _) in tape.accepted() {
            let Some(entry) = tape.history(id) else {
                continue;
            };
            let heard: Vec<_> = all.iter().filter(|event| event.is_about(id)).collect();
            if !heard
                .iter()
                .any(|event| matches!(event, Event::Ended { .. }))
            {
                continue;
            }
            let (succeeded, stopped) =
                heard
                    .iter()
                    .fold((false, false), |(ok, stop), event| match event {
                        Event::Succeeded { .. } => (true, stop),
                        Event::Interrupted { .. } => (ok, true),
                        _ => (ok, stop),
                    });
            match &entry.outcome {
                Outcome::Success => assert!(succeeded, "{} {id}", tape.name()),
                Outcome::Interrupted { .. } => {
                    assert!(stopped && !succeeded, "{} {id}", tape.name());
                }
                Outcome::Failed(failure) => {
                    assert!(!succeeded && !stopped, "{} {id}", tape.name());
                    let told = heard.iter().find_map(|event| match event {
                        Event::Failed { failure, .. } => Some(failure.message.clone()),
                        _ => None,
                    });
                    assert_eq!(
                        told.as_ref(),
                        Some(&failure.message),
                        "{} {id}",
                        tape.name()
                    );
                }
            }
            agree_on_files(&heard, &entry, tape);
            compared += 1;
        }
    }
    assert!(compared > 90, "{compared}");
}

/// Each file that was told of while the job ran is in its history.
fn agree_on_files(heard: &[&Event], entry: &HistoryEntry, tape: &Tape) {
    for event in heard {
        if let Event::Executed { outputs, .. } = event {
            for output in outputs
                .iter()
                .filter(|output| matches!(output.item, OutputItem::File(_)))
            {
                assert!(
                    entry.outputs.contains(output) || tape.scenario.starts_with("s18"),
                    "{}: {output:?} is missing",
                    tape.name()
                );
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_frame_of_any_bytes_stops_the_client(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80), kind in 0_u8..6) {
        let _ = Event::from_text(&bytes);
        let framed = [&[0, 0, 0, kind], &bytes[..]].concat();
        let event = Event::from_binary(&framed.into());
        proptest::prop_assert!(event.prompt().is_none());
    }
}
