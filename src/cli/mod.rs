//! The command line.

pub mod events;
