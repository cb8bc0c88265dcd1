//! `POST /prompt`: the one call that must never be doubted more than needed.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Client};
use crate::comfy::error::{Error, SubmitError};
use crate::comfy::json;
use crate::comfy::wire::Rejection;
use crate::core::workflow::Graph;

const DOING: &str = "take a job";

/// A graph to run under an id that the caller minted and stored before.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// The id; sent lower-case and hyphenated, the only form newer servers take.
    pub prompt_id: Uuid,
    /// The graph.
    pub graph: &'a Graph,
    /// More for the server to keep with the job: an object. `null` anywhere at its top is left out, because it kills servers.
    pub extra_data: Option<Value>,
}

/// A job that a server put in its queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accepted {
    /// The id the server runs it under; servers before 0.3.45 choose their own.
    pub prompt_id: Uuid,
    /// Its number in the queue's order.
    pub number: f64,
}

/// Never has `number`: one that ties with a job of the same id kills the server's worker thread.
#[derive(Serialize)]
struct Body<'a> {
    prompt: &'a Graph,
    client_id: &'a str,
    prompt_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_data: Option<Value>,
}

impl Client {
    /// Sends a job.
    ///
    /// # Errors
    /// [`SubmitError::Rejected`] when the server refuses the graph or a part of it, [`SubmitError::NotSent`] when it is
    /// certain that the job is not in its queue, [`SubmitError::Doubtful`] in all other cases: look before sending again.
    pub async fn submit(&self, submission: &Submission<'_>) -> Result<Accepted, SubmitError> {
        let extra_data = harmless(submission.extra_data.clone()).map_err(SubmitError::NotSent)?;
        let graph = titled(submission.graph);
        let body = Body {
            prompt: &graph,
            client_id: self.client_id(),
            prompt_id: submission.prompt_id.to_string(),
            extra_data,
        };
        let request = self.post(&["prompt"]).json(&body);
        let answer = self
            .call(DOING, request, self.limits().answer)
            .await
            .map_err(|cause| {
                if cause.is_unsent() {
                    SubmitError::NotSent(cause)
                } else {
                    SubmitError::Doubtful(cause)
                }
            })?;
        self.judge(&answer, submission)
    }

    fn judge(&self, answer: &Answer, submission: &Submission<'_>) -> Result<Accepted, SubmitError> {
        match answer.status.as_u16() {
            200..=299 => self.accepted(answer, submission),
            400 | 413 | 422 => Err(SubmitError::Rejected(Box::new(rejection(
                answer,
                submission.graph,
            )))),
            // The server answers 500 to jobs that it has queued, and a proxy's 502 or 504 says nothing about them.
            500.. => Err(SubmitError::Doubtful(answer.failure(self, DOING))),
            _ => Err(SubmitError::NotSent(answer.failure(self, DOING))),
        }
    }

    fn accepted(
        &self,
        answer: &Answer,
        submission: &Submission<'_>,
    ) -> Result<Accepted, SubmitError> {
        let doubt = |cause: &str| SubmitError::Doubtful(self.unreadable(DOING, cause));
        let body: Value = json::read(&answer.body).map_err(|cause| doubt(&cause.to_string()))?;
        let id = body
            .get("prompt_id")
            .and_then(Value::as_str)
            .ok_or_else(|| doubt("it names no prompt_id"))?;
        let prompt_id =
            Uuid::try_parse(id).map_err(|_| doubt("its prompt_id is not of our form"))?;
        let faults = body
            .get("node_errors")
            .and_then(Value::as_object)
            .is_some_and(|faults| !faults.is_empty());
        if faults {
            let mut rejection = Rejection::from_value(&body, Some(submission.graph));
            rejection.also_queued = true;
            return Err(SubmitError::Rejected(Box::new(rejection)));
        }
        Ok(Accepted {
            prompt_id,
            number: body
                .get("number")
                .and_then(Value::as_f64)
                .unwrap_or_default(),
        })
    }
}

fn rejection(answer: &Answer, graph: &Graph) -> Rejection {
    match json::read::<Value>(&answer.body) {
        Ok(body) => Rejection::from_value(&body, Some(graph)),
        Err(_) => Rejection::from_text(&String::from_utf8_lossy(&answer.body)),
    }
}

/// Gives each node a title: servers of mid-2026 answer 500 to some retired nodes that lack it.
fn titled(graph: &Graph) -> Graph {
    let mut graph = graph.clone();
    for node in graph.nodes.values_mut() {
        let class = node.class_type.clone();
        let meta = node.meta.get_or_insert_default();
        if !meta.get("title").is_some_and(Value::is_string) {
            meta.insert("title".to_owned(), json!(class));
        }
    }
    graph
}

/// Keeps out what kills servers: `extra_data: null`, `extra_pnginfo: null`, and what is no object.
fn harmless(extra: Option<Value>) -> Result<Option<Value>, Error> {
    match extra {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            Ok(Some(Value::Object(fields)))
        }
        Some(_) => Err(Error::Refused {
            doing: "send a job",
            why: "its extra_data is not an object".to_owned(),
        }),
    }
}
