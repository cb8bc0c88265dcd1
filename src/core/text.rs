//! Text as terminals and Korean writers need it: NFC, cell width, graphemes, truncation, scrubbing.
//!
//! This is the only user of `unicode-width` in the crate, so that two places can never disagree about
//! how wide a Hangul syllable is.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Composes text to NFC, so that a syllable typed as jamo and one typed whole are the same text.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Counts terminal cells, two for a Hangul syllable, none for a combining mark.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Lists what a reader would call characters.
#[must_use]
pub fn graphemes(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true)
}

/// Cuts text to at most `cells` terminal cells and marks the cut with `…`.
#[must_use]
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in graphemes(text) {
        used += width(grapheme);
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// Removes everything that could move a cursor, ring a bell, recolour or reorder a terminal line.
///
/// Line feeds and tabs become spaces. C0, DEL, C1 and the bidirectional controls
/// (U+202A–U+202E, U+2066–U+2069, U+200E, U+200F, U+061C) are dropped, as are the line and paragraph separators.
/// An escape sequence loses its introducer; the printable rest stays and is harmless.
#[must_use]
pub fn scrub(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter_map(|c| {
                if matches!(c, '\n' | '\t' | '\r') {
                    Some(' ')
                } else if is_unsafe(c) {
                    None
                } else {
                    Some(c)
                }
            })
            .collect(),
    )
}

/// Scrubs each line and keeps the line breaks: for logs and tracebacks shown in full.
#[must_use]
pub fn scrub_lines(text: &str) -> String {
    text.lines().map(scrub).collect::<Vec<_>>().join("\n")
}

/// Says whether a character may not reach a terminal as it is.
const fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syllable_typed_as_jamo_is_the_same_text() {
        assert_eq!(nfc("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn a_long_hangul_title_is_cut_between_syllables_and_marked() {
        assert_eq!(fit("비 오는 골목", 8), "비 오는…");
        assert_eq!(fit("골목", 4), "골목");
        assert_eq!(fit("골목", 0), "");
    }

    #[test]
    fn a_file_name_from_a_worker_cannot_clear_the_screen() {
        assert_eq!(scrub("a\x1b[2Jb\u{9b}31m\u{202e}c\nd"), "a[2Jb31mc d");
    }
}
