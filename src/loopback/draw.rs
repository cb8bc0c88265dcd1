//! Pictures and clips: what stands in for a rendered result.

use std::{
    io::Cursor,
    sync::atomic::{AtomicBool, Ordering},
};

use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

use super::node::Facts;
use crate::{
    core::text,
    media::{animatic::Scene, clip::Encoder},
};

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

/// Largest side of a picture this worker draws, in pixels; a real server's limit.
const MAX_SIDE: u32 = 16_384;
/// Largest picture this worker draws, in pixels.
const MAX_PIXELS: u64 = 1 << 26;

/// Smallest side that H.264 takes, in pixels.
const LEAST_SIDE: u32 = 16;
/// Longest caption, in terminal cells, when the client gave none.
const TITLE_CELLS: usize = 48;

/// Draws frame `n` of what the graph asked for.
pub(crate) fn frame(facts: &Facts, n: u32) -> Result<RgbImage, NoPicture> {
    let (width, height) = (facts.width.unwrap_or(512), facts.height.unwrap_or(512));
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
        return Ok(RgbImage::from_pixel(width, height, Rgb([red, green, blue])));
    }
    if let Some(path) = facts.picture.as_ref().filter(|_| facts.text.is_none()) {
        let picture = image::open(path).map_err(|fault| NoPicture::Encoder(fault.to_string()))?;
        return Ok(picture.to_rgb8());
    }
    Ok(scene_frame(facts, width, height, n))
}

/// Encodes the clip as H.264 in MP4, looking at `stop` between frames.
///
/// Sides below the encoder's least are drawn at that least.
pub(crate) fn clip(
    facts: &Facts,
    texts: &[(String, String)],
    stop: &AtomicBool,
) -> Result<Vec<u8>, NoPicture> {
    let refused = |fault: crate::media::Error| NoPicture::Encoder(fault.to_string());
    let side = |side: Option<u32>| Some(side.unwrap_or(512).max(LEAST_SIDE));
    let facts = Facts {
        width: side(facts.width),
        height: side(facts.height),
        ..facts.clone()
    };
    let first = frame(&facts, 0)?;
    let fps = facts.fps.unwrap_or(24.0);
    let mut encoder = Encoder::new(first.width(), first.height(), fps).map_err(refused)?;
    for (name, text) in texts {
        encoder.tag(name, text);
    }
    encoder.push(&first).map_err(refused)?;
    for n in 1..facts.frames.unwrap_or(1) {
        if stop.load(Ordering::Relaxed) {
            return Err(NoPicture::Interrupted);
        }
        encoder.push(&frame(&facts, n)?).map_err(refused)?;
    }
    encoder.finish().map_err(refused)
}

fn scene_frame(facts: &Facts, width: u32, height: u32, n: u32) -> RgbImage {
    let prompt = facts.text.clone().unwrap_or_default();
    let scene = Scene {
        title: facts
            .title
            .clone()
            .unwrap_or_else(|| text::fit(&prompt, TITLE_CELLS).into_owned()),
        prompt,
        mood: facts.mood.clone(),
        seed: facts.seed.unwrap_or(0),
        width,
        height,
        frames: facts.frames.unwrap_or(1),
        fps: facts.fps.unwrap_or(24.0),
    };
    scene.frame(n)
}

/// Writes a PNG with text chunks, as `SaveImage` does.
pub(crate) fn png(picture: &RgbImage, texts: &[(String, String)]) -> Result<Vec<u8>, NoPicture> {
    let refused = |fault: png::EncodingError| NoPicture::Encoder(fault.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    for (name, text) in texts {
        encoder
            .add_text_chunk(name.clone(), text.clone())
            .map_err(refused)?;
    }
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(picture.as_raw()).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(bytes)
}

/// Writes a JPEG for a preview, at most `side` pixels wide and high.
pub(crate) fn preview(picture: &RgbImage, side: u32) -> Result<Vec<u8>, NoPicture> {
    let longest = picture.width().max(picture.height());
    let picture = if longest > side {
        let fit = |length: u32| (length * side / longest).max(1);
        image::imageops::thumbnail(picture, fit(picture.width()), fit(picture.height()))
    } else {
        picture.clone()
    };
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode_image(&picture)
        .map_err(|fault| NoPicture::Encoder(fault.to_string()))?;
    Ok(bytes)
}

/// Writes a lossless still in another format.
pub(crate) fn still(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, NoPicture> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, format)
        .map_err(|fault| NoPicture::Encoder(fault.to_string()))?;
    Ok(bytes.into_inner())
}
