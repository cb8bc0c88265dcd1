//! The MP4 container: writing a fast-start file, reading boxes of files nobody vouches for.

mod mux;

pub(crate) use mux::{Movie, Take, colour_box, write};
