//! ComfyUI workflow graphs: what may be set, what will be sent, what a server will say about it.

mod graph;

pub use graph::{Graph, Node, NodeId};
