//! One rule: trigger, clauses, body.

use super::context::Checker;
use super::facts::facts_of;
use super::special::Setting;
use super::trigger::{Found, Selector};
use super::trigger_parts::Parts;
use super::typed::{Change, Expr, ExprKind, Op, Origin, Reentry, Rule, Trigger};
use crate::diagnostics::{Code, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, ClauseKind};
use crate::value::{Period, Value};

const ORIGINS: [(&str, Origin); 4] =
    [("user", Origin::User), ("api", Origin::Api), ("import", Origin::Import), ("rule", Origin::Rule)];

/// The clauses of a rule, put together.
struct Clauses {
    condition: Option<Expr>,
    lifetime: Option<Expr>,
    reentry: Reentry,
    origins: Vec<Origin>,
}

impl Checker<'_> {
    /// Checks a rule, which may be a schedule; `None` when its trigger cannot be understood, because then nothing is in
    /// scope.
    pub(super) fn rule(&mut self, span: Span, rule: &ast::Rule, every: bool) -> Option<Rule> {
        let name = rule.name.as_ref().and_then(|text| {
            let name = self.constant_text(text);
            if name.is_none() {
                let diagnostic = self
                    .error(Code::E0402, text.span, "a rule's name is a plain text")
                    .label("this text has a placeholder")
                    .help("names are shown in lists and reports before anything runs");
                self.report(diagnostic);
            }
            name
        });
        let found = if every { self.schedule(&rule.trigger) } else { self.trigger(&rule.trigger) }?;
        self.begin(found.root, found.event.clone());
        let selector = self.selector(&found);
        let clauses = self.scoped(Vec::new(), |c| c.clauses(rule, selector));
        let mut facts = clauses.condition.as_ref().map_or_else(Vec::new, |cond| facts_of(cond, true));
        let lasting = clauses.lifetime.as_ref().map_or_else(Vec::new, |cond| facts_of(cond, true));
        facts.extend(lasting.iter().cloned());
        self.lasting = lasting;
        if let Trigger::Date { field, .. } = &found.trigger {
            facts.push(format!("@.{field}"));
        }
        let chooses = matches!(
            &found.trigger,
            Trigger::Record {
                what: Change::Stage { .. } | Change::Closed { .. } | Change::Fields { to: Some(_), .. },
                ..
            }
        );
        self.setting = Setting {
            deleted: matches!(&found.trigger, Trigger::Record { what: Change::Deleted, .. }),
            chosen: chooses || clauses.condition.is_some(),
            once: matches!(clauses.reentry, Reentry::Once { .. }),
            conditions: 0,
        };
        let body = self.scoped(facts, |c| c.statements(&rule.body.stmts));
        self.check_migrations(&body);
        let head = self.text_of(Span::new(span.start, rule.trigger.span.end));
        let title = name.clone().unwrap_or_else(|| head.split_whitespace().collect::<Vec<_>>().join(" "));
        Some(Rule {
            file: self.file,
            span,
            name,
            title,
            trigger: found.trigger,
            condition: clauses.condition,
            lifetime: clauses.lifetime,
            reentry: clauses.reentry,
            origins: clauses.origins,
            body,
            locals: std::mem::take(&mut self.locals),
        })
    }

    /// `on form submitted "Callback"` is the condition `event.form == "Callback"`, `on deal score increased` is
    /// `event.after default 0 > event.before default 0`.
    fn selector(&self, found: &Found) -> Option<Expr> {
        let (Selector::Is(_, _, span) | Selector::Moved { up: _, span }) = *found.selector.as_ref()?;
        let boxed = |ty, kind| Box::new(Expr { span, ty, kind });
        let member = |ty: Type, name: &str| {
            let event = boxed(self.event.clone(), ExprKind::Event);
            boxed(ty, ExprKind::Field(event, name.into()))
        };
        let score = |name| {
            let zero = boxed(Type::Int, ExprKind::Const(Value::Int(0)));
            boxed(Type::Int, ExprKind::Default(member(Type::Int.optional(), name), zero))
        };
        let (op, left, right) = match found.selector.as_ref()? {
            Selector::Is(name, text, _) => {
                let text = boxed(Type::Text, ExprKind::Const(Value::text(text)));
                (Op::Eq, member(Type::Text.optional(), name), text)
            }
            Selector::Moved { up: true, .. } => (Op::Gt, score("after"), score("before")),
            Selector::Moved { up: false, .. } => (Op::Lt, score("after"), score("before")),
        };
        Some(Expr { span, ty: Type::Bool, kind: ExprKind::Binary(op, left, right) })
    }

    fn clauses(&mut self, rule: &ast::Rule, selector: Option<Expr>) -> Clauses {
        let mut found =
            Clauses { condition: selector, lifetime: None, reentry: Reentry::EachTime, origins: Vec::new() };
        let mut reentry_at: Option<Span> = None;
        let mut origins_at: Option<Span> = None;
        if let Some(names) = Parts::take_origins(&rule.trigger, self) {
            origins_at = names.first().map(|e| e.span);
            found.origins = self.origins(names);
        }
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::If(cond) => {
                    let cond = self.condition(cond);
                    found.condition = Some(match found.condition.take() {
                        Some(first) => and(first, cond),
                        None => cond,
                    });
                    continue;
                }
                ClauseKind::While(cond) => {
                    if found.lifetime.is_some() {
                        self.second_clause(clause.span, "while", clause.span);
                    }
                    let facts = found.condition.as_ref().map_or_else(Vec::new, |c| facts_of(c, true));
                    found.lifetime = Some(self.scoped(facts, |c| c.condition(cond)));
                    continue;
                }
                ClauseKind::From(names) => {
                    if let Some(first) = origins_at.replace(clause.span) {
                        self.second_clause(clause.span, "from", first);
                    }
                    found.origins = self.origins(names);
                    continue;
                }
                ClauseKind::Once { per, within } => {
                    let per = self.leniently(|c| c.expr(per, None));
                    let within = within.as_ref().and_then(|e| self.period(e));
                    if !matches!(per.ty.present(), Type::Entity(_) | Type::User | Type::Error) {
                        let ty = self.type_name(&per.ty);
                        let diagnostic = self
                            .error(Code::E0402, per.span, format!("`once per` needs a record, not {ty}"))
                            .label(format!("this is {ty}"))
                            .help("write a record in scope, as in `once per deal` or `once per client in 7d`");
                        self.report(diagnostic);
                    }
                    found.reentry = Reentry::Once { per, within };
                }
                ClauseKind::EachTime => found.reentry = Reentry::EachTime,
                ClauseKind::OneAtATime => found.reentry = Reentry::OneAtATime,
                ClauseKind::Restart => found.reentry = Reentry::Restart,
            }
            if let Some(first) = reentry_at.replace(clause.span) {
                self.second_clause(clause.span, "once per …, each time, one at a time, restart", first);
            }
        }
        if found.origins.is_empty() {
            found.origins = vec![Origin::User, Origin::Api, Origin::Rule];
        }
        found
    }

    fn second_clause(&mut self, span: Span, what: &str, first: Span) {
        let diagnostic = self
            .error(Code::E0402, span, format!("a rule has only one of `{what}`"))
            .label("one too many")
            .because(self.file, first, "the first is here")
            .help("keep one of them");
        self.report(diagnostic);
    }

    /// A constant period.
    pub(super) fn period(&mut self, e: &ast::Expr) -> Option<Period> {
        match self.constant(e, &Type::Duration) {
            Some(Value::Period(period)) => Some(period),
            _ => None,
        }
    }

    fn origins(&mut self, names: &[ast::Expr]) -> Vec<Origin> {
        let mut found = Vec::new();
        for e in names {
            let name = self.text_of(e.span);
            if let Some((_, origin)) = ORIGINS.iter().find(|(n, _)| *n == name) {
                found.push(*origin);
            } else {
                let diagnostic = self
                    .error(Code::E0402, e.span, format!("`{name}` is not an origin of changes"))
                    .label("unknown origin")
                    .help(format!("origins are {}", one_of(ORIGINS.iter().map(|(n, _)| *n), 4)));
                self.report(diagnostic);
            }
        }
        found
    }
}

fn and(a: Expr, b: Expr) -> Expr {
    Expr { span: a.span.to(b.span), ty: Type::Bool, kind: ExprKind::And(Box::new(a), Box::new(b)) }
}
