//! The input kinds of node classes.

use indexmap::IndexMap;
use serde_json::Value;

/// One input of a node class.
#[derive(Debug, Clone, PartialEq)]
pub struct InputSpec {
    /// Name without any prefix; inputs inside a dynamic combo are sent as `<combo>.<name>`.
    pub name: String,
    /// Whether a graph must, may or cannot give it.
    pub need: Need,
    /// Link type as the server says it, such as `IMAGE`, `INT` or `IMAGE,MASK`; `COMBO` for choices.
    pub type_name: String,
    /// What values it takes.
    pub kind: InputKind,
    /// Value when nothing is set, as the server says it.
    pub default: Option<Value>,
    /// Whether only a link can feed it, although its type could have a value.
    pub force_input: bool,
    /// Whether the editor keeps a "control after generate" entry beside it; `None`: the server does not say.
    pub control_after_generate: Option<bool>,
    /// Prose for people.
    pub tooltip: Option<String>,
    /// Whether the editor folds it away as advanced.
    pub advanced: bool,
}

/// Whether an input has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// The server refuses a graph without it.
    Required,
    /// May be absent.
    Optional,
    /// Filled in by the server; never in a graph.
    Hidden,
}

/// What values an input takes.
#[derive(Debug, Clone, PartialEq)]
pub enum InputKind {
    /// A whole number.
    Int(Range<i128>),
    /// A number.
    Float(Range<f64>),
    /// A text.
    String(TextKind),
    /// True or false.
    Boolean,
    /// One of a list (several, where [`Choices::multiple`] says so).
    Combo(Choices),
    /// One of a list, each choice bringing inputs of its own, named `<this input>.<name>`.
    DynamicCombo(Vec<OptionInputs>),
    /// A group of sockets that grows as they are linked, named `<this input>.<name>`.
    Autogrow(Autogrow),
    /// A value edited by a special widget (`COLOR`, `CURVE`, `BOUNDING_BOX`, `LOAD_3D`, …), sent as stored.
    Special,
    /// Fed by a link alone.
    Socket,
}

/// Lowest, highest and step of a number, each where the server says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<T> {
    /// Lowest value the server accepts.
    pub min: Option<T>,
    /// Highest value the server accepts.
    pub max: Option<T>,
    /// Step of the editor's arrows; servers do not enforce it.
    pub step: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self {
            min: None,
            max: None,
            step: None,
        }
    }
}

/// How a text is edited and sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextKind {
    /// Whether it has lines.
    pub multiline: bool,
    /// Whether the editor resolves `{a|b}` and cuts comments before sending.
    pub dynamic_prompts: bool,
}

/// The values of a combo.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// Values in order, mostly texts; empty when the worker has none (no such model) or fetches them.
    pub values: Vec<Value>,
    /// Whether an array of values is taken.
    pub multiple: bool,
    /// Whether the editor fetches the choices from a server route, so that `values` says nothing.
    pub remote: bool,
    /// What kind of file may be uploaded to add a choice.
    pub upload: Option<Upload>,
    /// Further inputs that a choice brings, sent under their plain names (Video Helper Suite formats).
    pub extra: IndexMap<String, Vec<InputSpec>>,
}

/// The kind of file that a combo takes by upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Upload {
    /// `image_upload`.
    Image,
    /// `animated_image_upload`.
    AnimatedImage,
    /// `video_upload`.
    Video,
    /// `audio_upload`.
    Audio,
    /// `file_upload`, such as 3-D models.
    File,
}

/// One choice of a dynamic combo with the inputs that it brings.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionInputs {
    /// The choice.
    pub key: String,
    /// Its inputs, required first.
    pub inputs: Vec<InputSpec>,
}

/// A growing group of sockets.
#[derive(Debug, Clone, PartialEq)]
pub struct Autogrow {
    /// What one step of growth adds, mostly a single input.
    pub template: Vec<InputSpec>,
    /// How the sockets are named.
    pub names: GrowNames,
    /// Sockets that must be linked.
    pub min: usize,
    /// Sockets there can be at most, where the server says so.
    pub max: Option<usize>,
}

/// How the sockets of a growing group are named, after `<group>.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrowNames {
    /// By this list.
    Listed(Vec<String>),
    /// By this prefix and a number from 0.
    Prefixed(String),
}

impl InputSpec {
    /// Says whether the editor stores a value for it.
    #[must_use]
    pub fn is_widget(&self) -> bool {
        if self.force_input || self.need == Need::Hidden {
            return false;
        }
        match self.kind {
            InputKind::Int(_)
            | InputKind::Float(_)
            | InputKind::String(_)
            | InputKind::Boolean
            | InputKind::Combo(_)
            | InputKind::DynamicCombo(_)
            | InputKind::Special => true,
            InputKind::Autogrow(_) | InputKind::Socket => false,
        }
    }

    /// Gives the value the editor would send if the file had none.
    ///
    /// `None` for a combo without choices and for sockets: nothing is sent.
    #[must_use]
    pub fn initial_value(&self) -> Option<Value> {
        if let Some(default) = &self.default {
            return Some(default.clone());
        }
        match &self.kind {
            InputKind::Int(_) | InputKind::Float(_) => Some(Value::from(0)),
            InputKind::String(_) => Some(Value::from("")),
            InputKind::Boolean => Some(Value::Bool(false)),
            InputKind::Combo(choices) => choices.values.first().cloned(),
            InputKind::DynamicCombo(options) => options
                .first()
                .map(|option| Value::from(option.key.as_str())),
            InputKind::Autogrow(_) | InputKind::Special | InputKind::Socket => None,
        }
    }

    /// Gives the choices of a combo of either sort, as texts; `None` for everything else.
    #[must_use]
    pub fn choices(&self) -> Option<Vec<String>> {
        match &self.kind {
            InputKind::Combo(choices) => Some(choices.values.iter().map(text_of).collect()),
            InputKind::DynamicCombo(options) => {
                Some(options.iter().map(|option| option.key.clone()).collect())
            }
            InputKind::Int(_)
            | InputKind::Float(_)
            | InputKind::String(_)
            | InputKind::Boolean
            | InputKind::Autogrow(_)
            | InputKind::Special
            | InputKind::Socket => None,
        }
    }
}

impl Choices {
    /// Says whether a value is one of the choices, numbers compared by value.
    #[must_use]
    pub fn has(&self, value: &Value) -> bool {
        self.values.iter().any(|choice| {
            choice == value
                || matches!((choice.as_f64(), value.as_f64()), (Some(a), Some(b)) if a.total_cmp(&b).is_eq())
        })
    }
}

/// Shows a choice as text, without quotes.
fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Finds an input by its sent name, going into combos and growing groups at the dots.
pub(super) fn find<'a>(inputs: &'a [InputSpec], name: &str) -> Option<&'a InputSpec> {
    if let Some(exact) = inputs.iter().find(|input| input.name == name) {
        return Some(exact);
    }
    inputs
        .iter()
        .find_map(|input| {
            let rest = name.strip_prefix(input.name.as_str())?.strip_prefix('.');
            match (&input.kind, rest) {
                (InputKind::DynamicCombo(options), Some(rest)) => {
                    options.iter().find_map(|option| find(&option.inputs, rest))
                }
                (InputKind::Autogrow(group), Some(rest)) => group.socket(rest),
                _ => None,
            }
        })
        .or_else(|| {
            inputs.iter().find_map(|input| match &input.kind {
                InputKind::Combo(choices) => {
                    choices.extra.values().find_map(|extra| find(extra, name))
                }
                InputKind::Int(_)
                | InputKind::Float(_)
                | InputKind::String(_)
                | InputKind::Boolean
                | InputKind::DynamicCombo(_)
                | InputKind::Autogrow(_)
                | InputKind::Special
                | InputKind::Socket => None,
            })
        })
}

impl Autogrow {
    /// Finds the template of the socket with this name (after `<group>.`); `None` if the group never grows it.
    #[must_use]
    pub fn socket(&self, name: &str) -> Option<&InputSpec> {
        match &self.names {
            GrowNames::Listed(names) => names
                .iter()
                .any(|listed| listed == name)
                .then(|| self.template.first())
                .flatten(),
            GrowNames::Prefixed(prefix) if self.template.len() == 1 => self
                .numbered(name, prefix)
                .then(|| self.template.first())
                .flatten(),
            GrowNames::Prefixed(_) => self
                .template
                .iter()
                .find(|input| self.numbered(name, &input.name)),
        }
    }

    /// Says whether a name is a prefix and a number that the group can reach.
    fn numbered(&self, name: &str, prefix: &str) -> bool {
        name.strip_prefix(prefix)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse::<usize>().ok())
            .is_some_and(|number| self.max.is_none_or(|max| number < max))
    }
}

/// Says whether an output of one type may feed an input of another, as the editor sees it.
///
/// Equal ignoring case, either empty or `*`, or any pair out of comma lists.
#[must_use]
pub fn types_fit(output: &str, input: &str) -> bool {
    let any = |name: &str| name.is_empty() || name == "*";
    if any(output) || any(input) || output.eq_ignore_ascii_case(input) {
        return true;
    }
    output.split(',').any(|out| {
        input.split(',').any(|into| {
            let (out, into) = (out.trim(), into.trim());
            any(out) || any(into) || out.eq_ignore_ascii_case(into)
        })
    })
}
