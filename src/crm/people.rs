//! Who is meant: departments, roles, `everybody` and lists become employees.

use super::refuse;
use crate::engine::EffectError;
use crate::engine::limits::RECIPIENTS;
use crate::schema::Schema;
use crate::value::{Name, Ref, Value};
use std::collections::BTreeSet;

/// All employees that a value means, each once, in the order they are named.
pub(super) fn all(schema: &Schema, value: &Value) -> Result<Vec<Ref>, EffectError> {
    let mut found = Vec::new();
    collect(schema, value, &mut found)?;
    let mut seen = BTreeSet::new();
    found.retain(|person| seen.insert(person.clone()));
    if found.len() > RECIPIENTS {
        return refuse(format!("one action can address at most {RECIPIENTS} people"));
    }
    Ok(found)
}

/// The one employee that a value means.
pub(super) fn one(schema: &Schema, value: &Value) -> Result<Ref, EffectError> {
    match all(schema, value)?.as_slice() {
        [person] => Ok(person.clone()),
        [] => refuse("nobody is meant: the value is empty".to_owned()),
        many => refuse(format!("one employee is needed, {} are meant", many.len())),
    }
}

fn collect(schema: &Schema, value: &Value, found: &mut Vec<Ref>) -> Result<(), EffectError> {
    match value {
        Value::Missing => Ok(()),
        Value::List(items) => items.iter().try_for_each(|item| collect(schema, item, found)),
        Value::Text(name) => add_user(schema, name, found),
        Value::Ref(of) => collect_ref(schema, of, found),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Record(_) => refuse("only employees, departments, roles and `everybody` can be addressed".to_owned()),
    }
}

fn collect_ref(schema: &Schema, of: &Ref, found: &mut Vec<Ref>) -> Result<(), EffectError> {
    let user = |id: &Name| Ref::new("user", id);
    match &*of.kind {
        "user" => add_user(schema, &of.id, found),
        "everybody" => {
            found.extend(schema.users.keys().map(user));
            Ok(())
        }
        "department" if schema.departments.contains_key(&of.id) => {
            let members = schema.users.iter().filter(|(_, u)| u.department.as_ref() == Some(&of.id));
            found.extend(members.map(|(id, _)| user(id)));
            Ok(())
        }
        "role" => match schema.roles.get(&of.id) {
            Some(role) => {
                found.extend(role.members.iter().map(user));
                Ok(())
            }
            None => refuse(format!("there is no role `{}` any more", of.id)),
        },
        "department" => refuse(format!("there is no department `{}` any more", of.id)),
        _ => refuse(format!("{of} is not an employee, department or role")),
    }
}

fn add_user(schema: &Schema, id: &Name, found: &mut Vec<Ref>) -> Result<(), EffectError> {
    if !schema.users.contains_key(id) {
        return refuse(format!("there is no user `{id}` in the workspace"));
    }
    found.push(Ref::new("user", id));
    Ok(())
}
