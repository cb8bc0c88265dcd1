//! The HTTP half of the client: one worker, one client id, time and size limits on everything.

mod files;
mod look;
mod server;
mod stop;
mod submit;
mod transport;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use files::{Fetched, Upload, UploadKind, UploadSource, Uploaded};
pub use look::Sighting;
pub use stop::{Cancel, Free, Interrupt};
pub use submit::{Accepted, Submission};
pub(super) use transport::install_tls;
use transport::{Answer, connections, location, refusal};

use super::endpoint::Endpoint;
use super::error::{Error, brief, chain};
use super::json;
use super::wire::Version;

/// Answers beyond this size are read away from the async threads.
const LARGE: usize = 256 * 1024;

/// How long and how much a client puts up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time to make a connection.
    pub connect: Duration,
    /// Time for a whole call, answer included; uploads get more by their size.
    pub call: Duration,
    /// Longest pause between two pieces of a download.
    pub stall: Duration,
    /// Most bytes of an answer other than a queue or a file.
    pub answer: u64,
    /// Most bytes of a queue, which carries every client's graphs.
    pub queue: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            answer: 32 << 20,
            queue: 256 << 20,
        }
    }
}

/// Speaks to one worker under one client id. Clones share connections and the one place for a socket.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    endpoint: Endpoint,
    client_id: String,
    shown: String,
    http: reqwest::Client,
    limits: Limits,
    version: Mutex<Option<Version>>,
    seat: Arc<Semaphore>,
}

impl Client {
    /// Makes a client with the usual limits. Opens no connection.
    ///
    /// # Errors
    /// When the client id is not 1 to 128 of `A-Z a-z 0-9 . _ -`, or TLS cannot be set up for an https address.
    pub fn new(endpoint: Endpoint, client_id: String) -> Result<Self, Error> {
        Self::with_limits(endpoint, client_id, Limits::default())
    }

    /// Makes a client with limits of the caller's choosing.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_limits(
        endpoint: Endpoint,
        client_id: String,
        limits: Limits,
    ) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if client_id.is_empty() || client_id.len() > 128 || !client_id.chars().all(plain) {
            let why =
                "a client id is 1 to 128 letters, digits, dots, dashes or underscores".to_owned();
            return Err(Error::Refused {
                doing: "speak to a worker",
                why,
            });
        }
        let http = connections(&endpoint, limits)?;
        let inner = Inner {
            shown: endpoint.to_string(),
            endpoint,
            client_id,
            http,
            limits,
            version: Mutex::new(None),
            seat: Arc::new(Semaphore::new(1)),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Where the worker is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// The client id that events are sent to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.inner.client_id
    }

    /// The limits it keeps.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// The one place a live socket may take.
    pub(super) fn seat(&self) -> Arc<Semaphore> {
        Arc::clone(&self.inner.seat)
    }

    /// The worker's address, for messages.
    pub(super) fn shown(&self) -> String {
        self.inner.shown.clone()
    }

    fn known_version(&self) -> Option<Version> {
        *self
            .inner
            .version
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn learn_version(&self, version: Option<Version>) {
        *self
            .inner
            .version
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = version;
    }

    /// Forgets the release: behind a new connection there may be another.
    pub(super) fn forget_version(&self) {
        self.learn_version(None);
    }

    fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::GET, self.inner.endpoint.route(segments, query))
    }

    fn head(&self, segments: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        self.request(Method::HEAD, self.inner.endpoint.route(segments, query))
    }

    fn post(&self, segments: &[&str]) -> RequestBuilder {
        self.request(Method::POST, self.inner.endpoint.route(segments, &[]))
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.inner.http.request(method, url)
    }

    /// Sends a request and reads an answer of success as JSON.
    async fn json<T>(
        &self,
        doing: &'static str,
        request: RequestBuilder,
        limit: u64,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let answer = self
            .call(doing, request, limit)
            .await?
            .success(self, doing)?;
        self.read(doing, answer.body).await
    }

    /// Reads a body as JSON.
    async fn read<T>(&self, doing: &'static str, body: bytes::Bytes) -> Result<T, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let read = if body.len() > LARGE {
            tokio::task::spawn_blocking(move || json::read(&body))
                .await
                .map_err(|cause| self.unreadable(doing, &cause.to_string()))?
        } else {
            json::read(&body)
        };
        read.map_err(|cause| self.unreadable(doing, &cause.to_string()))
    }

    /// Sends a request and collects the whole answer, whatever its status, within time and size limits.
    async fn call(
        &self,
        doing: &'static str,
        request: RequestBuilder,
        limit: u64,
    ) -> Result<Answer, Error> {
        self.call_within(doing, request, limit, self.inner.limits.call)
            .await
    }

    async fn call_within(
        &self,
        doing: &'static str,
        request: RequestBuilder,
        limit: u64,
        after: Duration,
    ) -> Result<Answer, Error> {
        let whole = async {
            let response = request
                .send()
                .await
                .map_err(|cause| self.network(doing, cause))?;
            self.collect(doing, response, limit).await
        };
        timeout(after, whole)
            .await
            .unwrap_or_else(|_| Err(self.timed_out(doing, after)))
    }

    async fn collect(
        &self,
        doing: &'static str,
        mut response: Response,
        limit: u64,
    ) -> Result<Answer, Error> {
        let too_large = || Error::TooLarge {
            worker: self.shown(),
            doing,
            limit,
        };
        if response
            .content_length()
            .is_some_and(|announced| announced > limit)
        {
            return Err(too_large());
        }
        let location = location(&response);
        let mut body = BytesMut::new();
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|cause| self.network(doing, cause))?
        {
            if u64::try_from(body.len() + piece.len()).unwrap_or(u64::MAX) > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            status: response.status(),
            location,
            body: body.freeze(),
        })
    }

    /// Names a fault of the network by what it means.
    fn network(&self, doing: &'static str, cause: reqwest::Error) -> Error {
        let worker = self.shown();
        let cause = cause.without_url();
        if cause.is_connect() || cause.is_builder() {
            Error::Unreachable {
                worker,
                doing,
                cause: chain(&cause),
            }
        } else if cause.is_timeout() {
            self.timed_out(doing, self.inner.limits.call)
        } else {
            Error::Cut {
                worker,
                doing,
                cause: chain(&cause),
            }
        }
    }

    fn timed_out(&self, doing: &'static str, after: Duration) -> Error {
        Error::TimedOut {
            worker: self.shown(),
            doing,
            after,
        }
    }

    fn unreadable(&self, doing: &'static str, cause: &str) -> Error {
        Error::Unreadable {
            worker: self.shown(),
            doing,
            cause: brief(cause, 200),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.inner.endpoint)
            .field("client_id", &self.inner.client_id)
            .finish_non_exhaustive()
    }
}
