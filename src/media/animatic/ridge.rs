//! Ridges: everything that stands on the ground is one line of heights, filled downwards.
//!
//! A height line costs one comparison per pixel, follows any zoom without jagged edges, and makes hills, pines,
//! roofs and grass alike.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, blend, floor, mix, real};
use super::chance::{Dice, noise, smooth};

/// Width of the world before it repeats, in units.
pub(super) const PERIOD: i32 = 8;
/// Heights stored per unit.
const FINE: i32 = 256;

/// The shape of a ridge line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Flat,
    Hills,
    Peaks,
    Dunes,
    Pines,
    Roofs,
    Towers,
    Grass,
    Furniture,
}

/// How a ridge looks and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) shape: Shape,
    /// Level it grows from, as a share of the picture's height from above.
    pub(super) base: f32,
    /// Height of its tallest points, as a share of the picture's height.
    pub(super) rise: f32,
    /// 0 at the horizon, 1 where the subject is, more in front of it.
    pub(super) depth: f32,
    /// Colour at the upper edge.
    pub(super) crest: Ink,
    /// Colour further down.
    pub(super) body: Ink,
    /// How far down the crest's colour reaches, as a share of the height.
    pub(super) fade: f32,
}

/// A ridge ready to be painted.
#[derive(Debug, Clone)]
pub(super) struct Ridge {
    style: Style,
    heights: Vec<f32>,
}

impl Ridge {
    pub(super) fn new(style: Style, seed: u64) -> Self {
        let seed = Dice::new(seed, "ridge").share().to_bits().into();
        let heights = match style.shape {
            Shape::Flat => vec![0.0],
            Shape::Hills => line(|x| waves(seed, x, &[(1, 0.6), (3, 0.3), (9, 0.1)])),
            Shape::Peaks => line(|x| peaks(seed, x)),
            Shape::Dunes => line(|x| dunes(seed, x)),
            Shape::Grass => line(|x| grass(seed, x)),
            Shape::Pines => pines(seed),
            Shape::Roofs => blocks(seed, (0.22, 0.5), (0.35, 0.8), roof),
            Shape::Towers => blocks(seed, (0.1, 0.26), (0.25, 1.0), |_, _| 0.0),
            Shape::Furniture => blocks(seed, (0.25, 0.6), (0.1, 1.0), |_, _| 0.0),
        };
        Self { style, heights }
    }

    /// Where it stands in depth.
    pub(super) fn depth(&self) -> f32 {
        self.style.depth
    }

    /// The colour most of it has.
    pub(super) fn body(&self) -> Ink {
        self.style.body
    }

    /// Height of the line at a place of the world, as a share of the picture's height from above.
    pub(super) fn level(&self, x: f32) -> f32 {
        let place = x * real(FINE);
        let cell = floor(place);
        let along = place - real(cell);
        let height = self.height(cell) + (self.height(cell + 1) - self.height(cell)) * along;
        self.style.base - self.style.rise * height
    }

    fn height(&self, cell: i32) -> f32 {
        let count = i32::try_from(self.heights.len()).unwrap_or(1).max(1);
        usize::try_from(cell.rem_euclid(count))
            .ok()
            .and_then(|cell| self.heights.get(cell))
            .copied()
            .unwrap_or(0.0)
    }

    /// Fills the picture from the line downwards, down to row `end`; returns the first row it covers wholly.
    pub(super) fn paint(&self, canvas: &mut Canvas, lens: &Lens, end: i32) -> i32 {
        let depth = self.style.depth;
        let tops: Vec<i32> = (0..canvas.width())
            .map(|x| {
                let level = self.level(lens.world_x(real(x) + 0.5, depth));
                floor(lens.height_at(level, depth) * 256.0)
            })
            .collect();
        let ramp = self.ramp(canvas.height());
        let first = tops.iter().min().map_or(0, |top| top >> 8).max(0);
        let last = tops.iter().max().map_or(0, |top| (top >> 8) + 1);
        let deep = last.saturating_add(i32::try_from(ramp.len()).unwrap_or(0));
        for y in first..end.min(canvas.height()) {
            if y >= deep {
                canvas.row_mut(y).fill(self.style.body);
            } else {
                fill(canvas.row_mut(y), &tops, y * 256, (&ramp, self.style.body));
            }
        }
        last
    }

    fn ramp(&self, height: i32) -> Vec<Ink> {
        let steps = floor(self.style.fade * real(height)).clamp(1, 4096);
        (0..steps)
            .map(|step| {
                mix(
                    self.style.crest,
                    self.style.body,
                    (real(step) / real(steps)).sqrt(),
                )
            })
            .collect()
    }
}

/// Fills one row; heights are in 1/256 of a pixel.
fn fill(row: &mut [Ink], tops: &[i32], y: i32, (ramp, body): (&[Ink], Ink)) {
    for (pixel, top) in row.iter_mut().zip(tops) {
        let below = y + 256 - top;
        if below <= 0 {
            continue;
        }
        let ink = usize::try_from((below - 1) >> 8)
            .ok()
            .and_then(|depth| ramp.get(depth))
            .copied()
            .unwrap_or(body);
        *pixel = match u16::try_from(below) {
            Ok(share) if share < 256 => blend(*pixel, ink, share),
            _ => ink,
        };
    }
}

/// Samples a shape all along the world.
fn line(height: impl Fn(f32) -> f32) -> Vec<f32> {
    (0..PERIOD * FINE)
        .map(|cell| height(real(cell) / real(FINE)))
        .collect()
}

/// Sums octaves of noise: waves per unit and share of the height.
fn waves(seed: u64, x: f32, octaves: &[(i32, f32)]) -> f32 {
    octaves
        .iter()
        .map(|&(per_unit, share)| {
            let period = PERIOD * per_unit;
            share
                * noise(
                    seed ^ u64::from(per_unit.unsigned_abs()),
                    x * real(per_unit),
                    period,
                )
        })
        .sum()
}

fn peaks(seed: u64, x: f32) -> f32 {
    let ridge = |per_unit: i32| {
        let wave = noise(
            seed ^ u64::from(per_unit.unsigned_abs()),
            x * real(per_unit),
            PERIOD * per_unit,
        );
        1.0 - (2.0 * wave - 1.0).abs()
    };
    0.62 * ridge(2) + 0.24 * ridge(5) + 0.1 * ridge(11) + 0.04 * ridge(29)
}

fn dunes(seed: u64, x: f32) -> f32 {
    let along = (x * 1.5 + 0.3 * noise(seed, x, PERIOD)).rem_euclid(1.0);
    let crest = if along < 0.7 {
        smooth(along / 0.7)
    } else {
        smooth((1.0 - along) / 0.3)
    };
    crest * (0.4 + 0.6 * noise(seed, x * 1.5, PERIOD * 3 / 2))
}

fn grass(seed: u64, x: f32) -> f32 {
    let blade = (x * 46.0).rem_euclid(1.0);
    let tall = noise(seed, (x * 46.0).floor() * 0.37 + x, PERIOD);
    0.35 * waves(seed, x, &[(2, 0.7), (7, 0.3)])
        + 0.65 * tall * (1.0 - (2.0 * blade - 1.0).abs()).powi(2)
}

/// Stands firs side by side, each with a few steps of branches.
fn pines(seed: u64) -> Vec<f32> {
    let mut dice = Dice::new(seed, "pines");
    let mut heights = line(|x| 0.16 + 0.1 * noise(seed, x * 3.0, PERIOD * 3));
    let count = i32::try_from(heights.len()).unwrap_or(1);
    for _ in 0..PERIOD * 13 {
        let (x, tall) = (dice.share() * real(count), dice.between(0.45, 1.0));
        let half = tall * dice.between(15.0, 22.0);
        for cell in floor(x - half)..floor(x + half) {
            let out = (real(cell) + 0.5 - x).abs() / half;
            let steps = 1.0 - out + 0.07 * (out * 5.0).fract();
            let slot = usize::try_from(cell.rem_euclid(count)).ok();
            if let Some(height) = slot.and_then(|slot| heights.get_mut(slot)) {
                *height = height.max(steps * tall);
            }
        }
    }
    heights
}

/// Sets blocks side by side: widths in units, heights from 0 to 1, a roof line on each.
fn blocks(
    seed: u64,
    (narrow, wide): (f32, f32),
    (low, high): (f32, f32),
    roof: impl Fn(f32, f32) -> f32,
) -> Vec<f32> {
    let mut dice = Dice::new(seed, "blocks");
    let mut heights = Vec::new();
    let count = usize::try_from(PERIOD * FINE).unwrap_or(1);
    while heights.len() < count {
        let cells = floor(dice.between(narrow, wide) * real(FINE)).max(2);
        let tall = dice.between(low, high);
        heights.extend((0..cells).map(|cell| tall + roof(real(cell) / real(cells), tall)));
        let gap = floor(dice.share() * narrow * 0.5 * real(FINE));
        heights.extend((0..gap).map(|_| low * 0.5));
    }
    heights.truncate(count);
    heights
}

/// The sweep of a tiled roof: low eaves that turn up at the ends, a short flat ridge.
fn roof(along: f32, tall: f32) -> f32 {
    let out = (2.0 * along - 1.0).abs();
    let sweep = (1.0 - out).max(0.0).powf(1.6) * 0.55;
    (sweep + 0.12 * out.powi(8)) * (0.4 + 0.6 * tall)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::animatic::camera::View;

    #[test]
    fn every_shape_repeats_and_stays_near_its_band() {
        for shape in [
            Shape::Flat,
            Shape::Hills,
            Shape::Peaks,
            Shape::Dunes,
            Shape::Pines,
            Shape::Roofs,
            Shape::Towers,
            Shape::Grass,
            Shape::Furniture,
        ] {
            let style = Style {
                shape,
                base: 1.0,
                rise: 1.0,
                depth: 0.5,
                crest: [0; 3],
                body: [9; 3],
                fade: 0.1,
            };
            let ridge = Ridge::new(style, 3);
            for step in 0..400_u16 {
                let x = f32::from(step) * 0.05 - 9.0;
                let level = ridge.level(x);
                assert!((-0.6..=1.01).contains(&level), "{shape:?} {level}");
                assert!(
                    (level - ridge.level(x + real(PERIOD))).abs() < 0.02,
                    "{shape:?}"
                );
            }
        }
    }

    #[test]
    fn a_flat_ridge_covers_what_lies_below_it_and_nothing_above() {
        let style = Style {
            shape: Shape::Flat,
            base: 0.5,
            rise: 0.0,
            depth: 0.0,
            crest: [8; 3],
            body: [8; 3],
            fade: 0.0,
        };
        let mut canvas = Canvas::new(10, 10);
        let lens = Lens::new(
            View {
                x: 0.0,
                y: 0.0,
                zoom: 1.0,
                pivot: 0.0,
            },
            (10, 10),
        );
        let covered = Ridge::new(style, 1).paint(&mut canvas, &lens, 10);
        assert!((5..=6).contains(&covered));
        assert_eq!(canvas.row(4).first(), Some(&[0; 3]));
        assert_eq!(canvas.row(7).first(), Some(&[8; 3]));
    }
}
