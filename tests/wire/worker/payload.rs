//! Bytes of recorded requests.

use serde_json::Value;

use super::wire;

pub(super) fn headers(given: &Value) -> Vec<(String, String)> {
    given
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or("").to_owned()))
        .collect()
}

pub(super) fn multipart(parts: &[Value]) -> (Vec<(String, String)>, Vec<u8>) {
    const EDGE: &str = "----------------------------rushes";
    let mut body = Vec::new();
    for part in parts {
        let name = part["name"].as_str().unwrap();
        body.extend(format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
        if let Some(file) = part["filename"].as_str() {
            body.extend(format!("; filename=\"{file}\"").bytes());
        }
        if let Some(kind) = part["content_type"].as_str() {
            body.extend(format!("\r\nContent-Type: {kind}").bytes());
        }
        body.extend(b"\r\n\r\n");
        match (part["b64"].as_str(), part["value"].as_str()) {
            (Some(bytes), _) => body.extend(wire::base64(bytes)),
            (None, Some(text)) => body.extend(text.bytes()),
            (None, None) => body.resize(
                body.len() + usize::try_from(part["size"].as_u64().unwrap()).unwrap(),
                0,
            ),
        }
        body.extend(b"\r\n");
    }
    body.extend(format!("--{EDGE}--\r\n").bytes());
    let kind = format!("multipart/form-data; boundary={EDGE}");
    (vec![("Content-Type".to_owned(), kind)], body)
}
