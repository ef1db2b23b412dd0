//! Words in the role they have at their place.
//!
//! Reserved words become names after `.` and `?.`; before `.`, `?.` and `:`; as the first two words of a trigger, and as
//! later ones where no clause can be meant; as the entity of a `find`; after another verb; and alone in a list. Names
//! become key words in the head of a rule, in `find` and after `retry`, and nouns before a text.

use super::{Filter, Kind, Lexed, Mode, Place};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::token::{NOUNS, Token};

impl Filter<'_> {
    pub(super) fn word(&mut self, token: Lexed) {
        if self.is_field(token) {
            return self.emit(Token::Name, token.span);
        }
        if token.kind == Token::Name {
            return match self.place {
                Place::Trigger { head } => self.trigger_word(token, head),
                Place::Plain | Place::Clauses | Place::Find | Place::Retry => self.name(token),
            };
        }
        if token.kind.starts_item() && self.ends_items(token) {
            self.close_item();
        }
        if self.misses_open(token) {
            self.missing_open(token);
        } else if self.misses_semicolon(token) {
            self.missing_semicolon();
            self.place = Place::Plain;
        }
        if let Place::Trigger { head } = self.place {
            return self.trigger_word(token, head);
        }
        let kind = if self.is_name(token) { Token::Name } else { token.kind };
        if kind.starts_item() && !self.stack.is_empty() {
            return self.lost_item(token);
        }
        self.enter(kind);
        self.emit(kind, token.span);
    }

    /// A word that begins items, inside of a block. The grammar would leave the block to go on with it.
    fn lost_item(&mut self, token: Lexed) {
        if !self.reported_in_statement() {
            let word = token.span.of(self.source);
            let diagnostic = Diagnostic::new(
                Code::E0109,
                self.file,
                token.span,
                format!("`{word}` is a word of the language, not a name"),
            )
            .label("reserved word")
            .help(format!("`{word}` begins an item, and those do not stand inside of a block"));
            self.report(diagnostic);
        }
        self.emit(Token::Error, token.span);
    }

    /// After `.`, or before `.` or `:`, any word is a name.
    pub(super) fn is_field(&self, token: Lexed) -> bool {
        // In a placeholder the format stands after such a colon: `{null:long}` is no record.
        let bare = || self.mode == Mode::Expr && self.stack.is_empty();
        match (self.prev(), self.next_kind()) {
            (Token::Dot | Token::SafeDot, _) | (_, Some(Token::Dot | Token::SafeDot)) => true,
            (Token::Colon, Some(Token::Colon)) => !bare() || token.kind.is_word(),
            (_, Some(Token::Colon)) => !bare(),
            (Token::Colon, _) => bare() && token.kind.is_word(),
            _ => false,
        }
    }

    /// Whether an item begins here although the one before has not ended. Inside of a block, by the indentation, the
    /// word is only lost.
    pub(super) fn ends_items(&self, token: Lexed) -> bool {
        let boundary = self.prev().ends_statement();
        let inside = self.stack.first().is_some_and(|open| token.indent > open.indent);
        token.first && !inside || boundary && !token.first && self.innermost().is_some_and(Kind::is_block)
    }

    /// The head of a rule that nothing follows.
    pub(super) fn missing_block(&mut self) {
        if !matches!(self.place, Place::Clauses | Place::Trigger { head: true }) {
            return;
        }
        let at = Span::at(self.prev_end());
        let diagnostic = Diagnostic::new(Code::E0105, self.file, at, "this rule has no block")
            .label("`{` expected here")
            .help("after the trigger and its clauses stands a block: `{ … }`");
        self.report(diagnostic);
        self.inject(Token::BlockOpen);
        self.inject(Token::BlockClose);
        self.place = Place::Plain;
    }

    /// Whether a statement begins here although the one before has not ended.
    fn misses_semicolon(&self, token: Lexed) -> bool {
        if !token.first || self.mode == Mode::Expr || !self.prev().ends_operand() {
            return false;
        }
        let head = matches!(self.place, Place::Clauses | Place::Trigger { head: true });
        match token.kind {
            // It may be a preposition.
            Token::For => false,
            Token::On | Token::Every => !self.after_rule_name(),
            Token::If | Token::While if self.stack.is_empty() => false,
            kind => !head && (kind.starts_statement() || kind.starts_item()),
        }
    }

    /// `rule "name"` and its trigger may stand on two lines.
    pub(super) fn after_rule_name(&self) -> bool {
        let mut kinds = self.out.iter().rev().map(|&(_, kind, _)| kind);
        matches!((kinds.next(), kinds.next()), (Some(Token::Rule), _) | (_, Some(Token::Rule)))
    }

    /// A reserved word where only a name makes sense.
    fn is_name(&self, token: Lexed) -> bool {
        let prev = self.prev();
        match token.kind {
            Token::Verb if prev == Token::Verb => !token.first,
            // `at(…)` is the function, `at (…)` is a preposition.
            Token::At => self.next(0).is_some_and(|t| t.kind == Token::LParen && t.span.start == token.span.end),
            _ if prev == Token::Find => true,
            kind if kind.starts_statement() || kind.starts_item() => {
                self.innermost() == Some(Kind::Bracket)
                    && matches!(prev, Token::LBracket | Token::Comma)
                    && matches!(self.next_kind(), Some(Token::Comma | Token::RBracket))
            }
            _ => false,
        }
    }

    /// Notes the places where words have special roles.
    fn enter(&mut self, kind: Token) {
        let prev = self.prev();
        self.place = match kind {
            Token::On | Token::Every => Place::Trigger { head: true },
            Token::For if prev == Token::Wait => Place::Trigger { head: false },
            Token::When => Place::Trigger { head: false },
            Token::Find => Place::Find,
            Token::Retry => Place::Retry,
            _ => self.place,
        };
    }

    /// Which word of a trigger comes now: 0, 1, or a later one (2).
    pub(super) fn trigger_position(&self) -> u8 {
        let mut kinds = self.out.iter().rev().map(|&(_, kind, _)| kind);
        let mut before = || kinds.next().unwrap_or(Token::StartFile);
        let last = before();
        let begins = |last: Token, before: Token| {
            matches!(last, Token::On | Token::Every | Token::When) || last == Token::For && before == Token::Wait
        };
        let second = before();
        if begins(last, second) {
            0
        } else if last == Token::Name && begins(second, before()) {
            1
        } else {
            2
        }
    }

    fn trigger_word(&mut self, token: Lexed, head: bool) {
        let kind = token.kind;
        let position = if self.in_expression() { 2 } else { self.trigger_position() };
        let clause = matches!(kind, Token::If | Token::While);
        if kind == Token::Name {
            if position > 0 && head && !self.in_expression() && self.clause(token) {
                self.place = Place::Clauses;
            } else if position == 1 {
                // It says what happens to the entity, and is never a noun: `on deal stage "Invoice"`.
                self.emit(Token::Name, token.span);
            } else {
                self.name_or_noun(token);
            }
        } else if position == 0 && !token.first {
            self.emit(Token::Name, token.span);
        } else if clause && head {
            self.place = Place::Clauses;
            self.emit(kind, token.span);
        } else if (kind.starts_statement() || kind.starts_item()) && !token.first && kind != Token::For {
            self.emit(Token::Name, token.span);
        } else {
            let kind = if self.is_name(token) { Token::Name } else { kind };
            if token.first {
                self.enter(kind);
            }
            self.emit(kind, token.span);
        }
    }

    fn name(&mut self, token: Lexed) {
        // Most names stand where none is a key word; those are not even looked at.
        if self.place == Place::Plain {
            return self.name_or_noun(token);
        }
        match (self.place, token.span.of(self.source)) {
            (Place::Clauses, _) if !self.in_expression() && self.clause(token) => {}
            (Place::Find, "order") if self.next_kind() == Some(Token::By) => self.join(token, 1, Token::OrderBy),
            (Place::Find, "limit") if self.prev().ends_operand() => self.emit(Token::Limit, token.span),
            (Place::Find, "desc") if self.prev().ends_operand() => self.emit(Token::Desc, token.span),
            (Place::Retry, "times") => self.emit(Token::Times, token.span),
            (Place::Retry, "pausing") => self.emit(Token::Pausing, token.span),
            _ => self.name_or_noun(token),
        }
    }

    /// Gives a clause's key words to the grammar, if the name begins one.
    fn clause(&mut self, token: Lexed) -> bool {
        let word = |ahead: usize| self.next(ahead).map_or("", |t| t.span.of(self.source));
        match token.span.of(self.source) {
            "once" => self.emit(Token::Once, token.span),
            "per" if self.prev() == Token::Once => self.emit(Token::Per, token.span),
            "restart" => self.emit(Token::Restart, token.span),
            "each" if word(0) == "time" => self.join(token, 1, Token::EachTime),
            "one" if word(0) == "at" && word(1) == "a" && word(2) == "time" => self.join(token, 3, Token::OneAtATime),
            _ => return false,
        }
        true
    }

    /// One token of this one and the `more` after it.
    fn join(&mut self, token: Lexed, more: usize, kind: Token) {
        let end = self.next(more - 1).map_or(token.span, |t| t.span);
        self.at += more;
        self.emit(kind, Span::new(token.span.start, end.end));
    }

    fn name_or_noun(&mut self, token: Lexed) {
        let noun = self.next_kind() == Some(Token::Text) && NOUNS.contains(&token.span.of(self.source));
        self.emit(if noun { Token::Noun } else { Token::Name }, token.span);
    }
}
