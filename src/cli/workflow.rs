//! `rushes workflow`: what can be rendered with, and what it takes.

mod classes;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::print::Cell;
use super::session::Session;
use super::template;
use crate::core::workflow::check::{self, Known, Report};
use crate::core::workflow::convert::{self, ConvertOptions};
use crate::core::workflow::packs::pack_of;
use crate::core::workflow::read::Found;
use crate::core::workflow::{Binding, Graph, ObjectInfo, Template, library};
use crate::failure::{Failure, Kind};
use classes::Classes;

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
    /// Show a workflow in full
    Show(Named),
    /// List what may be set in a workflow
    Slots(Named),
    /// Keep a workflow file under a name of its own
    Import(Import),
    /// Check a workflow against what a worker knows
    Check(Check),
    /// Convert an editor file to the graph that servers take, and print it
    Convert(Convert),
}

/// A workflow.
#[derive(Debug, Args)]
struct Named {
    /// A workflow: its id, or a file
    #[arg(value_name = "ID|FILE")]
    workflow: String,
}

/// A file to be kept.
#[derive(Debug, Args)]
struct Import {
    /// The file, in API format; a manifest FILE.toml beside it is taken along
    file: PathBuf,
    /// The id to keep it under; else the file's name
    #[arg(long, value_name = "N")]
    name: Option<String>,
}

/// A workflow to be checked.
#[derive(Debug, Args)]
struct Check {
    /// A workflow: its id, or a file in either format
    #[arg(value_name = "ID|FILE")]
    workflow: String,
    #[command(flatten)]
    classes: Classes,
}

/// A file to be converted.
#[derive(Debug, Args)]
struct Convert {
    /// The editor's file
    #[arg(value_name = "UI.json")]
    file: PathBuf,
    #[command(flatten)]
    classes: Classes,
}

/// Runs `rushes workflow`.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<u8, Failure> {
    match &arguments.verb {
        Verb::List => list(session),
        Verb::Show(named) => show(session, &template::find(session, &named.workflow)?),
        Verb::Slots(named) => slots(session, &template::find(session, &named.workflow)?),
        Verb::Import(wish) => import(session, wish),
        Verb::Check(wish) => check(session, wish),
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

fn show(session: &Session, template: &Template) -> Result<u8, Failure> {
    if session.style.json {
        session.style.json(template)?;
        return Ok(0);
    }
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
    slots(session, template)
}

fn slots(session: &Session, template: &Template) -> Result<u8, Failure> {
    let rows: Vec<_> = template
        .manifest
        .slots
        .iter()
        .map(|slot| slot.row(&template.graph))
        .collect();
    if session.style.json {
        session.style.json(&rows)?;
        return Ok(0);
    }
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let value = row.value.map(ToString::to_string).unwrap_or_default();
            let unit = row.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            vec![
                Cell::plain(row.slot),
                Cell::plain(format!("{}.{}", row.node, row.input)),
                Cell::plain(format!("{value}{unit}")),
                Cell::plain(row.help),
            ]
        })
        .collect();
    session
        .style
        .table(&["slot", "node.input", "value", "what it is"], &cells)?;
    Ok(0)
}

fn import(session: &Session, wish: &Import) -> Result<u8, Failure> {
    let stem = wish
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let id = wish.name.clone().or(stem).unwrap_or_default();
    let doing = format!("importing {}", wish.file.display());
    if !template::is_plain(&id) {
        return Err(Failure::new(
            Kind::Usage,
            doing,
            format!("{id:?} is no name for a workflow"),
        )
        .hint("give one of letters, digits, . _ - with --name"));
    }
    if library::find(&id).is_some() {
        return Err(
            Failure::new(Kind::Usage, doing, format!("{id:?} is a shipped workflow"))
                .hint("give it another name with --name"),
        );
    }
    let template = template::find(session, &wish.file.to_string_lossy())?;
    let failed = |error: std::io::Error| Failure::new(Kind::OutputFile, doing.clone(), error);
    let folder = template::folder(session);
    fs::create_dir_all(&folder).map_err(failed)?;
    let graph = serde_json::to_vec_pretty(&template.graph)
        .map_err(|error| Failure::new(Kind::Internal, doing.clone(), error))?;
    let beside = wish.file.with_extension("toml");
    if beside.is_file() {
        put(
            &folder.join(format!("{id}.toml")),
            &fs::read(&beside).map_err(failed)?,
        )
        .map_err(failed)?;
    }
    put(&folder.join(format!("{id}.json")), &graph).map_err(failed)?;
    let kept = template::find(session, &id)?;
    if session.style.json {
        session.style.json(&brief(&kept, "own"))?;
    } else {
        session.style.line(&format!(
            "kept as {id}, with {} slots",
            kept.manifest.slots.len()
        ))?;
    }
    Ok(0)
}

/// Replaces a file as a whole.
fn put(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut fresh, bytes)?;
    fresh.persist(file).map_err(|refused| refused.error)?;
    Ok(())
}

/// Checks a workflow; exit code 1 when a server would not take it.
fn check(session: &Session, wish: &Check) -> Result<u8, Failure> {
    let info = wish.classes.read(session)?;
    let file = Path::new(&wish.workflow);
    let found = file
        .is_file()
        .then(|| template::recognise(file))
        .transpose()?;
    let (template, format) = match found {
        Some(Found::Ui(ui)) => (
            template::described(file, "checked", graph_of(&ui, &info)?)?,
            "ui",
        ),
        Some(_) | None => (template::find(session, &wish.workflow)?, "api"),
    };
    let files = template
        .manifest
        .slots
        .iter()
        .filter(|slot| slot.kind.is_file());
    let supplied: Vec<Binding> = files.flat_map(|slot| slot.bind.clone()).collect();
    let known = Known {
        supplied: &supplied,
        manifest: Some(&template.manifest),
        ..Known::new(&info)
    };
    let report = Report {
        format,
        ..check::check(&template.graph, known)
    };
    if session.style.json {
        session.style.json(&report)?;
    } else {
        checked(session, &report)?;
    }
    Ok(u8::from(!report.ok))
}

fn graph_of(ui: &Value, info: &ObjectInfo) -> Result<Graph, Failure> {
    let converted = convert::to_api(ui, info, &ConvertOptions::default()).map_err(|error| {
        Failure::new(Kind::WorkflowInvalid, "converting the editor file", error)
    })?;
    Ok(converted.graph)
}

fn checked(session: &Session, report: &Report) -> Result<(), Failure> {
    let out = |text: String| session.style.line(&text);
    let mut told = BTreeSet::new();
    for missing in report
        .missing_nodes
        .iter()
        .filter(|missing| told.insert(&missing.class))
    {
        let pack = pack_of(&missing.class)
            .map(|pack| format!(": {}", pack.advice()))
            .unwrap_or_default();
        out(format!("missing node class {}{pack}", missing.class))?;
    }
    for missing in &report.missing_models {
        out(format!(
            "missing model {}/{}",
            missing.folder, missing.value
        ))?;
    }
    for fault in &report.errors {
        out(format!("error: {}", fault.message))?;
    }
    for fault in &report.warnings {
        out(format!("warning: {}", fault.message))?;
    }
    out(if report.ok {
        "a server would take it".to_owned()
    } else {
        "a server would not take it".to_owned()
    })
}

fn convert(session: &Session, wish: &Convert) -> Result<u8, Failure> {
    let ui = template::json(&wish.file)?;
    let info = wish.classes.read(session)?;
    let options = ConvertOptions {
        now: Some(jiff::Zoned::now().datetime()),
        ..ConvertOptions::default()
    };
    let doing = format!("converting {}", wish.file.display());
    let converted = convert::to_api(&ui, &info, &options)
        .map_err(|error| Failure::new(Kind::WorkflowInvalid, doing, error))?;
    for note in &converted.notes {
        session.style.note(&format!("note: {note}"));
    }
    session.style.json(&converted.graph)?;
    Ok(0)
}
