//! Repeatable chance: hashes and smooth noise from a seed.

use super::canvas::{floor, real};

/// Hashes a seed and an index to 64 well-mixed bits (the finaliser of `splitmix64`).
pub(super) fn hash(seed: u64, index: u64) -> u64 {
    let mut bits = seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A share from 0 up to 1 for an index.
pub(super) fn share(seed: u64, index: u64) -> f32 {
    f32::from((hash(seed, index) >> 48) as u16) / 65_536.0
}

/// Draws shares one after the other.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    seed: u64,
    next: u64,
}

impl Dice {
    pub(super) fn new(seed: u64, use_for: &str) -> Self {
        let seed = use_for
            .bytes()
            .fold(seed, |mixed, byte| hash(mixed, u64::from(byte)));
        Self { seed, next: 0 }
    }

    /// From 0 up to 1.
    pub(super) fn share(&mut self) -> f32 {
        self.next += 1;
        share(self.seed, self.next)
    }

    /// From `low` up to `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share()
    }
}

/// Smooth noise from 0 to 1 over a line that repeats after `period` units.
pub(super) fn noise(seed: u64, place: f32, period: i32) -> f32 {
    let cell = floor(place);
    let along = smooth(place - real(cell));
    let at = |cell: i32| {
        share(
            seed,
            u64::from(cell.rem_euclid(period.max(1)).unsigned_abs()),
        )
    };
    at(cell) + (at(cell + 1) - at(cell)) * along
}

/// Smooth noise from 0 to 1 over a plane that repeats after `period` units sideways.
pub(super) fn noise2(seed: u64, (x, y): (f32, f32), period: i32) -> f32 {
    let row = floor(y);
    let line = |row: i32| noise(hash(seed, u64::from(row.unsigned_abs())), x, period);
    let along = smooth(y - real(row));
    line(row) + (line(row + 1) - line(row)) * along
}

/// Eases a share from 0 to 1: slow, fast, slow.
pub(super) fn smooth(share: f32) -> f32 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_repeats_after_its_period_and_stays_within_bounds() {
        for step in 0..200_u16 {
            let place = f32::from(step) * 0.37;
            let value = noise(5, place, 16);
            assert!((0.0..=1.0).contains(&value));
            assert!((value - noise(5, place + 16.0, 16)).abs() < 1e-3, "{place}");
        }
    }

    #[test]
    fn another_seed_or_use_rolls_other_dice() {
        let roll = |seed, word| Dice::new(seed, word).share().to_bits();
        assert_eq!(roll(1, "hills"), roll(1, "hills"));
        assert_ne!(roll(1, "hills"), roll(2, "hills"));
        assert_ne!(roll(1, "hills"), roll(1, "stars"));
    }
}
