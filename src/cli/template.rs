//! Finds workflows: shipped, the user's own, or a file of any form.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::Value;

use super::classes::{Classes, Known};
use super::session::Session;
use super::source::{self, Brought};
use crate::core::workflow::convert::{self, ConvertError, ConvertOptions, Converted};
use crate::core::workflow::read::Found;
use crate::core::workflow::{Graph, ObjectInfo, Template, library, manifest, near, patch};
use crate::failure::{Failure, Kind};

/// Where a workflow is.
#[derive(Debug)]
pub(super) enum Place {
    /// Compiled in.
    Shipped(&'static Template),
    /// A file, and the id it goes by.
    File(PathBuf, String),
}

/// Finds a workflow by its id or by its file; an editor file is converted by the classes of the workers that answer.
///
/// # Errors
/// [`Kind::Unknown`] with the nearest ids; [`Kind::InputFile`] or [`Kind::WorkflowInvalid`] when the file is no workflow.
pub(super) fn find(session: &Session, name: &str) -> Result<Template, Failure> {
    find_by(session, name, &Classes::default())
}

/// Finds a workflow, going by these classes where it has to be converted.
///
/// # Errors
/// As [`find`].
pub(super) fn find_by(
    session: &Session,
    name: &str,
    classes: &Classes,
) -> Result<Template, Failure> {
    match locate(session, name)? {
        Place::Shipped(template) => Ok(template.clone()),
        Place::File(file, id) => {
            let brought = source::read(&file)?;
            let known = match (&brought.found, classes.named(session)?) {
                (_, Some(known)) => Some(known),
                (Found::Ui(_), None) => Some(classes.one(session)?),
                (_, None) => None,
            };
            let graph = graph(session, &file, &brought, known.as_ref())?;
            described(&file, &id, graph, known.as_ref().map(|known| &known.info))
        }
    }
}

/// Finds out where a workflow is.
///
/// # Errors
/// [`Kind::Unknown`] with the nearest ids.
pub(super) fn locate(session: &Session, name: &str) -> Result<Place, Failure> {
    if let Some(template) = library::find(name) {
        return Ok(Place::Shipped(template));
    }
    let own = folder(session).join(format!("{name}.json"));
    if is_plain(name) && own.is_file() {
        return Ok(Place::File(own, name.to_owned()));
    }
    let file = Path::new(name);
    if file.is_file() {
        let stem = file
            .file_stem()
            .map_or_else(|| name.into(), |stem| stem.to_string_lossy());
        return Ok(Place::File(file.to_owned(), stem.into_owned()));
    }
    let ids = list(session);
    let near = near::nearest(name, ids.iter().map(String::as_str), 3);
    let hint = match near.as_slice() {
        [] => "`rushes workflow list` names them; a file is named by its path".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    let cause = format!("there is no workflow {name:?}");
    Err(Failure::new(Kind::Unknown, "finding the workflow", cause).hint(hint))
}

/// Lists the ids of the shipped workflows and the user's own.
pub(super) fn list(session: &Session) -> Vec<String> {
    let shipped = library::shipped()
        .iter()
        .map(|template| template.manifest.id.clone());
    let mut ids: Vec<String> = shipped.chain(own(session)).collect();
    ids.dedup();
    ids
}

/// Lists the ids of the user's own workflows.
pub(super) fn own(session: &Session) -> Vec<String> {
    let entries = fs::read_dir(folder(session))
        .into_iter()
        .flatten()
        .flatten();
    let mut ids: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|id| is_plain(id))
        .collect();
    ids.sort();
    ids
}

/// Where the user's own workflows are.
pub(super) fn folder(session: &Session) -> PathBuf {
    session.home.config.join("workflows")
}

/// Says whether a name may be an id and a file name: letters, digits, `.`, `_`, `-`, not hidden.
pub(super) fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.len() <= 128 && !name.starts_with('.') && name.chars().all(fits)
}

/// Reads `SLOT=VALUE` as given on the command line: JSON when it parses, else text.
///
/// # Errors
/// [`Kind::Usage`] when there is no `=`.
pub(super) fn settings(given: &[String]) -> Result<IndexMap<String, Value>, Failure> {
    given
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((slot, value)) if !slot.is_empty() => {
                Ok((slot.to_owned(), patch::read_value(value)))
            }
            _ => Err(Failure::new(
                Kind::Usage,
                "reading --set",
                format!("{pair:?} is not SLOT=VALUE"),
            )),
        })
        .collect()
}

/// Gives the graph of what was brought, an editor file converted by these classes.
///
/// # Errors
/// [`Kind::WorkflowInvalid`] with the place of the fault.
pub(super) fn graph(
    session: &Session,
    file: &Path,
    brought: &Brought,
    known: Option<&Known>,
) -> Result<Graph, Failure> {
    let (Found::Ui(ui), Some(known)) = (&brought.found, known) else {
        return Ok(brought.found.graph().cloned().unwrap_or_default());
    };
    let converted = converted(ui, &known.info).map_err(|error| misfit(file, &error, known))?;
    for note in &converted.notes {
        session.style.note(&format!("note: {note}"));
    }
    if converted.graph.nodes.is_empty() {
        let cause = "nothing in it would be sent: every node is muted, a note, or there is none";
        return Err(Failure::new(Kind::WorkflowInvalid, converting(file), cause));
    }
    Ok(converted.graph)
}

/// Converts an editor file as the editor would, the clock for dates in file names being ours.
///
/// # Errors
/// What conversion says.
pub(super) fn converted(ui: &Value, info: &ObjectInfo) -> Result<Converted, ConvertError> {
    let options = ConvertOptions {
        now: Some(jiff::Zoned::now().datetime()),
        ..ConvertOptions::default()
    };
    convert::to_api(ui, info, &options)
}

/// Words why an editor file cannot be converted.
pub(super) fn misfit(file: &Path, error: &ConvertError, known: &Known) -> Failure {
    let failure = Failure::new(Kind::WorkflowInvalid, converting(file), error);
    match error {
        ConvertError::UnknownClasses { .. } if known.compiled => failure.hint(
            "no worker answers that may have them: name one with --worker, or a saved /object_info with --object-info FILE",
        ),
        _ => failure,
    }
}

fn converting(file: &Path) -> String {
    format!("converting {}", file.display())
}

/// Gives a graph the manifest beside its file, or the slots that can be told from the graph itself.
///
/// # Errors
/// [`Kind::WorkflowInvalid`] when the manifest has a fault.
pub(super) fn described(
    file: &Path,
    id: &str,
    graph: Graph,
    info: Option<&ObjectInfo>,
) -> Result<Template, Failure> {
    let beside = file.with_extension("toml");
    match fs::read_to_string(&beside) {
        Ok(text) => manifest::parse(&beside.display().to_string(), &text, graph)
            .map_err(|error| Failure::new(Kind::WorkflowInvalid, "reading the manifest", error)),
        Err(_) => Ok(Template::of_graph(id, graph, info)),
    }
}
