//! The phases of a job, as stored and as shown.

use serde::{Deserialize, Serialize};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Accepted, waits for a worker.
    Queued,
    /// Waits for another job to be done.
    Blocked,
    /// Set aside by a person until released.
    Held,
    /// Given to a worker, nothing sent yet.
    Claimed,
    /// Its prompt id is stored; the POST may or may not have arrived.
    Sending,
    /// In the worker's own queue.
    Waiting,
    /// The worker runs it.
    Running,
    /// The worker finished; files are on their way here.
    Collecting,
    /// Its files are here, checked and in place.
    Done,
    /// Out of attempts, or refused.
    Failed,
    /// The worker forgot it; it goes to another attempt.
    Lost,
    /// A person asked to stop it and the worker has not confirmed.
    Cancelling,
    /// Stopped by a person.
    Cancelled,
}

impl Phase {
    /// All phases, in the order of a life.
    pub const ALL: [Self; 13] = [
        Self::Queued,
        Self::Blocked,
        Self::Held,
        Self::Claimed,
        Self::Sending,
        Self::Waiting,
        Self::Running,
        Self::Collecting,
        Self::Done,
        Self::Failed,
        Self::Lost,
        Self::Cancelling,
        Self::Cancelled,
    ];

    /// The word used in the store, in JSON and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::Claimed => "claimed",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Collecting => "collecting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.word() == word)
    }

    /// Says whether nothing more will happen to the job by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Says whether the job is in somebody's hands, so that a new engine must settle it first.
    #[must_use]
    pub const fn is_in_flight(self) -> bool {
        matches!(
            self,
            Self::Claimed
                | Self::Sending
                | Self::Waiting
                | Self::Running
                | Self::Collecting
                | Self::Lost
                | Self::Cancelling
        )
    }
}
