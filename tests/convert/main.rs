//! The editor's files against what the editor itself sent for them.

mod bad;
mod files;
mod mutate;
mod mutated;
mod rules;
mod shared;
