//! `+ - * /` and the minus sign, over everything that has them.
//!
//! A missing operand gives missing. Whole numbers stay whole but for `/`. Money goes with numbers, and with money of the
//! same currency. Dates take calendar and working days; moments take every period; working units follow the calendar.

use crate::schema::Calendar;
use crate::value::{Moment, Money, Period, Value};
use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use std::sync::Arc;

/// What a computation gives, or the message for the run that failed.
type Answer = Result<Value, String>;

/// `a + b`
///
/// # Errors
/// The message for values that have no sum, or whose sum is too large.
pub fn add(a: &Value, b: &Value, calendar: &Calendar) -> Answer {
    let sum = match (a, b) {
        (Value::Missing, _) | (_, Value::Missing) => Some(Value::Missing),
        (Value::Int(x), Value::Int(y)) => x.checked_add(*y).map(Value::Int),
        (Value::Money(x), Value::Money(y)) => {
            same_currency(x, y, "added")?;
            x.amount.checked_add(y.amount).map(|amount| money(x, amount))
        }
        (Value::Text(x), Value::Text(y)) => Some(Value::Text([&**x, &**y].concat().into())),
        (Value::List(x), Value::List(y)) => Some(Value::List(Arc::new(x.iter().chain(y.iter()).cloned().collect()))),
        (Value::Period(x), Value::Period(y)) => x.checked_add(*y).map(Value::Period),
        (Value::Date(date), Value::Period(p)) | (Value::Period(p), Value::Date(date)) => {
            return move_date(*date, *p, calendar);
        }
        (Value::DateTime(m), Value::Period(p)) | (Value::Period(p), Value::DateTime(m)) => {
            Some(Value::DateTime(calendar.add(*m, *p)))
        }
        (a, b) => match numbers(a, b) {
            Some((x, y)) => x.checked_add(y).map(Value::Decimal),
            None => return Err(format!("`{}` and `{}` cannot be added", a.brief(), b.brief())),
        },
    };
    sum.ok_or_else(|| too_large(a, "+", b))
}

/// `a - b`; two dates give whole days, two moments whole minutes.
///
/// # Errors
/// The message for values that have no difference, or whose difference is too large.
pub fn sub(a: &Value, b: &Value, calendar: &Calendar) -> Answer {
    let difference = match (a, b) {
        (Value::Missing, _) | (_, Value::Missing) => Some(Value::Missing),
        (Value::Int(x), Value::Int(y)) => x.checked_sub(*y).map(Value::Int),
        (Value::Money(x), Value::Money(y)) => {
            same_currency(x, y, "subtracted")?;
            x.amount.checked_sub(y.amount).map(|amount| money(x, amount))
        }
        (Value::Period(x), Value::Period(y)) => y.checked_mul(-1).and_then(|y| x.checked_add(y)).map(Value::Period),
        (Value::Date(x), Value::Date(y)) => {
            let days = i32::try_from(x.signed_duration_since(*y).num_days());
            days.ok().map(|days| Value::Period(Period { days, ..Period::ZERO }))
        }
        (Value::Date(date), Value::Period(p)) => {
            let back = p.checked_mul(-1).ok_or_else(|| too_large(a, "-", b))?;
            return move_date(*date, back, calendar);
        }
        (Value::DateTime(m), Value::Period(p)) => Some(Value::DateTime(calendar.sub(*m, *p))),
        (a, b) => match (moments(a, b, calendar), numbers(a, b)) {
            (Some((x, y)), _) => between(y, x).map(Value::Period),
            (None, Some((x, y))) => x.checked_sub(y).map(Value::Decimal),
            (None, None) => return Err(format!("`{}` cannot be subtracted from `{}`", b.brief(), a.brief())),
        },
    };
    difference.ok_or_else(|| too_large(a, "-", b))
}

/// `a * b`
///
/// # Errors
/// The message for values that have no product, or whose product is too large.
pub fn mul(a: &Value, b: &Value) -> Answer {
    let product = match (a, b) {
        (Value::Missing, _) | (_, Value::Missing) => Some(Value::Missing),
        (Value::Int(x), Value::Int(y)) => x.checked_mul(*y).map(Value::Int),
        (Value::Money(x), y) | (y, Value::Money(x)) if number(y).is_some() => {
            number(y).and_then(|y| x.amount.checked_mul(y)).map(|amount| money(x, amount))
        }
        (Value::Period(p), Value::Int(n)) | (Value::Int(n), Value::Period(p)) => {
            i32::try_from(*n).ok().and_then(|n| p.checked_mul(n)).map(Value::Period)
        }
        (a, b) => match numbers(a, b) {
            Some((x, y)) => x.checked_mul(y).map(Value::Decimal),
            None => return Err(format!("`{}` and `{}` cannot be multiplied", a.brief(), b.brief())),
        },
    };
    product.ok_or_else(|| too_large(a, "*", b))
}

/// `a / b`: a number for numbers, money for money and a number, a number for money of one currency.
///
/// # Errors
/// The message for values that cannot be divided, for a division by zero, or for a result that is too large.
pub fn div(a: &Value, b: &Value) -> Answer {
    let (x, y, currency) = match (a, b) {
        (Value::Missing, _) | (_, Value::Missing) => return Ok(Value::Missing),
        (Value::Money(x), Value::Money(y)) => {
            same_currency(x, y, "divided")?;
            (x.amount, y.amount, None)
        }
        (Value::Money(x), b) if number(b).is_some() => (x.amount, number(b).unwrap_or_default(), Some(x.currency)),
        (a, b) => match numbers(a, b) {
            Some((x, y)) => (x, y, None),
            None => return Err(format!("`{}` cannot be divided by `{}`", a.brief(), b.brief())),
        },
    };
    if y.is_zero() {
        return Err(format!("`{}` cannot be divided by zero", a.brief()));
    }
    let amount = x.checked_div(y).ok_or_else(|| too_large(a, "/", b))?.normalize();
    Ok(match currency {
        Some(currency) => Value::Money(Money { amount, currency }),
        None => Value::Decimal(amount),
    })
}

/// `-a`
///
/// # Errors
/// The message for a value that has no opposite.
pub fn neg(a: &Value) -> Answer {
    let opposite = match a {
        Value::Missing => Some(Value::Missing),
        Value::Int(n) => n.checked_neg().map(Value::Int),
        Value::Decimal(n) => Some(Value::Decimal(-*n)),
        Value::Money(m) => Some(money(m, -m.amount)),
        Value::Period(p) => p.checked_mul(-1).map(Value::Period),
        Value::Bool(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => return Err(format!("`{}` cannot have a minus before it", a.brief())),
    };
    opposite.ok_or_else(|| format!("-`{}` is too large", a.brief()))
}

/// The number in it, if it is one.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Decimal(n) => Some(*n),
        Value::Missing
        | Value::Bool(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => None,
    }
}

/// The moment of a date or moment.
pub(super) fn moment(value: &Value, calendar: &Calendar) -> Option<Moment> {
    match value {
        Value::Date(date) => Some(calendar.midnight(*date)),
        Value::DateTime(moment) => Some(*moment),
        Value::Missing
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => None,
    }
}

fn numbers(a: &Value, b: &Value) -> Option<(Decimal, Decimal)> {
    Some((number(a)?, number(b)?))
}

fn moments(a: &Value, b: &Value, calendar: &Calendar) -> Option<(Moment, Moment)> {
    Some((moment(a, calendar)?, moment(b, calendar)?))
}

/// The whole minutes from one moment to another; `None` for some thousand years.
fn between(from: Moment, to: Moment) -> Option<Period> {
    let minutes = to.0.checked_sub(from.0)? / 60_000;
    Some(Period { minutes: i32::try_from(minutes).ok()?, ..Period::ZERO })
}

fn money(like: &Money, amount: Decimal) -> Value {
    Value::Money(Money { amount, currency: like.currency })
}

fn same_currency(a: &Money, b: &Money, done: &str) -> Result<(), String> {
    if a.currency == b.currency {
        return Ok(());
    }
    Err(format!("`{a}` and `{b}` cannot be {done}: use `exchange(…, {})` first", a.currency))
}

/// A date has no time of day, so hours and minutes make no sense on it: the result would silently not be a date.
fn move_date(date: NaiveDate, period: Period, calendar: &Calendar) -> Answer {
    if period.minutes != 0 || period.work_minutes != 0 {
        return Err(format!("`{date}` has no time of day: use `at({date}, 09:00)` before adding `{period}`"));
    }
    Ok(Value::Date(move_day(date, period, calendar)))
}

/// The day that lies a period after another. Working days count from its start, or back from its end: the day itself,
/// where people work on it, is never counted.
pub(super) fn move_day(date: NaiveDate, period: Period, calendar: &Calendar) -> NaiveDate {
    let back = period.work_days < 0;
    let time = if back { NaiveTime::from_hms_opt(23, 59, 59) } else { None };
    calendar.date_of(calendar.add(calendar.at(date, time.unwrap_or(NaiveTime::MIN)), period))
}

fn too_large(a: &Value, op: &str, b: &Value) -> String {
    format!("the result of `{} {op} {}` is too large", a.brief(), b.brief())
}
