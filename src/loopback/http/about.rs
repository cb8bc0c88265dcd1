//! What the server says about itself: features, models, node classes, machine.

use axum::response::Response;
use serde_json::{Value, json};

use super::{
    Call,
    reply::{empty, json as reply_json, json_with, text},
};
use crate::loopback::{Imitates, server::Server};

/// Memory this worker pretends to have on its device, in bytes.
const VRAM: u64 = 24 << 30;

/// Answers a GET on a path that no other handler knows.
pub(super) fn answer(call: &Call, parts: &[&str]) -> Option<Response> {
    let server = &call.server;
    let path = format!("/{}", parts.join("/"));
    Some(match parts {
        ["system_stats"] => reply_json(&machine(server)),
        ["features"] => reply_json(&features(server)),
        ["object_info"] => reply_json(&server.catalog.describe_all(&server.files)),
        ["object_info", class] => {
            let described = server.catalog.describe(class, &server.files);
            reply_json(
                &described.map_or_else(|| json!({}), |described| json!({ *class: described })),
            )
        }
        ["models", folder] => match server.catalog.models(folder) {
            Some(files) => reply_json(&files),
            None => empty(404),
        },
        ["view_metadata", _] => empty(404),
        ["userdata"] => text(404, "Directory not found"),
        ["internal", "logs"] => reply_json(&json!("")),
        ["internal", "files", kind @ ("input" | "output" | "temp")] => {
            let present = server.files.top_level(kind);
            let named = |name: &Value| format!("{} [{kind}]", name.as_str().unwrap_or(""));
            reply_json(&present.iter().map(named).collect())
        }
        ["global_subgraphs"] if server.options.version == Imitates::V0_25_0 => {
            reply_json(&json!({}))
        }
        ["assets"] if server.options.version == Imitates::V0_25_0 => json_with(
            503,
            &json!({ "error": {
                "code": "SERVICE_DISABLED",
                "message": "Assets system is disabled. Start the server with --enable-assets to use this feature.",
                "details": {}
            } }),
        ),
        _ => reply_json(server.catalog.answer(&path)?),
    })
}

/// Lists what this server can do, for the handshake and `/features`.
pub(super) fn features(server: &Server) -> Value {
    let known = server.catalog.answer("/features");
    known.cloned().unwrap_or_else(|| json!({}))
}

/// Describes the machine as the imitated server would, with one pretended device.
fn machine(server: &Server) -> Value {
    let known = server.catalog.answer("/system_stats");
    let mut stats = known.cloned().unwrap_or_else(|| json!({}));
    let free = VRAM - (VRAM / 8) * u64::from(server.desk().running().is_some());
    if let Value::Object(fields) = &mut stats {
        fields.insert(
            "devices".to_owned(),
            json!([{
                "name": server.options.name, "type": "cpu", "index": null,
                "vram_total": VRAM, "vram_free": free,
                "torch_vram_total": VRAM, "torch_vram_free": free
            }]),
        );
    }
    stats
}
