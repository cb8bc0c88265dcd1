//! `rushes history`: the prompts there ever were.

use clap::Args;
use serde_json::{Value, json};

use super::print::Cell;
use super::session::Session;
use crate::clock::rfc3339;
use crate::failure::Failure;
use crate::store::{Revision, Role, Store, revision};

/// Options of `rushes history`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Words that must all occur, Korean or English; end one with * for all that begin like it
    query: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Only prompts of this project
    #[arg(long, value_name = "P")]
    project: Option<String>,
}

/// Lists prompts, newest first.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    let store = session.store(Role::Reader)?;
    let query = arguments.query.as_deref().unwrap_or_default();
    let found = store.history(
        query,
        arguments.project.as_deref(),
        arguments.limit as usize,
    )?;
    if session.style.json {
        let rows: Vec<Value> = found
            .iter()
            .map(|row| shape(&store, row, query))
            .collect::<Result<_, _>>()?;
        session.style.json(&rows)?;
    } else {
        let rows: Vec<Vec<Cell>> = found.iter().map(cells).collect();
        session
            .style
            .table(&["revision", "created", "by", "prompt"], &rows)?;
    }
    Ok(0)
}

fn shape(store: &Store, row: &Revision, query: &str) -> Result<Value, Failure> {
    let likeness = (!query.is_empty()).then(|| revision::score(row, query));
    Ok(json!({
        "revision": row.id,
        "parent": row.parent,
        "prompt": row.prompt,
        "target": row.target,
        "by": row.author,
        "created": rfc3339(row.created),
        "score": likeness,
        "rating": row.rating,
        "jobs": store.jobs_of_revision(&row.id)?,
        "idea": row.idea,
        "negative": row.negative,
        "project": row.project,
        "shot": row.shot,
        "diff": row.diff,
    }))
}

fn cells(revision: &Revision) -> Vec<Cell> {
    let created = rfc3339(revision.created);
    let shown = created
        .split('.')
        .next()
        .unwrap_or(&created)
        .replace('T', " ");
    [
        revision.id.as_str(),
        shown.as_str(),
        revision.author.as_str(),
        revision.prompt.as_str(),
    ]
    .into_iter()
    .map(Cell::plain)
    .collect()
}
