//! Gathering slots under names that do not clash.

use std::collections::{HashMap, HashSet};

use crate::core::workflow::slot::{Binding, Slot, SlotKind};

/// A slot being built, with the inputs whose limits hold for it.
pub(super) struct Candidate {
    pub(super) slot: Slot,
    /// Inputs that consume the value: the places themselves, or those behind a number node.
    pub(super) consumers: Vec<Binding>,
}

impl Candidate {
    /// Makes a candidate whose value is written where it is consumed.
    pub(super) fn of(name: String, kind: SlotKind, node: &str, input: &str) -> Self {
        let bind = Binding {
            node: node.to_owned(),
            input: input.to_owned(),
        };
        Self {
            slot: Slot::new(name, kind, vec![bind.clone()]),
            consumers: vec![bind],
        }
    }
}

/// Most slots with a meaning; a graph with more is no longer set by name.
const MOST: usize = 400;

/// Slots found so far.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) slots: Vec<Candidate>,
    /// Slot of each place that is set as a whole.
    by_place: HashMap<Binding, usize>,
    names: HashSet<String>,
    /// Number to try next for a name that is taken.
    next: HashMap<String, usize>,
}

impl Collected {
    /// Says whether a slot sets this place already.
    pub(super) fn has(&self, bind: &Binding) -> bool {
        self.by_place.contains_key(bind)
    }

    /// Adds a slot under its name, or under `name.2`, `name.3` where that is taken.
    ///
    /// A place that has a slot is not given a second one; its consumers are noted, for their limits.
    pub(super) fn add(&mut self, base: &str, kind: SlotKind, bind: Binding, consumer: Binding) {
        if let Some(known) = self
            .by_place
            .get(&bind)
            .and_then(|at| self.slots.get_mut(*at))
        {
            known.consumers.push(consumer);
            return;
        }
        if self.slots.len() >= MOST {
            return;
        }
        let name = self.free(base);
        self.by_place.insert(bind.clone(), self.slots.len());
        let slot = Slot::new(name.clone(), kind, vec![bind]);
        self.names.insert(name);
        self.slots.push(Candidate {
            slot,
            consumers: vec![consumer],
        });
    }

    /// Adds a slot that sets a piece of texts; the texts stay free for slots of their own.
    pub(super) fn add_piece(&mut self, slot: Slot) {
        if self.slots.len() < MOST && self.names.insert(slot.name.clone()) {
            self.slots.push(Candidate {
                slot,
                consumers: Vec::new(),
            });
        }
    }

    /// Adds one more place to the slot called `name`.
    pub(super) fn join(&mut self, name: &str, bind: Binding, consumer: Binding) {
        let found = self
            .slots
            .iter_mut()
            .enumerate()
            .find(|(_, known)| known.slot.name == name);
        if let Some((at, known)) = found {
            if !known.slot.bind.contains(&bind) {
                known.slot.bind.push(bind.clone());
            }
            known.consumers.push(consumer);
            self.by_place.entry(bind).or_insert(at);
        }
    }

    fn free(&mut self, base: &str) -> String {
        if !self.names.contains(base) {
            return base.to_owned();
        }
        let next = self.next.entry(base.to_owned()).or_insert(2);
        loop {
            let name = format!("{base}.{next}");
            *next += 1;
            if !self.names.contains(&name) {
                return name;
            }
        }
    }
}
