//! The thread that listens to the terminal. It asks for a hang-up before it reads, so that a lost terminal ends the
//! console instead of spinning it, and it can be parked while somebody else reads the keys.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::input::Input;
use crate::ui::event::{Signal, What};

/// How long a lone escape waits for the rest of a sequence, in nanoseconds.
const PATIENCE: i64 = 40_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Closing,
    Closed,
}

/// The listener.
#[derive(Debug, Clone)]
pub struct Tty {
    gate: Arc<(Mutex<Gate>, Condvar)>,
    wake: Arc<UnixStream>,
}

impl Tty {
    /// Starts listening; `hear` gets each event.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(hear: impl Fn(What) + Send + 'static) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let tty = Self {
            gate: Arc::new((Mutex::new(Gate::Open), Condvar::new())),
            wake: Arc::new(wake),
        };
        let gate = Arc::clone(&tty.gate);
        thread::Builder::new()
            .name("tty".to_owned())
            .spawn(move || listen(&gate, &woken, &hear))?;
        Ok(tty)
    }

    /// Leaves the keys to somebody else; returns once nobody here reads any more.
    pub fn park(&self) {
        let (gate, turn) = &*self.gate;
        let mut state = gate.lock().unwrap_or_else(PoisonError::into_inner);
        *state = Gate::Closing;
        let _full = rustix::io::write(&*self.wake, b"!");
        while *state == Gate::Closing {
            state = turn.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Listens again.
    pub fn go_on(&self) {
        let (gate, turn) = &*self.gate;
        *gate.lock().unwrap_or_else(PoisonError::into_inner) = Gate::Open;
        turn.notify_all();
    }
}

fn listen(gate: &(Mutex<Gate>, Condvar), woken: &UnixStream, hear: &impl Fn(What)) {
    let stdin = io::stdin();
    let mut input = Input::default();
    loop {
        wait_for_gate(gate);
        let flags = {
            let mut both = [
                PollFd::new(&stdin, PollFlags::IN),
                PollFd::new(woken, PollFlags::IN),
            ];
            let patience = Timespec {
                tv_sec: 0,
                tv_nsec: PATIENCE,
            };
            let limit = input.waits().then_some(&patience);
            match poll(&mut both, limit) {
                Ok(0) => {
                    input.flush().into_iter().for_each(hear);
                    continue;
                }
                Ok(_) => both.each_ref().map(PollFd::revents),
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return hear(What::Signal(Signal::Hangup)),
            }
        };
        let [keys, wakes] = flags;
        if !wakes.is_empty() {
            let _drained = rustix::io::read(woken, &mut [0_u8; 64]);
            continue;
        }
        if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return hear(What::Signal(Signal::Hangup));
        }
        let mut bytes = [0_u8; 4096];
        match rustix::io::read(stdin.as_fd(), &mut bytes) {
            Ok(0) => return hear(What::Signal(Signal::Hangup)),
            Ok(count) => input
                .feed(bytes.get(..count).unwrap_or_default())
                .into_iter()
                .for_each(hear),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return hear(What::Signal(Signal::Hangup)),
        }
    }
}

fn wait_for_gate((gate, turn): &(Mutex<Gate>, Condvar)) {
    let mut state = gate.lock().unwrap_or_else(PoisonError::into_inner);
    while *state != Gate::Open {
        if *state == Gate::Closing {
            *state = Gate::Closed;
            turn.notify_all();
        }
        state = turn.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}
