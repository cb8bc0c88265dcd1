//! The land: which ridges a place has, and the lights on them.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, mix, real};
use super::chance::Dice;
use super::look::{Hour, Look, Place, Subject, Weather};
use super::palette::Palette;
use super::ridge::{PERIOD, Ridge, Shape, Style};

/// Level of the ground the subject stands on, as a share of the height from above.
pub(super) const GROUND: f32 = 0.76;

/// All that stands still, back to front.
#[derive(Debug)]
pub(super) struct Land {
    behind: Vec<Ridge>,
    front: Option<Ridge>,
    lights: Vec<Light>,
    sparkle: Option<Sparkle>,
    haze: Option<Ink>,
}

/// A lit window or sign.
#[derive(Debug)]
struct Light {
    ridge: usize,
    place: (f32, f32),
    size: (f32, f32),
    ink: Ink,
    phase: f32,
    glow: bool,
}

/// Light on water, or lanes on a road.
#[derive(Debug)]
struct Sparkle {
    glints: Vec<(f32, f32, f32, f32)>,
    ink: Ink,
    still: bool,
}

impl Land {
    pub(super) fn new(look: &Look, palette: &Palette, seed: u64) -> Self {
        let styles = styles(look, palette);
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
            for light in self.lights.iter().filter(|light| light.ridge == nth) {
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
            let share = near * near * 0.5 * breath * (1.2 - depth);
            for pixel in canvas.row_mut(y) {
                *pixel = mix(*pixel, haze, share);
            }
        }
    }
}

/// Ridges of a place, back to front; the last with a depth of 1 or less carries the subject.
fn styles(look: &Look, palette: &Palette) -> Vec<Style> {
    let far = mix(palette.growth, palette.horizon, 0.62);
    let mid = mix(palette.growth, palette.horizon, 0.3);
    let near = mix(palette.growth, palette.ground, 0.35);
    let dark = mix(palette.ground, [0; 3], 0.45);
    let soil = mix(palette.ground, [0; 3], 0.22);
    let lit = mix(
        palette.ground,
        palette.light,
        if look.hour == Hour::Night { 0.1 } else { 0.22 },
    );
    let style = |shape, (base, rise, depth), (crest, body), fade| Style {
        shape,
        base,
        rise,
        depth,
        crest,
        body,
        fade,
    };
    let distant = |shape, rise| {
        style(
            shape,
            (0.64, rise, 0.14),
            (far, mix(far, palette.horizon, 0.6)),
            0.16,
        )
    };
    let middle = |shape, rise| style(shape, (0.71, rise, 0.4), (mid, mix(mid, far, 0.45)), 0.18);
    let ground = |shape, rise| style(shape, (GROUND + rise * 0.5, rise, 1.0), (lit, soil), 0.2);
    let close = |shape, rise| {
        style(
            shape,
            (1.03, rise, 1.7),
            (mix(dark, palette.ground, 0.4), dark),
            0.1,
        )
    };
    match look.place {
        Place::Meadow => vec![
            distant(Shape::Peaks, 0.16),
            middle(Shape::Hills, 0.14),
            ground(Shape::Hills, 0.03),
            close(Shape::Grass, 0.13),
        ],
        Place::Forest => vec![
            distant(Shape::Pines, 0.26),
            middle(Shape::Pines, 0.36),
            style(
                Shape::Pines,
                (0.76, 0.4, 0.7),
                (near, mix(near, dark, 0.4)),
                0.3,
            ),
            ground(Shape::Hills, 0.02),
            close(Shape::Grass, 0.15),
        ],
        Place::Mountain => vec![
            distant(Shape::Peaks, 0.44),
            middle(Shape::Peaks, 0.28),
            ground(Shape::Hills, 0.05),
            close(Shape::Grass, 0.1),
        ],
        Place::Sea => {
            let water = (
                mix(palette.ground, palette.horizon, 0.65),
                mix(palette.ground, palette.zenith, 0.3),
            );
            let mut sea = vec![
                distant(Shape::Hills, 0.07),
                style(Shape::Flat, (0.64, 0.0, 0.14), water, 0.5),
            ];
            if !afloat(look.subject) {
                let sand = mix(
                    palette.ground,
                    [226, 196, 148],
                    if look.hour == Hour::Night { 0.25 } else { 0.75 },
                );
                sea.push(style(
                    Shape::Dunes,
                    (0.83, 0.03, 1.0),
                    (mix(sand, palette.light, 0.3), mix(sand, [0; 3], 0.15)),
                    0.15,
                ));
            }
            sea
        }
        Place::City => vec![
            distant(Shape::Towers, 0.36),
            middle(Shape::Towers, 0.46),
            style(
                Shape::Towers,
                (0.76, 0.3, 0.7),
                (near, mix(near, dark, 0.5)),
                0.3,
            ),
            ground(Shape::Flat, 0.0),
        ],
        Place::Village => vec![
            distant(Shape::Peaks, 0.28),
            middle(Shape::Roofs, 0.14),
            style(
                Shape::Roofs,
                (0.77, 0.2, 0.7),
                (near, mix(near, dark, 0.5)),
                0.16,
            ),
            ground(Shape::Flat, 0.0),
            close(Shape::Grass, 0.09),
        ],
        Place::Desert => vec![
            distant(Shape::Peaks, 0.12),
            middle(Shape::Dunes, 0.14),
            ground(Shape::Dunes, 0.05),
            close(Shape::Dunes, 0.16),
        ],
        Place::Room => vec![
            style(
                Shape::Furniture,
                (0.7, 0.2, 0.5),
                (near, mix(near, dark, 0.4)),
                0.2,
            ),
            style(Shape::Flat, (0.7, 0.0, 0.6), (lit, soil), 0.3),
        ],
        Place::Space => vec![],
        Place::Underwater => vec![
            distant(Shape::Hills, 0.2),
            middle(Shape::Peaks, 0.2),
            style(
                Shape::Dunes,
                (0.92, 0.06, 1.0),
                (mix(lit, palette.zenith, 0.3), soil),
                0.2,
            ),
            close(Shape::Grass, 0.16),
        ],
    }
}

/// Whether a subject needs no beach to be at the sea.
fn afloat(subject: Subject) -> bool {
    match subject {
        Subject::Bird | Subject::Boat | Subject::Fish | Subject::Rocket | Subject::Balloon => true,
        Subject::Beast(..)
        | Subject::Person
        | Subject::Pair
        | Subject::Car
        | Subject::Train
        | Subject::Flower => false,
    }
}

/// Lights windows and signs where people live.
fn lights(look: &Look, palette: &Palette, ridges: &[Ridge], seed: u64) -> Vec<Light> {
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
    fn paint(&self, canvas: &mut Canvas, lens: &Lens, (depth, t): (f32, f32)) {
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
    fn new(look: &Look, palette: &Palette, seed: u64) -> Option<Self> {
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

    fn paint(&self, canvas: &mut Canvas, lens: &Lens, t: f32) {
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
