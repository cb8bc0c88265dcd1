//! Finds workflows: shipped, the user's own, or a file.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::session::Session;
use crate::core::workflow::geometry::Family;
use crate::core::workflow::manifest::{self, Kind as Makes};
use crate::core::workflow::read::{self, Found};
use crate::core::workflow::{Graph, Manifest, Template, infer, library, near, patch};
use crate::failure::{Failure, Kind};

/// The longest workflow file that is read.
const LONGEST: u64 = 64 << 20;

/// Finds a workflow by its id or by its file.
///
/// # Errors
/// [`Kind::Unknown`] with the nearest ids; [`Kind::WorkflowInvalid`] when the file is no workflow.
pub(super) fn find(session: &Session, name: &str) -> Result<Template, Failure> {
    if let Some(template) = library::find(name) {
        return Ok(template.clone());
    }
    let own = folder(session).join(format!("{name}.json"));
    if is_plain(name) && own.is_file() {
        return load(&own, name);
    }
    let file = Path::new(name);
    if file.is_file() {
        let stem = file
            .file_stem()
            .map_or_else(|| name.into(), |stem| stem.to_string_lossy());
        return load(file, &stem);
    }
    let ids = list(session);
    let near = near::nearest(name, ids.iter().map(String::as_str), 3);
    let hint = match near.as_slice() {
        [] => "`rushes workflow list` names them; a file is named by its path".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    Err(Failure::new(
        Kind::Unknown,
        "finding the workflow",
        format!("there is no workflow {name:?}"),
    )
    .hint(hint))
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

/// Reads a file of bounded size; `-` is standard input.
///
/// # Errors
/// [`Kind::InputFile`] when it cannot be read or is too long.
pub(super) fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let doing = format!("reading {}", file.display());
    let failed = |cause: String| Failure::new(Kind::InputFile, doing.clone(), cause);
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(file).map_err(|error| failed(error.to_string()))?)
    };
    let mut bytes = Vec::new();
    source
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > LONGEST {
        return Err(failed("it is longer than 64 MiB".to_owned()));
    }
    Ok(bytes)
}

/// Reads JSON of any kind, as servers write it.
///
/// # Errors
/// [`Kind::InputFile`] when it cannot be read or is not JSON.
pub(super) fn json(file: &Path) -> Result<Value, Failure> {
    crate::comfy::json::read(&bytes(file)?).map_err(|error| {
        Failure::new(
            Kind::InputFile,
            format!("reading {}", file.display()),
            format!("it is not JSON: {error}"),
        )
    })
}

/// Says what a workflow file is.
///
/// # Errors
/// [`Kind::InputFile`] when it is none.
pub(super) fn recognise(file: &Path) -> Result<Found, Failure> {
    read::recognise(&bytes(file)?, read::USUAL_LIMIT).map_err(|error| {
        Failure::new(
            Kind::InputFile,
            format!("reading {}", file.display()),
            error,
        )
    })
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

/// Reads a graph, and the manifest beside it where there is one.
fn load(file: &Path, id: &str) -> Result<Template, Failure> {
    let found = recognise(file)?;
    let Some(graph) = found.graph() else {
        let cause = "it is in the editor's own format, which servers do not take";
        return Err(Failure::new(
            Kind::WorkflowInvalid,
            format!("reading {}", file.display()),
            cause,
        )
        .hint("`rushes workflow convert FILE` makes the API format of it"));
    };
    described(file, id, graph.clone())
}

/// Gives a graph the manifest beside its file, or the slots that can be told from the graph itself.
///
/// # Errors
/// [`Kind::WorkflowInvalid`] when the manifest has a fault.
pub(super) fn described(file: &Path, id: &str, graph: Graph) -> Result<Template, Failure> {
    let beside = file.with_extension("toml");
    match fs::read_to_string(&beside) {
        Ok(text) => manifest::parse(&beside.display().to_string(), &text, graph)
            .map_err(|error| Failure::new(Kind::WorkflowInvalid, "reading the manifest", error)),
        Err(_) => Ok(bare(id, graph)),
    }
}

/// A workflow that nobody described.
fn bare(id: &str, graph: Graph) -> Template {
    Template {
        manifest: Manifest {
            id: id.to_owned(),
            title: id.to_owned(),
            target: String::new(),
            kind: Makes::Other,
            family: Family::Free,
            default: false,
            timeout_s: 0,
            help: String::new(),
            slots: infer::slots(&graph, None),
            models: Vec::new(),
            packs: Vec::new(),
            fixed: Map::new(),
            ladder: Vec::new(),
        },
        graph,
    }
}
