//! Who runs what: queue order against free seats.
//!
//! A worker has two seats: one job runs, one waits behind it, so that the card never idles between two jobs and almost
//! everything can still be reordered or cancelled here.

use std::collections::{HashMap, HashSet};

/// Seats per worker: one running, one waiting.
pub const SEATS: usize = 2;

/// A queued job, as far as assignment cares. The list given to [`assign`] is in queue order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Job id.
    pub job: String,
    /// Workflow it runs, for block lists.
    pub workflow: String,
    /// The only worker it may run on.
    pub pinned: Option<String>,
    /// Workers that refused or failed this very job; taken only when nobody else could.
    pub avoid: Vec<String>,
}

/// Whether a worker can take jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatState {
    /// It answers.
    Open,
    /// It answers but gets nothing new.
    Draining,
    /// It does not answer, or not yet.
    Away,
}

/// A worker, as far as assignment cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Worker name.
    pub worker: String,
    /// Whether it can take jobs.
    pub state: SeatState,
    /// Jobs of ours it holds.
    pub ours: usize,
    /// Jobs of others it holds.
    pub others: usize,
    /// Workflows it is not given, with the reason.
    pub blocked: HashMap<String, String>,
}

/// One job for one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Job id.
    pub job: String,
    /// Worker name.
    pub worker: String,
}

/// Why a worker does not take a job now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The job is pinned to another worker.
    Pinned(String),
    /// The worker does not answer.
    Away,
    /// The worker is being drained.
    Draining,
    /// The worker failed this workflow too often.
    Blocked(String),
    /// Both seats are taken.
    Full,
}

/// Says why a worker cannot take a job, or nothing when it can.
#[must_use]
pub fn unfit(job: &Candidate, seat: &Seat) -> Option<Unfit> {
    if let Some(pinned) = job.pinned.as_ref().filter(|pinned| **pinned != seat.worker) {
        return Some(Unfit::Pinned(pinned.clone()));
    }
    match seat.state {
        SeatState::Away => return Some(Unfit::Away),
        SeatState::Draining => return Some(Unfit::Draining),
        SeatState::Open => {}
    }
    if let Some(why) = seat.blocked.get(&job.workflow) {
        return Some(Unfit::Blocked(why.clone()));
    }
    (seat.ours >= SEATS).then_some(Unfit::Full)
}

/// Gives out free seats in queue order.
///
/// Each job takes the fitting worker with the fewest jobs, ours and others', so that idle cards fill first; ties go by
/// name, to be the same in every run. A worker on the job's `avoid` list is taken only if no other could ever take it.
#[must_use]
pub fn assign(jobs: &[Candidate], seats: &[Seat]) -> Vec<Assignment> {
    let mut seats = seats.to_vec();
    let mut given = Vec::new();
    for job in jobs {
        if seats.iter().all(|seat| seat.ours >= SEATS) {
            break;
        }
        let avoid: HashSet<&str> = job.avoid.iter().map(String::as_str).collect();
        let could_elsewhere = seats.iter().any(|seat| {
            !avoid.contains(seat.worker.as_str())
                && matches!(unfit(job, seat), None | Some(Unfit::Full))
        });
        let best = seats
            .iter_mut()
            .filter(|seat| unfit(job, seat).is_none())
            .filter(|seat| !(could_elsewhere && avoid.contains(seat.worker.as_str())))
            .min_by(|a, b| (a.ours, a.others, &a.worker).cmp(&(b.ours, b.others, &b.worker)));
        if let Some(seat) = best {
            seat.ours += 1;
            given.push(Assignment {
                job: job.job.clone(),
                worker: seat.worker.clone(),
            });
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(id: &str) -> Candidate {
        Candidate {
            job: id.into(),
            workflow: "ltx2".into(),
            pinned: None,
            avoid: Vec::new(),
        }
    }

    fn seat(worker: &str, ours: usize) -> Seat {
        Seat {
            worker: worker.into(),
            state: SeatState::Open,
            ours,
            others: 0,
            blocked: HashMap::new(),
        }
    }

    fn pairs(given: &[Assignment]) -> Vec<(&str, &str)> {
        given
            .iter()
            .map(|a| (a.job.as_str(), a.worker.as_str()))
            .collect()
    }

    #[test]
    fn idle_cards_fill_before_second_seats() {
        let given = assign(
            &[job("a"), job("b"), job("c")],
            &[seat("gpu1", 0), seat("gpu2", 0)],
        );
        assert_eq!(pairs(&given), [("a", "gpu1"), ("b", "gpu2"), ("c", "gpu1")]);
    }

    #[test]
    fn a_pinned_job_waits_for_its_worker_and_holds_nobody_up() {
        let pinned = Candidate {
            pinned: Some("gpu2".into()),
            ..job("a")
        };
        let given = assign(&[pinned, job("b")], &[seat("gpu1", 0), seat("gpu2", 2)]);
        assert_eq!(pairs(&given), [("b", "gpu1")]);
    }

    #[test]
    fn a_failed_job_goes_to_another_worker_even_if_it_has_to_wait() {
        let burnt = Candidate {
            avoid: vec!["gpu1".into()],
            ..job("a")
        };
        assert_eq!(
            assign(
                std::slice::from_ref(&burnt),
                &[seat("gpu1", 0), seat("gpu2", 2)]
            ),
            []
        );
        assert_eq!(
            pairs(&assign(&[burnt], &[seat("gpu1", 0)])),
            [("a", "gpu1")]
        );
    }

    #[test]
    fn a_worker_that_keeps_failing_a_workflow_still_takes_others() {
        let mut sick = seat("gpu1", 0);
        sick.blocked
            .insert("ltx2".into(), "3 failures in a row".into());
        let other = Candidate {
            workflow: "wan".into(),
            ..job("b")
        };
        assert_eq!(pairs(&assign(&[job("a"), other], &[sick])), [("b", "gpu1")]);
    }

    #[test]
    fn a_draining_worker_gets_nothing_new() {
        let draining = Seat {
            state: SeatState::Draining,
            ..seat("gpu1", 0)
        };
        assert_eq!(assign(&[job("a")], std::slice::from_ref(&draining)), []);
        assert_eq!(unfit(&job("a"), &draining), Some(Unfit::Draining));
    }
}
