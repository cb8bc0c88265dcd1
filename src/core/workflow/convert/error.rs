//! What conversion cannot do, with the place of the fault and what to do about it.

use thiserror::Error;

use super::note::{Place, shown};

/// Why a workflow could not be converted.
#[derive(Debug, Clone, Error, PartialEq)]
pub enum ConvertError {
    /// The JSON is not shaped like an editor file.
    #[error("the workflow file is broken: {at} is {found}, expected {expected}")]
    Malformed {
        /// Path inside the JSON, such as `nodes[3].id`.
        at: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Two nodes of one graph carry one id, so links to it are ambiguous.
    #[error(
        "the workflow file is broken: two nodes share the id {}; open it in the editor and save it again",
        shown(.id)
    )]
    TwoNodes {
        /// The shared id.
        id: String,
    },
    /// The worker lacks classes that the workflow uses.
    #[error("{}", unknown_classes(.places))]
    UnknownClasses {
        /// Every node concerned.
        places: Vec<Place>,
    },
    /// Stored values do not fit the worker's class, so every one of them would be a guess.
    #[error(
        "{place}: its {stored} stored values do not fit the worker's {wanted} (`{}` would get {}): the workflow and the worker's pack are of different versions; update one, or set the node again in the editor",
        shown(.input),
        shown(.value)
    )]
    ValuesMisfit {
        /// The node.
        place: Box<Place>,
        /// Values in the file.
        stored: usize,
        /// Values that have a place.
        wanted: usize,
        /// First input whose value is of the wrong kind.
        input: String,
        /// That value, shortened.
        value: String,
    },
    /// An input names a link that the file does not have.
    #[error("{place}: input `{}` names link {}, which the file does not have; connect it again in the editor", shown(.input), shown(.link))]
    LinkMissing {
        /// The node whose input it is.
        place: Box<Place>,
        /// The input.
        input: String,
        /// Id of the link.
        link: String,
    },
    /// A link starts at a node that the file does not have.
    #[error("{place}: input `{}` is linked to node {}, which the file does not have; connect it again in the editor", shown(.input), shown(.origin))]
    OriginMissing {
        /// The node whose input it is.
        place: Box<Place>,
        /// The input.
        input: String,
        /// Id of the node that is not there.
        origin: String,
    },
    /// A link runs through reroutes, bypassed nodes or subgraphs without ever reaching a node.
    #[error("{place}: the link into `{}` goes in a circle through reroutes, bypassed nodes or subgraphs", shown(.input))]
    LinkCircle {
        /// The node whose input it is.
        place: Box<Place>,
        /// The input.
        input: String,
    },
    /// A subgraph contains itself.
    #[error("subgraph “{}” contains itself, so it can never be expanded", shown(.name))]
    SubgraphCircle {
        /// Name of one subgraph of the circle.
        name: String,
    },
    /// Subgraphs are nested deeper than any real workflow.
    #[error("subgraphs are nested more than {most} deep")]
    TooDeep {
        /// The limit.
        most: usize,
    },
    /// The expanded graph would be larger than allowed.
    #[error(
        "the workflow has more than {most} nodes once its subgraphs are expanded; raise the limit or split it"
    )]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// The expanded graph would hold more text than any worker takes.
    #[error("the workflow grows beyond {} MB once its subgraphs are expanded; a long text is repeated too often", .most / (1024 * 1024))]
    TooMuchText {
        /// The limit in bytes.
        most: usize,
    },
    /// Following the links takes longer than any real workflow needs.
    #[error("the links run through too many reroutes, bypassed nodes and subgraphs to be followed")]
    TooTangled,
    /// The node relies on something only the editor with a certain extension can do.
    #[error("{place}: {why}")]
    Unsupported {
        /// The node.
        place: Box<Place>,
        /// What it relies on and what to do instead.
        why: &'static str,
    },
}

/// Words the list of unknown classes.
fn unknown_classes(places: &[Place]) -> String {
    const LISTED: usize = 5;
    let mut listed: Vec<String> = places
        .iter()
        .take(LISTED)
        .map(ToString::to_string)
        .collect();
    if let Some(more) = places.len().checked_sub(LISTED).filter(|more| *more > 0) {
        listed.push(format!("{more} more"));
    }
    format!(
        "the worker does not know: {}; install the pack that brings them, or convert against a worker that has it",
        listed.join(", ")
    )
}
