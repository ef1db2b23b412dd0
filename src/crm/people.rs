//! Who is meant: departments, roles, `everybody` and lists become employees.

use super::reading::linking;
use super::{Desk, kind, link_of, refuse};
use crate::engine::change::is_closed;
use crate::engine::limits::RECIPIENTS;
use crate::engine::{EffectError, Record};
use crate::schema::Schema;
use crate::value::{Name, Ref, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// How an employee's turn is kept: by the people that are meant.
fn turn_of(people: &[Ref]) -> Ref {
    let ids: Vec<&str> = people.iter().map(|who| &*who.id).collect();
    Ref::new(kind::TURN, &ids.join(" "))
}

impl Desk<'_> {
    /// The people of whom one is chosen, in the order of their short names.
    fn candidates(&self) -> Result<Vec<Ref>, EffectError> {
        let mut people = all(self.call.schema, self.need("of")?)?;
        people.sort();
        Ok(people)
    }

    /// Whether somebody works today.
    fn is_at_work(&self, who: &Ref) -> bool {
        self.call.schema.works_on(&who.id, self.call.now)
    }

    /// Those who work today come first; if nobody does, nothing changes.
    fn at_work_first(&self, order: &mut [&Ref]) {
        order.sort_by_key(|who| !self.is_at_work(who));
    }

    /// Who comes after the one who came last, of the people in `of`.
    pub(super) fn next_of(&mut self) -> Result<Ref, EffectError> {
        let people = self.candidates()?;
        let turn = turn_of(&people);
        let last = self.store.record(&turn)?.and_then(|record| link_of(&record, "last"));
        let after = people.iter().position(|who| Some(who) == last.as_ref()).map_or(0, |at| at + 1);
        let mut order: Vec<&Ref> = people.iter().skip(after).chain(people.iter().take(after)).collect();
        self.at_work_first(&mut order);
        let Some(next) = order.first().map(|who| (*who).clone()) else {
            return refuse("nobody is meant: `of` has no people".to_owned());
        };
        let mut record = Record::default();
        record.set(&"last".into(), Value::Ref(next.clone()));
        self.store.put_record(&turn, Arc::new(record))?;
        Ok(next)
    }

    /// Who has the fewest open records of a kind, of the people in `of`; of several the first by name.
    pub(super) fn least_busy_of(&self, kind: &str) -> Result<Ref, EffectError> {
        let people = self.candidates()?;
        let mut order: Vec<&Ref> = people.iter().collect();
        if order.iter().any(|who| self.is_at_work(who)) {
            order.retain(|who| self.is_at_work(who));
        }
        let mut least: Option<(u64, Ref)> = None;
        for who in order {
            let mut open = 0;
            linking(self.store, kind, "owner", who, &mut |_, record| {
                open += u64::from(!is_closed(self.call.schema, kind, Some(record)));
                true
            })?;
            if least.as_ref().is_none_or(|(fewest, _)| open < *fewest) {
                least = Some((open, who.clone()));
            }
        }
        match least {
            Some((_, who)) => Ok(who),
            None => refuse("nobody is meant: `of` has no people".to_owned()),
        }
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
