//! The client reads what real servers said, and outlives what bad ones do.

mod faults;
mod files;
mod listening;
mod replay;
mod scenarios;
mod stage;
mod tape;
