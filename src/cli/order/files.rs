//! Files that go with an order: what travels to the worker, and where the result shall lie.

use std::fs::File;
use std::path::Path;

use serde_json::Value;

use crate::core::job::InputFile;
use crate::core::workflow::{Binding, Template};
use crate::failure::{Failure, Kind};

/// Reads a file that is to travel to the worker.
///
/// # Errors
/// [`Kind::InputFile`] when it cannot be read or is no file.
pub(in crate::cli) fn input_file(slot: &str, path: &Path) -> Result<InputFile, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(
            Kind::InputFile,
            format!("reading {}", path.display()),
            error,
        )
    };
    let whole = path.canonicalize().map_err(failed)?;
    let file = File::open(&whole).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(failed(std::io::Error::other("it is not a file")));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(failed)?;
    Ok(InputFile {
        slot: slot.to_owned(),
        path: whole.to_string_lossy().into_owned(),
        blake3: hasher.finalize().to_hex().to_string(),
        bytes: meta.len(),
    })
}

/// Reads `@FILE` where a slot takes the name of a file; text that begins with `@` stays text everywhere else.
pub(in crate::cli) fn named_file<'a>(
    template: &Template,
    slot: &str,
    value: &'a Value,
) -> Option<&'a str> {
    let path = value
        .as_str()?
        .strip_prefix('@')
        .filter(|path| !path.is_empty())?;
    if let Some(slot) = template.slot(slot) {
        return slot.kind.is_file().then_some(path);
    }
    let place = Binding::find(slot, &template.graph)?;
    let node = template.graph.nodes.get(&place.node)?;
    let loads = node.class_type.contains("Load")
        && matches!(
            place.input.as_str(),
            "image" | "mask" | "video" | "audio" | "file"
        );
    let bound = template.file_places().contains(&place);
    (loads || bound).then_some(path)
}

/// Checks where a result shall go and names it in full.
///
/// # Errors
/// [`Kind::OutputFile`] when its folder is not there, or the place is a folder.
pub(in crate::cli) fn out_file(path: &Path) -> Result<String, Failure> {
    let doing = format!("preparing {}", path.display());
    let failed = |cause: String| Failure::new(Kind::OutputFile, doing.clone(), cause);
    let whole = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
    if whole.is_dir() {
        return Err(failed("it is a folder; name a file in it".to_owned()));
    }
    match whole.parent() {
        Some(folder) if folder.is_dir() => Ok(whole.to_string_lossy().into_owned()),
        _ => Err(failed("its folder is not there".to_owned())),
    }
}
