//! Values as JSON: in events, imports and output.
//!
//! Reading is led by the type that the schema gives, so `"2026-03-02"` is a day in a date field and its midnight in a
//! datetime field. What people and other systems write is taken where it can mean only one thing (`"12000 PLN"`, a
//! person's full name, a stage in small letters); everything else is an error in the user's words. [`value_to_json`]
//! writes what [`value_from_json`] reads.

pub(crate) mod contact;
mod names;
mod numbers;
mod write;

pub use write::{AsJson, value_to_json};

use super::{Field, Schema, Type};
use crate::value::{Currency, Fields, Moment, Name, Period, Value};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde_json::Value as Json;

/// The value of a type that a JSON value stands for; `null` is a missing value of every type.
///
/// The error says what is wrong and how to write it, without naming the field.
pub fn value_from_json(schema: &Schema, ty: &Type, json: &Json) -> Result<Value, String> {
    read(schema, schema.base_currency, ty, json)
}

/// The value of a field, likewise: an amount without a currency is in the field's own, if it has one, and an amount in
/// another one is refused.
pub fn field_from_json(schema: &Schema, field: &Field, json: &Json) -> Result<Value, String> {
    let value = read(schema, field.currency.unwrap_or(schema.base_currency), &field.ty, json)?;
    match (field.wrong_currency(&value), field.currency) {
        (Some(money), Some(currency)) => Err(format!("`{money}` is not in {currency}, the field's currency")),
        (Some(_) | None, _) => Ok(value),
    }
}

/// The value of a type, with the currency of amounts that name none.
fn read(schema: &Schema, currency: Currency, ty: &Type, json: &Json) -> Result<Value, String> {
    if json.is_null() {
        return Ok(Value::Missing);
    }
    match ty {
        Type::Optional(inner) => read(schema, currency, inner, json),
        Type::Error => Ok(untyped(json)),
        Type::Null | Type::Never => Err(format!("{} where nothing is expected", shown(json))),
        Type::Text | Type::File | Type::Template | Type::Outcome => Ok(Value::Text(text(json, "a text")?.into())),
        Type::Phone => checked(json, "a phone number", contact::phone),
        Type::Email => checked(json, "an e-mail address", contact::email),
        Type::Url => checked(json, "a web address", contact::url),
        Type::Int => numbers::int(json),
        Type::Decimal => numbers::decimal(json).map(Value::Decimal),
        Type::Money => numbers::money(currency, json),
        Type::Bool => flag(json),
        Type::Date => date(schema, text(json, "a date such as `2026-03-02`")?).map(Value::Date),
        Type::DateTime => moment(schema, text(json, "a moment such as `2026-03-02T09:00`")?).map(Value::DateTime),
        Type::Time => time(text(json, "a time such as `09:00`")?).map(Value::Time),
        Type::Duration => text(json, "a duration such as `3d`")?.parse::<Period>().map(Value::Period),
        Type::User | Type::Department | Type::Role | Type::Chat => names::workspace(schema, ty, json),
        Type::Pipeline(id) => names::pipeline(schema, *id, json),
        Type::Stage(id) => names::stage(schema, *id, json),
        Type::Enum(id, field) => names::choice(schema, *id, *field, json),
        Type::Entity(id) => names::link(schema, *id, json),
        Type::List(item) => match json {
            Json::Array(items) => {
                let items = items.iter().map(|one| read(schema, currency, item, one));
                items.collect::<Result<Vec<_>, _>>().map(Value::list)
            }
            // Other systems write one value of a multiple field without its brackets.
            one => read(schema, currency, item, one).map(|one| Value::list(vec![one])),
        },
        Type::Record(members) => record(schema, members, json),
        Type::Run => Err(format!("{} where a run is expected, and no field holds one", shown(json))),
    }
}

/// A moment: RFC 3339, or without an offset in the workspace's zone, or a day's midnight.
pub fn moment(schema: &Schema, text: &str) -> Result<Moment, String> {
    if let Ok(moment) = text.parse::<Moment>() {
        return Ok(moment);
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(schema.calendar.midnight(day));
    }
    let local = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(local);
    match local {
        Some(local) => Ok(schema.calendar.at(local.date(), local.time())),
        None => Err(format!(
            "`{text}` is not a moment: write it as `2026-03-02T09:00`, with an offset (`+01:00`) if it is elsewhere"
        )),
    }
}

/// A day; of a moment it is the day in the workspace's zone.
pub fn date(schema: &Schema, text: &str) -> Result<NaiveDate, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day);
    }
    let day = moment(schema, text).map(|moment| schema.calendar.date_of(moment));
    day.map_err(|_| format!("`{text}` is not a date: write it as `2026-03-02`"))
}

fn time(text: &str) -> Result<NaiveTime, String> {
    let read = |format| NaiveTime::parse_from_str(text, format).ok();
    let read = read("%H:%M").or_else(|| read("%H:%M:%S%.f"));
    read.ok_or_else(|| format!("`{text}` is not a time of day: write it as `09:00`"))
}

fn flag(json: &Json) -> Result<Value, String> {
    match json {
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        other => Err(format!("{} is not `true` or `false`", shown(other))),
    }
}

fn checked(json: &Json, wanted: &str, check: fn(&str) -> Result<(), String>) -> Result<Value, String> {
    // One of several, with its kind beside it, which goes to a field of its own.
    let text = text(json.get("value").unwrap_or(json), wanted)?;
    check(text).map(|()| Value::text(text))
}

/// The kinds of several phones or addresses, where JSON says some: `[{"value": "…", "kind": "home"}]`.
pub fn kinds_from_json(json: &Json) -> Option<Json> {
    let items = json.as_array().map_or(std::slice::from_ref(json), Vec::as_slice);
    if !items.iter().any(|item| item.get("kind").is_some()) {
        return None;
    }
    let kind = |item: &Json| item.get("kind").and_then(Json::as_str).unwrap_or("work").to_lowercase();
    Some(items.iter().map(kind).collect())
}

fn record(schema: &Schema, members: &[(Name, Type)], json: &Json) -> Result<Value, String> {
    let Json::Object(object) = json else { return Err(format!("{} is not an object", shown(json))) };
    if let Some(key) = object.keys().find(|key| !members.iter().any(|(name, _)| **name == **key)) {
        return Err(super::lookup::unknown("value", key, members.iter().map(|(name, _)| &**name)));
    }
    let mut values = Fields::new();
    for (name, ty) in members {
        let value = object.get(&**name).map_or(Ok(Value::Missing), |json| value_from_json(schema, ty, json));
        values.insert(name.clone(), value.map_err(|reason| format!("`{name}`: {reason}"))?);
    }
    Ok(Value::Record(values.into()))
}

/// What JSON says by itself, where no type is known.
fn untyped(json: &Json) -> Value {
    match json {
        Json::Null => Value::Missing,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(_) => numbers::int(json)
            .or_else(|_| numbers::decimal(json).map(Value::Decimal))
            .unwrap_or_else(|_| Value::text(&json.to_string())),
        Json::String(text) => Value::text(text),
        Json::Array(items) => Value::list(items.iter().map(untyped).collect()),
        Json::Object(members) => {
            let members = members.iter().map(|(name, json)| (Name::from(name.as_str()), untyped(json)));
            Value::Record(members.collect::<Fields>().into())
        }
    }
}

fn text<'j>(json: &'j Json, wanted: &str) -> Result<&'j str, String> {
    json.as_str().ok_or_else(|| format!("{} is not {wanted}", shown(json)))
}

/// The JSON in backticks, cut to a length that a message can bear.
fn shown(json: &Json) -> String {
    const MOST: usize = 60;
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or("")),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests;
