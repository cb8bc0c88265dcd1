//! The cinema engine against its own tables: every example of every rule, every preset, properties, prompts, commands.

mod command;
mod examples;
mod fixes;
mod presets;
mod prompts;
mod properties;
mod shared;
