//! Says where an answer or a stream of events differs from the recorded one, leaving out what differs from server to server.

use serde_json::{Map, Value};

use super::wire::{Answer, Heard, base64};

/// Fields whose value is a moment or a trace of Python.
const ANY: [&str; 5] = [
    "timestamp",
    "create_time",
    "execution_start_time",
    "execution_end_time",
    "traceback",
];
/// Lists that are sets on the server.
const SETS: [&str; 3] = ["dependent_outputs", "executed", "current_outputs"];

/// Compares two JSON values; each difference is a line.
pub(crate) fn json(recorded: &Value, found: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    differ("", recorded, found, &mut lines);
    lines
}

fn differ(at: &str, recorded: &Value, found: &Value, lines: &mut Vec<String>) {
    let name = at.rsplit('/').next().unwrap_or("");
    if ANY.contains(&name) && std::mem::discriminant(recorded) == std::mem::discriminant(found) {
        return;
    }
    match (recorded, found) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let inner = format!("{at}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => differ(&inner, a, b, lines),
                    (Some(_), None) => lines.push(format!("{inner} is missing")),
                    (None, _) => lines.push(format!("{inner} is too much")),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let (a, b) = (ordered(name, a), ordered(name, b));
            if a.len() != b.len() {
                lines.push(format!("{at} has {} items, recorded {}", b.len(), a.len()));
                return;
            }
            for (n, (a, b)) in a.iter().zip(&b).enumerate() {
                differ(&format!("{at}/{n}"), a, b, lines);
            }
        }
        (Value::String(a), Value::String(b)) if same_text(name, a, b) => {}
        (Value::Number(a), Value::Number(b))
            if a.as_f64() == b.as_f64() && a.is_f64() == b.is_f64() => {}
        _ if recorded == found => {}
        _ => lines.push(format!(
            "{at} is {}, recorded {}",
            short(found),
            short(recorded)
        )),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(200).collect()
}

fn ordered(name: &str, items: &[Value]) -> Vec<Value> {
    let mut items = items.to_vec();
    if SETS.contains(&name) || name == "errors" {
        items.sort_by_key(Value::to_string);
    }
    if name == "errors" {
        items.sort_by_key(|error| error["details"].to_string());
    }
    if items.len() == 5 && items[1].is_string() && items[4].is_array() {
        items[4] = Value::Array(ordered("executed", items[4].as_array().unwrap()));
    }
    items
}

fn same_text(name: &str, a: &str, b: &str) -> bool {
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let hex = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    a == b
        || (a.starts_with("tensor(") && b.starts_with("tensor("))
        || (name == "sid" && hex(a) && hex(b))
        || (name == "details" && lines(a) == lines(b))
        || (name == "details"
            && a.ends_with("not in []")
            && b.starts_with(a.trim_end_matches("[]")))
        || (a.contains("_temp_") && letters_out(a) == letters_out(b))
}

/// Blanks the numbers of output files, which depend on what ran first.
pub(crate) fn numbers_out(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        rest = if digits == 5 { &after[5..] } else { after };
    }
    out + rest
}

/// Blanks the random letters of a temporary name.
fn letters_out(name: &str) -> String {
    match name.split_once("_temp_") {
        Some((before, after)) => format!("{before}_temp_{}", after.get(5..).unwrap_or("")),
        None => name.to_owned(),
    }
}

/// Compares an answer with a recorded one.
pub(crate) fn answer(path: &str, note: &str, recorded: &Value, found: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    if recorded["status"] != found.status {
        lines.push(format!(
            "status {}, recorded {}",
            found.status, recorded["status"]
        ));
        return lines;
    }
    headers(&recorded["headers"], found, &mut lines);
    let text = String::from_utf8_lossy(&found.body);
    if let Some(body) = recorded.get("body") {
        match serde_json::from_slice::<Value>(&found.body) {
            Ok(found) => lines.extend(body_lines(path, note, body, &found)),
            Err(_) => lines.push(format!(
                "not JSON: {}",
                text.chars().take(80).collect::<String>()
            )),
        }
    } else if let Some(body) = recorded.get("body_text").and_then(Value::as_str) {
        if found.status != 405 && body != text && !body.is_empty() {
            lines.push(format!("text {text:?}, recorded {body:?}"));
        }
        if body.is_empty() && !found.body.is_empty() {
            lines.push("a body where none was recorded".to_owned());
        }
    } else if let Some(start) = recorded.get("body_b64").and_then(Value::as_str) {
        let start = base64(start);
        let magic = start.len().min(4);
        let known = [&b"\x89PNG"[..], b"\xff\xd8\xff", b"RIFF", b"GIF8", b"fLaC"];
        if known.iter().any(|mark| start.starts_with(mark))
            && found.body.get(..magic) != start.get(..magic)
        {
            lines.push("another kind of file".to_owned());
        }
        if found.body.is_empty() != (recorded["body_size"] == 0) {
            lines.push(format!(
                "{} bytes, recorded {}",
                found.body.len(),
                recorded["body_size"]
            ));
        }
    }
    lines
}

/// Compares the headers a client acts on.
fn headers(recorded: &Value, found: &Answer, lines: &mut Vec<String>) {
    let recorded = |name: &str| {
        recorded
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    for name in ["content-type", "allow"] {
        let wanted = recorded(name);
        if wanted.is_some() && wanted != found.header(name) {
            lines.push(format!(
                "{name} {:?}, recorded {wanted:?}",
                found.header(name)
            ));
        }
    }
    let whole = recorded("content-disposition_bytes_b64").is_none();
    for name in ["etag", "last-modified", "accept-ranges", "content-range"] {
        if whole && recorded(name).is_some() != found.header(name).is_some() {
            lines.push(format!(
                "{name} {:?}, recorded {:?}",
                found.header(name),
                recorded(name)
            ));
        }
    }
    let plain = |text: Option<String>| text.map(|text| letters_out(&text));
    if plain(recorded("content-disposition")) != plain(found.header("content-disposition"))
        && recorded("content-disposition").is_some()
    {
        lines.push(format!(
            "content-disposition {:?}",
            found.header("content-disposition")
        ));
    }
    if let Some(raw) = recorded("content-disposition_bytes_b64") {
        let found = found
            .headers
            .iter()
            .find(|(name, _)| name == "content-disposition");
        if found.map(|(_, value)| value) != Some(&base64(&raw)) {
            lines.push("content-disposition differs in its bytes".to_owned());
        }
    }
}

/// Compares bodies, leaving out what depends on the machine: its files, models, memory.
fn body_lines(path: &str, note: &str, recorded: &Value, found: &Value) -> Vec<String> {
    let keys = |value: &Value| match value {
        Value::Object(fields) => fields.keys().cloned().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    if path.ends_with("/system_stats") {
        let same = keys(&recorded["system"]) == keys(&found["system"])
            && keys(&recorded["devices"][0]) == keys(&found["devices"][0])
            && recorded["system"]["comfyui_version"] == found["system"]["comfyui_version"];
        return if same {
            vec![]
        } else {
            vec!["other fields".to_owned()]
        };
    }
    if path.starts_with("/models/") || path.starts_with("/internal/files") {
        return if found.is_array() {
            vec![]
        } else {
            vec!["not a list".to_owned()]
        };
    }
    if note.contains("TWO outputs") {
        let named = |value: &Value| keys(&value["node_errors"]).contains(&"5".to_owned());
        return if named(found) == named(recorded) {
            vec![]
        } else {
            vec!["node_errors".to_owned()]
        };
    }
    if path.contains("/api/jobs") && recorded.get("pagination").is_some() {
        return jobs(recorded, found);
    }
    let (mut recorded, mut found) = (recorded.clone(), found.clone());
    for body in [&mut recorded, &mut found] {
        for choices in [
            "/LoadImage/input/required/image/0",
            "/CheckpointLoaderSimple/input/required/ckpt_name/0",
        ] {
            if let Some(list) = body.pointer_mut(choices) {
                *list = Value::Null;
            }
        }
        forget_choices(body);
    }
    json(&recorded, &found)
}

/// A missing model is reported with the list of those there are, which differs.
fn forget_choices(body: &mut Value) {
    let nodes = body.get_mut("node_errors").and_then(Value::as_object_mut);
    for node in nodes.into_iter().flat_map(Map::values_mut) {
        let errors = node.get_mut("errors").and_then(Value::as_array_mut);
        for error in errors.into_iter().flatten() {
            if error["extra_info"]["input_name"] == "ckpt_name" {
                error["extra_info"]["input_config"] = Value::Null;
            }
        }
    }
}

/// Recorded job lists hold jobs of other scenarios: what a list says of the same jobs is compared.
fn jobs(recorded: &Value, found: &Value) -> Vec<String> {
    let by_id = |list: &Value, id: &Value| {
        let jobs = list["jobs"].as_array().into_iter().flatten();
        jobs.into_iter().find(|job| &job["id"] == id).cloned()
    };
    let mut lines = Vec::new();
    for job in found["jobs"].as_array().into_iter().flatten() {
        if let Some(known) = by_id(recorded, &job["id"]) {
            lines.extend(json(&known, job));
        }
    }
    if found["jobs"].as_array().is_none_or(Vec::is_empty) && recorded["jobs"] != found["jobs"] {
        lines.push("no jobs".to_owned());
    }
    for field in ["offset", "limit"] {
        if recorded["pagination"][field] != found["pagination"][field] {
            lines.push(format!("pagination {field}"));
        }
    }
    lines
}

/// What one event comes down to: who, what, and no moments, values or random names.
pub(crate) fn event(heard: &Heard) -> Option<(String, String)> {
    match heard {
        Heard::Text(message) => {
            let data = &message["data"];
            let prompt = data["prompt_id"].as_str().unwrap_or("").to_owned();
            let kind = message["type"].as_str().unwrap_or("");
            Some((prompt, text_event(kind, data)?))
        }
        Heard::Binary(bytes) => {
            let kind = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
            let second = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
            let what = match kind {
                4 => {
                    let end = 8 + usize::try_from(second).ok()?;
                    let text = serde_json::from_slice::<Value>(bytes.get(8..end)?).ok()?;
                    format!("{text}")
                }
                3 => String::from_utf8_lossy(bytes.get(4..)?).into_owned(),
                _ => format!("{second}"),
            };
            Some((String::new(), format!("binary {kind} {what}")))
        }
    }
}

fn text_event(kind: &str, data: &Value) -> Option<String> {
    Some(match kind {
        "status" => return None,
        "progress" => format!("progress {} of {}", data["node"], data["max"]),
        "progress_state" => {
            let nodes: Vec<String> = data["nodes"]
                .as_object()?
                .iter()
                .map(|(id, node)| {
                    format!(
                        "{id} {} {} {}",
                        node["state"], node["max"], node["display_node_id"]
                    )
                })
                .collect();
            format!("state {}", nodes.join(", "))
        }
        _ => {
            let mut data = data.clone();
            tidy(&mut data);
            format!("{kind} {data}")
        }
    })
}

fn tidy(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ANY {
                fields.shift_remove(name);
            }
            fields.sort_keys();
            for (name, item) in fields.iter_mut() {
                if SETS.contains(&name.as_str())
                    && let Value::Array(items) = item
                {
                    items.sort_by_key(Value::to_string);
                }
                tidy(item);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::String(text) if text.starts_with("tensor(") => "tensor".clone_into(text),
        Value::String(text) if text.contains("_temp_") => *text = letters_out(text),
        _ => {}
    }
}
