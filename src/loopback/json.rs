//! JSON as a Python server reads and writes it.
//!
//! A real server accepts bare `NaN` and `Infinity` and lone surrogates, and echoes them to everybody. Rust strings and
//! `serde_json` numbers can hold neither, so both travel inside as private-use markers and leave as they came.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Marks a bare constant that JSON does not know: the rest of the string is its spelling.
const BARE: char = '\u{10ffd0}';
/// First of 2,048 private characters that stand for the surrogates U+D800–U+DFFF.
const SURROGATES: u32 = 0x0010_f000;

/// Says that a body was not JSON, not even Python's.
#[derive(Debug, thiserror::Error)]
#[error("not JSON: {0}")]
pub(crate) struct Malformed(String);

/// Reads a body the way Python's `json.loads` does.
pub(crate) fn read(body: &[u8]) -> Result<Value, Malformed> {
    let text = std::str::from_utf8(body).map_err(|fault| Malformed(fault.to_string()))?;
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(_) => serde_json::from_str(&tame(text)).map_err(|fault| Malformed(fault.to_string())),
    }
}

/// Writes a value the way Python's `json.dumps` does: `", "` and `": "`, ASCII only.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    put(&mut out, value);
    out
}

fn put(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => put_number(out, number),
        Value::String(text) => put_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                put(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => put_object(out, fields),
    }
}

fn put_object(out: &mut String, fields: &Map<String, Value>) {
    out.push('{');
    for (n, (name, item)) in fields.iter().enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        put_text(out, name);
        out.push_str(": ");
        put(out, item);
    }
    out.push('}');
}

fn put_number(out: &mut String, number: &serde_json::Number) {
    match number.as_f64() {
        Some(float) if number.is_f64() => out.push_str(&float_text(float)),
        _ => {
            let _ = write!(out, "{number}");
        }
    }
}

/// Spells a float as Python's `repr` does: `64.0`, `1e-05`, `1e+16`.
pub(crate) fn float_text(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let plain = format!("{float:e}");
        let (digits, power) = plain.split_once('e').unwrap_or((plain.as_str(), "0"));
        let (sign, power) = power
            .strip_prefix('-')
            .map_or(('+', power), |rest| ('-', rest));
        return format!("{digits}e{sign}{power:0>2}");
    }
    format!("{float:?}")
}

fn put_text(out: &mut String, text: &str) {
    if let Some(bare) = text.strip_prefix(BARE) {
        out.push_str(bare);
        return;
    }
    out.push('"');
    for c in text.chars() {
        put_char(out, c);
    }
    out.push('"');
}

fn put_char(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        ' '..='~' => out.push(c),
        _ => match u32::from(c).checked_sub(SURROGATES) {
            Some(offset) if offset < 0x800 => {
                let _ = write!(out, "\\u{:04x}", 0xd800 + offset);
            }
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        },
    }
}

/// Rewrites what only Python reads into JSON that holds markers.
fn tame(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            rest = tame_text(&mut out, rest);
            continue;
        }
        if let Some((word, after)) = bare_constant(rest) {
            let _ = write!(out, "\"{BARE}{word}\"");
            rest = after;
            continue;
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    out
}

fn bare_constant(rest: &str) -> Option<(&'static str, &str)> {
    ["NaN", "Infinity", "-Infinity"]
        .into_iter()
        .find_map(|word| Some((word, rest.strip_prefix(word)?)))
}

/// Copies one string literal and replaces lone surrogates in it; hands back what follows the literal.
fn tame_text<'a>(out: &mut String, literal: &'a str) -> &'a str {
    out.push('"');
    let mut rest = literal.get(1..).unwrap_or("");
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            let taken = tame_escape(out, rest);
            rest = rest.get(taken..).unwrap_or("");
            continue;
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        if c == '"' {
            break;
        }
    }
    rest
}

/// Copies one escape and says how many bytes it took.
fn tame_escape(out: &mut String, rest: &str) -> usize {
    let Some(unit) = escaped_unit(rest) else {
        let after = rest.chars().nth(1);
        out.push('\\');
        out.extend(after);
        return 1 + after.map_or(0, char::len_utf8);
    };
    let paired = (0xd800..0xdc00).contains(&unit)
        && rest
            .get(6..)
            .and_then(escaped_unit)
            .is_some_and(|low| (0xdc00..0xe000).contains(&low));
    let taken = if paired { 12 } else { 6 };
    if !paired && (0xd800..0xe000).contains(&unit) {
        out.extend(char::from_u32(SURROGATES + unit - 0xd800));
    } else {
        out.push_str(rest.get(..taken).unwrap_or(""));
    }
    taken
}

fn escaped_unit(rest: &str) -> Option<u32> {
    u32::from_str_radix(rest.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_python_reads_is_echoed_as_it_came() {
        for text in [
            r#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN"}"#,
            r#"{"a": "\ud800 x \ud83d\ude00", "b": NaN}"#,
            r#"{"seed": 18446744073709551615, "f": 64.0, "t": "\u00fc\"\\"}"#,
        ] {
            assert_eq!(write(&read(text.as_bytes()).unwrap()), text);
        }
    }

    #[test]
    fn floats_are_spelled_as_python_does() {
        for (float, text) in [
            (0.0, "0.0"),
            (64.5, "64.5"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
        ] {
            assert_eq!(float_text(float), text);
        }
    }

    #[test]
    fn a_half_sent_body_is_not_json() {
        for body in [&b"{bad"[..], b"", b"\xff\xfe\x00", b"\"\\u12"] {
            assert!(read(body).is_err());
        }
    }
}
