//! NVIDIA's management library: loaded once, asked on a thread of its own.
//!
//! A driver can take minutes to answer for a card that is dying, so nobody waits for it here: an answer that is late is
//! taken at a later look, and the engine can end while it is still awaited. Each card is read on its own; what fails for
//! one says nothing about the next.

mod card;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nvml_wrapper::Nvml;
use nvml_wrapper::error::NvmlError;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::owner::{Local, Owners};
use crate::clock;
use crate::core::text::{fit, scrub};
use crate::store::gpu::{Card, State};

/// How long one look may take before its figures are called old.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the library is: by the name the driver installs, and where the linker does not look for it.
const PLACES: [&str; 3] = [
    "libnvidia-ml.so.1",
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
    "/run/opengl-driver/lib/libnvidia-ml.so.1",
];

/// Cells of a reason that are kept.
const REASON: usize = 240;

/// What a look came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Taken {
    /// The driver answers; there may be no card.
    Cards {
        /// When they were read.
        at: i64,
        /// The cards in their order, MIG devices after the card they are part of.
        cards: Vec<Card>,
    },
    /// There is no driver to ask, and why.
    Absent(String),
    /// The driver does not answer in time.
    Stuck,
}

#[derive(Debug)]
struct Ask {
    locals: Vec<Local>,
    answer: oneshot::Sender<Taken>,
}

/// The near end of the thread that reads.
#[derive(Debug)]
pub(super) struct Reader {
    asks: mpsc::Sender<Ask>,
    late: Option<oneshot::Receiver<Taken>>,
}

impl Reader {
    /// Starts the thread; it loads the library at the first look, and again after `retry` where it is not there.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub(super) fn start(library: Option<PathBuf>, retry: Duration) -> io::Result<Self> {
        let (asks, asked) = mpsc::channel::<Ask>();
        thread::Builder::new().name("nvml".into()).spawn(move || {
            let mut probe = Probe::new(library, retry);
            while let Ok(Ask { locals, answer }) = asked.recv() {
                // Whoever asked may have ended.
                drop(answer.send(probe.look(&locals)));
            }
        })?;
        Ok(Self { asks, late: None })
    }

    /// Reads all cards; `locals` are the workers whose processes may be on them.
    pub(super) async fn look(&mut self, locals: Vec<Local>) -> Taken {
        let mut answer = if let Some(late) = self.late.take() {
            late
        } else {
            let (tell, answer) = oneshot::channel();
            let ask = Ask {
                locals,
                answer: tell,
            };
            // A thread that has ended drops the question, which is the answer below.
            drop(self.asks.send(ask));
            answer
        };
        match timeout(PATIENCE, &mut answer).await {
            Ok(Ok(taken)) => taken,
            Ok(Err(_dropped)) => Taken::Absent("reading the driver broke off".to_owned()),
            Err(_elapsed) => {
                self.late = Some(answer);
                Taken::Stuck
            }
        }
    }
}

/// The far end: the library and what was seen through it.
#[derive(Debug)]
struct Probe {
    library: Option<PathBuf>,
    retry: Duration,
    owners: Owners,
    door: Door,
}

/// Whether the library can be asked.
#[derive(Debug)]
enum Door {
    Unopened,
    Closed { since: Instant, why: String },
    Open(Box<Open>),
}

/// A library that answers.
#[derive(Debug)]
struct Open {
    nvml: Nvml,
    /// Names of cards by index, for when they are lost.
    known: card::Known,
    /// Since when no card answers.
    all_lost: Option<Instant>,
}

impl Probe {
    fn new(library: Option<PathBuf>, retry: Duration) -> Self {
        Self {
            library,
            retry,
            owners: Owners::new("/proc"),
            door: Door::Unopened,
        }
    }

    fn look(&mut self, locals: &[Local]) -> Taken {
        if self.wants_opening() {
            // The old one goes first: a library is initialised anew only when nobody holds it.
            self.door = Door::Unopened;
            self.door = open(self.library.as_deref());
        }
        let read = match &mut self.door {
            Door::Open(open) => open.read(&mut self.owners, locals),
            Door::Closed { why, .. } => return Taken::Absent(why.clone()),
            Door::Unopened => return Taken::Absent("not asked yet".to_owned()),
        };
        match read {
            Ok(cards) => Taken::Cards {
                at: clock::now(),
                cards,
            },
            Err(error) => {
                let why = explain(&error);
                self.door = Door::Closed {
                    since: Instant::now(),
                    why: why.clone(),
                };
                Taken::Absent(why)
            }
        }
    }

    fn wants_opening(&self) -> bool {
        match &self.door {
            Door::Unopened => true,
            Door::Closed { since, .. } => since.elapsed() >= self.retry,
            // A card that was reset is found again only by a library that starts anew.
            Door::Open(open) => open
                .all_lost
                .is_some_and(|since| since.elapsed() >= self.retry),
        }
    }
}

impl Open {
    /// Reads all cards, or says why the library as a whole does not answer.
    fn read(&mut self, owners: &mut Owners, locals: &[Local]) -> Result<Vec<Card>, NvmlError> {
        let mut cards = card::read_all(&self.nvml, &mut self.known, owners)?;
        let pids = cards
            .iter()
            .flat_map(|card| &card.processes)
            .map(|process| process.pid);
        let workers = owners.of(pids.collect(), locals);
        for card in &mut cards {
            for process in &mut card.processes {
                process.worker = workers.get(&process.pid).cloned();
            }
            card.worker = card.processes.iter().find_map(|p| p.worker.clone());
        }
        let is_lost = !cards.is_empty() && cards.iter().all(|card| card.state == State::Lost);
        self.all_lost = is_lost.then(|| self.all_lost.unwrap_or_else(Instant::now));
        Ok(cards)
    }
}

/// Loads and initialises the library: the one that was named, else the first that there is.
fn open(library: Option<&Path>) -> Door {
    let tried = match library {
        Some(path) => load(path.as_os_str()),
        None => find(),
    };
    match tried {
        Ok(nvml) => Door::Open(Box::new(Open {
            nvml,
            known: card::Known::new(),
            all_lost: None,
        })),
        Err(error) => Door::Closed {
            since: Instant::now(),
            why: explain(&error),
        },
    }
}

fn load(library: &OsStr) -> Result<Nvml, NvmlError> {
    Nvml::builder().lib_path(library).init()
}

/// Loads the library from the first place that has it.
fn find() -> Result<Nvml, NvmlError> {
    let mut first_refusal = None;
    for place in PLACES {
        match load(OsStr::new(place)) {
            Err(refusal @ NvmlError::LibloadingError(_)) => {
                first_refusal.get_or_insert(refusal);
            }
            answer => return answer,
        }
    }
    Err(first_refusal.unwrap_or(NvmlError::LibraryNotFound))
}

/// Says in words for people why the driver, or a card, does not answer.
fn explain(error: &NvmlError) -> String {
    let said = match error {
        NvmlError::LibloadingError(cause) => format!("there is no NVIDIA driver here ({cause})"),
        NvmlError::FailedToLoadSymbol(cause) => {
            format!("this is no management library of NVIDIA ({cause})")
        }
        NvmlError::DriverNotLoaded => "the NVIDIA driver is not loaded".to_owned(),
        NvmlError::NoPermission => "this user may not ask the NVIDIA driver".to_owned(),
        NvmlError::LibRmVersionMismatch => {
            "the NVIDIA driver was updated while the old one runs; restart the machine".to_owned()
        }
        NvmlError::GpuLost => {
            "it fell off the bus or cannot be reached any more; restart the machine".to_owned()
        }
        NvmlError::ResetRequired => "it must be reset before it can be used".to_owned(),
        other => other.to_string(),
    };
    fit(&scrub(&said), REASON).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_machine_without_a_driver_is_told_so_and_not_asked_again_at_once() {
        let library = PathBuf::from("/nonexistent/libnvidia-ml.so.1");
        let mut reader = Reader::start(Some(library), Duration::from_mins(1)).unwrap();
        let first = reader.look(Vec::new()).await;
        let Taken::Absent(why) = &first else {
            panic!("{first:?}");
        };
        assert!(why.starts_with("there is no NVIDIA driver here"), "{why}");
        assert_eq!(reader.look(Vec::new()).await, first);
    }

    #[tokio::test(start_paused = true)]
    async fn a_driver_that_hangs_is_not_asked_twice_and_its_late_answer_is_taken() {
        let (asks, asked) = mpsc::channel::<Ask>();
        let mut reader = Reader { asks, late: None };
        assert_eq!(reader.look(Vec::new()).await, Taken::Stuck);
        assert_eq!(reader.look(Vec::new()).await, Taken::Stuck);
        let ask = asked.try_recv().unwrap();
        assert!(asked.try_recv().is_err(), "one question is open, not two");
        let late = Taken::Cards {
            at: 7,
            cards: Vec::new(),
        };
        ask.answer.send(late.clone()).unwrap();
        assert_eq!(reader.look(Vec::new()).await, late);
    }

    #[tokio::test]
    async fn a_reading_thread_that_broke_is_an_absent_driver() {
        let (asks, _) = mpsc::channel::<Ask>();
        let mut reader = Reader { asks, late: None };
        let taken = reader.look(Vec::new()).await;
        assert!(matches!(taken, Taken::Absent(_)), "{taken:?}");
    }
}
