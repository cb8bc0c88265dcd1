//! The store: one SQLite file, the truth. Sole home of SQL.

pub mod view;
