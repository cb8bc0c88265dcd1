//! `rushes jobs`: what there is to do, what is being done, what became of it.

use std::collections::HashMap;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::ask::Watch;
use super::print::{Cell, Tone, duration};
use super::session::Session;
use super::shape;
use crate::clock;
use crate::core::job::Phase;
use crate::failure::Failure;
use crate::store::job::{self, Job};
use crate::store::{Error, Role, Store, read};

/// Options of `rushes jobs`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only jobs in this phase; may be given more than once
    #[arg(long, value_name = "P", value_parser = PossibleValuesParser::new(Phase::ALL.map(Phase::word)))]
    phase: Vec<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// Go on printing each job that changes, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
}

/// Lists jobs, newest first.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    let store = session.store(Role::Reader)?;
    let phases: Vec<Phase> = arguments
        .phase
        .iter()
        .filter_map(|word| Phase::from_word(word))
        .collect();
    if arguments.follow {
        return follow(session, &store, &phases, arguments.limit);
    }
    let jobs = list(&store, &phases, arguments.limit)?;
    if session.style.json {
        let rows: Vec<Value> = jobs
            .iter()
            .map(|job| shape::job(&store, job))
            .collect::<Result<_, _>>()?;
        session.style.json(&rows)?;
    } else {
        let rows: Vec<Vec<Cell>> = jobs
            .iter()
            .map(|job| cells(&store, job))
            .collect::<Result<_, _>>()?;
        session
            .style
            .table(&["job", "name", "phase", "worker", "since", "why"], &rows)?;
    }
    Ok(0)
}

fn list(store: &Store, phases: &[Phase], limit: u32) -> Result<Vec<Job>, Failure> {
    Ok(job::list(store.conn(), phases, limit).map_err(Error::from)?)
}

/// Prints each job as it is, then each one that changed, one line each.
fn follow(session: &Session, store: &Store, phases: &[Phase], limit: u32) -> Result<u8, Failure> {
    let mut watch = Watch::new(store)?;
    let mut seen = Seen::new();
    loop {
        let jobs = list(store, phases, limit)?;
        for job in jobs.iter().rev() {
            changed(session, store, job, &mut seen)?;
        }
        seen.retain(|id, _| jobs.iter().any(|job| job.id == *id));
        while !watch.pause()? {}
    }
}

/// Jobs as they were last printed.
pub(super) type Seen = HashMap<String, (Phase, Value)>;

/// Prints a job if it changed since it was last seen: in JSON any change, else a change of phase.
///
/// # Errors
/// When the store cannot be read or the output not be written.
pub(super) fn changed(
    session: &Session,
    store: &Store,
    job: &Job,
    seen: &mut Seen,
) -> Result<(), Failure> {
    let row = shape::job(store, job)?;
    let known = seen.get(&job.id);
    if session.style.json && known.map(|(_, old)| old) != Some(&row) {
        session.style.json(&row)?;
    } else if !session.style.json && known.map(|(phase, _)| *phase) != Some(job.phase) {
        let why = job.why.as_deref().unwrap_or_default();
        session.style.line(&format!(
            "{}  {:<10} {}  {why}",
            job.id,
            job.phase.word(),
            job.name
        ))?;
    }
    seen.insert(job.id.clone(), (job.phase, row));
    Ok(())
}

fn cells(store: &Store, job: &Job) -> Result<Vec<Cell>, Failure> {
    let progress = read::progress(store.conn(), &job.id).map_err(Error::from)?;
    let phase = match progress.filter(|_| job.phase == Phase::Running) {
        Some(progress) => format!("running {:.0} %", progress.overall.clamp(0.0, 1.0) * 100.0),
        None => job.phase.word().to_owned(),
    };
    #[expect(clippy::cast_precision_loss, reason = "shown in whole seconds")]
    let age = (clock::now() - job.since) as f64 / 1000.0;
    Ok(vec![
        Cell::plain(&job.id),
        Cell::plain(&job.name),
        Cell::toned(tone(job.phase), phase),
        Cell::plain(job.worker.as_deref().unwrap_or("-")),
        Cell::plain(duration(age)),
        Cell::plain(job.why.as_deref().unwrap_or_default()),
    ])
}

/// What a phase means for its colour.
pub(super) const fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Done => Tone::Good,
        Phase::Failed | Phase::Lost => Tone::Bad,
        Phase::Claimed
        | Phase::Sending
        | Phase::Waiting
        | Phase::Running
        | Phase::Collecting
        | Phase::Cancelling => Tone::Busy,
        Phase::Queued | Phase::Blocked | Phase::Held | Phase::Cancelled => Tone::Plain,
    }
}
