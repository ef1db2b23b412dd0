//! Answers to live reads: people and chats from the workspace, everything else from the store.

use super::change::{CLOSED, is_closed};
use super::history::Ending;
use super::limits;
use super::store::{Record, RunId, Store, Stored};
use crate::schema::Schema;
use crate::value::{Hint, Name, Ref, Value};
use crate::vm::Look;
use std::sync::Arc;

/// A removed record that can still be read: by the rules that its removal sets off.
pub(super) type Ghost<'a> = Option<(&'a Ref, &'a Arc<Record>)>;

/// The value of a field; missing for what does not exist.
pub(super) fn read(schema: &Schema, store: &dyn Store, of: &Ref, field: &str) -> Stored<Value> {
    Sight::new(schema, store, None).find(of, field, &Hint::default()).cloned()
}

/// Finds what is read while nothing changes, such as from one effect to the next. The record that was looked at last is
/// kept at hand: most reads are of one record.
struct Sight<'a> {
    schema: &'a Schema,
    store: &'a dyn Store,
    ghost: Ghost<'a>,
    /// That record, if the store has it.
    record: Option<(Ref, Option<Arc<Record>>)>,
    /// What stands in no record.
    other: Value,
}

impl<'a> Sight<'a> {
    const fn new(schema: &'a Schema, store: &'a dyn Store, ghost: Ghost<'a>) -> Self {
        Self { schema, store, ghost, record: None, other: Value::Missing }
    }

    fn find(&mut self, of: &Ref, field: &str, hint: &Hint) -> Stored<&Value> {
        if self.record.as_ref().is_none_or(|(known, _)| known != of) {
            if let Some(value) = of_workspace(self.schema, of, field) {
                return Ok(kept(&mut self.other, value));
            }
            if &*of.kind == RUN {
                let value = of_run(self.store, of, field)?;
                return Ok(kept(&mut self.other, value));
            }
            self.record = Some((of.clone(), self.store.record(of)?));
        }
        let record = self.record.as_ref().and_then(|(_, record)| record.as_deref());
        if field == CLOSED {
            let closed = is_closed(self.schema, &of.kind, record);
            return Ok(kept(&mut self.other, Value::Bool(closed)));
        }
        let gone = || self.ghost.filter(|(gone, _)| *gone == of).map(|(_, record)| &**record);
        match record.or_else(gone) {
            Some(_) if field == "id" => Ok(kept(&mut self.other, Value::Text(of.id.clone()))),
            Some(record) => Ok(record.get_near(field, hint)),
            None => Ok(&Value::Missing),
        }
    }
}

/// Puts a value where it can be borrowed from.
fn kept(place: &mut Value, value: Value) -> &Value {
    *place = value;
    place
}

/// Is told what was read.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&Ref, &Name, &Value);

/// Answers a machine's reads while nothing changes.
pub(super) struct Eyes<'a> {
    sight: Sight<'a>,
    tell: Option<Tell<'a>>,
}

impl<'a> Eyes<'a> {
    pub(super) const fn new(schema: &'a Schema, store: &'a dyn Store, ghost: Ghost<'a>) -> Self {
        Self { sight: Sight::new(schema, store, ghost), tell: None }
    }

    /// Tells of everything that is read from now on.
    pub(super) fn telling(self, tell: Tell<'a>) -> Self {
        Self { tell: Some(tell), ..self }
    }

    /// The value of a field, or why there is no answer.
    pub(super) fn see(&mut self, of: &Ref, field: &Name) -> Stored<&Value> {
        self.see_near(of, field, &Hint::default())
    }

    fn see_near(&mut self, of: &Ref, field: &Name, hint: &Hint) -> Stored<&Value> {
        let value = self.sight.find(of, field, hint)?;
        if let Some(tell) = &mut self.tell {
            tell(of, field, value);
        }
        Ok(value)
    }
}

impl Look for Eyes<'_> {
    /// A read that fails gives no answer: whoever asks again by [`Self::see`] hears why.
    fn look(&mut self, of: &Ref, field: &Name, hint: &Hint) -> Option<&Value> {
        self.see_near(of, field, hint).ok()
    }
}

/// The next records of a kind, behind the id `after`; with `link` only those whose field refers to that.
pub(super) fn page(store: &dyn Store, kind: &Name, link: Option<(Name, Ref)>, after: Option<&str>) -> Stored<Value> {
    let ids: Vec<Name> = match link {
        Some((field, to)) => store.linking(kind, &field, &to, after, limits::PAGE)?,
        None => store.records(kind, after, limits::PAGE)?.into_iter().map(|(id, _)| id).collect(),
    };
    Ok(Value::list(ids.into_iter().map(|id| Value::Ref(Ref { kind: kind.clone(), id })).collect()))
}

/// The kind of a reference to a run.
pub(super) const RUN: &str = "run";

/// What became of a run: it is told by its history when it is over.
fn of_run(store: &dyn Store, of: &Ref, field: &str) -> Stored<Value> {
    let Some(id) = of.id.parse().ok().map(RunId) else { return Ok(Value::Missing) };
    if field == "id" {
        return Ok(Value::Text(of.id.clone()));
    }
    if field != "state" {
        return Ok(Value::Missing);
    }
    if store.run(id)?.is_some() {
        return Ok(Value::text("running"));
    }
    Ok(Value::text(match store.history(id)?.last().map(|(_, row)| &row.end) {
        Some(Ending::Ended) => "done",
        Some(Ending::Failed(_)) => "failed",
        Some(Ending::Cancelled(_)) => "cancelled",
        // It has not begun, or it is just being executed.
        Some(Ending::Slept { .. } | Ending::Parked { .. } | Ending::Paused | Ending::Stuck(_) | Ending::Still)
        | None => "running",
    }))
}

/// Whether a field can change while runs sleep; others need no watch. What `crm.toml` declares cannot, and [`CLOSED`]
/// changes only together with the stage that is read beside it.
pub(super) fn can_change(kind: &str, field: &str) -> bool {
    !matches!(kind, "user" | "department" | "role" | "everybody") && field != CLOSED
}

/// Fields of what `crm.toml` declares; `None` when it is not declared there.
fn of_workspace(schema: &Schema, of: &Ref, field: &str) -> Option<Value> {
    match &*of.kind {
        "user" => Some(of_user(schema, of, field)),
        "department" => Some(of_department(schema, of, field)),
        "role" => {
            let role = schema.roles.get(&of.id);
            let members = role.map(|r| users(r.members.iter()));
            Some(group(of, field, members))
        }
        "chat" => {
            let chat = schema.chats.get(&of.id)?;
            Some(group(of, field, Some(users(chat.members.iter()))))
        }
        _ => None,
    }
}

fn of_user(schema: &Schema, of: &Ref, field: &str) -> Value {
    let Some(user) = schema.users.get(&of.id) else { return unknown(field) };
    let text = |value: &Option<String>| value.as_deref().map_or(Value::Missing, Value::text);
    match field {
        "id" => Value::Text(of.id.clone()),
        "name" => Value::text(&user.name),
        "email" => text(&user.email),
        "phone" => text(&user.phone),
        "manager" => user.manager.as_ref().map_or(Value::Missing, user_ref),
        "department" => user.department.as_ref().map_or(Value::Missing, |d| Value::Ref(Ref::new("department", d))),
        CLOSED => Value::Bool(false),
        _ => Value::Missing,
    }
}

fn of_department(schema: &Schema, of: &Ref, field: &str) -> Value {
    let Some(department) = schema.departments.get(&of.id) else { return unknown(field) };
    if field == "head" {
        return department.head.as_ref().map_or(Value::Missing, user_ref);
    }
    let members = schema.users.iter().filter(|(_, user)| user.department.as_ref() == Some(&of.id)).map(|(id, _)| id);
    group(of, field, Some(users(members)))
}

fn group(of: &Ref, field: &str, members: Option<Value>) -> Value {
    let Some(members) = members else { return unknown(field) };
    match field {
        "id" | "name" => Value::Text(of.id.clone()),
        "members" => members,
        CLOSED => Value::Bool(false),
        _ => Value::Missing,
    }
}

fn unknown(field: &str) -> Value {
    if field == CLOSED { Value::Bool(true) } else { Value::Missing }
}

fn user_ref(id: &Name) -> Value {
    Value::Ref(Ref::new("user", id))
}

fn users<'a>(ids: impl Iterator<Item = &'a Name>) -> Value {
    Value::list(ids.map(user_ref).collect())
}
