//! Dealflow: a small, statically checked language for CRM automation, and everything that makes it usable.
//!
//! Modules in the order of the pipeline; each uses only those before it.

pub mod catalog;
pub mod crm;
pub mod diagnostics;
pub mod engine;
pub mod host;
pub mod ir;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod value;
pub mod vm;
