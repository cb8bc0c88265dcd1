//! The client reads what real servers said.
