//! Still pictures: PNG with texts in it, and the texts `ComfyUI` hides in PNG, WebP and JPEG.

mod exif;
mod png_text;

pub(super) use exif::{riff, segments};
pub(super) use png_text::chunk;

use std::collections::BTreeMap;
use std::io::Cursor;

use image::{ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use crate::media::Error;

/// Bytes one text may have; a large workflow has less than 1 MiB.
const LARGEST_TEXT: usize = 16 << 20;
/// Longest side that is read, in pixels.
const LONGEST_SIDE: u32 = 16_384;
/// Bytes a decoded picture may take.
const LARGEST_PICTURE: u64 = 1 << 30;

/// Facts of one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `image/png`, `image/jpeg`, `image/webp` or `image/gif`.
    pub media_type: &'static str,
}

/// Writes a PNG that carries texts by keyword.
///
/// Keywords are 1 to 79 Latin-1 characters. A text in Latin-1 becomes `tEXt`, as `ComfyUI` writes it, any other
/// `iTXt` in UTF-8.
///
/// # Errors
/// [`Error::Encode`] for an empty picture or an impossible keyword.
pub fn png(picture: &RgbImage, texts: &[(String, String)]) -> Result<Vec<u8>, Error> {
    let refused = |error: png::EncodingError| Error::Encode(error.to_string());
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    for (keyword, text) in texts {
        let latin = text.chars().all(|c| u32::from(c) < 256 && c != '\0');
        let added = if latin {
            encoder.add_text_chunk(keyword.clone(), text.clone())
        } else {
            encoder.add_itxt_chunk(keyword.clone(), text.clone())
        };
        added.map_err(refused)?;
    }
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(picture.as_raw()).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(bytes)
}

/// Reads the texts of a PNG (`tEXt`, `zTXt`, `iTXt`), a WebP or a JPEG (EXIF and XMP) by keyword.
///
/// `ComfyUI` writes `prompt:{…}` and `workflow:{…}` into the EXIF texts *Model* and *Make* of WebP; they come back
/// under `prompt` and `workflow`. An XMP packet comes back whole under `xmp`. Texts over 16 MiB and damaged ones are
/// left out. Values are data from outside and not scrubbed.
#[must_use]
pub fn read_text_chunks(bytes: &[u8]) -> BTreeMap<String, String> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png_text::read(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        exif::webp(bytes)
    } else if bytes.starts_with(&[0xff, 0xd8]) {
        exif::jpeg(bytes)
    } else {
        BTreeMap::new()
    }
}

/// Reads size and format from a picture's head, without decoding it.
///
/// # Errors
/// [`Error::Broken`] for what is no PNG, JPEG, WebP or GIF.
pub fn probe_image(bytes: &[u8]) -> Result<ImageFacts, Error> {
    let reader = reader(bytes)?;
    let media_type = match reader.format() {
        Some(ImageFormat::Png) => "image/png",
        Some(ImageFormat::Jpeg) => "image/jpeg",
        Some(ImageFormat::WebP) => "image/webp",
        Some(ImageFormat::Gif) => "image/gif",
        Some(_) | None => return Err(broken("its format is not known")),
    };
    let (width, height) = reader.into_decoder().map_err(damaged)?.dimensions();
    Ok(ImageFacts {
        width,
        height,
        media_type,
    })
}

/// Decodes the first picture of a PNG, JPEG, WebP or GIF; transparency lies on black.
///
/// # Errors
/// [`Error::Broken`] for damaged pictures and ones over 16,384 pixels a side or 1 GiB decoded.
pub fn read_image(bytes: &[u8]) -> Result<RgbImage, Error> {
    let mut reader = reader(bytes)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(LARGEST_PICTURE);
    reader.limits(limits);
    let picture = reader.decode().map_err(damaged)?;
    if !picture.color().has_alpha() {
        return Ok(picture.into_rgb8());
    }
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (to, from) in flat.pixels_mut().zip(picture.into_rgba8().pixels()) {
        let [r, g, b, a] = from.0.map(u16::from);
        to.0 = [r, g, b].map(|channel| u8::try_from(channel * a / 255).unwrap_or(255));
    }
    Ok(flat)
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, Error> {
    ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|source| Error::Io {
            doing: "read a picture".into(),
            source,
        })
}

fn broken(why: impl Into<String>) -> Error {
    Error::Broken {
        what: "picture",
        why: why.into(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn damaged(error: image::ImageError) -> Error {
    broken(crate::core::text::scrub(&error.to_string()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn picture() -> RgbImage {
        RgbImage::from_fn(9, 5, |x, y| {
            Rgb([u8::try_from(x * 20 + y).unwrap(), 7, 200])
        })
    }

    fn texts(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn texts_in_latin_and_hangul_come_back_from_a_png() {
        let written = texts(&[
            ("prompt", r#"{"a":"é"}"#),
            ("workflow", r#"{"제목":"강아지"}"#),
        ]);
        let bytes = png(&picture(), &written).unwrap();
        let read: Vec<_> = read_text_chunks(&bytes).into_iter().collect();
        assert_eq!(read, written);
        assert_eq!(read_image(&bytes).unwrap(), picture());
        let facts = probe_image(&bytes).unwrap();
        assert_eq!(
            (facts.width, facts.height, facts.media_type),
            (9, 5, "image/png")
        );
    }

    #[test]
    fn a_keyword_png_cannot_hold_is_refused() {
        assert!(png(&picture(), &texts(&[(&"k".repeat(80), "x")])).is_err());
        assert!(png(&picture(), &texts(&[("제목", "x")])).is_err());
    }

    #[test]
    fn a_cut_off_or_foreign_picture_is_an_error() {
        let bytes = png(&picture(), &[]).unwrap();
        for end in 0..40 {
            assert!(read_image(&bytes[..end]).is_err(), "{end}");
        }
        assert!(probe_image(b"GIF89a").is_err());
        assert!(probe_image(b"hello, world").is_err());
        assert!(read_text_chunks(b"hello").is_empty());
    }
}
