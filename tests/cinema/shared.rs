//! What the tests have in common.

use jiff::civil::{Date, date};
use rushes::core::cinema::{Cinema, Severity, Shot};

pub(crate) const DAY: Date = date(2026, 11, 21);

pub(crate) fn shot(text: &str) -> Shot {
    let read = Shot::from_toml(text).unwrap();
    assert_eq!(read.slips, [], "{text}");
    read.shot
}

/// The ids of the hard rules that a shot breaks, by the full check.
pub(crate) fn hard(cinema: &Cinema, shot: &Shot) -> Vec<String> {
    let report = cinema.check(shot, DAY);
    report
        .standing(Severity::Hard)
        .map(|finding| finding.rule.clone())
        .collect()
}

/// A small generator, so that runs repeat: xorshift64*.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % n.max(1)
    }
}
