//! Files there and back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::{Client, location, refusal};
use crate::comfy::error::{Error, brief};
use crate::comfy::wire::{OutputFile, UploadAnswer};

const UPLOADING: &str = "take a file";
const FETCHING: &str = "hand over a file";
/// Slowest upload worth waiting for, in bytes per second.
const SLOWEST: u64 = 128 * 1024;

/// Where the server kept an uploaded file.
pub type Uploaded = UploadAnswer;

/// A file to put on a worker.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The bytes.
    pub source: UploadSource,
    /// The name it should have there; the server may choose another.
    pub name: String,
    /// Folder below the one of its kind, or empty.
    pub subfolder: String,
    /// Which folder.
    pub kind: UploadKind,
}

/// Where the bytes of an upload come from.
#[derive(Debug, Clone)]
pub enum UploadSource {
    /// A file here, streamed.
    Path(PathBuf),
    /// Bytes in memory.
    Bytes(Bytes),
}

/// The folder of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadKind {
    /// Where loading nodes look.
    Input,
    /// Emptied when the server starts.
    Temp,
}

/// A file that was fetched, not yet in its place.
#[derive(Debug)]
pub struct Fetched {
    /// The file, flushed to disk. It is removed unless the caller persists it (within the same file system).
    pub path: TempPath,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its hash.
    pub blake3: blake3::Hash,
    /// What the server says it is, scrubbed.
    pub content_type: Option<String>,
}

impl Client {
    /// Asks whether the worker still has an input file, without fetching it.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn has_input(&self, name: &str, subfolder: &str) -> Result<bool, Error> {
        let query = [
            ("filename", name),
            ("subfolder", subfolder),
            ("type", "input"),
        ];
        let answer = self
            .call("look for an input", self.head(&["view"], &query), u64::MAX)
            .await?;
        Ok(answer.status.is_success())
    }

    /// Puts a file on the worker. Nothing there is overwritten: use the returned name.
    ///
    /// # Errors
    /// When the name cannot be sent as it is, the file cannot be read, or the server does not take it.
    pub async fn upload(&self, file: Upload) -> Result<Uploaded, Error> {
        sendable(&file.name)?;
        if !file.subfolder.is_empty() {
            file.subfolder.split('/').try_for_each(sendable)?;
        }
        let (body, size) = source(file.source).await?;
        let part = Part::stream_with_length(body, size).file_name(file.name);
        let kind = match file.kind {
            UploadKind::Input => "input",
            UploadKind::Temp => "temp",
        };
        // The server takes the file name raw; percent-encoded it would be stored so.
        let form = Form::new()
            .percent_encode_noop()
            .part("image", part)
            .text("type", kind)
            .text("subfolder", file.subfolder);
        let after = self.limits().call + Duration::from_secs(size / SLOWEST);
        let request = self.post(&["upload", "image"]).multipart(form);
        let answer = self
            .call_within(UPLOADING, request, self.limits().answer, after)
            .await?;
        let body: Value = self
            .read(UPLOADING, answer.success(self, UPLOADING)?.body)
            .await?;
        UploadAnswer::from_value(&body)
            .ok_or_else(|| self.unreadable(UPLOADING, "it names no file"))
    }

    /// Fetches a file into a temporary file in the folder `into`, at most `limit` bytes.
    ///
    /// The length is checked against what was announced, the file is flushed to disk and hashed.
    ///
    /// # Errors
    /// [`Error::is_absent`] when the server no longer has it; otherwise when it is too large, cut short, stalls, or
    /// cannot be written here. What was written is removed.
    pub async fn fetch(
        &self,
        file: &OutputFile,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, Error> {
        let query = [
            ("filename", file.filename.as_str()),
            ("subfolder", file.subfolder.as_str()),
            ("type", file.kind.as_str()),
        ];
        let after = self.limits().call;
        let sent = timeout(after, self.get(&["view"], &query).send()).await;
        let response = sent
            .map_err(|_| self.timed_out(FETCHING, after))?
            .map_err(|cause| self.network(FETCHING, cause))?;
        if response.status().as_u16() != 200 {
            let head = (response.status(), location(&response));
            return Err(refusal(self, FETCHING, head, String::new()));
        }
        let announced = response.content_length();
        if announced.is_some_and(|announced| announced > limit) {
            return Err(Error::TooLarge {
                worker: self.shown(),
                doing: FETCHING,
                limit,
            });
        }
        let fetched = self.stream(response, into, limit).await?;
        match announced {
            Some(announced) if announced != fetched.bytes => Err(Error::Short {
                worker: self.shown(),
                doing: FETCHING,
                announced,
                received: fetched.bytes,
            }),
            _ => Ok(fetched),
        }
    }

    async fn stream(
        &self,
        mut response: Response,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, Error> {
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .map(|kind| brief(&String::from_utf8_lossy(kind.as_bytes()), 120));
        let made = tempfile::Builder::new()
            .prefix(".rushes-")
            .suffix(".part")
            .tempfile_in(into);
        let (file, path) = made
            .map_err(|source| local("make a file for a download", source))?
            .into_parts();
        let mut file = File::from_std(file);
        let mut hasher = blake3::Hasher::new();
        let mut bytes = 0_u64;
        let stall = self.limits().stall;
        while let Some(piece) = timeout(stall, response.chunk())
            .await
            .map_err(|_| self.timed_out(FETCHING, stall))?
            .map_err(|cause| self.network(FETCHING, cause))?
        {
            bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if bytes > limit {
                return Err(Error::TooLarge {
                    worker: self.shown(),
                    doing: FETCHING,
                    limit,
                });
            }
            hasher.update(&piece);
            file.write_all(&piece)
                .await
                .map_err(|source| local("write a download", source))?;
        }
        file.flush()
            .await
            .map_err(|source| local("write a download", source))?;
        file.sync_all()
            .await
            .map_err(|source| local("flush a download to disk", source))?;
        Ok(Fetched {
            path,
            bytes,
            blake3: hasher.finalize(),
            content_type,
        })
    }
}

async fn source(source: UploadSource) -> Result<(reqwest::Body, u64), Error> {
    let failed = |source| local("read a file to upload", source);
    match source {
        UploadSource::Path(path) => {
            let file = File::open(path).await.map_err(failed)?;
            let size = file.metadata().await.map_err(failed)?.len();
            Ok((file.into(), size))
        }
        UploadSource::Bytes(bytes) => {
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            Ok((bytes.into(), size))
        }
    }
}

/// Refuses names that would break the multipart header or leave the folder.
fn sendable(name: &str) -> Result<(), Error> {
    let breaks = |c: char| c.is_control() || matches!(c, '"' | '/' | '\\');
    if name.is_empty() || name.len() > 200 || matches!(name, "." | "..") || name.chars().any(breaks)
    {
        return Err(Error::Refused {
            doing: "upload a file",
            why: format!(
                "`{}` is no plain file or folder name of at most 200 bytes",
                brief(name, 60)
            ),
        });
    }
    Ok(())
}

const fn local(doing: &'static str, source: std::io::Error) -> Error {
    Error::Local { doing, source }
}
