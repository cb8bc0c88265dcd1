//! Files that go with an order: what travels to the worker, and where the result shall lie.

use std::fs::File;
use std::path::Path;

use crate::core::job::InputFile;
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
