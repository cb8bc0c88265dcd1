//! Blobs: JSON kept once by its content, so that a thousand equal jobs cost one graph.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, Store};

impl Store {
    /// Reads a blob by its hash.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is none; [`Error::Row`] when it is not a `T`.
    pub fn blob<T: DeserializeOwned>(&self, hash: &str) -> Result<T, Error> {
        get(self.conn(), hash)
    }

    /// Keeps a blob and returns its hash; one that is there already costs nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_blob<T: Serialize>(&self, value: &T) -> Result<String, Error> {
        self.transaction(|tx| put(tx, value))
    }
}

/// Reads a blob inside a transaction.
///
/// # Errors
/// [`Error::Missing`] when there is none; [`Error::Row`] when it is not a `T`.
pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, hash: &str) -> Result<T, Error> {
    let body: Option<String> = conn
        .prepare_cached("SELECT body FROM blob WHERE hash = ?1")?
        .query_row([hash], |row| row.get(0))
        .optional()?;
    let body = body.ok_or_else(|| Error::Missing {
        what: "blob",
        id: hash.to_owned(),
    })?;
    serde_json::from_str(&body).map_err(|error| unreadable(hash, &error))
}

/// Keeps a blob inside a transaction and returns its hash: BLAKE3 of the JSON, in hex.
///
/// # Errors
/// When it cannot be written as JSON, or SQLite refuses.
pub(crate) fn put<T: Serialize>(conn: &Connection, value: &T) -> Result<String, Error> {
    let body = serde_json::to_string(value).map_err(|error| unreadable("to keep", &error))?;
    let hash = blake3::hash(body.as_bytes()).to_hex().to_string();
    conn.prepare_cached("INSERT INTO blob VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((&hash, body))?;
    Ok(hash)
}

fn unreadable(hash: &str, error: &serde_json::Error) -> Error {
    Error::Row {
        what: format!("blob {hash}"),
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::fresh;

    #[test]
    fn equal_requests_are_kept_once() {
        let (_folder, store) = fresh();
        let graph = json!({"3": {"class_type": "KSampler", "inputs": {"seed": 7}}});
        let first = store.put_blob(&graph).unwrap();
        assert_eq!(store.put_blob(&graph).unwrap(), first);
        assert_eq!(store.blob::<Value>(&first).unwrap(), graph);
        let rows: i64 = store
            .conn()
            .query_row("SELECT count(*) FROM blob", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_blob_that_is_not_there_is_named() {
        let (_folder, store) = fresh();
        let error = store.blob::<Value>("cafe").unwrap_err();
        assert_eq!(error.to_string(), "no blob cafe");
    }
}
