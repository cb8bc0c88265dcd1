//! A mailbox that holds one request: a newer one takes the place of one that nobody began.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// One place for one request, shared by who asks and who answers.
#[derive(Debug)]
pub struct Newest<T> {
    shared: Arc<(Mutex<Slot<T>>, Condvar)>,
}

#[derive(Debug)]
struct Slot<T> {
    request: Option<T>,
    nudged: bool,
}

impl<T> Clone for Newest<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        let slot = Slot {
            request: None,
            nudged: false,
        };
        Self {
            shared: Arc::new((Mutex::new(slot), Condvar::new())),
        }
    }
}

/// Why a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Woken<T> {
    /// There is a request.
    Request(T),
    /// Somebody said to look again.
    Nudge,
    /// The time was over.
    Late,
}

impl<T> Newest<T> {
    /// Leaves a request, in the place of one that waits.
    pub fn put(&self, request: T) {
        let (slot, bell) = &*self.shared;
        slot.lock().unwrap_or_else(PoisonError::into_inner).request = Some(request);
        bell.notify_one();
    }

    /// Says to look again without a new request.
    pub fn nudge(&self) {
        let (slot, bell) = &*self.shared;
        slot.lock().unwrap_or_else(PoisonError::into_inner).nudged = true;
        bell.notify_one();
    }

    /// Waits for a request.
    #[must_use]
    pub fn wait(&self) -> T {
        loop {
            if let Woken::Request(request) = self.wait_for(Duration::from_hours(1)) {
                return request;
            }
        }
    }

    /// Waits for a request or a nudge, but no longer than so long.
    #[must_use]
    pub fn wait_for(&self, limit: Duration) -> Woken<T> {
        let (slot, bell) = &*self.shared;
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = |slot: &mut Slot<T>| slot.request.is_none() && !slot.nudged;
        let waited = bell.wait_timeout_while(slot, limit, empty);
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let nudged = std::mem::take(&mut slot.nudged);
        match slot.request.take() {
            Some(request) => Woken::Request(request),
            None if nudged => Woken::Nudge,
            None => Woken::Late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_request_is_the_one_that_is_answered() {
        let newest = Newest::default();
        (0..5).for_each(|n| newest.put(n));
        assert_eq!(newest.wait_for(Duration::ZERO), Woken::Request(4));
        assert_eq!(newest.wait_for(Duration::ZERO), Woken::Late);
        newest.nudge();
        assert_eq!(newest.wait_for(Duration::ZERO), Woken::<i32>::Nudge);
    }
}
