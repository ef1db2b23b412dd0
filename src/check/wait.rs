//! Waits: what for, until when, and how they can end.

use super::context::{Checker, Root};
use super::facts::facts_of;
use super::flow::until_over;
use super::typed::{Expr, ExprKind, Wait, WaitKind};
use super::visit;
use crate::catalog;
use crate::diagnostics::{Code, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, TriggerPart};
use crate::value::Name;

impl Checker<'_> {
    /// Checks a wait; `keep` is the variable that gets its outcome.
    pub(super) fn wait(&mut self, wait: &ast::Wait, keep: Option<Span>) -> Option<Wait> {
        let migrations = std::mem::take(&mut self.migrations);
        let (kind, limit) = match &wait.kind {
            ast::WaitKind::Period(e) => (WaitKind::Time(self.limit(e)?), None),
            ast::WaitKind::Until { cond, limit } => self.until(cond, limit.as_ref())?,
            ast::WaitKind::For { what, limit, comment } => {
                if let Some(comment) = comment {
                    self.text(comment, None);
                }
                let limit = limit.as_ref().map(|e| self.limit(e));
                if limit.as_ref().is_some_and(Option::is_none) {
                    return None;
                }
                (self.awaited(wait.span, what, keep)?, limit.flatten())
            }
        };
        let mut possible: Vec<&'static str> = match &kind {
            WaitKind::Time(_) => vec!["reached"],
            WaitKind::Until { stages: true, .. } => vec!["reached", "final"],
            WaitKind::Until { stages: false, .. } => vec!["reached"],
            WaitKind::Event { name, .. } if &**name == "activity" => vec!["activity"],
            WaitKind::Event { .. } => vec!["reached"],
            WaitKind::Ask(ask) if ask.approval => vec!["approved", "rejected"],
            WaitKind::Ask(_) => vec!["reached"],
        };
        if limit.is_some() {
            possible.push("timeout");
        }
        let reached = match &kind {
            WaitKind::Until { cond, .. } => facts_of(cond, true),
            WaitKind::Time(_) | WaitKind::Event { .. } | WaitKind::Ask(_) => Vec::new(),
        };
        self.time_passes(wait.span);
        let outcome = keep.map(|name| self.declare(name, Type::Outcome));
        let (cases, otherwise) = match &wait.cases {
            Some(body) => self.outcomes(wait, body, &possible, &reached),
            None => (Vec::new(), Vec::new()),
        };
        // After a wait that can only end by its condition, the condition's facts hold.
        if possible == ["reached"] {
            self.facts.extend(reached);
        }
        if let Some(id) = outcome {
            self.kept.push((id, possible.clone()));
        }
        Some(Wait { span: wait.span, migrations, kind, limit, outcome, possible, cases, otherwise })
    }

    /// A period, a date or a moment.
    fn limit(&mut self, e: &ast::Expr) -> Option<Expr> {
        let limit = self.leniently(|c| c.expr(e, None));
        match limit.ty.present() {
            Type::Duration | Type::Date | Type::DateTime if limit.ty.is_optional() => {
                self.may_be_missing(&limit);
                None
            }
            Type::Duration | Type::Date | Type::DateTime => Some(limit),
            Type::Error => None,
            Type::Bool => {
                let diagnostic = self
                    .error(Code::E0504, e.span, "a condition is waited for with `until`")
                    .label("this is a condition")
                    .help(format!("write `wait until {}`", self.text_of(e.span)));
                self.report(diagnostic);
                None
            }
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0504, e.span, format!("{ty} is not a time"))
                    .label(format!("this is {ty}"))
                    .help("write a duration such as `3d`, a date, or a moment");
                self.report(diagnostic);
                None
            }
        }
    }

    /// `wait until cond or limit`, also where the limit is a variable or a field, and `wait until moment`.
    fn until(&mut self, cond: &ast::Expr, limit: Option<&ast::Expr>) -> Option<(WaitKind, Option<Expr>)> {
        let (cond, limit) = match (&cond.kind, limit) {
            (ast::ExprKind::Binary(BinaryOp::Or, sides), None)
                if sides.last().is_some_and(|e| self.looks_like_time(e)) =>
            {
                let [left, right] = &**sides;
                (left, Some(right))
            }
            (_, limit) => (cond, limit),
        };
        let limit = match limit {
            Some(e) => Some(self.limit(e)?),
            None => None,
        };
        let typed = self.leniently(|c| c.expr(cond, None));
        match typed.ty.present() {
            Type::Error => None,
            // With a mistake in it, nobody knows how it can end.
            Type::Bool if visit::any_expr(&typed, &mut |e| e.ty == Type::Error) => None,
            Type::Bool => {
                let stages = self.can_get_stuck(&typed, true);
                Some((WaitKind::Until { cond: typed, stages }, limit))
            }
            Type::Date | Type::DateTime if limit.is_none() && typed.ty.is_optional() => {
                self.may_be_missing(&typed);
                None
            }
            Type::Date | Type::DateTime if limit.is_none() => Some((WaitKind::Time(typed), None)),
            Type::Date | Type::DateTime => {
                let diagnostic = self
                    .error(Code::E0504, cond.span, "a moment needs no limit")
                    .label("this comes for certain")
                    .help("wait for one of the two, or compare: `wait until now >= … or 3d`");
                self.report(diagnostic);
                None
            }
            Type::Duration => {
                let text = self.text_of(cond.span);
                let diagnostic = self
                    .error(Code::E0504, cond.span, "a duration is waited for without `until`")
                    .label("this is a length of time")
                    .help(format!("write `wait {text};`"));
                self.report(diagnostic);
                None
            }
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0307, cond.span, "a wait needs a condition or a moment")
                    .label(format!("this is {ty}"))
                    .help(format!("compare it, as in `{} == …`", self.text_of(cond.span)));
                self.report(diagnostic);
                None
            }
        }
    }

    /// Whether the right side of an `or` is a time rather than a condition. Looks only, reports nothing.
    fn looks_like_time(&mut self, e: &ast::Expr) -> bool {
        let (reported, index) = (self.out.len(), self.index.take());
        let ty = self.leniently(|c| c.expr(e, None)).ty;
        self.out.truncate(reported);
        self.index = index;
        matches!(ty.present(), Type::Duration | Type::Date | Type::DateTime)
    }

    /// Reports `wait for 3d` and the like.
    fn no_event(&mut self, what: &ast::Trigger) {
        let text = self.text_of(what.span);
        let diagnostic = self
            .error(Code::E0504, what.span, "nobody can wait for this")
            .label("not an event")
            .help(format!("a period is waited for with `wait {text}`, an event with `wait for email received`"));
        self.report(diagnostic);
    }

    /// `wait for activity from client`, `wait for email opened from contact`
    fn awaited(&mut self, span: Span, what: &ast::Trigger, keep: Option<Span>) -> Option<WaitKind> {
        let words: Vec<&str> = what
            .parts
            .iter()
            .map_while(|part| match part {
                TriggerPart::Atom(e) if e.kind == ast::ExprKind::Name => Some(self.text_of(e.span)),
                _ => None,
            })
            .collect();
        if let Some(&word @ ("approval" | "answer")) = words.first() {
            return self.ask(what, word, keep).map(|ask| WaitKind::Ask(Box::new(ask)));
        }
        if let [TriggerPart::Atom(e)] = what.parts.as_slice()
            && e.kind == ast::ExprKind::Var
        {
            let run = self.expr(e, None);
            if *run.ty.present() == Type::Run {
                return Some(WaitKind::Until { cond: until_over(run), stages: false });
            }
            if run.ty == Type::Error {
                return None;
            }
        }
        if words.is_empty() {
            self.no_event(what);
            return None;
        }
        let mut name = words.join(" ");
        let mut rest = what.parts.get(words.len()..).unwrap_or(&[]);
        if let ([word], [TriggerPart::Atom(ast::Expr { kind: ast::ExprKind::Text(text), .. }), after @ ..]) =
            (words.as_slice(), rest)
            && let Some(source) = catalog::named_source(word)
            && let Some(text) = self.constant_text(text)
        {
            let place = what.parts.get(words.len()).map_or(what.span, |part| match part {
                TriggerPart::Atom(e) => e.span,
                TriggerPart::Prep(_) | TriggerPart::Comma | TriggerPart::Or | TriggerPart::And => what.span,
            });
            if !self.is_source(source, &text, place) {
                return None;
            }
            name = catalog::named_event(source, &text);
            rest = after;
        } else if name != "activity" && catalog::event_spec(&name).is_none() {
            self.no_such_event(what.span, &name);
            return None;
        }
        let about = self.whose(span, what, &name, rest)?;
        Some(WaitKind::Event { name: Name::from(name), about })
    }

    /// The records whose events count.
    fn whose(&mut self, span: Span, what: &ast::Trigger, name: &str, rest: &[TriggerPart]) -> Option<Vec<Expr>> {
        Some(match rest {
            [] if matches!(self.root, Root::Function | Root::Flow) => {
                self.about_nobody(what.span, name);
                return None;
            }
            [] => self.own_record(span),
            [TriggerPart::Prep(arg)] if self.text_of(arg.prep) == "from" && arg.atoms.is_empty() => {
                let mut about = Vec::new();
                for value in &arg.values {
                    let record = self.leniently(|c| c.expr(value, None));
                    match record.ty.present() {
                        Type::Entity(_) => about.push(record),
                        Type::Error => return None,
                        other => {
                            let ty = self.type_name(other);
                            let diagnostic = self
                                .error(Code::E0301, value.span, format!("expected a record, found {ty}"))
                                .label(format!("this is {ty}"))
                                .help("write who it comes from, such as `client` or `contact`");
                            self.report(diagnostic);
                            return None;
                        }
                    }
                }
                // What the customer does may be recorded with the customer or with the record the rule is about.
                about.extend(self.own_record(span));
                about
            }
            _ => {
                let diagnostic = self
                    .error(Code::E0504, what.span, format!("`{name}` takes only `from` and a limit here"))
                    .label("more than that")
                    .help(format!("write `wait for {name} from client or 3d`"));
                self.report(diagnostic);
                return None;
            }
        })
    }

    fn no_such_event(&mut self, span: Span, name: &str) {
        let near = crate::diagnostics::did_you_mean(name, catalog::EVENTS.iter().map(|e| e.name));
        let label = near.map_or_else(|| "unknown event".to_owned(), |near| format!("did you mean `{near}`?"));
        let first = |name: &str| name.split(' ').next().map(str::to_owned);
        let of_first: Vec<&str> = catalog::EVENTS.iter().map(|e| e.name).filter(|n| first(n) == first(name)).collect();
        let help = if name.contains("unreplied") {
            "silence is the end of a wait for a reply: write `wait for email received from client or 2d`, and look at its \
             `case timeout`"
                .to_owned()
        } else if catalog::named_source(name).is_some() {
            format!("say which one: `wait for {name} \"name\"`")
        } else if of_first.is_empty() {
            "write `wait for activity from client`, an event such as `wait for email received`, or a condition with `wait until …`".to_owned()
        } else {
            format!("there are {}", one_of(of_first, 8))
        };
        let diagnostic = self.error(Code::E0504, span, format!("nobody can wait for `{name}`")).label(label).help(help);
        self.report(diagnostic);
    }

    fn about_nobody(&mut self, span: Span, name: &str) {
        let diagnostic = self
            .error(Code::E0504, span, "in a function a wait must say whom it is about")
            .label("a function has no record of its own")
            .help(format!("write `wait for {name} from $client or 3d`, where `$client` is a parameter"));
        self.report(diagnostic);
    }

    /// The record that the rule is about, if it is about one.
    fn own_record(&self, span: Span) -> Vec<Expr> {
        match self.root {
            Root::Record(id) => {
                vec![Expr { span, ty: Type::Entity(id), kind: ExprKind::Record }]
            }
            Root::Event | Root::Function | Root::Flow | Root::Test | Root::None => Vec::new(),
        }
    }
}
