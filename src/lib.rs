//! `rushes`: a terminal production console for AI video.
pub mod clock;
pub mod comfy;
pub mod config;
pub mod core;
pub mod engine;
pub mod loopback;
pub mod media;
pub mod store;
