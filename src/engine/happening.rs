//! One thing to serve within an activation: what came in, or what an effect changed; and what a rule sees of it.

use super::change::Change;
use super::rules::Rule;
use super::trace::TraceKind;
use crate::ir::{Origin, Trigger};
use crate::schema::Schema;
use crate::value::{Name, Ref, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that may set rules off and wake runs.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// What.
    pub(super) what: What,
    /// Who made it.
    pub(super) origin: Origin,
    /// Which employee.
    pub(super) by: Option<Name>,
    /// How many rules stand between it and the outside.
    pub(super) depth: u32,
}

/// What happened.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A record changed.
    Changed(Change),
    /// Something that the catalogue names.
    Named(Named),
}

/// A named event.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: Name,
    pub(super) about: Option<Ref>,
    pub(super) fields: Vec<(Name, Value)>,
}

impl Happening {
    /// The record concerned.
    pub(super) fn record(&self) -> Option<&Ref> {
        match &self.what {
            What::Changed(change) => Some(&change.of),
            What::Named(named) => named.about.as_ref(),
        }
    }

    /// The same for the timeline.
    pub(super) fn trace(&self) -> TraceKind {
        let (what, fields) = match &self.what {
            What::Changed(change) => (verb(change), new_values(change)),
            What::Named(named) => (named.name.clone(), named.fields.clone()),
        };
        TraceKind::EventTaken { what, fields, by: self.by.clone(), origin: self.origin, depth: self.depth }
    }

    /// What `event` is for this rule; missing when the rule does not look at it.
    pub(super) fn payload(&self, schema: &Schema, rule: &Rule) -> Value {
        if !rule.uses_event {
            return Value::Missing;
        }
        let mut members = BTreeMap::new();
        match &self.what {
            What::Changed(change) => {
                let (before, after) = before_and_after(schema, &rule.program.trigger, change);
                members.insert(Name::from("before"), before);
                members.insert(Name::from("after"), after);
            }
            What::Named(named) => {
                members.extend(named.about.iter().map(|about| (about.kind.clone(), Value::Ref(about.clone()))));
                members.extend(named.fields.iter().cloned());
            }
        }
        if let Some(by) = &self.by {
            members.entry("by".into()).or_insert_with(|| Value::Ref(Ref::new("user", by)));
        }
        Value::Record(Arc::new(members))
    }
}

impl Named {
    /// The records that the event is attached to: the one it names, and those in its payload.
    pub(super) fn attached(&self) -> Vec<Ref> {
        let in_payload = self.fields.iter().filter_map(|(_, value)| link(value));
        self.about.iter().cloned().chain(in_payload).collect()
    }
}

/// The record or person that a value refers to.
pub(super) fn link(value: &Value) -> Option<Ref> {
    match value {
        Value::Ref(of) => Some(of.clone()),
        _ => None,
    }
}

fn verb(change: &Change) -> Name {
    match (&change.before, &change.after) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    }
    .into()
}

fn new_values(change: &Change) -> Vec<(Name, Value)> {
    if change.after.is_none() {
        return Vec::new();
    }
    change.fields.iter().map(|name| (name.clone(), change.new_value(name).clone())).collect()
}

/// `event.before` and `event.after`: the values of the one field that the trigger is about, or the changed fields by name.
fn before_and_after(schema: &Schema, trigger: &Trigger, change: &Change) -> (Value, Value) {
    let one = |field: &Name| (change.old(field).clone(), change.new_value(field).clone());
    match trigger {
        Trigger::Changed { entity: _, fields, from: _, to: _ } if fields.len() == 1 => {
            fields.first().map(one).unwrap_or_default()
        }
        Trigger::Entered { .. } | Trigger::Closed { .. } => {
            schema.entity(&change.of.kind).and_then(|e| e.stage_name()).map(one).unwrap_or_default()
        }
        Trigger::Changed { .. }
        | Trigger::Created(_)
        | Trigger::Updated(_)
        | Trigger::Saved(_)
        | Trigger::Deleted(_)
        | Trigger::Date { .. }
        | Trigger::Event { .. } => (named(change, Change::old), named(change, Change::new_value)),
    }
}

fn named<'a>(change: &'a Change, value: impl Fn(&'a Change, &str) -> &'a Value) -> Value {
    let members = change.fields.iter().map(|name| (name.clone(), value(change, name).clone()));
    Value::Record(Arc::new(members.filter(|(_, v)| *v != Value::Missing).collect()))
}
