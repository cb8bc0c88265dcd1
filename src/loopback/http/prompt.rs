//! `POST /prompt`: accept, number, queue.

use axum::{extract::Request, response::Response};
use serde_json::{Map, Number, Value, json};
use uuid::Uuid;

use super::{
    Call, SECRETS, json_body,
    reply::{crash, json, json_with},
};
use crate::loopback::{
    Imitates,
    heap::Entry,
    python,
    run::now_ms,
    validate::{self, Library, refusal},
};

pub(super) async fn post(call: Call, request: Request) -> Response {
    let given = match json_body(request).await {
        Ok(given) => given,
        Err(refused) => return refused,
    };
    let answer = match accept(&call, given) {
        Ok(answer) => answer,
        Err(Stumble) => return crash(),
    };
    if answer.status() == 200 && call.server.dice().loses_reply() {
        call.line.0.cancel();
        return std::future::pending().await;
    }
    answer
}

/// An exception that nobody catches.
struct Stumble;

fn accept(call: &Call, given: Value) -> Result<Response, Stumble> {
    let fields = match given {
        Value::Object(fields) => fields,
        Value::Array(_) | Value::String(_) => {
            call.server.desk().number(false);
            return Ok(refuse(&no_prompt()));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => return Err(Stumble),
    };
    let number = number(call, &fields)?;
    let Some(prompt) = fields.get("prompt") else {
        return Ok(refuse(&no_prompt()));
    };
    let prompt_id = match prompt_id(call.server.options.version, fields.get("prompt_id")) {
        Ok(id) => id,
        Err(error) => return Ok(refuse(&error)),
    };
    let mut prompt = prompt.clone();
    let library = Library {
        catalog: &call.server.catalog,
        files: &call.server.files,
    };
    let targets = fields.get("partial_execution_targets");
    let verdict = validate::check(library, &mut prompt, targets).map_err(|_| Stumble)?;
    let extra = extra_data(
        call.server.options.version,
        &fields,
        verdict.error.is_none(),
    )?;
    if let Some(error) = verdict.error {
        let body = json!({ "error": error, "node_errors": verdict.node_errors });
        return Ok(json_with(400, &body));
    }
    let body = json!({
        "prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors
    });
    enqueue(
        call,
        Entry {
            number,
            prompt_id,
            prompt,
            extra,
            outputs: verdict.outputs,
        },
    )?;
    Ok(json(&body))
}

fn enqueue(call: &Call, entry: Entry) -> Result<(), Stumble> {
    call.server.lasting.accepted().push(entry.prompt_id.clone());
    let added = call.server.desk().add(entry);
    let remaining = added.map_err(|_| Stumble)?;
    call.server.hub.status(remaining);
    call.server.wake.notify_one();
    Ok(())
}

fn refuse(error: &Value) -> Response {
    json_with(400, &json!({ "error": error, "node_errors": {} }))
}

fn no_prompt() -> Value {
    refusal(
        "no_prompt",
        "No prompt provided",
        "No prompt provided",
        json!({}),
    )
}

/// Finds the place in the queue: the client's own number as a float, else the next one, negated for `front`.
fn number(call: &Call, fields: &Map<String, Value>) -> Result<Number, Stumble> {
    let Some(given) = fields.get("number") else {
        let front = fields.get("front").is_some_and(python::truth);
        return Ok(call.server.desk().number(front));
    };
    match python::float(given) {
        Ok(Value::Number(number)) => Ok(number),
        _ => Err(Stumble),
    }
}

fn prompt_id(version: Imitates, given: Option<&Value>) -> Result<String, Value> {
    let minted = || Uuid::new_v4().to_string();
    match (version, given) {
        (_, None) | (Imitates::V0_25_0, Some(Value::Null)) => Ok(minted()),
        (Imitates::V0_3_64, Some(given)) => Ok(python::text(given)),
        (Imitates::V0_25_0, Some(Value::String(id))) if is_canonical(id) => Ok(id.clone()),
        (Imitates::V0_25_0, Some(_)) => Err(refusal(
            "invalid_prompt_id",
            "prompt_id must be a valid UUID",
            "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one",
            json!({}),
        )),
    }
}

/// Says whether an id is a lower-case hyphenated UUID.
pub(super) fn is_canonical(id: &str) -> bool {
    Uuid::try_parse(id).is_ok_and(|uuid| uuid.to_string() == id)
}

/// Builds `extra_data`: the client's id goes in, secrets and time as the version has it.
fn extra_data(
    version: Imitates,
    fields: &Map<String, Value>,
    accepted: bool,
) -> Result<Value, Stumble> {
    let mut extra = match fields.get("extra_data") {
        None => Value::Object(Map::new()),
        Some(given) => given.clone(),
    };
    let touches = fields.contains_key("client_id") || (accepted && version == Imitates::V0_25_0);
    let Value::Object(extra_fields) = &mut extra else {
        return if touches { Err(Stumble) } else { Ok(extra) };
    };
    if let Some(client) = fields.get("client_id") {
        extra_fields.insert("client_id".to_owned(), client.clone());
    }
    if version == Imitates::V0_25_0 {
        for secret in SECRETS {
            extra_fields.shift_remove(secret);
        }
        extra_fields.insert("create_time".to_owned(), json!(now_ms()));
    }
    Ok(extra)
}
