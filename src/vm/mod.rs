//! The machine: runs a program until it needs the outside, as a value that can be written down at any step.

mod step;

pub use step::{Input, Outcome, Request, RunError, Step, WaitState, Watch};
