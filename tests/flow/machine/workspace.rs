//! A workspace in Warsaw, and a reader of literals, for the tests of the machine.

use chrono::{NaiveDate, NaiveTime};
use dealflow::catalog::Env;
use dealflow::schema::{Calendar, Schema, User};
use dealflow::value::{Currency, Moment, Money, Period, Ref, Value};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Warsaw, Monday to Friday from 09:00 to 17:00, PLN with EUR at 4, and Anna.
pub(super) fn schema() -> Schema {
    let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
    let day = Some((time(9), time(17)));
    Schema {
        name: "test".to_owned(),
        entities: Vec::new(),
        users: BTreeMap::from([("anna".into(), User { name: "Anna Nowak".to_owned(), ..User::default() })]),
        rates: BTreeMap::from([("EUR".parse().unwrap(), Decimal::from(4))]),
        base_currency: "PLN".parse().unwrap(),
        calendar: Calendar {
            zone: chrono_tz::Europe::Warsaw,
            hours: [day, day, day, day, day, None, None],
            ..Calendar::default()
        },
        ..Schema::default()
    }
}

/// Monday 2026-03-02, 09:00 in Warsaw.
pub(super) fn monday() -> Moment {
    "2026-03-02T09:00:00+01:00".parse().unwrap()
}

/// What a computation may know on that Monday.
pub(super) fn env(schema: &Schema) -> Env<'_> {
    Env { now: monday(), schema, seed: 42 }
}

/// A value from a literal as scripts write it.
pub(super) fn value(text: &str, schema: &Schema) -> Value {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Value::list(split(inner).iter().map(|item| value(item, schema)).collect());
    }
    if let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        return Value::text(inner);
    }
    if let Some((kind, id)) = text.split_once(" \"") {
        return Value::Ref(Ref::new(kind, id.trim_end_matches('"')));
    }
    if let Some((amount, currency)) = text.split_once(' ') {
        let currency: Currency = currency.parse().unwrap();
        return Value::Money(Money { amount: amount.parse().unwrap(), currency });
    }
    if let Some((date, time)) = text.split_once('T') {
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
        return Value::DateTime(schema.calendar.at(date.parse().unwrap(), time));
    }
    match text {
        "null" => Value::Missing,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if text.bytes().all(|b| b.is_ascii_uppercase()) => Value::text(text),
        _ => plain(text),
    }
}

fn plain(text: &str) -> Value {
    if let Ok(n) = text.parse::<i64>() {
        Value::Int(n)
    } else if let Ok(n) = text.parse::<Decimal>() {
        Value::Decimal(n)
    } else if let Ok(date) = text.parse::<NaiveDate>() {
        Value::Date(date)
    } else if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        Value::Time(time)
    } else {
        let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
        Value::Period(text.parse::<Period>().unwrap().checked_mul(sign).unwrap())
    }
}

/// The parts of a list of literals: commas in quotes and brackets do not count.
pub(super) fn split(text: &str) -> Vec<String> {
    let (mut depth, mut quoted, mut parts) = (0, false, vec![String::new()]);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 && !quoted {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    if parts.len() == 1 && parts[0].trim().is_empty() { Vec::new() } else { parts }
}
