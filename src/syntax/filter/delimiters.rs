//! Brackets: the grammar always sees them balanced, whatever was written.

use super::{Filter, Kind, Lexed, Mode, Open, Place};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::token::Token;

impl Filter<'_> {
    pub(super) fn open(&mut self, kind: Kind, emitted: Token, token: Lexed) {
        let begin = if self.repairing && kind.is_block() { self.statement_indent(token) } else { token.indent };
        let owner = if kind.is_block() { self.statement_kind() } else { emitted };
        self.emit(emitted, token.span);
        self.stack.push(Open { kind, span: token.span, owner, indent: token.indent, begin, weight: self.weight });
        self.weight = 0;
        self.total += 1;
    }

    /// A block; it cannot lie in an expression, so brackets that are open there are closed.
    pub(super) fn open_block(&mut self, kind: Kind, token: Lexed) {
        self.close_expressions();
        if self.repairing && self.prev() == Token::BlockOpen && !token.first {
            self.troubles += 1;
            return self.surplus(token);
        }
        self.open(kind, Token::BlockOpen, token);
        self.place = Place::Plain;
    }

    pub(super) fn brace(&mut self, token: Lexed) {
        let named =
            self.next_kind().is_some_and(Token::is_word) && self.next(1).is_some_and(|t| t.kind == Token::Colon);
        let value = matches!(
            self.prev(),
            Token::Colon | Token::Assign | Token::LParen | Token::LBracket | Token::Comma | Token::StartExpr
        );
        if named && !self.wants_block() || value && !self.begins_statement(0) || self.mode == Mode::Expr {
            self.open(Kind::Record, Token::RecordOpen, token);
        } else {
            self.open_block(Kind::Brace, token);
        }
    }

    /// Whether a block is due here, and no record can be: after the word of a statement that is only a block, after a
    /// condition, or after a trigger.
    fn wants_block(&self) -> bool {
        let prev = self.prev();
        match prev {
            Token::Else | Token::Parallel | Token::Race | Token::Branch | Token::Try | Token::Undo => true,
            _ if self.in_expression() || !prev.ends_operand() => false,
            _ if matches!(self.place, Place::Trigger { head: true } | Place::Clauses) => true,
            _ => matches!(self.statement_kind(), Token::If | Token::Else | Token::For | Token::While | Token::Match),
        }
    }

    pub(super) fn close_brace(&mut self, token: Lexed) {
        let record = self.stack.iter().rev().find(|open| !matches!(open.kind, Kind::Paren | Kind::Bracket));
        if record.is_some_and(|open| open.kind == Kind::Record) {
            while self.innermost().is_some_and(|kind| kind != Kind::Record) {
                self.unclosed(self.prev_end());
            }
            return self.close(Token::RecordClose, token.span);
        }
        if self.mode == Mode::Expr {
            return self.surplus(token);
        }
        self.close_block(Kind::Brace, token);
    }

    /// `)` and `]`.
    pub(super) fn close_small(&mut self, kind: Kind, token: Lexed) {
        let mut open = self.stack.iter().rev().take_while(|open| !open.kind.is_block());
        if !open.any(|open| open.kind == kind) {
            return self.surplus(token);
        }
        while self.innermost().is_some_and(|other| other != kind) {
            self.unclosed(self.prev_end());
        }
        self.close(token.kind, token.span);
    }

    /// A `>` or `}` that closes a block.
    pub(super) fn close_block(&mut self, kind: Kind, token: Lexed) {
        self.close_expressions();
        if self.stack.is_empty() || self.repairing && self.is_too_much(token) || self.goes_on() {
            self.troubles += 1;
            return self.surplus(token);
        }
        if self.prev().ends_operand() {
            self.missing_semicolon();
        }
        while self.innermost().is_some_and(|top| top != kind && top != Kind::Unopened) {
            if self.is_mixed(kind) {
                self.mixed(token);
                break;
            }
            self.unclosed(self.prev_end());
        }
        self.close(Token::BlockClose, token.span);
        self.place = Place::Plain;
        if self.next_kind() == Some(Token::Else) {
            return;
        }
        self.settle();
    }

    /// Whether the statement goes on after a close, so that this cannot be the close of a block.
    fn goes_on(&self) -> bool {
        self.prev().ends_operand()
            && self.next(0).is_some_and(|next| {
                let name = matches!(self.next(1).map(|t| t.kind), Some(Token::Colon | Token::Dot | Token::SafeDot));
                let operator = (Token::Or..=Token::Default).contains(&next.kind) && next.kind != Token::With;
                let mark = matches!(next.kind, Token::Comma | Token::Semi | Token::RParen | Token::RBracket);
                !next.first && !name && (operator || mark || (Token::With..=Token::Of).contains(&next.kind))
            })
    }

    /// Whether a close of the wrong kind was meant for the innermost block, and not for one further out.
    fn is_mixed(&self, kind: Kind) -> bool {
        self.repairing
            || self.stack.iter().all(|open| open.kind != kind)
            || matches!(self.next_kind(), Some(Token::Gt | Token::RBrace))
    }

    fn mixed(&mut self, token: Lexed) {
        let Some(top) = self.stack.last().copied() else { return };
        self.troubles += 1;
        let (open, close) = (top.span.of(self.source), closing(top.kind));
        let written = token.span.of(self.source);
        let message = format!("a block that opens with `{open}` does not close with `{written}`");
        let diagnostic = Diagnostic::new(Code::E0104, self.file, token.span, message)
            .label(format!("`{close}` expected here"))
            .because(self.file, top.span, "the block opens here")
            .help(format!("write `{close}`"))
            .fix(format!("write `{close}`"), token.span, close);
        self.report(diagnostic);
    }

    fn close(&mut self, emitted: Token, span: Span) {
        if let Some(open) = self.stack.pop() {
            self.total = self.total.saturating_sub(self.weight).saturating_sub(1);
            self.weight = open.weight;
        }
        self.emit(emitted, span);
    }

    /// Closes the innermost bracket because something comes that cannot be in it; the close is missing at the offset.
    pub(super) fn unclosed(&mut self, here: u32) {
        let Some(open) = self.stack.last().copied() else { return };
        // A text without its end may have swallowed the close. Who forgets the opening of a block in another may know
        // a language where one statement needs no block.
        let small = !open.kind.is_block();
        let told =
            if small { self.reported_in_statement() } else { open.kind == Kind::Unopened && self.stack.len() > 1 };
        if told {
            return self.close_silently();
        }
        self.troubles += u32::from(!small);
        let (text, close) = (open.span.of(self.source), closing(open.kind));
        let here = Span::at(here);
        let diagnostic = if self.repairing && !small {
            Diagnostic::new(Code::E0104, self.file, here, format!("a `{close}` is missing"))
                .label(format!("`{close}` expected here, by the indentation"))
                .because(self.file, open.span, "the block opens here")
        } else {
            Diagnostic::new(Code::E0104, self.file, open.span, format!("this `{text}` is never closed"))
                .label("opened here")
                .because(self.file, here, format!("`{close}` is missing here at the latest"))
        };
        let diagnostic = diagnostic.help(format!("add the `{close}`"));
        self.report(if small { diagnostic.fix(format!("add the `{close}`"), here, close) } else { diagnostic });
        self.close_silently();
    }

    fn close_silently(&mut self) {
        let Some(open) = self.stack.last().copied() else { return };
        let at = Span::at(self.prev_end());
        let token = match open.kind {
            Kind::Angle | Kind::Brace | Kind::Unopened => {
                if self.prev().ends_operand() {
                    self.inject(Token::Semi);
                }
                Token::BlockClose
            }
            Kind::Record => Token::RecordClose,
            Kind::Paren => Token::RParen,
            Kind::Bracket => Token::RBracket,
        };
        self.close(token, at);
    }

    /// Closes what is open inside the innermost block.
    pub(super) fn close_expressions(&mut self) {
        while self.in_expression() {
            self.unclosed(self.prev_end());
        }
    }

    /// Closes everything; only the innermost bracket is blamed.
    pub(super) fn close_all(&mut self) {
        if !self.stack.is_empty() {
            self.unclosed(self.prev_end());
        }
        let others = self.stack.iter().filter(|open| open.kind.is_block()).count();
        self.troubles = self.troubles.saturating_add(u32::try_from(others).unwrap_or(u32::MAX));
        self.close_rest();
    }

    /// Closes everything without a word.
    pub(super) fn drop_all(&mut self) {
        self.close_rest();
        self.weight = 0;
        self.total = 0;
        self.place = Place::Plain;
    }

    fn close_rest(&mut self) {
        while !self.stack.is_empty() {
            self.close_silently();
        }
    }

    /// Leaves out a close, or a `;`, that has nothing to close.
    pub(super) fn surplus(&mut self, token: Lexed) {
        let text = token.span.of(self.source);
        let (does, label, help) = match token.kind {
            Token::Semi => ("ends", "no statement before it", "remove it; there is no `;` after a block"),
            Token::Lt | Token::LBrace => ("opens", "a block is open already", "remove it"),
            _ => ("closes", "nothing is open here", "remove it, or add what it should close"),
        };
        let message = format!("this `{text}` {does} nothing");
        let diagnostic = Diagnostic::new(Code::E0106, self.file, token.span, message).label(label).help(help).fix(
            "remove it",
            token.span,
            "",
        );
        self.report(diagnostic);
    }

    pub(super) fn missing_semicolon(&mut self) {
        let open = self.in_expression();
        self.close_expressions();
        let at = Span::at(self.prev_end());
        // A statement that begins with no word of one has another mistake, which the grammar tells.
        if !open && !self.reported_in_statement() && self.statement_kind() != Token::Name {
            let diagnostic = Diagnostic::new(Code::E0103, self.file, at, "a `;` is missing")
                .label("`;` expected here")
                .help("end the statement with `;`")
                .fix("add the `;`", at, ";");
            self.report(diagnostic);
        }
        self.inject(Token::Semi);
    }

    /// Whether the lexer has something to say about the statement that ends here.
    pub(super) fn reported_in_statement(&self) -> bool {
        let start = self.statement.checked_sub(1).and_then(|at| self.out.get(at)).map_or(0, |&(_, _, end)| end);
        let end = self.prev_end();
        let from = self.unreadable.partition_point(|&at| at < start);
        self.unreadable.get(from).is_some_and(|&at| at <= end)
    }
}

fn closing(kind: Kind) -> &'static str {
    match kind {
        Kind::Angle => ">",
        Kind::Brace | Kind::Unopened | Kind::Record => "}",
        Kind::Paren => ")",
        Kind::Bracket => "]",
    }
}
