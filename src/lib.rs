//! Dealflow: a small, statically checked language for CRM automation, and everything that makes it usable.
//!
//! Modules in the order of the pipeline; each uses only those before it.

pub mod source;
pub mod diagnostics;
pub mod syntax;
pub mod value;
pub mod schema;
pub mod catalog;
pub mod ir;
pub mod vm;
pub mod engine;
