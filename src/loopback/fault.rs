//! Faults on demand: what a farm does to a client on a bad day.

use std::str::FromStr;

/// One fault that the worker shows, with how often or when.
///
/// Written `oom:pixels>N`, `node-error:P`, `drop-socket:P`, `deaf-socket:P`, `lose-reply:P`, `restart:N`, `forget:P`, `slow:FACTOR`,
/// `hang:P`, `truncate-output:P` or `garbage:P`, P a probability per job (per `POST /prompt` for `lose-reply`).
#[derive(Debug, Clone, PartialEq)]
pub struct Fault(pub(crate) Kind);

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Sampling more than this many pixels per frame runs out of GPU memory.
    Oom { pixels: u64 },
    /// A node raises.
    NodeError(f64),
    /// The client's socket is cut while its job runs.
    DropSocket(f64),
    /// The client's socket stays open and hears nothing more.
    DeafSocket(f64),
    /// `POST /prompt` queues the job, then the connection breaks before the answer.
    LoseReply(f64),
    /// The server restarts in or after every n-th job.
    Restart { every: u32 },
    /// An accepted job vanishes without a trace.
    Forget(f64),
    /// Every step takes this many times as long.
    Slow(f64),
    /// A job stands still until it is interrupted.
    Hang(f64),
    /// The output file ends in the middle.
    TruncateOutput(f64),
    /// The output file is noise, and the socket carries frames that mean nothing.
    Garbage(f64),
}

/// Says why a fault could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFault {
    /// The word before the colon is none of ours.
    #[error(
        "no fault is called `{0}`; there are oom:pixels>N, node-error:P, drop-socket:P, deaf-socket:P, lose-reply:P, restart:N, \
         forget:P, slow:FACTOR, hang:P, truncate-output:P and garbage:P"
    )]
    Unknown(String),
    /// The part after the colon does not fit.
    #[error("`{spec}`: {want}")]
    Value {
        /// What was given.
        spec: String,
        /// What would fit.
        want: &'static str,
    },
}

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(spec: &str) -> Result<Self, BadFault> {
        let (name, value) = spec.trim().split_once(':').unwrap_or((spec.trim(), ""));
        let chance = || probability(spec, value);
        Ok(Self(match name {
            "oom" => Kind::Oom {
                pixels: value
                    .strip_prefix("pixels>")
                    .and_then(|n| n.parse().ok())
                    .ok_or_else(|| wants(spec, "write oom:pixels>N, N a whole number of pixels"))?,
            },
            "node-error" => Kind::NodeError(chance()?),
            "drop-socket" => Kind::DropSocket(chance()?),
            "deaf-socket" => Kind::DeafSocket(chance()?),
            "lose-reply" => Kind::LoseReply(chance()?),
            "restart" => Kind::Restart {
                every: value
                    .parse()
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or_else(|| wants(spec, "write restart:N, N jobs, at least 1"))?,
            },
            "forget" => Kind::Forget(chance()?),
            "slow" => Kind::Slow(
                value
                    .parse()
                    .ok()
                    .filter(|f: &f64| f.is_finite() && *f > 0.0 && *f <= 1e6)
                    .ok_or_else(|| wants(spec, "write slow:FACTOR, a number above 0"))?,
            ),
            "hang" => Kind::Hang(chance()?),
            "truncate-output" => Kind::TruncateOutput(chance()?),
            "garbage" => Kind::Garbage(chance()?),
            other => return Err(BadFault::Unknown(other.to_owned())),
        }))
    }
}

fn wants(spec: &str, want: &'static str) -> BadFault {
    BadFault::Value {
        spec: spec.to_owned(),
        want,
    }
}

fn probability(spec: &str, value: &str) -> Result<f64, BadFault> {
    value
        .parse()
        .ok()
        .filter(|p| (0.0..=1.0).contains(p))
        .ok_or_else(|| {
            wants(
                spec,
                "the part after the colon is a probability from 0 to 1",
            )
        })
}

/// What will go wrong with one job.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each fault strikes or not, whatever the others do"
)]
pub(crate) struct Doom {
    pub(crate) node_error: bool,
    pub(crate) drop_socket: bool,
    pub(crate) deaf_socket: bool,
    pub(crate) forget: bool,
    pub(crate) hang: bool,
    pub(crate) truncate: bool,
    pub(crate) garbage: bool,
    pub(crate) restart: Option<Moment>,
    /// Whether the history entry lags behind the success event, as it did for a part of all recorded jobs.
    pub(crate) late_history: bool,
    /// How far into the job it happens, 0 to 1.
    pub(crate) at: f64,
}

/// When a restart strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// While the job runs: the job is lost.
    During,
    /// Just after its files are written and its history entry exists: the entry is lost.
    After,
}

/// Every so many jobs the history entry lags; recorded servers: 0.5 to 41 of 100.
const LATE_EVERY: u32 = 5;

/// Decides, from one seed and the order of asking, which faults strike.
#[derive(Debug)]
pub(crate) struct Dice {
    faults: Vec<Fault>,
    jobs: fastrand::Rng,
    replies: fastrand::Rng,
    begun: u32,
}

impl Dice {
    pub(crate) fn new(seed: u64, faults: Vec<Fault>) -> Self {
        Self {
            faults,
            jobs: fastrand::Rng::with_seed(seed),
            replies: fastrand::Rng::with_seed(seed ^ 0x5ee_d0f_4e9),
            begun: 0,
        }
    }

    /// Draws the fate of the next job to run.
    pub(crate) fn next_job(&mut self) -> Doom {
        self.begun += 1;
        let mut doom = Doom {
            at: self.jobs.f64(),
            late_history: self.begun.is_multiple_of(LATE_EVERY),
            ..Doom::default()
        };
        for Fault(kind) in &self.faults {
            match kind {
                Kind::NodeError(p) => doom.node_error |= self.jobs.f64() < *p,
                Kind::DropSocket(p) => doom.drop_socket |= self.jobs.f64() < *p,
                Kind::DeafSocket(p) => doom.deaf_socket |= self.jobs.f64() < *p,
                Kind::Forget(p) => doom.forget |= self.jobs.f64() < *p,
                Kind::Hang(p) => doom.hang |= self.jobs.f64() < *p,
                Kind::TruncateOutput(p) => doom.truncate |= self.jobs.f64() < *p,
                Kind::Garbage(p) => doom.garbage |= self.jobs.f64() < *p,
                Kind::Restart { every } => {
                    let moment = if self.jobs.bool() {
                        Moment::During
                    } else {
                        Moment::After
                    };
                    doom.restart = self.begun.is_multiple_of(*every).then_some(moment);
                }
                Kind::Oom { .. } | Kind::LoseReply(_) | Kind::Slow(_) => {}
            }
        }
        doom
    }

    /// Says whether the next `POST /prompt` loses its answer.
    pub(crate) fn loses_reply(&mut self) -> bool {
        let mut lost = false;
        for Fault(kind) in &self.faults {
            if let Kind::LoseReply(p) = kind {
                lost |= self.replies.f64() < *p;
            }
        }
        lost
    }

    /// Says whether frames of this size exceed the pretended memory.
    pub(crate) fn runs_out_of_memory(&self, pixels: u64) -> bool {
        self.faults
            .iter()
            .any(|Fault(kind)| matches!(kind, Kind::Oom { pixels: limit } if pixels > *limit))
    }

    /// How many times slower than asked the worker is.
    pub(crate) fn slowness(&self) -> f64 {
        let factor = |Fault(kind): &Fault| {
            if let Kind::Slow(factor) = kind {
                *factor
            } else {
                1.0
            }
        };
        self.faults.iter().map(factor).product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_the_command_line_is_read() {
        for (spec, kind) in [
            ("oom:pixels>921600", Kind::Oom { pixels: 921_600 }),
            ("node-error:0.1", Kind::NodeError(0.1)),
            ("drop-socket:1", Kind::DropSocket(1.0)),
            ("deaf-socket:0", Kind::DeafSocket(0.0)),
            ("lose-reply:0.5", Kind::LoseReply(0.5)),
            ("restart:7", Kind::Restart { every: 7 }),
            ("forget:0.25", Kind::Forget(0.25)),
            ("slow:3.5", Kind::Slow(3.5)),
            ("hang:0.01", Kind::Hang(0.01)),
            ("truncate-output:0.2", Kind::TruncateOutput(0.2)),
            ("garbage:0.3", Kind::Garbage(0.3)),
        ] {
            assert_eq!(spec.parse(), Ok(Fault(kind)), "{spec}");
        }
    }

    #[test]
    fn a_fault_that_makes_no_sense_says_what_would() {
        for (spec, said) in [
            ("hang:2", "probability from 0 to 1"),
            ("hang", "probability from 0 to 1"),
            ("restart:0", "at least 1"),
            ("slow:-1", "above 0"),
            ("oom:frames>3", "oom:pixels>N"),
            ("flood:1", "no fault is called `flood`"),
        ] {
            let told = spec.parse::<Fault>().unwrap_err().to_string();
            assert!(told.contains(said), "{spec}: {told}");
        }
    }

    #[test]
    fn one_seed_gives_one_history_of_faults() {
        let faults: Vec<Fault> = ["node-error:0.4", "restart:3", "lose-reply:0.5"]
            .iter()
            .map(|spec| spec.parse().unwrap())
            .collect();
        let draw = |seed| {
            let mut dice = Dice::new(seed, faults.clone());
            let fates: Vec<_> = (0..30).map(|_| dice.next_job()).collect();
            let replies: Vec<_> = (0..30).map(|_| dice.loses_reply()).collect();
            (fates, replies)
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let (fates, _) = draw(7);
        let restarts: Vec<_> = fates.iter().map(|doom| doom.restart.is_some()).collect();
        assert_eq!(restarts.iter().filter(|hit| **hit).count(), 10);
        assert!(restarts[2] && !restarts[3]);
    }
}
