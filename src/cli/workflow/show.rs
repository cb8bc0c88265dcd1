//! Showing a workflow: its purpose, its graph, what may be set in it.

use std::io::IsTerminal;

use clap::Args;

use super::super::classes::Classes;
use super::super::print::Cell;
use super::super::session::Session;
use super::super::template;
use crate::core::workflow::draw::{self, Glyphs};
use crate::core::workflow::slot::SlotRow;
use crate::core::workflow::{ObjectInfo, Slot, SlotKind, Template, infer};
use crate::failure::Failure;

/// Columns where nobody says how many there are.
const USUAL_COLUMNS: usize = 100;
/// Longest value in a table, characters.
const LONGEST_VALUE: usize = 60;

/// A workflow to be shown.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// A workflow: its id, or a file in any form
    #[arg(value_name = "ID|FILE")]
    workflow: String,
    /// Draw with ASCII characters only
    #[arg(long)]
    ascii: bool,
    #[command(flatten)]
    classes: Classes,
}

/// A workflow whose slots are wanted.
#[derive(Debug, Args)]
pub(super) struct Slots {
    /// A workflow: its id, or a file in any form
    #[arg(value_name = "ID|FILE")]
    workflow: String,
    /// List every other input too, as NODE.INPUT
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    classes: Classes,
}

/// Shows a workflow in full.
pub(super) fn show(session: &Session, wish: &Show) -> Result<u8, Failure> {
    let template = template::find_by(session, &wish.workflow, &wish.classes)?;
    if session.style.json {
        session.style.json(&template)?;
        return Ok(0);
    }
    about(session, &template)?;
    let style = draw::Style {
        columns: columns(),
        glyphs: if wish.ascii {
            Glyphs::Ascii
        } else {
            Glyphs::Lines
        },
    };
    session.style.line("")?;
    for line in draw::draw(&template.graph, None, style) {
        session.style.line(&line)?;
    }
    session.style.line("")?;
    table(session, &template, &template.manifest.slots)
}

fn about(session: &Session, template: &Template) -> Result<(), Failure> {
    let manifest = &template.manifest;
    let out = |text: String| session.style.line(&text);
    out(format!("{}: {}", manifest.id, manifest.title))?;
    if !manifest.target.is_empty() {
        out(format!("prompts for {}", manifest.target))?;
    }
    for line in manifest.help.lines() {
        out(line.to_owned())?;
    }
    for model in &manifest.models {
        out(format!("needs {}/{}", model.folder, model.file))?;
    }
    for pack in &manifest.packs {
        out(format!("needs the node pack {pack}"))?;
    }
    for (n, rung) in manifest.ladder.iter().enumerate() {
        out(format!("rung {n}: {}", rung.name))?;
    }
    Ok(())
}

/// Lists what may be set.
pub(super) fn slots(session: &Session, wish: &Slots) -> Result<u8, Failure> {
    let template = template::find_by(session, &wish.workflow, &wish.classes)?;
    let known = wish.classes.named(session)?;
    let info = known.as_ref().map(|known| &known.info);
    let mut slots = template.manifest.slots.clone();
    if let Some(info) = info {
        for slot in &mut slots {
            limit(slot, &template, info);
        }
    }
    if wish.all {
        slots.extend(infer::rest(&template.graph, info, &slots));
    }
    table(session, &template, &slots)
}

/// Adds what a worker knows of a slot's first place: its choices, and limits where the workflow names none.
fn limit(slot: &mut Slot, template: &Template, info: &ObjectInfo) {
    let Some(place) = slot.bind.first().cloned() else {
        return;
    };
    let known = infer::rest(&template.graph, Some(info), &[]);
    let Some(told) = known
        .into_iter()
        .find(|told| told.bind.first() == Some(&place))
    else {
        return;
    };
    if slot.choices.is_empty() && matches!(slot.kind, SlotKind::Choice) || slot.kind.is_file() {
        slot.choices = told.choices;
    }
    slot.min = slot.min.or(told.min);
    slot.max = slot.max.or(told.max);
    slot.step = slot.step.or(told.step);
}

fn table(session: &Session, template: &Template, slots: &[Slot]) -> Result<u8, Failure> {
    let rows: Vec<_> = slots.iter().map(|slot| slot.row(&template.graph)).collect();
    if session.style.json {
        session.style.json(&rows)?;
        return Ok(0);
    }
    let cells: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    session.style.table(
        &["slot", "node.input", "takes", "value", "what it is"],
        &cells,
    )?;
    Ok(0)
}

fn cells(row: &SlotRow<'_>) -> Vec<Cell> {
    let value = row.value.map(ToString::to_string).unwrap_or_default();
    let short: String = value.chars().take(LONGEST_VALUE).collect();
    let more = if short.len() < value.len() { "…" } else { "" };
    let unit = row.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    vec![
        Cell::plain(row.slot),
        Cell::plain(format!("{}.{}", row.node, row.input)),
        Cell::plain(takes(row)),
        Cell::plain(format!("{short}{more}{unit}")),
        Cell::plain(row.help),
    ]
}

/// Words the type with its range or how many choices there are.
fn takes(row: &SlotRow<'_>) -> String {
    let kind = serde_json::to_value(row.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    match (row.min, row.max) {
        _ if matches!(row.kind, SlotKind::Seed) => kind.to_owned(),
        _ if !row.choices.is_empty() => format!("{kind} of {}", row.choices.len()),
        (Some(min), Some(max)) => format!("{kind} {min}..{max}"),
        (Some(min), None) => format!("{kind} from {min}"),
        (None, Some(max)) => format!("{kind} to {max}"),
        (None, None) => kind.to_owned(),
    }
}

/// Reads how wide the terminal is.
fn columns() -> usize {
    let terminal = std::io::stdout().is_terminal();
    let size = terminal
        .then(crossterm::terminal::size)
        .and_then(Result::ok);
    size.map_or(USUAL_COLUMNS, |(columns, _)| usize::from(columns).max(20))
}
