//! Clips: H.264 in MP4 that ffprobe, VLC and a browser play, made and read without ffmpeg.

mod decode;
mod encode;
mod probe;
mod rate;
mod yuv;

pub use decode::Reel;
pub use encode::{Encoder, encode};
pub use probe::{ClipFacts, metadata, probe};
pub use rate::Clock;
