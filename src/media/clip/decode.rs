//! Decoding H.264 for previews, with a seek to any frame.

use std::io::{Read, Seek, SeekFrom};

use image::RgbImage;
use openh264::OpenH264API;
use openh264::decoder::{Decoder, DecoderConfig, Flush};

use super::probe::{ClipFacts, facts};
use super::yuv::picture;
use crate::media::Error;
use crate::media::mp4::{Layout, Sample, Track};

/// Bytes one encoded picture may have.
const LARGEST_SAMPLE: u32 = 64 << 20;
/// Longest side that is decoded, in pixels.
const LONGEST_SIDE: u32 = 8192;

/// A clip opened for its pictures.
///
/// Decodes what the compiled-in decoder can: progressive 8-bit 4:2:0 baseline, main and high profile. Anything
/// else is [`Error::Unsupported`], and ffmpeg may be asked instead.
pub struct Reel<R> {
    source: R,
    track: Track,
    facts: ClipFacts,
    samples: Vec<Sample>,
    /// Rank in showing order of each picture in decoding order.
    ranks: Vec<usize>,
    open: Option<Run>,
}

/// A decoder under way.
struct Run {
    decoder: Decoder,
    /// Next picture to feed, in decoding order.
    feed: usize,
    /// Rank of the next picture to come out.
    out: usize,
    /// Pictures that came out together at the end.
    rest: std::vec::IntoIter<RgbImage>,
}

impl<R> std::fmt::Debug for Reel<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reel")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl<R: Read + Seek> Reel<R> {
    /// Opens a clip and checks its tables.
    ///
    /// # Errors
    /// [`Error::Broken`], [`Error::TooLarge`], and [`Error::Unsupported`] for any codec but H.264.
    pub fn open(mut source: R) -> Result<Self, Error> {
        let layout = Layout::read(&mut source)?;
        let (track, has_audio) = Track::video(&layout.moov)?;
        if layout.fragmented || track.codec != "h264" || track.avcc.is_none() {
            let what = if layout.fragmented {
                "a fragmented MP4".into()
            } else {
                format!("{} video", track.codec)
            };
            return Err(Error::Unsupported { what });
        }
        if track.width.max(track.height) > LONGEST_SIDE {
            return Err(Error::Unsupported {
                what: format!("{}x{} video", track.width, track.height),
            });
        }
        let samples = track.samples(layout.length)?;
        let mut order: Vec<usize> = (0..samples.len()).collect();
        order.sort_by_key(|nth| samples.get(*nth).map(|sample| sample.shown));
        let mut ranks = vec![0; samples.len()];
        for (rank, nth) in order.into_iter().enumerate() {
            if let Some(slot) = ranks.get_mut(nth) {
                *slot = rank;
            }
        }
        let facts = facts(&track, has_audio);
        Ok(Self {
            source,
            track,
            facts,
            samples,
            ranks,
            open: None,
        })
    }

    /// Facts of the clip.
    pub fn facts(&self) -> &ClipFacts {
        &self.facts
    }

    /// Decodes frame `n` in showing order, counted from 0.
    ///
    /// Goes on from the last picture where that is nearer than the key frame before `n`.
    ///
    /// # Errors
    /// [`Error::Broken`] past the end or for damaged pictures, [`Error::Unsupported`] for profiles the decoder
    /// does not know.
    pub fn frame(&mut self, n: u32) -> Result<RgbImage, Error> {
        let wanted = usize::try_from(n).unwrap_or(usize::MAX);
        let at = self.ranks.iter().position(|rank| *rank == wanted);
        let at = at.ok_or_else(|| broken(format!("there is no frame {n}")))?;
        let key = self.key_before(at);
        let first = self.ranks.get(key).copied().unwrap_or(0);
        let carry_on = self
            .open
            .as_ref()
            .is_some_and(|run| run.out <= wanted && run.out >= first);
        if !carry_on {
            self.open = Some(self.start(key)?);
        }
        loop {
            let rank = self.open.as_ref().map_or(0, |run| run.out);
            match self.next_frame()? {
                Some(frame) if rank >= wanted => return Ok(frame),
                Some(_) => {}
                None => return Err(broken(format!("frame {n} cannot be decoded"))),
            }
        }
    }

    /// Decodes the next frame in showing order; nothing after the last.
    ///
    /// # Errors
    /// As [`Reel::frame`].
    pub fn next_frame(&mut self) -> Result<Option<RgbImage>, Error> {
        let mut run = match self.open.take() {
            Some(run) => run,
            None => self.start(0)?,
        };
        let frame = self.pull(&mut run);
        self.open = Some(run);
        frame
    }

    fn key_before(&self, at: usize) -> usize {
        let upto = self.samples.iter().take(at + 1);
        upto.rposition_key().unwrap_or(0)
    }

    fn start(&self, key: usize) -> Result<Run, Error> {
        let config = DecoderConfig::new().flush_after_decode(Flush::NoFlush);
        let mut decoder = Decoder::with_api_config(OpenH264API::from_source(), config)
            .map_err(|error| refused(&error))?;
        let sets = parameter_sets(self.track.avcc.as_deref().unwrap_or_default())?;
        decoder.decode(&sets).map_err(|error| refused(&error))?;
        Ok(Run {
            decoder,
            feed: key,
            out: self.ranks.get(key).copied().unwrap_or(0),
            rest: Vec::new().into_iter(),
        })
    }

    fn pull(&mut self, run: &mut Run) -> Result<Option<RgbImage>, Error> {
        while let Some(sample) = self.samples.get(run.feed).copied() {
            let packet = self.packet(sample)?;
            run.feed += 1;
            let decoded = run
                .decoder
                .decode(&packet)
                .map_err(|error| refused(&error))?;
            if let Some(yuv) = decoded {
                run.out += 1;
                return Ok(Some(picture(&yuv, self.track.colour)));
            }
        }
        if run.feed == self.samples.len() {
            run.feed += 1;
            let rest = run
                .decoder
                .flush_remaining()
                .map_err(|error| refused(&error))?;
            let rest: Vec<RgbImage> = rest
                .iter()
                .map(|yuv| picture(yuv, self.track.colour))
                .collect();
            run.rest = rest.into_iter();
        }
        run.out += 1;
        Ok(run.rest.next())
    }

    /// Reads one picture and gives its NAL units start codes.
    fn packet(&mut self, sample: Sample) -> Result<Vec<u8>, Error> {
        if sample.size > LARGEST_SAMPLE {
            return Err(Error::TooLarge {
                what: "a picture of the clip",
                limit: u64::from(LARGEST_SAMPLE),
            });
        }
        let mut bytes = vec![0; usize::try_from(sample.size).unwrap_or(0)];
        let read = self
            .source
            .seek(SeekFrom::Start(sample.offset))
            .and_then(|_| self.source.read_exact(&mut bytes));
        read.map_err(|source| Error::Io {
            doing: "read the clip".into(),
            source,
        })?;
        let width = self
            .track
            .avcc
            .as_ref()
            .and_then(|avcc| avcc.get(4))
            .map_or(4, |byte| usize::from(byte & 3) + 1);
        with_start_codes(&bytes, width)
    }
}

/// Finds the last key among samples.
trait LastKey {
    fn rposition_key(self) -> Option<usize>;
}

impl<'a, I: Iterator<Item = &'a Sample>> LastKey for I {
    fn rposition_key(self) -> Option<usize> {
        self.enumerate()
            .filter(|(_, sample)| sample.key)
            .map(|(nth, _)| nth)
            .last()
    }
}

/// Takes the parameter sets out of an `avcC` body, with start codes.
fn parameter_sets(avcc: &[u8]) -> Result<Vec<u8>, Error> {
    let cut = || broken("its decoder configuration is cut off");
    let mut sets = Vec::new();
    let mut at = 5;
    for mask in [0x1f, 0xff] {
        let count = avcc.get(at).ok_or_else(cut)? & mask;
        at += 1;
        for _ in 0..count {
            let size = avcc.get(at..at + 2).ok_or_else(cut)?;
            let size = size
                .iter()
                .fold(0, |size, byte| size << 8 | usize::from(*byte));
            sets.extend_from_slice(&[0, 0, 0, 1]);
            sets.extend_from_slice(avcc.get(at + 2..at + 2 + size).ok_or_else(cut)?);
            at += 2 + size;
        }
    }
    Ok(sets)
}

fn with_start_codes(mut rest: &[u8], width: usize) -> Result<Vec<u8>, Error> {
    let mut packet = Vec::with_capacity(rest.len() + 16);
    while !rest.is_empty() {
        let cut = || broken("a picture is cut off");
        let (size, body) = rest.split_at_checked(width).ok_or_else(cut)?;
        let size = size
            .iter()
            .fold(0, |size, byte| size << 8 | usize::from(*byte));
        let (nal, next) = body.split_at_checked(size).ok_or_else(cut)?;
        packet.extend_from_slice(&[0, 0, 0, 1]);
        packet.extend_from_slice(nal);
        rest = next;
    }
    Ok(packet)
}

fn broken(why: impl Into<String>) -> Error {
    Error::Broken {
        what: "clip",
        why: why.into(),
    }
}

/// The decoder's own words are numbers, so the likely reason is said instead.
fn refused(_: &openh264::Error) -> Error {
    Error::Unsupported {
        what: "this H.264 stream (damaged, interlaced, or not 8-bit 4:2:0)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::encode;
    use image::Rgb;
    use std::io::Cursor;

    fn level(n: u32) -> u8 {
        u8::try_from(20 + n * 37 % 200).unwrap()
    }

    /// Sixty frames, a key every 48, each plainly another shade.
    fn reel() -> Reel<Cursor<Vec<u8>>> {
        let frames = (0..60).map(|n| RgbImage::from_pixel(50, 34, Rgb([level(n), 60, 90])));
        Reel::open(Cursor::new(encode(frames, 24.0).unwrap())).unwrap()
    }

    fn shows(frame: &RgbImage, n: u32) {
        let Rgb([red, green, blue]) = *frame.get_pixel(25, 17);
        let near = |got: u8, want: u8| got.abs_diff(want) <= 6;
        assert!(
            near(red, level(n)) && near(green, 60) && near(blue, 90),
            "frame {n}: {red} {green} {blue}"
        );
    }

    #[test]
    fn frames_come_back_in_order_and_in_their_colours() {
        let mut reel = reel();
        for n in 0..60 {
            shows(&reel.next_frame().unwrap().unwrap(), n);
        }
        assert!(reel.next_frame().unwrap().is_none());
    }

    #[test]
    fn any_frame_can_be_asked_for_in_any_order() {
        let mut reel = reel();
        for n in [59, 0, 47, 48, 49, 20, 21, 5] {
            shows(&reel.frame(n).unwrap(), n);
        }
        assert!(reel.frame(60).is_err());
    }

    #[test]
    fn damaged_pictures_are_an_error_or_a_picture_never_a_panic() {
        let clip = encode(
            (0..4).map(|n| RgbImage::from_pixel(32, 32, Rgb([level(n); 3]))),
            24.0,
        )
        .unwrap();
        let pictures = clip.windows(4).position(|four| four == b"mdat").unwrap() + 4;
        for at in pictures..clip.len() {
            let mut bad = clip.clone();
            bad[at] ^= 0x55;
            let mut reel = Reel::open(Cursor::new(bad)).unwrap();
            while let Ok(Some(frame)) = reel.next_frame() {
                assert!(frame.width() <= LONGEST_SIDE);
            }
        }
    }
}
