//! The sidecar: a JSON file beside the result, enough to make it again.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::drive::Drive;
use super::link::Link;
use super::outputs::{folder, stem};
use crate::clock;
use crate::core::job::Request;
use crate::store::artifact::Artifact;
use crate::store::attempt::Attempt;
use crate::store::job::Job;
use crate::store::{blob, worker};

/// Names the form of the file, for readers of later releases.
const FORM: &str = "rushes-sidecar/1";

/// Writes what made the results beside the first of them.
pub(super) async fn write(
    drive: &Drive,
    job: &Job,
    attempt: &Attempt,
    link: &Link,
    artifacts: &[Artifact],
) -> std::io::Result<()> {
    let (request, graph, server) = parts(drive, job, attempt, link).await?;
    let mut facts = attempt.facts.clone();
    if let Some(facts) = facts.as_object_mut() {
        facts.remove("outputs");
    }
    let body = json!({
        "form": FORM,
        "job": job.id,
        "name": job.name,
        "attempt": attempt.n,
        "prompt_id": attempt.prompt_id,
        "workflow": job.workflow,
        "target": job.target,
        "project": job.project,
        "shot": job.shot,
        "revision": job.revision,
        "idea": request.idea,
        "prompt": request.prompt,
        "set": request.set,
        "facts": facts,
        "files": request.files,
        "graph": graph,
        "worker": {"name": attempt.worker, "version": server},
        "times": {
            "created": clock::rfc3339(job.created),
            "sent": clock::rfc3339(attempt.started),
            "collected": clock::rfc3339(clock::now()),
        },
        "artifacts": artifacts.iter().map(brief).collect::<Vec<_>>(),
        "rushes": env!("CARGO_PKG_VERSION"),
    });
    let folder = folder(&drive.shared.options.home.output, job);
    let name = folder.join(format!("{}.json", stem(job, 0)));
    put(&folder, &name, &body)
}

/// Reads what the sidecar tells from the store.
async fn parts(
    drive: &Drive,
    job: &Job,
    attempt: &Attempt,
    link: &Link,
) -> std::io::Result<(Request, Value, Option<String>)> {
    let (request, graph, name) = (
        job.request.clone(),
        attempt.graph.clone().unwrap_or_default(),
        link.name.clone(),
    );
    drive
        .shared
        .ledger
        .write(move |db| {
            let version = worker::get(db, &name)?.and_then(|worker| worker.version);
            Ok((blob::get(db, &request)?, blob::get(db, &graph)?, version))
        })
        .await
        .map_err(std::io::Error::other)
}

fn brief(artifact: &Artifact) -> Value {
    let name = Path::new(&artifact.path)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    json!({"file": name, "kind": artifact.kind, "bytes": artifact.bytes, "blake3": artifact.blake3, "node": artifact.node})
}

/// Replaces the file as a whole, so that a reader never sees half of it.
fn put(folder: &Path, name: &Path, body: &Value) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, body)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(name).map_err(|refused| refused.error)?;
    Ok(())
}
