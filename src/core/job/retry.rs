//! Failure is a policy: which rung, which worker, how long to wait, when to stop.

use serde::{Deserialize, Serialize};

/// What kind of failure ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The card ran out of memory.
    Oom,
    /// It ran longer than its limit.
    Timeout,
    /// The worker's validation refused the graph.
    Invalid,
    /// A node raised an error, or the result was broken.
    NodeError,
    /// The worker forgot it, restarted, or was gone for too long.
    LostWorker,
    /// We refused before sending: an input file is gone, a slot does not exist.
    Refused,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 6] = [
        Self::Oom,
        Self::Timeout,
        Self::Invalid,
        Self::NodeError,
        Self::LostWorker,
        Self::Refused,
    ];

    /// The word used in the store and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Oom => "oom",
            Self::Timeout => "timeout",
            Self::Invalid => "invalid",
            Self::NodeError => "node-error",
            Self::LostWorker => "lost-worker",
            Self::Refused => "refused",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// How patient the engine is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Failed attempts after which a job is failed, when its request does not say.
    pub max_attempts: u32,
    /// Attempts of one job that may be lost with their worker before it is failed.
    pub max_lost: u32,
    /// First wait before another attempt, in milliseconds; doubles each time.
    pub backoff_ms: u64,
    /// Longest wait, in milliseconds.
    pub backoff_cap_ms: u64,
    /// Failures in a row after which a worker is not given that workflow any more.
    pub block_after: u32,
    /// How long such a block lasts, in seconds.
    pub block_s: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            max_lost: 10,
            backoff_ms: 1_000,
            backoff_cap_ms: 60_000,
            block_after: 3,
            block_s: 600,
        }
    }
}

/// What is known when an attempt ends badly.
#[derive(Debug, Clone, Copy)]
pub struct Failed {
    /// The kind of failure.
    pub class: Class,
    /// Failed attempts so far, this one included, lost ones not.
    pub failures: u32,
    /// Attempts lost with their worker so far, this one included.
    pub losses: u32,
    /// The rung this attempt stood on, from 0.
    pub rung: u32,
    /// Rungs there are; at least 1.
    pub rungs: u32,
    /// The request's own limit, if it has one.
    pub max_attempts: Option<u32>,
    /// Whether another worker that has not refused this job could take it.
    pub elsewhere: bool,
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Queue it again on this rung.
    Again {
        /// The rung to take.
        rung: u32,
    },
    /// Out of attempts.
    GiveUp,
}

/// Decides what follows a failed attempt.
///
/// Running out of memory or time asks for less work, so it goes down the ladder, and past the last rung it stops unless
/// there is another worker. A refusal by validation is the same everywhere unless another worker has other models.
/// Losing a worker says nothing about the job, so it is counted apart and stays on its rung.
#[must_use]
#[expect(
    clippy::match_same_arms,
    reason = "one row for each thing that may be wrong"
)]
pub fn after_failure(policy: &Policy, failed: Failed) -> Next {
    let last = failed.rungs.saturating_sub(1);
    let lower = (failed.rung + 1).min(last);
    let limit = failed.max_attempts.unwrap_or(policy.max_attempts).max(1);
    let spent = failed.failures >= limit;
    match failed.class {
        Class::LostWorker if failed.losses >= policy.max_lost => Next::GiveUp,
        Class::LostWorker => Next::Again { rung: failed.rung },
        Class::Refused => Next::GiveUp,
        Class::Oom | Class::Timeout | Class::NodeError | Class::Invalid if spent => Next::GiveUp,
        Class::Invalid if failed.elsewhere => Next::Again { rung: failed.rung },
        Class::Invalid => Next::GiveUp,
        Class::Oom if failed.rung == last && !failed.elsewhere => Next::GiveUp,
        Class::Oom | Class::Timeout | Class::NodeError => Next::Again { rung: lower },
    }
}

/// Gives the wait before attempt `n` (from 1), in milliseconds: doubled each time, capped, and spread by `chance` in 0..1.
#[must_use]
pub fn backoff(policy: &Policy, n: u32, chance: f64) -> u64 {
    let doubled = policy
        .backoff_ms
        .saturating_mul(1_u64 << n.saturating_sub(1).min(20));
    let capped = doubled.min(policy.backoff_cap_ms);
    let half = capped / 2;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "milliseconds below a minute, chance in 0..1"
    )]
    let spread = (half as f64 * chance.clamp(0.0, 1.0)) as u64;
    half + spread
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        max_attempts: 4,
        max_lost: 3,
        backoff_ms: 1_000,
        backoff_cap_ms: 60_000,
        block_after: 3,
        block_s: 600,
    };

    const fn failed(class: Class, failures: u32, rung: u32) -> Failed {
        Failed {
            class,
            failures,
            losses: 0,
            rung,
            rungs: 4,
            max_attempts: None,
            elsewhere: true,
        }
    }

    #[test]
    fn a_full_card_asks_for_less_work() {
        assert_eq!(
            after_failure(&POLICY, failed(Class::Oom, 1, 0)),
            Next::Again { rung: 1 }
        );
        assert_eq!(
            after_failure(&POLICY, failed(Class::Oom, 4, 3)),
            Next::GiveUp
        );
        let alone = Failed {
            elsewhere: false,
            rungs: 1,
            ..failed(Class::Oom, 1, 0)
        };
        assert_eq!(after_failure(&POLICY, alone), Next::GiveUp);
    }

    #[test]
    fn a_lost_worker_is_not_the_jobs_fault() {
        let lost = Failed {
            losses: 1,
            ..failed(Class::LostWorker, 3, 2)
        };
        assert_eq!(after_failure(&POLICY, lost), Next::Again { rung: 2 });
        assert_eq!(
            after_failure(&POLICY, Failed { losses: 3, ..lost }),
            Next::GiveUp
        );
    }

    #[test]
    fn a_graph_refused_everywhere_is_not_sent_again() {
        let refused = failed(Class::Invalid, 1, 0);
        assert_eq!(after_failure(&POLICY, refused), Next::Again { rung: 0 });
        assert_eq!(
            after_failure(
                &POLICY,
                Failed {
                    elsewhere: false,
                    ..refused
                }
            ),
            Next::GiveUp
        );
    }

    #[test]
    fn a_missing_input_file_fails_at_once() {
        assert_eq!(
            after_failure(&POLICY, failed(Class::Refused, 1, 0)),
            Next::GiveUp
        );
    }

    #[test]
    fn waits_double_to_a_cap_and_are_spread() {
        assert_eq!(backoff(&POLICY, 1, 0.0), 500);
        assert_eq!(backoff(&POLICY, 1, 1.0), 1_000);
        assert_eq!(backoff(&POLICY, 3, 1.0), 4_000);
        assert_eq!(backoff(&POLICY, 40, 1.0), 60_000);
    }
}
