//! Input files travel to the worker, once per content.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value;

use super::link::Link;
use super::shared::Shared;
use crate::clock;
use crate::comfy::{Upload, UploadKind, UploadSource};
use crate::core::job::{InputFile, Request};
use crate::store::worker;

/// Folder below the server's inputs that holds ours.
const FOLDER: &str = "rushes";

/// Why inputs could not be brought to a worker.
#[derive(Debug)]
pub(super) enum Missed {
    /// The file here is gone or is another one now: no worker can help.
    Input(String),
    /// The worker did not take it.
    Worker(String),
}

/// Brings all input files of a request to a worker and gives the values their slots take.
///
/// # Errors
/// [`Missed`] saying whose fault it is.
pub(super) async fn bring(
    shared: &Shared,
    link: &Link,
    request: &Request,
) -> Result<IndexMap<String, Value>, Missed> {
    let mut values = IndexMap::new();
    for file in &request.files {
        let name = bring_one(shared, link, file).await?;
        values.insert(file.slot.clone(), Value::String(name));
    }
    Ok(values)
}

async fn bring_one(shared: &Shared, link: &Link, file: &InputFile) -> Result<String, Missed> {
    let (worker, hash) = (link.name.clone(), file.blake3.clone());
    let store = |error: super::ledger::Error| Missed::Worker(error.to_string());
    let known = shared
        .ledger
        .write(move |db| Ok(worker::uploaded(db, &worker, &hash)?))
        .await
        .map_err(store)?;
    if let Some((name, subfolder)) = known
        && still_there(link, &name, &subfolder).await
    {
        return Ok(format!("{subfolder}/{name}"));
    }
    unchanged(file).await?;
    let ending = Path::new(&file.path)
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or("bin");
    let upload = Upload {
        source: UploadSource::Path(file.path.clone().into()),
        name: format!("{}.{ending}", file.blake3.get(..24).unwrap_or(&file.blake3)),
        subfolder: FOLDER.to_owned(),
        kind: UploadKind::Input,
    };
    let stored = link
        .client
        .upload(upload)
        .await
        .map_err(|error| Missed::Worker(error.to_string()))?;
    let value = format!("{}/{}", stored.subfolder, stored.name);
    let (worker, hash) = (link.name.clone(), file.blake3.clone());
    shared
        .ledger
        .write(move |db| {
            Ok(worker::note_upload(
                db,
                &worker,
                &hash,
                (&stored.name, &stored.subfolder),
                clock::now(),
            )?)
        })
        .await
        .map_err(store)?;
    Ok(value)
}

/// Asks whether the worker still has a file it was given; in doubt it is brought again.
async fn still_there(link: &Link, name: &str, subfolder: &str) -> bool {
    link.client
        .has_input(name, subfolder)
        .await
        .unwrap_or(false)
}

/// Makes sure that the file is the one that was handed in.
async fn unchanged(file: &InputFile) -> Result<(), Missed> {
    let path = file.path.clone();
    let hashed = tokio::task::spawn_blocking(move || {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(std::fs::File::open(path)?)?;
        Ok::<_, std::io::Error>(hasher.finalize().to_hex().to_string())
    })
    .await
    .unwrap_or_else(|error| Err(std::io::Error::other(error)));
    let shown = crate::core::text::scrub(&file.path).into_owned();
    match hashed {
        Ok(hash) if hash == file.blake3 => Ok(()),
        Ok(_) => Err(Missed::Input(format!(
            "the input {shown} was changed after the job was handed in; submit it again"
        ))),
        Err(error) => Err(Missed::Input(format!(
            "the input {shown} cannot be read: {error}"
        ))),
    }
}
