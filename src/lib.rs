//! `rushes`: a terminal production console for AI video.
pub mod comfy;
pub mod core;
pub mod loopback;
pub mod media;
pub mod store;
pub mod ui;
