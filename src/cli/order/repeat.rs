//! Making a result again from its sidecar: the graph as it was sent, its seeds, its files.

use std::path::Path;

use super::{Wishes, input_file, seeds};
use crate::cli::source;
use crate::core::workflow::read::Found;
use crate::core::workflow::sidecar::{InputFile, Sidecar};
use crate::core::workflow::{Binding, Graph, Slot, SlotKind, Template, library};
use crate::failure::{Failure, Kind};

/// A result to be made again.
pub(in crate::cli) struct Repeat {
    /// Its graph, with what may be set in it.
    pub(in crate::cli) template: Box<Template>,
    /// Its seeds, so that none is drawn anew, and its files.
    pub(in crate::cli) wishes: Wishes,
}

/// Reads a sidecar; `None` when the name is not that of one.
///
/// Only the folder of the server's own output files differs from the graph that was sent: a worker's cache would hand
/// out the old file otherwise.
///
/// # Errors
/// [`Kind::InputFile`] when the sidecar was edited, or a file that went in is gone or another one now.
pub(in crate::cli) fn repeat(name: &str) -> Result<Option<Repeat>, Failure> {
    let file = Path::new(name);
    if library::find(name).is_some() || !file.is_file() {
        return Ok(None);
    }
    let brought = source::read(file)?;
    let Found::Sidecar { whole, .. } = &brought.found else {
        return Ok(None);
    };
    if !Sidecar::is_one(whole) {
        return Ok(None);
    }
    let failed = |cause: String| Failure::new(Kind::InputFile, format!("reading {name}"), cause);
    let text = String::from_utf8_lossy(&brought.original);
    let sidecar = Sidecar::read(&text).map_err(|error| failed(error.to_string()))?;
    let template = template(&sidecar);
    let set = seeds(&template)
        .filter_map(|slot| Some((slot.name.clone(), slot.value(&template.graph)?.clone())))
        .collect();
    let files = sidecar
        .inputs
        .iter()
        .map(unchanged)
        .collect::<Result<_, _>>()?;
    Ok(Some(Repeat {
        wishes: Wishes {
            set,
            files,
            idea: sidecar.request.idea.clone().unwrap_or_default(),
            ..Wishes::default()
        },
        template: Box::new(template),
    }))
}

/// Makes a workflow of the graph that was sent: everything in it is set, so nothing has to be.
fn template(sidecar: &Sidecar) -> Template {
    let request = &sidecar.request;
    let id = request
        .workflow
        .clone()
        .unwrap_or_else(|| "repeat".to_owned());
    let mut template = Template::of_graph(&id, sidecar.graph.clone(), None);
    let manifest = &mut template.manifest;
    manifest.title = request.name.clone().unwrap_or(id);
    manifest.target = request.target.clone().unwrap_or_default();
    manifest.slots.retain(|slot| slot.within.is_none()); // braces in a prompt that was sent are text
    manifest
        .slots
        .iter_mut()
        .for_each(|slot| slot.required = false);
    for input in &sidecar.inputs {
        let bind = places(&sidecar.graph, input);
        manifest
            .slots
            .retain(|slot| slot.name != input.slot && slot.bind != bind);
        if !bind.is_empty() {
            manifest
                .slots
                .push(Slot::new(&*input.slot, SlotKind::Image, bind));
        }
    }
    template
}

/// Lists the inputs that name a file that went in.
fn places(graph: &Graph, input: &InputFile) -> Vec<Binding> {
    let nodes = graph.nodes.iter();
    let inputs = nodes.flat_map(|(id, node)| node.inputs.iter().map(move |held| (id, held)));
    inputs
        .filter(|(_, (_, value))| value.as_str() == Some(&input.uploaded_as))
        .map(|(id, (name, _))| Binding {
            node: id.clone(),
            input: name.clone(),
        })
        .collect()
}

/// Makes sure that a file that went in is still the same.
fn unchanged(input: &InputFile) -> Result<crate::core::job::InputFile, Failure> {
    let file = input_file(&input.slot, Path::new(&input.path))?;
    if file.blake3 == input.blake3 {
        return Ok(file);
    }
    let cause = format!(
        "{} is not the file that went in: its content differs",
        input.path
    );
    Err(Failure::new(Kind::InputFile, "repeating a result", cause).hint(format!(
        "put the old file back, or submit the graph of the sidecar as a workflow and set {} yourself",
        input.slot
    )))
}
