//! Which `<` and `>` are blocks; the rule and why it is sound stand in the module above.

use super::{Filter, Kind, Lexed, Mode, Place};
use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::token::{NOUNS, Token};

/// How far a call is followed to see whether it is a statement.
const MOST_LOOKAHEAD: usize = 64;

impl Filter<'_> {
    pub(super) fn less(&mut self, token: Lexed) {
        if self.opens(token) {
            self.open_block(Kind::Angle, token);
        } else {
            self.emit(Token::Lt, token.span);
        }
    }

    pub(super) fn greater(&mut self, token: Lexed) {
        if self.closes() {
            self.close_block(Kind::Angle, token);
        } else {
            self.emit(Token::Gt, token.span);
        }
    }

    fn opens(&mut self, token: Lexed) -> bool {
        if self.mode == Mode::Expr {
            return false;
        }
        let Some(next) = self.next(0) else { return true };
        if matches!(next.kind, Token::Gt | Token::RBrace) || self.begins_statement(0) {
            return true;
        }
        if self.in_expression() {
            return false;
        }
        let statement =
            (self.unknown_verb() || self.bare_statement() || self.is_statement_line()) && self.takes_block();
        if !next.first || statement {
            return statement;
        }
        // No comparison can stand in a trigger; elsewhere one is probably meant.
        if self.place == (Place::Trigger { head: true }) {
            return true;
        }
        let diagnostic =
            Diagnostic::new(Code::E0111, self.file, token.span, "a `<` at the end of a line opens a block")
                .label("this opens a block")
                .because(self.file, next.span, "but no statement begins here")
                .help("to compare, put the `<` first on the next line");
        self.report(diagnostic);
        false
    }

    /// Whether the statement that `<` is in may have a block at all.
    fn takes_block(&self) -> bool {
        let begin = self.statement;
        let kind = |at: usize| self.out.get(at).map_or(Token::StartFile, |&(_, kind, _)| kind);
        match kind(begin) {
            // `let $how = wait … <`
            Token::Let => kind(begin + 3) == Token::Wait,
            Token::Set
            | Token::Verb
            | Token::Return
            | Token::Assert
            | Token::Do
            | Token::Start
            | Token::Const
            | Token::Advance
            | Token::Given
            | Token::When
            | Token::Expect => false,
            _ => true,
        }
    }

    /// Whether a line begins with the next token that can only be a statement: it ends with `;` or opens a block.
    fn is_statement_line(&self) -> bool {
        let Some(next) = self.next(0).filter(|next| next.first) else { return false };
        let rest = self.input.get(self.at + 1..).unwrap_or(&[]);
        let line = rest.iter().take(MOST_LOOKAHEAD).take_while(|t| !t.first);
        let last = line.last().copied().unwrap_or(next);
        matches!(last.kind, Token::Semi | Token::Lt | Token::LBrace)
    }

    /// Whether the token `ahead` is a word that only a statement or an item begins with.
    pub(super) fn begins_statement(&self, ahead: usize) -> bool {
        self.next(ahead).is_some_and(|t| t.kind.starts_statement() || t.kind.starts_item())
            && !matches!(self.next(ahead + 1).map(|t| t.kind), Some(Token::Colon | Token::Dot | Token::SafeDot))
    }

    /// Two words, or a word and a value, are no operand: the first is probably a mistyped verb.
    fn unknown_verb(&self) -> bool {
        let (Some(first), Some(second)) = (self.next(0), self.next(1)) else { return false };
        if first.kind != Token::Name || second.first {
            return false;
        }
        let key_word = match (self.place, second.span.of(self.source)) {
            (Place::Trigger { head: true } | Place::Clauses, word) => {
                matches!(word, "once" | "each" | "one" | "restart")
            }
            (Place::Find, word) => matches!(word, "order" | "limit" | "desc"),
            (Place::Trigger { head: false } | Place::Plain | Place::Retry, _) => false,
        };
        match second.kind {
            Token::Name => !key_word,
            Token::Text => !NOUNS.contains(&first.span.of(self.source)),
            Token::Var | Token::Int | Token::Decimal => true,
            _ => false,
        }
    }

    /// `x = …`, `x;` and `f(…);` are no operands: a statement without its verb.
    fn bare_statement(&self) -> bool {
        let kind = |ahead: usize| self.next(ahead).map(|t| t.kind);
        let mut at = 1;
        match kind(0) {
            Some(Token::Name) if kind(1) == Some(Token::LParen) => {
                let mut depth = 0usize;
                for ahead in 1..MOST_LOOKAHEAD {
                    match kind(ahead) {
                        Some(Token::LParen) => depth += 1,
                        Some(Token::RParen) if depth == 1 => return kind(ahead + 1) == Some(Token::Semi),
                        Some(Token::RParen) => depth -= 1,
                        Some(Token::Semi) | None => return false,
                        Some(_) => {}
                    }
                }
                false
            }
            Some(Token::Name | Token::Var) => {
                while kind(at) == Some(Token::Dot) && at < MOST_LOOKAHEAD {
                    at += 2;
                }
                matches!(kind(at), Some(Token::Assign | Token::Semi))
            }
            _ => false,
        }
    }

    fn closes(&mut self) -> bool {
        if self.mode == Mode::Expr {
            return false;
        }
        if self.prev().ends_statement() {
            return true;
        }
        // Error only: a `>` that nothing can follow as an operand closes a block whose last `;` is missing.
        self.innermost() == Some(Kind::Angle) && self.next_kind() != Some(Token::Lt) && !self.operand_follows()
    }

    fn operand_follows(&self) -> bool {
        let Some(next) = self.next(0) else { return false };
        let after = self.next(1);
        if next.kind == Token::LBrace {
            return after.is_some_and(|t| t.kind.is_word()) && self.next(2).is_some_and(|t| t.kind == Token::Colon);
        }
        next.kind.starts_operand()
            || next.kind == Token::Error
            || next.kind.is_word()
                && after.is_some_and(|t| matches!(t.kind, Token::Dot | Token::SafeDot | Token::Colon))
            || next.kind == Token::At && after.is_some_and(|t| t.kind == Token::LParen)
    }
}
