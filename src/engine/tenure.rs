//! Holding the lease: taken once, renewed while we live, and known to be ours before anything leaves this machine.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::ledger::{self, Ledger, Tenure};
use crate::clock;
use crate::store::lease::{self, Claimant, LIFE_MS, Lease, RENEW_MS};
use crate::store::{self, Store};

/// Part of a lease's life in which we no longer trust it, so that a slow POST cannot outlive it.
const MARGIN: Duration = Duration::from_secs(3);

/// How long our lease certainly holds, by a clock that also counts while this process was stopped.
#[derive(Debug)]
pub(super) struct Hold {
    until: Mutex<Instant>,
}

impl Hold {
    /// Starts with a lease taken just now.
    pub(super) fn new() -> Self {
        Self {
            until: Mutex::new(Instant::now() + life()),
        }
    }

    /// Says whether something may still be sent under this lease.
    pub(super) fn is_sure(&self) -> bool {
        let until = self
            .until
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Instant::now() + MARGIN < *until
    }

    fn extend(&self, asked_at: Instant) {
        *self
            .until
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = asked_at + life();
    }
}

const fn life() -> Duration {
    Duration::from_millis(LIFE_MS.unsigned_abs())
}

/// Takes the lease, or says who holds it.
///
/// # Errors
/// What the store says.
pub(super) fn take(store: &Store) -> Result<Result<Tenure, Lease>, store::Error> {
    let holder = clock::new_id();
    let host = lease::host();
    let claimant = Claimant {
        holder: &holder,
        pid: i64::from(std::process::id()),
        host: &host,
        version: env!("CARGO_PKG_VERSION"),
    };
    let taken = store.transaction(|db| {
        Ok::<_, store::Error>(lease::take(db, clock::now(), &claimant, |held| {
            held.is_orphaned(&host)
        })?)
    })?;
    Ok(taken.map(|epoch| Tenure { epoch, holder }))
}

/// Renews the lease until told to end; ends the engine when the lease is lost.
pub(super) async fn keep(ledger: Ledger, hold: std::sync::Arc<Hold>, ended: CancellationToken) {
    loop {
        tokio::select! {
            () = ended.cancelled() => return,
            () = tokio::time::sleep(Duration::from_millis(RENEW_MS)) => {}
        }
        let asked_at = Instant::now();
        let tenure = ledger.tenure().clone();
        let renewed = ledger
            .write(move |db| {
                Ok(lease::renew(
                    db,
                    clock::now(),
                    tenure.epoch,
                    &tenure.holder,
                )?)
            })
            .await;
        match renewed {
            Ok(true) => hold.extend(asked_at),
            Ok(false) | Err(ledger::Error::Fenced) => {
                tracing::warn!("another engine has taken over; this one ends");
                ended.cancel();
                return;
            }
            Err(error) => tracing::error!(%error, "the lease could not be renewed"),
        }
    }
}
