//! What conversion has to say: where, and what was noticed.

use std::fmt;

use crate::core::text;

/// Cells of a name from a file that are shown in a message.
const SHOWN: usize = 60;

/// Makes a name out of a file fit to be shown.
pub(super) fn shown(name: &str) -> String {
    let clean = text::scrub(name);
    text::fit(&clean, SHOWN).into_owned()
}

/// Where in a workflow something is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Id of the node as the converted graph has it, such as `12` or `57:8`.
    pub node: String,
    /// Class of the node, or the name of its subgraph.
    pub class: String,
    /// Title the user gave it, if any.
    pub title: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", shown(&self.node))?;
        if let Some(title) = &self.title {
            write!(f, " “{}”", shown(title))?;
        }
        write!(f, " ({})", shown(&self.class))
    }
}

/// Something noticed while converting: the graph is what the editor would send, but may not be what was meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The node concerned.
    pub place: Place,
    /// What was noticed.
    pub kind: NoteKind,
}

/// The kinds of [`Note`].
#[derive(Debug, Clone, PartialEq)]
pub enum NoteKind {
    /// The file stores fewer values than the worker's class has; defaults stand in for the rest.
    ValuesShort {
        /// Values in the file.
        stored: usize,
        /// Inputs that got their default.
        defaulted: Vec<String>,
    },
    /// The file stores more values than the worker's class has; the rest were left out.
    ValuesExtra {
        /// Values in the file.
        stored: usize,
        /// Values that have a place.
        wanted: usize,
    },
    /// A stored value is of another kind than the input; it is sent as stored.
    ValueOdd {
        /// Name of the input.
        input: String,
        /// What is stored, shortened.
        value: String,
    },
    /// A link was dropped because what it comes from is muted.
    LinkMuted {
        /// Name of the input.
        input: String,
        /// Id of the muted node, within its own graph.
        muted: String,
    },
    /// A link was dropped because the bypassed node it comes from has no input of a fitting type.
    LinkLost {
        /// Name of the input.
        input: String,
        /// Id of the bypassed node, within its own graph.
        bypassed: String,
    },
    /// The file feeds an input that the worker's class does not have; it was left out.
    InputUnknown {
        /// Name of the input.
        input: String,
    },
    /// A text was resolved as the editor does: comments cut, `{a|b}` chosen.
    TextResolved {
        /// Name of the input.
        input: String,
        /// The text that will be sent.
        text: String,
        /// Whether a web address lost everything after its `//`.
        address_cut: bool,
    },
    /// A text has `{a|b}` or comments but is sent as it is, because it is set on the subgraph.
    TextKept {
        /// Name of the input.
        input: String,
    },
    /// A `%date:…%` field stays because no date was given.
    DateKept {
        /// Name of the input.
        input: String,
    },
    /// The value is made by the editor's own viewer or camera; outside the editor it is missing or old.
    EditorMade {
        /// Name of the input.
        input: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ValuesShort { stored, defaulted } => write!(
                f,
                "only {stored} values stored, defaults used for {}",
                shown(&defaulted.join(", "))
            ),
            Self::ValuesExtra { stored, wanted } => write!(
                f,
                "{stored} values stored where the worker's class has {wanted}, the rest left out"
            ),
            Self::ValueOdd { input, value } => write!(
                f,
                "`{}` holds {}, which is not of its kind; sent as stored",
                shown(input),
                shown(value)
            ),
            Self::LinkMuted { input, muted } => write!(
                f,
                "`{}` has lost its link: node {} is muted",
                shown(input),
                shown(muted)
            ),
            Self::LinkLost { input, bypassed } => write!(
                f,
                "`{}` has lost its link: bypassed node {} has no input of a fitting type",
                shown(input),
                shown(bypassed)
            ),
            Self::InputUnknown { input } => write!(
                f,
                "the worker's class has no input `{}`, left out",
                shown(input)
            ),
            Self::TextResolved {
                input,
                text,
                address_cut: false,
            } => write!(
                f,
                "`{}` resolved as the editor does, sent: {}",
                shown(input),
                shown(text)
            ),
            Self::TextResolved {
                input,
                address_cut: true,
                ..
            } => write!(
                f,
                "`{}` loses the web address after `//`, as in the editor; write the address without `//` to keep it",
                shown(input)
            ),
            Self::TextKept { input } => write!(
                f,
                "`{}` is set on the subgraph, so its {{a|b}} or comments are sent as they are",
                shown(input)
            ),
            Self::DateKept { input } => {
                write!(
                    f,
                    "`{}` keeps its %date% field: no date was given",
                    shown(input)
                )
            }
            Self::EditorMade { input } => write!(
                f,
                "`{}` is made by the editor's viewer when it sends; outside the editor it is missing or old",
                shown(input)
            ),
        }
    }
}
