//! The socket half of the client: events as they happen, never waited for by the server.
//!
//! A task of its own reads all the time, because a server has one send loop for all its clients and a socket that is
//! not read stalls everybody. What the caller has not taken yet waits in a mailbox.
//! One client id has one live socket: when an older one closes, the server forgets the newer one, which then hears
//! nothing and looks alive. So a socket takes the only seat of its [`Client`], [`Socket::reopen`] consumes the old one,
//! and closing waits until the server knows.

mod mailbox;
mod reader;

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt as _;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::sync::CancellationToken;

use mailbox::Mailbox;

use super::error::{Error, brief, chain};
use super::http::{Client, install_tls};
pub use super::wire::Closed;
use super::wire::Event;

const DOING: &str = "open a socket";
/// Largest message taken; previews and long progress states stay far below.
const LARGEST: usize = 64 << 20;
/// Must be the first message; asks for previews that say whose they are.
const FLAGS: &str = r#"{"type":"feature_flags","data":{"supports_preview_metadata":true}}"#;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How a socket keeps time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tempo {
    /// Time for connection and handshake, and for the goodbye.
    pub handshake: Duration,
    /// Time between pings; the server sends none of its own.
    pub ping: Duration,
    /// Time without a message after which [`Event::Silent`] is told, again and again.
    pub silence: Duration,
    /// Time without anything, answers to pings included, after which the socket counts as dead.
    pub dead: Duration,
}

impl Default for Tempo {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            ping: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            dead: Duration::from_secs(35),
        }
    }
}

/// A live socket. Dropping it closes the connection.
#[derive(Debug)]
pub struct Socket {
    client: Client,
    tempo: Tempo,
    mailbox: Arc<Mailbox>,
    goodbye: CancellationToken,
    task: JoinHandle<()>,
}

impl Socket {
    /// Connects, sends our flags and starts to listen.
    ///
    /// Reconcile all known jobs *after* this returns: nothing that happened before is told again.
    ///
    /// # Errors
    /// When another socket of this client is live, or the server cannot be reached or refuses.
    pub async fn open(client: &Client) -> Result<Self, Error> {
        Self::open_at(client, Tempo::default()).await
    }

    /// Opens with a tempo of the caller's choosing.
    ///
    /// # Errors
    /// As [`Socket::open`].
    pub async fn open_at(client: &Client, tempo: Tempo) -> Result<Self, Error> {
        let seat = take_seat(client, tempo).await?;
        let connected = timeout(tempo.handshake, connect(client)).await;
        let stream = connected.unwrap_or_else(|_| {
            Err(Error::TimedOut {
                worker: client.shown(),
                doing: DOING,
                after: tempo.handshake,
            })
        })?;
        client.forget_version();
        let mailbox = Arc::new(Mailbox::default());
        let goodbye = CancellationToken::new();
        let reader = reader::Reader {
            stream,
            tempo,
            mailbox: Arc::clone(&mailbox),
            goodbye: goodbye.clone(),
        };
        let task = tokio::spawn(async move {
            reader.run().await;
            drop(seat);
        });
        Ok(Self {
            client: client.clone(),
            tempo,
            mailbox,
            goodbye,
            task,
        })
    }

    /// Waits for the next event. After [`Event::Closed`] only that is told.
    ///
    /// Safe to cancel: an event not returned is not lost.
    pub async fn next(&mut self) -> Event {
        self.mailbox.take().await
    }

    /// Says goodbye and waits until the server has heard it.
    pub async fn close(mut self) {
        self.goodbye.cancel();
        let _ = timeout(self.tempo.handshake, &mut self.task).await;
    }

    /// Closes this socket, then opens another for the same client. Waiting between attempts is the caller's.
    ///
    /// # Errors
    /// As [`Socket::open`]; the old socket is closed in any case, so the next attempt is [`Socket::open`].
    pub async fn reopen(self) -> Result<Self, Error> {
        let (client, tempo) = (self.client.clone(), self.tempo);
        self.close().await;
        Self::open_at(&client, tempo).await
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take_seat(client: &Client, tempo: Tempo) -> Result<OwnedSemaphorePermit, Error> {
    let refused = || Error::Refused {
        doing: "open a second socket for one client id",
        why: "the server would go deaf to both; close or reopen the live one".to_owned(),
    };
    // A socket dropped a moment ago gives its seat back when its task ends.
    let grace = tempo.handshake.min(Duration::from_secs(1));
    timeout(grace, client.seat().acquire_owned())
        .await
        .map_err(|_| refused())?
        .map_err(|_| refused())
}

async fn connect(client: &Client) -> Result<Stream, Error> {
    install_tls();
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let request = request(client)?;
    let connected = connect_async_with_config(request, Some(config), true).await;
    let (mut stream, _) = connected.map_err(|cause| explain(client, cause))?;
    stream
        .send(Message::text(FLAGS))
        .await
        .map_err(|cause| explain(client, cause))?;
    Ok(stream)
}

/// Builds the handshake: the operator's headers, no `Origin`.
fn request(client: &Client) -> Result<Request, Error> {
    let address = client.endpoint().socket(client.client_id());
    let mut request = address
        .into_client_request()
        .map_err(|cause| explain(client, cause))?;
    for (name, value) in client.endpoint().headers() {
        request.headers_mut().insert(name.clone(), value.clone());
    }
    Ok(request)
}

fn explain(client: &Client, cause: tungstenite::Error) -> Error {
    let worker = client.shown();
    match cause {
        tungstenite::Error::Http(answer) => {
            let to = answer
                .headers()
                .get("location")
                .map(|to| brief(&String::from_utf8_lossy(to.as_bytes()), 200));
            match to {
                Some(to) if answer.status().is_redirection() => Error::Redirected {
                    worker,
                    doing: DOING,
                    to,
                },
                _ => Error::Status {
                    worker,
                    doing: DOING,
                    status: answer.status().as_u16(),
                    said: String::new(),
                },
            }
        }
        tungstenite::Error::Io(_) | tungstenite::Error::Tls(_) | tungstenite::Error::Url(_) => {
            Error::Unreachable {
                worker,
                doing: DOING,
                cause: chain(&cause),
            }
        }
        cause => Error::Cut {
            worker,
            doing: DOING,
            cause: chain(&cause),
        },
    }
}
