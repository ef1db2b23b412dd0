//! Values → JSON.

use crate::value::Value;
use chrono::{NaiveTime, Timelike};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// The JSON form of a value: numbers as numbers where JSON can hold them exactly, amounts as `{"amount", "currency"}`,
/// references as `{"entity", "id"}`, moments in UTC.
pub fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(number) => (*number).into(),
        Value::Decimal(number) => decimal(*number),
        Value::Money(money) => json!({ "amount": decimal(money.amount), "currency": money.currency.code() }),
        Value::Text(text) => (&**text).into(),
        Value::Date(day) => day.to_string().into(),
        Value::DateTime(moment) => moment.to_string().into(),
        Value::Time(time) => self::time(*time).into(),
        Value::Period(period) => period.to_string().into(),
        Value::Ref(to) => json!({ "entity": &*to.kind, "id": &*to.id }),
        Value::List(items) => items.iter().map(value_to_json).collect(),
        Value::Record(members) => {
            members.iter().map(|(name, value)| (name.to_string(), value_to_json(value))).collect()
        }
    }
}

/// A number if JSON's binary fraction shows the same digits, else a text.
fn decimal(number: Decimal) -> Json {
    let plain = number.normalize();
    if let Ok(whole) = i64::try_from(plain)
        && plain.fract().is_zero()
    {
        return whole.into();
    }
    let text = plain.to_string();
    let same = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).filter(|n| n.to_string() == text);
    same.map_or_else(|| text.into(), Json::Number)
}

fn time(time: NaiveTime) -> String {
    let exact = time.second() == 0 && time.nanosecond() == 0;
    if exact { time.format("%H:%M").to_string() } else { time.to_string() }
}
