//! ComfyUI workflow graphs: what may be set, what will be sent, what a server will say about it.

pub mod convert;
mod graph;
pub mod object_info;
pub mod read;

pub use graph::{Graph, Node, NodeId};
pub use object_info::{ClassInfo, InputKind, InputSpec, ObjectInfo};
