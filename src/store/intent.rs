//! Wishes: written by people's commands, applied by the engine, kept for ever.

use rusqlite::{Connection, OptionalExtension, params};

use crate::core::job::{Intent, Outcome};

/// An intent that waits for the engine.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// Row number; intents are applied in this order.
    pub seq: i64,
    /// Who asked.
    pub who: String,
    /// What for; `Err` when a newer version wrote something we cannot read.
    pub what: Result<Intent, String>,
}

/// Writes a wish down.
///
/// # Errors
/// Whatever SQLite says; nothing is written then.
pub fn ask(db: &Connection, at: i64, who: &str, what: &Intent) -> rusqlite::Result<i64> {
    let what = serde_json::to_string(what)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.prepare_cached("INSERT INTO intent (at, who, what) VALUES (?1, ?2, ?3)")?
        .execute(params![at, who, what])?;
    Ok(db.last_insert_rowid())
}

/// Lists what waits, oldest first, at most `limit`.
///
/// # Errors
/// Whatever SQLite says.
pub fn open(db: &Connection, limit: u32) -> rusqlite::Result<Vec<OpenIntent>> {
    db.prepare_cached(
        "SELECT seq, who, what FROM intent WHERE applied IS NULL ORDER BY seq LIMIT ?1",
    )?
    .query_map([limit], |row| {
        let text: String = row.get(2)?;
        Ok(OpenIntent {
            seq: row.get(0)?,
            who: row.get(1)?,
            what: serde_json::from_str(&text).map_err(|e| e.to_string()),
        })
    })?
    .collect()
}

/// Marks an intent as applied, with what became of it.
///
/// # Errors
/// Whatever SQLite says.
pub fn close(db: &Connection, seq: i64, at: i64, outcome: &Outcome) -> rusqlite::Result<()> {
    let outcome = serde_json::to_string(outcome)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
    db.prepare_cached(
        "UPDATE intent SET applied = ?2, outcome = ?3 WHERE seq = ?1 AND applied IS NULL",
    )?
    .execute(params![seq, at, outcome])?;
    Ok(())
}

/// Reads what became of an intent, once it is applied.
///
/// # Errors
/// Whatever SQLite says.
pub fn outcome(db: &Connection, seq: i64) -> rusqlite::Result<Option<Outcome>> {
    let text: Option<Option<String>> = db
        .prepare_cached("SELECT outcome FROM intent WHERE seq = ?1 AND applied IS NOT NULL")?
        .query_row([seq], |row| row.get(0))
        .optional()?;
    Ok(text
        .flatten()
        .and_then(|text| serde_json::from_str(&text).ok()))
}
