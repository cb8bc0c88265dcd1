//! Workflows inside pictures and clips.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Found, ReadError, from_value, parse};
use crate::core::text;

/// Cells of the list of keys that are shown in a message.
const SHOWN: usize = 60;

/// Says what the metadata of a picture or clip holds, its texts given by key.
///
/// ComfyUI writes the graph as `prompt` and the editor file as `workflow`; Video Helper Suite writes both
/// into one `comment`. The graph is preferred, being what really ran; the editor file goes along with it.
///
/// # Errors
/// When no workflow is inside, or the one inside is broken.
pub fn from_metadata(texts: &BTreeMap<String, String>) -> Result<Found, ReadError> {
    let text = |key: &str| {
        let mut found = texts
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(key));
        found.next().map(|(_, text)| text.as_str())
    };
    let mut found = Map::new();
    for key in ["comment", "description"] {
        if let Some(Value::Object(both)) = text(key).and_then(|text| parse(text).ok()) {
            found.extend(both);
        }
    }
    for key in ["prompt", "workflow"] {
        if let Some(text) = text(key) {
            found.insert(key.to_owned(), parse(text)?);
        }
    }
    let workflow = unpacked(found.get("workflow"))?.map(Cow::into_owned);
    if found.get("prompt").is_some_and(|prompt| !prompt.is_null()) {
        return from_value(Value::Object(found));
    }
    match workflow {
        Some(workflow) => from_value(workflow),
        None => Err(ReadError::NoWorkflowInside { found: keys(texts) }),
    }
}

/// Gives JSON that may be packed into a text; a text that is none is nothing.
pub(super) fn unpacked(value: Option<&Value>) -> Result<Option<Cow<'_, Value>>, ReadError> {
    match value {
        Some(Value::String(text)) if text.trim_start().starts_with('{') => {
            parse(text).map(|value| Some(Cow::Owned(value)))
        }
        Some(value @ Value::Object(_)) => Ok(Some(Cow::Borrowed(value))),
        None
        | Some(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_),
        ) => Ok(None),
    }
}

/// Lists the keys there are, for a message.
fn keys(texts: &BTreeMap<String, String>) -> String {
    if texts.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<&str> = texts.keys().map(String::as_str).collect();
    text::fit(&text::scrub(&names.join(", ")), SHOWN).into_owned()
}
