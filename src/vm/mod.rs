//! The machine: runs a program until it needs the outside, as a value that can be written down at any step.
//!
//! What the machine owns: frames, registers, what it waits for, the numbers of its effects. What the host owns: records,
//! the clock, timers, doing effects, keeping the stored run and the program under its digest. Each call of
//! [`Machine::step`] takes one [`Input`] and ends with one [`Step`] that says which input is wanted next.
//!
//! The machine never reads a clock, never panics, never trusts a program: one that does not fit gives [`Step::Failed`].
//! Nothing in it refers to the program but by number, so a run is small.
//!
//! `cpu` executes instructions, `quick` the commonest; `task` has one line of execution with its calls, `tree` the branches, `unwind` mistakes and what they bring.

mod anew;
mod calls;
pub mod carry;
mod clause;
mod cpu;
mod lists;
mod look;
mod machine;
mod ops;
mod quick;
mod site;
mod step;
pub mod stored;
mod task;
mod tree;
mod turn;
mod unwind;
mod wait;

pub use clause::Scratch;
pub use look::{Answers, Look};
pub use machine::Machine;
pub use step::{Input, Outcome, Request, RunError, Step, WaitState, Watch};

/// How much a suspended run may hold in all, in bytes of content.
pub const MAX_RUN: usize = 4 << 20;

/// How deep functions may call one another. Real scripts need a few; a function that calls itself without an end gets
/// here in a moment.
pub const MAX_CALLS: usize = 200;

/// How many branches may go on at once, with those inside branches.
pub const MAX_TASKS: usize = 256;

/// How many effects of a run may be kept to be undone.
pub const MAX_UNDOS: usize = 1000;

/// How many fields and events one wait may watch.
pub const MAX_WATCHES: usize = 4096;
