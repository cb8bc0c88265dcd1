//! Importing: any workflow becomes one of the user's own, its original kept beside it by hash.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::super::classes::{Classes, Known};
use super::super::session::Session;
use super::super::source::{self, Brought};
use super::super::template;
use super::brief;
use crate::core::workflow::loose::{self, Pitfall};
use crate::core::workflow::read::Found;
use crate::core::workflow::{Template, library, manifest};
use crate::failure::{Failure, Kind};

/// Folder of the originals, below the user's workflows.
const ORIGINALS: &str = "originals";
/// Longest id made of a name, characters.
const LONGEST_NAME: usize = 64;

/// A workflow to be kept.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// A JSON file of either format, a PNG, WebP, JPEG or MP4 that carries one, or a job in the history of a worker
    ///
    /// A manifest FILE.toml beside the file is taken along.
    #[arg(value_name = "FILE|WORKER:PROMPT_ID")]
    source: String,
    /// The id to keep it under; else the file's name
    #[arg(long, value_name = "N")]
    name: Option<String>,
    /// Take the place of a workflow of yours that has this id
    #[arg(long)]
    replace: bool,
    /// Take texts such as `positive_prompt` and inputs of one name for slots, as older pipelines did
    #[arg(long)]
    loose: bool,
    #[command(flatten)]
    classes: Classes,
}

/// Keeps a workflow.
pub(super) fn import(session: &Session, wish: &Import) -> Result<u8, Failure> {
    let doing = format!("importing {}", wish.source);
    let (file, brought, named) = brought(session, &wish.source)?;
    let id = wish.name.clone().unwrap_or(named);
    free(session, wish, &id, &doing)?;
    let known = match (&brought.found, wish.classes.named(session)?) {
        (Found::Ui(_), None) => Some(wish.classes.one(session)?),
        (_, known) => known,
    };
    let graph = template::graph(session, &file, &brought, known.as_ref())?;
    let info = known.as_ref().map(|known: &Known| &known.info);
    let mut template = template::described(&file, &id, graph, info)?;
    let pitfalls = if wish.loose {
        adopt(&mut template)
    } else {
        Vec::new()
    };
    let hash = blake3::hash(&brought.original).to_hex().to_string();
    let own = Own {
        folder: template::folder(session),
        id: &id,
        original: format!("{ORIGINALS}/{hash}.json"),
        doing: &doing,
    };
    let page = own.page(&template, &brought, &wish.source, &file)?;
    own.keep(&template, &brought, &page)?;
    told(session, &own, &brought, &pitfalls)
}

/// Reads what is to be kept: its file's name, what is in it, and what to call it.
fn brought(session: &Session, source: &str) -> Result<(PathBuf, Brought, String), Failure> {
    let file = PathBuf::from(source);
    let job = source::history_place(source).filter(|_| !file.exists());
    if let Some((worker, id)) = job {
        let client = source::client(session, worker)?;
        let brought = source::of_history(&client, worker, id)?;
        return Ok((file, brought, id.to_owned()));
    }
    let brought = source::read(&file)?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok((file.clone(), brought, plain(&stem)))
}

/// Makes an id of a file's name: what may not stand in one becomes a dash.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let dashed: String = crate::core::text::nfc(name)
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .take(LONGEST_NAME)
        .collect();
    let trimmed = dashed.trim_matches(['-', '.']);
    let words: Vec<&str> = trimmed.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// Refuses an id that is none, or is taken.
fn free(session: &Session, wish: &Import, id: &str, doing: &str) -> Result<(), Failure> {
    let refused = |cause: String| Failure::new(Kind::Usage, doing, cause);
    if !template::is_plain(id) {
        return Err(refused(format!("{id:?} is no name for a workflow"))
            .hint("give one of letters, digits, . _ - with --name"));
    }
    if library::find(id).is_some() {
        return Err(refused(format!("{id:?} is a shipped workflow"))
            .hint("give it another name with --name"));
    }
    let taken = template::folder(session)
        .join(format!("{id}.json"))
        .exists();
    if taken && !wish.replace {
        return Err(refused(format!("you have a workflow {id:?} already"))
            .hint("give it another name with --name, or --replace that one"));
    }
    Ok(())
}

/// Takes the slots of the older pipeline where it had any, and says what it would have done wrong.
fn adopt(template: &mut Template) -> Vec<String> {
    let adopted = loose::adopt(&template.graph);
    let slots = &mut template.manifest.slots;
    for slot in adopted.slots {
        slots.retain(|known| known.name != slot.name && known.bind != slot.bind);
        slots.push(slot);
    }
    adopted.pitfalls.iter().map(worded).collect()
}

fn worded(pitfall: &Pitfall) -> String {
    match pitfall {
        Pitfall::CutsLink { place, from } => {
            format!(
                "{place} is fed by node {from}: setting it by name would cut the link, so the slot sets {from} or is left out"
            )
        }
        Pitfall::SeveralNodes { name, places } => {
            format!(
                "`{name}` stands in nodes of different classes ({}): all of them take the value",
                places.join(", ")
            )
        }
        Pitfall::FixedSteps { node } => {
            format!("node {node} has a fixed list of steps: setting `steps` changes nothing there")
        }
        Pitfall::OneSeed { places } => {
            format!(
                "one seed goes to several noise nodes: {}",
                places.join(", ")
            )
        }
    }
}

/// A place among the user's own workflows.
struct Own<'a> {
    folder: PathBuf,
    id: &'a str,
    original: String,
    doing: &'a str,
}

impl Own<'_> {
    /// Gives the manifest: the one beside the file, else one that is written now.
    fn page(
        &self,
        template: &Template,
        brought: &Brought,
        source: &str,
        file: &Path,
    ) -> Result<String, Failure> {
        let beside = file.with_extension("toml");
        if beside.is_file() {
            return fs::read_to_string(&beside).map_err(|error| self.failed(&error));
        }
        let page = manifest::write(template)
            .map_err(|error| Failure::new(Kind::Internal, self.doing, error))?;
        let source = crate::core::text::scrub(source);
        let form = brought.found.form();
        Ok(format!(
            "# Made from {source} ({form}); the original is {}.\n{page}",
            self.original
        ))
    }

    /// Writes original, manifest and graph, the graph last: it is what makes the workflow exist.
    fn keep(&self, template: &Template, brought: &Brought, page: &str) -> Result<(), Failure> {
        let graph = serde_json::to_vec_pretty(&template.graph)
            .map_err(|error| Failure::new(Kind::Internal, self.doing, error))?;
        fs::create_dir_all(self.folder.join(ORIGINALS)).map_err(|error| self.failed(&error))?;
        for (name, bytes) in [
            (self.original.clone(), brought.original.as_slice()),
            (format!("{}.toml", self.id), page.as_bytes()),
            (format!("{}.json", self.id), &graph),
        ] {
            put(&self.folder.join(name), bytes).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::new(Kind::OutputFile, self.doing, error)
    }
}

/// Replaces a file as a whole.
fn put(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut fresh, bytes)?;
    fresh.persist(file).map_err(|refused| refused.error)?;
    Ok(())
}

fn told(
    session: &Session,
    own: &Own<'_>,
    brought: &Brought,
    pitfalls: &[String],
) -> Result<u8, Failure> {
    let kept = template::find(session, own.id)?;
    for pitfall in pitfalls {
        session.style.note(&format!("note: {pitfall}"));
    }
    if let Found::History(past) = &brought.found
        && past.len() > 1
    {
        let note = format!("note: it holds {} jobs; the last one was taken", past.len());
        session.style.note(&note);
    }
    if session.style.json {
        let mut row = brief(&kept, "own");
        if let Some(row) = row.as_object_mut() {
            let original = own.folder.join(&own.original);
            row.insert("form".into(), brought.found.form().into());
            row.insert("original".into(), original.to_string_lossy().into());
            row.insert("pitfalls".into(), json!(pitfalls));
        }
        session.style.json(&row)?;
        return Ok(0);
    }
    session.style.line(&format!(
        "kept as {} ({}), with {} nodes and {} slots",
        own.id,
        brought.found.form(),
        kept.graph.nodes.len(),
        kept.manifest.slots.len()
    ))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_becomes_an_id() {
        for (name, expected) in [
            ("video_ltx2 t2v (1)", "video_ltx2-t2v-1"),
            ("비 오는 골목", "비-오는-골목"),
            ("..", ""),
            (".hidden", "hidden"),
            ("a/b", "a-b"),
        ] {
            assert_eq!(plain(name), expected, "{name}");
        }
    }
}
