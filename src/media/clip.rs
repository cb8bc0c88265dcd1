//! Clips: H.264 in MP4 that ffprobe, VLC and a browser play, made and read without ffmpeg.

mod encode;
mod rate;
mod yuv;

pub use encode::{Encoder, encode};
pub use rate::Clock;
