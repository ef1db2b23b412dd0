//! Whether a text that is being typed stops before its end: the parser says so, nothing is counted.
//!
//! The text goes through lexer, filter and grammar, but nothing is mended at its end. If the first thing that the grammar
//! does not like is the end, more is to come.

use super::filter::{self, Mode, Spanned};
use super::lexer::{self, Lexed};
use super::parser::{self, Cx};
use super::token::Token;
use crate::diagnostics::Code;
use crate::source::{FileId, Span};
use lalrpop_util::ParseError;

/// What a typed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing but blanks and comments.
    Nothing,
    /// Items: `rule`, `on`, `const` …
    Items,
    /// Statements, as in the body of a rule.
    Statements,
    /// One expression.
    Expression,
}

/// The head under which statements are read.
const HEAD: &str = "on deal updated {\n";

/// What a text is, by its first word.
pub fn kind(text: &str) -> Typed {
    let tokens = lexer::lex(text, 0, FileId::default(), &mut Vec::new()).tokens;
    let Some(first) = tokens.first().copied() else { return Typed::Nothing };
    let name = tokens.get(1).is_some_and(|t| matches!(t.kind, Token::Dot | Token::SafeDot | Token::Colon));
    if first.kind.starts_item() && !name {
        Typed::Items
    } else if first.kind.starts_statement() && !name || ends_as_statement(text, &tokens) {
        Typed::Statements
    } else {
        Typed::Expression
    }
}

/// Something with a `;` at its end that is no value, such as a verb with a slip in it.
fn ends_as_statement(text: &str, tokens: &[Lexed]) -> bool {
    let Some(last) = tokens.last().filter(|last| last.kind == Token::Semi) else { return false };
    let before = Span::new(0, last.span.start).of(text);
    !parser::parse_expr(before, FileId::default()).1.is_empty()
}

/// Whether more must come before the text can be read. A text with a mistake before its end is not open: waiting for more
/// would not help.
pub fn is_open(text: &str) -> bool {
    match kind(text) {
        Typed::Nothing => unclosed_comment(text),
        Typed::Items => open_at_end(text, Mode::File, 0),
        Typed::Statements => open_at_end(&format!("{HEAD}{text}"), Mode::File, 1),
        Typed::Expression => open_at_end(text, Mode::Expr, 0),
    }
}

/// `depth` is how many blocks stay open on purpose.
fn open_at_end(text: &str, mode: Mode, depth: usize) -> bool {
    let mut diagnostics = Vec::new();
    let lexed = lexer::lex(text, 0, FileId::default(), &mut diagnostics);
    if let Some(first) = diagnostics.first() {
        // A block of text or a comment goes over lines, a text in quotes does not.
        let from = text.get(first.span().start as usize..).unwrap_or("");
        return matches!(first.code, Code::E0102 | Code::E0104)
            && (from.starts_with("\"\"\"") || from.starts_with("/*"));
    }
    let (tokens, open) = filter::unmended(text, &lexed.tokens, mode, &mut diagnostics);
    if !diagnostics.is_empty() {
        return false;
    }
    match first_failure(text, &tokens) {
        None => open > depth,
        Some(ParseError::UnrecognizedEof { expected, .. }) => {
            let closes = expected.iter().any(|e| e.trim_matches('"') == "}");
            !(depth > 0 && open == depth && closes)
        }
        Some(_) => false,
    }
}

fn first_failure(text: &str, tokens: &[Spanned]) -> Option<parser::Failure> {
    let mut cx = Cx::new(text, FileId::default());
    parser::failures(&mut cx, tokens).into_iter().next()
}

fn unclosed_comment(text: &str) -> bool {
    let mut diagnostics = Vec::new();
    lexer::lex(text, 0, FileId::default(), &mut diagnostics);
    diagnostics.iter().any(|d| text.get(d.span().start as usize..).unwrap_or("").starts_with("/*"))
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn a_text_is_open_as_long_as_the_parser_wants_more() {
        let table = [
            ("deal.amount", false),
            ("deal.amount +", true),
            ("[1, 2", true),
            ("round(1.5", true),
            ("notify deal.owner \"x\"", true),
            ("notify deal.owner \"x\";", false),
            ("let $x = 5", true),
            ("let $x = 5;", false),
            ("if deal.amount > 5 PLN {", true),
            ("if deal.amount > 5 PLN {\n  stop;", true),
            ("if deal.amount > 5 PLN {\n  stop;\n}", false),
            ("if deal.amount > 5 PLN < stop; >", false),
            ("wait until lead.status in [Won] or 3d {\n  case reached { stop; }", true),
            ("on deal created", true),
            ("on deal created {", true),
            ("on deal created {\n  stop;\n}", false),
            ("on deal stage \"Invoice\" < notify chat $legal \"...\"; wait until lead.status in [Won] or 3d; >", false),
            ("rule \"A\"", true),
            ("const $x = 5", true),
            ("\"\"\"\n  text", true),
            ("\"text", false),
            ("notify notify notify", false),
            ("deal.amount )", false),
            ("/* a comment", true),
            ("// a comment", false),
            ("", false),
            ("let $x = { a: 1", true),
        ];
        for (text, open) in table {
            assert_eq!(is_open(text), open, "{text}");
        }
    }
}
