//! Pure answers for editors and the prompt: mistakes as one types, what to colour, what can stand at a place, what
//! something is and where it comes from. Nothing here knows a protocol.
//!
//! Everything works on a text as it is typed, with mistakes and without an end, and never fails. A [`Workspace`] holds the
//! texts and what is known of them; each kind of answer has a file of its own.

pub mod actions;
pub mod complete;
pub mod format;
pub mod highlight;
mod workspace;

pub use workspace::Workspace;
