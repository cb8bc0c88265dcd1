//! A job's life: its phases, the facts that move it, who may run it, what happens when it fails.

mod phase;

pub use phase::Phase;
