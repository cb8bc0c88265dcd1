//! The engine's hand on the store: one thread, group commit, fenced.
//!
//! A durable commit costs a disk flush. With sixty-four workers moving jobs at once, a flush per move would be the
//! bottleneck, so everything that waits is written in one transaction: each piece of work in a savepoint of its own,
//! one flush for all, and only then the answers. The fence stands at the head of each transaction: an engine whose
//! lease was taken over writes nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::{self, Store, lease};

/// How many pieces of work share one flush at most.
const BATCH: usize = 256;

/// Why a piece of work was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another engine holds the lease; this one must stop.
    #[error("another engine has taken over")]
    Fenced,
    /// SQLite refused.
    #[error("the store refused: {0}")]
    Sql(String),
    /// The store itself failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The ledger's thread has ended.
    #[error("the ledger is closed")]
    Closed,
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sql(source.to_string())
    }
}

/// Who we are to the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenure {
    /// Epoch of our lease.
    pub epoch: i64,
    /// Id of this engine process.
    pub holder: String,
}

/// One piece of work: runs inside the transaction, then answers after the commit.
///
/// Given no connection, it only answers why.
type Work = Box<dyn FnOnce(Result<&Connection, Failed>) -> Answer + Send>;
/// Tells the asker, once it is known whether the commit held.
type Answer = Box<dyn FnOnce(Result<(), Failed>) + Send>;

/// Why a whole batch failed.
#[derive(Debug, Clone)]
enum Failed {
    Fenced,
    Other(String),
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Fenced => Self::Fenced,
            Failed::Other(why) => Self::Sql(why),
        }
    }
}

/// A cheap handle to the ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    work: mpsc::Sender<Work>,
    tenure: Tenure,
}

impl Ledger {
    /// Starts the ledger's thread over an open store.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(store: Store, tenure: Tenure) -> std::io::Result<Self> {
        let (work, waiting) = mpsc::channel();
        let fence = tenure.clone();
        thread::Builder::new()
            .name("ledger".into())
            .spawn(move || serve(&store, &fence, &waiting))?;
        Ok(Self { work, tenure })
    }

    /// The epoch that guards our writes.
    #[must_use]
    pub const fn epoch(&self) -> i64 {
        self.tenure.epoch
    }

    /// Our lease.
    #[must_use]
    pub const fn tenure(&self) -> &Tenure {
        &self.tenure
    }

    /// Runs `work` in a transaction and answers once it is on the disk.
    ///
    /// # Errors
    /// [`Error::Fenced`] when another engine has taken over; whatever `work` returned; what the commit said.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let boxed: Work = Box::new(move |db| {
            let done = db
                .map_err(Error::from)
                .and_then(|db| in_savepoint(db, work));
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => done,
                    Err(failed) => Err(failed.into()),
                };
                // The asker may have gone away; what was written stays written.
                drop(answer.send(result));
            })
        });
        self.work.send(boxed).map_err(|_closed| Error::Closed)?;
        answered.await.map_err(|_closed| Error::Closed)?
    }
}

/// Runs one piece of work so that its failure, or its panic, undoes only itself.
fn in_savepoint<T, F>(db: &Connection, work: F) -> Result<T, Error>
where
    F: FnOnce(&Connection) -> Result<T, Error>,
{
    db.prepare_cached("SAVEPOINT work")?.execute([])?;
    let done = catch_unwind(AssertUnwindSafe(|| work(db)))
        .unwrap_or_else(|_panic| Err(Error::Sql("a panic inside the transaction".to_owned())));
    if done.is_err() {
        db.prepare_cached("ROLLBACK TO work")?.execute([])?;
    }
    db.prepare_cached("RELEASE work")?.execute([])?;
    done
}

/// Serves until all handles are gone.
fn serve(store: &Store, tenure: &Tenure, waiting: &mpsc::Receiver<Work>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            batch.push(next);
        }
        commit(store, tenure, batch);
    }
}

/// Writes one batch behind the fence, then gives the answers.
fn commit(store: &Store, tenure: &Tenure, batch: Vec<Work>) {
    let mut batch = Some(batch);
    let mut answers = Vec::new();
    let committed: Result<(), Error> = store.transaction(|db| {
        if !lease::is_mine(db, tenure.epoch, &tenure.holder)? {
            return Err(Error::Fenced);
        }
        answers.extend(batch.take().into_iter().flatten().map(|work| work(Ok(db))));
        Ok(())
    });
    let committed = committed.map_err(|error| match error {
        Error::Fenced => Failed::Fenced,
        other => Failed::Other(other.to_string()),
    });
    if let Err(failed) = &committed {
        answers.extend(
            batch
                .into_iter()
                .flatten()
                .map(|work| work(Err(failed.clone()))),
        );
    }
    for answer in answers {
        answer(committed.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::lease::{Claimant, take};

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), store::Role::Engine).unwrap();
        let claimant = Claimant {
            holder: "a",
            pid: 1,
            host: "h",
            version: "0",
        };
        let epoch = store
            .transaction(|db| Ok::<_, Error>(take(db, 0, &claimant, |_| false)?))
            .unwrap()
            .unwrap();
        (
            folder,
            Ledger::start(
                store,
                Tenure {
                    epoch,
                    holder: "a".into(),
                },
            )
            .unwrap(),
        )
    }

    #[tokio::test]
    async fn a_failing_write_undoes_only_itself() {
        let (_folder, ledger) = ledger();
        let insert = |key: &'static str| {
            move |db: &Connection| Ok(db.execute("INSERT INTO setting VALUES (?1, '1')", [key])?)
        };
        let (first, twin, other) = tokio::join!(
            ledger.write(insert("a")),
            ledger.write(insert("a")),
            ledger.write(insert("b"))
        );
        assert!(first.is_ok() && other.is_ok());
        assert!(matches!(twin, Err(Error::Sql(_))));
        let rows: i64 = ledger
            .write(|db| Ok(db.query_row("SELECT count(*) FROM setting", [], |row| row.get(0))?))
            .await
            .unwrap();
        assert_eq!(rows, 2);
    }

    #[tokio::test]
    async fn a_taken_over_engine_writes_nothing() {
        let (folder, ledger) = ledger();
        let other = Store::open(&folder.path().join("store.db"), store::Role::Engine).unwrap();
        let claimant = Claimant {
            holder: "b",
            pid: 2,
            host: "h",
            version: "0",
        };
        other
            .transaction(|db| Ok::<_, Error>(take(db, 1, &claimant, |_| true)?))
            .unwrap()
            .unwrap();
        let late = ledger
            .write(|db| Ok(db.execute("INSERT INTO setting VALUES ('late', '1')", [])?))
            .await;
        assert!(matches!(late, Err(Error::Fenced)));
        let rows: i64 = other
            .conn()
            .query_row("SELECT count(*) FROM setting", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 0);
    }

    #[tokio::test]
    async fn a_panic_in_one_write_is_one_failed_write() {
        let (_folder, ledger) = ledger();
        let broken: Result<(), Error> = ledger.write(|_| panic!("broken")).await;
        assert!(broken.is_err());
        assert!(ledger.write(|_| Ok(())).await.is_ok());
    }
}
