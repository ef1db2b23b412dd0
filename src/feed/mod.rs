//! What comes in and what came of it, as text: lines of event files, and the timeline that people read.
//!
//! Every face uses it (`dealflow run`, the prompt, imports); it works on texts and reads no file.

pub mod events;
pub mod timeline;
