//! Stopping jobs, and only ours.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Client;
use crate::comfy::error::Error;
use crate::comfy::wire::Version;

/// How often a job is deleted before twins of it are left alone.
const TWINS: usize = 8;

/// What became of a wish to interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupt {
    /// The server was asked. It stops at its next check, perhaps only when the node is done: wait for the history.
    Asked,
    /// Our job does not run there, and the server is too old to be asked by id: nothing was sent.
    NotRunning,
}

/// What became of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It is out of the queue, or the server was asked to stop it: look to see it gone.
    Asked,
    /// It neither waits nor runs there.
    NotThere,
}

/// What a server should let go of when it is next idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// The models in GPU memory.
    Models,
    /// The models and the results kept of earlier jobs.
    ModelsAndCache,
}

impl Client {
    /// Removes waiting jobs; running and unknown ids have no effect. Of an id sent twice only one goes.
    ///
    /// # Errors
    /// When the server does not confirm.
    pub async fn delete(&self, ids: &[Uuid]) -> Result<(), Error> {
        let ids: Vec<_> = ids.iter().map(Uuid::to_string).collect();
        self.tell("remove waiting jobs", &["queue"], &json!({ "delete": ids }))
            .await
    }

    /// Interrupts one job, by id.
    ///
    /// Servers before 0.3.57 ignore the id and stop whatever runs. There (and where the release is not known) the
    /// queue is read first, and nothing is sent unless the running job is ours.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn interrupt(&self, id: Uuid) -> Result<Interrupt, Error> {
        if !self.interrupts_by_id().await && !self.queue().await?.runs(id) {
            return Ok(Interrupt::NotRunning);
        }
        self.tell(
            "interrupt a job",
            &["interrupt"],
            &json!({ "prompt_id": id.to_string() }),
        )
        .await?;
        Ok(Interrupt::Asked)
    }

    /// Says whether the server obeys the id of an interrupt, asking it for its release if that is not known yet.
    pub async fn interrupts_by_id(&self) -> bool {
        let known = match self.known_version() {
            Some(version) => Some(version),
            None => self
                .system_stats()
                .await
                .ok()
                .and_then(|stats| stats.version),
        };
        known.is_some_and(|version| version >= Version::INTERRUPT_BY_ID)
    }

    /// Stops a job wherever it is: through the jobs API where that exists, else by deleting it and, if it runs, interrupting it.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn cancel(&self, id: Uuid) -> Result<Cancel, Error> {
        let doing = "cancel a job";
        let request = self
            .post(&["api", "jobs", &id.to_string(), "cancel"])
            .json(&json!({}));
        let answer = self.call(doing, request, self.limits().answer).await?;
        if matches!(answer.status.as_u16(), 404 | 405 | 500..) {
            return self.cancel_by_queue(id).await;
        }
        let body: Value = self.read(doing, answer.success(self, doing)?.body).await?;
        match body.get("cancelled").and_then(Value::as_bool) {
            Some(true) => Ok(Cancel::Asked),
            Some(false) => Ok(Cancel::NotThere),
            None => self.cancel_by_queue(id).await,
        }
    }

    async fn cancel_by_queue(&self, id: Uuid) -> Result<Cancel, Error> {
        let mut cancel = Cancel::NotThere;
        for _ in 0..TWINS {
            let queue = self.queue().await?;
            if queue.ahead(id).is_some() {
                self.delete(&[id]).await?;
                cancel = Cancel::Asked;
            } else if queue.runs(id) {
                return Ok(match self.interrupt(id).await? {
                    Interrupt::Asked => Cancel::Asked,
                    Interrupt::NotRunning => cancel,
                });
            } else {
                break;
            }
        }
        Ok(cancel)
    }

    /// Asks the server to free memory when it is next idle.
    ///
    /// # Errors
    /// When the server does not confirm.
    pub async fn free(&self, what: Free) -> Result<(), Error> {
        let body = match what {
            Free::Models => json!({ "unload_models": true, "free_memory": false }),
            Free::ModelsAndCache => json!({ "unload_models": true, "free_memory": true }),
        };
        self.tell("free memory", &["free"], &body).await
    }

    /// Posts a wish whose answer has no content.
    async fn tell(&self, doing: &'static str, route: &[&str], body: &Value) -> Result<(), Error> {
        let answer = self
            .call(doing, self.post(route).json(body), self.limits().answer)
            .await?;
        answer.success(self, doing).map(|_| ())
    }
}
