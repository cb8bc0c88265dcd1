//! The land: ridges and the lights on them, back to front.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, blend, mix, real, weight};
use super::lights::{Light, Sparkle, lights};
use super::look::{Look, Weather};
use super::palette::Palette;
use super::places::{GROUND, ridges};
use super::ridge::Ridge;

/// All that stands still, back to front.
#[derive(Debug)]
pub(super) struct Land {
    behind: Vec<Ridge>,
    front: Option<Ridge>,
    lights: Vec<Light>,
    sparkle: Option<Sparkle>,
    haze: Option<Ink>,
}

impl Land {
    pub(super) fn new(look: &Look, palette: &Palette, seed: u64) -> Self {
        let styles = ridges(look, palette);
        let mut ridges: Vec<Ridge> = (1..)
            .zip(styles)
            .map(|(nth, style)| Ridge::new(style, seed.wrapping_add(nth)))
            .collect();
        let front = ridges
            .last()
            .is_some_and(|ridge| ridge.depth() > 1.0)
            .then(|| ridges.pop())
            .flatten();
        let lights = lights(look, palette, &ridges, seed);
        Self {
            behind: ridges,
            front,
            lights,
            sparkle: Sparkle::new(look, palette, seed),
            haze: (look.weather == Weather::Fog).then(|| mix(palette.horizon, palette.light, 0.15)),
        }
    }

    /// Paints what lies behind the subject.
    pub(super) fn paint_behind(&self, canvas: &mut Canvas, lens: &Lens, t: f32) {
        for (nth, ridge) in self.behind.iter().enumerate() {
            ridge.paint(canvas, lens, canvas.height());
            for light in self.lights.iter().filter(|light| light.stands_on(nth)) {
                light.paint(canvas, lens, (ridge.depth(), t));
            }
            if let Some(haze) = self.haze {
                veil(canvas, lens, (haze, ridge.depth(), t));
            }
        }
        if let Some(sparkle) = &self.sparkle {
            sparkle.paint(canvas, lens, t);
        }
    }

    /// Paints what lies in front of it.
    pub(super) fn paint_front(&self, canvas: &mut Canvas, lens: &Lens) {
        if let Some(front) = &self.front {
            front.paint(canvas, lens, canvas.height());
        }
    }

    /// Level of the ground at a place of the world, as a share of the height.
    pub(super) fn ground(&self, x: f32) -> f32 {
        self.behind.last().map_or(GROUND, |ridge| ridge.level(x))
    }
}

/// A layer of mist in front of a ridge.
fn veil(canvas: &mut Canvas, lens: &Lens, (haze, depth, t): (Ink, f32, f32)) {
    let level = lens.height_at(0.66 + 0.1 * depth, depth);
    let reach = real(canvas.height()) * 0.2;
    for y in 0..canvas.height() {
        let near = 1.0 - ((real(y) - level) / reach).abs();
        if near > 0.0 {
            let breath = 0.9 + 0.1 * (t * 0.4 + depth * 5.0).sin();
            let share = weight(near * near * 0.5 * breath * (1.2 - depth));
            for pixel in canvas.row_mut(y) {
                *pixel = blend(*pixel, haze, share);
            }
        }
    }
}
