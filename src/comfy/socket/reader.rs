//! The task that reads a socket without ever waiting for anyone.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::sync::CancellationToken;

use super::mailbox::Mailbox;
use super::{Closed, Event, Stream, Tempo};
use crate::comfy::error::{brief, chain};

/// Largest event that is read; a larger one is only known to have been there.
const LARGEST_TEXT: usize = 16 << 20;
/// Longest wait for the server's answer to our goodbye.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Longest wait for the server to hang up after that; it forgets the socket just then.
const HANGING_UP: Duration = Duration::from_millis(300);

pub(super) struct Reader {
    pub(super) stream: Stream,
    pub(super) tempo: Tempo,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) goodbye: CancellationToken,
}

impl Reader {
    /// Reads until the socket ends, then says in the mailbox why.
    pub(super) async fn run(mut self) {
        let goodbye = self.goodbye.clone();
        let why = tokio::select! {
            biased;
            () = goodbye.cancelled() => None,
            why = self.listen() => Some(why),
        };
        let why = if let Some(why) = why {
            why
        } else {
            self.part().await;
            Closed::ByUs
        };
        self.mailbox.close(why);
    }

    async fn listen(&mut self) -> Closed {
        let start = Instant::now();
        let mut pings = interval_at(start + self.tempo.ping, self.tempo.ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = start;
        let mut quiet_since = start;
        loop {
            let ended = tokio::select! {
                frame = self.stream.next() => {
                    heard = Instant::now();
                    let (ended, message) = self.take(frame);
                    if message {
                        quiet_since = heard;
                    }
                    ended
                }
                _ = pings.tick() => self.ping(heard).await,
                () = sleep_until(quiet_since + self.tempo.silence) => {
                    quiet_since = Instant::now();
                    self.mailbox.put(Event::Silent);
                    None
                }
            };
            if let Some(why) = ended {
                return why;
            }
        }
    }

    /// Files a frame. Tells why the socket ended, if it did, and whether it was a message.
    ///
    /// Answers to pings are no messages: a server that forgot us still answers them.
    fn take(&self, frame: Option<Result<Message, tungstenite::Error>>) -> (Option<Closed>, bool) {
        match frame {
            Some(Ok(Message::Text(text))) if text.len() > LARGEST_TEXT => {
                self.mailbox.put(Event::Missed);
                (None, true)
            }
            Some(Ok(Message::Text(text))) => {
                self.mailbox.put(Event::from_text(text.as_bytes()));
                (None, true)
            }
            Some(Ok(Message::Binary(bytes))) => {
                self.mailbox.put(Event::from_binary(&bytes));
                (None, true)
            }
            Some(Ok(Message::Close(close))) => {
                let (code, reason) = close.map_or((None, String::new()), |close| {
                    (
                        Some(u16::from(close.code)),
                        brief(close.reason.as_str(), 120),
                    )
                });
                (Some(Closed::ByServer { code, reason }), false)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => (None, false),
            Some(Err(cause)) => (Some(Closed::Broken(chain(&cause))), false),
            None => (
                Some(Closed::Broken("it ended without a goodbye".to_owned())),
                false,
            ),
        }
    }

    async fn ping(&mut self, heard: Instant) -> Option<Closed> {
        if heard.elapsed() >= self.tempo.dead {
            return Some(Closed::Dead);
        }
        match timeout(
            self.tempo.dead,
            self.stream.send(Message::Ping(bytes::Bytes::new())),
        )
        .await
        {
            Ok(Ok(())) => None,
            Ok(Err(cause)) => Some(Closed::Broken(chain(&cause))),
            Err(_) => Some(Closed::Dead),
        }
    }

    /// Says goodbye and waits until the server has said it too and hung up, so that it never sees the next socket first.
    async fn part(&mut self) {
        let last_words = LAST_WORDS.min(self.tempo.handshake);
        let answered = async {
            self.stream.close(None).await.ok()?;
            loop {
                if self.stream.next().await?.ok()?.is_close() {
                    return Some(());
                }
            }
        };
        if timeout(last_words, answered).await.ok().flatten().is_some() {
            let hung_up = async { while let Some(Ok(_)) = self.stream.next().await {} };
            let _ = timeout(HANGING_UP.min(self.tempo.handshake), hung_up).await;
        }
    }
}
