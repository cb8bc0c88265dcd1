//! Following an attempt that is with its worker, until queue and history give the verdict.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::time::{Duration, sleep_until};
use uuid::Uuid;

use super::bell::Progress as Rung;
use super::drive::{Broken, Drive, Halt, lost, prompt_id};
use super::link::{Ear, Link, News};
use super::stop;
use crate::clock;
use crate::comfy::{self, Event, Free, Outcome, Sighting};
use crate::core::job::{Class, Fact, Phase};
use crate::store::attempt;
use crate::store::job::Job;

/// Wait for the history entry after the worker said that it is done.
const VERDICT_SOON: Duration = Duration::from_millis(30);
/// Shortest pause between two progress rings of one job.
const RING_EVERY: Duration = Duration::from_millis(50);

/// What to do after a piece of news.
enum Turn {
    Go,
    Look,
    LookSoon,
    Started,
}

/// Follows until the phase changes.
pub(super) async fn follow(drive: &Drive, job: &Job) -> Result<(), Halt> {
    let Some((link, id)) = drive.link(job).zip(prompt_id(job)) else {
        return drive
            .end(job, &lost("its worker is not known any more"))
            .await;
    };
    let mut ear = link.listen(id);
    let mut watch = Watch::new(drive, job, id).await?;
    loop {
        let turn = watch.next(&mut ear).await;
        match turn {
            Next::Nudged => return Ok(()),
            Next::Overdue => return stop::overdue(drive, job, &link, watch.limit).await,
            Next::News(turn) => match turn {
                Turn::Look => watch.look_at = Instant::now(),
                Turn::LookSoon => watch.look_at = watch.look_at.min(Instant::now() + VERDICT_SOON),
                Turn::Started if job.phase != Phase::Running => {
                    return drive.tell(job, Fact::Started, None, Value::Null).await;
                }
                Turn::Go | Turn::Started => {}
            },
            Next::LookDue => match drive.look_twice(&link, id).await {
                Ok(Sighting::Running) if job.phase == Phase::Running => watch.rest(),
                Ok(Sighting::Waiting { .. }) if job.phase == Phase::Waiting => watch.rest(),
                Ok(seen) => return drive.believe(job, &link, &seen).await,
                Err(error) => {
                    drive
                        .unless_gone(job, &link, error.to_string())
                        .await
                        .or_else(|halt| match halt {
                            Halt::Later(_) => Ok(()),
                            Halt::Fenced => Err(Halt::Fenced),
                        })?;
                    watch.retry();
                }
            },
        }
    }
}

enum Next {
    Nudged,
    Overdue,
    LookDue,
    News(Turn),
}

/// The clockwork of one follow.
struct Watch<'a> {
    drive: &'a Drive,
    job: &'a Job,
    progress: comfy::Progress,
    look_at: Instant,
    pause: Duration,
    deadline: Option<Instant>,
    limit: Duration,
    began: Instant,
    rang: Option<Instant>,
}

impl<'a> Watch<'a> {
    async fn new(drive: &'a Drive, job: &'a Job, id: Uuid) -> Result<Self, Halt> {
        let limit = limit(drive, job).await?;
        let ran = Duration::from_millis(u64::try_from(clock::now() - job.since).unwrap_or(0));
        let deadline =
            (job.phase == Phase::Running).then(|| Instant::now() + limit.saturating_sub(ran));
        let progress = comfy::Progress::new(id, &drive.graph(job).await?);
        let began = Instant::now();
        // The first look settles whatever happened before this ear was there.
        Ok(Self {
            drive,
            job,
            progress,
            look_at: began,
            pause: VERDICT_SOON,
            deadline,
            limit,
            began,
            rang: None,
        })
    }

    async fn next(&mut self, ear: &mut Ear) -> Next {
        let far = self.began + Duration::from_hours(24 * 365);
        tokio::select! {
            biased;
            () = self.drive.nudge.notified() => Next::Nudged,
            news = ear.news.recv() => Next::News(news.map_or(Turn::Look, |news| self.hear(news))),
            () = sleep_until(self.look_at.into()) => Next::LookDue,
            () = sleep_until(self.deadline.unwrap_or(far).into()) => Next::Overdue,
        }
    }

    /// Rests until the worker has been silent for long.
    fn rest(&mut self) {
        self.pause = VERDICT_SOON;
        self.look_at = Instant::now() + self.drive.shared.options.tempo.silence;
    }

    /// Looks again soon, and less soon each time.
    fn retry(&mut self) {
        self.pause = (self.pause * 2).min(self.drive.shared.options.tempo.reach_cap);
        self.look_at = Instant::now() + self.pause;
    }

    fn hear(&mut self, news: News) -> Turn {
        let News::Event(event) = news else {
            return Turn::Look;
        };
        self.progress.fold(&event);
        match event {
            Event::Ended { .. } => Turn::Look,
            Event::Succeeded { .. } | Event::Failed { .. } | Event::Interrupted { .. } => {
                Turn::LookSoon
            }
            Event::Started { .. } => self.moved(Turn::Started),
            Event::Executing { .. } | Event::Progress { .. } | Event::ProgressState { .. } => {
                self.ring();
                self.moved(Turn::Started)
            }
            Event::Cached { .. } | Event::Executed { .. } => self.moved(Turn::Go),
            Event::Status { .. }
            | Event::Features(_)
            | Event::Preview(_)
            | Event::Text { .. }
            | Event::Other { .. }
            | Event::Silent
            | Event::Missed
            | Event::Closed(_) => Turn::Go,
        }
    }

    /// A sign of life puts the next look off.
    fn moved(&mut self, turn: Turn) -> Turn {
        self.rest();
        turn
    }

    /// Tells consoles and the store how far the job is, not more often than anyone can see.
    fn ring(&mut self) {
        if self.rang.is_some_and(|rang| rang.elapsed() < RING_EVERY) {
            return;
        }
        self.rang = Some(Instant::now());
        let ran = Duration::from_millis(u64::try_from(clock::now() - self.job.since).unwrap_or(0))
            .as_secs_f64();
        let standing = self.progress.standing();
        let overall = standing.overall;
        let eta_s = (overall > 0.02).then(|| ran * (1.0 - overall) / overall);
        let progress = Rung {
            job: self.job.id.clone(),
            node: standing.node.map(str::to_owned),
            class: standing.class.map(str::to_owned),
            value: standing.value,
            max: standing.max,
            overall,
            eta_s,
        };
        self.drive.shared.gauge.progress(progress.clone());
        self.drive.shared.bell.progress(progress);
    }
}

/// How long the attempt may run.
async fn limit(drive: &Drive, job: &Job) -> Result<Duration, Halt> {
    let id = job.prompt_id.clone().unwrap_or_default();
    let attempt = drive
        .shared
        .ledger
        .write(move |db| Ok(attempt::by_prompt(db, &id)?))
        .await?;
    let seconds =
        attempt.and_then(|attempt| attempt.facts.get("timeout_s").and_then(Value::as_f64));
    let given = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Ok(given.unwrap_or(drive.shared.options.tempo.run_limit))
}

/// Reads the verdict in the history and acts on it.
pub(super) async fn verdict(drive: &Drive, job: &Job, link: &Link) -> Result<(), Halt> {
    let Some(id) = prompt_id(job) else {
        return Ok(());
    };
    let Some(entry) = link.client.history(id).await? else {
        return Err(Halt::Later("the history entry is gone again".into()));
    };
    match entry.outcome {
        Outcome::Success if entry.outputs.is_empty() => {
            let reason = "it ended without a result: no node reported an output".to_owned();
            drive
                .end(
                    job,
                    &Broken {
                        class: Class::NodeError,
                        reason,
                    },
                )
                .await
        }
        Outcome::Success => {
            let outputs = serde_json::to_value(&entry.outputs).unwrap_or(Value::Null);
            note_outputs(drive, job, outputs).await?;
            drive
                .tell(
                    job,
                    Fact::Finished,
                    None,
                    json!({"outputs": entry.outputs.len()}),
                )
                .await
        }
        Outcome::Failed(failure) => {
            let class = stop::class_of(failure.class);
            if class == Class::Oom {
                // Best effort: the next attempt may land on the same card.
                drop(link.client.free(Free::ModelsAndCache).await);
            }
            drive
                .end(
                    job,
                    &Broken {
                        class,
                        reason: failure.to_string(),
                    },
                )
                .await
        }
        Outcome::Interrupted { .. } => {
            drive
                .end(job, &lost("someone else interrupted it on the worker"))
                .await
        }
    }
}

/// Stores what the worker made, so that collecting survives a restart of either side.
async fn note_outputs(drive: &Drive, job: &Job, outputs: Value) -> Result<(), Halt> {
    let id = job.prompt_id.clone().unwrap_or_default();
    drive
        .shared
        .ledger
        .write(move |db| Ok(attempt::note(db, &id, "outputs", &outputs)?))
        .await?;
    Ok(())
}
