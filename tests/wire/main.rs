//! Every recorded ComfyUI transcript is read by the client and obeyed by the loopback worker.

mod client;
mod worker;
