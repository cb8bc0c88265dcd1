//! Encoding: frames in, a finished MP4 out.

use std::collections::BTreeMap;

use image::RgbImage;
use openh264::encoder::{
    Complexity, EncodedBitStream, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, QpRange,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::{OpenH264API, Timestamp};
use shiguredo_mp4::bitstream::h264::{H264SampleEntryConfig, LengthSize, build_avc1_box};
use shiguredo_mp4::boxes::Avc1Box;

use super::rate::Clock;
use super::yuv::Planes;
use crate::media::Error;
use crate::media::mp4::{Movie, Take, colour_box, write};

/// Smallest side the encoder takes, in pixels.
const SMALLEST: u32 = 16;
/// Longest side the encoder takes, in pixels (level 5.2).
const LONGEST: u32 = 3840;
/// Longest short side the encoder takes, in pixels (level 5.2).
const LONGEST_SHORT: u32 = 2160;
/// Seconds between pictures at which decoding can start.
const KEY_EVERY_S: f64 = 2.0;
/// Bytes of encoded pictures a clip may hold.
const LONGEST_CLIP: usize = 2 << 30;

/// Encodes every frame and returns the bytes of an MP4.
///
/// # Errors
/// As [`Encoder::new`], [`Encoder::push`] and [`Encoder::finish`].
pub fn encode(frames: impl IntoIterator<Item = RgbImage>, fps: f64) -> Result<Vec<u8>, Error> {
    let mut encoder: Option<Encoder> = None;
    for frame in frames {
        let mut open = match encoder.take() {
            Some(open) => open,
            None => Encoder::new(frame.width(), frame.height(), fps)?,
        };
        open.push(&frame)?;
        encoder = Some(open);
    }
    encoder.ok_or(Error::NoFrames)?.finish()
}

/// Makes one clip, frame by frame.
///
/// H.264 constrained baseline in 4:2:0, BT.709, constant quantiser (quality stays, size follows the content),
/// a key frame every two seconds, no reordering; the file has its tables in front of its pictures so that a
/// browser plays it while it loads.
pub struct Encoder {
    h264: openh264::encoder::Encoder,
    planes: Planes,
    size: (u32, u32),
    clock: Clock,
    entry: Option<Avc1Box>,
    takes: Vec<Take>,
    data: Vec<u8>,
    tags: BTreeMap<String, String>,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("size", &self.size)
            .field("clock", &self.clock)
            .field("frames", &self.takes.len())
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// Opens an encoder for frames of one size, in pixels, at a rate in frames per second.
    ///
    /// An odd side grows by one pixel in the clip, because 4:2:0 video has no odd sides.
    ///
    /// # Errors
    /// [`Error::Size`] outside 16×16 to 3840×2160 (or 2160×3840), [`Error::Rate`], [`Error::Encode`].
    pub fn new(width: u32, height: u32, fps: f64) -> Result<Self, Error> {
        check_size(width, height)?;
        let clock = Clock::of(fps)?;
        let api = OpenH264API::from_source();
        let h264 = openh264::encoder::Encoder::with_api_config(api, settings(clock.fps()))
            .map_err(refused)?;
        Ok(Self {
            h264,
            planes: Planes::new(width, height),
            size: (width, height),
            clock,
            entry: None,
            takes: Vec::new(),
            data: Vec::new(),
            tags: BTreeMap::new(),
        })
    }

    /// Carries a text in the file, as `ComfyUI` carries `prompt` and `workflow`.
    pub fn tag(&mut self, key: impl Into<String>, value: impl Into<String>) {
        self.tags.insert(key.into(), value.into());
    }

    /// Counts the frames so far.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.takes.len()
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// [`Error::Mixed`] for a frame of another size, [`Error::TooLarge`] past 2 GiB, [`Error::Encode`].
    pub fn push(&mut self, frame: &RgbImage) -> Result<(), Error> {
        if frame.dimensions() != self.size {
            return Err(Error::Mixed {
                want: self.size,
                got: frame.dimensions(),
            });
        }
        self.planes.fill(frame);
        let stream = self
            .h264
            .encode_at(&self.planes, Timestamp::ZERO)
            .map_err(refused)?;
        let key = stream.frame_type() == FrameType::IDR;
        let before = self.data.len();
        let sets = append_nals(&stream, &mut self.data)?;
        if self.entry.is_none() {
            self.entry = Some(sets.entry()?);
        }
        if self.data.len() > LONGEST_CLIP {
            return Err(Error::TooLarge {
                what: "a clip",
                limit: LONGEST_CLIP as u64,
            });
        }
        self.takes.push(Take {
            bytes: self.data.len() - before,
            key,
            duration: self.clock.per_frame,
        });
        Ok(())
    }

    /// Closes the clip and returns the bytes of the MP4.
    ///
    /// # Errors
    /// [`Error::NoFrames`] when nothing was pushed, [`Error::Encode`], [`Error::TooLarge`].
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        write(Movie {
            entry: self.entry.ok_or(Error::NoFrames)?,
            timescale: self.clock.timescale,
            takes: self.takes,
            data: self.data,
            tags: self.tags,
        })
    }
}

fn check_size(width: u32, height: u32) -> Result<(), Error> {
    let (short, long) = (width.min(height), width.max(height));
    let why = if short < SMALLEST {
        "a side is shorter than 16 pixels"
    } else if long > LONGEST || short > LONGEST_SHORT {
        "the encoder ends at 3840x2160"
    } else {
        return Ok(());
    };
    Err(Error::Size { width, height, why })
}

/// Constant quantiser 26, the library's base, let down to 22 and up to 30 by the content of a frame.
///
/// One thread: many clips are made at once, and slices of threads would cost quality.
fn settings(fps: f64) -> EncoderConfig {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1 to 2000 frames"
    )]
    let (rate, group) = (fps as f32, (fps * KEY_EVERY_S).round().max(1.0) as u32);
    EncoderConfig::new()
        .rate_control_mode(RateControlMode::Off)
        .qp(QpRange::new(22, 30))
        .skip_frames(false)
        .usage_type(UsageType::CameraVideoRealTime)
        .complexity(Complexity::Medium)
        .max_frame_rate(FrameRate::from_hz(rate.clamp(1.0, 60.0)))
        .intra_frame_period(IntraFramePeriod::from_num_frames(group))
        .num_threads(1)
        .vui(VuiConfig::bt709())
}

/// Parameter sets met in one picture.
#[derive(Debug, Default)]
struct ParameterSets {
    sequence: Vec<Vec<u8>>,
    picture: Vec<Vec<u8>>,
}

impl ParameterSets {
    fn entry(&self) -> Result<Avc1Box, Error> {
        let config = H264SampleEntryConfig {
            length_size: LengthSize::FourBytes,
        };
        let mut entry = build_avc1_box(&self.sequence, &self.picture, &config).map_err(refused)?;
        entry.unknown_boxes.push(colour_box());
        Ok(entry)
    }
}

/// Appends the pictures' NAL units with four-byte lengths and hands out the parameter sets.
///
/// The sets go to the sample description and not into the stream, as `avc1` demands.
fn append_nals(stream: &EncodedBitStream<'_>, data: &mut Vec<u8>) -> Result<ParameterSets, Error> {
    let mut sets = ParameterSets::default();
    for layer in (0..stream.num_layers()).filter_map(|index| stream.layer(index)) {
        for nal in (0..layer.nal_count()).filter_map(|index| layer.nal_unit(index)) {
            let nal = without_start_code(nal);
            match nal.first().map(|header| header & 0x1f) {
                Some(7) => sets.sequence.push(nal.to_vec()),
                Some(8) => sets.picture.push(nal.to_vec()),
                Some(_) => {
                    let length = u32::try_from(nal.len()).map_err(refused)?;
                    data.extend_from_slice(&length.to_be_bytes());
                    data.extend_from_slice(nal);
                }
                None => {}
            }
        }
    }
    Ok(sets)
}

fn without_start_code(nal: &[u8]) -> &[u8] {
    nal.strip_prefix(&[0, 0, 0, 1])
        .or_else(|| nal.strip_prefix(&[0, 0, 1]))
        .unwrap_or(nal)
}

fn refused(error: impl std::fmt::Display) -> Error {
    Error::Encode(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn grey(width: u32, height: u32, level: u8) -> RgbImage {
        RgbImage::from_pixel(width, height, Rgb([level; 3]))
    }

    #[test]
    fn a_clip_has_its_tables_in_front_of_its_pictures() {
        let clip = encode((0..5).map(|n| grey(64, 48, n * 40)), 24.0).unwrap();
        let place = |name: &[u8; 4]| clip.windows(4).position(|four| four == name);
        assert_eq!(place(b"ftyp"), Some(4));
        assert!(place(b"moov").unwrap() < place(b"mdat").unwrap());
        assert!(place(b"avcC").is_some() && place(b"colr").is_some());
    }

    #[test]
    fn the_same_frames_make_the_same_bytes() {
        let clip = || encode((0..3).map(|n| grey(33, 17, n * 90)), 23.976).unwrap();
        assert_eq!(clip(), clip());
    }

    #[test]
    fn sizes_the_encoder_cannot_hold_are_refused_before_any_work() {
        for (width, height) in [
            (0, 0),
            (15, 64),
            (64, 8),
            (4096, 64),
            (3840, 3840),
            (2161, 2161),
        ] {
            let refused = Encoder::new(width, height, 24.0).unwrap_err();
            assert!(matches!(refused, Error::Size { .. }), "{width}x{height}");
        }
        for (width, height) in [(16, 16), (3840, 2160), (2160, 3840), (17, 3839)] {
            assert!(
                Encoder::new(width, height, 24.0).is_ok(),
                "{width}x{height}"
            );
        }
    }

    #[test]
    fn a_frame_of_another_size_and_a_clip_of_nothing_are_refused() {
        let mut encoder = Encoder::new(64, 48, 24.0).unwrap();
        let refused = encoder.push(&grey(48, 64, 0)).unwrap_err();
        assert!(matches!(refused, Error::Mixed { .. }));
        assert!(matches!(encoder.finish(), Err(Error::NoFrames)));
        assert!(matches!(encode([], 24.0), Err(Error::NoFrames)));
    }
}
