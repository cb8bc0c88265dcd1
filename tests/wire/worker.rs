//! The loopback worker answers as real servers did.
