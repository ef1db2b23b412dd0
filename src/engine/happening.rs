//! One thing to serve within an activation: what came in, or what an effect changed; and what a rule sees of it.

use super::change::{Change, UPDATED_AT};
use super::crm::Raised;
use super::history::{Cause, Occasion};
use super::request::{self, REQUEST};
use super::rules::Rule;
use super::start::By;
use super::trace::TraceKind;
use crate::ir::{Origin, Trigger};
use crate::schema::Schema;
use crate::value::{Fields, Name, Ref, Value};
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
    /// The record that keeps it: the call, the mail.
    pub(super) kept: Option<Ref>,
}

impl What {
    /// A named event that follows from a change.
    pub(super) fn raised(raised: Raised) -> Self {
        let Raised { name, about, fields } = raised;
        Self::Named(Named { name, about: Some(about), fields, kept: None })
    }
}

impl Happening {
    /// The record concerned.
    pub(super) fn record(&self) -> Option<&Ref> {
        match &self.what {
            What::Changed(change) => Some(&change.of),
            What::Named(named) => named.about.as_ref(),
        }
    }

    /// The same for the runs that it sets off.
    pub(super) fn by(&self) -> By {
        let what = match &self.what {
            What::Changed(change) => verb(change),
            What::Named(named) => named.name.clone(),
        };
        By { occasion: Occasion { what, by: self.by.clone(), origin: self.origin }, depth: self.depth }
    }

    /// The answer of a person, as what sets a run in motion.
    pub(super) fn reply(&self) -> Option<Cause> {
        let What::Changed(change) = &self.what else { return None };
        if &*change.of.kind != REQUEST {
            return None;
        }
        let text = match change.new_value("text") {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        Some(Cause::Replied { how: request::word(change).into(), by: self.by.clone(), text })
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
        let mut members = Fields::new();
        match &self.what {
            What::Changed(change) => {
                if let Some(field) = one_field(schema, &rule.program.trigger, change) {
                    members.insert(Name::from("before"), change.old(field).clone());
                    members.insert(Name::from("after"), change.new_value(field).clone());
                }
            }
            What::Named(named) => {
                members.extend(named.fields.iter().cloned());
                for of in named.attached() {
                    members.keep(of.kind.clone(), Value::Ref(of));
                }
            }
        }
        if let Some(by) = &self.by {
            members.keep("by".into(), Value::Ref(Ref::new("user", by)));
        }
        Value::Record(Arc::new(members))
    }
}

impl Named {
    /// The records that the event is attached to: the one it names, and those in its payload.
    pub(super) fn attached(&self) -> Vec<Ref> {
        let in_payload = self.fields.iter().filter_map(|(_, value)| link(value));
        self.about.iter().cloned().chain(in_payload).chain(self.kept.clone()).collect()
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
    if &*change.of.kind == REQUEST {
        return request::word(change).into();
    }
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
    if &*change.of.kind == REQUEST {
        let told = change.fields.iter().filter(|name| matches!(&***name, "text" | "people"));
        return told.map(|name| (name.clone(), change.new_value(name).clone())).collect();
    }
    let told = change.fields.iter().filter(|name| &***name != UPDATED_AT);
    told.map(|name| (name.clone(), change.new_value(name).clone())).collect()
}

/// The field that `event.before` and `event.after` are about: the only one that the trigger names, or the stage.
fn one_field<'a>(schema: &'a Schema, trigger: &'a Trigger, change: &Change) -> Option<&'a Name> {
    match trigger {
        Trigger::Changed { entity: _, fields, from: _, to: _ } => match fields.as_slice() {
            [field] => Some(field),
            _ => None,
        },
        Trigger::Entered { .. } | Trigger::Closed { .. } => schema.entity(&change.of.kind)?.stage_name(),
        Trigger::Created(_)
        | Trigger::Updated(_)
        | Trigger::Saved(_)
        | Trigger::Deleted(_)
        | Trigger::Date { .. }
        | Trigger::Event { .. }
        | Trigger::Flow(_)
        | Trigger::Every(_)
        | Trigger::Unreplied { .. } => None,
    }
}
