//! How much is read in a benchmark, and the first half of reading it.

use dealflow::source::FileId;
use dealflow::syntax::lexer;
use std::hint::black_box;

/// How much a script of the benchmarks holds.
pub(crate) const SIZE: usize = 2_000_000;
pub(crate) const ROUNDS: u32 = 7;

/// Cuts a text into tokens.
pub(crate) fn lexed(text: &str) -> usize {
    let mut diagnostics = Vec::new();
    let tokens = lexer::lex(black_box(text), 0, FileId(0), &mut diagnostics);
    tokens.tokens.len() + diagnostics.len()
}
