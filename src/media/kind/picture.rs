//! Whole pictures: PNG, JPEG, GIF, WebP, still or moving.

use flate2::Crc;

use super::{FileFacts, Format};
use crate::media::Error;
use crate::media::mp4::{be16, be32};
use crate::media::still::{chunk, riff, segments};

/// Walks the chunks of a PNG to its end, checksum by checksum, and counts the pictures of an animated one.
pub(super) fn png(bytes: &[u8]) -> Result<FileFacts, Error> {
    let broken = |why: &str| Error::broken("PNG", why);
    let mut rest = bytes.get(8..).unwrap_or_default();
    let (mut size, mut frames, mut seconds) = (None, None, 0.0);
    while let Some((name, body, next)) = chunk(rest) {
        let told = be32(rest, 8 + body.len());
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(body);
        if told != Some(crc.sum()) {
            return Err(broken("a checksum does not match"));
        }
        match name {
            b"IHDR" => size = be32(body, 0).zip(be32(body, 4)),
            b"acTL" => frames = be32(body, 0),
            b"fcTL" => seconds += delay(body),
            b"IEND" => {
                return size
                    .map(|size| moving_png(size, frames, seconds))
                    .ok_or_else(|| broken("it has no header"));
            }
            _ => {}
        }
        rest = next;
    }
    Err(broken("its end is missing"))
}

fn moving_png((width, height): (u32, u32), frames: Option<u32>, seconds: f64) -> FileFacts {
    match frames {
        Some(frames) => FileFacts::new(Format::Apng)
            .sized(width, height)
            .moving(frames, seconds),
        None => FileFacts::new(Format::Png).sized(width, height),
    }
}

/// Seconds one picture of an animated PNG is shown.
fn delay(frame: &[u8]) -> f64 {
    let (above, below) = (be16(frame, 20).unwrap_or(0), be16(frame, 22).unwrap_or(0));
    f64::from(above) / f64::from(if below == 0 { 100 } else { below })
}

/// Finds the size of a JPEG in its frame header and its end mark at the end, zeros after it aside.
pub(super) fn jpeg(bytes: &[u8]) -> Result<FileFacts, Error> {
    let broken = |why: &str| Error::broken("JPEG", why);
    let frame = |marker: u8| matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
    let size = segments(bytes)
        .find(|(marker, _)| frame(*marker))
        .and_then(|(_, body)| be16(body, 3).zip(be16(body, 1)));
    let (width, height) = size.ok_or_else(|| broken("it has no size"))?;
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    if bytes
        .get(..=end)
        .is_some_and(|bytes| bytes.ends_with(&[0xff, 0xd9]))
    {
        Ok(FileFacts::new(Format::Jpeg).sized(width.into(), height.into()))
    } else {
        Err(broken("its end is missing"))
    }
}

/// Walks the blocks of a GIF to its trailer.
pub(super) fn gif(bytes: &[u8]) -> Result<FileFacts, Error> {
    let (size, frames, hundredths) =
        walk_gif(bytes).ok_or_else(|| Error::broken("GIF", "its end is missing"))?;
    let facts = FileFacts::new(Format::Gif).sized(size.0, size.1);
    Ok(facts.moving(frames, f64::from(hundredths) / 100.0))
}

/// Size, pictures, and hundredths of a second; nothing when a block does not fit.
fn walk_gif(bytes: &[u8]) -> Option<((u32, u32), u32, u32)> {
    let pair = |at: usize| {
        Some(u32::from(u16::from_le_bytes(
            bytes.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let size = (pair(6)?, pair(8)?);
    let mut at = 13 + colours(*bytes.get(10)?);
    let (mut frames, mut hundredths) = (0, 0_u32);
    loop {
        match *bytes.get(at)? {
            0x3b => return Some((size, frames, hundredths)),
            0x2c => {
                frames += 1;
                at = blocks(bytes, at + 11 + colours(*bytes.get(at + 9)?))?;
            }
            0x21 => {
                if bytes.get(at + 1) == Some(&0xf9) {
                    hundredths = hundredths.saturating_add(pair(at + 4)?);
                }
                at = blocks(bytes, at + 2)?;
            }
            _ => return None,
        }
    }
}

/// Bytes of a GIF colour table.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        6 << (flags & 7)
    }
}

/// Goes past sub-blocks up to and with the empty one.
fn blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let size = usize::from(*bytes.get(at)?);
        at += 1 + size;
        if size == 0 {
            return Some(at);
        }
    }
}

/// Checks a WebP's length and walks its chunks.
pub(super) fn webp(bytes: &[u8]) -> Result<FileFacts, Error> {
    let broken = |why: &str| Error::broken("WebP", why);
    let little = |at: usize, count: usize, bytes: &[u8]| {
        let bytes = bytes.get(at..at + count).unwrap_or_default();
        bytes
            .iter()
            .rev()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
    };
    let told = u64::from(little(4, 4, bytes)) + 8;
    if told > bytes.len() as u64 {
        return Err(broken("its end is missing"));
    }
    let (mut size, mut frames, mut millis, mut moving) = (None, 0, 0.0, false);
    for (name, body) in riff(bytes.get(12..).unwrap_or_default()) {
        match name {
            b"VP8X" => {
                size = Some((little(4, 3, body) + 1, little(7, 3, body) + 1));
                moving = body.first().is_some_and(|flags| flags & 2 != 0);
            }
            b"VP8 " => {
                size = size.or(Some((
                    little(6, 2, body) & 0x3fff,
                    little(8, 2, body) & 0x3fff,
                )));
            }
            b"VP8L" => {
                let bits = little(1, 4, body);
                size = size.or(Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1)));
            }
            b"ANMF" => {
                frames += 1;
                millis += f64::from(little(12, 3, body));
            }
            _ => {}
        }
    }
    let (width, height) = size.ok_or_else(|| broken("it has no picture"))?;
    if moving {
        return Ok(FileFacts::new(Format::AnimatedWebp)
            .sized(width, height)
            .moving(frames, millis / 1000.0));
    }
    Ok(FileFacts::new(Format::Webp).sized(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::gif::GifEncoder;
    use image::{Delay, DynamicImage, Frame, ImageFormat, RgbImage, RgbaImage};
    use std::io::Cursor;
    use std::time::Duration;

    fn written(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::from_fn(20, 12, |x, y| {
            image::Rgb([u8::try_from(x * y).unwrap(), 3, 9])
        });
        DynamicImage::from(picture)
            .write_to(&mut bytes, format)
            .unwrap();
        bytes.into_inner()
    }

    fn moving_gif() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for _ in 0..4 {
            let delay = Delay::from_saturating_duration(Duration::from_millis(50));
            encoder
                .encode_frame(Frame::from_parts(RgbaImage::new(20, 12), 0, 0, delay))
                .unwrap();
        }
        drop(encoder);
        bytes
    }

    type Check = fn(&[u8]) -> Result<FileFacts, Error>;

    #[test]
    fn whole_pictures_tell_their_size_and_cut_ones_are_caught() {
        let table: [(Vec<u8>, Check); 5] = [
            (written(ImageFormat::Png), png),
            (written(ImageFormat::Jpeg), jpeg),
            (written(ImageFormat::Gif), gif),
            (written(ImageFormat::WebP), webp),
            (moving_gif(), gif),
        ];
        for (bytes, check) in table {
            let facts = check(&bytes).unwrap();
            assert_eq!(
                (facts.width, facts.height),
                (Some(20), Some(12)),
                "{facts:?}"
            );
            for end in 0..bytes.len() {
                assert!(
                    check(&bytes[..end]).is_err(),
                    "{:?} cut at {end} of {}",
                    facts.format,
                    bytes.len()
                );
            }
        }
    }

    #[test]
    fn a_moving_picture_counts_its_frames() {
        let facts = gif(&moving_gif()).unwrap();
        assert_eq!(
            (facts.frames, facts.duration_s, facts.fps),
            (Some(4), Some(0.2), Some(20.0))
        );
        assert_eq!(facts.format.kind().word(), "video");
    }

    #[test]
    fn a_flipped_bit_in_a_png_is_caught() {
        let mut bytes = written(ImageFormat::Png);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        assert!(png(&bytes).is_err());
    }
}
