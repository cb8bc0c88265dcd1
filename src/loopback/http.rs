//! Routes, and how a real server answers on and beside them.

mod about;
mod guard;
mod jobs;
mod prompt;
mod queue;
mod reply;
mod socket;
mod upload;
mod view;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::Method,
    response::Response,
};
use serde_json::Value;

use self::reply::{crash, empty, json, not_allowed, not_found};
use super::{
    json as python_json,
    server::{Line, Server},
};

/// Keys of `extra_data` that never reach history.
pub(crate) const SECRETS: [&str; 2] = ["auth_token_comfy_org", "api_key_comfy_org"];
/// Largest body, in bytes: the real default.
const BODY_LIMIT: usize = 104_857_600;

/// Builds the application.
pub(crate) fn app(server: Arc<Server>) -> Router {
    Router::new().fallback(answer).with_state(server)
}

/// What a handler gets to see of a request.
struct Call {
    server: Arc<Server>,
    line: Line,
    query: Vec<(String, String)>,
}

impl Call {
    /// Finds a query parameter, decoded.
    fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

async fn answer(
    State(server): State<Arc<Server>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    if let Some(refused) = guard::check(&request, server.options.version) {
        return refused;
    }
    let call = Call {
        server,
        line,
        query: query(request.uri().query().unwrap_or("")),
    };
    let path = request.uri().path().to_owned();
    let method = if *request.method() == Method::HEAD {
        Method::GET
    } else {
        request.method().clone()
    };
    if method == Method::OPTIONS {
        return empty(200);
    }
    let api = path
        .strip_prefix("/api")
        .filter(|rest| rest.starts_with('/'));
    let parts: Vec<String> = api
        .unwrap_or(&path)
        .split('/')
        .skip(1)
        .map(percent_decode)
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if api.is_some() && parts.first() == Some(&"jobs") {
        return jobs::answer(call, &method, &parts, request).await;
    }
    route(call, &method, &parts, request).await
}

/// Picks the handler; a known path with another method is 405, or 404 for GET.
async fn route(call: Call, method: &Method, parts: &[&str], request: Request) -> Response {
    match (method.as_str(), parts) {
        ("GET", ["ws"]) => socket::open(call, request).await,
        ("GET", ["prompt"]) => queue::count(&call),
        ("POST", ["prompt"]) => prompt::post(call, request).await,
        ("GET", ["queue"]) => json(&call.server.desk().listed()),
        ("POST", ["queue"]) => queue::change(&call, request).await,
        ("POST", ["interrupt"]) => queue::interrupt(&call, request).await,
        ("POST", ["free"]) => queue::free(&call, request).await,
        ("GET", ["history"]) => queue::history(&call),
        ("GET", ["history", id]) => queue::entry(&call, id),
        ("POST", ["history"]) => queue::change_history(&call, request).await,
        ("GET", ["view"]) => view::file(&call, request.headers()),
        ("POST", ["upload", kind @ ("image" | "mask")]) => upload::store(call, kind, request).await,
        ("GET", _) => about::answer(&call, parts).unwrap_or_else(not_found),
        (_, ["queue" | "prompt" | "history"]) => not_allowed("GET,HEAD,POST"),
        (_, ["interrupt" | "free"]) => not_allowed("POST"),
        _ => not_allowed("GET,HEAD"),
    }
}

/// Reads a whole body, or answers 413 as the server does.
async fn body(request: Request) -> Result<Vec<u8>, Response> {
    reply::read(request.into_body(), BODY_LIMIT).await
}

/// Reads a body as JSON; what is not JSON makes the server stumble.
async fn json_body(request: Request) -> Result<Value, Response> {
    let body = body(request).await?;
    python_json::read(&body).map_err(|_| crash())
}

fn query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| percent_decode(&text.replace('+', " "));
            (plain(name), plain(value))
        })
        .collect()
}

/// Decodes `%XX`; what does not decode to UTF-8 is replaced, a stray `%` stays.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = match escaped {
            Some(_) => after.get(2..).unwrap_or(&[]),
            None => after,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Turns bytes into a response body.
fn bytes(body: impl Into<Body>) -> Body {
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unescaped_percent_sign_is_taken_as_it_stands() {
        for (text, plain) in [
            ("a%20b%25", "a b%"),
            ("%EmptyImage", "%EmptyImage"),
            ("%ED%95%9C", "한"),
            ("%", "%"),
        ] {
            assert_eq!(percent_decode(text), plain);
        }
        assert_eq!(
            query("a=1+2&b=%26"),
            [("a".into(), "1 2".into()), ("b".into(), "&".into())]
        );
    }
}
