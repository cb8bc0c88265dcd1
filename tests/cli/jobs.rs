//! What needs an engine and its embedded worker.
