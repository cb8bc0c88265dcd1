//! The end of an attempt without a result, inside one transaction.

use rusqlite::Connection;
use serde_json::json;

use super::drive::Broken;
use crate::clock;
use crate::core::job::{
    Class, Fact, Failed, Next, Phase, Policy, Request, after_failure, backoff, step,
};
use crate::store::attempt::{self, Ending};
use crate::store::job::{self, Job, Move};
use crate::store::{blob, worker};

/// Closes the attempt, counts the failure against the worker, and moves the job on.
pub(super) fn end(
    db: &Connection,
    policy: &Policy,
    epoch: i64,
    job: &Job,
    broken: &Broken,
    others: &[String],
    chance: f64,
) -> Result<(), crate::store::Error> {
    let at = clock::now();
    let is_lost = broken.class == Class::LostWorker;
    if let Some(id) = &job.prompt_id {
        let outcome = if is_lost { "lost" } else { "failed" };
        attempt::end(
            db,
            id,
            at,
            &Ending {
                outcome,
                class: Some(broken.class),
                reason: Some(&broken.reason),
            },
        )?;
    }
    if let Some(name) = job.worker.as_deref().filter(|_| !is_lost) {
        worker::count_failure(db, name, &job.workflow, policy.block_after, at)?;
    }
    let request: Request = blob::get(db, &job.request)?;
    let (failures, losses) = attempt::failures(db, &job.id)?;
    let burnt = job::burnt_workers(db, &job.id)?;
    let failed = Failed {
        class: broken.class,
        failures,
        losses,
        rung: job.rung,
        rungs: request.rungs(),
        max_attempts: request.max_attempts,
        elsewhere: job.pinned.is_none() && others.iter().any(|name| !burnt.contains(name)),
    };
    let detail = json!({"class": broken.class.word()});
    let worker = job.worker.as_deref();
    let why = Some(broken.reason.as_str());
    let mut from = job.phase;
    if is_lost && let Ok(to @ Phase::Lost) = step(from, Fact::Absent) {
        if !job::advance(
            db,
            &Move {
                job: &job.id,
                from,
                to,
                epoch,
                at,
                why,
                worker,
                detail: detail.clone(),
            },
        )? {
            return Ok(());
        }
        from = to;
    }
    let (fact, rung, wait) = match after_failure(policy, failed) {
        Next::Again { rung } => (
            Fact::TryAgain,
            rung,
            backoff(policy, failures + losses, chance),
        ),
        Next::GiveUp => (Fact::GiveUp, job.rung, 0),
    };
    let Ok(to) = step(from, fact) else {
        return Ok(());
    };
    let not_before = at + i64::try_from(wait).unwrap_or(0);
    let moved = job::requeue(
        db,
        &Move {
            job: &job.id,
            from,
            to,
            epoch,
            at,
            why,
            worker,
            detail,
        },
        rung,
        not_before,
    )?;
    if moved && to == Phase::Failed {
        job::remark_dependents(db, &job.id, "failed")?;
    }
    Ok(())
}
