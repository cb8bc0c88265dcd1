//! How GPUs are told of: a driver made for the test plays every scene that a real one may, and none breaks the engine.

#[cfg(test)]
#[path = "gpu/binary.rs"]
mod binary;
#[cfg(test)]
#[path = "gpu/scenes.rs"]
mod scenes;
#[cfg(test)]
#[path = "gpu/world.rs"]
mod world;
