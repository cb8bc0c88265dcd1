//! `/api/jobs`: jobs as one list, on newer servers only.

use axum::{extract::Request, http::Method, response::Response};
use serde_json::{Map, Value, json};

use super::{
    Call, body,
    prompt::is_canonical,
    reply::{crash, json as reply_json, json_with, not_allowed, not_found},
};
use crate::loopback::{Imitates, desk::Desk, heap::Entry, json as python_json};

const STATES: [&str; 5] = ["pending", "in_progress", "completed", "failed", "cancelled"];
/// Kinds of output a preview is chosen from.
const SHOWN: [&str; 5] = ["images", "video", "audio", "gifs", "3d"];

/// An entry that makes the listing stumble, for everybody.
struct Poisoned;

pub(super) async fn answer(
    call: Call,
    method: &Method,
    parts: &[&str],
    request: Request,
) -> Response {
    if call.server.options.version == Imitates::V0_3_64 {
        return if *method == Method::GET {
            not_found()
        } else {
            not_allowed("GET,HEAD")
        };
    }
    match (method.as_str(), parts) {
        ("GET", ["jobs"]) => list(&call),
        ("GET", ["jobs", id]) => one(&call, id),
        ("POST", ["jobs", "cancel"]) => cancel_many(&call, request).await,
        ("POST", ["jobs", id, "cancel"]) => reply_json(&json!({ "cancelled": cancel(&call, id) })),
        ("GET", _) => not_found(),
        _ => not_allowed("GET,HEAD"),
    }
}

fn refuse(text: &str) -> Response {
    json_with(400, &json!({ "error": text }))
}

/// What a listing asks for.
struct Wish<'a> {
    states: Vec<&'a str>,
    workflow: Option<&'a str>,
    by_duration: bool,
    ascending: bool,
    limit: Option<usize>,
    offset: usize,
}

impl<'a> Wish<'a> {
    fn read(call: &'a Call) -> Result<Self, String> {
        let states: Vec<&str> = call
            .param("status")
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|state| !state.is_empty())
            .collect();
        let unknown: Vec<&str> = states
            .iter()
            .copied()
            .filter(|s| !STATES.contains(s))
            .collect();
        if !unknown.is_empty() {
            return Err(format!(
                "Invalid status value(s): {}. Valid values: {}",
                unknown.join(", "),
                STATES.join(", ")
            ));
        }
        let by_duration = match call.param("sort_by") {
            None | Some("created_at") => false,
            Some("execution_duration") => true,
            Some(_) => {
                return Err("sort_by must be 'created_at' or 'execution_duration'".to_owned());
            }
        };
        let ascending = match call.param("sort_order") {
            None | Some("desc") => false,
            Some("asc") => true,
            Some(_) => return Err("sort_order must be 'asc' or 'desc'".to_owned()),
        };
        let limit = match call.param("limit").map(str::parse::<i64>) {
            None => None,
            Some(Err(_)) => return Err("limit must be an integer".to_owned()),
            Some(Ok(n)) if n <= 0 => return Err("limit must be a positive integer".to_owned()),
            Some(Ok(n)) => usize::try_from(n).ok(),
        };
        let offset = match call.param("offset").map(str::parse::<i64>) {
            None => 0,
            Some(Err(_)) => return Err("offset must be an integer".to_owned()),
            Some(Ok(n)) => usize::try_from(n.max(0)).unwrap_or(0),
        };
        Ok(Self {
            states,
            workflow: call.param("workflow_id"),
            by_duration,
            ascending,
            limit,
            offset,
        })
    }
}

fn list(call: &Call) -> Response {
    let wish = match Wish::read(call) {
        Ok(wish) => wish,
        Err(text) => return refuse(&text),
    };
    let Ok(mut jobs) = all(&call.server.desk()) else {
        return crash();
    };
    let text = |job: &Value, name: &str| job.get(name).and_then(Value::as_str).map(str::to_owned);
    jobs.retain(|job| {
        let state = text(job, "status").unwrap_or_default();
        let known = wish.states.is_empty() || wish.states.contains(&state.as_str());
        known
            && wish
                .workflow
                .is_none_or(|id| text(job, "workflow_id").as_deref() == Some(id))
    });
    let number = |job: &Value, name: &str| job.get(name).and_then(Value::as_u64).unwrap_or(0);
    jobs.sort_by_key(|job| {
        if wish.by_duration {
            number(job, "execution_end_time").saturating_sub(number(job, "execution_start_time"))
        } else {
            number(job, "create_time")
        }
    });
    if !wish.ascending {
        jobs.reverse();
    }
    let total = jobs.len();
    let page: Vec<Value> = jobs
        .into_iter()
        .skip(wish.offset)
        .take(wish.limit.unwrap_or(usize::MAX))
        .collect();
    let has_more = wish.offset + page.len() < total;
    reply_json(&json!({
        "jobs": page,
        "pagination": { "offset": wish.offset, "limit": wish.limit, "total": total, "has_more": has_more }
    }))
}

fn all(desk: &Desk) -> Result<Vec<Value>, Poisoned> {
    let mut jobs = Vec::new();
    for entry in desk.history().values() {
        jobs.push(past(entry)?);
    }
    if let Some(job) = desk.running() {
        jobs.push(present(job, "in_progress")?);
    }
    for job in desk.pending() {
        jobs.push(present(job, "pending")?);
    }
    Ok(jobs)
}

fn one(call: &Call, id: &str) -> Response {
    let desk = call.server.desk();
    let waiting = desk.pending().iter().find(|job| job.prompt_id == id);
    let found = if desk.is_running(id) {
        desk.running().map(|job| present(job, "in_progress"))
    } else if let Some(job) = waiting {
        Some(present(job, "pending"))
    } else {
        desk.history().get(id).map(|entry| {
            let mut job = past(entry)?;
            if let Value::Object(fields) = &mut job {
                let part = |name: &str| entry.get(name).cloned().unwrap_or(Value::Null);
                fields.insert("outputs".to_owned(), part("outputs"));
                fields.insert("execution_status".to_owned(), part("status"));
                let workflow = json!({
                    "prompt": entry.pointer("/prompt/2"), "extra_data": entry.pointer("/prompt/3")
                });
                fields.insert("workflow".to_owned(), workflow);
            }
            Ok(job)
        })
    };
    match found {
        None => json_with(404, &json!({ "error": "Job not found" })),
        Some(Ok(job)) => reply_json(&job),
        Some(Err(Poisoned)) => crash(),
    }
}

/// Finds the id of the workflow a job carries; a null or odd `extra_pnginfo` stumbles.
fn workflow_id(extra: &Value) -> Result<Option<Value>, Poisoned> {
    match extra.get("extra_pnginfo") {
        None => Ok(None),
        Some(Value::Object(info)) => match info.get("workflow") {
            None => Ok(None),
            Some(Value::Object(workflow)) => Ok(workflow.get("id").cloned()),
            Some(_) => Err(Poisoned),
        },
        Some(_) => Err(Poisoned),
    }
}

fn present(job: &Entry, state: &str) -> Result<Value, Poisoned> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(job.prompt_id));
    fields.insert("status".to_owned(), json!(state));
    fields.insert("priority".to_owned(), json!(job.number));
    fields.insert(
        "create_time".to_owned(),
        job.extra.get("create_time").cloned().into(),
    );
    fields.insert("outputs_count".to_owned(), json!(0));
    if let Some(id) = workflow_id(&job.extra)? {
        fields.insert("workflow_id".to_owned(), id);
    }
    fields.retain(|_, value| !value.is_null());
    Ok(fields.into())
}

fn past(entry: &Value) -> Result<Value, Poisoned> {
    let messages = entry.pointer("/status/messages").and_then(Value::as_array);
    let message = |kind: &str| {
        messages?
            .iter()
            .find(|message| message.get(0).is_some_and(|name| name == kind))?
            .get(1)
    };
    let time = |kind: &str| message(kind)?.get("timestamp").cloned();
    let error = message("execution_error");
    let cancelled = message("execution_interrupted").is_some();
    let state = match entry.pointer("/status/status_str") {
        Some(Value::String(word)) if word == "success" => "completed",
        _ if cancelled => "cancelled",
        _ => "failed",
    };
    let ended = [
        "execution_success",
        "execution_error",
        "execution_interrupted",
    ]
    .into_iter()
    .find_map(time);
    let (count, preview) = outputs(entry.get("outputs"));
    let prompt = |at: usize| {
        entry
            .get("prompt")
            .and_then(|prompt| prompt.get(at))
            .cloned()
    };
    let extra = prompt(3).unwrap_or(Value::Null);
    let fields = [
        ("id", prompt(1)),
        ("status", Some(json!(state))),
        ("priority", prompt(0)),
        ("create_time", extra.get("create_time").cloned()),
        ("execution_start_time", time("execution_start")),
        ("execution_end_time", ended),
        ("execution_error", error.cloned()),
        ("outputs_count", Some(json!(count))),
        ("preview_output", preview),
        ("workflow_id", workflow_id(&extra)?),
    ];
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.filter(|v| !v.is_null())?)));
    Ok(known.collect::<Map<_, _>>().into())
}

/// Counts output records and picks the one a list would show.
fn outputs(outputs: Option<&Value>) -> (usize, Option<Value>) {
    let mut count = 0;
    let mut preview: Option<Value> = None;
    for (node, kinds) in outputs.and_then(Value::as_object).into_iter().flatten() {
        for (kind, records) in kinds.as_object().into_iter().flatten() {
            if kind == "animated" {
                continue;
            }
            for record in records.as_array().into_iter().flatten() {
                count += 1;
                let fields = record
                    .as_object()
                    .filter(|_| SHOWN.contains(&kind.as_str()));
                let better = preview
                    .as_ref()
                    .is_none_or(|shown| shown.get("type") != Some(&json!("output")));
                if let Some(fields) = fields.filter(|_| better) {
                    let mut shown = fields.clone();
                    shown.insert("nodeId".to_owned(), json!(node));
                    shown.insert("mediaType".to_owned(), json!(kind));
                    preview = Some(shown.into());
                }
            }
        }
    }
    (count, preview)
}

/// Removes a waiting job or interrupts the running one.
fn cancel(call: &Call, id: &str) -> bool {
    let counts = call.server.desk().delete(id).unwrap_or_default();
    if !counts.is_empty() {
        for left in counts {
            call.server.hub.status(left);
        }
        return true;
    }
    let running = call.server.desk().is_running(id);
    if running {
        call.server.interrupt.raise();
    }
    running
}

async fn cancel_many(call: &Call, request: Request) -> Response {
    let body = match body(request).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let Ok(given) = python_json::read(&body) else {
        return refuse("Request body must be valid JSON");
    };
    let Some(Value::Array(ids)) = given.get("job_ids") else {
        return refuse("job_ids must be a list");
    };
    let invalid: Vec<&Value> = ids
        .iter()
        .filter(|id| !id.as_str().is_some_and(is_canonical))
        .collect();
    if !invalid.is_empty() {
        let body = json!({ "error": "job_ids contains invalid id(s)", "invalid_ids": invalid });
        return json_with(400, &body);
    }
    let mut cancelled = false;
    for id in ids.iter().filter_map(Value::as_str) {
        cancelled |= cancel(call, id);
    }
    reply_json(&json!({ "cancelled": cancelled }))
}
