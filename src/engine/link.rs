//! One watcher per worker: is it there, what does it say, who should hear it.
//!
//! Events are hints that go to the job they name; queue and history are the verdict, and asking for it is the job's own
//! business. The watcher only says when to ask: after each (re)connection, after silence, after missed events.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::gauge::WorkerLook;
use super::shared::Shared;
use super::telemetry;
use crate::clock;
use crate::comfy::{self, Client, Closed, Endpoint, Event, Socket, Subject, SystemStats};
use crate::core::job::SeatState;
use crate::store::{attempt, event, worker};

/// First pause between tries to reach a worker.
const REACH_FIRST: Duration = Duration::from_millis(200);
/// How far back attempts that were given up are still looked for on a worker that came back.
const ORPHAN_DAYS: i64 = 7 * 24 * 3_600_000;

/// What a job hears from its worker.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// An event that names it.
    Event(Event),
    /// Ask queue and history: something may have been missed.
    Look,
}

/// Whether the worker can be talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Not tried yet.
    Unknown,
    /// It answers.
    Open,
    /// It does not answer.
    Away {
        /// Since when.
        since: Instant,
        /// What was said.
        why: String,
    },
}

/// The connection to one worker.
#[derive(Debug)]
pub(super) struct Link {
    /// Worker name.
    pub(super) name: String,
    /// Its address, to notice a change.
    pub(super) url: String,
    /// HTTP to it.
    pub(super) client: Client,
    /// Whether it answers.
    pub(super) reach: watch::Sender<Reach>,
    /// Ends the watcher.
    pub(super) stop: CancellationToken,
    draining: std::sync::atomic::AtomicBool,
    foreign: std::sync::atomic::AtomicUsize,
    ears: Mutex<HashMap<Uuid, mpsc::UnboundedSender<News>>>,
}

/// Takes a job's ear away when it is dropped.
#[derive(Debug)]
pub(super) struct Ear {
    id: Uuid,
    link: Arc<Link>,
    /// What comes in.
    pub(super) news: mpsc::UnboundedReceiver<News>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.link.ears().remove(&self.id);
    }
}

impl Link {
    /// Prepares a connection; header values are read from their files now.
    ///
    /// # Errors
    /// A sentence for people when the address or a header cannot be used.
    pub(super) fn new(row: &worker::Worker, client_id: &str) -> Result<Self, String> {
        let mut endpoint = Endpoint::parse(&row.url).map_err(|error| error.to_string())?;
        for (name, file) in &row.headers {
            let path = file.strip_prefix('@').unwrap_or(file);
            let value = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read the header {name} from {path}: {error}"))?;
            endpoint = endpoint
                .with_header(name, value.trim())
                .map_err(|error| error.to_string())?;
        }
        let client =
            Client::new(endpoint, client_id.to_owned()).map_err(|error| error.to_string())?;
        Ok(Self {
            name: row.name.clone(),
            url: row.url.clone(),
            client,
            reach: watch::Sender::new(Reach::Unknown),
            stop: CancellationToken::new(),
            draining: row.draining.into(),
            foreign: std::sync::atomic::AtomicUsize::default(),
            ears: Mutex::default(),
        })
    }

    /// Listens for one prompt.
    pub(super) fn listen(self: &Arc<Self>, id: Uuid) -> Ear {
        let (ear, news) = mpsc::unbounded_channel();
        self.ears().insert(id, ear);
        Ear {
            id,
            link: Arc::clone(self),
            news,
        }
    }

    /// Says how this worker's seats stand.
    pub(super) fn seat_state(&self) -> SeatState {
        if *self.reach.borrow() != Reach::Open {
            SeatState::Away
        } else if self.is_draining() {
            SeatState::Draining
        } else {
            SeatState::Open
        }
    }

    /// Sets or lifts the wish to drain.
    pub(super) fn set_draining(&self, wish: worker::Draining) {
        self.draining.store(
            wish == worker::Draining::Asked,
            std::sync::atomic::Ordering::Relaxed,
        );
    }

    /// How long the worker has not answered.
    pub(super) fn away_for(&self) -> Option<Duration> {
        match &*self.reach.borrow() {
            Reach::Away { since, .. } => Some(since.elapsed()),
            Reach::Open | Reach::Unknown => None,
        }
    }

    /// Jobs of others that it held when last seen.
    pub(super) fn foreign(&self) -> usize {
        self.foreign.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn is_draining(&self) -> bool {
        self.draining.load(std::sync::atomic::Ordering::Relaxed)
    }

    fn ears(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, mpsc::UnboundedSender<News>>> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_all(&self) {
        for ear in self.ears().values() {
            drop(ear.send(News::Look));
        }
    }

    fn tell(&self, id: Uuid, event: Event) {
        if let Some(ear) = self.ears().get(&id) {
            drop(ear.send(News::Event(event)));
        }
    }
}

/// Watches one worker until told to stop.
pub(super) async fn watch(shared: Arc<Shared>, link: Arc<Link>) {
    let mut pause = REACH_FIRST;
    loop {
        let began = Instant::now();
        tokio::select! {
            () = link.stop.cancelled() => return,
            () = shared.ended.cancelled() => return,
            () = session(&shared, &link) => {}
        }
        if began.elapsed() > shared.options.tempo.reach_cap {
            pause = REACH_FIRST;
        }
        let spread = pause.mul_f64(0.5 + fastrand::f64() / 2.0);
        tokio::select! {
            () = link.stop.cancelled() => return,
            () = shared.ended.cancelled() => return,
            () = sleep(spread) => {}
        }
        pause = (pause * 2).min(shared.options.tempo.reach_cap);
    }
}

/// One connection, from the first answer to the last.
async fn session(shared: &Shared, link: &Link) {
    let stats = match link.client.system_stats().await {
        Ok(stats) => stats,
        Err(error) => return away(shared, link, &error.to_string()).await,
    };
    let tempo = comfy::Tempo {
        silence: shared.options.tempo.silence,
        ..comfy::Tempo::default()
    };
    let socket = Socket::open_at(&link.client, tempo).await;
    open(shared, link, &stats, socket.as_ref().err()).await;
    clear_orphans(shared, link).await;
    link.tell_all();
    shared.wake.notify_one();
    match socket {
        Ok(socket) => tokio::select! {
            () = listen(shared, link, socket) => {}
            () = telemetry::keep_fresh(shared, link) => {}
        },
        Err(_) => sleep(shared.options.tempo.reach_cap).await,
    }
    link.tell_all();
}

/// Hands events to the jobs they name until the socket closes.
async fn listen(shared: &Shared, link: &Link, mut socket: Socket) {
    loop {
        match socket.next().await {
            Event::Closed(Closed::ByUs) => return,
            Event::Closed(why) => {
                tracing::info!(worker = link.name, %why, "the socket closed");
                return;
            }
            Event::Silent => {
                link.tell_all();
                if !link.ears().is_empty() {
                    // A server that runs our job and says nothing may have forgotten this socket: open another.
                    socket.close().await;
                    return;
                }
            }
            Event::Missed => link.tell_all(),
            Event::Status {
                queue_remaining, ..
            } => {
                let total = u32::try_from(queue_remaining.unwrap_or(0)).unwrap_or(u32::MAX);
                shared.gauge.worker(look(link, Some(total)));
            }
            Event::Preview(_) | Event::Text { .. } | Event::Features(_) | Event::Other { .. } => {}
            named => match named.subject() {
                Subject::Prompt(id) => link.tell(id, named),
                Subject::Foreign | Subject::Unsaid => {}
            },
        }
    }
}

/// Notes that the worker answers.
async fn open(shared: &Shared, link: &Link, stats: &SystemStats, deaf: Option<&comfy::Error>) {
    let was_away = matches!(*link.reach.borrow(), Reach::Away { .. });
    link.reach.send_replace(Reach::Open);
    let mut seen = look(link, None);
    if let Some(error) = deaf {
        seen.state = "quiet";
        seen.why = Some(error.to_string());
    }
    seen.version = stats.version.map(|version| version.to_string());
    seen.system = serde_json::to_string(stats).ok();
    if let Ok(total) = link.client.queue_remaining().await {
        seen.queue = look(link, Some(u32::try_from(total).unwrap_or(u32::MAX))).queue;
    }
    shared.gauge.worker(seen);
    telemetry::told(shared, &link.name, stats);
    if was_away {
        note(shared, link, "worker-back", None).await;
    }
    shared.bell.changed(["worker"]);
}

/// Notes that the worker does not answer.
async fn away(shared: &Shared, link: &Link, why: &str) {
    let before = link.reach.borrow().clone();
    let since = match &before {
        Reach::Away { since, .. } => *since,
        Reach::Open | Reach::Unknown => Instant::now(),
    };
    link.reach.send_replace(Reach::Away {
        since,
        why: why.to_owned(),
    });
    let state = "gone";
    shared.gauge.worker(WorkerLook {
        name: link.name.clone(),
        state,
        why: Some(why.to_owned()),
        ..WorkerLook::default()
    });
    if !matches!(before, Reach::Away { .. }) {
        note(shared, link, "worker-gone", Some(why)).await;
    }
    shared.bell.changed(["worker"]);
}

/// Describes a worker that answers, with the number of jobs it has in all when that is known.
fn look(link: &Link, total: Option<u32>) -> WorkerLook {
    let ours = u32::try_from(link.ears().len()).unwrap_or(u32::MAX);
    let queue = total.map(|total| {
        (
            total.min(1),
            total.saturating_sub(1),
            total.saturating_sub(ours),
        )
    });
    if let Some((_, _, foreign)) = queue {
        link.foreign
            .store(foreign as usize, std::sync::atomic::Ordering::Relaxed);
    }
    let busy = total.map_or(ours > 0, |total| total > 0);
    let state = match (link.is_draining(), busy) {
        (true, _) => "draining",
        (false, true) => "busy",
        (false, false) => "ready",
    };
    WorkerLook {
        name: link.name.clone(),
        state,
        queue,
        answered: true,
        ..WorkerLook::default()
    }
}

/// Writes a worker event to the trail.
async fn note(shared: &Shared, link: &Link, kind: &'static str, why: Option<&str>) {
    let name = link.name.clone();
    let detail = why.map_or(
        serde_json::Value::Null,
        |why| serde_json::json!({ "why": why }),
    );
    let written = shared
        .ledger
        .write(move |db| {
            Ok(event::write(
                db,
                clock::now(),
                None,
                kind,
                Some(&name),
                &detail,
            )?)
        })
        .await;
    if let Err(error) = written {
        tracing::warn!(%error, "a worker event was not stored");
    }
}

/// Stops attempts that were given up while the worker was away and that it still holds.
async fn clear_orphans(shared: &Shared, link: &Link) {
    let name = link.name.clone();
    let given_up = shared
        .ledger
        .write(move |db| Ok(attempt::given_up_on(db, &name, clock::now() - ORPHAN_DAYS)?))
        .await
        .unwrap_or_default();
    if given_up.is_empty() {
        return;
    }
    let Ok(queue) = link.client.queue().await else {
        return;
    };
    let held = queue
        .running
        .iter()
        .chain(&queue.pending)
        .map(|item| item.prompt_id.as_str());
    let orphans: Vec<Uuid> = held
        .filter(|id| given_up.iter().any(|given| given == id))
        .filter_map(|id| id.parse().ok())
        .collect();
    for id in orphans {
        tracing::info!(worker = link.name, %id, "stopping an attempt that was given up");
        if let Err(error) = link.client.cancel(id).await {
            tracing::warn!(%error, "it could not be stopped");
        }
    }
}
