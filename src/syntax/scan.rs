//! Tokens whose end a regular expression cannot find: texts with values in them, and comments.
//!
//! A text is one token. To find its closing quote the values in it are stepped over (`"a {f("b")} c"`); a `{` that is
//! not closed on its line is an ordinary letter here, and an error when the text is taken apart (`syntax::text`).

use super::token::Token;
use logos::Lexer;
use std::ops::Range;

/// What a callback found wrong; the lexer makes diagnostics of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A text that ends with its line or with the file.
    OpenText,
    /// A text in single quotes.
    SingleQuotes,
    /// A `/*` without its `*/`.
    OpenComment,
}

/// The findings of the callbacks, with offsets in the text that the lexer was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes(pub(super) Vec<(Wrong, Range<usize>)>);

/// How many `{` without a `}` one text may have before they are no longer looked into.
const MOST_FAILURES: usize = 16;
/// How deep texts in values in texts are followed.
const MOST_NESTING: usize = 8;

/// After `"`: the rest of a text of one line.
pub(super) fn text(lexer: &mut Lexer<'_, Token>) {
    let rest = lexer.remainder();
    let length = end_of_text(rest, b'"').unwrap_or_else(|| {
        lexer.extras.0.push((Wrong::OpenText, lexer.span()));
        cut(rest)
    });
    lexer.bump(length);
}

/// After `'`: people who write it mean a text.
pub(super) fn single(lexer: &mut Lexer<'_, Token>) {
    let rest = lexer.remainder();
    let length = end_of_text(rest, b'\'').unwrap_or_else(|| cut(rest));
    let start = lexer.span().start;
    lexer.extras.0.push((Wrong::SingleQuotes, start..lexer.span().end + length));
    lexer.bump(length);
}

/// After `"""`: the rest of a block of lines.
pub(super) fn block(lexer: &mut Lexer<'_, Token>) {
    let rest = lexer.remainder();
    let bytes = rest.as_bytes();
    let mut at = 0;
    let mut failures = 0;
    let length = loop {
        match bytes.get(at) {
            None => {
                lexer.extras.0.push((Wrong::OpenText, lexer.span()));
                break rest.len();
            }
            Some(b'"') if bytes.get(at..at + 3) == Some(b"\"\"\"") => break at + 3,
            Some(b'\\') => at += escape(bytes, at),
            Some(b'{') => at = step(bytes, at, &mut failures),
            Some(_) => at += 1,
        }
    };
    lexer.bump(length);
}

/// After `/*`: up to `*/`.
pub(super) fn comment(lexer: &mut Lexer<'_, Token>) {
    let rest = lexer.remainder();
    let length = rest.find("*/").map_or_else(
        || {
            lexer.extras.0.push((Wrong::OpenComment, lexer.span()));
            rest.len()
        },
        |at| at + 2,
    );
    lexer.bump(length);
}

/// Over the `{` at `at`: to after its `}`, or by one when it has none.
pub(super) fn step(bytes: &[u8], at: usize, failures: &mut usize) -> usize {
    if *failures < MOST_FAILURES {
        if let Some(end) = placeholder(bytes, at, 0) {
            return end;
        }
        *failures += 1;
    }
    at + 1
}

/// Where the placeholder that opens at `at` ends, if it does so on its line.
pub(super) fn placeholder(bytes: &[u8], mut at: usize, nesting: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match bytes.get(at)? {
            b'\n' => return None,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => at = inner_text(bytes, at + 1, nesting + 1)? - 1,
            _ => {}
        }
        at += 1;
    }
}

/// Where the text that begins after the quote at `at - 1`, inside a placeholder, ends.
fn inner_text(bytes: &[u8], mut at: usize, nesting: usize) -> Option<usize> {
    if nesting > MOST_NESTING {
        return None;
    }
    loop {
        match bytes.get(at)? {
            b'\n' => return None,
            b'"' => return Some(at + 1),
            b'\\' => at += escape(bytes, at),
            b'{' => at = placeholder(bytes, at, nesting)?,
            _ => at += 1,
        }
    }
}

/// The length of a text of one line up to and with its closing quote.
fn end_of_text(rest: &str, quote: u8) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    let mut failures = 0;
    loop {
        match bytes.get(at)? {
            b'\n' => return None,
            b'\\' => at += escape(bytes, at),
            b'{' => at = step(bytes, at, &mut failures),
            byte if *byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// How long the escape at `at` is: a `\` takes the next byte with it, but not the end of the line.
pub(super) fn escape(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        None | Some(b'\n' | b'\r') => 1,
        Some(_) => 2,
    }
}

/// How much of the line an unclosed text takes: all but a `;` at the end of it and closes after that, or the opening of
/// a block at the end of it.
fn cut(rest: &str) -> usize {
    let line = rest.lines().next().unwrap_or("");
    let trimmed = line.trim_end();
    if let Some(before) = trimmed.strip_suffix(['{', '<'])
        && before.ends_with([' ', '\t'])
    {
        return before.trim_end().len();
    }
    let before = trimmed.trim_end_matches(['}', '>', ' ', '\t']);
    before.strip_suffix(';').map_or(trimmed.len(), str::len)
}
