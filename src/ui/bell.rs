//! The doorbell: what the engine says while it works. Without it the store is looked at once a second.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::event::Ring;

/// Longest line believed to be the engine's.
const LINE: u64 = 64 * 1024;
/// How long to wait before trying a bell that is not there.
const AGAIN: Duration = Duration::from_secs(2);

/// Starts listening; `hear` gets each ring.
///
/// # Errors
/// When no thread can be started.
pub(super) fn start(path: PathBuf, hear: impl Fn(Ring) + Send + 'static) -> std::io::Result<()> {
    let run = move || {
        loop {
            if let Ok(socket) = UnixStream::connect(&path) {
                listen(socket, &hear);
            }
            thread::sleep(AGAIN);
        }
    };
    thread::Builder::new()
        .name("bell".to_owned())
        .spawn(run)
        .map(drop)
}

fn listen(socket: UnixStream, hear: &impl Fn(Ring)) {
    let mut lines = BufReader::new(socket);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut lines).take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                if let Ok(ring) = serde_json::from_slice(&line) {
                    hear(ring);
                }
            }
        }
    }
}

/// Rings at the engine's door, so that it sees a wish before its next look.
pub(super) fn ring(path: &Path) {
    if let Ok(mut socket) = UnixStream::connect(path) {
        let _nobody_home = socket.write_all(b"\n");
    }
}
