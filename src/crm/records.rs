//! Records of entities: made, changed and removed, by events and by actions.
//!
//! A new record gets its defaults, the acting employee as owner, the first pipeline and its first stage, unless given;
//! every change notes when. A change that changes nothing is none. An update of a record that is not known keeps what it
//! says (the store may have been started in the middle of its life); making a record that is there already updates it.

use super::{Desk, activities, people, raised, refuse};
use crate::engine::change::{UPDATED_AT, pipeline_of};
use crate::engine::{Came, Change, Done, EffectError, Event, EventKind, Record, Store, Stored, Taken};
use crate::schema::{Entity, Schema};
use crate::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

const CREATED_AT: &str = "created_at";
const CREATED_BY: &str = "created_by";
const OWNER: &str = "owner";

/// Applies an event from outside.
pub(super) fn take(store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
    let Some(of) = &event.about else { return Ok(Taken::Nothing("the event names no record")) };
    let before = store.record(of)?;
    if event.what == EventKind::Delete {
        store.remove_record(of)?;
        let changes: Vec<Change> = Change::between(of.clone(), before, None).into_iter().collect();
        return Ok(taken(Came { changes, raised: Vec::new() }, "the record does not exist"));
    }
    let mut after = before.as_deref().cloned().unwrap_or_default();
    for (field, value) in &event.fields {
        after.set(field, value.clone());
    }
    match (&before, &event.what) {
        (None, EventKind::Create) => fill(schema, of, &mut after, now, event.by.as_ref()),
        (None, EventKind::Update | EventKind::Delete | EventKind::Named(_) | EventKind::Reply(_)) => {
            // Not made now, so nothing says it was: it counts as a change of a record that had no values.
            return Ok(taken(write(store, schema, of, Some(Arc::default()), after, now)?, "nothing differs"));
        }
        (Some(_), _) => {}
    }
    Ok(taken(write(store, schema, of, before, after, now)?, "nothing differs"))
}

fn taken(came: Came, nothing: &'static str) -> Taken {
    if came.changes.is_empty() { Taken::Nothing(nothing) } else { Taken::Changed(came) }
}

/// Writes a record if it differs, and says what came of it: activities that are done by a change of stage, and named
/// events.
pub(super) fn write(
    store: &mut dyn Store,
    schema: &Schema,
    of: &Ref,
    before: Option<Arc<Record>>,
    mut after: Record,
    now: Moment,
) -> Stored<Came> {
    if before.as_deref() == Some(&after) {
        return Ok(Came::default());
    }
    if before.is_some() || *after.get(UPDATED_AT) == Value::Missing {
        after.set(&UPDATED_AT.into(), Value::DateTime(now));
    }
    let after = Arc::new(after);
    store.put_record(of, after.clone())?;
    let Some(change) = Change::between(of.clone(), before, Some(after)) else { return Ok(Came::default()) };
    let mut came = Came { raised: raised::by(schema, &change), changes: vec![change.clone()] };
    if stage_changed(schema, &change) {
        let done = activities::complete(store, schema, of, now)?;
        came.changes.extend(done.changes);
        came.raised.extend(done.raised);
    }
    Ok(came)
}

/// Whether a record that was there before is in another stage.
fn stage_changed(schema: &Schema, change: &Change) -> bool {
    let stage = schema.entity(&change.of.kind).and_then(Entity::stage_name);
    change.before.is_some() && stage.is_some_and(|field| change.touches(field))
}

/// Gives a new record what was not given.
pub(super) fn fill(schema: &Schema, of: &Ref, record: &mut Record, now: Moment, by: Option<&Name>) {
    let give = |record: &mut Record, field: &str, value: Value| {
        if *record.get(field) == Value::Missing {
            record.set(&field.into(), value);
        }
    };
    let actor = by.map_or(Value::Missing, |by| Value::Ref(Ref::new("user", by)));
    give(record, CREATED_AT, Value::DateTime(now));
    give(record, CREATED_BY, actor.clone());
    give(record, OWNER, actor);
    let Some(entity) = schema.entity(&of.kind) else { return };
    for field in &entity.fields {
        if let Some(default) = field.default.as_ref().filter(|_| !record.fields.contains_key(&field.name)) {
            record.set(&field.name, default.clone());
        }
    }
    fill_stage(entity, record);
}

fn fill_stage(entity: &Entity, record: &mut Record) {
    let Some(stage) = entity.stage_name() else { return };
    if let (Some(field), Some(first)) = (entity.pipeline_field(), entity.pipelines.first())
        && *record.get(&field.name) == Value::Missing
    {
        // A stage that is given says the pipeline: the first that has it.
        let chosen = match record.get(stage) {
            Value::Text(given) => entity.pipelines.iter().find(|p| p.stages.iter().any(|s| s.name == *given)),
            _ => None,
        };
        record.set(&field.name, Value::Text(chosen.unwrap_or(first).name.clone()));
    }
    if *record.get(stage) == Value::Missing {
        let pipeline = pipeline_of(entity, record).map(|name| &**name);
        if let Some(first) = entity.first_stage(pipeline).map(|first| Value::Text(first.name.clone())) {
            record.set(stage, first);
        }
    }
}

/// Arguments of `create` and `set` that are not fields.
const NOT_FIELDS: &[&str] = &["entity", "record", "by"];

impl Desk<'_> {
    pub(super) fn create(&mut self) -> Result<Done, EffectError> {
        let kind = self.need_text("entity")?;
        let Some(entity) = self.call.schema.entity(&kind) else {
            return refuse(format!("there is no entity `{kind}` in the workspace"));
        };
        let by = self.actor("by")?;
        let mut record = Record::default();
        self.assign_fields(entity, &mut record)?;
        self.make(&kind, record, None, by.as_ref())
    }

    pub(super) fn set(&mut self) -> Result<Done, EffectError> {
        let (of, before) = self.need_record("record")?;
        let Some(entity) = self.call.schema.entity(&of.kind) else {
            return refuse(format!("fields of {of} cannot be set"));
        };
        let mut after = (*before).clone();
        self.assign_fields(entity, &mut after)?;
        self.change(&of, before, after)
    }

    pub(super) fn assign(&mut self) -> Result<Done, EffectError> {
        let (of, before) = self.need_record("record")?;
        let to = match self.need("to")? {
            Value::Text(word) if &**word == "next" => self.next_of()?,
            Value::Text(word) if &**word == "least busy" => self.least_busy_of(&of.kind)?,
            who => people::one(self.call.schema, who)?,
        };
        let mut after = (*before).clone();
        after.set(&OWNER.into(), Value::Ref(to));
        self.change(&of, before, after)
    }

    pub(super) fn move_to(&mut self) -> Result<Done, EffectError> {
        let (of, before) = self.need_record("record")?;
        let stage = self.need_text("stage")?;
        let field = self.call.schema.entity(&of.kind).and_then(Entity::stage_name);
        let Some(field) = field else { return refuse(format!("{of} has no stages")) };
        let mut after = (*before).clone();
        after.set(field, Value::Text(stage));
        self.change(&of, before, after)
    }

    pub(super) fn change(&mut self, of: &Ref, before: Arc<Record>, after: Record) -> Result<Done, EffectError> {
        if let Some(entity) = self.call.schema.entity(&of.kind) {
            check_stage(entity, &after)?;
        }
        let by = self.actor("by")?.map(|by| by.id);
        let mut done = Done { by, ..Done::default() };
        self.write(of, Some(before), after, &mut done)?;
        Ok(done)
    }

    fn assign_fields(&self, entity: &Entity, record: &mut Record) -> Result<(), EffectError> {
        for (name, value) in &self.call.request.args {
            if NOT_FIELDS.contains(&&**name) {
                continue;
            }
            let Some(field) = entity.field(name) else {
                return refuse(format!("{} has no field `{name}` any more", entity.name));
            };
            if let (Some(money), Some(currency)) = (field.wrong_currency(value), field.currency) {
                let field = format!("{}.{name}", entity.name);
                return refuse(format!("`{money}` cannot be the value of `{field}`, which is kept in {currency}"));
            }
            record.set(name, value.clone());
        }
        Ok(())
    }
}

/// A record must stand in a stage of its own pipeline.
pub(super) fn check_stage(entity: &Entity, record: &Record) -> Result<(), EffectError> {
    let Some(Value::Text(stage)) = entity.stage_name().map(|field| record.get(field)) else { return Ok(()) };
    let pipeline = pipeline_of(entity, record);
    if entity.find_stage(pipeline.map(|p| &**p), stage).is_some() {
        return Ok(());
    }
    let of = pipeline.map(|p| format!(" of the pipeline `{p}`")).unwrap_or_default();
    refuse(format!("`{stage}` is not a stage{of} of the entity `{}`", entity.name))
}
