//! `rushes workflow`: what can be rendered with, and what it takes.

mod keep;
mod lines;
mod show;
mod verdicts;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::classes::Classes;
use super::print::Cell;
use super::session::Session;
use super::{source, template};
use crate::core::workflow::read::Found;
use crate::core::workflow::{Template, library};
use crate::failure::Failure;

/// Options of `rushes workflow`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

/// What may be done with workflows.
#[derive(Debug, Subcommand)]
enum Verb {
    /// List workflows: shipped ones and your own
    List,
    /// Show a workflow in full: what it is for, its graph as a tree, what may be set
    Show(show::Show),
    /// List what may be set in a workflow
    Slots(show::Slots),
    /// Keep a workflow under a name of its own, converted, with its original
    Import(keep::Import),
    /// Check a workflow against what a worker knows
    Check(verdicts::Check),
    /// Convert an editor file to the graph that servers take, and print it
    Convert(Convert),
}

/// A file to be converted.
#[derive(Debug, Args)]
struct Convert {
    /// The editor's file, or a picture or clip that carries one; `-` is standard input
    #[arg(value_name = "UI.json")]
    file: PathBuf,
    #[command(flatten)]
    classes: Classes,
}

/// Runs `rushes workflow`.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.verb {
        Verb::List => list(session),
        Verb::Show(wish) => show::show(session, wish),
        Verb::Slots(wish) => show::slots(session, wish),
        Verb::Import(wish) => keep::import(session, wish),
        Verb::Check(wish) => verdicts::check(session, wish),
        Verb::Convert(wish) => convert(session, wish),
    }
}

fn list(session: &Session) -> Result<u8, Failure> {
    let shipped = library::shipped()
        .iter()
        .map(|template| (template.clone(), "shipped"));
    let own = template::own(session);
    let own = own
        .iter()
        .filter_map(|id| match template::find(session, id) {
            Ok(template) => Some((template, "own")),
            Err(failure) => {
                session.style.warn(&failure.to_string());
                None
            }
        });
    let all: Vec<(Template, &str)> = shipped.chain(own).collect();
    if session.style.json {
        let rows: Vec<Value> = all
            .iter()
            .map(|(template, origin)| brief(template, origin))
            .collect();
        session.style.json(&rows)?;
        return Ok(0);
    }
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|(template, origin)| {
            let manifest = &template.manifest;
            [
                manifest.id.as_str(),
                manifest.target.as_str(),
                origin,
                manifest.title.as_str(),
            ]
            .into_iter()
            .map(Cell::plain)
            .collect()
        })
        .collect();
    session
        .style
        .table(&["workflow", "target", "origin", "title"], &rows)?;
    Ok(0)
}

fn brief(template: &Template, origin: &str) -> Value {
    let manifest = &template.manifest;
    json!({
        "id": manifest.id,
        "title": manifest.title,
        "target": manifest.target,
        "kind": manifest.kind,
        "default": manifest.default,
        "origin": origin,
        "slots": manifest.slots.iter().map(|slot| &slot.name).collect::<Vec<_>>(),
        "nodes": template.graph.nodes.len(),
        "help": manifest.help,
    })
}

/// Prints the graph that the editor would send; the editor's own file wins over a graph that travels with it.
fn convert(session: &Session, wish: &Convert) -> Result<u8, Failure> {
    let mut brought = source::read(&wish.file)?;
    if let Some(ui) = brought.found.workflow() {
        brought.found = Found::Ui(ui.clone());
    }
    let known = match &brought.found {
        Found::Ui(_) => Some(wish.classes.one(session)?),
        _ => None,
    };
    let graph = template::graph(session, &wish.file, &brought, known.as_ref())?;
    session.style.json(&graph)?;
    Ok(0)
}
