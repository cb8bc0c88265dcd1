//! Where a worker is, and what its operator wants sent along.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::core::text::scrub;

/// The address of a worker and the headers it asks for.
///
/// The address may carry a path prefix (a reverse proxy). Header values are secrets: `Debug` and `Display` hide them.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    headers: HeaderMap,
}

/// Why an address or a header is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The text is no address.
    #[error("`{given}` is not a worker address ({cause}); write it like http://gpu1:8188")]
    NotAnAddress {
        /// What was given, scrubbed.
        given: String,
        /// What the parser said.
        cause: String,
    },
    /// Neither http nor https.
    #[error("a worker speaks http or https, not `{0}`; write the address like http://gpu1:8188")]
    Scheme(String),
    /// A name or password stands before the host.
    #[error(
        "the address of {host} holds a name or password, which would end up in logs; \
         leave it out and give the worker a header (such as Authorization) in the configuration"
    )]
    Credentials {
        /// The host alone.
        host: String,
    },
    /// A query or fragment follows the path.
    #[error(
        "the address of {host} must end with its path; leave out everything from `?` or `#` on"
    )]
    Trailing {
        /// The host alone.
        host: String,
    },
    /// A header that cannot be sent.
    #[error("header `{name}` cannot be sent: {cause}")]
    Header {
        /// Name of the header, scrubbed. The value is never shown.
        name: String,
        /// What is wrong with it.
        cause: &'static str,
    },
}

impl Endpoint {
    /// Reads an address such as `http://gpu1:8188`, `gpu1:8188` or `https://host/comfy/`.
    ///
    /// # Errors
    /// When it is no http(s) address of a host, or holds credentials, a query or a fragment.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let mut url = Url::parse(&full).map_err(|cause| EndpointError::NotAnAddress {
            given: without_credentials(text),
            cause: cause.to_string(),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EndpointError::Scheme(scrub(url.scheme()).into_owned()));
        }
        let host = scrub(url.host_str().unwrap_or_default()).into_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials { host });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Trailing { host });
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self {
            url,
            headers: HeaderMap::new(),
        })
    }

    /// Adds a header that goes with every request and the socket's handshake; its value is a secret.
    ///
    /// # Errors
    /// When name or value are no header, or the header is one the client must own: `Origin` would be refused by
    /// servers on a loopback name, the others describe the connection itself.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, EndpointError> {
        let refuse = |cause| EndpointError::Header {
            name: scrub(name).into_owned(),
            cause,
        };
        let header = HeaderName::try_from(name)
            .map_err(|_| refuse("the name has characters headers do not allow"))?;
        let ours = [
            "origin",
            "host",
            "content-length",
            "content-type",
            "transfer-encoding",
            "connection",
            "upgrade",
        ];
        if ours.contains(&header.as_str()) || header.as_str().starts_with("sec-websocket") {
            return Err(refuse("the client sets or withholds this one itself"));
        }
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            refuse("the value has characters headers do not allow, such as a line break")
        })?;
        value.set_sensitive(true);
        self.headers.insert(header, value);
        Ok(self)
    }

    /// Says whether the worker is on this machine, where no proxy may stand between.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self
            .url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']']);
        host == "localhost"
            || host.ends_with(".localhost")
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// The port of a worker on this machine; `None` for one elsewhere.
    #[must_use]
    pub fn local_port(&self) -> Option<u16> {
        self.url
            .port_or_known_default()
            .filter(|_| self.is_loopback())
    }

    /// Says whether the connection is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The headers to send; their values are marked sensitive.
    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Builds the address of a route below the prefix, each query value percent-encoded on its own.
    pub(super) fn route(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut path = self.url.path().to_owned();
        path.push_str(
            &segments
                .iter()
                .map(|part| encode(part))
                .collect::<Vec<_>>()
                .join("/"),
        );
        let mut url = self.url.clone();
        url.set_path(&path);
        if !query.is_empty() {
            let pairs: Vec<_> = query
                .iter()
                .map(|(key, value)| format!("{key}={}", encode(value)))
                .collect();
            url.set_query(Some(&pairs.join("&")));
        }
        url
    }

    /// The address of the socket for a client id.
    pub(super) fn socket(&self, client_id: &str) -> String {
        let url = self.route(&["ws"], &[("clientId", client_id)]);
        let scheme = if self.is_encrypted() { "wss" } else { "ws" };
        format!("{scheme}{}", url.as_str().trim_start_matches(url.scheme()))
    }
}

/// Hides what may be a password in an address that could not be read.
fn without_credentials(text: &str) -> String {
    let kept = text.rsplit_once('@').map_or(text, |(_, host)| host);
    scrub(kept).chars().take(120).collect()
}

/// Percent-encodes all but the characters that mean themselves everywhere in a URL.
///
/// File names may hold `%`, `+`, `&`, `#`, spaces, quotes and any letter; form encoding would write `+` for a space.
fn encode(text: &str) -> String {
    use fmt::Write as _;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden: Vec<_> = self
            .headers
            .keys()
            .map(|name| format!("{name}: ***"))
            .collect();
        f.debug_struct("Endpoint")
            .field("url", &self.url.as_str())
            .field("headers", &hidden)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (given, shown) in [
            ("gpu1:8188", "http://gpu1:8188"),
            ("http://gpu1:8188/", "http://gpu1:8188"),
            (
                " https://farm.example/comfy/a ",
                "https://farm.example/comfy/a",
            ),
            ("[::1]:8188", "http://[::1]:8188"),
        ] {
            assert_eq!(Endpoint::parse(given).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn an_address_of_no_use_says_why_and_shows_no_password() {
        for given in [
            "",
            "http://",
            "ftp://gpu1",
            "http://me:s3cret@gpu1:8188",
            "me:s3cret@gpu1:8188",
            "http://me:s3cret@:x",
            "http://gpu1/?token=s3cret",
            "http://gpu1/#s3cret",
            "http://gpu1:99999",
        ] {
            let message = Endpoint::parse(given).unwrap_err().to_string();
            assert!(!message.contains("s3cret"), "{message}");
            assert!(message.len() > 20, "{message}");
        }
    }

    #[test]
    fn a_secret_header_is_shown_nowhere() {
        let endpoint = Endpoint::parse("gpu1")
            .unwrap()
            .with_header("Authorization", "Bearer s3cret")
            .unwrap();
        assert!(!format!("{endpoint:?} {endpoint}").contains("s3cret"));
        assert!(format!("{endpoint:?}").contains("authorization: ***"));
        let broken = endpoint
            .with_header("X-Key", "s3cret\r\nHost: evil")
            .unwrap_err();
        assert!(!format!("{broken} {broken:?}").contains("s3cret"));
    }

    #[test]
    fn the_headers_of_the_connection_are_not_for_the_operator() {
        for name in ["Origin", "host", "Sec-WebSocket-Key", "Content-Length"] {
            assert!(
                Endpoint::parse("gpu1")
                    .unwrap()
                    .with_header(name, "x")
                    .is_err(),
                "{name}"
            );
        }
    }

    #[test]
    fn odd_file_names_survive_the_query() {
        let url = Endpoint::parse("gpu1/pre").unwrap().route(
            &["view"],
            &[
                ("filename", "a+b&c=d#e%20f \"кадр ✓.png"),
                ("subfolder", "сцена 07/x\\y"),
            ],
        );
        assert_eq!(url.path(), "/pre/view");
        let back: Vec<_> = url
            .query_pairs()
            .map(|(_, value)| value.into_owned())
            .collect();
        assert_eq!(back, ["a+b&c=d#e%20f \"кадр ✓.png", "сцена 07/x\\y"]);
        assert!(!url.query().unwrap().contains('+'));
    }

    #[test]
    fn a_path_segment_cannot_climb_out_of_the_prefix() {
        let url = Endpoint::parse("gpu1/pre")
            .unwrap()
            .route(&["history", "../../x"], &[]);
        assert_eq!(url.path(), "/pre/history/..%2F..%2Fx");
    }

    #[test]
    fn the_socket_follows_the_scheme_and_the_prefix() {
        assert_eq!(
            Endpoint::parse("gpu1:8188").unwrap().socket("a b"),
            "ws://gpu1:8188/ws?clientId=a%20b"
        );
        assert_eq!(
            Endpoint::parse("https://h/p").unwrap().socket("c"),
            "wss://h/p/ws?clientId=c"
        );
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (address, expected) in [
            ("localhost:1", Some(1)),
            ("127.0.0.5", Some(80)),
            ("[::1]:9", Some(9)),
            ("gpu1", None),
            ("10.0.0.1:8188", None),
        ] {
            let endpoint = Endpoint::parse(address).unwrap();
            assert_eq!(endpoint.is_loopback(), expected.is_some(), "{address}");
            assert_eq!(endpoint.local_port(), expected, "{address}");
        }
    }
}
