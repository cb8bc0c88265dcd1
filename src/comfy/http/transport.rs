//! Connections, and answers that are not what was hoped for.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode};

use super::{Client, Limits};
use crate::comfy::endpoint::Endpoint;
use crate::comfy::error::{Error, brief, chain};
use crate::core::text::scrub;

/// An answer with its whole body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

impl Answer {
    /// Passes an answer of success on, names any other.
    pub(super) fn success(self, client: &Client, doing: &'static str) -> Result<Self, Error> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.failure(client, doing))
        }
    }

    pub(super) fn failure(&self, client: &Client, doing: &'static str) -> Error {
        let said = brief(&String::from_utf8_lossy(&self.body), 200);
        refusal(client, doing, (self.status, self.location.clone()), said)
    }
}

/// Names an answer that is not one of success.
pub(super) fn refusal(
    client: &Client,
    doing: &'static str,
    head: (StatusCode, Option<String>),
    said: String,
) -> Error {
    let (status, location) = head;
    match location {
        Some(to) if status.is_redirection() => Error::Redirected {
            worker: client.shown(),
            doing,
            to,
        },
        _ => Error::Status {
            worker: client.shown(),
            doing,
            status: status.as_u16(),
            said,
        },
    }
}

/// Where a redirection points, without its query, scrubbed.
pub(super) fn location(response: &Response) -> Option<String> {
    let to = String::from_utf8_lossy(response.headers().get(LOCATION)?.as_bytes()).into_owned();
    let plain = to.split(['?', '#']).next().unwrap_or_default();
    Some(
        scrub(plain.rsplit_once('@').map_or(plain, |(_, host)| host))
            .chars()
            .take(200)
            .collect(),
    )
}

/// Sets up connections: no redirects, no proxy to this machine, certificates of the system for https only.
pub(super) fn connections(endpoint: &Endpoint, limits: Limits) -> Result<reqwest::Client, Error> {
    install_tls();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rushes/", env!("CARGO_PKG_VERSION")))
        .default_headers(endpoint.headers().clone())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .pool_idle_timeout(Duration::from_secs(30))
        .tcp_nodelay(true)
        .no_gzip();
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
    }
    if !endpoint.is_encrypted() {
        // A machine without certificates could otherwise not even speak http.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|cause| Error::Refused {
        doing: "set up a connection",
        why: format!(
            "{}; is the package with the system's certificates installed?",
            chain(&cause)
        ),
    })
}

/// Makes ring the provider of TLS for the whole program; a second call changes nothing.
pub(in crate::comfy) fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
