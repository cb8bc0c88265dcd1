//! Small lenient looks into JSON values.

use serde_json::Value;
use uuid::Uuid;

use crate::core::text::scrub;

/// Longest node id kept, in characters.
const LONGEST_ID: usize = 200;

/// Text under a key.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// A number under a key, whole or not, or written as text.
pub(super) fn number(value: &Value, key: &str) -> Option<f64> {
    let found = value.get(key)?;
    found
        .as_f64()
        .or_else(|| found.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

/// A whole number under a key; servers sometimes write it as a float.
pub(super) fn whole(value: &Value, key: &str) -> Option<i64> {
    let found = value.get(key)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a saturated time or size is as odd as the one that was sent"
    )]
    found
        .as_i64()
        .or_else(|| found.as_f64().map(|number| number as i64))
}

/// A count or size under a key.
pub(super) fn count(value: &Value, key: &str) -> Option<u64> {
    let found = value.get(key)?;
    found
        .as_u64()
        .or_else(|| whole(value, key).and_then(|number| u64::try_from(number).ok()))
}

/// The texts of a list under a key; other entries are skipped.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    list(value, key)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The entries of a list under a key, none when it is no list.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Reads a prompt id of the only form we mint: lower case, hyphenated.
///
/// Another spelling of the same number would be another job to the server.
pub(super) fn prompt_id(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(id)
}

/// A node id or key as it may be shown: scrubbed and bounded, otherwise as it is.
pub(super) fn id(text: &str) -> String {
    scrub(text).chars().take(LONGEST_ID).collect()
}

/// The ids of a list under a key.
pub(super) fn ids(value: &Value, key: &str) -> Vec<String> {
    list(value, key)
        .iter()
        .filter_map(Value::as_str)
        .map(id)
        .collect()
}
