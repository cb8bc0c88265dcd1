//! The editor's files against what the editor itself sent for them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic in a test is a verdict"
)]

mod bad;
mod files;
mod mutate;
mod mutated;
mod rules;
mod shared;
mod values;
mod worker;
