//! Gathering slots under names that do not clash.

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

/// Slots found so far.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) slots: Vec<Candidate>,
}

impl Collected {
    /// Says whether a slot sets this place already.
    pub(super) fn has(&self, bind: &Binding) -> bool {
        self.slots
            .iter()
            .any(|known| known.slot.within.is_none() && known.slot.bind.contains(bind))
    }

    /// Adds a slot under its name, or under `name.2`, `name.3` where that is taken.
    ///
    /// A place that has a slot is not given a second one; its consumers are noted, for their limits.
    pub(super) fn add(&mut self, base: &str, kind: SlotKind, bind: Binding, consumer: Binding) {
        if let Some(known) = self
            .slots
            .iter_mut()
            .find(|known| known.slot.bind.contains(&bind))
        {
            if known.slot.within.is_none() {
                known.consumers.push(consumer);
                return;
            }
        }
        let name = self.free(base);
        self.slots.push(Candidate {
            slot: Slot::new(name, kind, vec![bind]),
            consumers: vec![consumer],
        });
    }

    /// Adds one more place to the slot called `name`.
    pub(super) fn join(&mut self, name: &str, bind: Binding, consumer: Binding) {
        if let Some(known) = self.slots.iter_mut().find(|known| known.slot.name == name) {
            if !known.slot.bind.contains(&bind) {
                known.slot.bind.push(bind);
            }
            known.consumers.push(consumer);
        }
    }

    fn free(&self, base: &str) -> String {
        let taken = |name: &str| self.slots.iter().any(|known| known.slot.name == name);
        if !taken(base) {
            return base.to_owned();
        }
        (2..)
            .map(|n| format!("{base}.{n}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    }
}
