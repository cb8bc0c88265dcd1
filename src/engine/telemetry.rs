//! How the GPUs are: those of this machine by their driver, those of other machines by what their workers say.
//!
//! The driver may hang, be of the wrong version, lose a card or not be there at all, so it is asked on a thread of its
//! own ([`nvml`]) and every one of these is a reading with a reason. Nothing here is needed to render: whatever goes
//! wrong is said once and the engine goes on.

mod comfy;
mod finding;
mod nvml;
mod owner;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use super::gauge::Sheet;
use super::ledger;
use super::link::Link;
use super::shared::Shared;
use crate::clock;
use crate::comfy::SystemStats;
use crate::store::event;
use crate::store::gpu::{self, Card, Driver, HERE, State};
use nvml::{Reader, Taken};
use owner::Local;

/// Looks at the cards of this machine until the engine ends.
pub(super) async fn watch(shared: Arc<Shared>) {
    let tempo = shared.options.tempo;
    let mut reader = match Reader::start(shared.options.nvml.clone(), tempo.gpu_retry) {
        Ok(reader) => reader,
        Err(error) => {
            tracing::warn!(%error, "the GPUs of this machine are not looked at");
            return;
        }
    };
    let mut diary = Diary::default();
    loop {
        let look = async {
            let taken = reader.look(locals(&shared)).await;
            let pace = diary.take(&shared, taken).await;
            rest(&shared, pace).await;
        };
        tokio::select! {
            () = shared.ended.cancelled() => return,
            () = look => {}
        }
    }
}

/// Takes in what a worker said of itself.
pub(super) fn told(shared: &Shared, worker: &str, stats: &SystemStats) {
    shared.gauge.cards(Sheet {
        place: worker.to_owned(),
        at: clock::now(),
        cards: comfy::cards(worker, stats),
        system: serde_json::to_string(stats).ok(),
    });
}

/// Asks a connected worker how it is, on the beat that all share; never ends by itself.
///
/// One beat for all, so that sixty-four idle workers cost one write in ten seconds and not six a second.
pub(super) async fn keep_fresh(shared: &Shared, link: &Link) {
    loop {
        sleep(until_beat(clock::now(), shared.options.tempo.gpu_idle)).await;
        match link.client.system_stats().await {
            Ok(stats) => told(shared, &link.name, &stats),
            Err(error) => tracing::debug!(worker = link.name, %error, "no figures"),
        }
    }
}

/// Measures how long it is to the next whole multiple of `beat` on the clock.
fn until_beat(now: i64, beat: Duration) -> Duration {
    let beat = i64::try_from(beat.as_millis()).unwrap_or(i64::MAX).max(1);
    Duration::from_millis(u64::try_from(beat - now.rem_euclid(beat)).unwrap_or(1))
}

/// When to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// There is something to see.
    Watched,
    /// There is no driver.
    Blind,
}

/// Waits as long as nobody needs to know more.
async fn rest(shared: &Shared, pace: Pace) {
    let tempo = shared.options.tempo;
    match pace {
        Pace::Blind => sleep(tempo.gpu_retry).await,
        Pace::Watched => {
            let until = Instant::now() + tempo.gpu_idle;
            loop {
                sleep(tempo.gpu_busy).await;
                if Instant::now() >= until || is_urgent(shared) {
                    return;
                }
            }
        }
    }
}

/// Says whether somebody listens or a worker of this machine has something to do.
fn is_urgent(shared: &Shared) -> bool {
    shared.bell.listeners() > 0
        || locals(shared)
            .iter()
            .any(|local| shared.seated_on(&local.worker) > 0)
}

/// Lists the workers that are reached on this machine.
fn locals(shared: &Shared) -> Vec<Local> {
    shared
        .links()
        .values()
        .filter_map(|link| {
            Some(Local {
                worker: link.name.clone(),
                port: link.client.endpoint().local_port()?,
            })
        })
        .collect()
}

/// What was already said, so that it is said once.
#[derive(Debug, Default)]
struct Diary {
    driver: Option<Driver>,
    cards: BTreeMap<(u32, Option<u32>), State>,
    stuck: bool,
}

impl Diary {
    /// Hands readings on, says what is new, and decides when to look again.
    async fn take(&mut self, shared: &Shared, taken: Taken) -> Pace {
        let was_stuck = std::mem::replace(&mut self.stuck, matches!(taken, Taken::Stuck));
        match taken {
            Taken::Cards { at, cards } => {
                let turns = turns(&self.cards, &cards);
                self.cards = states(&cards);
                self.driver(
                    shared,
                    Driver {
                        present: true,
                        why: None,
                    },
                    at,
                    cards,
                )
                .await;
                for (kind, detail) in turns {
                    tracing::warn!(kind, %detail, "a GPU changed");
                    note(shared, kind, detail).await;
                }
                Pace::Watched
            }
            Taken::Absent(why) => {
                self.cards.clear();
                let driver = Driver {
                    present: false,
                    why: Some(why),
                };
                self.driver(shared, driver, clock::now(), Vec::new()).await;
                Pace::Blind
            }
            Taken::Stuck => {
                if !was_stuck {
                    tracing::warn!("the GPU driver does not answer; its last figures grow old");
                }
                Pace::Watched
            }
        }
    }

    /// Writes the readings; without a driver only once, to take away what an earlier engine saw.
    async fn driver(&mut self, shared: &Shared, driver: Driver, at: i64, cards: Vec<Card>) {
        let is_news = self.driver.as_ref() != Some(&driver);
        if driver.present || is_news {
            shared.gauge.cards(Sheet {
                place: HERE.to_owned(),
                at,
                cards,
                system: None,
            });
        }
        if is_news {
            if let Some(why) = &driver.why {
                tracing::info!(why, "no GPU of this machine is read");
            }
            keep(shared, driver.clone()).await;
            self.driver = Some(driver);
        }
    }
}

/// Keeps how the driver is, with a line in the trail when an earlier engine found it otherwise.
async fn keep(shared: &Shared, driver: Driver) {
    let kept = shared
        .ledger
        .write(move |db| {
            let before = gpu::driver(db)?;
            if let Some(kind) = remark(before.as_ref(), &driver) {
                let detail = json!({ "why": driver.why });
                event::write(db, clock::now(), None, kind, None, &detail)?;
            }
            if before.as_ref() != Some(&driver) {
                gpu::put_driver(db, &driver)?;
            }
            Ok(())
        })
        .await;
    complain(kept);
}

/// Writes an event of a card to the trail.
async fn note(shared: &Shared, kind: &'static str, detail: Value) {
    let written = shared
        .ledger
        .write(move |db| Ok(event::write(db, clock::now(), None, kind, None, &detail)?))
        .await;
    complain(written);
}

fn complain(written: Result<(), ledger::Error>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what became of a GPU was not stored");
    }
}

/// Names what is worth a line about the driver, given what the last engine knew.
fn remark(before: Option<&Driver>, now: &Driver) -> Option<&'static str> {
    match (before.map(|driver| driver.present), now.present) {
        (None | Some(true), false) => Some("gpu-driver-absent"),
        (Some(false), true) => Some("gpu-driver-back"),
        (None | Some(true), true) | (Some(false), false) => None,
    }
}

/// Reads the state of each card.
fn states(cards: &[Card]) -> BTreeMap<(u32, Option<u32>), State> {
    cards
        .iter()
        .filter_map(|card| Some(((card.index?, card.mig), card.state)))
        .collect()
}

/// Finds the cards that were lost or came back since the last look.
fn turns(
    before: &BTreeMap<(u32, Option<u32>), State>,
    cards: &[Card],
) -> Vec<(&'static str, Value)> {
    cards
        .iter()
        .filter_map(|card| {
            let was_lost = before.get(&(card.index?, card.mig)) == Some(&State::Lost);
            let kind = match (was_lost, card.state == State::Lost) {
                (false, true) => "gpu-lost",
                (true, false) => "gpu-back",
                (true, true) | (false, false) => return None,
            };
            let detail = json!({
                "index": card.index, "mig": card.mig, "uuid": card.uuid, "name": card.name, "why": card.why,
            });
            Some((kind, detail))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::gpu::Source;

    fn card(index: u32, state: State) -> Card {
        let mut card = Card::of(Source::Nvml);
        card.index = Some(index);
        card.state = state;
        card
    }

    #[test]
    fn workers_are_asked_together_on_a_common_beat() {
        let beat = Duration::from_secs(10);
        for (now, wait) in [(20_000, 10_000), (20_001, 9_999), (29_999, 1), (-1, 1)] {
            assert_eq!(
                until_beat(now, beat),
                Duration::from_millis(wait),
                "at {now}"
            );
        }
        assert_eq!(until_beat(5, Duration::ZERO), Duration::from_millis(1));
    }

    #[test]
    fn a_driver_is_spoken_of_only_when_the_last_engine_found_it_otherwise() {
        let driver = |present| Driver { present, why: None };
        for (before, now, said) in [
            (None, true, None),
            (None, false, Some("gpu-driver-absent")),
            (Some(true), false, Some("gpu-driver-absent")),
            (Some(false), true, Some("gpu-driver-back")),
            (Some(false), false, None),
            (Some(true), true, None),
        ] {
            let before = before.map(driver);
            assert_eq!(remark(before.as_ref(), &driver(now)), said, "{before:?}");
        }
    }

    #[test]
    fn a_card_is_reported_lost_once_and_back_once() {
        let mut known = BTreeMap::new();
        let mut said = Vec::new();
        for state in [State::Ok, State::Lost, State::Lost, State::Ok, State::Ok] {
            let cards = [card(0, State::Ok), card(1, state)];
            for (kind, detail) in turns(&known, &cards) {
                said.push((kind, detail["index"].clone()));
            }
            known = states(&cards);
        }
        assert_eq!(said, [("gpu-lost", json!(1)), ("gpu-back", json!(1))]);
    }
}
