//! Hangul syllables taken apart and put together, as conjugation and particles need them.

use unicode_normalization::UnicodeNormalization;

const FIRST: u32 = 0xac00;
const LAST: u32 = 0xd7a3;

/// Final consonants by their index in a syllable block.
pub(super) mod coda {
    pub(in crate::core::prompt) const NONE: u32 = 0;
    pub(in crate::core::prompt) const DIGEUT: u32 = 7;
    pub(in crate::core::prompt) const RIEUL: u32 = 8;
    pub(in crate::core::prompt) const BIEUP: u32 = 17;
    pub(in crate::core::prompt) const SIOT: u32 = 19;
    pub(in crate::core::prompt) const HIEUT: u32 = 27;
}

/// Decomposes text to conjoining jamo, where an initial and a final consonant differ.
pub(super) fn jamo(text: &str) -> String {
    text.nfd().collect()
}

/// Says whether a character is a whole Hangul syllable.
pub(super) fn is_syllable(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// Says whether a character is Hangul at all, half-typed jamo included.
pub(super) fn is_hangul(c: char) -> bool {
    is_syllable(c)
        || matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}')
}

/// Splits a syllable into the indices of initial, vowel and final.
pub(super) fn split(c: char) -> Option<(u32, u32, u32)> {
    is_syllable(c).then(|| {
        let at = u32::from(c) - FIRST;
        (at / 588, at % 588 / 28, at % 28)
    })
}

/// Builds a syllable from the indices of initial, vowel and final.
pub(super) fn join(initial: u32, vowel: u32, coda: u32) -> Option<char> {
    char::from_u32(FIRST + initial * 588 + vowel * 28 + coda)
}

/// Reads the index of the final consonant of the last syllable, if the text ends in one.
pub(super) fn last_coda(text: &str) -> Option<u32> {
    text.chars().next_back().and_then(split).map(|(_, _, t)| t)
}
