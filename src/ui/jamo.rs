//! Keys typed while a Hangul layout is on, read as the QWERTY keys that were pressed.
//!
//! Commands work without switching the layout: `ㅓ` is `j`, and `거`, which an input method may hand over whole, is
//! `r` then `j`. Text is never folded.

/// Lists the QWERTY letters behind a character typed in the two-set (두벌식) layout; `None` where it is not Hangul.
#[must_use]
pub fn fold(c: char) -> Option<Vec<char>> {
    if let Some(keys) = jamo(c) {
        return Some(keys.chars().collect());
    }
    let code = u32::from(c)
        .checked_sub(0xac00)
        .filter(|code| *code < 11_172)?;
    let lead = LEADS.get(usize::try_from(code / 588).ok()?)?;
    let vowel = VOWELS.get(usize::try_from(code % 588 / 28).ok()?)?;
    let tail = TAILS.get(usize::try_from(code % 28).ok()?)?;
    Some(
        [lead, vowel, tail]
            .into_iter()
            .flat_map(|keys| keys.chars())
            .collect(),
    )
}

const LEADS: [&str; 19] = [
    "r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g",
];
const VOWELS: [&str; 21] = [
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b",
    "m", "ml", "l",
];
const TAILS: [&str; 28] = [
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a",
    "q", "qt", "t", "T", "d", "w", "c", "z", "x", "v", "g",
];

/// Compatibility jamo, U+3131 to U+3163, in code order.
const JAMO: [&str; 51] = [
    "r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a",
    "q", "Q", "qt", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g", "k", "o", "i", "O", "j", "p",
    "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
];

fn jamo(c: char) -> Option<&'static str> {
    let at = u32::from(c).checked_sub(0x3131)?;
    JAMO.get(usize::try_from(at).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_two_set_layout_is_its_qwerty_key() {
        let row = [
            ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "qwertyuiop"),
            ("ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "asdfghjkl"),
            ("ㅋㅌㅊㅍㅠㅜㅡ", "zxcvbnm"),
            ("ㅃㅉㄸㄲㅆㅒㅖ", "QWERTOP"),
        ];
        for (hangul, latin) in row {
            let folded: String = hangul.chars().filter_map(fold).flatten().collect();
            assert_eq!(folded, latin);
        }
    }

    #[test]
    fn a_syllable_composed_by_the_input_method_is_the_keys_that_made_it() {
        assert_eq!(fold('거'), Some(vec!['r', 'j']));
        assert_eq!(fold('값'), Some(vec!['r', 'k', 'q', 't']));
        assert_eq!(fold('힣'), Some(vec!['g', 'l', 'g']));
        assert_eq!(fold('q'), None);
        assert_eq!(fold('漢'), None);
    }
}
