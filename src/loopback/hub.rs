//! The sockets of one server life and the single loop that sends to them.
//!
//! A real server keeps one socket per client id in a dictionary. A newer socket replaces an older one; when the older one closes, the
//! entry is removed, which is the newer one's: it stays open and hears nothing. And it sends from one loop: a socket that is not read
//! holds up everybody. Both are kept.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt as _, stream::SplitSink};
use indexmap::IndexMap;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::json;

type Sink = Arc<AsyncMutex<SplitSink<WebSocket, Message>>>;

/// One open socket.
#[derive(Clone)]
struct Socket {
    serial: u64,
    sink: Sink,
    /// Whether its first message asked for previews with metadata.
    flagged: bool,
    /// Cuts the connection below the socket.
    cut: CancellationToken,
}

/// Who is meant by a message.
#[derive(Debug, Clone)]
pub(crate) enum To {
    /// Every socket.
    All,
    /// The socket of this client id, of whatever type the client made it.
    Client(Value),
}

impl To {
    /// Addresses a job's client; without an id that is everybody.
    pub(crate) fn of(client_id: Option<&Value>) -> Self {
        match client_id {
            None | Some(Value::Null) => Self::All,
            Some(id) => Self::Client(id.clone()),
        }
    }

    /// Says whether looking this id up would raise in Python and end the server process.
    pub(crate) fn is_unhashable(&self) -> bool {
        matches!(self, Self::Client(Value::Array(_) | Value::Object(_)))
    }
}

/// The sockets and the way to them.
pub(crate) struct Hub {
    sockets: Arc<Mutex<IndexMap<String, Socket>>>,
    queue: mpsc::UnboundedSender<(To, Message)>,
    serial: AtomicU64,
}

impl std::fmt::Debug for Hub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

impl Hub {
    /// Opens the hub; its loop ends with `end`, and ends the server when an address cannot be looked up.
    pub(crate) fn open(end: CancellationToken, fatal: impl Fn() + Send + 'static) -> Self {
        let sockets = Arc::new(Mutex::new(IndexMap::new()));
        let (queue, waiting) = mpsc::unbounded_channel();
        let known = Arc::clone(&sockets);
        tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = publish(waiting, known) => fatal(),
            }
        });
        Self {
            sockets,
            queue,
            serial: AtomicU64::new(0),
        }
    }

    /// Queues a text event.
    pub(crate) fn send(&self, to: To, kind: &str, data: &Value) {
        let text = json::write(&json!({ "type": kind, "data": data }));
        self.send_raw(to, Message::Text(text.into()));
    }

    /// Queues a binary message.
    pub(crate) fn send_binary(&self, to: To, bytes: Vec<u8>) {
        self.send_raw(to, Message::Binary(Bytes::from(bytes)));
    }

    /// Queues any message.
    pub(crate) fn send_raw(&self, to: To, message: Message) {
        if self.queue.send((to, message)).is_err() {
            tracing::trace!("the loopback worker is closing; a message was dropped");
        }
    }

    /// Tells everybody how many jobs there are.
    pub(crate) fn status(&self, remaining: usize) {
        self.send(To::All, "status", &status(remaining));
    }

    /// Puts a socket under its id, in the place of an older one.
    pub(crate) fn join(&self, sid: &str, sink: Sink, cut: CancellationToken) -> u64 {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let socket = Socket {
            serial,
            sink,
            flagged: false,
            cut,
        };
        self.lock().insert(sid.to_owned(), socket);
        serial
    }

    /// Notes what a socket's first message announced.
    pub(crate) fn flag(&self, sid: &str, serial: u64, previews: bool) {
        if let Some(socket) = self.lock().get_mut(sid)
            && socket.serial == serial
        {
            socket.flagged = previews;
        }
    }

    /// Forgets an id, whichever socket is under it by now.
    pub(crate) fn leave(&self, sid: &str) {
        self.lock().shift_remove(sid);
    }

    /// Says whether a job's client wants previews with metadata.
    pub(crate) fn wants_metadata(&self, client_id: Option<&Value>) -> bool {
        client_id
            .and_then(Value::as_str)
            .and_then(|sid| self.lock().get(sid).map(|socket| socket.flagged))
            .unwrap_or(false)
    }

    /// Cuts the sockets a job's messages go to.
    pub(crate) fn cut(&self, to: &To) {
        for socket in self.meant(to) {
            socket.cut.cancel();
        }
    }

    /// Makes the sockets a job's messages go to deaf: open, and out of the list.
    pub(crate) fn deafen(&self, to: &To) {
        match to {
            To::All => self.lock().clear(),
            To::Client(id) => {
                if let Some(sid) = id.as_str() {
                    self.leave(sid);
                }
            }
        }
    }

    fn meant(&self, to: &To) -> Vec<Socket> {
        meant(&self.sockets, to)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, IndexMap<String, Socket>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows a queue count as `status` events do.
pub(crate) fn status(remaining: usize) -> Value {
    json!({ "status": { "exec_info": { "queue_remaining": remaining } } })
}

fn meant(sockets: &Mutex<IndexMap<String, Socket>>, to: &To) -> Vec<Socket> {
    let sockets = sockets.lock().unwrap_or_else(PoisonError::into_inner);
    match to {
        To::All => sockets.values().cloned().collect(),
        To::Client(id) => id
            .as_str()
            .and_then(|sid| sockets.get(sid).cloned())
            .into_iter()
            .collect(),
    }
}

/// Sends one message after the other; returns when an address makes Python raise.
///
/// Messages are gathered per socket and pushed out when nothing more waits, or when a socket does not take its share at once.
async fn publish(
    mut waiting: mpsc::UnboundedReceiver<(To, Message)>,
    sockets: Arc<Mutex<IndexMap<String, Socket>>>,
) {
    let mut touched: IndexMap<u64, Sink> = IndexMap::new();
    loop {
        let mut next = waiting.try_recv().ok();
        if next.is_none() {
            push_out(&mut touched).await;
            next = waiting.recv().await;
        }
        let Some((to, message)) = next else {
            return std::future::pending().await;
        };
        if to.is_unhashable() {
            push_out(&mut touched).await;
            return;
        }
        for socket in meant(&sockets, &to) {
            let mut sink = socket.sink.lock().await;
            let mut taking = std::pin::pin!(sink.feed(message.clone()));
            let taken = tokio::select! {
                biased;
                _ = &mut taking => true,
                () = tokio::time::sleep(SLOW) => false,
            };
            if !taken {
                touched.shift_remove(&socket.serial);
                push_out(&mut touched).await;
                let _ = taking.await;
            }
            touched.insert(socket.serial, Arc::clone(&socket.sink));
        }
    }
}

/// A socket that does not take a message within this is slow.
const SLOW: Duration = Duration::from_millis(2);

/// Pushes out what was gathered, all sockets side by side.
async fn push_out(touched: &mut IndexMap<u64, Sink>) {
    let flushes = touched.drain(..).map(|(_, sink)| async move {
        let _ = sink.lock().await.flush().await;
    });
    futures_util::future::join_all(flushes).await;
}
