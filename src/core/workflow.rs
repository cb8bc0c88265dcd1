//! `ComfyUI` workflow graphs: what may be set, what will be sent, what a server will say about it.

pub mod check;
pub mod convert;
pub mod draw;
pub mod geometry;
mod graph;
pub mod infer;
pub mod ladder;
pub mod library;
pub mod loose;
pub mod manifest;
pub mod model_rules;
pub mod near;
pub mod object_info;
pub mod packs;
pub mod patch;
pub mod read;
pub mod sidecar;
pub mod slot;
pub mod walk;

pub use graph::{Graph, Node, NodeId};
pub use ladder::ladder;
pub use manifest::{Manifest, Template};
pub use object_info::{ClassInfo, InputKind, InputSpec, ObjectInfo};
pub use slot::{Binding, Slot, SlotKind};
