//! Small lights: windows, signs, glints on water, lanes on a road.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, mix, real};
use super::chance::Dice;
use super::look::{Hour, Look, Place, Weather};
use super::palette::Palette;
use super::ridge::{PERIOD, Ridge};

/// A lit window or sign.
#[derive(Debug)]
pub(super) struct Light {
    ridge: usize,
    place: (f32, f32),
    size: (f32, f32),
    ink: Ink,
    phase: f32,
    glow: bool,
}

/// Light on water, or lanes on a road.
#[derive(Debug)]
pub(super) struct Sparkle {
    glints: Vec<(f32, f32, f32, f32)>,
    ink: Ink,
    still: bool,
}

/// Lights windows and signs where people live.
pub(super) fn lights(look: &Look, palette: &Palette, ridges: &[Ridge], seed: u64) -> Vec<Light> {
    let lively = matches!(look.place, Place::City | Place::Village);
    let lit = match look.hour {
        Hour::Night => 0.75,
        Hour::Dusk | Hour::Dawn => 0.4,
        Hour::Day => 0.12,
    };
    if !lively {
        return Vec::new();
    }
    let mut dice = Dice::new(seed, "lights");
    let mut lights = Vec::new();
    for (nth, ridge) in ridges
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, ridge)| ridge.depth() < 1.0)
    {
        for _ in 0..PERIOD * 90 {
            let x = (dice.share() * real(PERIOD) * 34.0).floor() / 34.0;
            let up = (dice.share() * 26.0).floor() / 26.0 * 0.42;
            let size = (0.0115, 0.013);
            let place = (x, 0.72 - up);
            let inside = |x| place.1 > ridge.level(x) + 0.014;
            if dice.share() < lit && inside(x - 0.008) && inside(x + size.0 + 0.008) {
                let warm = mix([255, 206, 120], [255, 244, 214], dice.share());
                let ink = if look.hour == Hour::Day {
                    mix(ridge.body(), palette.light, 0.35)
                } else {
                    warm
                };
                lights.push(Light {
                    ridge: nth,
                    place,
                    size,
                    ink,
                    phase: dice.share(),
                    glow: false,
                });
            }
        }
        if look.neon {
            signs(&mut lights, (nth, ridge), &mut dice);
        }
    }
    lights
}

fn signs(lights: &mut Vec<Light>, (nth, ridge): (usize, &Ridge), dice: &mut Dice) {
    for _ in 0..PERIOD * 4 {
        let place = (dice.share() * real(PERIOD), dice.between(0.5, 0.66));
        let upright = dice.share() < 0.6;
        let size = if upright {
            (0.02, dice.between(0.06, 0.12))
        } else {
            (dice.between(0.06, 0.1), 0.022)
        };
        let hue = dice.share();
        let ink = match hue {
            ..0.34 => [255, 58, 160],
            0.34..0.67 => [48, 220, 255],
            _ => [255, 196, 64],
        };
        if place.1 > ridge.level(place.0) && place.1 > ridge.level(place.0 + size.0) {
            lights.push(Light {
                ridge: nth,
                place,
                size,
                ink,
                phase: dice.share(),
                glow: true,
            });
        }
    }
}

impl Light {
    /// Whether it belongs to the ridge of that number.
    pub(super) fn stands_on(&self, ridge: usize) -> bool {
        self.ridge == ridge
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, lens: &Lens, (depth, t): (f32, f32)) {
        let round = real(PERIOD);
        let left = lens.world_x(0.0, depth) - 0.2;
        let x = left + (self.place.0 - left).rem_euclid(round);
        let at = lens.place((x, self.place.1), depth);
        let scale = lens.unit * lens.zoom(depth);
        let size = (self.size.0 * scale, self.size.1 * scale);
        if at.0 > real(canvas.width()) {
            return;
        }
        let pulse = (t * (0.4 + self.phase) * 2.0 + self.phase * 40.0).sin();
        let alpha = if self.glow {
            0.85 + 0.15 * pulse
        } else {
            0.62 + 0.12 * pulse
        };
        if self.glow {
            let middle = (at.0 + size.0 / 2.0, at.1 + size.1 / 2.0);
            canvas.glow(middle, size.0.max(size.1) * 1.7, self.ink, 0.5 * alpha);
        }
        canvas.rect(at, size, self.ink, alpha);
    }
}

impl Sparkle {
    pub(super) fn new(look: &Look, palette: &Palette, seed: u64) -> Option<Self> {
        let mut dice = Dice::new(seed, "sparkle");
        let wet = look.neon || matches!(look.weather, Weather::Rain | Weather::Storm);
        match look.place {
            Place::Sea => Some(Self {
                glints: (0..300)
                    .map(|_| {
                        let down = dice.share();
                        (
                            dice.share() * 2.0,
                            0.648 + 0.35 * down * down,
                            0.02 + 0.1 * down,
                            dice.share(),
                        )
                    })
                    .collect(),
                ink: palette.light,
                still: false,
            }),
            Place::City => Some(Self {
                glints: (0..16_u8)
                    .map(|nth| {
                        (
                            f32::from(nth) * 0.5,
                            0.88,
                            0.24,
                            if wet { 0.7 } else { 0.5 },
                        )
                    })
                    .collect(),
                ink: if wet {
                    palette.accent
                } else {
                    mix(palette.ground, [255; 3], 0.55)
                },
                still: true,
            }),
            Place::Meadow
            | Place::Forest
            | Place::Mountain
            | Place::Village
            | Place::Desert
            | Place::Room
            | Place::Space
            | Place::Underwater => None,
        }
    }

    pub(super) fn paint(&self, canvas: &mut Canvas, lens: &Lens, t: f32) {
        for &(x, share, length, phase) in &self.glints {
            let depth = if self.still {
                1.25
            } else {
                ((share - 0.64) * 3.2).clamp(0.1, 1.2)
            };
            let round = if self.still { real(PERIOD) } else { 2.0 };
            let left = lens.world_x(0.0, depth) - 0.3;
            let drift = if self.still { 0.0 } else { t * 0.01 };
            let x = left + (x + drift - left).rem_euclid(round);
            let at = lens.place((x, share), depth);
            let thick = lens.unit
                * if self.still {
                    0.008
                } else {
                    0.0016 + 0.003 * depth
                };
            let alpha = if self.still {
                phase
            } else {
                let wave = (t * (1.2 + phase) + phase * 60.0).sin();
                (wave.max(0.0) * 0.6).powi(2) + 0.03
            };
            canvas.limb(
                at,
                (at.0 + length * lens.unit, at.1),
                (thick, thick),
                self.ink,
                alpha,
            );
        }
    }
}
