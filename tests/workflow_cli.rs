//! Any workflow through the real binary: brought in every form, shown, checked, rendered and rendered again.

#[path = "workflow_cli/bad.rs"]
mod bad;
#[path = "workflow_cli/bring.rs"]
mod bring;
#[cfg(test)]
#[path = "cli/desk.rs"]
mod desk;
#[path = "workflow_cli/send.rs"]
mod send;
