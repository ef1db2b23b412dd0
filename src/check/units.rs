//! What is known of amounts and lengths of time beside their type: the currency, and whether there are hours in it.

use super::context::Checker;
use super::typed::{Expr, ExprKind, Op};
use crate::catalog::Func;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::value::{Currency, Value};
use chrono::NaiveTime;

/// The currency of an amount, where the script fixes it.
pub(super) fn currency_of(e: &Expr) -> Option<Currency> {
    match &e.kind {
        ExprKind::Const(Value::Money(money)) => Some(money.currency),
        ExprKind::Call(Func::Exchange, args) => match args.as_slice() {
            [_, Expr { kind: ExprKind::Const(Value::Text(code)), .. }] => code.parse().ok(),
            _ => None,
        },
        ExprKind::Call(Func::Round | Func::Abs, args) => args.first().and_then(currency_of),
        ExprKind::Call(Func::Min | Func::Max | Func::Sum | Func::Avg, args) | ExprKind::List(args) => {
            let mut all = args.iter().map(currency_of);
            let first = all.next().flatten();
            first.filter(|_| all.all(|other| other == first))
        }
        ExprKind::Neg(inner) => currency_of(inner),
        // The sum of amounts has the currency of either, a product that of the one that is an amount.
        ExprKind::Binary(Op::Add | Op::Sub | Op::Mul, a, b) => currency_of(a).or_else(|| currency_of(b)),
        ExprKind::Binary(Op::Div, a, b) if *b.ty.present() != Type::Money => currency_of(a),
        ExprKind::Default(a, b) => currency_of(a).filter(|first| currency_of(b) == Some(*first)),
        ExprKind::Binary(..)
        | ExprKind::Const(_)
        | ExprKind::Call(..)
        | ExprKind::Error
        | ExprKind::Local(_)
        | ExprKind::Record
        | ExprKind::Event
        | ExprKind::Now
        | ExprKind::Today
        | ExprKind::Field(..)
        | ExprKind::Not(_)
        | ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::IsEmpty(_)
        | ExprKind::Invoke(..)
        | ExprKind::Text(_)
        | ExprKind::Format(..)
        | ExprKind::Each(_)
        | ExprKind::Find(_)
        | ExprKind::Named(_) => None,
    }
}

impl Checker<'_> {
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
        let (Some(x), Some(y)) = (currency_of(left), currency_of(right)) else { return false };
        if x == y {
            return false;
        }
        let text = self.text_of(right.span);
        let exchanged = format!("exchange({text}, {x})");
        let diagnostic = self
            .error(Code::E0304, right.span, format!("amounts in {x} and {y} cannot be {done}"))
            .label(format!("this is {y}"))
            .because(self.file, left.span, format!("this is {x}"))
            .help(format!("turn one into the other with `{exchanged}`"))
            .fix(format!("write `{exchanged}`"), right.span, exchanged);
        self.report(diagnostic);
        true
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
