//! Every recorded answer goes through the client over a real connection.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rushes::comfy::{
    Client, Error, Free, HistoryEntry, JobStatus, Outcome, OutputFile, QueueView, Submission,
    SubmitError, Upload, UploadKind, UploadSource,
};
use rushes::core::workflow::Graph;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{Reply, Stage};
use super::tape::{self, Call};

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
        ("told", 26),
        ("upload", 32),
    ];
    assert_eq!(read, BTreeMap::from(all));
}

/// Makes the call the client has for a recorded one, and compares. Says which reader it was.
async fn check(client: &Client, call: &Call<'_>, name: &str) -> Option<&'static str> {
    let path = call.path.split('?').next().unwrap();
    let shared = path
        .strip_prefix("/api")
        .filter(|_| !path.starts_with("/api/jobs"));
    let path = shared.unwrap_or(path).trim_start_matches('/');
    let parts: Vec<_> = path.split('/').collect();
    let at = format!(
        "{name}: {} {} {}",
        call.method, call.path, call.response["status"]
    );
    match call.method {
        "GET" => match about_jobs(client, call, &parts, &at).await {
            Some(kind) => Some(kind),
            None => about_server(client, call, &parts, &at).await,
        },
        "POST" => posted(client, call, &parts, &at).await,
        _ => None,
    }
}

fn status(call: &Call<'_>) -> u64 {
    call.response["status"].as_u64().unwrap()
}

async fn about_jobs(
    client: &Client,
    call: &Call<'_>,
    parts: &[&str],
    at: &str,
) -> Option<&'static str> {
    let body = &call.response["body"];
    let (kind, answer) = match parts {
        ["prompt"] => (
            "remaining",
            client.queue_remaining().await.map(|count| {
                assert_eq!(json!(count), body["exec_info"]["queue_remaining"], "{at}");
            }),
        ),
        ["queue"] => (
            "queue",
            client
                .queue()
                .await
                .map(|queue| same_queue(&queue, body, at)),
        ),
        ["history", id] => {
            let id = id.parse().unwrap();
            (
                "history",
                client
                    .history(id)
                    .await
                    .map(|entry| same_history(entry.as_ref(), body, id, at)),
            )
        }
        ["history"] if status(call) == 200 => {
            for (id, entry) in body.as_object().unwrap() {
                same_files(
                    &HistoryEntry::from_value(entry),
                    entry,
                    &format!("{at} {id}"),
                );
            }
            ("histories", Ok(()))
        }
        ["api", "jobs"] => (
            "jobs",
            client.jobs(9).await.map(|jobs| {
                assert_eq!(jobs.len(), body["jobs"].as_array().unwrap().len(), "{at}");
                assert!(
                    jobs.iter().all(|job| job.status != JobStatus::Unknown),
                    "{at}"
                );
            }),
        ),
        ["api", "jobs", id] => {
            let id: Uuid = id.parse().unwrap();
            let job = client.job(id).await.unwrap();
            assert_eq!(job.is_some(), status(call) == 200, "{at}");
            assert!(job.is_none_or(|job| job.id == Some(id)), "{at}");
            return Some("job");
        }
        _ => return None,
    };
    Some(judge(answer, status(call), kind, at))
}

async fn about_server(
    client: &Client,
    call: &Call<'_>,
    parts: &[&str],
    at: &str,
) -> Option<&'static str> {
    let body = &call.response["body"];
    let (kind, answer) = match parts {
        ["system_stats"] => (
            "stats",
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
        ),
        ["features"] => (
            "features",
            client.features().await.map(|flags| {
                assert!(
                    flags.supports_preview_metadata && flags.max_upload_size.unwrap() >= 1 << 20,
                    "{at}"
                );
            }),
        ),
        ["models", folder] => ("models", client.models(folder).await.map(drop)),
        ["object_info", class] => (
            "nodes",
            client.object_info_class(class).await.map(|found| {
                assert_eq!(found.as_ref(), body.get(*class), "{at}");
            }),
        ),
        ["view"] => return Some(viewed(client, call, at).await),
        _ => return None,
    };
    Some(judge(answer, status(call), kind, at))
}

async fn posted(
    client: &Client,
    call: &Call<'_>,
    parts: &[&str],
    at: &str,
) -> Option<&'static str> {
    let (kind, answer) = match parts {
        ["prompt"] => return Some(submitted(client, call, at).await),
        ["queue"] => ("told", client.delete(&[Uuid::nil()]).await),
        ["free"] => ("told", client.free(Free::Models).await),
        ["upload", "image"] => (
            "upload",
            client.upload(any_upload()).await.map(|kept| {
                assert_eq!(json!(kept.name), call.response["body"]["name"], "{at}");
            }),
        ),
        _ => return None,
    };
    Some(judge(answer, status(call), kind, at))
}

fn any_upload() -> Upload {
    let source = UploadSource::Bytes(bytes::Bytes::from_static(b"x"));
    Upload {
        source,
        name: "a.png".into(),
        subfolder: String::new(),
        kind: UploadKind::Input,
    }
}

fn same_queue(queue: &QueueView, body: &Value, at: &str) {
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
    let in_order = queue
        .pending
        .is_sorted_by(|a, b| (a.number, &a.prompt_id) <= (b.number, &b.prompt_id));
    assert!(in_order, "{at}");
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
