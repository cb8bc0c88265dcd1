//! What renders cost, for estimates and time left.

use rusqlite::{Connection, named_params, params};

/// What one finished render took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timing {
    /// Workflow id.
    pub workflow: String,
    /// Worker name.
    pub worker: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Number of frames.
    pub frames: Option<u32>,
    /// Sampler steps.
    pub steps: Option<u32>,
    /// Seconds from acceptance to start.
    pub queue_s: f64,
    /// Seconds on the worker.
    pub run_s: f64,
    /// Seconds to fetch and check.
    pub save_s: f64,
}

/// Stores what a job took.
///
/// # Errors
/// Whatever SQLite says.
pub fn put(db: &Connection, job: &str, at: i64, timing: &Timing) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO timing (job, workflow, worker, width, height, frames, steps, queue_s, run_s, save_s, at)
         VALUES (:job, :workflow, :worker, :width, :height, :frames, :steps, :queue, :run, :save, :at)",
    )?
    .execute(named_params! {
        ":job": job, ":workflow": timing.workflow, ":worker": timing.worker, ":width": timing.width,
        ":height": timing.height, ":frames": timing.frames, ":steps": timing.steps, ":queue": timing.queue_s,
        ":run": timing.run_s, ":save": timing.save_s, ":at": at,
    })?;
    Ok(())
}

/// Lists the run seconds of a workflow's last renders, on one worker or on all, newest first.
///
/// # Errors
/// Whatever SQLite says.
pub fn runs(
    db: &Connection,
    workflow: &str,
    worker: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Vec<f64>> {
    db.prepare_cached(
        "SELECT run_s FROM timing WHERE workflow = ?1 AND (?2 IS NULL OR worker = ?2) ORDER BY at DESC LIMIT ?3",
    )?
    .query_map(params![workflow, worker, limit], |row| row.get(0))?
    .collect()
}
