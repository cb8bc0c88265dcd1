//! The editor's files against what the editor itself sent for them.

mod files;
mod shared;
