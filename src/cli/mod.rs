//! The command line.

pub mod events;
pub mod import;
