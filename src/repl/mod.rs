//! The prompt: rules, events and time by hand, over records in memory or over a store.
//!
//! [`Session`] is the whole of it without a terminal: lines in, answers out, files only through a [`Host`]. `terminal`
//! gives it rustyline's editor, or plain lines where standard input is not a terminal.
//!
//! A statement at the prompt is the body of a rule without a name about the current record (`compile`). Its run is a run
//! like any other: it sleeps in the store, is woken by what it waits for, and is in a snapshot with everything else.
//!
//! To add a command: a line in `command::COMMANDS`, a variant of `command::Command`, an arm in `Session::command`.

mod act;
mod command;
mod compile;
mod editor;
mod eval;
mod event;
mod look;
mod past;
mod rules;
mod runs;
mod seed;
mod session;
mod show;
mod snapshot;
pub mod terminal;
mod variables;

pub use session::{Answer, Home, Host, Session, Style};
