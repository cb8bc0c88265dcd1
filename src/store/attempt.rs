//! Attempts: one prompt id each, minted and stored before anything is sent.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::job::{self, Move};
use crate::core::job::{Class, Phase};

/// An attempt as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Job id.
    pub job: String,
    /// From 1.
    pub n: u32,
    /// Rung of the ladder, from 0.
    pub rung: u32,
    /// Worker name.
    pub worker: String,
    /// The id under which the worker knows it.
    pub prompt_id: String,
    /// Hash of the graph exactly as sent.
    pub graph: Option<String>,
    /// Width, height, frames, steps, cfg, seed, prompt, as JSON.
    pub facts: Value,
    /// `done`, `failed`, `lost` or `cancelled`, once over.
    pub outcome: Option<String>,
    /// Kind of failure.
    pub class: Option<Class>,
    /// What the worker said, scrubbed.
    pub reason: Option<String>,
    /// When it was minted.
    pub started: i64,
    /// When it was over.
    pub ended: Option<i64>,
}

/// What a new attempt is made of.
#[derive(Debug, Clone)]
pub struct Minted<'a> {
    /// Job id.
    pub job: &'a str,
    /// Worker name.
    pub worker: &'a str,
    /// The id to send it under.
    pub prompt_id: &'a str,
    /// Rung of the ladder.
    pub rung: u32,
    /// Hash of the graph.
    pub graph: &'a str,
    /// What the attempt asks for, for people and estimates.
    pub facts: &'a Value,
}

/// Stores a new attempt and moves its job from claimed to sending; `false` when the job was not claimed any more.
///
/// # Errors
/// Whatever SQLite says.
pub fn mint(db: &Connection, new: &Minted<'_>, epoch: i64, at: i64) -> rusqlite::Result<bool> {
    let (from, to) = (Phase::Claimed, Phase::Sending);
    let detail = serde_json::json!({"prompt_id": new.prompt_id, "rung": new.rung});
    if !job::advance(
        db,
        &Move {
            job: new.job,
            from,
            to,
            epoch,
            at,
            why: None,
            worker: Some(new.worker),
            detail,
        },
    )? {
        return Ok(false);
    }
    db.prepare_cached(
        "UPDATE job SET attempt = attempt + 1, prompt_id = ?2, worker = ?3, started = coalesce(started, ?4) WHERE id = ?1",
    )?
    .execute(params![new.job, new.prompt_id, new.worker, at])?;
    db.prepare_cached(
        "INSERT INTO attempt (job, n, rung, worker, prompt_id, graph, facts, started)
         VALUES (?1, (SELECT attempt FROM job WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        new.job,
        new.rung,
        new.worker,
        new.prompt_id,
        new.graph,
        new.facts.to_string(),
        at
    ])?;
    Ok(true)
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Ending<'a> {
    /// `done`, `failed`, `lost` or `cancelled`.
    pub outcome: &'a str,
    /// Kind of failure.
    pub class: Option<Class>,
    /// What was said.
    pub reason: Option<&'a str>,
}

/// Closes the attempt known under a prompt id.
///
/// # Errors
/// Whatever SQLite says.
pub fn end(db: &Connection, prompt_id: &str, at: i64, ending: &Ending<'_>) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE attempt SET outcome = ?2, class = ?3, reason = ?4, ended = ?5 WHERE prompt_id = ?1 AND ended IS NULL")?
        .execute(params![prompt_id, ending.outcome, ending.class.map(Class::word), ending.reason, at])?;
    Ok(())
}

/// Adds one fact to an attempt.
///
/// # Errors
/// Whatever SQLite says.
pub fn note(db: &Connection, prompt_id: &str, key: &str, value: &Value) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE attempt SET facts = json_set(facts, '$.' || ?2, json(?3)) WHERE prompt_id = ?1",
    )?
    .execute(params![prompt_id, key, value.to_string()])?;
    Ok(())
}

/// Lists a job's attempts in order.
///
/// # Errors
/// Whatever SQLite says.
pub fn of_job(db: &Connection, job: &str) -> rusqlite::Result<Vec<Attempt>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM attempt WHERE job = ?1 ORDER BY n"
    ))?
    .query_map([job], from_row)?
    .collect()
}

/// Finds the attempt known under a prompt id.
///
/// # Errors
/// Whatever SQLite says.
pub fn by_prompt(db: &Connection, prompt_id: &str) -> rusqlite::Result<Option<Attempt>> {
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM attempt WHERE prompt_id = ?1"
    ))?
    .query_row([prompt_id], from_row)
    .optional()
}

/// Counts a job's failed and lost attempts since a person last retried it.
///
/// # Errors
/// Whatever SQLite says.
pub fn failures(db: &Connection, job: &str) -> rusqlite::Result<(u32, u32)> {
    db.prepare_cached(
        "SELECT count(*) FILTER (WHERE outcome = 'failed'), count(*) FILTER (WHERE outcome = 'lost')
         FROM attempt WHERE job = ?1 AND facts ->> '$.forgiven' IS NULL",
    )?
    .query_row([job], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Lists prompt ids that were given up on a worker and that it might still hold, newest first.
///
/// # Errors
/// Whatever SQLite says.
pub fn given_up_on(db: &Connection, worker: &str, since: i64) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached(
        "SELECT prompt_id FROM attempt WHERE worker = ?1 AND outcome IN ('lost', 'cancelled', 'failed') AND ended >= ?2
         ORDER BY ended DESC LIMIT 1000",
    )?
    .query_map(params![worker, since], |row| row.get(0))?
    .collect()
}

const COLUMNS: &str =
    "job, n, rung, worker, prompt_id, graph, facts, outcome, class, reason, started, ended";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let facts: String = row.get("facts")?;
    let class: Option<String> = row.get("class")?;
    Ok(Attempt {
        job: row.get("job")?,
        n: row.get("n")?,
        rung: row.get("rung")?,
        worker: row.get("worker")?,
        prompt_id: row.get("prompt_id")?,
        graph: row.get("graph")?,
        facts: serde_json::from_str(&facts).unwrap_or(Value::Null),
        outcome: row.get("outcome")?,
        class: class.as_deref().and_then(Class::from_word),
        reason: row.get("reason")?,
        started: row.get("started")?,
        ended: row.get("ended")?,
    })
}
