//! What a ComfyUI server says, as types.
//!
//! Readers are lenient: all fields may be missing, odd entries of other clients are skipped and counted, unknown
//! events are kept by name. Texts that become messages for people are scrubbed and bounded here.

mod binary;
mod event;
mod failure;
mod history;
mod jobs;
mod output;
mod pick;
mod queue;
mod rejection;
mod server;

pub use binary::{ImageFormat, Preview};
pub use event::{Closed, Event, NodeProgress, Subject};
pub use failure::{Failure, FailureClass};
pub use history::{HistoryEntry, Outcome, read_history};
pub use jobs::{Job, JobStatus, read_jobs};
pub use output::{Media, Output, OutputFile, OutputItem};
pub use queue::{QueueItem, QueueView};
pub use rejection::{InputFault, NodeFault, Rejection};
pub use server::{Device, Features, SystemStats, UploadAnswer, Version};
