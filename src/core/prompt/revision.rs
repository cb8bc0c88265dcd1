//! A prompt's history: each edit is a value with parent, author, time and difference.

use serde::{Deserialize, Serialize};

use super::diff::{self, Diff, Misfit};

/// One edit of a prompt. Ids and times come from outside, so that this stays a plain value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Its own id, a `UUIDv7` string.
    pub id: String,
    /// The revision it was made from; none for the first.
    pub parent: Option<String>,
    /// Who wrote it: a person's name, `lexicon`, or `provider:model`.
    pub author: String,
    /// When, RFC 3339 UTC.
    pub created: String,
    /// From the parent's text (or from nothing) to this one.
    pub diff: Diff,
}

impl Revision {
    /// Records an edit from the parent's text to a new one.
    #[must_use]
    pub fn record(
        id: &str,
        author: &str,
        created: &str,
        parent: Option<(&str, &str)>,
        text: &str,
    ) -> Self {
        Self {
            id: id.to_owned(),
            parent: parent.map(|(id, _)| id.to_owned()),
            author: author.to_owned(),
            created: created.to_owned(),
            diff: diff::words(parent.map_or("", |(_, text)| text), text),
        }
    }

    /// Gives the text of this revision from its parent's text.
    ///
    /// # Errors
    /// [`Misfit`] when the text is not the parent's.
    pub fn text(&self, parent: &str) -> Result<String, Misfit> {
        diff::apply(parent, &self.diff.ops)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_edits_replays_to_its_last_text() {
        let texts = [
            "강아지가 뛴다.",
            "작은 강아지가 뛴다.",
            "A small puppy runs 🐶.",
        ];
        let mut parent: Option<(String, String)> = None;
        for (n, text) in texts.iter().enumerate() {
            let parent_ref = parent
                .as_ref()
                .map(|(id, text)| (id.as_str(), text.as_str()));
            let revision = Revision::record(
                &n.to_string(),
                "Min",
                "2026-01-01T00:00:00.000Z",
                parent_ref,
                text,
            );
            assert_eq!(revision.parent.as_deref(), parent_ref.map(|(id, _)| id));
            assert_eq!(
                revision.text(parent_ref.map_or("", |(_, t)| t)).as_deref(),
                Ok(*text)
            );
            parent = Some((revision.id, (*text).to_owned()));
        }
    }
}
