//! Looking: the queue and the history are the only truth about a job.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::Client;
use crate::comfy::error::Error;
use crate::comfy::wire::{HistoryEntry, Job, Outcome, QueueView, read_history, read_jobs};

/// Where a job was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// In the queue.
    Waiting {
        /// Jobs that come before it, the running one included.
        ahead: usize,
    },
    /// On the machine.
    Running,
    /// In the history.
    Finished(Outcome),
    /// In neither, on a server that answered: never arrived, deleted, evicted, or the server restarted.
    Absent,
}

impl Client {
    /// Reads the queue.
    ///
    /// # Errors
    /// When the server does not answer with a queue.
    pub async fn queue(&self) -> Result<QueueView, Error> {
        self.json(
            "show its queue",
            self.get(&["queue"], &[]),
            self.limits().queue,
        )
        .await
    }

    /// Counts the jobs running and waiting; much cheaper than [`Client::queue`].
    ///
    /// # Errors
    /// When the server does not answer with a count.
    pub async fn queue_remaining(&self) -> Result<u64, Error> {
        let doing = "count its queue";
        let answer: Value = self
            .json(doing, self.get(&["prompt"], &[]), self.limits().answer)
            .await?;
        answer
            .pointer("/exec_info/queue_remaining")
            .and_then(Value::as_u64)
            .ok_or_else(|| self.unreadable(doing, "there is no count in it"))
    }

    /// Reads the history of one job. `None` says only that it is not there (yet).
    ///
    /// # Errors
    /// When the server does not answer with a history.
    pub async fn history(&self, id: Uuid) -> Result<Option<HistoryEntry>, Error> {
        let doing = "show the history of a job";
        let request = self.get(&["history", &id.to_string()], &[]);
        let answer: Value = self.json(doing, request, self.limits().answer).await?;
        if !answer.is_object() {
            return Err(self.unreadable(doing, "it is no object"));
        }
        Ok(read_history(&answer, id))
    }

    /// Reads the history of one job as the server wrote it, for the graph and the editor's file in it.
    ///
    /// `None` says only that it is not there. Ids of other programs need not be UUIDs.
    ///
    /// # Errors
    /// When the server does not answer with a history.
    pub async fn past(&self, id: &str) -> Result<Option<Value>, Error> {
        let doing = "show the history of a job";
        let request = self.get(&["history", id], &[]);
        let answer: Value = self.json(doing, request, self.limits().answer).await?;
        if !answer.is_object() {
            return Err(self.unreadable(doing, "it is no object"));
        }
        Ok(answer.get(id).cloned())
    }

    /// Finds jobs, without ever calling one absent that only moved from list to list meanwhile.
    ///
    /// Queue, then history, then for those still missing both again: a job that arrives late, or leaves the queue
    /// between two reads, is in the second pair. The queue wins over the history, because an id sent twice has both.
    ///
    /// # Errors
    /// When any answer is missing: what could not be asked is not absent.
    pub async fn look(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Sighting>, Error> {
        let mut seen = HashMap::new();
        for _ in 0..2 {
            let missing: Vec<_> = ids
                .iter()
                .filter(|id| !seen.contains_key(*id))
                .copied()
                .collect();
            if !missing.is_empty() {
                self.look_once(&missing, &mut seen).await?;
            }
        }
        for id in ids {
            seen.entry(*id).or_insert(Sighting::Absent);
        }
        Ok(seen)
    }

    async fn look_once(
        &self,
        ids: &[Uuid],
        seen: &mut HashMap<Uuid, Sighting>,
    ) -> Result<(), Error> {
        let queue = self.queue().await?;
        for &id in ids {
            if queue.runs(id) {
                seen.insert(id, Sighting::Running);
            } else if let Some(ahead) = queue.ahead(id) {
                seen.insert(id, Sighting::Waiting { ahead });
            } else if let Some(entry) = self.history(id).await? {
                seen.insert(id, Sighting::Finished(entry.outcome));
            }
        }
        Ok(())
    }

    /// Reads one job from the jobs API.
    ///
    /// # Errors
    /// [`Error::is_absent`] when the server is too old to have it (before 0.6.0), others as usual.
    pub async fn job(&self, id: Uuid) -> Result<Option<Job>, Error> {
        let doing = "show a job";
        let request = self.get(&["api", "jobs", &id.to_string()], &[]);
        let answer = self.call(doing, request, self.limits().answer).await?;
        let unknown = answer.status.as_u16() == 404 && answer.body.starts_with(b"{");
        if unknown {
            return Ok(None);
        }
        let body: Value = self.read(doing, answer.success(self, doing)?.body).await?;
        Ok(Some(Job::from_value(&body)))
    }

    /// Lists the newest jobs of the jobs API, at most `most`.
    ///
    /// # Errors
    /// [`Error::is_absent`] when the server is too old to have it (before 0.6.0). A status of 500 may come from one
    /// poisoned entry of another client.
    pub async fn jobs(&self, most: u32) -> Result<Vec<Job>, Error> {
        let limit = most.max(1).to_string();
        let request = self.get(&["api", "jobs"], &[("limit", limit.as_str())]);
        let answer: Value = self
            .json("list its jobs", request, self.limits().answer)
            .await?;
        Ok(read_jobs(&answer))
    }
}
