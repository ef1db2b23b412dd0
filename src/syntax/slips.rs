//! Slips of people who know other languages, or none: `wait 3 days`, `if … then`, `elif`, `on deal.stage == Won`.

use super::expected::Found;
use super::filter::Spanned;
use super::literal;
use super::parser::Cx;
use super::token::Token;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

impl Found<'_> {
    /// Words for such a slip, if this is one.
    pub(super) fn of_another_language(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Option<Diagnostic> {
        self.spelled_duration(cx)
            .or_else(|| self.condition_in_trigger(cx, tokens))
            .or_else(|| self.changing_operator(cx, tokens))
            .or_else(|| self.awaited_change(cx, tokens))
            .or_else(|| self.superfluous(cx))
            .or_else(|| self.other_word(cx))
    }

    /// `3 days`
    fn spelled_duration(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        if self.prev.1 != Token::Int || self.kind != Token::Name {
            return None;
        }
        let number = Span::new(self.prev.0, self.prev.2).of(cx.source);
        literal::spelled(number, self.span.of(cx.source), Span::new(self.prev.0, self.span.end), cx.file)
    }

    /// `on deal stage Won and deal.amount > 5`: `and` joins what happens, not what must hold.
    fn condition_in_trigger(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Option<Diagnostic> {
        let compares = matches!(
            self.kind,
            Token::EqEq | Token::Ne | Token::Lt | Token::Le | Token::Gt | Token::Ge | Token::Contains | Token::Is
        );
        if !compares || !matches!(self.first, Token::On | Token::Rule | Token::Every) {
            return None;
        }
        let last =
            self.header(tokens)?.iter().rfind(|(_, kind, _)| matches!(kind, Token::And | Token::If | Token::While))?;
        let word = Span::new(last.0, last.2);
        (last.1 == Token::And).then(|| {
            Diagnostic::new(Code::E0105, cx.file, word, "a condition begins with `if`")
                .label("a condition comes after it")
                .help("write `if` and the condition; `and` joins conditions behind it")
                .fix("write `if`", word, "if")
        })
    }

    /// The tokens of the statement before the mistake.
    fn header<'t>(&self, tokens: &'t [Spanned]) -> Option<&'t [Spanned]> {
        let at = |place: u32| tokens.partition_point(|&(start, _, _)| start < place);
        tokens.get(at(self.statement)..at(self.span.start))
    }

    /// `set $n += 1`
    fn changing_operator(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Option<Diagnostic> {
        let operator = matches!(self.kind, Token::Plus | Token::Minus | Token::Star | Token::Slash);
        let (_, _, end) = self.next.filter(|next| operator && self.first == Token::Set && next.1 == Token::Assign)?;
        let header = self.header(tokens)?;
        let begin = header.iter().rposition(|(_, kind, _)| matches!(kind, Token::Set | Token::Comma))?;
        let target = Span::new(header.get(begin + 1)?.0, self.prev.2).of(cx.source);
        let (span, sign) = (Span::new(self.span.start, end), self.span.of(cx.source));
        let written = format!("= {target} {sign}");
        let diagnostic = Diagnostic::new(Code::E0105, cx.file, span, format!("there is no `{}`", span.of(cx.source)))
            .label("`set` takes `=` and the whole value")
            .help(format!("write `set {target} {written} …;`"));
        // Behind any other sign the rest would need parentheses.
        Some(if self.kind == Token::Plus {
            diagnostic.fix(format!("write `{written}`"), span, written)
        } else {
            diagnostic
        })
    }

    /// `wait until deal.stage changed`
    fn awaited_change(&self, cx: &Cx<'_>, tokens: &[Spanned]) -> Option<Diagnostic> {
        let [(_, Token::Wait, _), (_, Token::Until, _), root, (_, Token::Dot, _), field] = self.header(tokens)? else {
            return None;
        };
        let value = Span::new(root.0, field.2).of(cx.source);
        (self.span.of(cx.source) == "changed").then(|| {
            Diagnostic::new(Code::E0105, cx.file, self.span, "`wait until` takes a condition")
                .label("something that happens")
                .help(format!("write `let $was = {value};` before it, and `wait until {value} != $was;`"))
        })
    }

    /// `if … then {`, `for each $x`, `notify deal.owner, "…"`: something that there is no need for.
    fn superfluous(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        let before = Span::new(self.prev.0, self.prev.2);
        let new = |span, message: &str| Diagnostic::new(Code::E0105, cx.file, span, message);
        match self.kind {
            Token::Name if self.span.of(cx.source) == "then" && (self.expects("{") || self.expects(";")) => {
                let (help, name, text) = if self.follows(Token::BlockOpen) {
                    ("leave it out: the block follows at once", "leave it out", "")
                } else {
                    ("end the statement with `;`", "write `;`", ";")
                };
                let diagnostic = new(self.span, "there is no `then`").label("not a word of the language");
                Some(diagnostic.help(help).fix(name, self.span, text))
            }
            Token::Var if self.first == Token::For && before.of(cx.source) == "each" => Some(
                new(before, "`for` goes through a list without `each`")
                    .label("one word too many")
                    .help(format!("write `for {} in`", self.span.of(cx.source)))
                    .fix("leave it out", Span::new(before.start, self.span.start), ""),
            ),
            Token::Comma if self.first == Token::Verb && self.expects(";") && !self.expects(",") => Some(
                new(self.span, "the parts of an action stand without commas")
                    .label("one comma too many")
                    .help("leave it out; only several values for one part are a list with commas")
                    .fix("leave it out", self.span, ""),
            ),
            _ => None,
        }
    }

    /// `elif`, `when deal stage Won {`, `on deal.stage == Won`: another word is meant.
    fn other_word(&self, cx: &Cx<'_>) -> Option<Diagnostic> {
        let new = |span, message: String| Diagnostic::new(Code::E0105, cx.file, span, message);
        let text = self.span.of(cx.source);
        if self.kind == Token::Name && matches!(text, "elif" | "elseif" | "elsif") && self.expects("let") {
            return Some(
                new(self.span, format!("there is no `{text}`"))
                    .label("not a word of the language")
                    .help("write `else if`, directly after the block")
                    .fix("write `else if`", self.span, "else if"),
            );
        }
        if self.kind == Token::BlockOpen && self.first == Token::When && self.expects(";") {
            let word = Span::new(self.statement, self.statement.saturating_add(4));
            return Some(
                new(word, "a rule begins with `on`".to_owned())
                    .label("`when` lets something happen in a test")
                    .help("write `on` and what sets the rule off")
                    .fix("write `on`", word, "on"),
            );
        }
        let compares = matches!(self.kind, Token::EqEq | Token::Assign | Token::Ne | Token::Gt | Token::Ge | Token::Le);
        (compares && matches!(self.first, Token::On | Token::Rule) && self.prev.1 != Token::Text).then(|| {
            new(self.span, format!("what sets a rule off is no condition: `{text}` cannot stand here"))
                .label("a comparison in a trigger")
                .help("write what happens, such as `on deal stage Won`, and then `if` and a condition")
        })
    }
}
