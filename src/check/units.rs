//! What is known of amounts and lengths of time beside their type: the currency, and whether there are hours in it.

use super::context::Checker;
use super::typed::{Expr, ExprKind, How, Local, LocalId, Op};
use crate::catalog::Func;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Entity, Field, Schema, Type};
use crate::value::{Currency, Value};
use chrono::NaiveTime;

/// Says whose amounts have which currency, as far as the script and `crm.toml` fix it.
#[derive(Clone, Copy)]
struct Currencies<'a> {
    schema: &'a Schema,
    locals: &'a [Local],
}

impl<'a> Currencies<'a> {
    /// The field that an expression reads.
    fn field(self, e: &Expr) -> Option<&'a Field> {
        let ExprKind::Field(base, name) = &e.kind else { return None };
        self.schema.entity_of(&base.ty)?.field(name)
    }

    /// The currency of an amount, or of all amounts of a list.
    fn of(self, e: &Expr) -> Option<Currency> {
        let of = |e: &Expr| self.of(e);
        match &e.kind {
            ExprKind::Const(Value::Money(money)) => Some(money.currency),
            ExprKind::Field(..) => self.field(e)?.currency,
            ExprKind::Local(id) => self.locals.get(usize::from(id.0))?.currency,
            ExprKind::Call(Func::Exchange, args) => match args.as_slice() {
                [_, Expr { kind: ExprKind::Const(Value::Text(code)), .. }] => code.parse().ok(),
                _ => None,
            },
            ExprKind::Call(Func::Round | Func::Abs | Func::First | Func::Last, args) => args.first().and_then(of),
            ExprKind::Call(Func::Min | Func::Max | Func::Sum | Func::Avg, args) | ExprKind::List(args) => {
                let mut all = args.iter().map(of);
                let first = all.next().flatten();
                first.filter(|_| all.all(|other| other == first))
            }
            ExprKind::Neg(inner) => self.of(inner),
            // The sum of amounts has the currency of either, a product that of the one that is an amount.
            ExprKind::Binary(Op::Add | Op::Sub | Op::Mul, a, b) => self.of(a).or_else(|| self.of(b)),
            ExprKind::Binary(Op::Div, a, b) if *b.ty.present() != Type::Money => self.of(a),
            ExprKind::Default(a, b) if matches!(&b.kind, ExprKind::List(items) if items.is_empty()) => self.of(a),
            ExprKind::Default(a, b) => self.of(a).filter(|first| self.of(b) == Some(*first)),
            ExprKind::Each(each) => match (each.how, &each.part) {
                (How::Filter | How::Sort | How::SortBy, _) => self.of(&each.list),
                (How::Map, Some(part)) => self.of(part),
                (How::Map, None) | (How::Count | How::Any | How::All, _) => None,
            },
            ExprKind::Binary(..)
            | ExprKind::Const(_)
            | ExprKind::Call(..)
            | ExprKind::Error
            | ExprKind::Record
            | ExprKind::Event
            | ExprKind::Now
            | ExprKind::Today
            | ExprKind::Not(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::IsEmpty(_)
            | ExprKind::Invoke(..)
            | ExprKind::Text(_)
            | ExprKind::Format(..)
            | ExprKind::Find(_)
            | ExprKind::Named(_) => None,
        }
    }
}

/// How a length of time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// By the calendar and the clock.
    Usual,
    /// In days on which people work.
    WorkingDays,
    /// In hours in which people work.
    WorkingTime,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Usual => "time of the calendar",
            Self::WorkingDays => "working days",
            Self::WorkingTime => "working hours",
        }
    }

    /// How this length is counted, where the script fixes it and it is of one kind.
    fn of(e: &Expr) -> Option<Self> {
        match &e.kind {
            ExprKind::Const(Value::Period(p)) => match (p.is_working(), p.months == 0 && p.days == 0 && p.minutes == 0)
            {
                (false, _) => Some(Self::Usual),
                (true, true) if p.work_minutes == 0 => Some(Self::WorkingDays),
                (true, true) if p.work_days == 0 => Some(Self::WorkingTime),
                (true, _) => None,
            },
            ExprKind::Neg(inner) => Self::of(inner),
            ExprKind::Binary(Op::Sub, a, b) if is_moment(a) && is_moment(b) => Some(Self::Usual),
            ExprKind::Binary(Op::Add | Op::Sub, a, b) => Self::of(a).filter(|first| Self::of(b) == Some(*first)),
            ExprKind::Binary(Op::Mul, a, b) => Self::of(a).or_else(|| Self::of(b)),
            _ => None,
        }
    }
}

fn is_moment(e: &Expr) -> bool {
    matches!(e.ty.present(), Type::Date | Type::DateTime)
}

impl Checker<'_> {
    /// Reports a comparison of lengths of time of which nobody can say which is longer. Says whether it did.
    pub(super) fn other_measure(&mut self, left: &Expr, right: &Expr) -> bool {
        let (Some(x), Some(y)) = (Measure::of(left), Measure::of(right)) else { return false };
        if x == y || *left.ty.present() != Type::Duration {
            return false;
        }
        let diagnostic = self
            .error(Code::E0302, right.span, format!("{} and {} cannot be compared", x.name(), y.name()))
            .label(format!("counted in {}", y.name()))
            .because(self.file, left.span, format!("counted in {}", x.name()))
            .help("how long working time takes depends on when it begins: compare moments, as in `now > $from + 5wd`");
        self.report(diagnostic);
        true
    }

    /// Reports arithmetic that can only fail: with two currencies, or with hours on a day. Says whether it did.
    pub(super) fn cannot_go_together(&mut self, op: Op, left: &Expr, right: &Expr) -> bool {
        self.two_currencies(op, left, right) || self.hours_on_a_day(left, right)
    }

    fn two_currencies(&mut self, op: Op, left: &Expr, right: &Expr) -> bool {
        let done = match op {
            Op::Add => "added",
            Op::Sub => "subtracted",
            Op::Div if *right.ty.present() == Type::Money => "divided",
            Op::Div | Op::Mul | Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => return false,
            Op::In | Op::Contains | Op::StartsWith | Op::EndsWith => return false,
        };
        let (Some(x), Some(y)) = (self.currency_of(left), self.currency_of(right)) else { return false };
        if x == y {
            return false;
        }
        let diagnostic = self
            .error(Code::E0304, right.span, format!("amounts in {x} and {y} cannot be {done}"))
            .label(format!("this is {y}"))
            .because(self.file, left.span, format!("this is {x}"));
        let diagnostic = self.exchanged(diagnostic, right, y, x);
        self.report(diagnostic);
        true
    }

    /// Adds how the amount becomes one in another currency, if there is a rate.
    fn exchanged(&self, diagnostic: Diagnostic, amount: &Expr, from: Currency, to: Currency) -> Diagnostic {
        if let Some(lacking) = self.without_rate(from, to) {
            return diagnostic.help(format!("there is no rate for {lacking} in crm.toml, so write the amount in {to}"));
        }
        if *amount.ty.present() != Type::Money {
            return diagnostic
                .help(format!("write the amounts in {to}, or turn each into one with `exchange(…, {to})`"));
        }
        let exchanged = format!("exchange({}, {to})", self.text_of(amount.span));
        diagnostic.help(format!("turn one into the other with `{exchanged}`")).fix(
            format!("write `{exchanged}`"),
            amount.span,
            exchanged,
        )
    }

    /// The currency of an amount, where the script or `crm.toml` fixes it.
    pub(super) fn currency_of(&self, e: &Expr) -> Option<Currency> {
        Currencies { schema: self.schema, locals: &self.locals }.of(e)
    }

    /// The one of two different currencies that has no rate.
    fn without_rate(&self, x: Currency, y: Currency) -> Option<Currency> {
        [x, y].into_iter().find(|c| x != y && !self.schema.has_rate(*c))
    }

    /// Reports a comparison of amounts that can never be true, for want of a rate. Says whether it did.
    pub(super) fn no_rate(&mut self, left: &Expr, right: &Expr) -> bool {
        let (Some(x), Some(y)) = (self.currency_of(left), self.currency_of(right)) else { return false };
        let Some(lacking) = self.without_rate(x, y) else { return false };
        let diagnostic = self
            .error(Code::E0309, right.span, format!("amounts in {x} and {y} cannot be compared"))
            .label(format!("this is {y}"))
            .because(self.file, left.span, format!("this is {x}"))
            .help(format!(
                "say in crm.toml what one {lacking} is worth, under `[currencies]`, or compare amounts of one currency"
            ));
        self.report(diagnostic);
        true
    }

    /// Reports an `exchange` that can only fail, for want of a rate. Says whether it did.
    pub(super) fn cannot_exchange(&mut self, args: &[Expr]) -> bool {
        let [amount, Expr { kind: ExprKind::Const(Value::Text(code)), .. }] = args else { return false };
        let (Some(from), Ok(to)) = (self.currency_of(amount), code.parse()) else { return false };
        let Some(lacking) = self.without_rate(from, to) else { return false };
        let diagnostic = self
            .error(Code::E0309, amount.span, format!("amounts in {from} cannot be exchanged for {to}"))
            .label(format!("this is {from}"))
            .help(format!("say in crm.toml what one {lacking} is worth, under `[currencies]`"));
        self.report(diagnostic);
        true
    }

    /// Reports an amount for a field that is kept in another currency. Says whether it did.
    pub(super) fn other_currency(&mut self, entity: &Entity, field: &Field, value: &Expr) -> bool {
        let (Some(own), Some(given)) = (field.currency, self.currency_of(value)) else { return false };
        if own == given {
            return false;
        }
        let name = format!("{}.{}", entity.name, field.name);
        let diagnostic = self
            .error(Code::E0304, value.span, format!("`{name}` is kept in {own}, and this is {given}"))
            .label(format!("this is {given}"));
        let diagnostic = match field.place {
            Some((file, span)) => diagnostic.because(file, span, format!("kept in {own}")),
            None => diagnostic,
        };
        let diagnostic = self.exchanged(diagnostic, value, given, own);
        self.report(diagnostic);
        true
    }

    /// Reports amounts of two currencies among those that are added up. Says whether it did.
    pub(super) fn sum_of_two(&mut self, func: Func, args: &[Expr]) -> bool {
        let items = match args {
            [Expr { kind: ExprKind::List(items), .. }] => items,
            args => args,
        };
        if !matches!(func, Func::Sum | Func::Avg) {
            return false;
        }
        let first = items.iter().find(|item| self.currency_of(item).is_some());
        first.is_some_and(|first| items.iter().any(|item| self.two_currencies(Op::Add, first, item)))
    }

    /// The variable has another currency from here on, or one that is not known.
    pub(super) fn note_currency(&mut self, id: LocalId, currency: Option<Currency>) {
        if let Some(local) = self.locals.get_mut(usize::from(id.0)) {
            local.currency = currency;
        }
    }

    /// A day has no time, so hours cannot be added to it.
    fn hours_on_a_day(&mut self, left: &Expr, right: &Expr) -> bool {
        for (day, period) in [(left, right), (right, left)] {
            if let (Type::Date, ExprKind::Const(Value::Period(length))) = (day.ty.present(), &period.kind)
                && (length.minutes != 0 || length.work_minutes != 0)
            {
                let text = self.text_of(day.span);
                let diagnostic = self
                    .error(Code::E0303, period.span, "hours and minutes cannot be added to a day")
                    .label("not a whole number of days")
                    .because(self.file, day.span, "a day, without a time")
                    .help(format!("add days, or say from when the hours count: `at({text}, 09:00)`"))
                    .fix(format!("write `at({text}, 09:00)`"), day.span, format!("at({text}, 09:00)"));
                self.report(diagnostic);
                return true;
            }
        }
        false
    }

    /// A date where a moment is wanted is its midnight.
    pub(super) fn midnight(&self, date: Expr) -> Expr {
        let Expr { span, ty, kind } = date;
        let moment = if ty.is_optional() { Type::DateTime.optional() } else { Type::DateTime };
        let kind = match kind {
            ExprKind::Const(Value::Date(date)) => ExprKind::Const(Value::DateTime(self.schema.calendar.midnight(date))),
            kind => {
                let time = ExprKind::Const(Value::Time(NaiveTime::MIN));
                let time = Expr { span, ty: Type::Time, kind: time };
                ExprKind::Call(Func::At, vec![Expr { span, ty, kind }, time])
            }
        };
        Expr { span, ty: moment, kind }
    }
}
