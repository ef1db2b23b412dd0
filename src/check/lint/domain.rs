//! Sets of values, as far as conditions describe them: listed values, values left out, and bounds.
//!
//! A set may be larger than what is really possible, never smaller; so "empty" can be trusted, "not empty" cannot.

use crate::check::typed::Op;
use crate::source::Span;
use crate::value::{Currency, Value};
use rust_decimal::Decimal;

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Domain {
    /// Whether it may be missing.
    pub(in crate::check) missing: bool,
    /// The only values it can have when it is there; `None` for any.
    pub(in crate::check) listed: Option<Vec<Value>>,
    /// Values it does not have.
    pub(super) denied: Vec<Value>,
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
    /// The condition, assignment or trigger that says so.
    pub(in crate::check) why: Option<Span>,
}

/// A bound of an ordered kind of value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bound {
    unit: Unit,
    at: Decimal,
    /// Whether the bound itself is outside.
    open: bool,
}

/// Values with one unit have an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    Number,
    Money(Currency),
    Day,
    Time,
}

fn measure(value: &Value) -> Option<(Unit, Decimal)> {
    use chrono::{Datelike, Timelike};
    Some(match value {
        Value::Int(n) => (Unit::Number, (*n).into()),
        Value::Decimal(n) => (Unit::Number, *n),
        Value::Money(money) => (Unit::Money(money.currency), money.amount),
        Value::Date(day) => (Unit::Day, day.num_days_from_ce().into()),
        Value::Time(time) => (Unit::Time, time.num_seconds_from_midnight().into()),
        Value::Missing
        | Value::Bool(_)
        | Value::Text(_)
        | Value::DateTime(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => return None,
    })
}

/// Whether two constants are the same; `None` when that depends on more than the two (rates, the time zone).
fn same(a: &Value, b: &Value) -> Option<bool> {
    match (measure(a), measure(b)) {
        (Some((unit, x)), Some((other, y))) if unit == other => Some(x == y),
        (Some(_), Some(_)) => None,
        _ => match (a, b) {
            (Value::Text(_), Value::Text(_))
            | (Value::Bool(_), Value::Bool(_))
            | (Value::Ref(_), Value::Ref(_))
            | (Value::Missing, Value::Missing) => Some(a == b),
            _ => None,
        },
    }
}

impl Domain {
    /// Everything.
    pub(in crate::check) fn any(missing: bool) -> Self {
        Self { missing, listed: None, denied: Vec::new(), low: None, high: None, why: None }
    }

    /// One of these values, and there.
    pub(in crate::check) fn of(values: Vec<Value>) -> Self {
        Self { listed: Some(values), ..Self::any(false) }
    }

    /// Only missing.
    pub(in crate::check) fn nothing() -> Self {
        Self { listed: Some(Vec::new()), ..Self::any(true) }
    }

    /// All but these, and perhaps missing.
    pub(in crate::check) fn but(values: Vec<Value>) -> Self {
        Self { denied: values, ..Self::any(true) }
    }

    /// For which values `x op value` has this truth; `None` when that cannot be said as a set.
    pub(in crate::check) fn where_(op: Op, value: &Value, truth: bool) -> Option<Self> {
        if matches!(value, Value::Missing) {
            return None;
        }
        let bound = |above: bool, open: bool| {
            let (unit, at) = measure(value)?;
            let bound = Some(Bound { unit, at, open });
            let any = Self::any(!truth);
            Some(if above { Self { low: bound, ..any } } else { Self { high: bound, ..any } })
        };
        match (op, truth) {
            (Op::Eq, true) | (Op::Ne, false) => Some(Self::of(vec![value.clone()])),
            (Op::Eq, false) | (Op::Ne, true) => Some(Self::but(vec![value.clone()])),
            (Op::Lt, true) | (Op::Ge, false) => bound(false, true),
            (Op::Le, true) | (Op::Gt, false) => bound(false, false),
            (Op::Gt, true) | (Op::Le, false) => bound(true, true),
            (Op::Ge, true) | (Op::Lt, false) => bound(true, false),
            (
                Op::In | Op::Contains | Op::StartsWith | Op::EndsWith | Op::Add | Op::Sub | Op::Mul | Op::Div,
                true | false,
            ) => None,
        }
    }

    /// What is in both.
    #[must_use]
    pub(in crate::check) fn meet(&self, other: &Self) -> Self {
        let listed = match (&self.listed, &other.listed) {
            (Some(a), Some(b)) => {
                Some(a.iter().filter(|x| b.iter().any(|y| same(x, y) != Some(false))).cloned().collect())
            }
            (Some(a), None) | (None, Some(a)) => Some(a.clone()),
            (None, None) => None,
        };
        let mut denied = self.denied.clone();
        denied.extend(other.denied.iter().filter(|v| !self.denied.contains(v)).cloned());
        Self {
            missing: self.missing && other.missing,
            listed,
            denied,
            low: tighter(self.low.as_ref(), other.low.as_ref(), true),
            high: tighter(self.high.as_ref(), other.high.as_ref(), false),
            why: self.why.or(other.why),
        }
    }

    /// What is in one or the other, or more.
    #[must_use]
    pub(in crate::check) fn join(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let listed = match (&self.listed, &other.listed) {
            (Some(a), Some(b)) => {
                let more = b.iter().filter(|v| !a.contains(v)).cloned();
                Some(a.iter().cloned().chain(more).collect())
            }
            _ => None,
        };
        let denied = self.denied.iter().filter(|v| other.denied.contains(v)).cloned().collect();
        let same_bound = |a: &Option<Bound>, b: &Option<Bound>| if a == b { a.clone() } else { None };
        Self {
            missing: self.missing || other.missing,
            listed,
            denied,
            low: same_bound(&self.low, &other.low),
            high: same_bound(&self.high, &other.high),
            why: self.why.or(other.why),
        }
    }

    /// Whether no value is left.
    pub(in crate::check) fn is_empty(&self) -> bool {
        if self.missing {
            return false;
        }
        if let (Some(low), Some(high)) = (&self.low, &self.high)
            && low.unit == high.unit
            && (low.at > high.at || (low.at == high.at && (low.open || high.open)))
        {
            return true;
        }
        self.listed.as_ref().is_some_and(|listed| !listed.iter().any(|value| self.may_be(value)))
    }

    /// Whether a listed value is also allowed by the rest.
    pub(in crate::check) fn may_be(&self, value: &Value) -> bool {
        let within = |bound: &Option<Bound>, above: bool| match (bound, measure(value)) {
            (Some(bound), Some((unit, at))) if unit == bound.unit => {
                (at == bound.at && !bound.open) || (at != bound.at && (at > bound.at) == above)
            }
            _ => true,
        };
        within(&self.low, true)
            && within(&self.high, false)
            && !self.denied.iter().any(|denied| same(denied, value) == Some(true))
    }

    /// Whether nothing is known.
    pub(in crate::check) fn is_any(&self) -> bool {
        self.missing && self.listed.is_none() && self.denied.is_empty() && self.low.is_none() && self.high.is_none()
    }
}

/// The bound that leaves less; where units differ, the first.
fn tighter(a: Option<&Bound>, b: Option<&Bound>, low: bool) -> Option<Bound> {
    match (a, b) {
        (Some(a), Some(b)) if a.unit == b.unit => {
            let b_is = if a.at == b.at { b.open } else { (b.at > a.at) == low };
            Some(if b_is { b.clone() } else { a.clone() })
        }
        (Some(one), _) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(op: Op, n: i64, truth: bool) -> Domain {
        Domain::where_(op, &Value::Int(n), truth).unwrap()
    }

    #[test]
    fn bounds_and_lists_meet() {
        assert!(int(Op::Gt, 5, true).meet(&int(Op::Lt, 3, true)).is_empty());
        assert!(int(Op::Gt, 5, true).meet(&int(Op::Le, 5, true)).is_empty());
        assert!(!int(Op::Ge, 5, true).meet(&int(Op::Le, 5, true)).is_empty());
        assert!(int(Op::Eq, 4, true).meet(&int(Op::Gt, 5, true)).is_empty());
        assert!(int(Op::Eq, 4, true).meet(&int(Op::Ne, 4, true)).is_empty());
        assert!(!int(Op::Gt, 5, false).meet(&int(Op::Gt, 5, false)).is_empty(), "missing is in both");
        let listed = Domain::of(vec![Value::text("a"), Value::text("b")]);
        let left = listed.meet(&Domain::but(vec![Value::text("a")]));
        assert!(!left.is_empty());
        assert!(left.meet(&Domain::of(vec![Value::text("a")])).is_empty());
    }
}
