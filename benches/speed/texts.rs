//! How fast texts are gone through.

use super::clock::Spent;
use super::table::Figure;
use dealflow::source::FileId;
use dealflow::syntax::lexer;
use std::hint::black_box;

/// How much a script of the benchmarks holds.
pub(crate) const SIZE: usize = 2_000_000;
pub(crate) const ROUNDS: u32 = 7;

/// The bytes of some texts in a second.
#[expect(clippy::cast_precision_loss, reason = "sizes of texts are far below 2^52")]
pub(crate) fn rate(bytes: usize, spent: Spent) -> Figure {
    Figure::new(bytes as f64 / 1e6 / spent.cpu.as_secs_f64(), "MB/s")
}

/// Cuts a text into tokens.
pub(crate) fn lexed(text: &str) -> usize {
    let mut diagnostics = Vec::new();
    let tokens = lexer::lex(black_box(text), 0, FileId(0), &mut diagnostics);
    tokens.tokens.len() + diagnostics.len()
}
