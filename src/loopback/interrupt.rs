//! The one flag by which a running job is stopped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

use super::node::Halt;

/// Set by `POST /interrupt`, cleared when the next job starts.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    set: Arc<AtomicBool>,
    told: Notify,
}

impl Interrupt {
    pub(crate) fn raise(&self) {
        self.set.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
    }

    pub(crate) fn clear(&self) {
        self.set.store(false, Ordering::SeqCst);
    }

    /// Hands out the flag for work on other threads.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.set)
    }

    /// Stops the caller when somebody interrupted; the flag falls, as in Python where raising clears it.
    pub(crate) fn check(&self) -> Result<(), Halt> {
        if self.set.swap(false, Ordering::SeqCst) {
            return Err(Halt::Interrupted);
        }
        Ok(())
    }

    /// Waits this long, or until somebody interrupts.
    pub(crate) async fn during(&self, time: Duration) -> Result<(), Halt> {
        if time.is_zero() {
            tokio::task::consume_budget().await;
            return self.check();
        }
        tokio::select! {
            () = tokio::time::sleep(time) => self.check(),
            () = self.wait() => self.check(),
        }
    }

    /// Waits until somebody interrupts.
    pub(crate) async fn wait(&self) {
        loop {
            let told = self.told.notified();
            if self.set.load(Ordering::SeqCst) {
                return;
            }
            told.await;
        }
    }
}
