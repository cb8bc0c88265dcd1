//! What preset files have in common: how a mistake in one is told.

use super::lexicon::Bad;

/// Turns a TOML error into file, line and reason.
pub(super) fn bad(file: &str, text: &str, error: &toml::de::Error) -> Bad {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(at).filter(|b| *b == b'\n').count() + 1;
    Bad {
        file: file.to_owned(),
        line,
        reason: error.message().to_owned(),
    }
}
