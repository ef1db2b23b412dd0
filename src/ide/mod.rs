//! Pure answers for editors: what to colour, what can stand at a place. The prompt uses them, and so can any other face.
//!
//! Everything works on a text as it is typed, with mistakes and without an end, and never fails.

pub mod complete;
pub mod highlight;
