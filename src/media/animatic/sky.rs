//! The sky: colour by height, sun or moon with its glow, stars, drifting cloud.

use super::camera::Lens;
use super::canvas::{Canvas, Ink, blend, floor, mix, real, weight};
use super::chance::{Dice, noise2};
use super::look::{Hour, Look, Place, Weather};
use super::palette::Palette;

/// A sky painted once, wider than the picture so that a pan has something to show.
#[derive(Debug)]
pub(super) struct Sky {
    plane: Canvas,
    margin: i32,
    clouds: Option<Clouds>,
}

/// Cloud density, repeating sideways.
#[derive(Debug)]
struct Clouds {
    density: Vec<u8>,
    width: usize,
    ink: Ink,
    speed: f32,
}

impl Sky {
    pub(super) fn new(
        look: &Look,
        palette: &Palette,
        (width, height): (u16, u16),
        seed: u64,
    ) -> Self {
        let margin = width / 8;
        let mut plane = Canvas::new(width.saturating_add(margin * 2), height);
        gradient(&mut plane, look, palette);
        if look.hour == Hour::Night || look.place == Place::Space {
            stars(&mut plane, look, seed);
        }
        match look.place {
            Place::Space => planet(&mut plane, palette, seed),
            Place::Underwater => shafts(&mut plane, palette, seed),
            Place::Room => window(&mut plane, palette),
            Place::Meadow
            | Place::Forest
            | Place::Mountain
            | Place::Sea
            | Place::City
            | Place::Village
            | Place::Desert => luminary(&mut plane, look, palette, seed),
        }
        Self {
            plane,
            margin: i32::from(margin),
            clouds: Clouds::new(look, palette, (width, height), seed),
        }
    }

    /// Copies the sky into the picture and lets the clouds drift.
    pub(super) fn paint(&self, canvas: &mut Canvas, lens: &Lens, t: f32) {
        let moved = lens.shift(0.12) * lens.unit * 0.25;
        let offset = (self.margin + floor(moved)).clamp(0, self.margin * 2);
        let skip = usize::try_from(offset).unwrap_or(0);
        let rise = floor(lens.height_at(0.3, 0.0) - 0.3 * real(canvas.height()));
        for y in 0..canvas.height() {
            let from = self.plane.row((y - rise).clamp(0, self.plane.height() - 1));
            let row = canvas.row_mut(y);
            if let Some(from) = from.get(skip..).and_then(|from| from.get(..row.len())) {
                row.copy_from_slice(from);
            }
        }
        if let Some(clouds) = &self.clouds {
            clouds.paint(canvas, t, (moved, rise));
        }
    }
}

fn gradient(plane: &mut Canvas, look: &Look, palette: &Palette) {
    let height = real(plane.height());
    let end = if look.place == Place::Underwater {
        1.0
    } else {
        0.64
    };
    let haze = mix(palette.horizon, palette.light, 0.25);
    for y in 0..plane.height() {
        let down = (real(y) / height / end).min(1.0);
        let base = mix(palette.zenith, palette.horizon, down.powf(1.25));
        let ink = mix(base, haze, ((down - 0.75) * 2.4).max(0.0));
        plane.row_mut(y).fill(ink);
    }
}

fn stars(plane: &mut Canvas, look: &Look, seed: u64) {
    let mut dice = Dice::new(seed, "stars");
    let (width, height) = (real(plane.width()), real(plane.height()));
    let (count, reach) = if look.place == Place::Space {
        (420, 1.0)
    } else {
        (170, 0.6)
    };
    for _ in 0..count {
        let star = (dice.share() * width, dice.share() * height * reach);
        let bright = dice.share();
        let size = height / 512.0 * (0.5 + bright * bright * 1.1);
        let fade = 1.0 - 0.8 * star.1 / (height * reach);
        let ink = mix([190, 208, 255], [255, 240, 214], dice.share());
        plane.ellipse(star, (size, size), ink, (0.25 + 0.75 * bright) * fade);
    }
}

/// Draws sun or moon.
fn luminary(plane: &mut Canvas, look: &Look, palette: &Palette, seed: u64) {
    let mut dice = Dice::new(seed, "luminary");
    let (width, height) = (real(plane.width()), real(plane.height()));
    let (low, size) = match look.hour {
        Hour::Day => (dice.between(0.12, 0.2), 0.045),
        Hour::Dawn => (dice.between(0.44, 0.5), 0.06),
        Hour::Dusk => (dice.between(0.46, 0.53), 0.085),
        Hour::Night => (dice.between(0.14, 0.26), 0.042),
    };
    let across = if dice.share() < 0.5 {
        dice.between(0.24, 0.36)
    } else {
        dice.between(0.62, 0.76)
    };
    let (at, radius) = ((across * width, low * height), size * width.min(height));
    let hidden = match look.weather {
        Weather::Rain | Weather::Storm | Weather::Fog | Weather::Snow | Weather::Cloud => 0.3,
        Weather::Clear
        | Weather::Petals
        | Weather::Leaves
        | Weather::Fireflies
        | Weather::Embers
        | Weather::Bubbles => 1.0,
    };
    plane.glow(at, radius * 9.0, palette.light, 0.55 * hidden);
    plane.glow(at, radius * 3.2, palette.light, 0.7 * hidden);
    plane.ellipse(at, (radius, radius), palette.light, hidden);
    if look.hour == Hour::Night {
        let shade = mix(palette.light, palette.zenith, 0.25);
        for (x, y, r) in [(-0.3, -0.2, 0.22), (0.25, 0.3, 0.28), (0.35, -0.35, 0.14)] {
            let crater = (at.0 + x * radius, at.1 + y * radius);
            plane.ellipse(crater, (r * radius, r * radius), shade, 0.5 * hidden);
        }
    }
}

fn planet(plane: &mut Canvas, palette: &Palette, seed: u64) {
    let (width, height) = (real(plane.width()), real(plane.height()));
    let radius = 0.3 * width.min(height);
    let middle = (width * 0.7, height * 0.34);
    let sun = (middle.0 - radius * 0.5, middle.1 - radius * 0.5);
    plane.glow(middle, radius * 2.2, palette.accent, 0.35);
    plane.ellipse(
        middle,
        (radius, radius),
        mix(palette.growth, [10, 8, 24], 0.55),
        1.0,
    );
    let lit = mix(palette.accent, palette.light, 0.35);
    let bounds = (
        (middle.0 - radius, middle.1 - radius),
        (middle.0 + radius, middle.1 + radius),
    );
    plane.shade(bounds, lit, |x, y| {
        let edge = (radius - (x - middle.0).hypot(y - middle.1) + 0.5).clamp(0.0, 1.0);
        let near = 1.0 - (x - sun.0).hypot(y - sun.1) / (radius * 1.45);
        let bands = 0.75 + 0.25 * noise2(seed, (x / radius, (y + x * 0.2) / radius * 9.0), 64);
        edge * near.clamp(0.0, 1.0) * bands
    });
}

fn shafts(plane: &mut Canvas, palette: &Palette, seed: u64) {
    let mut dice = Dice::new(seed, "shafts");
    let (width, height) = (real(plane.width()), real(plane.height()));
    for _ in 0..7 {
        let (x, wide) = (dice.share() * width, dice.between(0.02, 0.07) * width);
        let lean = dice.between(0.05, 0.16) * width;
        let ink = mix(palette.zenith, [255; 3], 0.7);
        let alpha = dice.between(0.08, 0.2);
        plane.shade(((0.0, 0.0), (width, height * 0.9)), ink, |px, py| {
            let middle = x + lean * py / height;
            let across = 1.0 - (px - middle).abs() / (wide * (0.5 + py / height));
            alpha * across.clamp(0.0, 1.0) * (1.0 - py / (height * 0.9)).max(0.0)
        });
    }
}

fn window(plane: &mut Canvas, palette: &Palette) {
    let (width, height) = (real(plane.width()), real(plane.height()));
    let (x, y) = (width * 0.56, height * 0.13);
    let (w, h) = (height.min(width) * 0.36, height * 0.34);
    let frame = mix(palette.growth, [255; 3], 0.55);
    let bar = height * 0.008;
    plane.glow((x + w / 2.0, y + h / 2.0), h * 1.6, palette.light, 0.5);
    plane.rect(
        (x - bar * 2.0, y - bar * 2.0),
        (w + bar * 4.0, h + bar * 4.0),
        frame,
        1.0,
    );
    for row in 0..8_u8 {
        let down = f32::from(row) / 8.0;
        let ink = mix(
            mix(palette.zenith, [150, 196, 232], 0.5),
            palette.light,
            0.3 + down * 0.6,
        );
        plane.rect((x, y + h * down), (w, h / 8.0 + 1.0), ink, 1.0);
    }
    plane.rect((x + w / 2.0 - bar / 2.0, y), (bar, h), frame, 1.0);
    plane.rect((x, y + h * 0.45), (w, bar), frame, 1.0);
    let (near, far) = (x - width * 0.16, y + h);
    let lit = [
        (x, far + h * 0.62),
        (x + w, far + h * 0.62),
        (near + w, height),
        (near - w * 0.3, height),
    ];
    plane.polygon(&lit, palette.light, 0.2);
}

/// Rows and columns of noise per tile; the rest is interpolated.
const GRAIN: usize = 4;

impl Clouds {
    fn new(look: &Look, palette: &Palette, (width, height): (u16, u16), seed: u64) -> Option<Self> {
        let (cover, alpha, pace) = match look.weather {
            Weather::Storm => (0.3, 0.9, 0.06),
            Weather::Rain => (0.36, 0.8, 0.03),
            Weather::Cloud => (0.38, 0.9, 0.018),
            Weather::Snow => (0.42, 0.6, 0.014),
            Weather::Fog => (0.3, 0.7, 0.012),
            Weather::Clear
            | Weather::Petals
            | Weather::Leaves
            | Weather::Fireflies
            | Weather::Embers
            | Weather::Bubbles => (0.55, 0.75, 0.01),
        };
        let ink = match look.place {
            Place::Room | Place::Space | Place::Underwater => return None,
            Place::Meadow
            | Place::Forest
            | Place::Mountain
            | Place::Sea
            | Place::City
            | Place::Village
            | Place::Desert => match look.hour {
                Hour::Day => mix(palette.light, palette.horizon, 0.25),
                Hour::Dawn | Hour::Dusk => mix(palette.light, palette.zenith, 0.35),
                Hour::Night => mix(palette.horizon, palette.light, 0.12),
            },
        };
        let ink = match look.weather {
            Weather::Rain | Weather::Storm => mix(ink, palette.zenith, 0.6),
            _ => ink,
        };
        let tall = usize::from(height) * 3 / 5;
        let density = density((usize::from(width), tall), (cover, alpha), seed);
        Some(Self {
            density,
            width: usize::from(width).max(1),
            ink,
            speed: pace,
        })
    }

    fn paint(&self, canvas: &mut Canvas, t: f32, (moved, rise): (f32, i32)) {
        let width = i32::try_from(self.width).unwrap_or(1);
        let drift = floor(real(width) * self.speed * t + moved * 1.5);
        let skip = usize::try_from(drift.rem_euclid(width)).unwrap_or(0);
        for (line, y) in self.density.chunks_exact(self.width).zip(rise..) {
            let (head, tail) = line.split_at(skip.min(line.len()));
            for (pixel, density) in canvas.row_mut(y).iter_mut().zip(tail.iter().chain(head)) {
                if *density > 0 {
                    *pixel = blend(*pixel, self.ink, u16::from(*density));
                }
            }
        }
    }
}

/// Sums four octaves of noise on a coarse grid and interpolates it to the picture.
fn density((width, height): (usize, usize), (cover, alpha): (f32, f32), seed: u64) -> Vec<u8> {
    let (across, down) = (width / GRAIN + 1, height / GRAIN + 2);
    let cell = |x: usize, y: usize| -> f32 {
        let number = |n: usize| real(i32::try_from(n).unwrap_or(0));
        let (u, v) = (
            number(x % across) / number(across),
            number(y) / number(across),
        );
        let sum = [(4, 0.5), (8, 0.25), (16, 0.15), (32, 0.1)].map(|(period, share)| {
            let scale = real(period);
            share
                * noise2(
                    seed ^ u64::from(period.unsigned_abs()),
                    (u * scale, v * scale * 2.6),
                    period,
                )
        });
        let fade = (1.0 - number(y) / number(down)).clamp(0.0, 1.0);
        ((sum.iter().sum::<f32>() - cover) * 2.6).clamp(0.0, 1.0) * alpha * fade.sqrt()
    };
    let grid: Vec<f32> = (0..down)
        .flat_map(|y| (0..=across).map(move |x| (x, y)))
        .map(|(x, y)| cell(x, y))
        .collect();
    let at = |x: usize, y: usize| grid.get(y * (across + 1) + x).copied().unwrap_or(0.0);
    let part = |n: usize| real(i32::try_from(n % GRAIN).unwrap_or(0)) / 4.0;
    let mut plane = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (cx, cy, fx, fy) = (x / GRAIN, y / GRAIN, part(x), part(y));
            let upper = at(cx, cy) + (at(cx + 1, cy) - at(cx, cy)) * fx;
            let lower = at(cx, cy + 1) + (at(cx + 1, cy + 1) - at(cx, cy + 1)) * fx;
            plane.push(u8::try_from(weight(upper + (lower - upper) * fy).min(255)).unwrap_or(255));
        }
    }
    plane
}
