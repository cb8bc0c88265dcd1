//! The value that a widget sends, which is not always the one it holds.

use serde_json::{Value, json};

use super::inflow::Inflow;
use super::note::{NoteKind, Place};
use super::text;
use super::widgets::Widget;
use crate::core::workflow::object_info::{InputKind, InputSpec};

/// Types whose value only the editor's browser can make when it sends.
const EDITOR_MADE: &[&str] = &["LOAD_3D", "WEBCAM", "AUDIO_RECORD"];
/// Types that hold something to look at and are never sent.
const NEVER_SENT: &[&str] = &["IMAGECOMPARE", "AUDIO_UI", "AUDIOUPLOAD", "IMAGEUPLOAD"];

/// Makes the values that widgets send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender<'s, 't, 'f> {
    pub(super) inflow: &'s Inflow<'t, 'f>,
    /// Decides between the parts of dynamic prompts.
    pub(super) seed: u64,
}

impl Sender<'_, '_, '_> {
    /// Gives the value that a widget sends.
    ///
    /// `None` for what is only looked at, or has neither value nor default.
    pub(super) fn value(
        &self,
        widget: &Widget<'_>,
        place: &Place,
        kinds: &mut Vec<NoteKind>,
    ) -> Option<Value> {
        let spec = widget.spec;
        let type_name = spec.type_name.as_str();
        if NEVER_SENT.contains(&type_name) {
            return None;
        }
        if EDITOR_MADE.contains(&type_name) {
            let input = widget.name.clone();
            kinds.push(NoteKind::EditorMade { input });
        }
        let value = match (widget.value.clone(), &spec.kind) {
            (Some(Value::String(text)), InputKind::String(kind)) => {
                let text = if kind.dynamic_prompts {
                    self.resolved(text, widget, place, kinds)
                } else {
                    text
                };
                Some(self.named(text, spec, kinds))
            }
            (value, _) => value,
        };
        value.map(|value| wrapped(value, type_name == "CURVE"))
    }

    /// Resolves a dynamic prompt and says what became of it.
    fn resolved(
        &self,
        text: String,
        widget: &Widget<'_>,
        place: &Place,
        kinds: &mut Vec<NoteKind>,
    ) -> String {
        let mut random = fastrand::Rng::with_seed(self.seed ^ seed_of(&place.node, &widget.name));
        let sent = text::dynamic_prompt(&text, &mut |count| random.usize(..count.max(1)));
        if sent == text {
            return text;
        }
        let input = widget.name.clone();
        if widget.verbatim {
            kinds.push(NoteKind::TextKept { input });
            return text;
        }
        let address_cut = text.contains("://") && !sent.contains("://");
        kinds.push(NoteKind::TextResolved {
            input,
            text: sent.clone(),
            address_cut,
        });
        sent
    }

    /// Fills the fields of a file-name prefix.
    fn named(&self, text: String, spec: &InputSpec, kinds: &mut Vec<NoteKind>) -> Value {
        if spec.name != "filename_prefix" || !text.contains('%') {
            return Value::String(text);
        }
        let (value, date_kept) = self.inflow.filled(Value::String(text));
        if date_kept {
            let input = spec.name.clone();
            kinds.push(NoteKind::DateKept { input });
        }
        value
    }
}

/// Wraps an array, which would look like a link, and a curve, which the server expects so.
pub(super) fn wrapped(value: Value, is_curve: bool) -> Value {
    match value {
        value if is_curve => json!({"__type__": "CURVE", "__value__": value}),
        Value::Array(_) => json!({"__value__": value}),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value
        }
    }
}

/// Measures the text in a value.
pub(super) fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(size_of).sum(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + size_of(value))
            .sum(),
    }
}

/// Makes a number out of a node and an input, so that one text's choice does not depend on the others.
fn seed_of(node: &str, input: &str) -> u64 {
    let bytes = node.bytes().chain([0]).chain(input.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
