//! From the editor's file to the graph that `POST /prompt` takes.
//!
//! Only the editor converts; servers and `/history` know nothing of its files. The rules here are those of
//! the official front end 1.58.1: values belong to inputs by place, links run through reroutes, bypassed
//! nodes and subgraph borders, and every subgraph instance is expanded under ids such as `57:8`.
//!
//! Where the editor guesses silently, a [`Note`] says so; where a guess would send a wrong graph, a
//! [`ConvertError`] names the node.

mod book;
mod error;
mod export;
mod file;
mod fit;
mod frames;
mod group;
mod inflow;
mod nest;
mod note;
mod roles;
mod send;
mod sockets;
mod text;
mod trace;
mod widgets;

use jiff::civil::DateTime;
use serde_json::Value;

use self::book::Book;
use self::export::Exporter;
use self::file::UiFile;
use self::frames::Frames;
use self::trace::Tracer;
use super::{Graph, ObjectInfo};

pub use error::ConvertError;
pub use note::{Note, NoteKind, Place};

/// What conversion may not find out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertOptions {
    /// Decides which part of `{a|b|c}` is taken; the same seed takes the same parts.
    pub seed: u64,
    /// Local time for `%date:…%` in file names; `None` leaves the field as it is.
    pub now: Option<DateTime>,
    /// Nodes that the graph may have once subgraphs are expanded.
    pub most_nodes: usize,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            now: None,
            most_nodes: 50_000,
        }
    }
}

/// A converted workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    /// What would be sent.
    pub graph: Graph,
    /// What the user should know about it, in the order of the nodes.
    pub notes: Vec<Note>,
}

/// Converts an editor file to a graph, by the node classes of the worker it is for.
///
/// # Errors
/// When the file is broken, uses classes the worker lacks, or holds values that do not fit them; see
/// [`ConvertError`].
pub fn to_api(
    ui: &Value,
    info: &ObjectInfo,
    options: &ConvertOptions,
) -> Result<Converted, ConvertError> {
    let file = UiFile::read(ui)?;
    let groups = group::read_all(&file, info);
    let book = Book::open(&file, &groups, info)?;
    let frames = Frames::expand(&file, &book, options.most_nodes)?;
    let (graph, notes) = Exporter::new(Tracer::new(&book, &frames), options).all()?;
    Ok(Converted { graph, notes })
}
