//! What each recorded scenario must mean to us, one by one.

use std::fmt::Write as _;

use rushes::comfy::{
    Event, FailureClass, HistoryEntry, Media, Outcome, OutputItem, Rejection, Subject, safe_name,
};
use rushes::core::workflow::Graph;
use uuid::Uuid;

use super::tape::{self, Tape};

fn first(tape: &Tape) -> (Uuid, HistoryEntry) {
    let (id, _) = tape.accepted()[0];
    (
        id,
        tape.history(id)
            .unwrap_or_else(|| panic!("{}", tape.name())),
    )
}

fn names(entry: &HistoryEntry) -> Vec<&str> {
    entry.files().map(|file| file.filename.as_str()).collect()
}

#[test]
fn s01_a_picture_is_made_and_its_file_is_named() {
    for tape in tape::both("s01") {
        let (id, entry) = first(&tape);
        assert_eq!(entry.outcome, Outcome::Success);
        let OutputItem::File(file) = &entry.outputs[0].item else {
            panic!("{entry:?}")
        };
        assert_eq!(
            (
                entry.outputs.len(),
                entry.outputs[0].node.as_str(),
                entry.outputs[0].key.as_str()
            ),
            (1, "2", "images")
        );
        assert_eq!(
            (file.subfolder.as_str(), file.kind.as_str()),
            ("lab", "output")
        );
        assert!(file.filename.starts_with("img_"));
        let heard = tape.events("A");
        let success = heard
            .iter()
            .position(|event| matches!(event, Event::Succeeded { .. }))
            .unwrap();
        let end = heard
            .iter()
            .position(|event| {
                *event
                    == Event::Ended {
                        of: Subject::Prompt(id),
                    }
            })
            .unwrap();
        assert!(
            success < end,
            "the history is only sure to be there at the end"
        );
    }
}

#[test]
fn s02_a_cached_run_names_the_old_file_and_keeps_all_nodes() {
    for tape in tape::both("s02") {
        let runs: Vec<_> = tape
            .accepted()
            .iter()
            .map(|(id, _)| tape.history(*id).unwrap())
            .collect();
        assert_eq!(runs[0].cached, Vec::<String>::new());
        for again in &runs[1..3] {
            assert_eq!(names(again), names(&runs[0]));
            assert_eq!(again.cached.len(), 2);
        }
        assert_eq!(runs[3].cached, ["1"]);
        assert_ne!(names(&runs[3]), names(&runs[0]));
        let anonymous = runs.last().unwrap();
        assert_eq!(
            (anonymous.client_id.as_deref(), &anonymous.outcome),
            (None, &Outcome::Success)
        );
        assert_eq!(
            anonymous.outputs.is_empty(),
            tape.version == "0.25.0",
            "why we always send a client id"
        );
    }
}

#[test]
fn s05_a_preview_says_whose_it_is_and_s04_does_not() {
    for tape in tape::both("s05") {
        let ids: Vec<_> = tape.accepted().iter().map(|(id, _)| *id).collect();
        let events = tape.events("A");
        let pictures: Vec<_> = events
            .iter()
            .filter(|event| matches!(event, Event::Preview(_)))
            .collect();
        assert!(
            !pictures.is_empty()
                && pictures
                    .iter()
                    .all(|event| event.prompt().is_some_and(|id| ids.contains(&id)))
        );
        assert!(events.iter().any(
            |event| matches!(event, Event::Features(flags) if flags.supports_preview_metadata)
        ));
    }
    for tape in tape::both("s04") {
        let events = tape.events("A");
        assert!(events.iter().any(
            |event| matches!(event, Event::Preview(picture) if picture.of == Subject::Unsaid)
        ));
        let (_, last) = tape.accepted().into_iter().last().unwrap();
        let id = last["prompt_id"].as_str().unwrap().parse().unwrap();
        assert!(
            tape.history(id).unwrap().outputs.is_empty(),
            "pictures sent over the socket leave no file"
        );
    }
}

#[test]
fn s06_a_node_may_speak_any_language() {
    for tape in tape::both("s06") {
        let said = Event::Text {
            node: "77:3".into(),
            text: "Status: working… 87% ✓ жду".into(),
        };
        assert!(tape.events("A").contains(&said));
    }
}

#[test]
fn s08_outputs_of_every_kind_are_found_under_whatever_key() {
    for tape in tape::both("s08") {
        let mut keys = std::collections::BTreeSet::new();
        let mut extensions = std::collections::BTreeSet::new();
        for (id, _) in tape.accepted() {
            let Some(entry) = tape.history(id) else {
                continue;
            };
            assert!(!entry.outputs.is_empty(), "{} {id}", tape.name());
            for output in &entry.outputs {
                keys.insert(output.key.clone());
                if let OutputItem::File(file) = &output.item {
                    extensions.insert(file.filename.rsplit_once('.').unwrap().1.to_owned());
                    let expected = match output.key.as_str() {
                        "audio" => Media::Audio,
                        "latents" => Media::Other,
                        "gifs" => Media::Video,
                        _ if file.filename.ends_with("mp4") || file.filename.ends_with("webm") => {
                            Media::Video
                        }
                        _ => Media::Image,
                    };
                    assert_eq!(file.media(None), expected, "{file:?}");
                    if output.key == "gifs" {
                        assert_eq!(
                            (file.format.as_deref(), file.frame_rate),
                            (Some("image/gif"), Some(8.0))
                        );
                    }
                }
            }
        }
        for key in ["audio", "gifs", "images", "latents", "text"] {
            assert!(keys.contains(key), "{key} {keys:?}");
        }
        for extension in [
            "flac", "gif", "latent", "mp3", "mp4", "opus", "png", "webm", "webp",
        ] {
            assert!(extensions.contains(extension), "{extension} {extensions:?}");
        }
    }
}

#[test]
fn s09_each_refusal_is_explained_in_words_a_person_can_act_on() {
    for tape in tape::both("s09") {
        let mut table = String::new();
        for call in tape
            .calls()
            .filter(|call| call.method == "POST" && call.path == "/prompt")
        {
            let body = &call.response["body"];
            let refused = call.response["status"] == 400
                || body["node_errors"]
                    .as_object()
                    .is_some_and(|faults| !faults.is_empty());
            if refused {
                let graph =
                    serde_json::from_value::<Graph>(call.request["body"]["prompt"].clone()).ok();
                let rejection = Rejection::from_value(body, graph.as_ref());
                writeln!(table, "{}\n    {rejection}", call.note).unwrap();
            }
        }
        insta::assert_snapshot!(format!("refusals-{}", tape.version), table);
    }
}

#[test]
fn s10_a_node_that_raises_is_blamed_by_id_and_class() {
    for tape in tape::both("s10") {
        let failures: Vec<_> = tape
            .accepted()
            .iter()
            .filter_map(|(id, _)| match tape.history(*id)?.outcome {
                Outcome::Failed(failure) => Some(*failure),
                Outcome::Success | Outcome::Interrupted { .. } => None,
            })
            .collect();
        let messages: Vec<_> = failures
            .iter()
            .map(|failure| failure.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "lab failure: tensor shapes do not match",
                "RuntimeError without a message",
                "'latent'"
            ]
        );
        for failure in &failures {
            assert_eq!(failure.class, FailureClass::NodeError);
            assert_eq!(
                (failure.node_id.as_deref(), failure.node_class.as_deref()),
                (Some("10"), Some("LabSleepProgress"))
            );
            assert!(
                failure.traceback.contains("execution.py"),
                "{}",
                failure.traceback
            );
        }
    }
}

#[test]
fn s11_out_of_memory_is_known_as_such_from_history_and_socket_alike() {
    for tape in tape::both("s11") {
        let (id, entry) = first(&tape);
        let Outcome::Failed(failure) = entry.outcome else {
            panic!("{entry:?}")
        };
        assert_eq!(failure.class, FailureClass::Oom);
        let heard = tape.events("A");
        assert!(heard.iter().any(|event| matches!(event,
            Event::Failed { failure, .. } if failure.class == FailureClass::Oom && event.is_about(id))));
    }
}

#[test]
fn s12_a_blocked_branch_is_a_success_whatever_the_socket_said_before() {
    for tape in tape::both("s12") {
        for (id, _) in tape.accepted() {
            assert_eq!(
                tape.history(id).unwrap().outcome,
                Outcome::Success,
                "{}",
                tape.name()
            );
        }
        let blocked = tape.events("A").into_iter().find_map(|event| match event {
            Event::Failed { failure, .. } => Some(failure.class),
            _ => None,
        });
        assert_eq!(blocked, Some(FailureClass::Blocked));
    }
}

#[test]
fn s13_an_interrupted_job_is_not_a_failed_one() {
    for tape in tape::both("s13") {
        let (_, entry) = first(&tape);
        assert_eq!(
            entry.outcome,
            Outcome::Interrupted {
                node: Some("10".into())
            }
        );
    }
}

#[test]
fn s14_an_interrupt_by_id_stops_only_that_job() {
    for tape in tape::both("s14") {
        let ids: Vec<_> = tape.accepted().iter().map(|(id, _)| *id).collect();
        let heard = tape.events("A");
        let stopped: Vec<_> = heard
            .iter()
            .filter(|event| matches!(event, Event::Interrupted { .. }))
            .map(|event| event.prompt().unwrap())
            .collect();
        assert_eq!(stopped, ids[..1], "{}", tape.name());
    }
}

#[test]
fn s17_the_order_of_waiting_jobs_is_the_order_in_which_they_ran() {
    for tape in tape::both("s17") {
        let queues: Vec<rushes::comfy::QueueView> = tape
            .calls()
            .filter(|call| call.path == "/queue" && call.method == "GET")
            .map(|call| {
                rushes::comfy::json::read(call.response["body"].to_string().as_bytes()).unwrap()
            })
            .collect();
        let fullest = queues
            .iter()
            .max_by_key(|queue| queue.pending.len())
            .unwrap();
        let planned: Vec<Uuid> = fullest
            .pending
            .iter()
            .map(|item| item.prompt_id.parse().unwrap())
            .collect();
        assert!(planned.len() > 5, "{}", tape.name());
        let ran: Vec<_> = tape
            .events("A")
            .into_iter()
            .filter(|event| matches!(event, Event::Started { .. }))
            .filter_map(|event| event.prompt())
            .filter(|id| planned.contains(id))
            .collect();
        assert_eq!(ran, planned, "{}", tape.name());
    }
}

#[test]
fn s18_an_id_sent_twice_runs_twice_and_the_queue_shows_the_twin() {
    for tape in tape::both("s18") {
        let id = tape.accepted()[0].0;
        let twins = tape
            .calls()
            .filter(|call| call.path == "/queue" && call.method == "GET")
            .map(|call| {
                rushes::comfy::json::read::<rushes::comfy::QueueView>(
                    call.response["body"].to_string().as_bytes(),
                )
                .unwrap()
            })
            .any(|queue| queue.runs(id) && queue.ahead(id).is_some());
        assert!(twins, "{}", tape.name());
        let ends = tape
            .events("A")
            .into_iter()
            .filter(|event| {
                *event
                    == Event::Ended {
                        of: Subject::Prompt(id),
                    }
            })
            .count();
        assert!(ends > 1, "{}", tape.name());
    }
}

#[test]
fn s19_other_peoples_anonymous_events_reach_us_and_are_not_ours() {
    for tape in tape::both("s19") {
        let ours: Vec<_> = tape
            .accepted()
            .into_iter()
            .filter(|(_, request)| request["client_id"] == "client-a")
            .map(|(id, _)| id)
            .collect();
        let foreign = tape
            .events("A")
            .into_iter()
            .filter(|event| event.prompt().is_some_and(|id| !ours.contains(&id)))
            .count();
        assert!(foreign > 0, "{}", tape.name());
        let unsaid = tape
            .events("A")
            .into_iter()
            .filter(|event| matches!(event, Event::Preview(_)) && event.prompt().is_none());
        assert!(unsaid.count() > 0, "{}", tape.name());
    }
}

#[test]
fn s21_after_a_reconnect_only_the_running_node_is_told_again_and_the_history_decides() {
    for tape in tape::both("s21") {
        let (id, entry) = first(&tape);
        assert_eq!(entry.outcome, Outcome::Success);
        let replay = tape
            .steps
            .iter()
            .filter(|step| step["kind"] == "ws_open")
            .filter_map(|step| {
                tape.events(step["socket"].as_str()?)
                    .into_iter()
                    .find(|event| {
                        matches!(
                            event,
                            Event::Executing {
                                of: Subject::Unsaid,
                                ..
                            }
                        )
                    })
            });
        assert!(replay.count() > 0, "{} {id}", tape.name());
    }
}

#[test]
fn s22_a_restarted_server_knows_nothing_of_any_job() {
    for tape in tape::both("s22") {
        let forgotten: Vec<_> = tape
            .calls()
            .filter(|call| call.path.starts_with("/history/"))
            .map(|call| {
                let id = call.path.rsplit('/').next().unwrap().parse().unwrap();
                rushes::comfy::wire::read_history(&call.response["body"], id)
            })
            .collect();
        assert!(
            forgotten.len() >= 3 && forgotten.iter().all(Option::is_none),
            "{}",
            tape.name()
        );
        let queue = tape.calls().find(|call| call.path == "/queue").unwrap();
        let queue: rushes::comfy::QueueView =
            rushes::comfy::json::read(queue.response["body"].to_string().as_bytes()).unwrap();
        assert_eq!(queue, rushes::comfy::QueueView::default());
    }
}

#[test]
fn s30_the_jobs_api_tells_cancelled_from_failed() {
    use rushes::comfy::{Job, JobStatus};
    for tape in tape::both("s30") {
        let jobs: Vec<_> = tape
            .calls()
            .filter(|call| {
                call.method == "GET"
                    && call.path.starts_with("/api/jobs/")
                    && call.response["status"] == 200
            })
            .map(|call| Job::from_value(&call.response["body"]))
            .collect();
        let statuses: Vec<_> = jobs.iter().map(|job| job.status).collect();
        let expected = [
            JobStatus::Completed,
            JobStatus::Failed,
            JobStatus::InProgress,
            JobStatus::Pending,
            JobStatus::Cancelled,
        ];
        assert_eq!(statuses, expected);
        assert_eq!(jobs[0].outcome, Some(Outcome::Success));
        assert_eq!(jobs[0].outputs.len(), 1);
        assert!(
            matches!(&jobs[1].outcome, Some(Outcome::Failed(failure)) if failure.message == "boom")
        );
        assert!(matches!(jobs[4].outcome, Some(Outcome::Interrupted { .. })));
    }
}

#[test]
fn s34_files_of_nodes_made_at_run_time_belong_to_the_node_on_the_page() {
    for tape in tape::both("s34") {
        let (_, entry) = first(&tape);
        let mut nodes: Vec<_> = entry
            .outputs
            .iter()
            .map(|output| output.node.as_str())
            .collect();
        nodes.sort_unstable();
        assert_eq!(nodes, ["12", "12", "13"]);
    }
}

#[test]
fn s37_what_was_made_before_the_failure_is_kept() {
    for tape in tape::both("s37") {
        let runs: Vec<_> = tape
            .accepted()
            .iter()
            .filter_map(|(id, _)| tape.history(*id))
            .collect();
        assert!(
            matches!(&runs[0].outcome, Outcome::Failed(failure) if failure.message == "second branch failed")
        );
        assert!(matches!(runs[1].outcome, Outcome::Interrupted { .. }));
        for run in &runs[..2] {
            assert_eq!(run.files().count(), 1);
        }
    }
}

#[test]
fn s38_odd_names_are_kept_raw_for_the_server_and_made_safe_for_us() {
    for tape in tape::both("s38") {
        let made: Vec<_> = tape
            .accepted()
            .iter()
            .filter_map(|(id, _)| tape.history(*id))
            .flat_map(|entry| {
                entry
                    .files()
                    .map(|file| (file.filename.clone(), safe_name(file).unwrap()))
                    .collect::<Vec<_>>()
            })
            .map(|(raw, safe)| {
                (
                    raw.split("_0").next().unwrap().to_owned(),
                    safe.to_str()
                        .unwrap()
                        .split("_0")
                        .next()
                        .unwrap()
                        .to_owned(),
                )
            })
            .collect();
        let expected = [
            ("кадр ✓", "кадр ✓"),
            ("a+b&c=d#e%20f", "a+b&c=d#e%20f"),
            ("quo\"te", "quo_te"),
        ];
        for (raw, safe) in expected {
            assert!(
                made.contains(&(raw.to_owned(), safe.to_owned())),
                "{made:?}"
            );
        }
    }
}

#[test]
fn s41_odd_extra_data_of_anyone_leaves_the_history_readable() {
    for tape in tape::both("s41") {
        let outcomes: Vec<_> = tape
            .accepted()
            .iter()
            .filter_map(|(id, _)| tape.history(*id))
            .map(|entry| entry.outcome)
            .collect();
        assert!(outcomes.len() >= 4, "{}", tape.name());
        assert!(
            outcomes.contains(&Outcome::Success)
                && outcomes
                    .iter()
                    .any(|outcome| matches!(outcome, Outcome::Failed(_)))
        );
    }
}

#[test]
fn s45_a_killed_worker_thread_leaves_jobs_waiting_for_ever_which_the_queue_shows() {
    for tape in tape::both("s45") {
        let last = tape
            .calls()
            .filter(|call| call.path == "/queue" && call.method == "GET")
            .last()
            .unwrap();
        let queue: rushes::comfy::QueueView =
            rushes::comfy::json::read(last.response["body"].to_string().as_bytes()).unwrap();
        assert!(
            queue.running.is_empty() && queue.pending.len() >= 2,
            "{}",
            tape.name()
        );
        let stuck = tape
            .accepted()
            .into_iter()
            .rev()
            .find(|(id, _)| queue.ahead(*id).is_some())
            .unwrap()
            .0;
        assert_eq!(tape.history(stuck), None);
    }
}
