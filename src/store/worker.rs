//! Workers: who they are, how they are, what they may not be given, what they hold of ours.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::core::job::{HeaderFiles, WorkerOrigin};

/// A worker as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Worker {
    /// Unique name.
    pub name: String,
    /// Base address.
    pub url: String,
    /// `added`, `config`, `once` or `loopback`.
    pub origin: String,
    /// Extra headers, by the file that holds each value.
    pub headers: HeaderFiles,
    /// `ready`, `busy`, `quiet`, `gone` or `draining`.
    pub state: String,
    /// Since when.
    pub since: i64,
    /// Why, for people.
    pub why: Option<String>,
    /// Whether a person asked to drain it.
    pub draining: bool,
    /// Server version.
    pub version: Option<String>,
    /// Last `/system_stats`, as JSON text.
    pub system: Option<String>,
    /// Jobs it ran when last seen.
    pub running: u32,
    /// Jobs in its queue when last seen.
    pub waiting: u32,
    /// Of those, not ours.
    pub foreign: u32,
    /// When it last answered.
    pub seen: Option<i64>,
}

const COLUMNS: &str = "name, url, origin, headers, state, since, why, draining, version, system, running, waiting, \"foreign\", seen";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Worker> {
    let headers: String = row.get("headers")?;
    Ok(Worker {
        name: row.get("name")?,
        url: row.get("url")?,
        origin: row.get("origin")?,
        headers: serde_json::from_str(&headers).unwrap_or_default(),
        state: row.get("state")?,
        since: row.get("since")?,
        why: row.get("why")?,
        draining: row.get("draining")?,
        version: row.get("version")?,
        system: row.get("system")?,
        running: row.get("running")?,
        waiting: row.get("waiting")?,
        foreign: row.get("foreign")?,
        seen: row.get("seen")?,
    })
}

/// Lists workers by name.
///
/// # Errors
/// Whatever SQLite says.
pub fn list(db: &Connection) -> rusqlite::Result<Vec<Worker>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM worker ORDER BY name"))?
        .query_map([], from_row)?
        .collect()
}

/// Reads one worker.
///
/// # Errors
/// Whatever SQLite says.
pub fn get(db: &Connection, name: &str) -> rusqlite::Result<Option<Worker>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM worker WHERE name = ?1"))?
        .query_row([name], from_row)
        .optional()
}

/// Makes a worker known, or corrects its address and headers.
///
/// # Errors
/// Whatever SQLite says, for example when another name has this address.
pub fn put(
    db: &Connection,
    at: i64,
    name: &str,
    url: &str,
    headers: &HeaderFiles,
    origin: WorkerOrigin,
) -> rusqlite::Result<()> {
    let headers = serde_json::to_string(headers).unwrap_or_else(|_| "{}".to_owned());
    db.prepare_cached(
        "INSERT INTO worker (name, url, headers, origin, since, added, why) VALUES (:name, :url, :headers, :origin, :at, :at, 'not asked yet')
         ON CONFLICT (name) DO UPDATE SET url = :url, headers = :headers, origin = :origin",
    )?
    .execute(named_params! {":name": name, ":url": url, ":headers": headers, ":origin": origin.word(), ":at": at})?;
    Ok(())
}

/// Forgets a worker; `false` when it was not known.
///
/// # Errors
/// Whatever SQLite says.
pub fn remove(db: &Connection, name: &str) -> rusqlite::Result<bool> {
    Ok(db.execute("DELETE FROM worker WHERE name = ?1", [name])? == 1)
}

/// Sets or lifts a person's wish to drain a worker; `false` when it is not known.
///
/// # Errors
/// Whatever SQLite says.
pub fn drain(db: &Connection, name: &str, draining: &Draining) -> rusqlite::Result<bool> {
    let wish = matches!(draining, Draining::Asked);
    Ok(db.execute(
        "UPDATE worker SET draining = ?2 WHERE name = ?1",
        params![name, wish],
    )? == 1)
}

/// A person's wish about new work for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draining {
    /// Give it nothing new.
    Asked,
    /// Give it work again.
    Lifted,
}

/// What a look at a worker showed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen<'a> {
    /// `ready`, `busy`, `quiet`, `gone` or `draining`.
    pub state: &'a str,
    /// Why, for people.
    pub why: Option<&'a str>,
    /// Server version, when it told.
    pub version: Option<&'a str>,
    /// `/system_stats` as JSON, when it told.
    pub system: Option<&'a str>,
    /// Running, waiting, and of those not ours, when it told.
    pub queue: Option<(u32, u32, u32)>,
    /// Whether it answered just now.
    pub answered: bool,
}

/// Stores what was seen of a worker; `since` moves only when the state does. Returns whether the state changed.
///
/// # Errors
/// Whatever SQLite says.
pub fn saw(db: &Connection, name: &str, at: i64, seen: &Seen<'_>) -> rusqlite::Result<bool> {
    let before: Option<String> = db
        .prepare_cached("SELECT state FROM worker WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    db.prepare_cached(
        "UPDATE worker SET since = CASE WHEN state = :state THEN since ELSE :at END, state = :state, why = :why,
           version = coalesce(:version, version), system = coalesce(:system, system),
           running = coalesce(:running, running), waiting = coalesce(:waiting, waiting),
           \"foreign\" = coalesce(:foreign, \"foreign\"), seen = CASE WHEN :answered THEN :at ELSE seen END
         WHERE name = :name",
    )?
    .execute(named_params! {
        ":name": name, ":at": at, ":state": seen.state, ":why": seen.why, ":version": seen.version, ":system": seen.system,
        ":running": seen.queue.map(|q| q.0), ":waiting": seen.queue.map(|q| q.1), ":foreign": seen.queue.map(|q| q.2),
        ":answered": seen.answered,
    })?;
    Ok(before.is_some_and(|before| before != seen.state))
}

/// Stores what a worker just told of itself, whatever its state.
///
/// # Errors
/// Whatever SQLite says.
pub fn described(db: &Connection, name: &str, at: i64, system: &str) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE worker SET system = ?2, seen = ?3 WHERE name = ?1")?
        .execute(params![name, system, at])?;
    Ok(())
}

/// A workflow that a worker is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Worker name.
    pub worker: String,
    /// Workflow id.
    pub workflow: String,
    /// Failures in a row.
    pub failures: u32,
    /// Why, for people.
    pub why: String,
    /// When the last failure was.
    pub at: i64,
}

/// Lists blocks in force, those whose last failure is younger than `since`.
///
/// # Errors
/// Whatever SQLite says.
pub fn blocks(db: &Connection, since: i64) -> rusqlite::Result<Vec<Block>> {
    db.prepare_cached("SELECT worker, workflow, failures, coalesce(why, ''), at FROM worker_block WHERE blocked = 1 AND at > ?1")?
        .query_map([since], |row| {
            Ok(Block { worker: row.get(0)?, workflow: row.get(1)?, failures: row.get(2)?, why: row.get(3)?, at: row.get(4)? })
        })?
        .collect()
}

/// Counts a failure of a workflow on a worker; from `block_after` in a row on, the workflow is blocked there.
///
/// # Errors
/// Whatever SQLite says.
pub fn count_failure(
    db: &Connection,
    worker: &str,
    workflow: &str,
    block_after: u32,
    at: i64,
) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "INSERT INTO worker_block (worker, workflow, failures, at) SELECT ?1, ?2, 1, ?3 WHERE EXISTS (SELECT 1 FROM worker WHERE name = ?1)
         ON CONFLICT (worker, workflow) DO UPDATE SET failures = failures + 1, at = ?3",
    )?
    .execute(params![worker, workflow, at])?;
    let rows = db
        .prepare_cached(
            "UPDATE worker_block SET blocked = 1, why = failures || ' failures in a row' WHERE worker = ?1 AND workflow = ?2 AND failures >= ?3",
        )?
        .execute(params![worker, workflow, block_after])?;
    Ok(rows == 1)
}

/// Forgets failures of a workflow on a worker, after a success or because a person says so.
///
/// # Errors
/// Whatever SQLite says.
pub fn forgive(db: &Connection, worker: &str, workflow: &str) -> rusqlite::Result<bool> {
    Ok(db
        .prepare_cached("DELETE FROM worker_block WHERE worker = ?1 AND workflow = ?2")?
        .execute(params![worker, workflow])?
        == 1)
}

/// Finds under which name a worker already holds an input, by content.
///
/// # Errors
/// Whatever SQLite says.
pub fn uploaded(
    db: &Connection,
    worker: &str,
    hash: &str,
) -> rusqlite::Result<Option<(String, String)>> {
    db.prepare_cached("SELECT name, subfolder FROM upload WHERE worker = ?1 AND hash = ?2")?
        .query_row(params![worker, hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Notes that a worker holds an input.
///
/// # Errors
/// Whatever SQLite says.
pub fn note_upload(
    db: &Connection,
    worker: &str,
    hash: &str,
    stored: (&str, &str),
    at: i64,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO upload (worker, hash, name, subfolder, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![worker, hash, stored.0, stored.1, at])?;
    Ok(())
}

/// Forgets an upload that the worker turned out not to have any more.
///
/// # Errors
/// Whatever SQLite says.
pub fn forget_upload(db: &Connection, worker: &str, hash: &str) -> rusqlite::Result<()> {
    db.execute(
        "DELETE FROM upload WHERE worker = ?1 AND hash = ?2",
        params![worker, hash],
    )?;
    Ok(())
}

/// How a worker did so far: results, failures, median seconds of its last hundred runs.
///
/// # Errors
/// Whatever SQLite says.
pub fn record(db: &Connection, worker: &str) -> rusqlite::Result<(u64, u64, Option<f64>)> {
    let (done, failed) = db
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE outcome = 'done'), count(*) FILTER (WHERE outcome IN ('failed', 'lost')) FROM attempt WHERE worker = ?1",
        )?
        .query_row([worker], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut runs: Vec<f64> = db
        .prepare_cached("SELECT run_s FROM timing WHERE worker = ?1 ORDER BY at DESC LIMIT 100")?
        .query_map([worker], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    runs.sort_by(f64::total_cmp);
    Ok((done, failed, runs.get(runs.len() / 2).copied()))
}
