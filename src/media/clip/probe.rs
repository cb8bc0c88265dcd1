//! What a clip says about itself.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use crate::media::Error;
use crate::media::mp4::{Layout, Track, tags};

/// Facts of one clip.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipFacts {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures in all.
    pub frames: u32,
    /// Mean pictures per second.
    pub fps: f64,
    /// Length in seconds.
    pub duration_s: f64,
    /// `h264`, `hevc`, `vp9`, `av1` …
    pub codec: String,
    /// Whether there is a sound track.
    pub has_audio: bool,
}

/// Reads the facts of an MP4 from its tables and checks that every picture lies within the file.
///
/// # Errors
/// [`Error::Broken`] for what is no whole MP4, [`Error::Unsupported`] for fragmented ones, [`Error::TooLarge`].
pub fn probe(source: &mut (impl Read + Seek)) -> Result<ClipFacts, Error> {
    let layout = Layout::read(source)?;
    if layout.fragmented {
        return Err(Error::Unsupported {
            what: "a fragmented MP4".into(),
        });
    }
    let (track, has_audio) = Track::video(&layout.moov)?;
    track.samples(layout.length)?;
    Ok(facts(&track, has_audio))
}

pub(super) fn facts(track: &Track, has_audio: bool) -> ClipFacts {
    let duration_s = track.seconds();
    ClipFacts {
        width: track.width,
        height: track.height,
        frames: track.count,
        fps: if duration_s > 0.0 {
            f64::from(track.count) / duration_s
        } else {
            0.0
        },
        duration_s,
        codec: track.codec.clone(),
        has_audio,
    }
}

/// Reads the texts an MP4 carries, such as `prompt` and `workflow` of `ComfyUI`.
///
/// The values come from outside and are not scrubbed: they are data to parse, not lines to show.
///
/// # Errors
/// As [`probe`], except that fragmented files are fine.
pub fn metadata(source: &mut (impl Read + Seek)) -> Result<BTreeMap<String, String>, Error> {
    Ok(tags(&Layout::read(source)?.moov))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::Encoder;
    use image::{Rgb, RgbImage};
    use std::io::Cursor;

    fn clip(frames: u8, fps: f64) -> Vec<u8> {
        let mut encoder = Encoder::new(64, 48, fps).unwrap();
        encoder.tag("prompt", r#"{"1":{"text":"강아지"}}"#);
        encoder.tag("workflow", "{}");
        for n in 0..frames {
            encoder
                .push(&RgbImage::from_pixel(64, 48, Rgb([n * 9; 3])))
                .unwrap();
        }
        encoder.finish().unwrap()
    }

    #[test]
    fn a_clip_tells_what_was_put_into_it() {
        let facts = probe(&mut Cursor::new(clip(12, 23.976))).unwrap();
        assert_eq!((facts.width, facts.height, facts.frames), (64, 48, 12));
        assert!((facts.fps - 24_000.0 / 1001.0).abs() < 1e-9);
        assert!((facts.duration_s - 0.5005).abs() < 1e-9);
        assert_eq!((facts.codec.as_str(), facts.has_audio), ("h264", false));
    }

    #[test]
    fn the_workflow_comes_back_as_it_went_in() {
        let tags = metadata(&mut Cursor::new(clip(1, 24.0))).unwrap();
        assert_eq!(
            tags.get("prompt").map(String::as_str),
            Some(r#"{"1":{"text":"강아지"}}"#)
        );
        assert_eq!(tags.get("workflow").map(String::as_str), Some("{}"));
    }

    #[test]
    fn a_clip_cut_off_anywhere_is_not_whole() {
        let whole = clip(6, 24.0);
        for end in 0..whole.len() {
            let cut = whole.get(..end).unwrap();
            assert!(
                probe(&mut Cursor::new(cut)).is_err(),
                "cut at {end} of {}",
                whole.len()
            );
        }
    }

    #[test]
    fn no_damaged_byte_of_the_tables_makes_the_reader_panic() {
        let whole = clip(3, 24.0);
        let tables = whole.windows(4).position(|four| four == b"mdat").unwrap();
        for at in 0..tables {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = whole.clone();
                bad[at] = value;
                let _ = metadata(&mut Cursor::new(&bad));
                if let Ok(facts) = probe(&mut Cursor::new(&bad)) {
                    assert!(facts.frames <= 3, "byte {at} set to {value}: {facts:?}");
                }
            }
        }
    }
}
