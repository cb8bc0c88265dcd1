//! The MP4 container: writing a fast-start file, reading boxes of files nobody vouches for.

mod boxes;
mod mux;
mod track;

pub(crate) use boxes::{Layout, be16, be32, be64, tags};
pub(crate) use mux::{Movie, Take, colour_box, write};
pub(crate) use track::{Colour, Sample, Track};
