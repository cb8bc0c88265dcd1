//! Entry point: parse, hooks, go.
fn main() {}
