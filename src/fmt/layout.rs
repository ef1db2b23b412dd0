//! From tokens to a layout.
//!
//! The layout follows the tokens of the filter, which already say what is a block, a record, an operator. Comments are
//! put back by offset: what stands after something on its line stays there, what has a line of its own keeps one.

use super::doc::{Doc, Group, Kind};
use crate::source::Span;
use crate::syntax::Trivia;
use crate::syntax::filter::Spanned;
use crate::syntax::token::Token;

/// Lays a whole file out, one item after the other: `write` gets each with the line end before it. All layouts together
/// would be many times the size of the file. `tokens` are the filter's, without the first.
pub(super) fn file(source: &str, tokens: &[Spanned], trivia: &Trivia, mut write: impl FnMut(&[Doc])) {
    let first = tokens.iter().find(|token| token.1 == Token::BlockOpen);
    let angle = first.is_some_and(|token| Span::new(token.0, token.2).of(source) == "<");
    let marks = if angle { ("<", ">") } else { ("{", "}") };
    let mut layout = Layout { source, tokens, trivia, at: 0, comment: 0, last: 0, marks };
    let (mut first, mut more) = (true, true);
    while more {
        let mut docs = Vec::new();
        more = layout.next(&mut docs, &mut first, false);
        write(&docs);
    }
    if !first {
        write(&[Doc::Hard { blank: false }]);
    }
}

struct Layout<'a> {
    source: &'a str,
    tokens: &'a [Spanned],
    trivia: &'a Trivia,
    /// The next token.
    at: usize,
    /// The next comment.
    comment: usize,
    /// Where what was taken last ends.
    last: u32,
    /// The marks of all blocks.
    marks: (&'static str, &'static str),
}

/// A statement as it is laid out.
struct Statement {
    docs: Vec<Doc>,
    /// The token before.
    prev: Option<Token>,
    /// Whether a line must end, because of a comment.
    ends_line: bool,
    part: Part,
    retry: bool,
    /// Whether there was a place to end the line that is no part of a sum.
    has_clauses: bool,
}

/// What of a statement is laid out now.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Plain,
    /// A trigger: commas end no line there, because the words after them are names only where they stand.
    Trigger,
    /// What stands between brackets.
    List,
}

impl Statement {
    fn new(part: Part) -> Self {
        Self { docs: Vec::new(), prev: None, ends_line: false, part, retry: false, has_clauses: false }
    }

    /// The end of a line that a comment asks for.
    fn line_end(&self) -> Doc {
        if self.part == Part::List || self.prev == Some(Token::BlockClose) {
            Doc::Hard { blank: false }
        } else {
            Doc::Further
        }
    }
}

impl Layout<'_> {
    fn peek(&self) -> Option<Spanned> {
        self.tokens.get(self.at).copied()
    }

    fn peek_kind(&self) -> Option<Token> {
        self.peek().map(|token| token.1)
    }

    /// Where the next token begins, or the file ends.
    fn next_start(&self) -> u32 {
        self.peek().map_or(u32::MAX, |token| token.0)
    }

    /// The next comment before the next token: its text, and whether it has a line of its own and ends it.
    fn take_comment(&mut self, own_line: bool) -> Option<(String, u32, bool)> {
        let comment = self.trivia.comments.get(self.comment)?;
        if comment.span.start >= self.next_start() || comment.own_line && !own_line {
            return None;
        }
        self.comment += 1;
        let text = comment.span.of(self.source);
        self.last = comment.span.end;
        Some((text.to_owned(), comment.span.start, comment.own_line || text.starts_with("//")))
    }

    /// Comments after something on its line.
    fn trailing(&mut self, docs: &mut Vec<Doc>) {
        while let Some((text, _, _)) = self.take_comment(false) {
            docs.push(Doc::Text(format!(" {text}")));
        }
    }

    /// Statements, or items, up to the close of the block.
    fn statements(&mut self, one_line: bool) -> Vec<Doc> {
        let (mut docs, mut first) = (Vec::new(), true);
        while self.next(&mut docs, &mut first, one_line) {}
        docs
    }

    /// The next statement, or item, with the comments around it; says whether there was one. Only what comes first in its
    /// block, or in the file, has nothing to stand apart from.
    fn next(&mut self, docs: &mut Vec<Doc>, first: &mut bool, one_line: bool) -> bool {
        let mut start = self.last;
        while let Some((text, at, _)) = self.take_comment(true) {
            docs.extend(self.separation(first, one_line, start, at));
            docs.push(Doc::Text(text));
            start = self.last;
        }
        match self.peek() {
            None | Some((_, Token::BlockClose, _)) => false,
            Some((at, ..)) => {
                docs.extend(self.separation(first, one_line, start, at));
                docs.extend(self.statement());
                self.trailing(docs);
                true
            }
        }
    }

    fn separation(&self, first: &mut bool, one_line: bool, from: u32, to: u32) -> Option<Doc> {
        if std::mem::take(first) {
            None
        } else if one_line {
            Some(Doc::Line)
        } else {
            Some(Doc::Hard { blank: self.trivia.blank_in(from, to) })
        }
    }

    fn statement(&mut self) -> Vec<Doc> {
        let kind = self.peek_kind();
        let head = matches!(kind, Some(Token::Rule | Token::On | Token::Every));
        let mut s = Statement::new(if head { Part::Trigger } else { Part::Plain });
        if head {
            self.head(&mut s);
        }
        while let Some((_, kind, _)) = self.peek() {
            let begins = kind.starts_statement() || kind.starts_item();
            if kind == Token::BlockClose || s.retry && begins && s.prev != Some(Token::Else) {
                break;
            }
            if kind == Token::BlockOpen {
                self.block(&mut s);
                if !matches!(self.peek_kind(), Some(Token::Else | Token::Retry)) {
                    break;
                }
                continue;
            }
            s.retry |= kind == Token::Retry;
            if kind == Token::For && s.prev == Some(Token::Wait) {
                s.part = Part::Trigger;
            }
            self.token(&mut s);
            if kind == Token::Semi {
                break;
            }
        }
        s.docs
    }

    /// The head of a rule, up to its block: on one line if it was, else a line for each clause.
    fn head(&mut self, s: &mut Statement) {
        let begin = self.at;
        let end = self.tokens.iter().skip(begin).position(|token| token.1 == Token::BlockOpen);
        let end = end.map_or(self.tokens.len(), |length| begin + length);
        let from = self.next_start();
        let to = self.tokens.get(end).map_or(from, |token| token.0);
        let mut broken = Span::new(from, to).of(self.source).contains('\n');
        let outer = std::mem::take(&mut s.docs);
        let (mut clauses, mut lines) = (false, false);
        while self.at < end {
            let Some((_, kind, _)) = self.peek() else { break };
            let clause = matches!(
                kind,
                Token::If | Token::While | Token::Once | Token::EachTime | Token::OneAtATime | Token::Restart
            );
            let begins = clause || clauses && kind == Token::From || matches!(kind, Token::On | Token::Every);
            if begins && s.prev.is_some() {
                lines = true;
                self.comments(s, true);
                s.docs.push(Doc::Line);
                (s.prev, s.ends_line) = (None, false);
            }
            clauses |= clause;
            s.part = if clauses { Part::Plain } else { Part::Trigger };
            self.token(s);
        }
        self.comments(s, true);
        broken &= lines || s.ends_line;
        if lines || s.ends_line {
            s.docs.push(Doc::Line);
        } else {
            s.docs.push(Doc::Text(" ".to_owned()));
        }
        s.ends_line = false;
        s.prev = None;
        let body = std::mem::replace(&mut s.docs, outer);
        let head = Group { kind: Kind::Head, open: String::new(), body, close: String::new(), broken };
        s.docs.push(Doc::Group(head));
    }

    /// Comments before the next token of a statement.
    fn comments(&mut self, s: &mut Statement, head: bool) {
        while let Some(own_line) = self.trivia.comments.get(self.comment).map(|comment| comment.own_line) {
            let Some((text, _, ends_line)) = self.take_comment(true) else { break };
            if own_line || s.ends_line {
                s.docs.push(if head { Doc::Line } else { s.line_end() });
            } else {
                s.docs.push(Doc::Text(" ".to_owned()));
            }
            s.docs.push(Doc::Text(text));
            s.ends_line = ends_line;
        }
    }

    /// The next token with the comments and the blank before it.
    fn token(&mut self, s: &mut Statement) {
        let Some((start, kind, end)) = self.peek() else { return };
        if s.prev.is_some() {
            let before = s.docs.len();
            self.comments(s, false);
            if s.ends_line {
                s.docs.push(s.line_end());
            } else {
                let gap = Self::gap(s, kind);
                s.has_clauses |= gap == Some(Doc::Fill) && !matches!(kind, Token::Plus | Token::Minus);
                s.docs.extend(gap);
            }
            // After a comment a blank is always right but before `,` and `;`.
            let commented = s.docs.len() > before + 1;
            if commented
                && !s.ends_line
                && !matches!(kind, Token::Comma | Token::Semi | Token::RParen | Token::RBracket)
            {
                let blank = matches!(s.docs.last(), Some(Doc::Text(text)) if text == " ");
                let line = matches!(s.docs.last(), Some(Doc::Line | Doc::Fill));
                if !blank && !line {
                    s.docs.push(Doc::Text(" ".to_owned()));
                }
            }
        }
        s.ends_line = false;
        self.at += 1;
        self.last = end;
        match kind {
            Token::LParen | Token::LBracket | Token::RecordOpen => self.bracket(s, kind, Span::new(start, end)),
            _ => s.docs.push(Doc::Text(self.spelling(kind, Span::new(start, end)))),
        }
        s.prev =
            Some(if kind == Token::Minus && !s.prev.is_some_and(Token::ends_operand) { Token::Bang } else { kind });
        if matches!(kind, Token::LParen | Token::LBracket | Token::RecordOpen) {
            s.prev = Some(Token::RParen);
        }
    }

    /// A token as it is written; what the filter joined gets single blanks.
    fn spelling(&self, kind: Token, span: Span) -> String {
        match kind {
            Token::Money | Token::EachTime | Token::OneAtATime | Token::OrderBy => {
                let text = span.of(self.source);
                let joined: Vec<&str> = match kind {
                    Token::EachTime => vec!["each", "time"],
                    Token::OneAtATime => vec!["one", "at", "a", "time"],
                    Token::OrderBy => vec!["order", "by"],
                    _ => text.split_whitespace().collect(),
                };
                joined.join(" ")
            }
            _ => span.of(self.source).to_owned(),
        }
    }

    /// What stands between two tokens.
    fn gap(s: &Statement, next: Token) -> Option<Doc> {
        let prev = s.prev?;
        let tight =
            matches!(next, Token::Comma | Token::Semi | Token::Colon | Token::Dot | Token::SafeDot | Token::Question)
                || matches!(prev, Token::Dot | Token::SafeDot)
                || prev == Token::Bang
                || prev == Token::Name && next == Token::LParen;
        if tight {
            return None;
        }
        let key_word = matches!(
            next,
            Token::And
                | Token::Or
                | Token::With
                | Token::To
                | Token::From
                | Token::Via
                | Token::By
                | Token::At
                | Token::As
                | Token::About
                | Token::Of
                | Token::Where
                | Token::OrderBy
                | Token::Limit
                | Token::Default
        );
        // A sum stays together where there is a better place to end the line.
        let sum = next == Token::Plus || next == Token::Minus && prev.ends_operand();
        let operand = matches!(next, Token::For | Token::Text | Token::Noun) && prev.ends_operand();
        let fill = match prev {
            Token::Comma => s.part != Part::Trigger,
            Token::Starts | Token::Ends => false,
            _ => key_word || operand || sum && !s.has_clauses,
        };
        Some(if fill { Doc::Fill } else { Doc::Text(" ".to_owned()) })
    }

    /// What stands between brackets, after the opening one.
    fn bracket(&mut self, s: &mut Statement, kind: Token, open: Span) {
        let close = match kind {
            Token::LParen => Token::RParen,
            Token::LBracket => Token::RBracket,
            _ => Token::RecordClose,
        };
        let mut inner = Statement::new(Part::List);
        self.trailing_inline(&mut inner);
        while let Some((start, next, end)) = self.peek() {
            if next == close {
                self.comments(&mut inner, false);
                self.at += 1;
                self.last = end;
                let broken = inner.ends_line || has_line_end(&inner.docs);
                let kind = if close == Token::RecordClose { Kind::Record } else { Kind::Bracket };
                let (open, close) = (open.of(self.source), Span::new(start, end).of(self.source));
                s.docs.push(Doc::Group(Group {
                    kind,
                    open: open.to_owned(),
                    body: inner.docs,
                    close: close.to_owned(),
                    broken,
                }));
                return;
            }
            if inner.prev == Some(Token::Comma) && !inner.ends_line && !self.comment_waits() {
                inner.docs.push(Doc::Line);
                inner.prev = None;
            }
            self.token(&mut inner);
        }
    }

    /// Whether a comment stands before the next token.
    fn comment_waits(&self) -> bool {
        self.trivia.comments.get(self.comment).is_some_and(|comment| comment.span.start < self.next_start())
    }

    /// Comments right after an opening bracket.
    fn trailing_inline(&mut self, inner: &mut Statement) {
        let mut first = true;
        while let Some((text, _, ends_line)) = self.take_comment(true) {
            if !first {
                inner.docs.push(if inner.ends_line { Doc::Hard { blank: false } } else { Doc::Text(" ".to_owned()) });
            }
            inner.docs.push(Doc::Text(text));
            inner.ends_line = ends_line;
            first = false;
        }
        if !first {
            inner.docs.push(if inner.ends_line { Doc::Hard { blank: false } } else { Doc::Text(" ".to_owned()) });
            inner.ends_line = false;
        }
    }

    fn block(&mut self, s: &mut Statement) {
        let Some((start, _, end)) = self.peek() else { return };
        if s.prev.is_some() {
            self.comments(s, false);
            s.docs.push(if s.ends_line { Doc::Hard { blank: false } } else { Doc::Text(" ".to_owned()) });
            s.ends_line = false;
        }
        self.at += 1;
        self.last = end;
        let close = self.closing();
        let one_line = !Span::new(start, close).of(self.source).contains('\n');
        let mut body = Vec::new();
        self.trailing(&mut body);
        let commented = !body.is_empty();
        let inner = self.statements(one_line);
        if commented && !inner.is_empty() {
            body.push(if one_line { Doc::Line } else { Doc::Hard { blank: false } });
        }
        body.extend(inner);
        if let Some((_, _, end)) = self.peek() {
            self.at += 1;
            self.last = end;
        }
        let (open, close) = self.marks;
        let empty = body.is_empty();
        s.docs.push(Doc::Group(Group {
            kind: Kind::Block,
            open: open.to_owned(),
            body,
            close: close.to_owned(),
            broken: !one_line && !empty,
        }));
        s.prev = Some(Token::BlockClose);
    }

    /// Where the close of the block begins whose statements come next.
    fn closing(&self) -> u32 {
        let mut depth = 0usize;
        for &(start, kind, _) in self.tokens.iter().skip(self.at) {
            match kind {
                Token::BlockOpen => depth += 1,
                Token::BlockClose if depth == 0 => return start,
                Token::BlockClose => depth -= 1,
                _ => {}
            }
        }
        self.next_start()
    }
}

/// Whether a comment in it ends a line.
fn has_line_end(docs: &[Doc]) -> bool {
    docs.iter().any(|doc| match doc {
        Doc::Hard { .. } | Doc::Further => true,
        Doc::Group(group) => group.broken,
        Doc::Text(_) | Doc::Fill | Doc::Line => false,
    })
}
