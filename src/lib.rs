//! `rushes`: a terminal production console for AI video.
pub mod clock;
pub mod cli;
pub mod comfy;
pub mod config;
pub mod core;
pub mod engine;
pub mod failure;
pub mod loopback;
pub mod media;
pub mod store;
