//! Blocks that do not open or close.
//!
//! That an opening is missing shows in the words: after `if x` no statement can begin. Where a close is missing or too
//! much, only the layout tells: an item whose marks do not come out even is read a second time, and then a line that
//! stands further left than a block ends that block.

use super::{Filter, Kind, Lexed, Mode, Open, Place, Spanned};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::token::Token;

/// How many closes after one another are looked at.
const MOST_CLOSES: usize = 16;

/// Where an item begins, in all that the filter reads and writes.
pub(super) struct Mark {
    pub(super) at: usize,
    out: usize,
    statement: usize,
    diagnostics: usize,
    weight: u32,
    total: u32,
}

/// An item as it was read.
struct Reading {
    at: usize,
    out: Vec<Spanned>,
    statement: usize,
    diagnostics: Vec<Diagnostic>,
    weight: u32,
    total: u32,
    troubles: u32,
}

impl Filter<'_> {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            at: self.at,
            out: self.out.len(),
            statement: self.statement,
            diagnostics: self.diagnostics.len(),
            weight: self.weight,
            total: self.total,
        }
    }

    /// Whether an item begins with the next token, which may.
    pub(super) fn begins_item(&mut self, token: Lexed) -> bool {
        self.at += 1;
        let field = self.is_field(token);
        self.at -= 1;
        !field && self.ends_items(token) && !(matches!(token.kind, Token::On | Token::Every) && self.after_rule_name())
    }

    /// Ends an item; if it did not come out even, it is read again by its indentation.
    pub(super) fn end_item(&mut self, start: &Mark) {
        self.close_item();
        if self.troubles > 0 && self.mode == Mode::File {
            let end = self.at;
            let first = self.rewind(start);
            self.repairing = true;
            while let Some(&token) = self.input.get(self.at).filter(|_| self.at < end) {
                self.step(token);
            }
            self.close_item();
            self.repairing = false;
            if self.troubles > first.troubles {
                self.rewind(start);
                self.take(first);
            }
        }
        self.troubles = 0;
    }

    /// Takes back what was read since the mark.
    fn rewind(&mut self, start: &Mark) -> Reading {
        let reading = Reading {
            at: self.at,
            statement: self.statement,
            out: self.out.split_off(start.out),
            diagnostics: self.diagnostics.split_off(start.diagnostics),
            weight: self.weight,
            total: self.total,
            troubles: std::mem::take(&mut self.troubles),
        };
        (self.at, self.weight, self.total, self.place) = (start.at, start.weight, start.total, Place::Plain);
        self.statement = start.statement;
        self.remember();
        reading
    }

    /// Looks up the last token after others were taken away or put back.
    fn remember(&mut self) {
        self.last = self.out.last().map_or(Token::StartFile, |&(_, kind, _)| kind);
    }

    fn take(&mut self, reading: Reading) {
        (self.at, self.weight, self.total) = (reading.at, reading.weight, reading.total);
        self.statement = reading.statement;
        self.out.extend(reading.out);
        self.diagnostics.extend(reading.diagnostics);
        self.remember();
    }

    /// Counts statements that stand where they cannot: a close before them may be missing, or one too much. The token
    /// is the first after a statement or a mark of a block.
    pub(super) fn count_misplaced(&mut self, token: Lexed) {
        if matches!(token.kind, Token::Semi | Token::Gt | Token::RBrace) {
            return;
        }
        let misplaced = match self.stack.last().map(|open| open.owner) {
            None => !token.kind.starts_item(),
            Some(Token::Match | Token::Wait | Token::Let) => token.kind != Token::Case,
            Some(Token::Parallel | Token::Race) => token.kind != Token::Branch,
            Some(_) => match token.kind {
                Token::Case | Token::Branch => !self.is_field(token),
                Token::Else | Token::Retry => self.prev() != Token::BlockClose,
                _ => false,
            },
        };
        self.troubles += u32::from(misplaced);
    }

    /// The innermost block.
    pub(super) fn block(&self) -> Option<Open> {
        self.stack.iter().rev().find(|open| open.kind.is_block()).copied()
    }

    /// Closes the blocks that end before this line, by its indentation.
    pub(super) fn align(&mut self, token: Lexed) {
        let boundary = self.prev().ends_statement();
        let depth = self.stack.len();
        self.align_to(token, boundary);
        // These two only follow a block.
        let follows = matches!(token.kind, Token::Else | Token::Retry) && !self.is_field(token);
        let open = matches!(self.prev(), Token::Semi | Token::BlockOpen);
        if follows && open && self.stack.len() == depth && depth > 1 {
            self.unclosed(token.span.start);
        }
    }

    fn align_to(&mut self, token: Lexed, boundary: bool) {
        let close = matches!(token.kind, Token::RBrace | Token::Gt) && (boundary || self.prev().ends_operand());
        let begins = boundary || token.kind.starts_statement() && !self.is_field(token);
        if !close && !begins {
            return;
        }
        let outer = |open: &Open| open.kind.is_block() && (open.indent == token.indent || open.begin == token.indent);
        if close && !self.stack.iter().any(outer) {
            return;
        }
        let follows = matches!(token.kind, Token::Else | Token::Retry);
        let ends = |open: Open| {
            let left = open.indent.min(open.begin);
            if close { left > token.indent } else { left + u16::from(follows) >= token.indent }
        };
        let blocks = |stack: &[Open]| stack.iter().filter(|open| open.kind.is_block()).count();
        while self.block().is_some_and(ends) && blocks(&self.stack) > 1 {
            self.close_expressions();
            self.unclosed(if follows { token.span.start } else { self.prev_end() });
        }
    }

    /// Whether a close that could close the innermost block is one too many, by the indentation of its line and of
    /// the next.
    pub(super) fn is_too_much(&self, token: Lexed) -> bool {
        let Some(open) = self.block() else { return true };
        let (left, right) = (open.indent.min(open.begin), open.indent.max(open.begin));
        if token.first && token.indent > right + 1 {
            return true;
        }
        if !Span::new(open.span.end, token.span.start).of(self.source).contains('\n') {
            return false;
        }
        let rest = self.input.get(self.at..).unwrap_or(&[]);
        let closes = |t: &Lexed| matches!(t.kind, Token::RBrace | Token::Gt);
        let fits = |t: &Lexed| t.indent.abs_diff(left) <= 1 || t.indent.abs_diff(right) <= 1;
        match rest.iter().take(MOST_CLOSES).find(|t| t.first || !closes(t)) {
            Some(next) if next.first && closes(next) => fits(next) && !(token.first && fits(&token)),
            Some(next) if next.first => next.indent > right + 1,
            Some(next) if matches!(next.kind, Token::Else | Token::Retry) => !fits(&token),
            _ => false,
        }
    }

    /// Whether a statement begins here although the block that it should be in has not opened.
    pub(super) fn misses_open(&self, token: Lexed) -> bool {
        let kind = token.kind;
        if self.mode == Mode::Expr || !kind.starts_statement() || self.in_expression() {
            return false;
        }
        match self.place {
            Place::Trigger { head: true } | Place::Clauses => self.head_misses_open(token),
            Place::Trigger { head: false } if !token.first => false,
            Place::Plain | Place::Find | Place::Retry | Place::Trigger { head: false } => {
                let prev = self.prev();
                let bare = matches!(
                    prev,
                    Token::Else | Token::Parallel | Token::Race | Token::Branch | Token::Try | Token::Undo
                );
                let condition = prev.ends_operand() && (kind != Token::For || self.is_loop());
                (bare || condition || token.first && kind != Token::For)
                    && !(prev == Token::Else && kind == Token::If && self.statement_kind() == Token::Else)
                    && !prev.ends_statement()
                    && self.takes_statement(kind)
            }
        }
    }

    fn head_misses_open(&self, token: Lexed) -> bool {
        let prev = self.prev();
        let ended = prev.ends_operand() || matches!(prev, Token::EachTime | Token::OneAtATime | Token::Restart);
        let begun = self.place == Place::Clauses || self.trigger_position() > 1;
        match token.kind {
            Token::For if !self.is_loop() => false,
            // They are clauses of the rule, unless they stand where statements do.
            Token::If | Token::While => {
                self.repairing && ended && begun && token.first && token.indent > self.statement_indent(token)
            }
            _ if !token.first && self.names_changed_field() => false,
            _ => ended && (begun || token.first),
        }
    }

    /// Whether a field is named here, which may be called like a statement: `on deal changed branch`.
    fn names_changed_field(&self) -> bool {
        match self.out.as_slice() {
            [.., (_, Token::On, _), (_, Token::Name, _), (start, Token::Name, end)] => {
                Span::new(*start, *end).of(self.source) == "changed"
            }
            _ => false,
        }
    }

    /// Whether `for` is no preposition, but begins `for $x in …`.
    fn is_loop(&self) -> bool {
        self.next(0).is_some_and(|t| t.kind == Token::Var) && self.next(1).is_some_and(|t| t.kind == Token::In)
    }

    /// Whether the statement before may have a block that begins with this word.
    fn takes_statement(&self, kind: Token) -> bool {
        match self.statement_kind() {
            Token::If | Token::Else | Token::For | Token::While | Token::Case => true,
            Token::Parallel | Token::Race | Token::Branch | Token::Try | Token::Undo => true,
            Token::Test | Token::Flow | Token::Fn => true,
            // `retry 5 times else $error`
            Token::Retry => matches!(self.out.as_slice(), [.., (_, Token::Else, _), (_, Token::Var, _)]),
            Token::Match | Token::Wait | Token::Let => kind == Token::Case,
            _ => false,
        }
    }

    pub(super) fn statement_kind(&self) -> Token {
        self.out.get(self.statement).map_or(Token::StartFile, |&(_, kind, _)| kind)
    }

    /// The indentation of the line that the statement of a token begins on.
    pub(super) fn statement_indent(&self, token: Lexed) -> u16 {
        let Some(&(start, _, _)) = self.out.get(self.statement) else { return token.indent };
        let index = self.input.partition_point(|t| t.span.start < start);
        self.input.get(index).map_or(token.indent, |t| t.indent)
    }

    pub(super) fn missing_open(&mut self, token: Lexed) {
        self.troubles += 1;
        let here = Span::at(self.prev_end());
        let rule = matches!(self.place, Place::Trigger { head: true } | Place::Clauses);
        let what = if rule { "rule" } else { "statement" };
        let diagnostic =
            Diagnostic::new(Code::E0105, self.file, here, format!("the block of this {what} does not open"))
                .label("`{` expected here")
                .help("a block begins with `{` or `<` and ends with `}` or `>`")
                .because(self.file, token.span, "this belongs into the block");
        if !self.reported_in_statement() {
            self.report(diagnostic);
        }
        let (indent, owner) = (self.statement_indent(token), self.statement_kind());
        self.inject(Token::BlockOpen);
        self.stack.push(Open { kind: Kind::Unopened, span: here, owner, indent, begin: indent, weight: self.weight });
        self.weight = 0;
        self.total += 1;
        self.place = Place::Plain;
    }

    /// Closes what is open at the end of an item.
    pub(super) fn close_item(&mut self) {
        if self.stack.is_empty() {
            self.missing_block();
        }
        // A text without its end has swallowed all closes; it has been told.
        let swallowed = self.out.last().is_some_and(|t| t.1 == Token::Text && self.unreadable.contains(&t.0));
        if swallowed && self.at >= self.input.len() {
            self.drop_all();
        }
        self.close_all();
    }
}
