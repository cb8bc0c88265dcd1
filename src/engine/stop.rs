//! Stopping an attempt on its worker: always by id, and believed only when it is seen to be gone.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::drive::{Broken, Drive, Halt, prompt_id};
use super::follow::verdict;
use super::link::Link;
use crate::clock;
use crate::comfy::{FailureClass, Outcome, Sighting};
use crate::core::job::{Class, Fact, Phase, step};
use crate::store::attempt::{self, Ending};
use crate::store::job::{self, Job, Move};

/// Pause between looks while a stop takes effect, first and longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How long an overdue attempt may ignore its stop before the job goes on without waiting.
const STUBBORN: Duration = Duration::from_secs(30);

/// How a stop ended.
enum Stopped {
    /// It is not there any more, or its end is recorded as stopped or failed.
    Gone,
    /// It had succeeded before the stop arrived.
    Succeeded,
    /// It still runs.
    Ignored,
}

/// Carries out a person's wish to cancel.
pub(super) async fn cancel(drive: &Drive, job: &Job) -> Result<(), Halt> {
    let Some((link, _)) = drive.link(job).zip(prompt_id(job)) else {
        return cancelled(drive, job, None).await;
    };
    match halt(drive, job, &link, Duration::MAX).await {
        Ok(Stopped::Succeeded) => verdict(drive, job, &link).await,
        Ok(Stopped::Gone | Stopped::Ignored) => cancelled(drive, job, None).await,
        Err(Halt::Later(why))
            if link
                .away_for()
                .is_some_and(|away| away > drive.shared.options.tempo.gone_limit) =>
        {
            cancelled(
                drive,
                job,
                Some(&format!(
                    "{} could not be asked to stop it: {why}",
                    link.name
                )),
            )
            .await
        }
        Err(halt) => Err(halt),
    }
}

/// Stops an attempt that ran too long, then lets the policy decide.
pub(super) async fn overdue(
    drive: &Drive,
    job: &Job,
    link: &Link,
    limit: Duration,
) -> Result<(), Halt> {
    match halt(drive, job, link, STUBBORN).await {
        Ok(Stopped::Succeeded) => verdict(drive, job, link).await,
        Ok(Stopped::Gone | Stopped::Ignored) => {
            let reason = format!("it ran longer than its limit of {} s", limit.as_secs_f64());
            drive
                .end(
                    job,
                    &Broken {
                        class: Class::Timeout,
                        reason,
                    },
                )
                .await
        }
        Err(Halt::Later(why)) => drive.unless_gone(job, link, why).await,
        Err(Halt::Fenced) => Err(Halt::Fenced),
    }
}

/// Asks the worker to stop the attempt until it is seen to be gone or patience ends.
async fn halt(drive: &Drive, job: &Job, link: &Link, patience: Duration) -> Result<Stopped, Halt> {
    let Some(id) = prompt_id(job) else {
        return Ok(Stopped::Gone);
    };
    let began = Instant::now();
    let mut pause = PAUSES.0;
    loop {
        match drive.look_twice(link, id).await? {
            Sighting::Absent => return Ok(Stopped::Gone),
            Sighting::Finished(Outcome::Success) => return Ok(Stopped::Succeeded),
            Sighting::Finished(Outcome::Failed(_) | Outcome::Interrupted { .. }) => {
                return Ok(Stopped::Gone);
            }
            Sighting::Waiting { .. } | Sighting::Running if began.elapsed() > patience => {
                return Ok(Stopped::Ignored);
            }
            Sighting::Waiting { .. } | Sighting::Running => {
                link.client.cancel(id).await?;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Writes the end of a cancelled job.
async fn cancelled(drive: &Drive, job: &Job, why: Option<&str>) -> Result<(), Halt> {
    let to = step(job.phase, Fact::Stopped)?;
    let (job, why, epoch) = (
        job.clone(),
        why.map(str::to_owned),
        drive.shared.ledger.epoch(),
    );
    drive
        .shared
        .ledger
        .write(move |db| {
            let (at, why, worker) = (clock::now(), why.as_deref(), job.worker.as_deref());
            let moved = job::advance(
                db,
                &Move {
                    job: &job.id,
                    from: Phase::Cancelling,
                    to,
                    epoch,
                    at,
                    why,
                    worker,
                    detail: Value::Null,
                },
            )?;
            if let Some(id) = job.prompt_id.as_deref().filter(|_| moved) {
                attempt::end(
                    db,
                    id,
                    at,
                    &Ending {
                        outcome: "cancelled",
                        class: None,
                        reason: why,
                    },
                )?;
            }
            if moved {
                job::remark_dependents(db, &job.id, "was cancelled")?;
            }
            Ok(())
        })
        .await?;
    drive.shared.bell.changed(["job", "event"]);
    Ok(())
}

/// What a worker's failure means for our policy.
pub(super) const fn class_of(class: FailureClass) -> Class {
    match class {
        FailureClass::Oom => Class::Oom,
        FailureClass::Device
        | FailureClass::DiskFull
        | FailureClass::Blocked
        | FailureClass::NodeError
        | FailureClass::Unknown => Class::NodeError,
    }
}
