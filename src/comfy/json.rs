//! A lenient JSON reader, because servers echo what any client posted.
//!
//! ComfyUI writes bare `NaN`, `Infinity` and `-Infinity`, lone surrogates such as `"\ud800"`, integers of any size
//! and any depth of nesting. A strict parser loses the whole answer because of one foreign job, ours included.
//! So: strict first, and only on failure mended and read again.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use serde::de::DeserializeOwned;

/// Deepest nesting kept by [`mend`]; deeper containers become `null`. The parser itself stops at 128.
const DEEPEST: usize = 100;

/// Reads JSON as servers write it.
///
/// # Errors
/// When the text is not JSON even after mending (cut short, another format), or does not have the shape of `T`.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str(&mend(&String::from_utf8_lossy(bytes))),
    }
}

/// Rewrites Python's liberties into JSON.
///
/// Non-finite numbers and containers deeper than a hundred levels become `null`, lone surrogates become U+FFFD,
/// raw control characters inside strings become spaces. All else is kept as it stands.
#[must_use]
pub fn mend(text: &str) -> String {
    let mut mender = Mender {
        rest: text.chars().peekable(),
        out: String::with_capacity(text.len()),
        depth: 0,
    };
    mender.all();
    mender.out
}

struct Mender<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    depth: usize,
}

impl Mender<'_> {
    fn all(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                '"' => self.string(),
                '{' | '[' if self.depth >= DEEPEST => {
                    self.skip_container();
                    self.out.push_str("null");
                }
                '{' | '[' => {
                    self.depth += 1;
                    self.out.push(c);
                }
                '}' | ']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.out.push(c);
                }
                '-' | '0'..='9' => self.number(c),
                'a'..='z' | 'A'..='Z' => self.word(c),
                _ => self.out.push(c),
            }
        }
    }

    /// Copies a string whose opening quote was read.
    fn string(&mut self) {
        self.out.push('"');
        while let Some(c) = self.rest.next() {
            match c {
                '"' => {
                    self.out.push('"');
                    return;
                }
                '\\' => self.escape(),
                '\0'..='\x1f' => self.out.push(' '),
                _ => self.out.push(c),
            }
        }
    }

    /// Copies an escape whose backslash was read, and replaces surrogates that stand alone.
    fn escape(&mut self) {
        let Some(kind) = self.rest.next() else { return };
        if kind != 'u' {
            self.out.push('\\');
            self.out.push(kind);
            return;
        }
        let first = take_hex(&mut self.rest);
        let pair = match first {
            Some(0xd800..=0xdbff) => {
                let mut ahead = self.rest.clone();
                (ahead.next() == Some('\\') && ahead.next() == Some('u'))
                    .then(|| take_hex(&mut ahead))
                    .flatten()
                    .filter(|low| (0xdc00..=0xdfff).contains(low))
                    .map(|low| (low, ahead))
            }
            _ => None,
        };
        match (first, pair) {
            (Some(high), Some((low, ahead))) => {
                self.rest = ahead;
                let _ = write!(self.out, "\\u{high:04x}\\u{low:04x}");
            }
            (Some(0xd800..=0xdfff) | None, _) => self.out.push('\u{fffd}'),
            (Some(code), None) => {
                let _ = write!(self.out, "\\u{code:04x}");
            }
        }
    }

    /// Copies a number, or writes `null` for one that no float can hold.
    fn number(&mut self, first: char) {
        if first == '-' && self.rest.next_if_eq(&'I').is_some() {
            while self.rest.next_if(char::is_ascii_alphabetic).is_some() {}
            self.out.push_str("null");
            return;
        }
        let mut token = String::from(first);
        while let Some(c) = self
            .rest
            .next_if(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
        {
            token.push(c);
        }
        match token.parse::<f64>() {
            Ok(number) if !number.is_finite() => self.out.push_str("null"),
            _ => self.out.push_str(&token),
        }
    }

    fn word(&mut self, first: char) {
        let mut word = String::from(first);
        while let Some(c) = self.rest.next_if(char::is_ascii_alphabetic) {
            word.push(c);
        }
        self.out.push_str(match word.as_str() {
            "NaN" | "Infinity" => "null",
            other => other,
        });
    }

    /// Reads past a container whose opening bracket was read.
    fn skip_container(&mut self) {
        let mut open = 1_usize;
        while let Some(c) = self.rest.next() {
            match c {
                '{' | '[' => open += 1,
                '}' | ']' => open -= 1,
                '"' => self.skip_string(),
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    fn skip_string(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                '"' => return,
                '\\' => {
                    self.rest.next();
                }
                _ => {}
            }
        }
    }
}

/// Reads four hexadecimal digits; reads no further than the first character that is none.
fn take_hex(rest: &mut Peekable<Chars<'_>>) -> Option<u32> {
    let mut code = 0;
    for _ in 0..4 {
        code = code * 16 + rest.next_if(char::is_ascii_hexdigit)?.to_digit(16)?;
    }
    Some(code)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_python_writes_is_read() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        let long = "9".repeat(5000);
        let cases: Vec<(String, Value)> = vec![
            (
                "[NaN, Infinity, -Infinity, -1]".into(),
                json!([null, null, null, -1]),
            ),
            (
                r#"{"NaN": "NaN and -Infinity"}"#.into(),
                json!({"NaN": "NaN and -Infinity"}),
            ),
            (
                r#"["\ud800", "\udc00x", "\ud83d\ude00", "\ud800\u0041", NaN]"#.into(),
                json!(["\u{fffd}", "\u{fffd}x", "😀", "\u{fffd}A", null]),
            ),
            (r#"{"\ud800": 1}"#.into(), json!({"\u{fffd}": 1})),
            (
                "[18446744073709551615]".into(),
                json!([18_446_744_073_709_551_615_u64]),
            ),
            (format!("[{long}, 1]"), json!([null, 1])),
            ("[\"a\nb\u{1b}c\"]".into(), json!(["a b c"])),
            (
                r#"["a\\", "\"NaN\"", NaN]"#.into(),
                json!(["a\\", "\"NaN\"", null]),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read::<Value>(text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert!(
            read::<Value>(format!(r#"{{"deep": {deep}, "ours": 1}}"#).as_bytes()).unwrap()["ours"]
                == 1
        );
    }

    #[test]
    fn a_body_that_was_cut_is_an_error_not_half_an_answer() {
        for cut in [
            "{\"a\": [1, 2",
            "\"\\u12",
            "{\"a\": \"\\",
            "<html>",
            "",
            "-",
        ] {
            assert!(read::<Value>(cut.as_bytes()).is_err(), "{cut}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_do_not_lose_the_answer() {
        assert_eq!(
            read::<Value>(b"[\"\xff\", 7]").unwrap(),
            json!(["\u{fffd}", 7])
        );
    }

    proptest::proptest! {
        #[test]
        fn mending_never_changes_what_was_json_already(text in "[\\PC]{0,60}", number in proptest::num::f64::NORMAL) {
            let value = json!({ "k": [text.clone(), number, null, true], text: {"x": []} });
            let written = value.to_string();
            let strict: Value = serde_json::from_str(&written).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Value>(&mend(&written)).unwrap(), strict);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,200}") {
            let _ = read::<Value>(text.as_bytes());
        }
    }
}
