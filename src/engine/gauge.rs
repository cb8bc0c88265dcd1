//! What may be lost with the power: progress and how workers look. Written in batches, without waiting for the disk.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::bell::{Bell, Progress};
use crate::clock;
use crate::store::gpu::{self, Card};
use crate::store::{Store, gauge as rows, worker};

/// How often a batch is written at most.
const EVERY: Duration = Duration::from_millis(250);

/// One reading.
#[derive(Debug)]
enum Reading {
    Progress(Progress),
    Over(String),
    Worker(WorkerLook),
    Cards(Sheet),
}

/// The cards of one place, all of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    /// [`gpu::HERE`], or the worker that told.
    pub(super) place: String,
    /// When they were read.
    pub(super) at: i64,
    /// The readings.
    pub(super) cards: Vec<Card>,
    /// The worker's `/system_stats` that they come from, as JSON text.
    pub(super) system: Option<String>,
}

/// How a worker looks now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WorkerLook {
    /// Worker name.
    pub(super) name: String,
    /// `ready`, `busy`, `quiet`, `gone` or `draining`.
    pub(super) state: &'static str,
    /// Why, for people.
    pub(super) why: Option<String>,
    /// Server version.
    pub(super) version: Option<String>,
    /// `/system_stats` as JSON text.
    pub(super) system: Option<String>,
    /// Running, waiting, and of those not ours.
    pub(super) queue: Option<(u32, u32, u32)>,
    /// Whether it answered just now.
    pub(super) answered: bool,
}

/// A cheap handle to the writer.
#[derive(Debug, Clone)]
pub(super) struct Gauge {
    readings: mpsc::Sender<Reading>,
}

impl Gauge {
    /// Starts the writer's thread; it rings the bell for cards once they are written.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(store: Store, bell: Bell) -> std::io::Result<Self> {
        let (readings, inbox) = mpsc::channel();
        thread::Builder::new()
            .name("gauge".into())
            .spawn(move || serve(&store, &bell, &inbox))?;
        Ok(Self { readings })
    }

    /// Notes how far a job is.
    pub(super) fn progress(&self, progress: Progress) {
        drop(self.readings.send(Reading::Progress(progress)));
    }

    /// Forgets the progress of a job that is over.
    pub(super) fn over(&self, job: &str) {
        drop(self.readings.send(Reading::Over(job.to_owned())));
    }

    /// Notes how a worker looks.
    pub(super) fn worker(&self, look: WorkerLook) {
        drop(self.readings.send(Reading::Worker(look)));
    }

    /// Notes the cards of one place.
    pub(super) fn cards(&self, sheet: Sheet) {
        drop(self.readings.send(Reading::Cards(sheet)));
    }
}

/// Collects readings and writes the newest of each; sleeps without a timer while nothing comes.
fn serve(store: &Store, bell: &Bell, inbox: &mpsc::Receiver<Reading>) {
    while let Ok(first) = inbox.recv() {
        let due = Instant::now() + EVERY;
        let mut batch = Batch::default();
        batch.take(first);
        loop {
            match inbox.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(reading) => batch.take(reading),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        match batch.write(store) {
            Ok(()) => batch.ring(bell),
            Err(error) => tracing::warn!(%error, "progress could not be stored"),
        }
    }
}

/// The newest reading of each job and worker.
#[derive(Debug, Default)]
struct Batch {
    jobs: HashMap<String, Option<Progress>>,
    workers: HashMap<String, WorkerLook>,
    cards: HashMap<String, Sheet>,
}

impl Batch {
    fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Progress(progress) => {
                self.jobs.insert(progress.job.clone(), Some(progress));
            }
            Reading::Over(job) => {
                self.jobs.insert(job, None);
            }
            Reading::Worker(look) => {
                let older = self.workers.remove(&look.name).unwrap_or_default();
                let merged = WorkerLook {
                    version: look.version.or(older.version),
                    system: look.system.or(older.system),
                    queue: look.queue.or(older.queue),
                    answered: look.answered || older.answered,
                    ..look
                };
                self.workers.insert(merged.name.clone(), merged);
            }
            Reading::Cards(sheet) => {
                let older = self.cards.remove(&sheet.place);
                let system = sheet.system.or(older.and_then(|older| older.system));
                self.cards
                    .insert(sheet.place.clone(), Sheet { system, ..sheet });
            }
        }
    }

    /// Tells of cards, which nobody else rings for.
    fn ring(&self, bell: &Bell) {
        if self.cards.values().any(|sheet| sheet.system.is_some()) {
            bell.changed(["gpu", "worker"]);
        } else if !self.cards.is_empty() {
            bell.changed(["gpu"]);
        }
    }

    fn write(&self, store: &Store) -> Result<(), crate::store::Error> {
        let now = clock::now();
        store.transaction(|db| {
            for (job, progress) in &self.jobs {
                match progress {
                    Some(p) => {
                        let row = rows::Progress {
                            node: p.node.as_deref(),
                            class: p.class.as_deref(),
                            value: p.value,
                            max: p.max,
                            overall: p.overall,
                            eta_s: p.eta_s,
                        };
                        rows::put(db, job, now, &row)?;
                    }
                    None => rows::forget(db, job)?,
                }
            }
            for look in self.workers.values() {
                let seen = worker::Seen {
                    state: look.state,
                    why: look.why.as_deref(),
                    version: look.version.as_deref(),
                    system: look.system.as_deref(),
                    queue: look.queue,
                    answered: look.answered,
                };
                worker::saw(db, &look.name, now, &seen)?;
            }
            for sheet in self.cards.values() {
                gpu::replace(db, &sheet.place, sheet.at, &sheet.cards)?;
                if let Some(system) = &sheet.system {
                    worker::described(db, &sheet.place, sheet.at, system)?;
                }
            }
            if !self.cards.is_empty() {
                gpu::forget_strangers(db)?;
            }
            Ok(())
        })
    }
}
