//! Progress rows: how far running jobs are.

use rusqlite::{Connection, named_params};

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    /// Node at work.
    pub node: Option<&'a str>,
    /// Its class.
    pub class: Option<&'a str>,
    /// Steps done in that node.
    pub value: f64,
    /// Steps there are in that node.
    pub max: f64,
    /// Share of the whole graph, 0 to 1.
    pub overall: f64,
    /// Seconds left.
    pub eta_s: Option<f64>,
}

/// Stores how far a job is.
///
/// # Errors
/// Whatever SQLite says.
pub fn put(db: &Connection, job: &str, at: i64, progress: &Progress<'_>) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO progress (job, node, class, value, max, overall, eta_s, at)
         VALUES (:job, :node, :class, :value, :max, :overall, :eta, :at)",
    )?
    .execute(named_params! {
        ":job": job, ":node": progress.node, ":class": progress.class, ":value": progress.value, ":max": progress.max,
        ":overall": progress.overall, ":eta": progress.eta_s, ":at": at,
    })?;
    Ok(())
}

/// Forgets a job that is over.
///
/// # Errors
/// Whatever SQLite says.
pub fn forget(db: &Connection, job: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM progress WHERE job = ?1")?
        .execute([job])?;
    Ok(())
}
