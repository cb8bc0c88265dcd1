//! Where events wait until someone takes them: bounded, newest first to matter, outcomes last to go.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Closed, Event};

/// Most events kept.
const MOST: usize = 4096;
/// Most bytes kept, as far as they are counted.
const MOST_BYTES: usize = 64 << 20;

/// Events not taken yet. Of pictures, progress, status and words only the newest stays.
#[derive(Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    bell: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Event>,
    bytes: usize,
    missed: bool,
    closed: Option<Closed>,
}

impl Mailbox {
    /// Adds an event.
    pub(super) fn put(&self, event: Event) {
        self.lock().put(event);
        self.bell.notify_one();
    }

    /// Says that no more will come.
    pub(super) fn close(&self, why: Closed) {
        self.lock().closed.get_or_insert(why);
        self.bell.notify_one();
    }

    /// Waits for the oldest event.
    pub(super) async fn take(&self) -> Event {
        loop {
            if let Some(event) = self.lock().take() {
                return event;
            }
            self.bell.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self, event: Event) {
        if let Some(stale) = self.waiting.iter().rposition(|old| replaces(&event, old)) {
            self.drop_at(stale);
        }
        self.bytes += weight(&event);
        self.waiting.push_back(event);
        while self.waiting.len() > MOST || (self.bytes > MOST_BYTES && self.waiting.len() > 1) {
            let least = (0..=2)
                .find_map(|worth| self.waiting.iter().position(|old| worth_of(old) == worth));
            if let Some(gone) = self.drop_at(least.unwrap_or_default()) {
                self.missed |= worth_of(&gone) > 0;
            }
        }
    }

    fn drop_at(&mut self, place: usize) -> Option<Event> {
        let event = self.waiting.remove(place)?;
        self.bytes = self.bytes.saturating_sub(weight(&event));
        Some(event)
    }

    fn take(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.missed) {
            return Some(Event::Missed);
        }
        self.drop_at(0)
            .or_else(|| self.closed.clone().map(Event::Closed))
    }
}

/// Says whether a new event makes an old one worthless.
fn replaces(new: &Event, old: &Event) -> bool {
    match (new, old) {
        (Event::Preview(new), Event::Preview(old)) => new.of == old.of,
        (
            Event::Progress { of, node, .. },
            Event::Progress {
                of: old_of,
                node: old_node,
                ..
            },
        ) => of == old_of && node == old_node,
        (Event::ProgressState { of, .. }, Event::ProgressState { of: old_of, .. }) => of == old_of,
        (Event::Text { node, .. }, Event::Text { node: old_node, .. }) => node == old_node,
        (Event::Status { .. }, Event::Status { sid: None, .. })
        | (Event::Silent, Event::Silent) => true,
        _ => false,
    }
}

/// How much is lost with an event: 0 nothing, 1 a step, 2 an outcome.
const fn worth_of(event: &Event) -> u8 {
    match event {
        Event::Status { .. }
        | Event::Features(_)
        | Event::Progress { .. }
        | Event::ProgressState { .. }
        | Event::Preview(_)
        | Event::Text { .. }
        | Event::Other { .. }
        | Event::Silent => 0,
        Event::Started { .. }
        | Event::Cached { .. }
        | Event::Executing { .. }
        | Event::Executed { .. } => 1,
        Event::Ended { .. }
        | Event::Succeeded { .. }
        | Event::Failed { .. }
        | Event::Interrupted { .. }
        | Event::Missed
        | Event::Closed(_) => 2,
    }
}

/// Bytes an event holds, roughly.
fn weight(event: &Event) -> usize {
    let own = match event {
        Event::Preview(preview) => preview.image.len(),
        Event::Executed { outputs, .. } => outputs.len() * 512,
        Event::ProgressState { nodes, .. } => nodes.len() * 96,
        Event::Cached { nodes, .. } => nodes.len() * 32,
        Event::Failed { failure, .. } => failure.traceback.len(),
        _ => 0,
    };
    own + 128
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("waiting", &self.lock().waiting.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use uuid::Uuid;

    use super::*;
    use crate::comfy::wire::{ImageFormat, Preview, Subject};

    const OURS: Subject = Subject::Prompt(Uuid::from_u128(7));

    fn drain(state: &mut State) -> Vec<Event> {
        std::iter::from_fn(|| state.take()).collect()
    }

    fn preview(byte: u8) -> Event {
        Event::Preview(Preview {
            of: OURS,
            node: None,
            format: ImageFormat::Jpeg,
            image: Bytes::from(vec![byte; 1 << 20]),
        })
    }

    #[test]
    fn a_caller_who_sleeps_finds_the_newest_picture_and_the_outcome() {
        let mut state = State::default();
        state.put(Event::Ended { of: OURS });
        for n in 0..=255 {
            state.put(preview(n));
            state.put(Event::Progress {
                of: OURS,
                node: Some("3".into()),
                value: f64::from(n),
                max: 255.0,
            });
        }
        let found = drain(&mut state);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], Event::Ended { of: OURS });
        assert_eq!(found[1], preview(255));
    }

    #[test]
    fn a_flood_drops_chatter_before_steps_and_steps_before_outcomes() {
        let mut state = State::default();
        let outcomes: Vec<_> = (0..100)
            .map(|n| Event::Ended {
                of: Subject::Prompt(Uuid::from_u128(n)),
            })
            .collect();
        for event in &outcomes {
            state.put(event.clone());
        }
        for n in 0..MOST * 2 {
            state.put(Event::Other {
                kind: n.to_string(),
            });
        }
        assert!(!state.missed, "chatter is no loss");
        for n in 0..MOST * 2 {
            state.put(Event::Executing {
                of: OURS,
                node: n.to_string(),
                display: n.to_string(),
            });
        }
        let found = drain(&mut state);
        assert_eq!(found[0], Event::Missed);
        assert_eq!(found[1..=100], outcomes[..]);
        assert_eq!(found.len(), MOST + 1);
    }

    #[test]
    fn a_server_cannot_fill_our_memory_with_pictures() {
        let mut state = State::default();
        for n in 0..200_u8 {
            let Event::Preview(mut picture) = preview(n) else {
                unreachable!()
            };
            picture.of = Subject::Prompt(Uuid::from_u128(n.into()));
            state.put(Event::Preview(picture));
        }
        assert!(state.bytes <= MOST_BYTES);
        assert_eq!(state.bytes, state.waiting.iter().map(weight).sum::<usize>());
    }

    #[tokio::test]
    async fn what_came_before_the_end_is_told_before_the_end() {
        let mailbox = Mailbox::default();
        mailbox.put(Event::Ended { of: OURS });
        mailbox.close(Closed::Dead);
        mailbox.close(Closed::ByUs);
        assert_eq!(mailbox.take().await, Event::Ended { of: OURS });
        assert_eq!(mailbox.take().await, Event::Closed(Closed::Dead));
        assert_eq!(mailbox.take().await, Event::Closed(Closed::Dead));
    }
}
