//! Bringing results home: fetched to a temporary file, checked, named, moved, and only then believed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::drive::{Broken, Drive, Halt, lost};
use super::link::Link;
use super::outputs::{folder, settle, stem};
use super::sidecar;
use crate::clock;
use crate::comfy::{self, Output, OutputFile, OutputItem, safe_name};
use crate::core::job::{Class, Fact, Phase, Request, step};
use crate::media::kind;
use crate::store::artifact::{self, Artifact};
use crate::store::attempt::{self, Attempt, Ending};
use crate::store::job::{self, Job, Move};
use crate::store::{blob, timing, worker};

/// Largest file taken from a worker, in bytes.
const LARGEST: u64 = 16 << 30;
/// Longest text output kept, in characters.
const LONGEST_TEXT: usize = 1 << 20;
/// Times a file that arrives broken is asked for again.
const TRIES: u32 = 3;

/// Why a result could not be brought home.
enum Missed {
    /// The file itself is no good: the attempt is.
    Broken(String),
    /// The worker cannot be reached now.
    Later(String),
    /// Something here is in the way, such as a full disk.
    Here(String),
}

/// Brings all results of the attempt home and ends the job.
pub(super) async fn collect(drive: &Drive, job: &Job) -> Result<(), Halt> {
    let began = Instant::now();
    let Some(link) = drive.link(job) else {
        return drive
            .end(
                job,
                &lost("its worker is not known any more, and its results are there"),
            )
            .await;
    };
    let id = job.prompt_id.clone().unwrap_or_default();
    let Some(attempt) = drive
        .shared
        .ledger
        .write(move |db| Ok(attempt::by_prompt(db, &id)?))
        .await?
    else {
        return Err(Halt::Later("the attempt is not on record".into()));
    };
    let outputs: Vec<Output> = attempt
        .facts
        .get("outputs")
        .cloned()
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default();
    let out = asked_place(drive, job).await?;
    let mut artifacts = Vec::new();
    for (index, output) in wanted(&outputs).into_iter().enumerate() {
        let home = place(drive, job, index, out.as_deref());
        match bring(job, &link, output, &home).await {
            Ok(artifact) => artifacts.push(artifact),
            Err(Missed::Broken(reason)) => {
                return drive
                    .end(
                        job,
                        &Broken {
                            class: Class::NodeError,
                            reason,
                        },
                    )
                    .await;
            }
            Err(Missed::Later(why)) => return drive.unless_gone(job, &link, why).await,
            Err(Missed::Here(why)) => return stuck(drive, job, &why).await,
        }
    }
    if let Err(error) = sidecar::write(drive, job, &attempt, &link, &artifacts).await {
        return stuck(drive, job, &format!("cannot write the sidecar: {error}")).await;
    }
    done(
        drive,
        job,
        &attempt,
        artifacts,
        began.elapsed().as_secs_f64(),
    )
    .await
}

/// Chooses what to keep: previews only when there is nothing else.
fn wanted(outputs: &[Output]) -> Vec<&Output> {
    let is_kept = |output: &&Output| match &output.item {
        OutputItem::File(file) => file.kind != "temp",
        OutputItem::Text(_) => true,
    };
    let kept: Vec<&Output> = outputs.iter().filter(is_kept).collect();
    if kept.is_empty() {
        outputs.iter().collect()
    } else {
        kept
    }
}

async fn bring(job: &Job, link: &Link, output: &Output, home: &Path) -> Result<Artifact, Missed> {
    let folder = home.parent().unwrap_or(Path::new(".")).to_owned();
    std::fs::create_dir_all(&folder).map_err(|error| here(&folder, &error))?;
    match &output.item {
        OutputItem::File(file) => bring_file(link, output, file, home).await,
        OutputItem::Text(text) => keep_text(output, text, home).map_err(|error| here(home, &error)),
    }
    .map(|artifact| Artifact {
        attempt: job.attempt,
        ..artifact
    })
}

/// Where the person wants the first result, if they said.
async fn asked_place(drive: &Drive, job: &Job) -> Result<Option<PathBuf>, Halt> {
    let hash = job.request.clone();
    let request: Request = drive
        .shared
        .ledger
        .write(move |db| Ok(blob::get(db, &hash)?))
        .await?;
    Ok(request.out.map(PathBuf::from))
}

/// Where the `index`-th result goes, its ending still to come; the first goes where the person said, if they said.
fn place(drive: &Drive, job: &Job, index: usize, out: Option<&Path>) -> PathBuf {
    if let Some(out) = out.filter(|_| index == 0) {
        return out.with_extension("");
    }
    folder(&drive.shared.options.home.output, job).join(stem(job, index))
}

async fn bring_file(
    link: &Link,
    output: &Output,
    file: &OutputFile,
    home: &Path,
) -> Result<Artifact, Missed> {
    let folder = home.parent().unwrap_or(Path::new("."));
    let name = safe_name(file).unwrap_or_else(|| PathBuf::from("output.bin"));
    let ending = name
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("bin")
        .to_ascii_lowercase();
    let mut said = String::new();
    for _ in 0..TRIES {
        let fetched = match link.client.fetch(file, folder, LARGEST).await {
            Ok(fetched) => fetched,
            Err(error @ (comfy::Error::Short { .. } | comfy::Error::Cut { .. })) => {
                said = error.to_string();
                continue;
            }
            Err(
                error @ (comfy::Error::Status { .. }
                | comfy::Error::TooLarge { .. }
                | comfy::Error::Refused { .. }),
            ) => {
                return Err(Missed::Broken(error.to_string()));
            }
            Err(error @ comfy::Error::Local { .. }) => return Err(Missed::Here(error.to_string())),
            Err(error) => return Err(Missed::Later(error.to_string())),
        };
        let checked = check(&fetched.path, &ending).await;
        match checked {
            Ok(facts) => {
                let path = settle(fetched.path, &with_ending(home, &ending), &fetched.blake3)
                    .map_err(|error| here(home, &error))?;
                return Ok(described(
                    output,
                    &path,
                    &facts,
                    fetched.bytes,
                    &fetched.blake3,
                ));
            }
            Err(why) => said = why,
        }
    }
    Err(Missed::Broken(format!(
        "the result {} of node {} is broken: {said}",
        name.display(),
        output.node
    )))
}

/// Opens a fetched file and makes sure that it is whole.
async fn check(path: &Path, ending: &str) -> Result<kind::FileFacts, String> {
    let (path, ending) = (path.to_owned(), ending.to_owned());
    tokio::task::spawn_blocking(move || kind::check_as(&path, &format!("output.{ending}")))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

fn with_ending(home: &Path, ending: &str) -> PathBuf {
    let mut name = home.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    home.with_file_name(name)
}

fn described(
    output: &Output,
    path: &Path,
    facts: &kind::FileFacts,
    bytes: u64,
    hash: &blake3::Hash,
) -> Artifact {
    Artifact {
        attempt: 0,
        node: Some(output.node.clone()),
        path: path.to_string_lossy().into_owned(),
        kind: facts.kind().word().to_owned(),
        media_type: facts.media_type().to_owned(),
        width: facts.width,
        height: facts.height,
        frames: facts.frames.map(u64::from),
        fps: facts.fps,
        duration_s: facts.duration_s,
        bytes,
        blake3: hash.to_hex().to_string(),
    }
}

/// Keeps what a text node said as a file.
fn keep_text(output: &Output, text: &str, home: &Path) -> std::io::Result<Artifact> {
    let mut kept: String = text.chars().take(LONGEST_TEXT).collect();
    kept.push('\n'); // an empty text is a result too, and an empty file is not one
    let folder = home.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, kept.as_bytes())?;
    file.as_file().sync_all()?;
    let hash = blake3::hash(kept.as_bytes());
    let path = settle(file.into_temp_path(), &with_ending(home, "txt"), &hash)?;
    let facts = kind::check_as(&path, "output.txt").map_err(std::io::Error::other)?;
    Ok(described(output, &path, &facts, kept.len() as u64, &hash))
}

fn here(path: &Path, error: &std::io::Error) -> Missed {
    Missed::Here(format!("cannot write to {}: {error}", path.display()))
}

/// Says on the job that something on this machine is in the way, and tries again later.
async fn stuck(drive: &Drive, job: &Job, why: &str) -> Result<(), Halt> {
    if job.why.as_deref() != Some(why) {
        drive
            .tell(job, Fact::Finished, Some(why), Value::Null)
            .await?;
    }
    Err(Halt::Later(why.to_owned()))
}

/// Ends the job: results, timing, forgiveness for the worker and release of those who waited, in one transaction.
async fn done(
    drive: &Drive,
    job: &Job,
    attempt: &Attempt,
    artifacts: Vec<Artifact>,
    save_s: f64,
) -> Result<(), Halt> {
    let to = step(job.phase, Fact::FilesHere)?;
    let (job, attempt, epoch) = (job.clone(), attempt.clone(), drive.shared.ledger.epoch());
    drive
        .shared
        .ledger
        .write(move |db| {
            let at = clock::now();
            let detail = json!({"artifacts": artifacts.len()});
            let worker = job.worker.as_deref();
            if !job::advance(
                db,
                &Move {
                    job: &job.id,
                    from: Phase::Collecting,
                    to,
                    epoch,
                    at,
                    why: None,
                    worker,
                    detail,
                },
            )? {
                return Ok(());
            }
            attempt::end(
                db,
                &attempt.prompt_id,
                at,
                &Ending {
                    outcome: "done",
                    class: None,
                    reason: None,
                },
            )?;
            for artifact in &artifacts {
                artifact::put(db, &job.id, at, artifact)?;
            }
            timing::put(db, &job.id, at, &took(&job, &attempt, save_s))?;
            worker::forgive(db, &attempt.worker, &job.workflow)?;
            release_dependents(db, &job.id, epoch, at)
        })
        .await?;
    drive
        .shared
        .bell
        .changed(["job", "event", "artifact", "worker"]);
    drive.shared.wake.notify_one();
    Ok(())
}

/// What the render took, by this machine's clock.
fn took(job: &Job, attempt: &Attempt, save_s: f64) -> timing::Timing {
    let seconds = |ms: i64| f64::from(u32::try_from(ms.max(0)).unwrap_or(u32::MAX)) / 1000.0;
    let number = |key: &str| {
        attempt
            .facts
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
    };
    timing::Timing {
        workflow: job.workflow.clone(),
        worker: attempt.worker.clone(),
        width: number("width"),
        height: number("height"),
        frames: number("frames"),
        steps: number("steps"),
        queue_s: seconds(attempt.started - job.created),
        run_s: seconds(job.since - attempt.started),
        save_s,
    }
}

/// Lets jobs go on that waited for this one and for nothing else.
pub(super) fn release_dependents(
    db: &Connection,
    done: &str,
    epoch: i64,
    at: i64,
) -> Result<(), super::ledger::Error> {
    for waiting in job::dependents(db, done)? {
        let met = job::needs(db, &waiting)?
            .iter()
            .all(|(_, phase)| *phase == Phase::Done);
        if let Ok(to) = step(Phase::Blocked, Fact::NeedsMet)
            && met
        {
            let m = Move {
                job: &waiting,
                from: Phase::Blocked,
                to,
                epoch,
                at,
                why: None,
                worker: None,
                detail: Value::Null,
            };
            job::advance(db, &m)?;
        }
    }
    Ok(())
}
