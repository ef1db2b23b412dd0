//! What has to be done: activities, tasks, planned calls and meetings.

use super::reading::linking;
use super::{Desk, owner, people, records, refuse, stage_of};
use crate::catalog::DONE_WITH_STAGE;
use crate::engine::change::is_closed;
use crate::engine::{Came, Done, EffectError, Record, Store, Stored};
use crate::schema::{Entity, Schema, StageKind, Type};
use crate::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

/// Kinds of work that a conversion closes.
const WORK: &[&str] = &["activity", "task", "call", "appointment"];

/// The fields by which records of a kind link to those of another.
fn link_fields(schema: &Schema, from: &str, to: &str) -> Vec<Name> {
    let Some(wanted) = schema.entity_id(to).map(Type::Entity) else { return Vec::new() };
    let fields = schema.entity(from).map_or(&[][..], |entity| &entity.fields);
    fields.iter().filter(|field| field.ty == wanted).map(|field| field.name.clone()).collect()
}

/// The open records of a kind that belong to a record.
fn open_of(store: &dyn Store, schema: &Schema, kind: &str, of: &Ref) -> Stored<Vec<(Ref, Arc<Record>)>> {
    let mut found = Vec::new();
    for field in link_fields(schema, kind, &of.kind) {
        linking(store, kind, &field, of, &mut |one, record| {
            if !is_closed(schema, kind, Some(record)) {
                found.push((one.clone(), Arc::new(record.clone())));
            }
            true
        })?;
    }
    Ok(found)
}

/// Puts a record into the first stage that means success.
fn finish(
    store: &mut dyn Store,
    schema: &Schema,
    entity: &Entity,
    of: &Ref,
    record: &Arc<Record>,
    now: Moment,
    came: &mut Came,
) -> Stored<()> {
    let (Some(field), Some(done)) = (entity.stage_name(), stage_of(entity, None, StageKind::Success)) else {
        return Ok(());
    };
    let mut after = (**record).clone();
    after.set(field, Value::Text(done));
    let more = records::write(store, schema, of, Some(record.clone()), after, now)?;
    came.changes.extend(more.changes);
    came.raised.extend(more.raised);
    Ok(())
}

/// The activities that are done by themselves once the stage of their record changes.
pub(super) fn complete(store: &mut dyn Store, schema: &Schema, of: &Ref, now: Moment) -> Stored<Came> {
    let mut came = Came::default();
    let (kind, field) = DONE_WITH_STAGE;
    let Some(entity) = schema.entity(kind) else { return Ok(came) };
    for (one, record) in open_of(store, schema, kind, of)? {
        if *record.get(field) == Value::Bool(true) {
            finish(store, schema, entity, &one, &record, now, &mut came)?;
        }
    }
    Ok(came)
}

/// Closes all open work of a record.
pub(super) fn close_all(store: &mut dyn Store, schema: &Schema, of: &Ref, now: Moment) -> Stored<Came> {
    let mut came = Came::default();
    for kind in WORK {
        let Some(entity) = schema.entity(kind) else { continue };
        for (one, record) in open_of(store, schema, kind, of)? {
            finish(store, schema, entity, &one, &record, now, &mut came)?;
        }
    }
    Ok(came)
}

impl Desk<'_> {
    /// An activity or a task.
    pub(super) fn activity(&mut self, kind: &str) -> Result<Done, EffectError> {
        let mut record = Record::default();
        self.copy(
            &mut record,
            &["subject", "description", "priority", "remind", "important", "complete_on_stage_change"],
        );
        if self.arg("due").is_some() {
            record.set(&"due".into(), Value::DateTime(self.need_moment("due")?));
        }
        self.plan(kind, record)
    }

    /// A call or a meeting.
    pub(super) fn schedule(&mut self, kind: &str) -> Result<Done, EffectError> {
        let (from, to) = (self.need_moment("from")?, self.need_moment("to")?);
        if to <= from {
            return refuse("it ends before it begins: `to` must be after `from`".to_owned());
        }
        let mut record = Record::default();
        self.copy(&mut record, &["subject", "description", "location", "remind", "important"]);
        record.set(&"start".into(), Value::DateTime(from));
        record.set(&"end".into(), Value::DateTime(to));
        self.plan(kind, record)
    }

    /// Arguments that are fields of the same name.
    fn copy(&self, record: &mut Record, names: &[&str]) {
        for name in names {
            record.set(&(*name).into(), self.given(name));
        }
    }

    /// Makes the record, for whoever is responsible and about what it is about.
    fn plan(&mut self, kind: &str, mut record: Record) -> Result<Done, EffectError> {
        let about = match self.arg("about") {
            Some(Value::Ref(about)) => Some(about.clone()),
            _ => self.call.record.cloned(),
        };
        let responsible = match self.arg("responsible") {
            Some(who) => Some(people::one(self.call.schema, who)?),
            None => match &about {
                Some(about) => self.store.record(about)?.as_deref().and_then(owner),
                None => None,
            },
        };
        if let Some(responsible) = responsible {
            record.set(&"owner".into(), Value::Ref(responsible));
        }
        let by = self.actor("by")?;
        self.make(kind, record, about.as_ref(), by.as_ref())
    }
}
