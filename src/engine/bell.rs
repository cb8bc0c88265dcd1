//! The doorbell: a Unix socket that says what changed and carries what is too short-lived to store.
//!
//! Rings out: lines of JSON, `{"changed":["job"]}` or `{"progress":{…}}`. Rings in: any line wakes the engine, so that a
//! wish is seen before the next look at the database. Nobody has to listen and nobody has to ring: both sides also watch
//! the database, only more slowly.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, broadcast};
use tokio::time::{Duration, timeout};

/// Lines that a slow listener may be behind before it misses some.
const BACKLOG: usize = 256;
/// How long one line may take to be written before its listener is dropped.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// Progress of one job, as rung and as stored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Job id.
    pub job: String,
    /// Node at work.
    pub node: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// Steps done in that node.
    pub value: f64,
    /// Steps there are in that node.
    pub max: f64,
    /// Share of the whole graph, 0 to 1.
    pub overall: f64,
    /// Seconds left, when there is something to judge by.
    pub eta_s: Option<f64>,
}

/// What the bell says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
enum Ring {
    Changed(BTreeSet<&'static str>),
    Progress(Progress),
}

/// The bell.
#[derive(Debug, Clone)]
pub struct Bell {
    lines: broadcast::Sender<Arc<str>>,
    rung: Arc<Notify>,
    listeners: Arc<AtomicUsize>,
}

impl Bell {
    /// Makes a bell that nobody can hear yet.
    #[must_use]
    pub fn new(rung: Arc<Notify>) -> Self {
        Self {
            lines: broadcast::channel(BACKLOG).0,
            rung,
            listeners: Arc::default(),
        }
    }

    /// Hangs the bell at a path and serves listeners until the engine ends.
    ///
    /// # Errors
    /// When the socket cannot be bound; the engine then goes on without a bell.
    pub fn hang(&self, path: &Path) -> io::Result<Hung> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        let bell = self.clone();
        let task = tokio::spawn(async move {
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(bell.clone().attend(stream));
                }
            }
        });
        Ok(Hung {
            path: path.to_owned(),
            task,
        })
    }

    /// Says that rows of these tables changed.
    pub fn changed<const N: usize>(&self, tables: [&'static str; N]) {
        self.say(&Ring::Changed(BTreeSet::from(tables)));
    }

    /// Says how far a job is.
    pub fn progress(&self, progress: Progress) {
        self.say(&Ring::Progress(progress));
    }

    /// Counts those who listen now.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Relaxed)
    }

    fn say(&self, ring: &Ring) {
        if self.lines.receiver_count() == 0 {
            return;
        }
        if let Ok(mut line) = serde_json::to_string(ring) {
            line.push('\n');
            // Nobody listening any more is fine.
            drop(self.lines.send(line.into()));
        }
    }

    async fn attend(self, stream: UnixStream) {
        self.listeners.fetch_add(1, Ordering::Relaxed);
        let mut lines = self.lines.subscribe();
        let (mut reader, mut writer) = stream.into_split();
        let mut heard = [0_u8; 64];
        loop {
            tokio::select! {
                count = reader.read(&mut heard) => match count {
                    Ok(0) | Err(_) => break,
                    Ok(_) => self.rung.notify_one(),
                },
                line = lines.recv() => match line {
                    Ok(line) => {
                        let written = timeout(WRITE_LIMIT, writer.write_all(line.as_bytes())).await;
                        if !matches!(written, Ok(Ok(()))) { break }
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => break,
                },
            }
        }
        self.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A bell that hangs at a path; taken down when dropped.
#[derive(Debug)]
pub struct Hung {
    path: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Hung {
    fn drop(&mut self) {
        self.task.abort();
        drop(std::fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, BufReader};

    #[tokio::test]
    async fn who_listens_hears_and_who_rings_wakes() {
        let folder = tempfile::tempdir().unwrap();
        let rung = Arc::new(Notify::new());
        let bell = Bell::new(rung.clone());
        let _hung = bell.hang(&folder.path().join("bell.sock")).unwrap();
        let mut stream = UnixStream::connect(folder.path().join("bell.sock"))
            .await
            .unwrap();
        stream.write_all(b"\n").await.unwrap();
        rung.notified().await;
        bell.changed(["job", "event"]);
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.unwrap();
        assert_eq!(line, "{\"changed\":[\"event\",\"job\"]}\n");
    }
}
