//! Turns a workflow and what is set in it into a request that any engine can act on by itself.

use std::fs::File;
use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value;

use super::session::who;
use crate::clock;
use crate::config;
use crate::core::job::{
    HeaderFiles, InputFile, Intent, NewJob, PromptText, Request, Step, WorkerOrigin, compose,
};
use crate::core::workflow::ladder::{Asked, Rung};
use crate::core::workflow::manifest::PromptForm;
use crate::core::workflow::{Slot, SlotKind, Template, ladder, library};
use crate::failure::{Failure, Kind};
use crate::store::worker::{self, Worker};
use crate::store::{Error, NewRevision, Store, blob, intent, project, revision};

/// Seeds stay below this, so that every JSON reader keeps them exact.
const SEEDS: u64 = 1 << 53;

/// What goes into a request beside the workflow.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    /// What is set, by slot name or `NODE.INPUT`.
    pub(super) set: IndexMap<String, Value>,
    /// Files that travel to the worker.
    pub(super) files: Vec<InputFile>,
    /// Duration that decides the length on every rung, in seconds.
    pub(super) seconds: Option<f64>,
    /// The prompt in its forms.
    pub(super) prompt: Option<PromptText>,
    /// The idea as typed.
    pub(super) idea: String,
    /// Where the first result goes.
    pub(super) out: Option<String>,
}

/// Builds the request and tries every rung of it, so that nothing unfit is ever queued.
///
/// # Errors
/// [`Kind::WorkflowInvalid`] when a slot does not exist, a value does not fit it, or one that has to be set is not.
pub(super) fn request(template: &Template, wishes: Wishes) -> Result<Request, Failure> {
    let mut set = wishes.set;
    for slot in seeds(template) {
        set.entry(slot.name.clone())
            .or_insert_with(|| fastrand::u64(..SEEDS).into());
    }
    let rungs = ladder(&template.manifest, asked(template, &set, wishes.seconds));
    let request = Request {
        workflow: template.manifest.id.clone(),
        graph: template.graph.clone(),
        slots: template.manifest.slots.clone(),
        ladder: steps(template, &rungs, wishes.prompt.as_ref()),
        set,
        files: wishes.files,
        prompt: wishes.prompt,
        idea: wishes.idea,
        out: wishes.out,
        timeout_s: seconds_of(template.manifest.timeout_s),
        max_attempts: None,
    };
    complete(template, &request)?;
    tried(&request)?;
    Ok(request)
}

fn seconds_of(limit: u64) -> Option<f64> {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    (limit > 0).then(|| f64::from(limit))
}

/// Lists the slots that take a seed.
pub(super) fn seeds(template: &Template) -> impl Iterator<Item = &Slot> {
    template
        .manifest
        .slots
        .iter()
        .filter(|slot| slot.kind == SlotKind::Seed)
}

/// Refuses a request whose workflow makes no sense before a slot is set that is not.
fn complete(template: &Template, request: &Request) -> Result<(), Failure> {
    let missing: Vec<&str> = template
        .required()
        .map(|slot| slot.name.as_str())
        .filter(|name| !request.set.contains_key(*name))
        .filter(|name| !request.files.iter().any(|file| file.slot == **name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let cause = format!("{} needs {}", request.workflow, missing.join(" and "));
    Err(
        Failure::new(Kind::WorkflowInvalid, "setting slots", cause).hint(format!(
            "use --set or --set-file; `rushes workflow slots {}` explains them",
            request.workflow
        )),
    )
}

/// Composes every rung once, with a made-up name for each input file.
fn tried(request: &Request) -> Result<(), Failure> {
    let uploads: IndexMap<String, Value> = request
        .files
        .iter()
        .map(|file| (file.slot.clone(), Value::from("input.png")))
        .collect();
    for rung in 0..request.rungs() {
        compose(request, rung, &uploads, "check")
            .map_err(|error| Failure::new(Kind::WorkflowInvalid, "setting slots", error))?;
    }
    Ok(())
}

/// Reads what is asked for from what is set, else from the workflow's own values.
fn asked(template: &Template, set: &IndexMap<String, Value>, seconds: Option<f64>) -> Asked {
    let number = |name: &str| {
        set.get(name)
            .or_else(|| template.default(name))
            .and_then(Value::as_f64)
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of the type"
    )]
    let whole = |name: &str| number(name).unwrap_or(0.0).clamp(0.0, f64::from(u32::MAX)) as u32;
    Asked {
        width: whole("width"),
        height: whole("height"),
        frames: whole("frames"),
        seconds,
        fps: number("fps").unwrap_or(24.0),
    }
}

/// Resolves the rungs: every name a slot, every other workflow with its graph.
fn steps(template: &Template, rungs: &[Rung], prompt: Option<&PromptText>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, rung) in rungs.iter().enumerate() {
        let other = Some(&rung.workflow)
            .filter(|id| **id != template.manifest.id)
            .and_then(|id| library::find(id));
        let taker = other.unwrap_or(template);
        let mut set = if at == 0 {
            IndexMap::new()
        } else {
            sizes(taker, rung)
        };
        set.extend(
            rung.set
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        if let (PromptForm::Simplified, Some(prompt)) = (rung.prompt, prompt)
            && !prompt.simplified.is_empty()
        {
            set.insert("prompt".to_owned(), prompt.simplified.clone().into());
        }
        let workflow = other.map(|other| other.manifest.id.clone());
        // The same request again would fail the same way, or be served from a cache.
        let again = steps.last().is_some_and(|last| {
            last.workflow == workflow
                && set
                    .iter()
                    .all(|(name, value)| last.set.get(name) == Some(value))
        });
        if again || (at > 0 && set.is_empty()) {
            set.extend(seeds(taker).map(|slot| (slot.name.clone(), fastrand::u64(..SEEDS).into())));
        }
        steps.push(Step {
            name: rung.name.clone(),
            set,
            graph: other.map(|other| other.graph.clone()),
            slots: other.map(|other| other.manifest.slots.clone()),
            workflow,
            timeout_s: seconds_of(rung.timeout_s),
        });
    }
    steps
}

/// Gives the size and length of a rung, as far as its workflow has slots for them.
fn sizes(taker: &Template, rung: &Rung) -> IndexMap<String, Value> {
    [
        ("width", rung.width),
        ("height", rung.height),
        ("frames", rung.frames),
    ]
    .into_iter()
    .filter(|(name, value)| *value > 0 && taker.slot(name).is_some())
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect()
}

/// Reads a file that is to travel to the worker.
///
/// # Errors
/// [`Kind::InputFile`] when it cannot be read or is no file.
pub(super) fn input_file(slot: &str, path: &Path) -> Result<InputFile, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Kind::InputFile,
            format!("reading {}", path.display()),
            error,
        )
    };
    let whole = path.canonicalize().map_err(failed)?;
    let file = File::open(&whole).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(failed(std::io::Error::other("it is not a file")));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(failed)?;
    Ok(InputFile {
        slot: slot.to_owned(),
        path: whole.to_string_lossy().into_owned(),
        blake3: hasher.finalize().to_hex().to_string(),
        bytes: meta.len(),
    })
}

/// Checks where a result shall go and names it in full.
///
/// # Errors
/// [`Kind::OutputFile`] when its folder is not there, or the place is a folder.
pub(super) fn out_file(path: &Path) -> Result<String, Failure> {
    let doing = format!("preparing {}", path.display());
    let failed = |cause: String| Failure::new(Kind::OutputFile, doing.clone(), cause);
    let whole = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
    if whole.is_dir() {
        return Err(failed("it is a folder; name a file in it".to_owned()));
    }
    match whole.parent() {
        Some(folder) if folder.is_dir() => Ok(whole.to_string_lossy().into_owned()),
        _ => Err(failed("its folder is not there".to_owned())),
    }
}

/// The worker a job is pinned to: its name, and the intent that makes it known where it is not.
///
/// # Errors
/// [`Kind::Unknown`] for a name nobody knows; [`Kind::Usage`] for something that is no address.
pub(super) fn pin(store: &Store, worker: &str) -> Result<(String, Option<Intent>), Failure> {
    if !worker.contains("://") {
        return Ok((super::workers::find(store, worker)?.name, None));
    }
    config::worker_url(worker)
        .map_err(|cause| Failure::new(Kind::Usage, "reading --worker", cause))?;
    let url = worker.trim_end_matches('/');
    let known = worker::list(store.conn()).map_err(Error::from)?;
    let same = |known: &&Worker| known.url.trim_end_matches('/') == url;
    if let Some(known) = known.iter().find(same) {
        return Ok((known.name.clone(), None));
    }
    let host = url.split("://").nth(1).unwrap_or(url);
    let name: String = host
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
                c
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    let taken = known.iter().any(|known| known.name == name);
    let name = if taken { format!("{name}-2") } else { name };
    let intent = Intent::WorkerAdd {
        name: name.clone(),
        url: url.to_owned(),
        headers: HeaderFiles::new(),
        origin: WorkerOrigin::Once,
    };
    Ok((name, Some(intent)))
}

/// Jobs to be handed in together.
pub(super) struct Batch<'a> {
    /// Wishes that come first, such as a worker to be made known.
    pub(super) before: Vec<Intent>,
    /// Each job with its request; the request's hash is filled in here.
    pub(super) jobs: Vec<(NewJob, &'a Request)>,
}

/// Writes requests and wishes down in one transaction, with the prompt they were made from.
///
/// # Errors
/// What the store says; nothing is written then.
pub(super) fn hand_in(
    store: &Store,
    batch: Batch<'_>,
    revision: Option<&NewRevision<'_>>,
) -> Result<Vec<i64>, Failure> {
    let who = who();
    let rows = store.transaction(|tx| {
        if let Some(revision) = revision {
            revision::insert(tx, revision, clock::now())?;
            project::attribute(tx, revision, clock::now())?;
        }
        let mut rows = Vec::new();
        for wish in &batch.before {
            rows.push(intent::ask(tx, clock::now(), &who, wish)?);
        }
        for (mut job, request) in batch.jobs {
            job.request = blob::put(tx, request)?;
            rows.push(intent::ask(
                tx,
                clock::now(),
                &who,
                &Intent::Submit { job },
            )?);
        }
        Ok::<_, Error>(rows)
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        library::find("ltx2-t2v-distilled").unwrap().clone()
    }

    fn wishes(set: &[(&str, Value)]) -> Wishes {
        Wishes {
            set: set
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            ..Wishes::default()
        }
    }

    #[test]
    fn the_first_rung_is_as_asked_and_no_rung_asks_the_same_twice() {
        let asked = wishes(&[
            ("prompt", "rain".into()),
            ("width", 1280.into()),
            ("seed", 7.into()),
        ]);
        let request = request(&template(), asked).unwrap();
        assert!(request.ladder[0].set.is_empty());
        assert_eq!(request.set["seed"], 7);
        let uploads = IndexMap::new();
        let graphs: Vec<_> = (0..request.rungs())
            .map(|rung| compose(&request, rung, &uploads, "mark").unwrap().graph)
            .collect();
        for (n, graph) in graphs.iter().enumerate() {
            assert!(
                !graphs[..n].contains(graph),
                "rung {n} repeats an earlier one"
            );
        }
    }

    #[test]
    fn a_lower_rung_takes_the_simplified_prompt() {
        let asked = Wishes {
            prompt: Some(PromptText {
                text: "a long story".into(),
                simplified: "short".into(),
                negative: String::new(),
            }),
            ..wishes(&[("prompt", "a long story".into())])
        };
        let request = request(&template(), asked).unwrap();
        assert!(
            request
                .ladder
                .iter()
                .skip(1)
                .any(|step| step.set["prompt"] == "short")
        );
    }

    #[test]
    fn what_has_to_be_set_is_asked_for() {
        let failure = request(&template(), Wishes::default()).unwrap_err();
        assert_eq!(failure.kind, Kind::WorkflowInvalid);
        assert!(failure.cause.contains("needs prompt"), "{}", failure.cause);
    }

    #[test]
    fn a_size_that_a_lower_rung_cannot_take_is_found_before_anything_is_queued() {
        let failure = request(
            &template(),
            wishes(&[("prompt", "x".into()), ("frames", 1_000_000.into())]),
        );
        assert_eq!(failure.unwrap_err().kind, Kind::WorkflowInvalid);
    }
}
