//! loopback.
