//! Results: where they lie and what they are.

use rusqlite::{Connection, named_params};

/// A file that a job made.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// Attempt that made it, from 1.
    pub attempt: u32,
    /// Node that wrote it.
    pub node: Option<String>,
    /// Absolute path.
    pub path: String,
    /// `video`, `image`, `audio`, `text` or `other`.
    pub kind: String,
    /// Such as `video/mp4`.
    pub media_type: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Number of frames.
    pub frames: Option<u64>,
    /// Frames per second.
    pub fps: Option<f64>,
    /// Seconds.
    pub duration_s: Option<f64>,
    /// Size in bytes.
    pub bytes: u64,
    /// Hash of the content, hex.
    pub blake3: String,
}

/// Stores a result of a job.
///
/// # Errors
/// Whatever SQLite says.
pub fn put(db: &Connection, job: &str, at: i64, artifact: &Artifact) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO artifact (job, attempt, node, path, kind, media_type, width, height, frames, fps, duration_s, bytes, blake3, created)
         VALUES (:job, :attempt, :node, :path, :kind, :media_type, :width, :height, :frames, :fps, :duration_s, :bytes, :blake3, :at)",
    )?
    .execute(named_params! {
        ":job": job, ":attempt": artifact.attempt, ":node": artifact.node, ":path": artifact.path, ":kind": artifact.kind,
        ":media_type": artifact.media_type, ":width": artifact.width, ":height": artifact.height,
        ":frames": artifact.frames, ":fps": artifact.fps, ":duration_s": artifact.duration_s,
        ":bytes": artifact.bytes, ":blake3": artifact.blake3, ":at": at,
    })?;
    Ok(())
}

/// Lists a job's results in order of arrival.
///
/// # Errors
/// Whatever SQLite says.
pub fn of_job(db: &Connection, job: &str) -> rusqlite::Result<Vec<Artifact>> {
    db.prepare_cached(
        "SELECT attempt, node, path, kind, media_type, width, height, frames, fps, duration_s, bytes, blake3
         FROM artifact WHERE job = ?1 ORDER BY id",
    )?
    .query_map([job], |row| {
        Ok(Artifact {
            attempt: row.get(0)?,
            node: row.get(1)?,
            path: row.get(2)?,
            kind: row.get(3)?,
            media_type: row.get(4)?,
            width: row.get(5)?,
            height: row.get(6)?,
            frames: row.get(7)?,
            fps: row.get(8)?,
            duration_s: row.get(9)?,
            bytes: row.get(10)?,
            blake3: row.get(11)?,
        })
    })?
    .collect()
}
