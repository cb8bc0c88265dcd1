//! The animatic: a placeholder film drawn from the words of a prompt.
//!
//! A worker without a GPU has to hand back something a person can judge: which shot this is, how long it runs,
//! where the camera goes, what light and place the prompt asks for. So prompt words choose an hour, a weather,
//! a place, a subject, its action and the camera's move; mood and hour choose the palette; the seed chooses among
//! equals. The film says *animatic* on every frame, so nobody takes it for a render.
//!
//! A [`Stage`] holds what does not change (sky, ridges, rasterised text); each frame is then layers from back to
//! front. Frames do not depend on each other.

mod camera;
mod canvas;
mod caption;
mod chance;
mod land;
mod lights;
mod look;
mod palette;
mod places;
mod ridge;
mod sky;
mod subject;
mod weather;
mod words;

use image::RgbImage;

use camera::{Camera, Lens};
use canvas::{Canvas, real};
use caption::Caption;
use land::Land;
use look::{Look, Place, Subject};
use palette::Palette;
use places::GROUND;
use sky::Sky;
use subject::{Figure, Stand};
use weather::Air;

/// Seconds after which nothing moves any more.
const A_DAY: f64 = 86_400.0;
/// Longest side drawn, in pixels.
const LONGEST: u32 = 8192;

/// What an animatic shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// English prompt (some Korean words are known too); its words choose what is drawn.
    pub prompt: String,
    /// One of `humor touching anger sadness horror info controversy daily shock`; others are ignored.
    pub mood: Option<String>,
    /// Caption burnt in; Hangul is fine, glyphs the font lacks are boxes.
    pub title: String,
    /// Chooses among equals: the same scene draws the same film.
    pub seed: u64,
    /// Width in pixels, 1 to 8192.
    pub width: u32,
    /// Height in pixels, 1 to 8192.
    pub height: u32,
    /// Frames in all; the camera's move ends on the last.
    pub frames: u32,
    /// Frames per second.
    pub fps: f64,
}

impl Scene {
    /// Sets everything up that all frames share. Costs about as much as ten frames.
    #[must_use]
    pub fn stage(&self) -> Stage {
        Stage::new(self)
    }

    /// Draws every frame in order.
    pub fn film(&self) -> impl Iterator<Item = RgbImage> + use<> {
        let stage = self.stage();
        (0..self.frames).map(move |n| stage.frame(n))
    }

    /// Draws one frame, counted from 0; for more than one, keep the [`Stage`].
    #[must_use]
    pub fn frame(&self, n: u32) -> RgbImage {
        self.stage().frame(n)
    }
}

/// A scene set up to be filmed.
#[derive(Debug)]
pub struct Stage {
    look: Look,
    camera: Camera,
    sky: Sky,
    land: Land,
    air: Air,
    figure: Figure,
    caption: Caption,
    vignette: Vec<u8>,
    size: (u16, u16),
    frames: u32,
    fps: f64,
}

impl Stage {
    fn new(scene: &Scene) -> Self {
        let bounded = |length: u32| u16::try_from(length.clamp(1, LONGEST)).unwrap_or(1);
        let size = (bounded(scene.width), bounded(scene.height));
        let look = Look::of(&scene.prompt, scene.mood.as_deref());
        let palette = Palette::of(&look);
        Self {
            camera: Camera::new(&look),
            sky: Sky::new(&look, &palette, size, scene.seed),
            land: Land::new(&look, &palette, scene.seed),
            air: Air::new(&look, &palette, scene.seed),
            figure: Figure::new(&look, &palette),
            caption: Caption::new(&scene.title, size, palette.accent, scene.fps),
            vignette: vignette(size),
            size,
            frames: scene.frames.max(1),
            fps: scene.fps,
            look,
        }
    }

    /// Draws one frame, counted from 0.
    #[must_use]
    pub fn frame(&self, n: u32) -> RgbImage {
        let mut canvas = Canvas::new(self.size.0, self.size.1);
        let t = self.seconds(n);
        let share = (f64::from(n) / f64::from(self.frames.saturating_sub(1).max(1))).min(1.0);
        let view = self.camera.view(t, single(share));
        let lens = Lens::new(view, (canvas.width(), canvas.height()));
        self.sky.paint(&mut canvas, &lens, t);
        self.land.paint_behind(&mut canvas, &lens, t);
        self.figure.paint(&mut canvas, self.stand(&lens, t));
        self.land.paint_front(&mut canvas, &lens);
        self.air.paint(&mut canvas, &lens, t);
        darken(&mut canvas, &self.vignette);
        self.caption.burn(&mut canvas, n, self.frames);
        canvas.into_image()
    }

    /// Puts the subject right of the middle, on the ground under it, as the camera follows.
    fn stand(&self, lens: &Lens, t: f32) -> Stand {
        let width = real(i32::from(self.size.0));
        let bob = if self.look.subject == Subject::Train {
            0.0
        } else {
            0.02 * (t * 0.7).sin()
        };
        let x = width * (0.56 + bob);
        let ground = match self.look.place {
            Place::Space => 0.7,
            Place::Sea if self.look.subject == Subject::Boat => 0.75,
            Place::Room => 0.84,
            Place::Underwater => 0.82,
            Place::Meadow
            | Place::Forest
            | Place::Mountain
            | Place::Sea
            | Place::City
            | Place::Village
            | Place::Desert => self.land.ground(lens.world_x(x, 1.0)) + 0.03,
        };
        let share = ground.clamp(0.5, GROUND + 0.14);
        Stand {
            foot: (x, lens.height_at(share, 1.0)),
            size: lens.unit * 0.27 * lens.zoom(1.0),
            t,
        }
    }

    fn seconds(&self, n: u32) -> f32 {
        let fps = if self.fps.is_finite() && self.fps > 0.0 {
            self.fps
        } else {
            24.0
        };
        single((f64::from(n) / fps).min(A_DAY))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds and shares need no more than 24 bits"
)]
fn single(number: f64) -> f32 {
    number as f32
}

/// Frames per second as a whole number, at least 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1 to 1000; NaN becomes 1"
)]
fn whole_rate(fps: f64) -> u32 {
    (fps.round().clamp(1.0, 1000.0) as u32).max(1)
}

/// Light kept at each pixel, in 1/255: less towards the corners, as through an old lens.
fn vignette((width, height): (u16, u16)) -> Vec<u8> {
    let (w, h) = (f32::from(width), f32::from(height));
    let middle = |n: u16, side: f32| (f32::from(n) + 0.5) / side * 2.0 - 1.0;
    let across: Vec<f32> = (0..width).map(|x| middle(x, w).powi(2)).collect();
    (0..height)
        .flat_map(|y| {
            let down = middle(y, h).powi(2);
            across.iter().map(move |across| {
                let out = ((across + down - 0.55) / 1.45).max(0.0);
                u8::try_from(canvas::weight(1.0 - 0.42 * out * (0.5 + 0.5 * out)).min(255))
                    .unwrap_or(255)
            })
        })
        .collect()
}

/// Takes away the light that an old lens would.
fn darken(canvas: &mut Canvas, vignette: &[u8]) {
    for (pixel, keep) in canvas.pixels_mut().iter_mut().zip(vignette) {
        *pixel = pixel.map(|channel| ((u16::from(channel) * (u16::from(*keep) + 1)) >> 8) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(prompt: &str, width: u32, height: u32) -> Scene {
        Scene {
            prompt: prompt.into(),
            mood: None,
            title: "귀여운 강아지 · a puppy".into(),
            seed: 7,
            width,
            height,
            frames: 48,
            fps: 24.0,
        }
    }

    /// Mean of each channel over the upper half.
    fn sky(image: &RgbImage) -> [u64; 3] {
        let half = image.height() / 2;
        let mut sum = [0; 3];
        for (_, _, pixel) in image.enumerate_pixels().filter(|(_, y, _)| *y < half) {
            for (sum, channel) in sum.iter_mut().zip(pixel.0) {
                *sum += u64::from(channel);
            }
        }
        sum.map(|sum| sum / u64::from(image.width() * half))
    }

    #[test]
    fn the_same_scene_draws_the_same_frame_and_another_seed_another() {
        let one = scene("a dog runs through rain in the city", 96, 64);
        let other = Scene {
            seed: 8,
            ..one.clone()
        };
        assert_eq!(one.frame(5), one.stage().frame(5));
        assert_ne!(one.frame(5), other.frame(5));
    }

    #[test]
    fn a_film_moves() {
        let film: Vec<_> = scene("a boat on the ocean, dolly in", 96, 64)
            .film()
            .take(3)
            .collect();
        assert_eq!(film.len(), 3);
        assert_ne!(film[0], film[1]);
        assert_ne!(film[1], film[2]);
    }

    #[test]
    fn words_and_mood_colour_the_picture() {
        let at = |prompt: &str| sky(&scene(prompt, 160, 96).frame(0));
        let (day, night, dusk) = (
            at("a meadow"),
            at("a meadow at night"),
            at("a meadow at sunset"),
        );
        assert!(
            night.iter().sum::<u64>() * 2 < day.iter().sum::<u64>(),
            "{night:?} {day:?}"
        );
        assert!(dusk[0] > dusk[2], "a sunset is red: {dusk:?}");
        assert!(day[2] > day[0], "a day is blue: {day:?}");
        let horror = Scene {
            mood: Some("horror".into()),
            ..scene("a meadow", 160, 96)
        };
        assert!(sky(&horror.frame(0)).iter().sum::<u64>() < day.iter().sum::<u64>());
    }

    #[test]
    fn every_size_and_every_place_can_be_drawn() {
        for (width, height) in [
            (16, 16),
            (17, 33),
            (1, 1),
            (4096, 16),
            (16, 4096),
            (320, 192),
        ] {
            let frame =
                scene("neon city rain, a red car drives, handheld", width, height).frame(47);
            assert_eq!(frame.dimensions(), (width, height));
        }
        for prompt in [
            "forest fog",
            "mountain snow, an eagle soars",
            "sea storm, a ship sails",
            "hanok village, lovers walk",
            "desert, a camel, tilt up",
            "kitchen, a chef dances",
            "space, a rocket, orbit",
            "underwater, a whale",
            "fireflies, flowers sway, crane shot",
            "bonfire, a wolf jumps, zoom out",
            "a train, autumn leaves, pan left",
        ] {
            let frame = scene(prompt, 64, 48).frame(30);
            assert_eq!(frame.dimensions(), (64, 48), "{prompt}");
        }
    }

    #[test]
    fn nonsense_draws_a_picture_too() {
        let odd = Scene {
            fps: f64::NAN,
            frames: 0,
            width: 0,
            title: "\u{1b}[31m\u{0}".into(),
            ..scene("", 0, 64)
        };
        assert_eq!(odd.frame(u32::MAX).dimensions(), (1, 64));
    }
}
