//! What people bring: files of every form that carries a workflow, and the history of a worker.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use serde_json::Value;

use super::session::Session;
use super::workers;
use crate::comfy::Client;
use crate::core::workflow::read::{self, Found, ReadError};
use crate::failure::{Failure, Kind};
use crate::media::{clip, still};

/// The longest file that is read whole: a picture with its workflow.
const LONGEST: u64 = 256 << 20;
/// How much of a file is looked at to tell what it is, bytes.
const HEAD: usize = 12;

/// A workflow as it was brought.
#[derive(Debug)]
pub(super) struct Brought {
    /// What it is.
    pub(super) found: Found,
    /// The original: the file itself, or the texts that a picture or clip carried, as JSON.
    pub(super) original: Vec<u8>,
}

/// Reads a file of any form that carries a workflow.
///
/// # Errors
/// [`Kind::InputFile`] with what is wrong with it and what to do.
pub(super) fn read(file: &Path) -> Result<Brought, Failure> {
    let failed = |cause: String| Failure::new(Kind::InputFile, reading(file), cause);
    let refused = |error: ReadError| failed(error.to_string());
    let head = head(file)?;
    match head.as_slice() {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            let mut source = BufReader::new(open(file)?);
            let texts = clip::metadata(&mut source).map_err(|error| failed(error.to_string()))?;
            carried(&texts).map_err(refused)
        }
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => picture(file),
        [b'R', b'I', b'F', b'F', ..] if head.ends_with(b"WEBP") => picture(file),
        [b'G', b'I', b'F', b'8', ..] | [0x1a, 0x45, 0xdf, 0xa3, ..] => {
            let found = read::recognise(&head, HEAD).err();
            Err(failed(found.map(|error| error.to_string()).unwrap_or_default())
                .hint("workflows are read from JSON, PNG, WebP, JPEG and MP4; take the MP4 or the still that was saved with it"))
        }
        _ => {
            let original = text(file)?;
            let found = read::recognise(&original, read::USUAL_LIMIT).map_err(refused)?;
            Ok(Brought { found, original })
        }
    }
}

/// Reads the request of one job from the history of a worker.
///
/// # Errors
/// [`Kind::WorkerUnreachable`] when the worker does not answer, [`Kind::Unknown`] when it does not know the job.
pub(super) fn of_history(client: &Client, worker: &str, id: &str) -> Result<Brought, Failure> {
    let doing = || format!("reading the history of {worker}");
    let entry = workers::talk(async {
        client
            .past(id)
            .await
            .map_err(|error| Failure::new(Kind::WorkerUnreachable, doing(), error))
    })?;
    let Some(entry) = entry else {
        let cause = format!("it has no job {id:?}");
        return Err(Failure::new(Kind::Unknown, doing(), cause)
            .hint("servers forget their history when they start again; `/history` of the server lists what is left"));
    };
    let original =
        serde_json::to_vec(&entry).map_err(|error| Failure::new(Kind::Internal, doing(), error))?;
    let found =
        read::from_value(entry).map_err(|error| Failure::new(Kind::InputFile, doing(), error))?;
    Ok(Brought { found, original })
}

/// Splits `WORKER:PROMPT_ID`; the worker may be an address with colons of its own.
pub(super) fn history_place(text: &str) -> Option<(&str, &str)> {
    let (worker, id) = text.rsplit_once(':')?;
    let is_id = id.len() >= 8
        && id.len() <= 128
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    (is_id && !worker.is_empty()).then_some((worker, id))
}

/// Connects to a worker by name or address.
///
/// # Errors
/// [`Kind::Usage`] for no address, [`Kind::Unknown`] for a name nobody knows.
pub(super) fn client(session: &Session, worker: &str) -> Result<Client, Failure> {
    if !worker.contains("://") {
        let store = session.store(crate::store::Role::Reader)?;
        return workers::client(&workers::find(&store, worker)?);
    }
    let endpoint = crate::comfy::Endpoint::parse(worker)
        .map_err(|error| Failure::new(Kind::Usage, "reading the worker's address", error))?;
    Client::new(endpoint, crate::clock::new_id())
        .map_err(|error| Failure::new(Kind::WorkerUnreachable, "connecting", error))
}

/// Reads JSON of any kind, as servers write it.
///
/// # Errors
/// [`Kind::InputFile`] when it cannot be read or is not JSON.
pub(super) fn json(file: &Path) -> Result<Value, Failure> {
    let cause = match crate::comfy::json::read(&bytes(file, LONGEST)?) {
        Ok(value) => return Ok(value),
        Err(error) => format!("it is not JSON: {error}"),
    };
    Err(Failure::new(Kind::InputFile, reading(file), cause))
}

fn reading(file: &Path) -> String {
    format!("reading {}", file.display())
}

fn open(file: &Path) -> Result<Box<dyn Source>, Failure> {
    let opened = File::open(file).and_then(|opened| {
        let folder = opened.metadata()?.is_dir();
        if folder {
            return Err(std::io::Error::other("it is a folder"));
        }
        Ok(opened)
    });
    match opened {
        Ok(opened) => Ok(Box::new(opened)),
        Err(error) => Err(Failure::new(Kind::InputFile, reading(file), error)),
    }
}

/// What files are read from.
trait Source: Read + std::io::Seek {}

impl Source for File {}

/// Reads the first bytes of a file that can be read again from its beginning; nothing of standard input or a pipe.
fn head(file: &Path) -> Result<Vec<u8>, Failure> {
    let again = std::fs::metadata(file).is_ok_and(|meta| meta.is_file());
    let mut head = Vec::new();
    if again {
        open(file)?
            .take(HEAD as u64)
            .read_to_end(&mut head)
            .map_err(|error| Failure::new(Kind::InputFile, reading(file), error))?;
    }
    Ok(head)
}

/// Reads the text of a workflow; a file that is longer than any is not even begun.
fn text(file: &Path) -> Result<Vec<u8>, Failure> {
    let limit = read::USUAL_LIMIT;
    let size = std::fs::metadata(file).map_or(0, |meta| meta.len());
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > limit {
        let error = ReadError::TooLarge { size, limit };
        return Err(Failure::new(Kind::InputFile, reading(file), error));
    }
    bytes(file, limit as u64)
}

/// Reads a file of bounded size; `-` is standard input.
fn bytes(file: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |cause: String| Failure::new(Kind::InputFile, reading(file), cause);
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(open(file)?)
    };
    let mut bytes = Vec::new();
    source
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > limit {
        return Err(failed(format!("it is longer than {} MiB", limit >> 20)));
    }
    Ok(bytes)
}

fn picture(file: &Path) -> Result<Brought, Failure> {
    carried(&still::read_text_chunks(&bytes(file, LONGEST)?))
        .map_err(|error| Failure::new(Kind::InputFile, reading(file), error))
}

/// Reads the workflow among the texts of a picture or clip; the texts are kept, not the pixels.
fn carried(texts: &BTreeMap<String, String>) -> Result<Brought, ReadError> {
    let found = read::from_metadata(texts)?;
    let original = serde_json::to_vec_pretty(texts).unwrap_or_default();
    Ok(Brought { found, original })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_on_a_worker_is_told_from_a_file_and_an_address() {
        for (text, expected) in [
            (
                "gpu1:0190a2b4-1111-7000-8000-000000000001",
                Some(("gpu1", "0190a2b4-1111-7000-8000-000000000001")),
            ),
            (
                "http://127.0.0.1:8188:0190a2b4-1111",
                Some(("http://127.0.0.1:8188", "0190a2b4-1111")),
            ),
            ("http://127.0.0.1:8188", None),
            ("C:\\work\\flow.json", None),
            (":0190a2b4-1111", None),
            ("gpu1:../../etc/passwd", None),
            ("flow.json", None),
        ] {
            assert_eq!(history_place(text), expected, "{text}");
        }
    }
}
