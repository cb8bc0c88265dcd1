//! The check that keeps web pages of others from talking to a server on this machine.

use axum::{
    extract::Request,
    http::{HeaderName, header},
    response::Response,
};

use super::reply::empty;
use crate::loopback::Imitates;

/// Refuses what a real server refuses with 403 and an empty body.
pub(super) fn check(request: &Request, version: Imitates) -> Option<Response> {
    let field = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let cross = field(HeaderName::from_static("sec-fetch-site")) == Some("cross-site");
    if version == Imitates::V0_25_0 && cross {
        return Some(empty(403));
    }
    let host = field(header::HOST).map(str::to_lowercase);
    let origin = field(header::ORIGIN).map(str::to_lowercase);
    match (host, origin) {
        (Some(host), Some(origin)) if !same(&host, &origin) => Some(empty(403)),
        _ => None,
    }
}

/// Says whether an origin may talk to this host; only loopback hosts are protected.
fn same(host: &str, origin: &str) -> bool {
    let (host_name, host_port) = split(host);
    if !is_loopback(host_name) {
        return true;
    }
    let authority = origin.split_once("//").map_or("", |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or("");
    let (name, port) = split(authority);
    if name.is_empty() {
        return true;
    }
    let ports = port.is_none() || host_port.is_none() || port == host_port;
    name == host_name && ports
}

fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (name, Some(port))
        }
        _ => (authority, None),
    }
}

fn is_loopback(name: &str) -> bool {
    name == "localhost"
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|addr| addr.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn only_its_own_page_may_talk_to_a_server_on_this_machine() {
        for (host, origin, fine) in [
            ("127.0.0.1:8188", "http://evil.example", false),
            ("127.0.0.1:8188", "null", true),
            ("127.0.0.1:8188", "http://127.0.0.1:9999", false),
            ("127.0.0.1:8188", "http://127.0.0.1", true),
            ("127.0.0.1:8188", "http://localhost:8188", false),
            ("render01.lan:8188", "http://evil.example", true),
            ("[::1]:8188", "http://[::1]:8188", true),
        ] {
            assert_eq!(same(host, origin), fine, "{host} {origin}");
        }
    }
}
