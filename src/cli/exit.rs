//! How a command ends.

use std::process::ExitCode;

/// The three ways in which every command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All fine.
    Fine,
    /// The command worked and found something: mistakes in scripts, bad events, failed runs.
    Findings,
    /// The command could not work: wrong arguments, unreadable files.
    WrongUse,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::from(0),
            Exit::Findings => Self::from(1),
            Exit::WrongUse => Self::from(2),
        }
    }
}
