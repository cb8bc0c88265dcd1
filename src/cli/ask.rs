//! Asks the engine for something and waits for its answer.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::launch;
use super::session::{Session, who};
use crate::clock;
use crate::core::job::{Intent, Outcome};
use crate::failure::{Failure, Kind};
use crate::store::{self, Store, intent};

/// How long the engine may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// How often it is checked that an engine still lives.
const ALIVE: Duration = Duration::from_secs(1);

/// Shortest and longest pause between two looks at the store's change counter.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

/// A store that is looked at again only after somebody wrote.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    store: &'a Store,
    seen: i64,
    pause: Duration,
}

impl<'a> Watch<'a> {
    /// Begins to watch.
    pub(super) fn new(store: &'a Store) -> Result<Self, Failure> {
        let seen = store.changes()?;
        Ok(Self {
            store,
            seen,
            pause: PAUSE.0,
        })
    }

    /// Sleeps a moment, longer while nothing happens; says whether somebody wrote meanwhile.
    pub(super) fn pause(&mut self) -> Result<bool, Failure> {
        thread::sleep(self.pause);
        let now = self.store.changes()?;
        let moved = now != self.seen;
        self.seen = now;
        self.pause = if moved {
            PAUSE.0
        } else {
            (self.pause * 2).min(PAUSE.1)
        };
        Ok(moved)
    }
}

/// Writes wishes down in one transaction, sees to it that an engine lives, and returns what became of each.
///
/// # Errors
/// [`Kind::EngineUnreachable`] when no engine answers in time; the wishes stay and are granted by the next one.
pub(super) fn ask(
    session: &Session,
    store: &Store,
    wishes: &[Intent],
) -> Result<Vec<Outcome>, Failure> {
    let who = who();
    let rows = store.transaction(|tx| {
        wishes
            .iter()
            .map(|wish| Ok(intent::ask(tx, clock::now(), &who, wish)?))
            .collect::<Result<Vec<i64>, store::Error>>()
    })?;
    launch::ensure(session, store)?;
    answers(session, store, &rows)
}

/// Waits for the answers to wishes that are written down.
///
/// # Errors
/// [`Kind::EngineUnreachable`] when no engine answers in time.
pub(super) fn answers(
    session: &Session,
    store: &Store,
    rows: &[i64],
) -> Result<Vec<Outcome>, Failure> {
    ring(&session.home.bell());
    let until = Instant::now() + ANSWER;
    let mut watch = Watch::new(store)?;
    let mut checked = Instant::now();
    loop {
        let found: Option<Vec<Outcome>> = rows
            .iter()
            .map(|row| intent::outcome(store.conn(), *row).map_err(store::Error::from))
            .collect::<Result<_, _>>()?;
        if let Some(outcomes) = found {
            return Ok(outcomes);
        }
        if Instant::now() > until {
            return Err(Failure::new(
                Kind::EngineUnreachable,
                "asking the engine",
                "it does not answer",
            )
            .hint("the wish is kept; see `rushes engine status` and `rushes doctor`"));
        }
        if checked.elapsed() > ALIVE {
            launch::ensure(session, store)?;
            checked = Instant::now();
        }
        watch.pause()?;
    }
}

/// Wakes the engine. It also looks by itself, only later.
pub(super) fn ring(bell: &Path) {
    if let Ok(mut socket) = UnixStream::connect(bell) {
        let _it_looks_by_itself = socket.write_all(b"\n");
    }
}

/// Turns refusals into one failure that names them all.
///
/// # Errors
/// [`Kind::Refused`] when any was refused.
pub(super) fn granted(doing: &str, outcomes: &[Outcome]) -> Result<(), Failure> {
    let refused: Vec<&str> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Ok { .. } => None,
            Outcome::Refused { message, .. } => Some(message.as_str()),
        })
        .collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(Kind::Refused, doing, refused.join("\n")))
    }
}
