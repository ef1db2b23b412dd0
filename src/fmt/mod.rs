//! The formatter: one way to lay out a script.
//!
//! Lines of at most 100 letters, two blanks of indentation, comments and single empty lines kept, all blocks spelled as
//! the first of the file, blocks that stand on one line left there if they fit. It changes layout only, and makes sure:
//! the result is read again, and must have the same tree and the same comments.

mod doc;
mod layout;

use crate::diagnostics::Diagnostic;
use crate::source::FileId;
use crate::syntax::filter::{self, Mode};
use crate::syntax::{self, Parse, Trivia, dump, lexer};
use std::fmt;

/// Why a script was not formatted.
#[derive(Clone, Debug, PartialEq)]
pub enum FormatError {
    /// It has mistakes; a script that cannot be read cannot be laid out.
    Mistakes(Vec<Diagnostic>),
    /// The result would not have meant the same: a fault of the formatter, the script is left alone.
    Changed,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mistakes(_) => "the script has mistakes and was not formatted",
            Self::Changed => "formatting would have changed the meaning of the script, so it was left alone",
        })
    }
}

impl std::error::Error for FormatError {}

/// Formats a script.
pub fn format(text: &str) -> Result<String, FormatError> {
    let parse = syntax::parse(text, FileId(0));
    if !parse.diagnostics.is_empty() {
        return Err(FormatError::Mistakes(parse.diagnostics));
    }
    // A tree is many times the size of its script, so each is let go before the next is made. The dump of a tree says all
    // that is in it, and is about as long as the script.
    let Parse { file, trivia, diagnostics: _ } = parse;
    let tree = dump::tree(&file, text);
    drop(file);
    let formatted = laid_out(text, &trivia);
    if same(&tree, &trivia, text, &formatted) { Ok(formatted) } else { Err(FormatError::Changed) }
}

fn laid_out(text: &str, trivia: &Trivia) -> String {
    let (file, mut told) = (FileId(0), Vec::new());
    let lexed = lexer::lex(text, 0, file, &mut told);
    let filtered = filter::filter(text, &lexed.tokens, Mode::File, 0, file, &mut told);
    drop(lexed);
    let mut formatted = String::with_capacity(text.len());
    layout::file(text, filtered.get(1..).unwrap_or(&[]), trivia, |docs| doc::print(docs, &mut formatted));
    formatted
}

/// Whether a text has this tree and the comments of another.
fn same(tree: &str, trivia: &Trivia, text: &str, formatted: &str) -> bool {
    let again = syntax::parse(formatted, FileId(0));
    let comments = trivia.comments.iter().map(|comment| comment.span.of(text));
    let mut rest = Some(tree);
    for item in dump::items(&again.file, formatted) {
        rest = rest.and_then(|rest| rest.strip_prefix(item.as_str()));
    }
    again.diagnostics.is_empty()
        && rest == Some("")
        && comments.eq(again.trivia.comments.iter().map(|comment| comment.span.of(formatted)))
}
