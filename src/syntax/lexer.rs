//! From text to tokens: logos does the work, this adds lines, trivia and the words for what is wrong.
//!
//! It never stops: what cannot be read becomes a token of kind `Error` or `BadLiteral`, and a diagnostic.

use super::literal;
use super::scan::{Notes, Wrong};
use super::token::Token;
use super::trivia::{Comment, CommentKind, Trivia};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};
use logos::Logos;

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexed {
    /// Its kind.
    pub kind: Token,
    /// Whether it is the first of its line.
    pub first: bool,
    /// How many bytes stand before the first token of its line.
    pub indent: u16,
    /// Where it is.
    pub span: Span,
}

/// The tokens of a text without blanks and comments.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// The tokens in order.
    pub tokens: Vec<Lexed>,
    /// The comments and blank lines.
    pub trivia: Trivia,
}

/// Cuts `source` into tokens. Offsets are shifted by `base`, so that a part of a file can be read by itself.
pub fn lex(source: &str, base: u32, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Tokens {
    let mut run = Run { source, base, file, diagnostics, out: Tokens::default(), line: Line::new(base), error: None };
    run.out.tokens.reserve(source.len() / 4);
    let mut lexer = Token::lexer_with_extras(source, Notes::default());
    while let Some(result) = lexer.next() {
        let range = lexer.span();
        let span = Span::new(run.offset(range.start), run.offset(range.end));
        match result {
            Ok(kind) => {
                if run.error.is_some() {
                    run.flush_unknown();
                }
                match (kind, run.line.indent) {
                    (Token::Newline, _) => run.line_end(span),
                    (Token::LineComment | Token::BlockComment, _) => run.comment(kind, span),
                    (kind, Some(indent)) if !may_be_wrong(kind, span) => {
                        run.out.tokens.push(Lexed { kind, first: false, indent, span });
                    }
                    (kind, _) => run.push(kind, span),
                }
            }
            Err(()) => run.unknown(span),
        }
    }
    run.flush_unknown();
    for (wrong, range) in lexer.extras.0 {
        let span = Span::new(run.offset(range.start), run.offset(range.end));
        run.note(wrong, span);
    }
    run.out
}

/// Where the current line begins, and what is on it so far.
struct Line {
    start: u32,
    /// The indentation, once the first token is known.
    indent: Option<u16>,
    /// How many line ends there were since the last token or comment.
    ends: u32,
    /// The offset of the first of them.
    first_end: u32,
}

impl Line {
    fn new(start: u32) -> Self {
        Self { start, indent: None, ends: 0, first_end: start }
    }
}

/// Whether a token may be one that is understood but wrong: most are not, and need no second look.
fn may_be_wrong(kind: Token, span: Span) -> bool {
    matches!(kind, Token::AndAnd | Token::OrOr | Token::Bang)
        || (Token::Int..=Token::BadLiteral).contains(&kind)
            && (kind != Token::Int || span.len() > literal::WHOLE_NUMBER_LETTERS)
}

struct Run<'a> {
    source: &'a str,
    base: u32,
    file: FileId,
    diagnostics: &'a mut Vec<Diagnostic>,
    out: Tokens,
    line: Line,
    error: Option<Span>,
}

impl Run<'_> {
    fn offset(&self, at: usize) -> u32 {
        u32::try_from(self.base as usize + at).unwrap_or(u32::MAX)
    }

    fn text(&self, span: Span) -> &str {
        Span::new(span.start - self.base, span.end - self.base).of(self.source)
    }

    fn line_end(&mut self, span: Span) {
        if self.line.ends == 0 {
            self.line.first_end = span.start;
        }
        self.line = Line { start: span.end, indent: None, ends: self.line.ends + 1, ..self.line };
    }

    fn push(&mut self, kind: Token, span: Span) {
        let first = self.line.indent.is_none();
        if first {
            self.blank_lines();
        }
        let indent = *self.line.indent.get_or_insert(u16::try_from(span.start - self.line.start).unwrap_or(u16::MAX));
        let kind = if may_be_wrong(kind, span) { self.checked(kind, span) } else { kind };
        self.out.tokens.push(Lexed { kind, first, indent, span });
    }

    fn checked(&mut self, kind: Token, span: Span) -> Token {
        let Some((kind, diagnostic)) = self.replaced(kind, span) else { return kind };
        self.diagnostics.push(diagnostic);
        kind
    }

    /// What stands for a token that is understood but wrong; see [`may_be_wrong`].
    fn replaced(&self, kind: Token, span: Span) -> Option<(Token, Diagnostic)> {
        let (word, meant) = match kind {
            Token::AndAnd => ("and", Token::And),
            Token::OrOr => ("or", Token::Or),
            Token::Bang => ("not", Token::Not),
            Token::Int
            | Token::Decimal
            | Token::Percent
            | Token::Duration
            | Token::Date
            | Token::DateTime
            | Token::Time
            | Token::BadLiteral => {
                return literal::wrong(kind, self.text(span), span, self.file).map(|d| (Token::BadLiteral, d));
            }
            _ => return None,
        };
        let written = self.text(span);
        let space = if kind == Token::Bang { " " } else { "" };
        let diagnostic = Diagnostic::new(Code::E0107, self.file, span, format!("`{written}` is written `{word}` here"))
            .label("a spelling of other languages")
            .help(format!("write `{word}`"))
            .fix(format!("write `{word}`"), span, format!("{word}{space}"));
        Some((meant, diagnostic))
    }

    fn comment(&mut self, kind: Token, span: Span) {
        self.blank_lines();
        let text = self.text(span);
        let trimmed = u32::try_from(text.trim_end().len()).unwrap_or(u32::MAX);
        let comment = Comment {
            span: Span::new(span.start, span.start.saturating_add(trimmed)),
            kind: match kind {
                Token::BlockComment => CommentKind::Block,
                _ if text.starts_with("///") && !text.starts_with("////") => CommentKind::Doc,
                _ => CommentKind::Line,
            },
            own_line: self.line.indent.is_none(),
        };
        if text.contains('\n') {
            let after = text.rfind('\n').map_or(0, |at| at + 1);
            self.line.start = span.start.saturating_add(u32::try_from(after).unwrap_or(u32::MAX));
            self.line.indent = None;
        }
        self.out.trivia.comments.push(comment);
    }

    fn blank_lines(&mut self) {
        if self.line.ends > 1 {
            self.out.trivia.blanks.push(self.line.first_end);
        }
        self.line.ends = 0;
    }

    fn unknown(&mut self, span: Span) {
        match &mut self.error {
            Some(error) if error.end == span.start => error.end = span.end,
            _ => {
                self.flush_unknown();
                self.error = Some(span);
            }
        }
    }

    fn flush_unknown(&mut self) {
        let Some(span) = self.error.take() else { return };
        let text = self.text(span);
        let message = if text.contains('`') {
            "a backtick does not belong here".to_owned()
        } else {
            format!("`{}` does not belong here", text.escape_debug())
        };
        let mut diagnostic = Diagnostic::new(Code::E0101, self.file, span, message).label("has no meaning in a script");
        diagnostic = match text {
            "$" => diagnostic.help("a variable is `$` and a name, such as `$room`"),
            "#" => diagnostic.help("comments begin with `//`"),
            "“" | "”" | "„" | "«" | "»" => diagnostic.help("texts stand in straight double quotes: `\"…\"`"),
            _ => diagnostic.help("remove it, or put it in a text: `\"…\"`"),
        };
        self.diagnostics.push(diagnostic);
        self.push(Token::Error, span);
    }

    fn note(&mut self, wrong: Wrong, span: Span) {
        let text = self.text(span);
        let diagnostic = match wrong {
            Wrong::OpenText if span.len() > 1 => {
                Diagnostic::new(Code::E0102, self.file, span, "this text block is never closed")
                    .label("opened here")
                    .help("close it with `\"\"\"`")
            }
            Wrong::OpenText => Diagnostic::new(Code::E0102, self.file, span, "this text has no closing `\"`")
                .label("opened here")
                .help("a text ends on its line; close it with `\"`, or use a `\"\"\"` block for several lines"),
            Wrong::OpenComment => Diagnostic::new(Code::E0104, self.file, span, "this comment is never closed")
                .label("opened here")
                .help("close it with `*/`"),
            Wrong::SingleQuotes => {
                let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
                let simple = inner.filter(|inner| !inner.contains('"') || !inner.contains(['{', '\\']));
                let fixed = simple.map(|inner| format!("\"{}\"", inner.replace('"', "\\\"")));
                let diagnostic = Diagnostic::new(Code::E0108, self.file, span, "texts stand in double quotes")
                    .label("these are single quotes")
                    .help("write `\"…\"` instead of `'…'`");
                match fixed {
                    Some(fixed) => diagnostic.fix("use double quotes", span, fixed),
                    None => diagnostic,
                }
            }
        };
        self.diagnostics.push(diagnostic);
    }
}
