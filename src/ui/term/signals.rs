//! What the system says: hang-up, end, stop, go on, new size.

use std::io;
use std::thread;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

use crate::ui::event::{Signal, What};

/// SIGTSTP, the number all systems we run on give it.
const TSTP: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    20
} else {
    18
};
/// SIGCONT.
const CONT: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    18
} else {
    19
};

/// Starts listening; `hear` gets each event.
///
/// # Errors
/// When the handlers cannot be set.
pub fn start(hear: impl Fn(What) + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let streams = {
        let _inside = runtime.enter();
        Streams::open()?
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(listen(streams, hear)))?;
    Ok(())
}

struct Streams {
    hangup: Stream,
    terminate: Stream,
    interrupt: Stream,
    stop: Stream,
    go_on: Stream,
    resize: Stream,
}

impl Streams {
    fn open() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(TSTP))?,
            go_on: signal(SignalKind::from_raw(CONT))?,
            resize: signal(SignalKind::window_change())?,
        })
    }
}

async fn listen(mut streams: Streams, hear: impl Fn(What)) {
    loop {
        let what = tokio::select! {
            _ = streams.hangup.recv() => What::Signal(Signal::Hangup),
            _ = streams.terminate.recv() => What::Signal(Signal::Quit),
            _ = streams.interrupt.recv() => What::Signal(Signal::Quit),
            _ = streams.stop.recv() => What::Signal(Signal::Stop),
            _ = streams.go_on.recv() => What::Signal(Signal::Continue),
            _ = streams.resize.recv() => match crossterm::terminal::size() {
                Ok((width, height)) => What::Resize(width, height),
                Err(_) => continue,
            },
        };
        hear(what);
    }
}
