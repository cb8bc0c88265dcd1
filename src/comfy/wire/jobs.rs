//! The jobs API of newer servers (listing since 0.6.0).

use serde_json::Value;
use uuid::Uuid;

use super::history::{self, Outcome};
use super::output::{self, Output};
use super::pick;

/// One job as `/api/jobs` tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Id; `None` for one that is not of our making.
    pub id: Option<Uuid>,
    /// Where it stands.
    pub status: JobStatus,
    /// Its number in the queue's order.
    pub priority: Option<f64>,
    /// When it was accepted, in server milliseconds since 1970.
    pub created_at: Option<i64>,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// How many outputs it has.
    pub outputs_count: u64,
    /// Its outputs; in the answer for one finished job only.
    pub outputs: Vec<Output>,
    /// How it ended; in the answer for one finished job only.
    pub outcome: Option<Outcome>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// In the queue.
    Pending,
    /// Running.
    InProgress,
    /// Ended well.
    Completed,
    /// A node failed.
    Failed,
    /// Stopped.
    Cancelled,
    /// A word this client does not know.
    Unknown,
}

impl Job {
    /// Reads one job.
    #[must_use]
    pub fn from_value(job: &Value) -> Self {
        let graph = job.pointer("/workflow/prompt");
        Self {
            id: pick::text(job, "id").and_then(pick::prompt_id),
            status: JobStatus::from_word(pick::text(job, "status").unwrap_or_default()),
            priority: pick::number(job, "priority"),
            created_at: pick::whole(job, "create_time"),
            started_at: pick::whole(job, "execution_start_time"),
            ended_at: pick::whole(job, "execution_end_time"),
            outputs_count: pick::count(job, "outputs_count").unwrap_or_default(),
            outputs: job
                .get("outputs")
                .map(|outputs| output::of_all(outputs, |id| id))
                .unwrap_or_default(),
            outcome: job
                .get("execution_status")
                .map(|status| history::outcome(status, graph)),
        }
    }
}

impl JobStatus {
    fn from_word(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "in_progress" => Self::InProgress,
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Unknown,
        }
    }
}

/// Reads the answer of `GET /api/jobs`.
#[must_use]
pub fn read_jobs(answer: &Value) -> Vec<Job> {
    pick::list(answer, "jobs")
        .iter()
        .filter(|job| job.is_object())
        .map(Job::from_value)
        .collect()
}
