//! Dealflow: a small, statically checked language for CRM automation, and everything that makes it usable.
//!
//! Modules in the order of the pipeline; each uses only those before it. Left of the bar nothing touches files, clock,
//! network, environment or randomness:
//!
//! `source diagnostics syntax value schema catalog check ir vm engine fmt reference ide feed picture |`
//! `crm channel host testing repl lsp cli`

pub mod source;

pub mod diagnostics;

pub mod syntax;

pub mod value;

pub mod schema;

pub mod catalog;

pub mod check;

pub mod ir;

pub mod vm;

pub mod engine;

pub mod fmt;

pub mod ide;

pub mod feed;

pub mod picture;

pub mod pipeline;

pub mod reference;

pub mod crm;

#[expect(clippy::disallowed_methods, reason = "an edge: attached files are read")]
pub mod channel;

#[expect(clippy::disallowed_methods, reason = "an edge: stores live in files")]
pub mod host;

pub mod testing;

#[expect(clippy::disallowed_methods, reason = "an edge: the prompt reads its terminal and writes its history")]
pub mod repl;

#[expect(clippy::disallowed_methods, reason = "an edge: a thread reads what the editor sends")]
pub mod lsp;

#[expect(clippy::disallowed_methods, reason = "an edge: the command line reads and writes files")]
pub mod cli;
