//! What can go wrong with a worker, said so that a person knows what to do.

use std::time::Duration;

use crate::core::text::scrub;

use super::wire::Rejection;

/// A call to a worker that did not give an answer to work with.
///
/// No variant holds a header value, and all text from outside is scrubbed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection was made: nothing was sent.
    #[error(
        "cannot reach {worker} to {doing}: {cause}; check that the server runs and the address is right"
    )]
    Unreachable {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// What the network said.
        cause: String,
    },
    /// The server took longer than it was given.
    #[error("{worker} did not answer within {} s while asked to {doing}", after.as_secs_f32())]
    TimedOut {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// The time it had.
        after: Duration,
    },
    /// The connection broke after something may have been sent.
    #[error("the connection to {worker} broke while it was asked to {doing}: {cause}")]
    Cut {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// What the network said.
        cause: String,
    },
    /// The server answered with a status that is not the one of success.
    #[error("{worker} answered {status} when asked to {doing}{}{}", if said.is_empty() { "" } else { ": " }, said)]
    Status {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// The HTTP status.
        status: u16,
        /// The start of what it said, scrubbed.
        said: String,
    },
    /// The server points elsewhere; the client never follows.
    #[error(
        "{worker} points to {to} when asked to {doing}; if that is the worker, give it that address"
    )]
    Redirected {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// Where it points, scrubbed, without query.
        to: String,
    },
    /// The answer is larger than anything sensible.
    #[error(
        "the answer of {worker} when asked to {doing} is larger than {limit} bytes and was not read"
    )]
    TooLarge {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer is not what a ComfyUI server says.
    #[error(
        "the answer of {worker} when asked to {doing} cannot be understood: {cause}; is it a ComfyUI server?"
    )]
    Unreadable {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// What is odd about it.
        cause: String,
    },
    /// Fewer or more bytes came than were announced.
    #[error("{worker} announced {announced} bytes and sent {received} when asked to {doing}")]
    Short {
        /// The worker's address.
        worker: String,
        /// What was being done.
        doing: &'static str,
        /// Bytes announced.
        announced: u64,
        /// Bytes received.
        received: u64,
    },
    /// Something on this machine stood in the way.
    #[error("cannot {doing}: {source}")]
    Local {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The request itself is not one to send.
    #[error("will not {doing}: {why}")]
    Refused {
        /// What was asked for.
        doing: &'static str,
        /// Why not.
        why: String,
    },
}

impl Error {
    /// Says whether it is known that the request never left.
    #[must_use]
    pub const fn is_unsent(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Refused { .. } | Self::Local { .. }
        )
    }

    /// Says whether the server answered that the thing asked for does not exist.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Status { status: 404, .. })
    }
}

/// Why a prompt was not accepted, as far as is known.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The server looked at it and said no, or said yes to a part only.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// It may have been queued: look before sending again.
    #[error("{0}; the job may have been accepted")]
    Doubtful(Error),
    /// It was certainly not queued.
    #[error("{0}")]
    NotSent(Error),
}

/// Flattens an error and its causes to one scrubbed line.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    brief(&line, 400)
}

/// Scrubs text from outside, trims it and cuts it to a number of characters.
pub(super) fn brief(text: &str, most: usize) -> String {
    let text = scrub(text.trim());
    if text.chars().count() <= most {
        return text.into_owned();
    }
    text.chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}
