//! What a node is to the conversion: sent, followed through, or only drawn.

/// Drawn by the editor or acting on other nodes there; never sent and never followed.
///
/// Source: the editor's own note nodes and the virtual nodes of rgthree-comfy.
const DRAWN: &[&str] = &[
    "Note",
    "MarkdownNote",
    "Label (rgthree)",
    "Bookmark (rgthree)",
    "Fast Muter (rgthree)",
    "Fast Bypasser (rgthree)",
    "Fast Groups Muter (rgthree)",
    "Fast Groups Bypasser (rgthree)",
    "Fast Actions Button (rgthree)",
    "Mute / Bypass Relay (rgthree)",
    "Mute / Bypass Repeater (rgthree)",
    "Random Unmuter (rgthree)",
    "Node Collector (rgthree)",
];

/// Classes that feed other nodes without a link, which only their editor extension can work out.
const BROADCAST: &[&str] = &[
    "Anything Everywhere",
    "Anything Everywhere?",
    "Anything Everywhere3",
    "Prompts Everywhere",
    "Seed Everywhere",
];

/// What a class is to the conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A class of the worker.
    Sent,
    /// Only drawn.
    Drawn,
    /// Passes its input on.
    Reroute,
    /// Writes its value into the widgets it is linked to.
    Primitive,
    /// Names what it is fed (`SetNode`).
    Setter,
    /// Stands for the setter of the same name (`GetNode`).
    Getter,
    /// Feeds others without links.
    Broadcast,
}

impl Role {
    /// Says what a class is, where it is no subgraph.
    pub(super) fn of(class: &str) -> Self {
        match class {
            "Reroute" | "Reroute (rgthree)" => Self::Reroute,
            "PrimitiveNode" => Self::Primitive,
            "SetNode" => Self::Setter,
            "GetNode" => Self::Getter,
            drawn if DRAWN.contains(&drawn) => Self::Drawn,
            broadcast if BROADCAST.contains(&broadcast) => Self::Broadcast,
            _ => Self::Sent,
        }
    }
}

/// Gives the name of the group node that a class stands for.
pub(super) fn group_name(class: &str) -> Option<&str> {
    class
        .strip_prefix("workflow>")
        .or_else(|| class.strip_prefix("workflow/"))
}
