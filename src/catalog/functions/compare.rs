//! Which values are the same and which come first: for conditions, `min`, `max` and sorting.
//!
//! Whole and decimal numbers mix, dates and moments mix (a date is its midnight in the workspace's zone), amounts of two
//! currencies compare by the workspace's rates.

use crate::schema::Schema;
use crate::value::{Currency, Money, Period, Value};
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// Whether two values are the same; two missing ones are, as `x == null` asks for that. `None` when nobody can say: two
/// currencies without a rate. Values of different kinds are not the same.
///
/// Lists and records are the same part by part, as if the parts were compared one by one: an element that is missing is the
/// same as nothing. A record has no place for what is missing.
pub fn equal(a: &Value, b: &Value, schema: &Schema) -> Option<bool> {
    match (a, b) {
        (Value::List(a), Value::List(b)) if a.len() == b.len() => all_equal(a.iter().zip(b.iter()), schema),
        (Value::Record(a), Value::Record(b)) if a.keys().eq(b.keys()) => all_equal(a.values().zip(b.values()), schema),
        (Value::Money(a), Value::Money(b)) => order_money(a, b, schema).map(Ordering::is_eq),
        (Value::Period(a), Value::Period(b)) => Some(a == b || order_periods(*a, *b) == Some(Ordering::Equal)),
        (Value::Int(_), Value::Decimal(_))
        | (Value::Decimal(_), Value::Int(_))
        | (Value::Date(_), Value::DateTime(_))
        | (Value::DateTime(_), Value::Date(_)) => order(a, b, schema).ok().flatten().map(Ordering::is_eq),
        (a, b) => Some(a == b),
    }
}

fn all_equal<'v>(mut parts: impl Iterator<Item = (&'v Value, &'v Value)>, schema: &Schema) -> Option<bool> {
    let same = |(a, b): (&Value, &Value)| if *a == Value::Missing { Some(false) } else { equal(a, b, schema) };
    // One that differs for certain settles it, whatever cannot be said of others.
    parts
        .try_fold(Some(true), |all, pair| match same(pair) {
            Some(false) => Err(()),
            Some(true) => Ok(all),
            None => Ok(None),
        })
        .unwrap_or(Some(false))
}

/// Which of two values comes first; `None` when one is missing, or for two currencies without a rate.
///
/// # Errors
/// The message for values that have no order.
pub fn order(a: &Value, b: &Value, schema: &Schema) -> Result<Option<Ordering>, String> {
    let calendar = &schema.calendar;
    Ok(match (a, b) {
        (Value::Missing, _) | (_, Value::Missing) => None,
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Decimal(b)) => Some(Decimal::from(*a).cmp(b)),
        (Value::Decimal(a), Value::Int(b)) => Some(a.cmp(&Decimal::from(*b))),
        (Value::Money(a), Value::Money(b)) => order_money(a, b, schema),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::DateTime(b)) => Some(calendar.midnight(*a).cmp(b)),
        (Value::DateTime(a), Value::Date(b)) => Some(a.cmp(&calendar.midnight(*b))),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Period(x), Value::Period(y)) => Some(order_periods(*x, *y).ok_or_else(|| not_comparable(a, b))?),
        (a, b) => return Err(not_comparable(a, b)),
    })
}

/// The amount in units of the workspace's own currency; `None` without a rate or when it is too large.
pub(super) fn in_base(money: &Money, schema: &Schema) -> Option<Decimal> {
    money.amount.checked_mul(rate(money.currency, schema)?)
}

/// How many units of the workspace's own currency one unit of this one is worth.
pub(super) fn rate(currency: Currency, schema: &Schema) -> Option<Decimal> {
    if currency == schema.base_currency { Some(Decimal::ONE) } else { schema.rates.get(&currency).copied() }
}

fn order_money(a: &Money, b: &Money, schema: &Schema) -> Option<Ordering> {
    if a.currency == b.currency {
        return Some(a.amount.cmp(&b.amount));
    }
    Some(in_base(a, schema)?.cmp(&in_base(b, schema)?))
}

/// Calendar and clock units compare by their usual length (a year is 365.25 days); working units only with themselves.
fn order_periods(a: Period, b: Period) -> Option<Ordering> {
    let usual = |p: Period| i64::from(p.months) * 43_830 + i64::from(p.days) * 1_440 + i64::from(p.minutes);
    let only_days = |p: Period| p == Period { work_days: p.work_days, ..Period::ZERO };
    let only_time = |p: Period| p == Period { work_minutes: p.work_minutes, ..Period::ZERO };
    if !a.is_working() && !b.is_working() {
        Some(usual(a).cmp(&usual(b)))
    } else if only_days(a) && only_days(b) {
        Some(a.work_days.cmp(&b.work_days))
    } else if only_time(a) && only_time(b) {
        Some(a.work_minutes.cmp(&b.work_minutes))
    } else {
        None
    }
}

fn not_comparable(a: &Value, b: &Value) -> String {
    format!("`{}` and `{}` cannot be compared", a.brief(), b.brief())
}
