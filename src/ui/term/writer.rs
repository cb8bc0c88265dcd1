//! A thread that writes to the terminal, so that a slow one never makes the keys or the engine wait.
//!
//! While it writes, no frame is made; when it is done, the newest state is drawn. So the newest frame wins.

use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

/// The terminal's mailbox.
#[derive(Debug)]
pub struct Writer {
    queue: Option<Sender<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; `wrote` is called after each piece, with whether the terminal took it.
    pub fn start(
        mut out: impl Write + Send + 'static,
        wrote: impl Fn(bool) + Send + 'static,
    ) -> Self {
        let (queue, pieces) = channel::<Vec<u8>>();
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                for piece in pieces {
                    let written = out.write_all(&piece).and_then(|()| out.flush());
                    wrote(written.is_ok());
                }
            })
            .ok();
        Self {
            queue: Some(queue),
            thread,
        }
    }

    /// Hands bytes over.
    pub fn write(&self, bytes: Vec<u8>) {
        if let Some(queue) = &self.queue {
            let _gone = queue.send(bytes);
        }
    }

    /// Ends the thread once everything is written, unless the terminal takes nothing any more.
    pub fn end(&mut self) {
        self.queue = None;
        let Some(thread) = self.thread.take() else {
            return;
        };
        for _ in 0..50 {
            if thread.is_finished() {
                return;
            }
            thread::park_timeout(std::time::Duration::from_millis(10));
        }
    }
}
