//! Every recorded answer goes through the client over a real connection; every recorded frame becomes an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rushes::comfy::wire::{HistoryEntry, read_jobs};
use rushes::comfy::{
    Client, Error, Event, Outcome, OutputFile, OutputItem, Progress, Submission, SubmitError,
    Upload, UploadKind, UploadSource,
};
use rushes::core::workflow::Graph;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{Reply, Stage};
use super::tape::{self, Call, Tape};

/// Headers that describe the recorded connection, not the answer.
const OF_THE_CONNECTION: [&str; 4] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "content-encoding",
];

fn reply(response: &Value) -> Reply {
    let body = match (&response["body"], response["body_text"].as_str()) {
        (Value::Null, Some(text)) => text.as_bytes().to_vec(),
        (Value::Null, None) => {
            vec![0; usize::try_from(response["body_size"].as_u64().unwrap_or(0)).unwrap()]
        }
        (body, _) => body.to_string().into_bytes(),
    };
    let headers = response["headers"].as_object().unwrap();
    let headers = headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.to_lowercase().as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .filter(|(_, value)| value.is_ascii())
        .collect();
    Reply::Full {
        status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
        headers,
        body,
    }
}

#[tokio::test]
async fn every_recorded_answer_is_read_as_what_it_is() {
    let next = Arc::new(Mutex::new(Reply::Raw(Vec::new())));
    let playing = Arc::clone(&next);
    let stage = Stage::play(move |_| playing.lock().unwrap().clone()).await;
    let client = stage.client();
    let mut read = BTreeMap::<&str, usize>::new();
    for tape in tape::all() {
        for call in tape
            .calls()
            .filter(|call| call.response.get("body_truncated").is_none())
        {
            *next.lock().unwrap() = reply(call.response);
            if let Some(kind) = check(&client, &call, &tape.name()).await {
                *read.entry(kind).or_default() += 1;
            }
        }
    }
    let all = [
        ("accepted", 268),
        ("doubtful", 24),
        ("features", 4),
        ("file", 66),
        ("histories", 24),
        ("history", 134),
        ("job", 7),
        ("jobs", 9),
        ("models", 2),
        ("nodes", 18),
        ("odd id", 3),
        ("queue", 40),
        ("refused", 76),
        ("rejected", 77),
        ("remaining", 39),
        ("stats", 4),
        ("told", 62),
        ("upload", 32),
    ];
    assert_eq!(read, BTreeMap::from(all));
}

/// Makes the call the client has for a recorded one, and compares. Says which reader it was.
async fn check(client: &Client, call: &Call<'_>, name: &str) -> Option<&'static str> {
    let status = call.response["status"].as_u64().unwrap();
    let body = &call.response["body"];
    let path = call.path.split('?').next().unwrap();
    let path = path
        .strip_prefix("/api")
        .filter(|_| !path.starts_with("/api/jobs"))
        .unwrap_or(path);
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let at = format!("{name}: {} {} {status}", call.method, call.path);
    Some(match (call.method, parts.as_slice()) {
        ("POST", ["prompt"]) => submitted(client, call, &at).await,
        ("GET", ["prompt"]) => judge(
            client.queue_remaining().await.map(|count| {
                assert_eq!(json!(count), body["exec_info"]["queue_remaining"], "{at}");
            }),
            status,
            "remaining",
            &at,
        ),
        ("GET", ["queue"]) => judge(
            client.queue().await.map(|queue| {
                assert_eq!(queue.odd, 0, "{at}");
                assert_eq!(
                    queue.running.len(),
                    body["queue_running"].as_array().unwrap().len(),
                    "{at}"
                );
                same_ids(
                    &queue
                        .pending
                        .iter()
                        .map(|item| item.prompt_id.as_str())
                        .collect(),
                    &body["queue_pending"],
                );
                assert!(
                    queue
                        .pending
                        .is_sorted_by(|a, b| (a.number, &a.prompt_id) <= (b.number, &b.prompt_id)),
                    "{at}"
                );
            }),
            status,
            "queue",
            &at,
        ),
        ("GET", ["history", id]) => {
            let id: Uuid = id.parse().unwrap();
            judge(
                client
                    .history(id)
                    .await
                    .map(|entry| same_history(entry.as_ref(), body, id, &at)),
                status,
                "history",
                &at,
            )
        }
        ("GET", ["history"]) if status == 200 => {
            for (id, entry) in body.as_object().unwrap() {
                same_files(
                    &HistoryEntry::from_value(entry),
                    entry,
                    &format!("{at} {id}"),
                );
            }
            "histories"
        }
        ("GET", ["api", "jobs"]) => judge(
            client.jobs(9).await.map(|jobs| {
                assert_eq!(jobs.len(), body["jobs"].as_array().unwrap().len(), "{at}");
                assert!(
                    jobs.iter()
                        .all(|job| job.status != rushes::comfy::JobStatus::Unknown),
                    "{at}"
                );
                assert_eq!(jobs, read_jobs(body));
            }),
            status,
            "jobs",
            &at,
        ),
        ("GET", ["api", "jobs", id]) => {
            let id: Uuid = id.parse().unwrap();
            let job = client.job(id).await.unwrap();
            assert_eq!(job.is_some(), status == 200, "{at}");
            assert!(job.is_none_or(|job| job.id == Some(id)), "{at}");
            "job"
        }
        ("GET", ["system_stats"]) => judge(
            client.system_stats().await.map(|stats| {
                assert_eq!(
                    stats.version.unwrap().to_string(),
                    body["system"]["comfyui_version"].as_str().unwrap()
                );
                assert!(
                    stats.devices[0].vram_total.is_some() && stats.ram_free.is_some(),
                    "{at}"
                );
            }),
            status,
            "stats",
            &at,
        ),
        ("GET", ["features"]) => judge(
            client.features().await.map(|flags| {
                assert!(
                    flags.supports_preview_metadata && flags.max_upload_size.unwrap() >= 1 << 20,
                    "{at}"
                );
            }),
            status,
            "features",
            &at,
        ),
        ("GET", ["models", folder]) => {
            judge(client.models(folder).await.map(drop), status, "models", &at)
        }
        ("GET", ["object_info", class]) => judge(
            client.object_info_class(class).await.map(|found| {
                assert_eq!(found.as_ref(), body.get(*class), "{at}");
            }),
            status,
            "nodes",
            &at,
        ),
        ("POST", ["queue"]) => judge(client.delete(&[Uuid::nil()]).await, status, "told", &at),
        ("POST", ["free"]) => judge(
            client.free(rushes::comfy::Free::Models).await,
            status,
            "told",
            &at,
        ),
        ("POST", ["interrupt"]) => {
            // The release is known from the transcripts' first `system_stats`, or the one reply stands for all calls.
            let answer = client.interrupt(Uuid::nil()).await;
            if status == 200 && client.interrupts_by_id().await {
                answer.map(drop).unwrap()
            }
            "told"
        }
        ("GET", ["view"]) => viewed(client, call, &at).await,
        ("POST", ["upload", "image"]) => {
            let source = UploadSource::Bytes(bytes::Bytes::from_static(b"x"));
            let upload = Upload {
                source,
                name: "a.png".into(),
                subfolder: String::new(),
                kind: UploadKind::Input,
            };
            judge(
                client
                    .upload(upload)
                    .await
                    .map(|kept| assert_eq!(kept.name, body["name"].as_str().unwrap())),
                status,
                "upload",
                &at,
            )
        }
        _ => return None,
    })
}

fn judge(answer: Result<(), Error>, status: u64, kind: &'static str, at: &str) -> &'static str {
    match (answer, status) {
        (Ok(()), 200) => kind,
        (Err(Error::Status { status: said, .. }), _) if u64::from(said) == status => "refused",
        (answer, _) => panic!("{at}: {answer:?}"),
    }
}

async fn submitted(client: &Client, call: &Call<'_>, at: &str) -> &'static str {
    let status = call.response["status"].as_u64().unwrap();
    let body = &call.response["body"];
    let graph: Graph =
        serde_json::from_value(call.request["body"]["prompt"].clone()).unwrap_or_default();
    let given = body["prompt_id"].as_str().unwrap_or_default();
    let id = given.parse().unwrap_or_default();
    let answer = client
        .submit(&Submission {
            prompt_id: id,
            graph: &graph,
            extra_data: None,
        })
        .await;
    let partly = body["node_errors"]
        .as_object()
        .is_some_and(|faults| !faults.is_empty());
    match (answer, status) {
        (Ok(accepted), 200) if !partly => {
            assert_eq!(
                (accepted.prompt_id, json!(accepted.number)),
                (id, json!(body["number"].as_f64())),
                "{at}"
            );
            "accepted"
        }
        // An id in a form we never mint: recorded to see what servers do with it.
        (Err(SubmitError::Doubtful(_)), 200) if given.parse::<Uuid>().is_err() => "odd id",
        (Err(SubmitError::Rejected(rejection)), 200) if partly && rejection.also_queued => {
            "rejected"
        }
        (Err(SubmitError::Rejected(rejection)), 400 | 413) => {
            assert!(
                !rejection.also_queued && !rejection.message.is_empty(),
                "{at}"
            );
            let named = body["node_errors"]
                .as_object()
                .map_or(0, serde_json::Map::len);
            assert!(rejection.nodes.len() >= named, "{at}");
            "rejected"
        }
        (Err(SubmitError::Doubtful(Error::Status { status: 500, .. })), 500) => "doubtful",
        (answer, _) => panic!("{at}: {answer:?}"),
    }
}

async fn viewed(client: &Client, call: &Call<'_>, at: &str) -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let file = OutputFile {
        filename: "a.png".into(),
        kind: "output".into(),
        ..OutputFile::default()
    };
    let fetched = client.fetch(&file, folder.path(), 1 << 30).await;
    match (fetched, call.response["status"].as_u64().unwrap()) {
        (Ok(fetched), 200) => {
            assert_eq!(json!(fetched.bytes), call.response["body_size"], "{at}");
            assert_eq!(
                fetched.content_type.as_deref(),
                call.response["headers"]["content-type"].as_str(),
                "{at}"
            );
            "file"
        }
        (Err(Error::Status { status: said, .. }), status) if u64::from(said) == status => "refused",
        (answer, _) => panic!("{at}: {answer:?}"),
    }
}

fn same_ids(read: &BTreeSet<&str>, recorded: &Value) {
    let recorded: BTreeSet<_> = recorded
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item[1].as_str().unwrap())
        .collect();
    assert_eq!(*read, recorded);
}

fn same_history(entry: Option<&HistoryEntry>, body: &Value, id: Uuid, at: &str) {
    match (entry, body.get(id.to_string())) {
        (Some(entry), Some(recorded)) => {
            let success = recorded["status"]["status_str"] == "success";
            assert_eq!(entry.outcome == Outcome::Success, success, "{at}");
            assert_eq!(
                json!(entry.client_id),
                recorded["prompt"][3]["client_id"],
                "{at}"
            );
            assert!(entry.started_at.unwrap() <= entry.ended_at.unwrap(), "{at}");
            same_files(entry, recorded, at);
        }
        (None, None) => {}
        (entry, recorded) => panic!("{at}: {entry:?} {recorded:?}"),
    }
}

/// Every object with a `filename` anywhere in the outputs is a file, and nothing else is.
fn same_files(entry: &HistoryEntry, recorded: &Value, at: &str) {
    let mut names = Vec::new();
    collect(&recorded["outputs"], &mut names);
    let read: Vec<_> = entry.files().map(|file| file.filename.clone()).collect();
    assert_eq!(read, names, "{at}");
}

fn collect(value: &Value, names: &mut Vec<String>) {
    if let Some(name) = value["filename"].as_str() {
        names.push(name.to_owned());
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(fields) => fields.values().for_each(|item| collect(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

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
        for (id, request) in tape.accepted() {
            let graph: Graph =
                serde_json::from_value(request["prompt"].clone()).unwrap_or_default();
            let mut progress = Progress::new(id, &graph);
            let (mut last, mut succeeded) = (0.0, false);
            for (_, event) in tape.heard() {
                progress.fold(&event);
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
        for (id, _) in tape.accepted() {
            let Some(entry) = tape.history(id) else {
                continue;
            };
            let heard: Vec<_> = tape
                .heard()
                .map(|(_, event)| event)
                .filter(|event| event.is_about(id))
                .collect();
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
                    assert!(stopped && !succeeded, "{} {id}", tape.name())
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
            agree_on_files(&heard, &entry, &tape);
            compared += 1;
        }
    }
    assert!(compared > 90, "{compared}");
}

/// Each file that was told of while the job ran is in its history.
fn agree_on_files(heard: &[Event], entry: &HistoryEntry, tape: &Tape) {
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
