//! Drafts: text being typed, saved before it can be lost.

use rusqlite::{OptionalExtension, params};

use super::{Error, Store};

/// A half-written text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Where it is being written, such as `shot:ID` or `scratch`.
    pub place: String,
    /// The text so far.
    pub text: String,
    /// Where the caret stands, in Unicode scalars from the beginning.
    pub caret: u32,
    /// The revision it grew from.
    pub base: Option<String>,
    /// When it was saved.
    pub saved: i64,
}

impl Store {
    /// Reads the draft of a place.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft(&self, place: &str) -> Result<Option<Draft>, Error> {
        let draft = self
            .conn()
            .prepare_cached("SELECT place, text, caret, base, saved FROM draft WHERE place = ?1")?
            .query_row([place], |row| {
                Ok(Draft {
                    place: row.get(0)?,
                    text: row.get(1)?,
                    caret: row.get(2)?,
                    base: row.get(3)?,
                    saved: row.get(4)?,
                })
            })
            .optional()?;
        Ok(draft)
    }

    /// Saves a draft over the one of its place; an older one never replaces a newer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_draft(&self, draft: &Draft) -> Result<(), Error> {
        self.transaction(|tx| {
            tx.prepare_cached(
                "INSERT INTO draft (place, text, caret, base, saved) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (place) DO UPDATE
                 SET text = excluded.text, caret = excluded.caret, base = excluded.base, saved = excluded.saved
                 WHERE excluded.saved >= draft.saved",
            )?
            .execute(params![draft.place, draft.text, draft.caret, draft.base, draft.saved])?;
            Ok(())
        })
    }

    /// Forgets the draft of a place: it became a revision, or was thrown away.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn drop_draft(&self, place: &str) -> Result<(), Error> {
        self.transaction(|tx| {
            tx.prepare_cached("DELETE FROM draft WHERE place = ?1")?
                .execute([place])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fresh;
    use super::*;

    #[test]
    fn the_newest_draft_of_a_place_is_the_one_that_stays() {
        let (_folder, store) = fresh();
        let at = |text: &str, saved| Draft {
            place: "scratch".into(),
            text: text.into(),
            caret: 2,
            base: None,
            saved,
        };
        for draft in [at("비 오는", 10), at("비 오는 골", 12), at("비", 11)] {
            store.put_draft(&draft).unwrap();
        }
        assert_eq!(store.draft("scratch").unwrap(), Some(at("비 오는 골", 12)));
        store.drop_draft("scratch").unwrap();
        assert_eq!(store.draft("scratch").unwrap(), None);
    }
}
