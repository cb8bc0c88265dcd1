//! Sees to it that an engine lives.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::session::Session;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::store::lease::{self, Lease};
use crate::store::{self, Store};

/// How long a new engine may take to get its lease: longer than a lease of a host that died holding it.
const START: Duration = Duration::from_secs(20);

/// How often the lease is looked at while one starts.
const LOOK: Duration = Duration::from_millis(20);

/// When the log is put aside for a fresh one.
const LOG_LIMIT: u64 = 8 << 20;

/// Reads the lease if an engine lives by it.
///
/// A lease outlives a killed engine by some seconds; on this host its process tells.
pub(super) fn living(store: &Store) -> Result<Option<Lease>, Failure> {
    let lease = lease::read(store.conn()).map_err(store::Error::from)?;
    Ok(lease.filter(|lease| lease.is_live(clock::now()) && !lease.is_orphaned(&lease::host())))
}

/// Starts an engine in a session of its own unless one lives, and waits until it holds the lease.
///
/// # Errors
/// [`Kind::EngineUnreachable`] with the end of its log.
pub(super) fn ensure(session: &Session, store: &Store) -> Result<Lease, Failure> {
    start(session, store, &["--until-idle"])
}

/// Starts an engine that stays until it is stopped, unless one lives.
///
/// # Errors
/// [`Kind::EngineUnreachable`] with the end of its log.
pub(super) fn detached(session: &Session, store: &Store) -> Result<Lease, Failure> {
    start(session, store, &[])
}

fn start(session: &Session, store: &Store, options: &[&str]) -> Result<Lease, Failure> {
    if let Some(lease) = living(store)? {
        return Ok(lease);
    }
    session.home.make()?;
    let log = session.home.log();
    let mut child = spawn(session, &log, options)?;
    let until = Instant::now() + START;
    let mut gone = false;
    loop {
        if let Some(lease) = living(store)? {
            return Ok(lease);
        }
        // Another one may have been quicker: then ours ends at once and the lease is there at the next look.
        if gone || Instant::now() > until {
            return Err(not_started(&log));
        }
        gone = child.try_wait().is_ok_and(|ended| ended.is_some());
        thread::sleep(LOOK);
    }
}

fn spawn(session: &Session, log: &Path, options: &[&str]) -> Result<Child, Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Kind::EngineUnreachable, "starting the engine", error);
    let out = open_log(log).map_err(failed)?;
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.args(["engine", "--in-own-session"]).args(options);
    if let Some(folder) = session.home.one_folder() {
        command.arg("--home").arg(folder);
    }
    command
        .current_dir(&session.home.state)
        .stdin(Stdio::null())
        .stdout(out.try_clone().map_err(failed)?)
        .stderr(out)
        .spawn()
        .map_err(failed)
}

fn open_log(log: &Path) -> std::io::Result<File> {
    if fs::metadata(log).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
        fs::rename(log, log.with_extension("log.1"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(log)
}

fn not_started(log: &Path) -> Failure {
    let cause = match last_words(log) {
        Some(words) => format!("it ended at once; its log ends with:\n{words}"),
        None => "it did not take the lease in time".to_owned(),
    };
    Failure::new(Kind::EngineUnreachable, "starting the engine", cause).hint(format!(
        "`rushes engine` runs it here and shows why; the log is {}",
        log.display()
    ))
}

/// Reads the last lines of a log.
fn last_words(log: &Path) -> Option<String> {
    const TAIL: u64 = 2000;
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    let lines: Vec<&str> = lines.into_iter().rev().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
