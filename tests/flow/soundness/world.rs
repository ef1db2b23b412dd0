//! Any record that the schema allows, and whether a value has a type.

use crate::recovery::random::Random;
use dealflow::schema::{Schema, Type};
use dealflow::value::{Moment, Money, Name, Ref, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What fields hold until the next wait.
pub(super) struct World<'a> {
    schema: &'a Schema,
    fields: BTreeMap<(Ref, Name), Value>,
}

impl<'a> World<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, fields: BTreeMap::new() }
    }

    pub(super) fn read(&mut self, of: &Ref, field: &Name, random: &mut Random) -> Value {
        let key = (of.clone(), field.clone());
        if let Some(value) = self.fields.get(&key) {
            return value.clone();
        }
        let value = value(&self.type_of(of, field), self.schema, random);
        self.fields.insert(key, value.clone());
        value
    }

    /// While a run slept, all may have changed; but what was there is there still: what a test has shown counts to the
    /// end of its block, also behind a wait.
    pub(super) fn later(&mut self, random: &mut Random) {
        let before = std::mem::take(&mut self.fields);
        for ((of, field), old) in before.into_iter().filter(|(_, value)| *value != Value::Missing) {
            let new = value(self.type_of(&of, &field).present(), self.schema, random);
            self.fields.insert((of, field), if matches!(old, Value::Ref(_)) { old } else { new });
        }
    }

    fn type_of(&self, of: &Ref, field: &str) -> Type {
        if let Some(entity) = self.schema.entity(&of.kind) {
            let field = entity.field(field).unwrap_or_else(|| panic!("{of} has no field {field}"));
            return field.read_type();
        }
        match (&*of.kind, field) {
            (_, "name") => Type::Text,
            ("user", "email") => Type::Email.optional(),
            ("user", "phone") => Type::Phone.optional(),
            ("user", "department") => Type::Department,
            ("user", "manager") | ("department", "head") => Type::User,
            (_, "members") => Type::User.list(),
            _ => panic!("{of} has no field {field}"),
        }
    }
}

/// Any value of a type.
fn value(ty: &Type, schema: &Schema, random: &mut Random) -> Value {
    let text = |random: &mut Random| Value::text(["", "ACME", "12", "a,b", "żółw"][random.below(5)]);
    let number = |random: &mut Random| i64::try_from(random.below(12)).unwrap() - 3;
    match ty {
        Type::Optional(_) if random.below(3) == 0 => Value::Missing,
        Type::Optional(inner) => value(inner, schema, random),
        Type::Text | Type::Phone | Type::Email | Type::Url | Type::File => text(random),
        Type::Int => Value::Int(number(random)),
        // A whole number is a decimal number too.
        Type::Decimal if random.below(2) == 0 => Value::Int(number(random)),
        Type::Decimal => Value::Decimal(rust_decimal::Decimal::new(number(random), 1)),
        Type::Money => {
            let currency = ["PLN", "PLN", "PLN", "EUR"][random.below(4)].parse().unwrap();
            Value::Money(Money { amount: number(random).into(), currency })
        }
        Type::Bool => Value::Bool(random.below(2) == 0),
        Type::Date => Value::Date(["2026-03-02", "2026-03-29", "2025-12-31"][random.below(3)].parse().unwrap()),
        Type::DateTime => Value::DateTime(Moment(super::MONDAY.0 + number(random) * 3_600_000)),
        Type::Time => Value::Time(["00:00:00", "09:30:00", "23:59:00"][random.below(3)].parse().unwrap()),
        Type::Duration => Value::Period(["3d", "1mo", "5wd", "2h"][random.below(4)].parse().unwrap()),
        Type::User => Value::Ref(Ref::new("user", ["anna", "mona"][random.below(2)])),
        Type::Department => Value::Ref(Ref::new("department", "Sales")),
        Type::Role => Value::Ref(Ref::new("role", "Manager")),
        Type::Chat => Value::Ref(Ref::new("chat", "Legal")),
        Type::Pipeline(id) => {
            let all = &schema.get(*id).unwrap().pipelines;
            Value::Text(all[random.below(all.len())].name.clone())
        }
        Type::Stage(id) => {
            let all: Vec<_> = schema.get(*id).unwrap().pipelines.iter().flat_map(|p| &p.stages).collect();
            Value::Text(all[random.below(all.len())].name.clone())
        }
        Type::Enum(id, field) => {
            let all = &schema.get(*id).unwrap().get(*field).unwrap().options;
            Value::Text(all[random.below(all.len())].name.clone())
        }
        Type::Entity(id) => Value::Ref(Ref::new(&schema.get(*id).unwrap().name, "9")),
        Type::List(inner) => Value::list((0..random.below(4)).map(|_| value(inner, schema, random)).collect()),
        Type::Record(_) | Type::Run | Type::Template | Type::Outcome | Type::Null | Type::Never | Type::Error => {
            Value::Missing
        }
    }
}

/// Whether a value is of a type.
pub(super) fn has_type(value: &Value, ty: &Type, schema: &Schema) -> bool {
    let named = |id: dealflow::schema::EntityId| schema.get(id).map(|entity| entity.name.clone());
    match (value, ty) {
        (_, Type::Error) | (Value::Missing, Type::Optional(_) | Type::Null) => true,
        (value, Type::Optional(inner)) => has_type(value, inner, schema),
        (Value::Text(_), Type::Text | Type::Phone | Type::Email | Type::Url | Type::File | Type::Template) => true,
        (Value::Int(_), Type::Int | Type::Decimal) | (Value::Decimal(_), Type::Decimal) => true,
        (Value::Money(_), Type::Money) | (Value::Bool(_), Type::Bool) | (Value::Date(_), Type::Date) => true,
        (Value::DateTime(_), Type::DateTime) | (Value::Time(_), Type::Time) | (Value::Period(_), Type::Duration) => {
            true
        }
        (Value::Text(name), Type::Stage(id)) => schema.get(*id).is_some_and(|e| e.find_stage(None, name).is_some()),
        (Value::Text(name), Type::Pipeline(id)) => {
            schema.get(*id).is_some_and(|e| e.pipelines.iter().any(|p| p.name == *name))
        }
        (Value::Text(name), Type::Enum(id, field)) => {
            let field = schema.get(*id).and_then(|e| e.get(*field));
            field.is_some_and(|f| f.options.iter().any(|o| o.name == *name))
        }
        (Value::Text(name), Type::Outcome) => {
            ["reached", "final", "activity", "timeout", "approved", "rejected"].contains(&&**name)
        }
        (Value::Ref(of), Type::User) => &*of.kind == "user",
        (Value::Ref(of), Type::Department) => &*of.kind == "department",
        (Value::Ref(of), Type::Role) => &*of.kind == "role",
        (Value::Ref(of), Type::Chat) => &*of.kind == "chat",
        (Value::Ref(of), Type::Entity(id)) => named(*id).is_some_and(|name| name == of.kind),
        (Value::List(items), Type::List(inner)) => items.iter().all(|item| has_type(item, inner, schema)),
        (Value::Record(fields), Type::Record(members)) => {
            members.iter().all(|(name, ty)| has_type(fields.get(name).unwrap_or(&Value::Missing), ty, schema))
        }
        _ => false,
    }
}

#[test]
fn every_type_has_values_of_itself() {
    let (schema, _) = dealflow::schema::load(dealflow::source::FileId(0), super::CRM);
    let mut random = Random(1);
    for field in &schema.entity("deal").unwrap().fields {
        for _ in 0..20 {
            let made = value(&field.read_type(), &schema, &mut random);
            assert!(has_type(&made, &field.read_type(), &schema), "{}: {made:?}", field.name);
        }
    }
    assert!(!has_type(&Value::Missing, &Type::Text, &schema));
    assert!(!has_type(&Value::Int(1), &Type::Optional(Arc::new(Type::Bool)), &schema));
}
