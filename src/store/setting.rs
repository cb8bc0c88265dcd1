//! Settings: small JSON values by name, such as whether the queue is paused.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, Store};

/// Names the setting that pauses the whole queue: `true` or `false`.
pub const PAUSED: &str = "queue.paused";

impl Store {
    /// Reads a setting; `None` when it was never set.
    ///
    /// # Errors
    /// [`Error::Row`] when what is stored is not a `T`.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        get(self.conn(), key)
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_setting<T: Serialize>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.transaction(|tx| put(tx, key, value))
    }
}

/// Reads a setting inside a transaction.
///
/// # Errors
/// [`Error::Row`] when what is stored is not a `T`.
pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, key: &str) -> Result<Option<T>, Error> {
    let stored: Option<String> = conn
        .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    stored
        .map(|json| serde_json::from_str(&json).map_err(|error| unreadable(key, &error)))
        .transpose()
}

/// Sets a setting inside a transaction.
///
/// # Errors
/// When it cannot be written as JSON, or SQLite refuses.
pub(crate) fn put<T: Serialize>(conn: &Connection, key: &str, value: &T) -> Result<(), Error> {
    let json = serde_json::to_string(value).map_err(|error| unreadable(key, &error))?;
    conn.prepare_cached(
        "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute((key, json))?;
    Ok(())
}

fn unreadable(key: &str, error: &serde_json::Error) -> Error {
    Error::Row {
        what: format!("setting {key}"),
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fresh;
    use super::*;

    #[test]
    fn a_setting_is_read_back_and_can_be_changed() {
        let (_folder, store) = fresh();
        assert_eq!(store.setting::<bool>("queue.paused").unwrap(), None);
        store.put_setting("queue.paused", &true).unwrap();
        store.put_setting("queue.paused", &false).unwrap();
        assert_eq!(store.setting("queue.paused").unwrap(), Some(false));
    }

    #[test]
    fn a_setting_of_another_shape_is_named_in_the_error() {
        let (_folder, store) = fresh();
        store.put_setting("panes", &"wide").unwrap();
        let error = store.setting::<u32>("panes").unwrap_err();
        assert!(matches!(&error, Error::Row { what, .. } if what == "setting panes"));
    }
}
