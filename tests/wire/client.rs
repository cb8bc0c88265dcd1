//! The client reads what real servers said, and outlives what bad ones do.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is a verdict, in the helpers of tests too"
)]

mod events;
mod faults;
mod files;
mod listening;
mod live;
mod replay;
mod scenarios;
mod stage;
mod tape;
