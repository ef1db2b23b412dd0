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
    let formatted = laid_out(text, &parse.trivia);
    if same(parse, text, &formatted) { Ok(formatted) } else { Err(FormatError::Changed) }
}

fn laid_out(text: &str, trivia: &Trivia) -> String {
    let (file, mut told) = (FileId(0), Vec::new());
    let lexed = lexer::lex(text, 0, file, &mut told);
    let filtered = filter::filter(text, &lexed.tokens, Mode::File, 0, file, &mut told);
    doc::print(&layout::file(text, filtered.get(1..).unwrap_or(&[]), trivia))
}

/// Whether two texts have the same tree and the same comments. The first tree is let go before the second is made: of a
/// large script both would be many times its size.
fn same(parse: Parse, text: &str, formatted: &str) -> bool {
    let Parse { file, trivia, diagnostics: _ } = parse;
    let tree = dump::tree(&file, text);
    drop(file);
    let again = syntax::parse(formatted, FileId(0));
    let comments = |trivia: &Trivia, text: &str| -> Vec<String> {
        trivia.comments.iter().map(|comment| comment.span.of(text).to_owned()).collect()
    };
    again.diagnostics.is_empty()
        && tree == dump::tree(&again.file, formatted)
        && comments(&trivia, text) == comments(&again.trivia, formatted)
}
