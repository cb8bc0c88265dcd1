//! `rushes workers`: the farm.

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ask::{ask, granted};
use super::print::{Cell, Tone, duration, size};
use super::session::{Session, expand};
use crate::clock::{self, rfc3339};
use crate::comfy::{Client, Endpoint};
use crate::core::job::{HeaderFiles, Intent, WorkerOrigin};
use crate::core::text::scrub;
use crate::failure::{Failure, Kind};
use crate::store::worker::{self, Worker};
use crate::store::{Error, Role, Store};

/// Options of `rushes workers`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What may be done with workers.
#[derive(Debug, Subcommand)]
enum Verb {
    /// List workers
    List,
    /// Make a ComfyUI server known
    Add(Add),
    /// Forget a worker; what it holds of ours goes to others
    Remove(Name),
    /// Give a worker nothing new
    Drain(Name),
    /// Give a drained worker jobs again
    Resume(Name),
    /// Ask a worker directly who it is and how it is
    Test(Name),
}

/// A worker by name.
#[derive(Debug, Args)]
struct Name {
    /// The worker's name
    name: String,
}

/// A worker to be made known.
#[derive(Debug, Args)]
struct Add {
    /// What to call it
    name: String,
    /// Its address, such as `http://gpu1:8188`
    url: String,
    /// A header sent with every request; its value is read from FILE and never stored
    #[arg(long, value_name = "NAME=@FILE")]
    header: Vec<String>,
}

/// Runs `rushes workers`.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.verb {
        None | Some(Verb::List) => list(session),
        Some(Verb::Add(add)) => wish(session, added(add)?, &add.name),
        Some(Verb::Remove(Name { name })) => {
            wish(session, Intent::WorkerRemove { name: name.clone() }, name)
        }
        Some(Verb::Drain(Name { name })) => {
            wish(session, Intent::WorkerDrain { name: name.clone() }, name)
        }
        Some(Verb::Resume(Name { name })) => {
            wish(session, Intent::WorkerResume { name: name.clone() }, name)
        }
        Some(Verb::Test(Name { name })) => test(session, name),
    }
}

fn list(session: &Session) -> Result<u8, Failure> {
    let store = session.store(Role::Reader)?;
    let known = worker::list(store.conn()).map_err(Error::from)?;
    if session.style.json {
        let rows: Vec<Value> = known
            .iter()
            .map(|worker| shape(&store, worker))
            .collect::<Result<_, _>>()?;
        session.style.json(&rows)?;
        return Ok(0);
    }
    if known.is_empty() {
        session.style.note("no worker yet: the engine starts one of its own; `rushes workers add NAME URL` adds a server");
    }
    let rows: Vec<Vec<Cell>> = known.iter().map(cells).collect();
    session.style.table(
        &["worker", "state", "queue", "version", "url", "why"],
        &rows,
    )?;
    Ok(0)
}

fn cells(worker: &Worker) -> Vec<Cell> {
    vec![
        Cell::plain(&worker.name),
        Cell::toned(tone(&worker.state), &worker.state),
        Cell::plain(format!("{}+{}", worker.running, worker.waiting)),
        Cell::plain(worker.version.as_deref().unwrap_or("-")),
        Cell::plain(&worker.url),
        Cell::plain(worker.why.as_deref().unwrap_or_default()),
    ]
}

fn tone(state: &str) -> Tone {
    match state {
        "ready" => Tone::Good,
        "busy" => Tone::Busy,
        "quiet" | "gone" => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn shape(store: &Store, worker: &Worker) -> Result<Value, Failure> {
    let (done, failed, p50) = worker::record(store.conn(), &worker.name).map_err(Error::from)?;
    Ok(json!({
        "name": worker.name,
        "url": worker.url,
        "state": worker.state,
        "since": rfc3339(worker.since),
        "why": worker.why,
        "version": worker.version,
        "queue": {"running": worker.running, "waiting": worker.waiting, "foreign": worker.foreign},
        "devices": devices(worker),
        "done": done,
        "failed": failed,
        "p50_s": p50,
        "origin": worker.origin,
        "draining": worker.draining,
        "seen": worker.seen.map(rfc3339),
    }))
}

/// Reads the cards from what the worker last said of itself.
fn devices(worker: &Worker) -> Vec<Value> {
    let system: Value = worker
        .system
        .as_deref()
        .and_then(|system| serde_json::from_str(system).ok())
        .unwrap_or_default();
    let devices = system.get("devices").and_then(Value::as_array);
    devices
        .into_iter()
        .flatten()
        .map(|device| {
            json!({
                "name": device.get("name").and_then(Value::as_str).map(scrub),
                "index": device.get("index"),
                "vram_total": device.get("vram_total"),
                "vram_free": device.get("vram_free"),
            })
        })
        .collect()
}

fn added(add: &Add) -> Result<Intent, Failure> {
    let usage = |cause: String| Failure::new(Kind::Usage, "adding a worker", cause);
    crate::config::worker_name(&add.name).map_err(usage)?;
    crate::config::worker_url(&add.url).map_err(usage)?;
    Endpoint::parse(&add.url).map_err(|error| usage(error.to_string()))?;
    let headers = add
        .header
        .iter()
        .map(|header| {
            let pair = header
                .split_once("=@")
                .filter(|(name, file)| !name.is_empty() && !file.is_empty());
            let (name, file) = pair.ok_or_else(|| {
                usage("a header is NAME=@FILE: the value stays in a file of its own".to_owned())
            })?;
            Ok((name.to_owned(), header_file(file)?))
        })
        .collect::<Result<HeaderFiles, Failure>>()?;
    Ok(Intent::WorkerAdd {
        name: add.name.clone(),
        url: add.url.clone(),
        headers,
        origin: WorkerOrigin::Added,
    })
}

/// Names the file of a header so that the engine finds it from wherever it runs.
///
/// # Errors
/// [`Kind::InputFile`] when it is not there.
pub(super) fn header_file(file: &str) -> Result<String, Failure> {
    let failed = |error| Failure::new(Kind::InputFile, format!("finding {file}"), error);
    let whole = expand(Path::new(file)).canonicalize().map_err(failed)?;
    Ok(format!("@{}", whole.display()))
}

fn wish(session: &Session, intent: Intent, name: &str) -> Result<u8, Failure> {
    let store = session.store(Role::Person)?;
    let outcomes = ask(session, &store, &[intent])?;
    granted("changing the farm", &outcomes)?;
    let now = worker::get(store.conn(), name).map_err(Error::from)?;
    if session.style.json {
        let row = now.map(|worker| shape(&store, &worker)).transpose()?;
        session
            .style
            .json(&row.unwrap_or_else(|| json!({"name": name, "removed": true})))?;
    } else {
        let state = now.map_or_else(|| "removed".to_owned(), |worker| worker.state);
        session.style.line(&format!("{name} {state}"))?;
    }
    Ok(0)
}

/// Connects to a worker as the engine would.
///
/// # Errors
/// [`Kind::Unknown`] for a name that is not known; [`Kind::InputFile`] when a header cannot be read.
pub(super) fn client(worker: &Worker) -> Result<Client, Failure> {
    let doing = format!("connecting to {}", worker.name);
    let failed = |kind, cause: String| Failure::new(kind, doing.clone(), cause);
    let mut endpoint =
        Endpoint::parse(&worker.url).map_err(|error| failed(Kind::Usage, error.to_string()))?;
    for (name, file) in &worker.headers {
        let path = file.strip_prefix('@').unwrap_or(file);
        let value = std::fs::read_to_string(path).map_err(|error| {
            failed(
                Kind::InputFile,
                format!("header {name} from {path}: {error}"),
            )
        })?;
        endpoint = endpoint
            .with_header(name, value.trim())
            .map_err(|error| failed(Kind::InputFile, error.to_string()))?;
    }
    Client::new(endpoint, clock::new_id())
        .map_err(|error| failed(Kind::WorkerUnreachable, error.to_string()))
}

/// Runs one conversation with a worker on a runtime of its own.
///
/// # Errors
/// What the conversation says; [`Kind::Internal`] when the system has no thread to give.
pub(super) fn talk<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Kind::Internal, "starting a runtime", error))?
        .block_on(work)
}

fn test(session: &Session, name: &str) -> Result<u8, Failure> {
    let store = session.store(Role::Reader)?;
    let worker = find(&store, name)?;
    let client = client(&worker)?;
    let unreachable = |error: crate::comfy::Error| {
        Failure::new(Kind::WorkerUnreachable, format!("testing {name}"), error)
    };
    let began = std::time::Instant::now();
    let (stats, queue) = talk(async {
        let stats = client.system_stats().await.map_err(unreachable)?;
        Ok((stats, client.queue().await.map_err(unreachable)?))
    })?;
    let took = began.elapsed().as_secs_f64();
    let version = stats.version.as_ref().map(ToString::to_string);
    if session.style.json {
        let devices: Vec<Value> = stats
            .devices
            .iter()
            .map(|card| json!({"name": card.name, "index": card.index, "vram_total": card.vram_total, "vram_free": card.vram_free}))
            .collect();
        session.style.json(&json!({
            "name": name, "url": worker.url, "reachable": true, "version": version, "took_s": took,
            "queue": {"running": queue.running.len(), "waiting": queue.pending.len()}, "devices": devices,
        }))?;
        return Ok(0);
    }
    let version = version.unwrap_or_else(|| "of unknown version".to_owned());
    session.style.line(&format!(
        "{name} answers as ComfyUI {version} in {}",
        duration(took)
    ))?;
    for card in &stats.devices {
        let free = card.vram_free.map(size).unwrap_or_default();
        session
            .style
            .line(&format!("  {}: {free} free", card.name))?;
    }
    Ok(0)
}

/// Finds a worker by name.
///
/// # Errors
/// [`Kind::Unknown`] with the names there are.
pub(super) fn find(store: &Store, name: &str) -> Result<Worker, Failure> {
    let known = worker::list(store.conn()).map_err(Error::from)?;
    let names: Vec<String> = known.iter().map(|worker| worker.name.clone()).collect();
    known
        .into_iter()
        .find(|worker| worker.name == name)
        .ok_or_else(|| {
            let hint = if names.is_empty() {
                "none is known yet; `rushes workers add NAME URL` adds one".to_owned()
            } else {
                format!("there are {}", names.join(", "))
            };
            Failure::new(
                Kind::Unknown,
                "finding the worker",
                format!("there is no worker {name:?}"),
            )
            .hint(hint)
        })
}
