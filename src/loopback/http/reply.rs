//! Answers in the server's manner: headers, texts, status codes.

use axum::{
    body::{Body, HttpBody as _},
    http::{HeaderValue, Response as Raw, header},
    response::Response,
};
use futures_util::StreamExt as _;
use serde_json::Value;

use crate::loopback::json as python_json;

const SERVER: HeaderValue = HeaderValue::from_static("Python/3.11 aiohttp/3.14.5");

/// Builds an answer of one type.
pub(super) fn typed(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Raw::new(body.into());
    *response.status_mut() = status.try_into().unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::SERVER, SERVER);
    response
}

/// Answers 200 with JSON.
pub(super) fn json(value: &Value) -> Response {
    json_with(200, value)
}

pub(super) fn json_with(status: u16, value: &Value) -> Response {
    typed(
        status,
        "application/json; charset=utf-8",
        python_json::write(value),
    )
}

/// Answers without a body.
pub(super) fn empty(status: u16) -> Response {
    typed(status, "application/octet-stream", Body::empty())
}

pub(super) fn text(status: u16, text: impl Into<String>) -> Response {
    typed(status, "text/plain; charset=utf-8", text.into())
}

/// Answers what an unhandled exception answers.
pub(super) fn crash() -> Response {
    let mut response = text(
        500,
        "500 Internal Server Error\n\nServer got itself in trouble",
    );
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

pub(super) fn not_found() -> Response {
    empty(404)
}

pub(super) fn not_allowed(allowed: &'static str) -> Response {
    let mut response = text(405, "405: Method Not Allowed");
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Reads a whole body; one over the limit is read to its end, thrown away and refused.
pub(super) async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Response> {
    let hint = usize::try_from(body.size_hint().lower()).unwrap_or(0);
    let mut whole = Vec::with_capacity(hint.min(1 << 20));
    let mut seen = 0_usize;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| crash())?;
        seen = seen.saturating_add(chunk.len());
        if seen > limit {
            whole = Vec::new();
            if seen > limit.saturating_mul(2) {
                break;
            }
        } else {
            whole.extend_from_slice(&chunk);
        }
    }
    if seen > limit {
        return Err(text(
            413,
            format!("Maximum request body size {limit} exceeded."),
        ));
    }
    Ok(whole)
}
