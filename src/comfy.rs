//! The ComfyUI client: wire types, HTTP, socket, sightings, progress.
//!
//! One [`Client`] speaks to one worker under one client id; one [`Socket`] listens to it. Events are hints, the
//! queue and the history are the verdict: whoever needs to know asks [`Client::look`].
//! Everything a server says is untrusted: bodies have size limits, JSON is read leniently ([`json`]), text that may
//! reach a person is scrubbed where it becomes a message, file names are confined ([`safe_name`]).
//!
//! What servers do was observed on ComfyUI 0.3.64 and 0.25.0; the recordings lie in `tests/wire/transcripts`.

pub mod endpoint;
pub mod error;
pub mod http;
pub mod json;
mod name;
pub mod progress;
pub mod socket;
pub mod wire;

pub use endpoint::{Endpoint, EndpointError};
pub use error::{Error, SubmitError};
pub use http::{
    Accepted, Cancel, Client, Fetched, Free, Interrupt, Limits, Sighting, Submission, Upload,
    UploadKind, UploadSource, Uploaded,
};
pub use name::safe_name;
pub use progress::{Progress, Standing};
pub use socket::{Closed, Socket, Tempo};
pub use wire::{
    Event, Failure, FailureClass, Features, HistoryEntry, ImageFormat, Job, JobStatus, Media,
    NodeProgress, Outcome, Output, OutputFile, OutputItem, Preview, QueueItem, QueueView,
    Rejection, Subject, SystemStats, Version,
};
