//! Values → JSON.

use crate::value::Value;
use chrono::{NaiveTime, Timelike};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

/// The JSON form of a value, to be written: numbers as numbers where JSON can hold them exactly, amounts as
/// `{"amount", "currency"}`, references as `{"entity", "id"}`, moments in UTC.
#[derive(Clone, Copy, Debug)]
pub struct AsJson<'v>(pub &'v Value);

/// The same in memory.
pub fn value_to_json(value: &Value) -> Json {
    // Nothing in a value can fail to be JSON.
    serde_json::to_value(AsJson(value)).unwrap_or_default()
}

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Missing => to.serialize_unit(),
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Int(number) => to.serialize_i64(*number),
            Value::Decimal(number) => Number(*number).serialize(to),
            Value::Money(money) => pair(to, ("amount", &Number(money.amount)), ("currency", money.currency.code())),
            Value::Text(text) => to.serialize_str(text),
            Value::Date(day) => to.collect_str(day),
            Value::DateTime(moment) => to.collect_str(moment),
            Value::Time(time) => to.serialize_str(&self::time(*time)),
            Value::Period(period) => to.collect_str(period),
            Value::Ref(of) => pair(to, ("entity", &*of.kind), ("id", &*of.id)),
            Value::List(items) => to.collect_seq(items.iter().map(AsJson)),
            Value::Record(members) => to.collect_map(members.iter().map(|(name, value)| (&**name, AsJson(value)))),
        }
    }
}

/// An object of two members.
fn pair<S: Serializer>(
    to: S,
    (first, a): (&'static str, &(impl Serialize + ?Sized)),
    (second, b): (&'static str, &(impl Serialize + ?Sized)),
) -> Result<S::Ok, S::Error> {
    let mut object = to.serialize_map(Some(2))?;
    object.serialize_entry(first, a)?;
    object.serialize_entry(second, b)?;
    object.end()
}

/// A number if JSON's binary fraction shows the same digits, else a text.
struct Number(Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let plain = self.0.normalize();
        if let Some(whole) = plain.to_i64().filter(|_| plain.scale() == 0) {
            return to.serialize_i64(whole);
        }
        let text = plain.to_string();
        let same = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).filter(|n| n.to_string() == text);
        match same {
            Some(number) => number.serialize(to),
            None => to.serialize_str(&text),
        }
    }
}

fn time(time: NaiveTime) -> String {
    let exact = time.second() == 0 && time.nanosecond() == 0;
    if exact { time.format("%H:%M").to_string() } else { time.to_string() }
}
