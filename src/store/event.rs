//! The audit trail: every phase change, and what was seen on the way.

use rusqlite::{Connection, params};
use serde_json::Value;

/// One line of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Order of writing.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// The job concerned.
    pub job: Option<String>,
    /// A phase word for a phase change, else such as `worker-gone`.
    pub kind: String,
    /// The worker concerned.
    pub worker: Option<String>,
    /// More, as JSON.
    pub detail: Value,
}

/// Writes one event.
///
/// # Errors
/// Whatever SQLite says.
pub fn write(
    db: &Connection,
    at: i64,
    job: Option<&str>,
    kind: &str,
    worker: Option<&str>,
    detail: &Value,
) -> rusqlite::Result<()> {
    let detail = if detail.is_null() {
        "{}".to_owned()
    } else {
        detail.to_string()
    };
    db.prepare_cached(
        "INSERT INTO event (at, job, kind, worker, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![at, job, kind, worker, detail])?;
    Ok(())
}

/// Lists a job's events in order.
///
/// # Errors
/// Whatever SQLite says.
pub fn of_job(db: &Connection, job: &str) -> rusqlite::Result<Vec<Event>> {
    db.prepare_cached(
        "SELECT seq, at, job, kind, worker, detail FROM event WHERE job = ?1 ORDER BY seq",
    )?
    .query_map([job], |row| {
        let detail: String = row.get(5)?;
        Ok(Event {
            seq: row.get(0)?,
            at: row.get(1)?,
            job: row.get(2)?,
            kind: row.get(3)?,
            worker: row.get(4)?,
            detail: serde_json::from_str(&detail).unwrap_or(Value::Null),
        })
    })?
    .collect()
}

/// Reads the number of the newest event, 0 when there is none.
///
/// # Errors
/// Whatever SQLite says.
pub fn last(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT coalesce(max(seq), 0) FROM event")?
        .query_row([], |row| row.get(0))
}
