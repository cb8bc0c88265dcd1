//! What drifts through the air: rain, snow, petals, leaves, fireflies, embers, bubbles.
//!
//! Each particle's place is a function of the time alone, so any frame can be drawn first.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, Point, blend, mix, real, weight};
use super::chance::Dice;
use super::look::{Look, Place, Weather};
use super::palette::Palette;

/// One mote.
#[derive(Debug, Clone, Copy)]
struct Mote {
    start: Point,
    /// Nearness: size and speed grow with it.
    near: f32,
    phase: f32,
}

/// Everything in the air of one scene.
#[derive(Debug)]
pub(super) struct Air {
    weather: Weather,
    motes: Vec<Mote>,
    ink: Ink,
    flash: Option<f32>,
    pace: f32,
}

impl Air {
    pub(super) fn new(look: &Look, palette: &Palette, seed: u64) -> Self {
        let weather = match (look.weather, look.place) {
            (Weather::Clear | Weather::Cloud, Place::Underwater) => Weather::Bubbles,
            (Weather::Rain | Weather::Snow | Weather::Storm, Place::Room | Place::Space) => {
                Weather::Clear
            }
            (weather, _) => weather,
        };
        let count = match weather {
            Weather::Clear | Weather::Cloud | Weather::Fog => 0,
            Weather::Rain => 260,
            Weather::Storm => 380,
            Weather::Snow => 240,
            Weather::Petals => 70,
            Weather::Leaves | Weather::Bubbles => 46,
            Weather::Fireflies => 44,
            Weather::Embers => 90,
        };
        let mut dice = Dice::new(seed, "air");
        let mote = |_| Mote {
            start: (dice.share(), dice.share()),
            near: dice.share(),
            phase: dice.share(),
        };
        Self {
            weather,
            motes: (0..count).map(mote).collect(),
            ink: if weather == Weather::Bubbles {
                mix(palette.zenith, [255; 3], 0.6)
            } else {
                palette.air
            },
            flash: (weather == Weather::Storm).then(|| Dice::new(seed, "flash").between(1.7, 3.1)),
            pace: if look.slow { 0.45 } else { 1.0 },
        }
    }

    /// Paints the motes of a moment; `lens` lets near ones pass faster.
    pub(super) fn paint(&self, canvas: &mut Canvas, lens: &Lens, t: f32) {
        if let Some(every) = self.flash {
            lightning(canvas, t.rem_euclid(every));
        }
        for mote in &self.motes {
            self.mote(canvas, lens, (mote, t * self.pace));
        }
    }

    fn mote(&self, canvas: &mut Canvas, lens: &Lens, (mote, t): (&Mote, f32)) {
        let unit = lens.unit;
        let sway = |rate: f32, reach: f32| ((t * rate + mote.phase * 6.3).sin()) * reach;
        let near = 0.35 + 0.65 * mote.near * mote.near;
        match self.weather {
            Weather::Clear | Weather::Cloud | Weather::Fog => {}
            Weather::Rain | Weather::Storm => {
                let wind = if self.weather == Weather::Storm {
                    0.35
                } else {
                    0.12
                };
                let at = drift(
                    canvas,
                    lens,
                    (mote, (-wind * 1.6 * near * t, 1.9 * near * t)),
                );
                let long = 0.075 * near * unit;
                let thin = (0.0011 * unit * near).max(0.35);
                canvas.limb(
                    at,
                    (at.0 + long * wind, at.1 - long),
                    (thin, thin * 0.6),
                    self.ink,
                    0.2 + 0.35 * near,
                );
            }
            Weather::Snow => {
                let at = drift(
                    canvas,
                    lens,
                    (mote, (sway(0.7, 0.03) - 0.03 * t, (0.06 + 0.12 * near) * t)),
                );
                let size = (0.0022 + 0.0062 * mote.near * mote.near) * unit;
                canvas.ellipse(at, (size, size), self.ink, 0.9 - 0.35 * mote.near);
            }
            Weather::Petals | Weather::Leaves => {
                let at = drift(
                    canvas,
                    lens,
                    (mote, (sway(1.1, 0.05) - 0.07 * t, (0.05 + 0.09 * near) * t)),
                );
                let size = (0.005 + 0.008 * near) * unit;
                let turn = t * (1.5 + 2.0 * mote.phase) + mote.phase * 6.0;
                let (half_x, half_y) = (turn.cos() * size, turn.sin() * size * 0.7);
                let ink = mix(self.ink, [255, 244, 240], mote.phase * 0.5);
                let (a, b) = (
                    (at.0 - half_x, at.1 - half_y),
                    (at.0 + half_x, at.1 + half_y),
                );
                canvas.limb(a, b, (size * 0.55, size * 0.28), ink, 0.9);
            }
            Weather::Fireflies => {
                let at = drift(canvas, lens, (mote, (sway(0.5, 0.06), sway(0.37, 0.04))));
                let pulse = sway(1.6, 0.5) + 0.5;
                let at = (at.0, real(canvas.height()) * 0.35 + at.1 * 0.55);
                canvas.glow(at, 0.032 * unit * near, self.ink, 0.8 * pulse);
                canvas.ellipse(at, (0.0022 * unit, 0.0022 * unit), [255, 255, 220], pulse);
            }
            Weather::Embers => {
                let at = drift(
                    canvas,
                    lens,
                    (
                        mote,
                        (sway(1.3, 0.03) + 0.05 * t, -(0.08 + 0.16 * near) * t),
                    ),
                );
                let pulse = 0.6 + sway(5.0, 0.3);
                canvas.glow(at, 0.016 * unit * near, self.ink, 0.7 * pulse);
                canvas.ellipse(
                    at,
                    (0.0024 * unit * near, 0.0024 * unit * near),
                    [255, 226, 150],
                    pulse,
                );
            }
            Weather::Bubbles => {
                let at = drift(
                    canvas,
                    lens,
                    (mote, (sway(1.2, 0.02), -(0.05 + 0.08 * near) * t)),
                );
                let size = (0.003 + 0.01 * near) * unit;
                canvas.ellipse(at, (size, size), self.ink, 0.35);
                canvas.ellipse(
                    (at.0 - size * 0.3, at.1 - size * 0.3),
                    (size * 0.3, size * 0.3),
                    [255; 3],
                    0.7,
                );
            }
        }
    }
}

/// Where a mote is after a way in heights; it comes back in on the other side.
fn drift(canvas: &Canvas, lens: &Lens, (mote, way): (&Mote, Point)) -> Point {
    let edge = 0.1;
    let round = |place: f32| (place + edge).rem_euclid(1.0 + 2.0 * edge) - edge;
    let (width, height) = (real(canvas.width()), real(canvas.height()));
    let passed = lens.shift(0.5 + mote.near) * lens.unit / width;
    let x = round(mote.start.0 + way.0 * height / width - passed);
    (x * width, round(mote.start.1 + way.1) * height)
}

/// Whitens the picture for two short moments.
fn lightning(canvas: &mut Canvas, t: f32) {
    let bright = (1.0 - t / 0.12)
        .max(0.0)
        .max((0.6 - (t - 0.2).abs() / 0.1).max(0.0));
    if bright > 0.02 {
        let share = weight(bright * 0.6);
        for pixel in canvas.pixels_mut() {
            *pixel = blend(*pixel, [226, 234, 255], share);
        }
    }
}
