//! Reading a trigger's parts one after the other.

use super::context::Checker;
use super::typed::Repeat;
use crate::diagnostics::Code;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Lit, TriggerPart};
use crate::value::Period;

/// The parts of a trigger that have not been understood yet.
pub(super) struct Parts<'t> {
    rest: &'t [TriggerPart],
    whole: Span,
}

impl<'t> Parts<'t> {
    pub(super) fn new(_checker: &Checker<'_>, trigger: &'t ast::Trigger) -> Self {
        Self { rest: &trigger.parts, whole: trigger.span }
    }

    /// The place of what comes next, or the end.
    pub(super) fn span(&self) -> Span {
        match self.rest.first() {
            Some(TriggerPart::Atom(e)) => e.span,
            Some(TriggerPart::Prep(arg)) => arg.prep,
            Some(TriggerPart::Comma | TriggerPart::Or | TriggerPart::And) | None => self.whole,
        }
    }

    fn next(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or(&[]);
    }

    /// The next part, if it is a value or word.
    pub(super) fn atom(&mut self) -> Option<&'t ast::Expr> {
        let Some(TriggerPart::Atom(e)) = self.rest.first() else { return None };
        self.next();
        Some(e)
    }

    fn peek(&self) -> Option<&'t ast::Expr> {
        match self.rest.first() {
            Some(TriggerPart::Atom(e)) => Some(e),
            _ => None,
        }
    }

    /// The next part, if it is a bare word.
    pub(super) fn word<'c>(&mut self, checker: &Checker<'c>) -> Option<(&'c str, Span)> {
        let e = self.peek().filter(|e| e.kind == ExprKind::Name)?;
        self.next();
        Some((checker.text_of(e.span), e.span))
    }

    /// Whether what comes next could not be read, which is reported already.
    pub(super) fn is_broken(&self) -> bool {
        self.peek().is_some_and(|e| e.kind == ExprKind::Error)
    }

    pub(super) fn peek_word<'c>(&self, checker: &Checker<'c>) -> Option<&'c str> {
        self.peek().filter(|e| e.kind == ExprKind::Name).map(|e| checker.text_of(e.span))
    }

    /// `or word`
    pub(super) fn or_word(&mut self, checker: &Checker<'_>, word: &str) -> bool {
        let [TriggerPart::Or, TriggerPart::Atom(e), ..] = self.rest else { return false };
        let found = e.kind == ExprKind::Name && checker.text_of(e.span) == word;
        if found {
            self.rest = self.rest.get(2..).unwrap_or(&[]);
        }
        found
    }

    pub(super) fn comma(&mut self) -> bool {
        let found = matches!(self.rest.first(), Some(TriggerPart::Comma));
        if found {
            self.next();
        }
        found
    }

    /// The next part, if it is a duration.
    pub(super) fn duration(&mut self, checker: &Checker<'_>) -> Option<(Period, Span)> {
        let e = self.peek().filter(|e| e.kind == ExprKind::Lit(Lit::Duration))?;
        self.next();
        Some((checker.text_of(e.span).parse().unwrap_or(Period::ZERO), e.span))
    }

    /// The next part, if it is a path such as `deal.close_date`.
    pub(super) fn path(&mut self) -> Option<&'t ast::Expr> {
        self.peek().filter(|e| matches!(e.kind, ExprKind::Field { .. }))?;
        self.atom()
    }

    /// The next part, if it is a text without placeholders.
    pub(super) fn text(&mut self, checker: &Checker<'_>) -> Option<(String, Span)> {
        let Some(ast::Expr { span, kind: ExprKind::Text(text) }) = self.peek() else { return None };
        let found = checker.constant_text(text)?;
        self.next();
        Some((found, *span))
    }

    /// The value of this preposition, if it comes next.
    pub(super) fn prep(&mut self, checker: &Checker<'_>, prep: &str) -> Option<&'t ast::Expr> {
        let Some(TriggerPart::Prep(arg)) = self.rest.first() else { return None };
        let [value] = arg.values.as_slice() else { return None };
        if checker.text_of(arg.prep) != prep || !arg.atoms.is_empty() {
            return None;
        }
        self.next();
        Some(value)
    }

    /// The values of this preposition, if it comes next.
    pub(super) fn preps(&mut self, checker: &Checker<'_>, prep: &str) -> &'t [ast::Expr] {
        match self.rest.first() {
            Some(TriggerPart::Prep(arg)) if checker.text_of(arg.prep) == prep && arg.atoms.is_empty() => {
                self.next();
                &arg.values
            }
            _ => &[],
        }
    }

    /// `at 09:00`, `monthly`, both in either order: the time of day and how often. The reader of triggers hangs a word
    /// that follows a preposition on it.
    pub(super) fn timing(&mut self, checker: &Checker<'_>) -> (Option<&'t ast::Expr>, Repeat) {
        let mut at = None;
        let mut repeat = None;
        loop {
            match self.rest.first() {
                Some(TriggerPart::Atom(word)) if repeat.is_none() => {
                    let Some(found) = repetition(checker, word) else { break };
                    repeat = Some(found);
                }
                Some(TriggerPart::Prep(arg)) if at.is_none() && checker.text_of(arg.prep) == "at" => {
                    match (arg.values.as_slice(), arg.atoms.as_slice()) {
                        ([time], []) => at = Some(time),
                        ([time], [word]) if repeat.is_none() => {
                            let Some(found) = repetition(checker, word) else { break };
                            (at, repeat) = (Some(time), Some(found));
                        }
                        _ => break,
                    }
                }
                _ => break,
            }
            self.next();
        }
        (at, repeat.unwrap_or(Repeat::Once))
    }

    /// `and word`
    pub(super) fn and_word(&mut self, checker: &Checker<'_>, word: &str) -> bool {
        let [TriggerPart::And, TriggerPart::Atom(e), ..] = self.rest else { return false };
        let found = e.kind == ExprKind::Name && checker.text_of(e.span) == word;
        if found {
            self.rest = self.rest.get(2..).unwrap_or(&[]);
        }
        found
    }

    /// Whether only the origins of the change follow.
    pub(super) fn is_origins(&self, checker: &Checker<'_>) -> bool {
        matches!(self.rest, [last] if origins(last, checker).is_some_and(|names| names.iter().any(|e| is_origin(checker, e))))
    }

    /// The whole trigger.
    pub(super) fn whole(&self) -> Span {
        self.whole
    }

    /// `from user, api` at the end of a trigger.
    pub(super) fn take_origins(trigger: &'t ast::Trigger, checker: &Checker<'_>) -> Option<&'t [ast::Expr]> {
        // A word that is no origin may be the value of a field: `changed source from Call`.
        let changed = |part: &TriggerPart| matches!(part, TriggerPart::Atom(e) if checker.text_of(e.span) == "changed");
        let names = trigger.parts.last().and_then(|last| origins(last, checker))?;
        let is_value = trigger.parts.iter().any(changed) && !names.iter().any(|e| is_origin(checker, e));
        (!is_value).then_some(names)
    }

    /// Leaves the rest alone.
    pub(super) fn skip(&mut self) {
        self.rest = &[];
    }

    /// Reports what is left, if anything is.
    pub(super) fn done(&self, checker: &mut Checker<'_>) -> Option<()> {
        match self.rest {
            [] => return Some(()),
            [last] if origins(last, checker).is_some() => return Some(()),
            _ => {}
        }
        let diagnostic = checker
            .error(Code::E0401, self.span(), "the trigger is complete before this")
            .label("this does not belong to it")
            .help("conditions follow as `if …`, the block as `{ … }`");
        checker.report(diagnostic);
        None
    }
}

fn repetition(checker: &Checker<'_>, word: &ast::Expr) -> Option<Repeat> {
    match (&word.kind, checker.text_of(word.span)) {
        (ExprKind::Name, "monthly") => Some(Repeat::Monthly),
        (ExprKind::Name, "yearly") => Some(Repeat::Yearly),
        _ => None,
    }
}

/// The bare words after `from`.
fn origins<'t>(part: &'t TriggerPart, checker: &Checker<'_>) -> Option<&'t [ast::Expr]> {
    match part {
        TriggerPart::Prep(arg)
            if checker.text_of(arg.prep) == "from"
                && arg.atoms.is_empty()
                && arg.values.iter().all(|v| v.kind == ExprKind::Name) =>
        {
            Some(&arg.values)
        }
        _ => None,
    }
}

fn is_origin(checker: &Checker<'_>, e: &ast::Expr) -> bool {
    e.kind == ExprKind::Name && matches!(checker.text_of(e.span), "user" | "api" | "import" | "rule")
}
