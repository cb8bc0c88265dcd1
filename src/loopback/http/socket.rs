//! `GET /ws`: one socket and its handshake.

use std::sync::Arc;

use axum::{
    extract::{
        FromRequest as _, Request,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{Call, about, reply};
use crate::loopback::{hub, json as python_json};

/// A longer message from the client ends the connection, in bytes.
const LONGEST: usize = 4 << 20;

pub(super) async fn open(call: Call, request: Request) -> Response {
    let Ok(upgrade) = WebSocketUpgrade::from_request(request, &()).await else {
        return reply::text(
            400,
            "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".",
        );
    };
    upgrade
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .on_upgrade(move |socket| attend(call, socket))
}

async fn attend(call: Call, socket: WebSocket) {
    let sid = match call.param("clientId") {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => Uuid::new_v4().simple().to_string(),
    };
    let server = Arc::clone(&call.server);
    let (sink, mut stream) = socket.split();
    let sink = Arc::new(Mutex::new(sink));
    let serial = {
        let mut first = sink.lock().await;
        let serial = server
            .hub
            .join(&sid, Arc::clone(&sink), call.line.0.clone());
        for message in greeting(&call, &sid) {
            if first.send(Message::Text(message.into())).await.is_err() {
                break;
            }
        }
        serial
    };
    let mut greeted = false;
    loop {
        let next = tokio::select! {
            () = call.line.0.cancelled() => break,
            next = stream.next() => next,
        };
        match next {
            Some(Ok(Message::Text(text))) if !greeted => {
                greeted = true;
                if let Some(previews) = flags(&text) {
                    server.hub.flag(&sid, serial, previews);
                    let data = about::features(&server);
                    let to = hub::To::Client(json!(sid));
                    server.hub.send(to, "feature_flags", &data);
                }
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            Some(Ok(Message::Binary(_))) => greeted = true,
            Some(Ok(Message::Text(_) | Message::Ping(_) | Message::Pong(_))) => {}
        }
    }
    server.hub.leave(&sid);
}

/// What a new socket hears: the queue count with its id, and the node that runs for it right now.
fn greeting(call: &Call, sid: &str) -> Vec<String> {
    let remaining = call.server.desk().remaining();
    let mut status = hub::status(remaining);
    if let Value::Object(fields) = &mut status {
        fields.insert("sid".to_owned(), json!(sid));
    }
    let mut greeting = vec![python_json::write(
        &json!({ "type": "status", "data": status }),
    )];
    if let Some(node) = call.server.running_node(sid) {
        let running = json!({ "type": "executing", "data": { "node": node } });
        greeting.push(python_json::write(&running));
    }
    greeting
}

/// Reads a first message; anything but feature flags is ignored.
fn flags(text: &str) -> Option<bool> {
    let message = python_json::read(text.as_bytes()).ok()?;
    if message.get("type")? != "feature_flags" {
        return None;
    }
    let wanted = message.pointer("/data/supports_preview_metadata");
    Some(wanted == Some(&Value::Bool(true)))
}
