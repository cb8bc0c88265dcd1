//! A picture ready to be shown in a pane.

use std::sync::Arc;

use ratatui_image::protocol::Protocol;

/// One cell of a half-block picture: the colours of its upper and lower pixel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pixels {
    /// Upper pixel, red green blue.
    pub upper: [u8; 3],
    /// Lower pixel, red green blue.
    pub lower: [u8; 3],
}

/// A picture in the form a terminal takes.
#[derive(Clone)]
pub enum Paint {
    /// Rows of half-block cells.
    Cells(Vec<Vec<Pixels>>),
    /// An encoded picture for kitty, sixel or iTerm2.
    Encoded(Arc<Protocol>),
}

impl std::fmt::Debug for Paint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cells(rows) => write!(out, "Cells({} rows)", rows.len()),
            Self::Encoded(_) => out.write_str("Encoded"),
        }
    }
}

/// What was made of a clip.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The clip.
    pub path: String,
    /// The frame shown, from 0.
    pub frame: usize,
    /// Frames of the clip.
    pub frames: usize,
    /// Frames per second.
    pub fps: f64,
    /// Pixels across and down.
    pub size: (u32, u32),
    /// How many frames stand side by side.
    pub strip: usize,
    /// The picture.
    pub paint: Paint,
}
