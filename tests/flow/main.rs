//! The one integration binary: a module per area, most of them reading text files of `tests/data`.
//!
//! `cfg(test)` is always on here; it tells clippy that these are tests, where a panic is a finding.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read and write files, and reach servers"
)]

#[cfg(test)]
mod backtest;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod check;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod crm;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod editors;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod features;
#[cfg(test)]
mod format;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod import;
#[cfg(test)]
mod json_schema;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod lints;
#[cfg(test)]
mod lsp;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod parse;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod repl;
#[cfg(test)]
mod run;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod soundness;
#[cfg(test)]
mod syntax;
#[cfg(test)]
mod syntax_props;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod touches;
#[cfg(test)]
mod workspace;
