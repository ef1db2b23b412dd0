//! From text to tree: lexer, token filter, grammar. It never fails; see [`parse`].
//!
//! The stages in order: [`token`] and [`lexer`] cut the text, [`filter`] decides what `<`, `{` and words are at their
//! place and mends brackets, `grammar/flow.lalrpop` builds [`ast`] with the help of `build`, `text` takes texts apart,
//! `place` refuses statements where they do not belong, `expected` and `slips` word what the grammar did not like.
//!
//! What is absent: the tree holds no text; nothing here knows the schema or the catalogue; no input makes a panic, and
//! no tree is deeper than a few times [`filter::MOST_NESTING`], so later stages may recurse over it.

pub mod ast;
mod build;
mod cascade;
mod drive;
pub mod dump;
mod expected;
pub mod filter;
pub mod json;
pub mod lexer;
mod literal;
pub mod open;
mod parser;
mod place;
#[cfg(test)]
mod samples;
mod scan;
mod slips;
pub mod text;
pub mod token;
pub mod trivia;

pub use parser::{Parse, parse, parse_expr};
pub use trivia::{Comment, CommentKind, Trivia};
