//! Plain values that a schema allows: for records that somebody needs and does not care about.

use crate::schema::{Entity, Field, Schema, Type};
use crate::value::{Moment, Money, Name, Period, Ref, Value};
use rust_decimal::Decimal;

/// A value for the field; what the system fills in by itself is left to it. Titles end with, and links lead to, `id`.
pub fn sample(schema: &Schema, entity: &Entity, field: &Field, now: Moment, id: &str) -> Option<Value> {
    if field.read_only || field.default.is_some() || entity.filled(field).is_some() {
        return None;
    }
    if entity.get(entity.title).is_some_and(|title| title.name == field.name) {
        return Some(Value::text(&format!("{} {id}", entity.label)));
    }
    match &field.ty {
        Type::List(item) => of_type(schema, entity, field, item, now, id).map(|one| Value::list(vec![one])),
        ty => of_type(schema, entity, field, ty, now, id),
    }
}

fn of_type(schema: &Schema, entity: &Entity, field: &Field, ty: &Type, now: Moment, id: &str) -> Option<Value> {
    let today = schema.calendar.date_of(now);
    let soon = schema.calendar.add(now, Period { days: 14, ..Period::ZERO });
    let first = |kind: &str, names: Option<&Name>| names.map(|name| Value::Ref(Ref::new(kind, name)));
    match ty {
        Type::Money => Some(Value::Money(Money {
            amount: Decimal::new(10_000, 0),
            currency: field.currency.unwrap_or(schema.base_currency),
        })),
        Type::Email => Some(Value::text(&format!("{}@example.com", entity.name))),
        Type::Phone => Some(Value::text("+48 22 123 45 67")),
        Type::Url => Some(Value::text("https://example.com")),
        Type::Date if field.name.contains("birth") => chrono::NaiveDate::from_ymd_opt(1980, 5, 17).map(Value::Date),
        Type::Date => Some(Value::Date(schema.calendar.date_of(soon).max(today))),
        Type::DateTime => Some(Value::DateTime(soon)),
        Type::Enum(..) => field.options.first().map(|option| Value::Text(option.name.clone())),
        Type::User => first("user", schema.users.keys().next()),
        Type::Entity(kind) => {
            let linked = schema.get(*kind).filter(|linked| linked.name != entity.name)?;
            Some(Value::Ref(Ref { kind: linked.name.clone(), id: id.into() }))
        }
        // Required fields of other types get the plainest value there is; optional ones stay empty.
        Type::Text if field.required => Some(Value::text(&field.label)),
        Type::Int if field.required => Some(Value::Int(1)),
        Type::Decimal if field.required => Some(Value::Decimal(Decimal::ONE)),
        Type::Bool if field.required => Some(Value::Bool(false)),
        Type::Time if field.required => Some(Value::Time(chrono::NaiveTime::MIN)),
        Type::Duration if field.required => Some(Value::Period(Period { days: 1, ..Period::ZERO })),
        Type::Department if field.required => first("department", schema.departments.keys().next()),
        Type::Role if field.required => first("role", schema.roles.keys().next()),
        Type::Chat if field.required => first("chat", schema.chats.keys().next()),
        Type::File | Type::Template if field.required => Some(Value::text(&field.label)),
        Type::Error
        | Type::Run
        | Type::Null
        | Type::Never
        | Type::Text
        | Type::Int
        | Type::Decimal
        | Type::Bool
        | Type::Time
        | Type::Duration
        | Type::Department
        | Type::Role
        | Type::Chat
        | Type::File
        | Type::Template
        | Type::Pipeline(_)
        | Type::Stage(_)
        | Type::Outcome
        | Type::Record(_)
        | Type::List(_)
        | Type::Optional(_) => None,
    }
}
