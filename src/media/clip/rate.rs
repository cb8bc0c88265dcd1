//! Frame rates as the whole numbers a container wants.

use std::num::NonZeroU32;

use crate::media::Error;

/// Lowest frame rate taken, in frames per second.
const SLOWEST: f64 = 0.1;
/// Highest frame rate taken, in frames per second.
const FASTEST: f64 = 1000.0;

/// A frame rate as ticks per second and ticks per frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Ticks per second, the track's `timescale`.
    pub timescale: NonZeroU32,
    /// Ticks each frame is shown.
    pub per_frame: u32,
}

impl Clock {
    /// Finds the ticks for a rate in frames per second.
    ///
    /// The film rates 23.976, 29.97, 59.94 … are n·1000/1001 and are stored exactly; so are whole rates.
    /// Any other rate is kept to a millionth of a second per frame.
    ///
    /// # Errors
    /// [`Error::Rate`] outside 0.1 to 1000 frames per second, and for what is no number.
    pub fn of(fps: f64) -> Result<Self, Error> {
        if !(SLOWEST..=FASTEST).contains(&fps) {
            return Err(Error::Rate(fps));
        }
        let whole = fps.round();
        let film = whole * 1000.0 / 1001.0;
        let (ticks, per_frame) = if (fps - whole).abs() < 1e-6 {
            (whole * 1000.0, 1000.0)
        } else if (fps - film).abs() < 5e-4 * whole.max(1.0) / 24.0 {
            (whole * 1000.0, 1001.0)
        } else {
            (1_000_000.0, (1_000_000.0 / fps).round())
        };
        Ok(Self {
            timescale: NonZeroU32::new(small(ticks)).ok_or(Error::Rate(fps))?,
            per_frame: small(per_frame),
        })
    }

    /// Frames per second.
    #[must_use]
    pub fn fps(self) -> f64 {
        f64::from(self.timescale.get()) / f64::from(self.per_frame.max(1))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the rate was checked to be from 0.1 to 1000, so both numbers are from 1000 to 10,000,000"
)]
fn small(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn film_rates_are_stored_exactly_and_odd_ones_nearly() {
        for (fps, timescale, per_frame) in [
            (24.0, 24_000, 1000),
            (25.0, 25_000, 1000),
            (1.0, 1000, 1000),
            (23.976, 24_000, 1001),
            (24_000.0 / 1001.0, 24_000, 1001),
            (29.97, 30_000, 1001),
            (59.94, 60_000, 1001),
            (119.88, 120_000, 1001),
            (12.5, 1_000_000, 80_000),
            (0.1, 1_000_000, 10_000_000),
            (0.5, 1_000_000, 2_000_000),
            (1000.0, 1_000_000, 1000),
        ] {
            let clock = Clock::of(fps).unwrap();
            assert_eq!(
                (clock.timescale.get(), clock.per_frame),
                (timescale, per_frame),
                "{fps}"
            );
            assert!((clock.fps() - fps).abs() < 0.001, "{fps}");
        }
    }

    #[test]
    fn a_rate_no_film_runs_at_is_refused() {
        for fps in [0.0, -24.0, 0.05, 1001.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Clock::of(fps), Err(Error::Rate(_))), "{fps}");
        }
    }
}
