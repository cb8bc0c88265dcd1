//! The loopback worker answers as real servers did.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "in a test a panic is a verdict"
)]

mod compare;
mod events;
mod payload;
mod replay;
mod transcript;
mod wire;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rushes::loopback::{self, Imitates, Options, Running};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// Transcripts that cannot apply, each with its reason.
const CANNOT_APPLY: [(&str, &str); 3] = [
    (
        "s31-partial-execution.v0.3.64",
        "the recorded server had lost its cache between two runs of one graph, for no reason that shows; s02 has the cache",
    ),
    (
        "s44-server-flags.v0.25.0",
        "recorded with server flags (CORS, compression, 1 MB limit) that this worker does not have",
    ),
    (
        "s44-server-flags.v0.3.64",
        "recorded with server flags (CORS, compression, 1 MB limit) that this worker does not have",
    ),
];

/// This many transcripts are played at once.
const AT_ONCE: usize = 8;

/// No transcript takes longer than this, pauses and a slow machine included.
const LONGEST: Duration = Duration::from_secs(100);

fn picture(width: u32, height: u32) -> Value {
    json!({
        "1": { "class_type": "EmptyImage", "inputs": { "width": width, "height": height, "batch_size": 1, "color": 255 } },
        "2": { "class_type": "SaveImage", "inputs": { "images": ["1", 0], "filename_prefix": "lab/img" } }
    })
}

async fn played(path: &Path) -> (String, Vec<String>) {
    let transcript = transcript::load(path);
    let game = tokio::time::timeout(LONGEST, replay::play(&transcript));
    let lines = game
        .await
        .unwrap_or_else(|_| vec!["did not end".to_owned()]);
    (transcript.name, lines)
}

/// Some clients act in the middle of a job; on a busy machine that moment can pass, so what differed is played again alone.
#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_client_is_answered_as_it_was() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/wire/transcripts");
    let only = std::env::var("TRANSCRIPT").unwrap_or_default();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    paths.sort();
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let mut games = tokio::task::JoinSet::new();
    for path in paths {
        let free = Arc::clone(&free);
        games.spawn(async move {
            let _turn = free.acquire_owned().await;
            let (name, lines) = played(&path).await;
            (name, (path, lines))
        });
    }
    let games: BTreeMap<_, _> = games.join_all().await.into_iter().collect();
    let mut found = BTreeMap::new();
    for (name, (path, lines)) in games {
        let listed = CANNOT_APPLY.iter().any(|(known, _)| *known == name);
        let lines = if lines.is_empty() || listed {
            lines
        } else {
            played(&path).await.1
        };
        found.insert(name, lines);
    }
    let mut wrong = Vec::new();
    for (name, lines) in &found {
        let listed = CANNOT_APPLY.iter().any(|(known, _)| known == name);
        match (listed, lines.is_empty()) {
            (false, true) | (true, false) => {}
            (true, true) => wrong.push(format!("{name} is listed, yet passes")),
            (false, false) => wrong.push(format!("{name}:\n    {}", lines.join("\n    "))),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        found.len(),
        wrong.join("\n")
    );
}

async fn worker(faults: &[&str], files: &Path) -> Running {
    worker_of(Imitates::V0_25_0, faults, files).await
}

async fn worker_of(version: Imitates, faults: &[&str], files: &Path) -> Running {
    let options = Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        version,
        step: Duration::ZERO,
        seed: 3,
        faults: faults.iter().map(|spec| spec.parse().unwrap()).collect(),
        files: files.to_owned(),
        name: "loopback".to_owned(),
    };
    loopback::start(options).await.unwrap()
}

async fn post(worker: &Running, graph: &Value, id: &str) -> Option<wire::Answer> {
    let body = json!({ "prompt": graph, "client_id": "tester", "prompt_id": id }).to_string();
    wire::request(worker.addr, "POST", "/prompt", &[], body.as_bytes())
        .await
        .ok()
}

async fn get(worker: &Running, path: &str) -> Value {
    let answer = wire::request(worker.addr, "GET", path, &[], b"")
        .await
        .unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// Polls until the worker's history holds a job.
async fn ended(worker: &Running, id: &str) -> Value {
    loop {
        let mut found = get(worker, &format!("/history/{id}")).await;
        if let Some(entry) = found.get_mut(id) {
            return entry.take();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

const FIRST: &str = "00000000-0000-4000-8000-000000000001";

/// The shipped LTX-2 text-to-video graph with a short, small clip.
fn ltx() -> Value {
    serde_json::from_str(include_str!("worker/ltx2-t2v.json")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_video_graph_becomes_a_file_that_can_be_fetched() {
    for version in [Imitates::V0_25_0, Imitates::V0_3_64] {
        let home = tempfile::tempdir().unwrap();
        let worker = worker_of(version, &[], home.path()).await;
        let answer = post(&worker, &ltx(), FIRST).await.unwrap();
        assert_eq!(
            answer.status,
            200,
            "{version:?}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        let entry = ended(&worker, FIRST).await;
        assert_eq!(
            entry["status"]["status_str"], "success",
            "{}",
            entry["status"]
        );
        let record = &entry["outputs"]["n36"]["images"][0];
        assert_eq!(record["filename"], "LTX-2_00001_.mp4");
        assert_eq!(entry["outputs"]["n36"]["animated"], json!([true]));
        let path = "/view?filename=LTX-2_00001_.mp4&subfolder=video&type=output";
        let file = wire::request(worker.addr, "GET", path, &[], b"")
            .await
            .unwrap();
        assert_eq!(file.header("content-type").as_deref(), Some("video/mp4"));
        assert_eq!(file.body.get(4..8), Some(&b"ftyp"[..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_job_ends_when_it_is_interrupted_by_its_id() {
    let home = tempfile::tempdir().unwrap();
    let worker = worker(&["hang:1"], home.path()).await;
    post(&worker, &picture(64, 64), FIRST).await.unwrap();
    while get(&worker, "/queue").await["queue_running"] == json!([]) {
        tokio::task::yield_now().await;
    }
    let body = json!({ "prompt_id": FIRST }).to_string();
    wire::request(worker.addr, "POST", "/interrupt", &[], body.as_bytes())
        .await
        .unwrap();
    let entry = ended(&worker, FIRST).await;
    assert_eq!(entry["status"]["messages"][2][0], "execution_interrupted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_leaves_the_job_in_the_queue_or_done() {
    let home = tempfile::tempdir().unwrap();
    let worker = worker(&["lose-reply:1"], home.path()).await;
    assert!(post(&worker, &picture(64, 64), FIRST).await.is_none());
    assert_eq!(
        ended(&worker, FIRST).await["status"]["status_str"],
        "success"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_job_is_nowhere() {
    let home = tempfile::tempdir().unwrap();
    let worker = worker(&["forget:1"], home.path()).await;
    post(&worker, &picture(64, 64), FIRST).await.unwrap();
    while get(&worker, "/prompt").await["exec_info"]["queue_remaining"] != 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&worker, &format!("/history/{FIRST}")).await, json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_worker_answers_on_the_same_port_and_knows_nothing_but_its_files() {
    let home = tempfile::tempdir().unwrap();
    let worker = worker(&["restart:2"], home.path()).await;
    post(&worker, &picture(64, 64), FIRST).await.unwrap();
    ended(&worker, FIRST).await;
    let second = "00000000-0000-4000-8000-000000000002";
    post(&worker, &picture(96, 64), second).await.unwrap();
    let forgotten = loop {
        let path = format!("/history/{FIRST}");
        if let Ok(answer) = wire::request(worker.addr, "GET", &path, &[], b"").await
            && answer.body == b"{}"
        {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(forgotten.status, 200);
    let path = "/view?filename=img_00001_.png&subfolder=lab";
    let file = wire::request(worker.addr, "GET", path, &[], b"")
        .await
        .unwrap();
    assert_eq!(file.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_pixels_run_out_of_memory_and_fewer_do_not() {
    for (limit, outcome) in [
        ("oom:pixels>30000", "error"),
        ("oom:pixels>40000", "success"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let worker = worker(&[limit], home.path()).await;
        post(&worker, &ltx(), FIRST).await.unwrap();
        let entry = ended(&worker, FIRST).await;
        assert_eq!(entry["status"]["status_str"], outcome);
        if outcome == "error" {
            let error = &entry["status"]["messages"][2][1];
            assert_eq!(error["exception_type"], "torch.OutOfMemoryError");
            assert_eq!(error["node_id"], "n31");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_made_deaf_stays_open_and_a_dropped_one_ends() {
    for (fault, ends) in [("deaf-socket:1", false), ("drop-socket:1", true)] {
        let home = tempfile::tempdir().unwrap();
        let worker = worker(&[fault], home.path()).await;
        let socket = wire::open(worker.addr, "/ws?clientId=tester", &[])
            .await
            .unwrap();
        post(&worker, &picture(64, 64), FIRST).await.unwrap();
        ended(&worker, FIRST).await;
        if ends {
            while !socket.ear.has_ended() {
                socket.ear.news(Duration::from_millis(50)).await;
            }
        }
        let over = socket.ear.all().iter().any(|heard| {
            matches!(heard, wire::Heard::Text(message) if message["type"] == "executing" && message["data"]["node"].is_null())
        });
        assert!(!over, "{fault}: the end of the job was heard");
    }
}
