//! Pictures and clips: what stands in for a rendered result.

use std::{
    io::Cursor,
    sync::atomic::{AtomicBool, Ordering},
};

use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops};

use super::node::Facts;
use crate::{
    core::text,
    media::{
        Error as MediaError,
        animatic::{Scene, Stage},
        clip::Encoder,
        still,
    },
};

/// Largest side of a picture this worker draws, in pixels.
const MAX_SIDE: u32 = 8192;
/// Largest picture this worker draws, in pixels.
const MAX_PIXELS: u64 = 1 << 26;
/// Longest clip this worker encodes, in frames.
const MAX_FRAMES: u32 = 200_000;
/// Smallest side that H.264 takes, in pixels.
const LEAST_SIDE: u32 = 16;
/// Longest caption, in terminal cells, when the client gave none.
const TITLE_CELLS: usize = 48;
/// Side of a picture whose size nothing in the graph says, in pixels.
const USUAL_SIDE: u32 = 512;

/// Says why a file could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPicture {
    /// The job was interrupted between two frames.
    #[error("interrupted")]
    Interrupted,
    /// The encoder refused.
    #[error("{0}")]
    Encoder(String),
}

impl From<MediaError> for NoPicture {
    fn from(fault: MediaError) -> Self {
        Self::Encoder(fault.to_string())
    }
}

impl From<image::ImageError> for NoPicture {
    fn from(fault: image::ImageError) -> Self {
        Self::Encoder(fault.to_string())
    }
}

/// What a graph asked for, set up to be drawn frame by frame.
#[derive(Debug)]
pub(crate) struct Film(Source);

#[derive(Debug)]
enum Source {
    Picture(RgbImage),
    Scene(Box<Stage>),
}

impl Film {
    /// Sets up one colour, a picture from disk, or the animatic of a prompt.
    pub(crate) fn new(facts: &Facts) -> Result<Self, NoPicture> {
        let (width, height) = (
            facts.width.unwrap_or(USUAL_SIDE),
            facts.height.unwrap_or(USUAL_SIDE),
        );
        let fits = (1..=MAX_SIDE).contains(&width)
            && (1..=MAX_SIDE).contains(&height)
            && u64::from(width) * u64::from(height) <= MAX_PIXELS;
        if !fits {
            return Err(NoPicture::Encoder(format!(
                "a picture of {width} x {height} pixels is more than this worker draws"
            )));
        }
        if let Some(colour) = facts.colour {
            let [_, red, green, blue] = colour.to_be_bytes();
            let flat = RgbImage::from_pixel(width, height, Rgb([red, green, blue]));
            return Ok(Self(Source::Picture(flat)));
        }
        if let Some(path) = facts.picture.as_ref().filter(|_| facts.text.is_none()) {
            let picture = image::open(path)?.into_rgb8();
            let picture = if picture.dimensions() == (width, height) {
                picture
            } else {
                imageops::thumbnail(&picture, width, height)
            };
            return Ok(Self(Source::Picture(picture)));
        }
        let stage = scene(facts, width, height).stage();
        Ok(Self(Source::Scene(Box::new(stage))))
    }

    /// Draws one frame, counted from 0.
    pub(crate) fn frame(&self, n: u32) -> RgbImage {
        match &self.0 {
            Source::Picture(picture) => picture.clone(),
            Source::Scene(stage) => stage.frame(n),
        }
    }
}

fn scene(facts: &Facts, width: u32, height: u32) -> Scene {
    let prompt = facts.text.clone().unwrap_or_default();
    let title = facts.title.clone();
    Scene {
        title: title.unwrap_or_else(|| text::fit(&prompt, TITLE_CELLS).into_owned()),
        prompt,
        mood: facts.mood.clone(),
        seed: facts.seed.unwrap_or(0),
        width,
        height,
        frames: facts.frames.unwrap_or(1),
        fps: facts.fps.unwrap_or(24.0),
    }
}

/// Encodes the clip as H.264 in MP4, looking at `stop` between frames.
///
/// Sides below the encoder's least are drawn at that least.
pub(crate) fn clip(
    facts: &Facts,
    texts: &[(String, String)],
    stop: &AtomicBool,
) -> Result<Vec<u8>, NoPicture> {
    let frames = facts.frames.unwrap_or(1);
    if frames > MAX_FRAMES {
        return Err(NoPicture::Encoder(format!(
            "a clip of {frames} frames is more than this worker encodes"
        )));
    }
    let side = |side: Option<u32>| Some(side.unwrap_or(USUAL_SIDE).max(LEAST_SIDE));
    let film = Film::new(&Facts {
        width: side(facts.width),
        height: side(facts.height),
        ..facts.clone()
    })?;
    let first = film.frame(0);
    let fps = facts.fps.unwrap_or(24.0);
    let mut encoder = Encoder::new(first.width(), first.height(), fps)?;
    for (name, text) in texts {
        encoder.tag(name, text);
    }
    encoder.push(&first)?;
    for n in 1..frames {
        if stop.load(Ordering::Relaxed) {
            return Err(NoPicture::Interrupted);
        }
        encoder.push(&film.frame(n))?;
    }
    Ok(encoder.finish()?)
}

/// Writes a PNG with text chunks, as `SaveImage` does.
pub(crate) fn png(picture: &RgbImage, texts: &[(String, String)]) -> Result<Vec<u8>, NoPicture> {
    Ok(still::png(picture, texts)?)
}

/// Writes a JPEG for a preview, at most `side` pixels wide and high.
pub(crate) fn preview(picture: &RgbImage, side: u32) -> Result<Vec<u8>, NoPicture> {
    let longest = picture.width().max(picture.height());
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    if longest > side {
        let fit = |length: u32| (length * side / longest).max(1);
        let small = imageops::thumbnail(picture, fit(picture.width()), fit(picture.height()));
        encoder.encode_image(&small)?;
    } else {
        encoder.encode_image(picture)?;
    }
    Ok(bytes)
}

/// Writes a lossless still in another format.
pub(crate) fn still(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, NoPicture> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}
