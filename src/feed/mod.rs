//! What comes in and what came of it, as text: lines of event files; the timeline, a run's story, and why rules did or did
//! not fire, as people read them.
//!
//! Every face uses it (`dealflow run`, the prompt, imports); it works on texts and reads no file.

pub(crate) mod deploy;
pub mod events;
pub(crate) mod story;
pub mod timeline;
pub(crate) mod usage;
pub(crate) mod why;
