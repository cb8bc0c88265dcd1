//! Texts that the editor changes when it sends: dynamic prompts and file-name fields.

use std::borrow::Cow;

use jiff::civil::DateTime;
use serde_json::Value;

/// Braces inside braces that are resolved; deeper ones stay as they are.
const MOST_NESTED: usize = 32;

/// Resolves a dynamic prompt: comments cut, each `{a|b|c}` replaced by one part, `\{` made plain.
///
/// As the editor does it, a single part in braces loses them too and `//` cuts web addresses.
/// `pick` chooses one of so many parts.
pub(super) fn dynamic_prompt(text: &str, pick: &mut dyn FnMut(usize) -> usize) -> String {
    resolve(text, pick, 0)
}

/// Resolves one level.
fn resolve(text: &str, pick: &mut dyn FnMut(usize) -> usize, depth: usize) -> String {
    let text = without_comments(text);
    if depth > MOST_NESTED || !text.contains(['{', '\\']) {
        return text.into_owned();
    }
    let mut resolved = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(&mut chars, &mut resolved),
            '{' => {
                let mut parts = parts(&mut chars);
                let chosen = pick(parts.len()).min(parts.len().saturating_sub(1));
                resolved.push_str(&resolve(&parts.swap_remove(chosen), pick, depth + 1));
            }
            other => resolved.push(other),
        }
    }
    unescape(&resolved)
}

/// Reads the parts up to the closing brace, or to the end where there is none; never empty.
fn parts(chars: &mut std::str::Chars<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                escape(chars, &mut part);
                continue;
            }
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            '|' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

/// Copies a backslash with what follows, so that it is not read as a brace.
fn escape(chars: &mut std::str::Chars<'_>, into: &mut String) {
    into.push('\\');
    into.extend(chars.next());
}

/// Makes `\{`, `\}` and `\|` plain.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some('{' | '}' | '|') if c == '\\' => {}
            Some(_) | None => plain.push(c),
        }
    }
    plain
}

/// Cuts `/* … */` and everything from `//` to the end of its line.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains("//") && !text.contains("/*") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('/') {
        kept.push_str(before);
        let block = after
            .strip_prefix('*')
            .and_then(|body| body.split_once("*/"));
        if let Some((_, after)) = block {
            rest = after;
        } else if let Some(line) = after.strip_prefix('/') {
            let end = line.find(['\n', '\r', '\u{2028}', '\u{2029}']);
            rest = end.and_then(|end| line.get(end..)).unwrap_or_default();
        } else {
            kept.push('/');
            rest = after;
        }
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Fills the `%…%` fields of a file-name prefix.
///
/// `look` gives the value of a node's widget by the node's name and the widget's. Unknown fields stay for
/// the server, and so do dates where `now` is not given; the second result says whether any did.
pub(super) fn file_fields(
    text: &str,
    now: Option<DateTime>,
    look: &dyn Fn(&str, &str) -> Option<Value>,
) -> (String, bool) {
    let mut filled = String::with_capacity(text.len());
    let mut date_kept = false;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        filled.push_str(before);
        let Some((field, behind)) = after.split_once('%').filter(|(field, _)| !field.is_empty())
        else {
            filled.push('%');
            rest = after;
            continue;
        };
        let value = match (field.split_once('.'), field.strip_prefix("date:")) {
            (Some((node, widget)), _) if !widget.contains('.') => {
                look(node, widget).map(|value| for_file_name(&plain_text(&value)))
            }
            (_, Some(format)) => {
                date_kept |= now.is_none();
                now.map(|now| date(format, now))
            }
            _ => None,
        };
        match value {
            Some(value) => filled.push_str(&value),
            None => filled.extend(["%", field, "%"]),
        }
        rest = behind;
    }
    filled.push_str(rest);
    (filled, date_kept)
}

/// Writes a value as the editor's language does.
fn plain_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Replaces what may not be in a file name.
fn for_file_name(text: &str) -> String {
    let barred = |c: char| matches!(c, '/' | '?' | '<' | '>' | '\\' | ':' | '*' | '|' | '"');
    let barred = |c: char| barred(c) || matches!(c, '\0'..='\x1f' | '\x7f');
    text.chars()
        .map(|c| if barred(c) { '_' } else { c })
        .collect()
}

/// Writes a date as `yyyy-MM-dd_hh.mm.ss` and the like ask, in 24 hours.
fn date(format: &str, now: DateTime) -> String {
    let mut written = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        let most = if c == 'y' { 4 } else { 2 };
        let mut run = 1;
        while run < most && chars.peek() == Some(&c) {
            chars.next();
            run += 1;
        }
        written.push_str(&date_part(c, run, now));
    }
    written
}

/// Writes one run of a date format's letters.
fn date_part(letter: char, run: usize, now: DateTime) -> String {
    let padded = |number: i8| format!("{number:0run$}");
    match (letter, run) {
        ('d', _) => padded(now.day()),
        ('M', _) => padded(now.month()),
        ('h', _) => padded(now.hour()),
        ('m', _) => padded(now.minute()),
        ('s', _) => padded(now.second()),
        ('y', 2) => format!("{:02}", now.year().rem_euclid(100)),
        ('y', 4) => now.year().to_string(),
        _ => std::iter::repeat_n(letter, run).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;
    use serde_json::json;

    /// Takes the last part of every choice.
    fn last(text: &str) -> String {
        dynamic_prompt(text, &mut |count| count - 1)
    }

    #[test]
    fn a_dynamic_prompt_is_resolved_as_the_editor_does() {
        for (text, sent) in [
            ("plain", "plain"),
            ("a {red|blue} cat", "a blue cat"),
            ("{a|{b|c}} d", "c d"),
            ("{only}", "only"),
            (r#"{"k": 1}"#, r#""k": 1"#),
            (r"\{kept\} \| {a\|b|c\}}", "{kept} | c}"),
            ("rain // note\nstreet", "rain \nstreet"),
            ("a /* gone\n */b /* open", "a b /* open"),
            ("https://x.org/y", "https:"),
            ("never {closed|here", "never here"),
            ("stray } brace", "stray } brace"),
            ("{a|", ""),
            ("비 {오는|갠} 골목", "비 갠 골목"),
            ("end \\", "end \\"),
        ] {
            assert_eq!(last(text), sent, "{text}");
        }
    }

    #[test]
    fn braces_beyond_all_reason_end_quickly() {
        let deep = "{".repeat(100_000);
        assert!(last(&deep).len() <= deep.len());
    }

    #[test]
    fn a_prefix_takes_values_and_dates_and_leaves_the_rest_to_the_server() {
        let look = |node: &str, widget: &str| match (node, widget) {
            ("KSampler", "seed") => Some(json!(7.0)),
            ("Save", "dir") => Some(json!("a/b:c")),
            _ => None,
        };
        let now = Some(civil::date(2026, 3, 9).at(5, 7, 30, 0));
        for (prefix, sent) in [
            ("%KSampler.seed%_%Save.dir%", "7_a_b_c"),
            ("%width%_%nope.x%_100%", "%width%_%nope.x%_100%"),
            (
                "%date:yyyy-MM-dd%/%date:yy.M.d hh:mm:ss%",
                "2026-03-09/26.3.9 05:07:30",
            ),
            ("%%KSampler.seed%", "%7"),
            ("%date:yyy q%", "yyy q"),
        ] {
            assert_eq!(file_fields(prefix, now, &look).0, sent, "{prefix}");
        }
        let kept = file_fields("%date:yyyy%", None, &look);
        assert_eq!(kept, ("%date:yyyy%".to_owned(), true));
    }
}
