//! Queue, history and interrupt.

use axum::{extract::Request, response::Response};
use serde_json::{Map, Value, json};

use super::{
    Call, body, json_body,
    reply::{crash, empty, json as reply_json},
};
use crate::loopback::{hub, json as python_json, python};

/// `GET /prompt`: how many jobs there are.
pub(super) fn count(call: &Call) -> Response {
    let remaining = call.server.desk().remaining();
    reply_json(hub::status(remaining).get("status").unwrap_or(&Value::Null))
}

/// `POST /queue`: clear and delete waiting jobs.
pub(super) async fn change(call: &Call, request: Request) -> Response {
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    if fields.get("clear").is_some_and(python::truth) {
        let left = call.server.desk().clear();
        call.server.hub.status(left);
    }
    for id in ids(fields.get("delete")) {
        let counts = call.server.desk().delete(&id);
        let Ok(counts) = counts else {
            return crash();
        };
        for left in counts {
            call.server.hub.status(left);
        }
    }
    empty(200)
}

/// `POST /history`: clear and delete entries.
pub(super) async fn change_history(call: &Call, request: Request) -> Response {
    let fields = match fields(request).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    if fields.get("clear").is_some_and(python::truth) {
        call.server.desk().clear_history();
    }
    for id in ids(fields.get("delete")) {
        call.server.desk().delete_history(&id);
    }
    empty(200)
}

/// `POST /interrupt`: with an id only that job, without one whatever runs.
pub(super) async fn interrupt(call: &Call, request: Request) -> Response {
    let body = match body(request).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let wanted = match python_json::read(&body) {
        Err(_) => None,
        Ok(Value::Object(fields)) => fields.get("prompt_id").cloned(),
        Ok(_) => return crash(),
    };
    match wanted.filter(python::truth) {
        None => call.server.interrupt.raise(),
        Some(id) => {
            let running = call.server.desk().is_running(id.as_str().unwrap_or(""));
            if running {
                call.server.interrupt.raise();
            }
        }
    }
    empty(200)
}

/// `POST /free`: drop the node cache when idle.
pub(super) async fn free(call: &Call, request: Request) -> Response {
    match fields(request).await {
        Ok(fields) => {
            if fields.get("free_memory").is_some_and(python::truth) {
                call.server.free_memory();
            }
            empty(200)
        }
        Err(refused) => refused,
    }
}

/// `GET /history`.
pub(super) fn history(call: &Call) -> Response {
    let number = |name: &str| match call.param(name) {
        None => Ok(None),
        Some(text) => text.trim().parse::<i64>().map(Some).map_err(|_| ()),
    };
    match (number("max_items"), number("offset")) {
        (Ok(max), Ok(offset)) => reply_json(&call.server.desk().recent(max, offset)),
        _ => crash(),
    }
}

/// `GET /history/{id}`: unknown, waiting and running are all `{}`.
pub(super) fn entry(call: &Call, id: &str) -> Response {
    let desk = call.server.desk();
    let found = desk.history().get(id);
    reply_json(&found.map_or_else(|| json!({}), |entry| json!({ id: Value::clone(entry) })))
}

async fn fields(request: Request) -> Result<Map<String, Value>, Response> {
    match json_body(request).await? {
        Value::Object(fields) => Ok(fields),
        _ => Err(crash()),
    }
}

/// Lists ids to delete; a bare string is taken letter by letter, as Python iterates it.
fn ids(given: Option<&Value>) -> Vec<String> {
    match given {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect(),
        Some(Value::String(text)) => text.chars().map(String::from).collect(),
        _ => Vec::new(),
    }
}
