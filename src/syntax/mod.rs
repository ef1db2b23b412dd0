//! From text to tree: lexer, token filter, grammar. It never fails; see [`parse`].

pub mod ast;
