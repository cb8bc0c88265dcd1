//! Pictures and clips without any outside tool: the animatic, H.264 in MP4, stills, kinds of file.
//!
//! A machine with only Rust and a C compiler has to be able to make, check and preview a clip, so
//! everything here is compiled in. [`clip`] encodes, probes and decodes; [`animatic`] draws the
//! placeholder film.
//! Uses `core` alone; the engine, the console (decoding only) and the loopback worker use it.

pub mod animatic;
pub mod clip;
mod error;
pub mod ffmpeg;
pub mod kind;
mod mp4;
pub mod sheet;
pub mod still;

pub use error::Error;
