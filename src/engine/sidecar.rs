//! The sidecar: a JSON file beside the result, enough to make it again.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::drive::Drive;
use super::link::Link;
use super::outputs::{folder, stem};
use crate::clock;
use crate::core::job::Request;
use crate::core::workflow::sidecar::{
    self, InputFile, Maker, OutputFile, Sidecar, Timings, Written,
};
use crate::core::workflow::{Binding, Graph, Slot};
use crate::store::artifact::Artifact;
use crate::store::attempt::Attempt;
use crate::store::blob;
use crate::store::job::Job;
use crate::store::worker::{self, Worker};

/// Writes what made the results beside the first of them.
pub(super) async fn write(
    drive: &Drive,
    job: &Job,
    attempt: &Attempt,
    link: &Link,
    artifacts: &[Artifact],
) -> std::io::Result<()> {
    let mut known = Known::read(drive, job, attempt, link).await?;
    if let Some(worker) = known
        .worker
        .as_mut()
        .filter(|worker| worker.version.is_none())
        && let Ok(stats) = link.client.system_stats().await
    {
        // A quick job is done before the worker was asked who it is.
        worker.version = stats.version.map(|version| version.to_string());
    }
    let body = Sidecar {
        rushes: Written::by(env!("CARGO_PKG_VERSION")),
        job: job.id.clone(),
        attempt: attempt.n,
        request: asked(job, attempt, &known),
        graph_blake3: sidecar::graph_hash(&known.graph),
        seeds: sidecar::seeds_of(&known.graph, known.slots(attempt)),
        worker: maker(attempt, known.worker.as_ref()),
        models: sidecar::models_of(&known.graph),
        inputs: known.inputs(attempt),
        outputs: artifacts.iter().map(output).collect(),
        timings: timings(job, attempt),
        graph: known.graph,
    };
    let folder = folder(&drive.shared.options.home.output, job);
    let name = folder.join(format!("{}.json", stem(job, 0)));
    put(&folder, &name, &body.write()?)
}

/// What the store knows of an attempt.
struct Known {
    request: Request,
    graph: Graph,
    worker: Option<Worker>,
}

impl Known {
    async fn read(
        drive: &Drive,
        job: &Job,
        attempt: &Attempt,
        link: &Link,
    ) -> std::io::Result<Self> {
        let (request, graph, name) = (
            job.request.clone(),
            attempt.graph.clone().unwrap_or_default(),
            link.name.clone(),
        );
        drive
            .shared
            .ledger
            .write(move |db| {
                Ok(Self {
                    request: blob::get(db, &request)?,
                    graph: blob::get(db, &graph)?,
                    worker: worker::get(db, &name)?,
                })
            })
            .await
            .map_err(std::io::Error::other)
    }

    /// Lists the slots of the workflow that the attempt's rung ran.
    fn slots(&self, attempt: &Attempt) -> &[Slot] {
        let step = self.request.ladder.get(attempt.rung as usize);
        step.or(self.request.ladder.last())
            .and_then(|step| step.slots.as_ref())
            .unwrap_or(&self.request.slots)
    }

    /// Lists the files that went in, by the names the graph calls them.
    fn inputs(&self, attempt: &Attempt) -> Vec<InputFile> {
        let slots = self.slots(attempt);
        let name = |slot: &str| {
            let known = slots.iter().find(|known| known.name == slot);
            let place = known.and_then(|known| known.bind.first().cloned());
            let place = place.or_else(|| Binding::find(slot, &self.graph))?;
            Some(place.value(&self.graph)?.as_str()?.to_owned())
        };
        let files = self.request.files.iter().map(|file| InputFile {
            slot: file.slot.clone(),
            path: file.path.clone(),
            blake3: file.blake3.clone(),
            uploaded_as: name(&file.slot).unwrap_or_default(),
        });
        files.collect()
    }
}

/// Tells what was asked for, with the texts as they were sent.
fn asked(job: &Job, attempt: &Attempt, known: &Known) -> sidecar::Request {
    let said = |name: &str| {
        let text = attempt.facts.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let request = &known.request;
    let planned = request.prompt.as_ref();
    let step = request.ladder.get(attempt.rung as usize);
    let mut set: Map<String, Value> = request.set.clone().into_iter().collect();
    set.extend(step.into_iter().flat_map(|step| step.set.clone()));
    sidecar::Request {
        idea: Some(request.idea.clone()).filter(|idea| !idea.is_empty()),
        prompt: said("prompt").or_else(|| planned.map(|prompt| prompt.text.clone())),
        negative: said("negative").or_else(|| planned.map(|prompt| prompt.negative.clone())),
        target: job.target.clone(),
        workflow: Some(
            step.and_then(|step| step.workflow.clone())
                .unwrap_or_else(|| job.workflow.clone()),
        ),
        set,
        name: Some(job.name.clone()),
        revision: job.revision.clone(),
        rung: step.map(|step| step.name.clone()),
        project: job.project.clone(),
        shot: job.shot.clone(),
    }
}

fn maker(attempt: &Attempt, worker: Option<&Worker>) -> Maker {
    let system: Option<Value> = worker
        .and_then(|worker| worker.system.as_deref())
        .and_then(|text| serde_json::from_str(text).ok());
    let devices = system
        .as_ref()
        .and_then(|system| system.get("devices"))
        .and_then(Value::as_array);
    Maker {
        name: attempt.worker.clone(),
        comfyui: worker.and_then(|worker| worker.version.clone()),
        devices: devices
            .into_iter()
            .flatten()
            .filter_map(|device| Some(device.get("name")?.as_str()?.to_owned()))
            .collect(),
        prompt_id: Some(attempt.prompt_id.clone()),
    }
}

fn output(artifact: &Artifact) -> OutputFile {
    let name = Path::new(&artifact.path).file_name();
    OutputFile {
        file: name.unwrap_or_default().to_string_lossy().into_owned(),
        node: artifact.node.clone().unwrap_or_default(),
        media_type: artifact.media_type.clone(),
        bytes: artifact.bytes,
        blake3: artifact.blake3.clone(),
    }
}

fn timings(job: &Job, attempt: &Attempt) -> Timings {
    let seconds = |ms: i64| f64::from(u32::try_from(ms.max(0)).unwrap_or(u32::MAX)) / 1000.0;
    let now = clock::now();
    Timings {
        created: Some(clock::rfc3339(job.created)),
        started: Some(clock::rfc3339(attempt.started)),
        ended: Some(clock::rfc3339(job.since)),
        render_s: Some(seconds(job.since - attempt.started)),
        elapsed_s: Some(seconds(now - job.created)),
    }
}

/// Replaces the file as a whole, so that a reader never sees half of it.
fn put(folder: &Path, name: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(name).map_err(|refused| refused.error)?;
    Ok(())
}
