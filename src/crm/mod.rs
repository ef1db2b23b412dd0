//! The embedded CRM: records, chats, messages and posts, all kept in the engine's store.
//!
//! Entities of the schema are records of their own kind: what an action makes of them is a change like any other, and sets
//! rules off. What belongs to no entity is kept as records of the kinds in [`kind`]; these are written only here, and nothing
//! is set off by them. Calls, mails and messages that events tell of are recorded too, unless their customer is on the list
//! of exceptions ([`incoming`]).
//!
//! To add an action: its `ActionOp` in the catalogue, and an arm in [`Embedded::perform`].

mod activities;
mod bookings;
mod caps;
mod convert;
mod customers;
mod incoming;
mod messages;
mod outgoing;
mod outside;
mod people;
mod planned;
mod raised;
mod reading;
mod records;
mod sample;

pub use sample::sample;

use crate::catalog::{self, ActionOp};
use crate::engine::{
    Attempt, Call, Change, Crm, Done, EffectError, Errand, Event, EventKind, Overdue, Raised, Record, Store, Stored,
    Taken,
};
use crate::schema::{Entity, Schema, StageKind};
use crate::value::{Moment, Name, Ref, Value};
use std::sync::Arc;

/// The kinds of records that actions write besides entities.
pub mod kind {
    /// A notification: `to`, `text`, `from`, `type`.
    pub const NOTIFICATION: &str = "notification";
    /// A post in the news feed: `subject`, `text`, `to`, `from`, `tag`, `attachments`.
    pub const POST: &str = "post";
    /// A comment: `record`, `text`, `from`.
    pub const COMMENT: &str = "comment";
    /// An entry of a record's history: `record`, `text`, `from`.
    pub const HISTORY: &str = "history";
    /// A message in a chat: `chat`, `text`, `from`, `type`.
    pub const CHAT_MESSAGE: &str = "chat message";
    /// A chat that a rule made: `name`, `members`.
    pub const CHAT: &str = "chat";
    /// People who were added to a chat: `chat`, `members`, `history`.
    pub const CHAT_MEMBERS: &str = "chat members";
    /// A customer, an address or a phone on the list of exceptions; its id is what is excluded.
    pub const EXCEPTION: &str = "exception";
    /// A customer in an audience: `audience`, `network`, `client`, `emails`, `phones`; its id names the three.
    pub const AUDIENCE_MEMBER: &str = "audience member";
    /// A call of a webhook: `webhook`, `payload`.
    pub const WEBHOOK_CALL: &str = "webhook call";
    /// Who of some people came last: `last`. Its id names the people.
    pub const TURN: &str = "turn";
    /// The last number of a template: `last`.
    pub const SEQUENCE: &str = "sequence";
    /// What is booked of a resource or of an employee's time: `bookings`. Its id names the one.
    pub const PLAN: &str = "plan";
    /// What calendars and guests know of something planned: `uid`, `sequence`, `guests`, and `told_by`, the number of
    /// the run that told them last. Its id names the record.
    pub const INVITED: &str = "invited";
    /// That what rules want done outside leaves the machine: the store was run live. There is one at most, [`STORE_ID`].
    pub const LIVE: &str = "live";
    /// The time zone of the workspace that the store was last run with: `name`. There is one at most, [`STORE_ID`].
    pub const ZONE: &str = "$zone";
    /// The id of the only record of a kind that tells something of the store itself.
    pub const STORE_ID: &str = "store";
    /// The kinds of which that is so.
    pub const OF_STORE: &[&str] = &[LIVE, ZONE];
    /// All of them. Those that people read also have `at` and, where there is one, `about`: the record that set the run
    /// off.
    pub const ALL: &[&str] = &[
        NOTIFICATION,
        POST,
        COMMENT,
        HISTORY,
        CHAT_MESSAGE,
        CHAT,
        CHAT_MEMBERS,
        EXCEPTION,
        AUDIENCE_MEMBER,
        WEBHOOK_CALL,
        TURN,
        SEQUENCE,
        PLAN,
        INVITED,
        LIVE,
        ZONE,
    ];
}

/// The CRM inside the engine's store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedded;

impl Crm for Embedded {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        match &event.what {
            EventKind::Named(name) => incoming::take(store, schema, now, event, name),
            EventKind::Create | EventKind::Update | EventKind::Delete => records::take(store, schema, now, event),
            EventKind::Reply(_) => Ok(Taken::Nothing("answers are taken by the engine")),
        }
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        let id = &call.request.action;
        let Some(action) = catalog::action(id) else { return refuse(format!("there is no action `{id}`")) };
        let mut desk = Desk { store, call };
        let mut done = match action.op {
            ActionOp::NotifyChat => desk.notify_chat(),
            ActionOp::Notify => desk.notify(),
            ActionOp::Message => desk.message(),
            ActionOp::Post => desk.post(),
            ActionOp::Comment => desk.note(kind::COMMENT),
            ActionOp::History => desk.note(kind::HISTORY),
            ActionOp::CreateChat => desk.create_chat(),
            ActionOp::AddMembers => desk.add_members(),
            ActionOp::Create => desk.create(),
            ActionOp::Set => desk.set(),
            ActionOp::Assign => desk.assign(),
            ActionOp::Move => desk.move_to(),
            ActionOp::Get => desk.get(),
            ActionOp::Convert => desk.convert(),
            ActionOp::ContactForLead => desk.contact_for_lead(),
            ActionOp::RepeatLead => desk.repeat_lead(),
            ActionOp::Activity => desk.activity("activity"),
            ActionOp::Task => desk.activity("task"),
            ActionOp::ScheduleCall => desk.schedule("call"),
            ActionOp::ScheduleMeeting => desk.schedule("appointment"),
            ActionOp::Sms => desk.sms(),
            ActionOp::Email => desk.email(),
            ActionOp::AddToAudience => desk.audience(true),
            ActionOp::RemoveFromAudience => desk.audience(false),
            ActionOp::Exclude => desk.exclude(),
            ActionOp::Book => desk.book(),
            ActionOp::CancelBooking => desk.cancel_booking(),
            ActionOp::Document => desk.document(),
            ActionOp::Webhook => desk.webhook(),
            // The journal of effects is the run's own journal: there is nothing else to write.
            ActionOp::Log => Ok(Done::default()),
        }?;
        desk.mirror(action.op, &mut done)?;
        desk.hand_out(action.op, &mut done)?;
        desk.plan_outside(action.op, &mut done)?;
        Ok(done)
    }

    fn settle(&self, store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
        outside::settle(store, now, errand, attempt)
    }

    fn due(&self, schema: &Schema, change: &Change) -> Overdue {
        raised::due(schema, change)
    }

    fn overdue(&self, store: &dyn Store, schema: &Schema, of: &Ref) -> Stored<Vec<Raised>> {
        let record = store.record(of)?;
        Ok(record.and_then(|record| raised::overdue(schema, of, &record)).into_iter().collect())
    }
}

/// One effect being done.
struct Desk<'a> {
    store: &'a mut dyn Store,
    call: Call<'a>,
}

impl<'a> Desk<'a> {
    /// An argument that must be there.
    fn need(&self, name: &str) -> Result<&Value, EffectError> {
        let missing =
            || EffectError::Refused(format!("`{}` needs `{name}`, which has no value here", self.call.request.action));
        self.arg(name).ok_or_else(missing)
    }

    /// An argument that has a value.
    fn arg(&self, name: &str) -> Option<&Value> {
        self.call.request.arg(name).filter(|value| **value != Value::Missing)
    }

    /// An argument that may be left out; missing then.
    fn given(&self, name: &str) -> Value {
        self.arg(name).cloned().unwrap_or_default()
    }

    /// Whether an argument is true.
    fn flag(&self, name: &str) -> bool {
        self.arg(name) == Some(&Value::Bool(true))
    }

    /// An argument that must be a text.
    fn need_text(&self, name: &str) -> Result<Name, EffectError> {
        match self.need(name)? {
            Value::Text(text) => Ok(text.clone()),
            other => refuse(format!("`{name}` of `{}` is not a text: {other:?}", self.call.request.action)),
        }
    }

    /// An argument that must be a date or a moment.
    fn need_moment(&self, name: &str) -> Result<Moment, EffectError> {
        match self.need(name)? {
            Value::DateTime(at) => Ok(*at),
            Value::Date(day) => Ok(self.call.schema.calendar.midnight(*day)),
            other => refuse(format!("`{name}` of `{}` is not a moment: {other:?}", self.call.request.action)),
        }
    }

    /// An argument that must be a record that exists.
    fn need_record(&self, name: &str) -> Result<(Ref, Arc<Record>), EffectError> {
        let Value::Ref(of) = self.need(name)? else {
            return refuse(format!("`{name}` of `{}` is not a record", self.call.request.action));
        };
        match self.store.record(of)? {
            Some(record) => Ok((of.clone(), record)),
            None => refuse(format!("{of} does not exist")),
        }
    }

    /// The entity of a kind of record.
    fn entity(&self, kind: &str) -> Result<&'a Entity, EffectError> {
        match self.call.schema.entity(kind) {
            Some(entity) => Ok(entity),
            None => refuse(format!("there is no entity `{kind}` in the workspace")),
        }
    }

    /// In whose name: the employee given in that argument, else the owner of the run's record.
    fn actor(&self, argument: &str) -> Result<Option<Ref>, EffectError> {
        if let Some(given) = self.arg(argument) {
            return people::one(self.call.schema, given).map(Some);
        }
        let Some(of) = self.call.record else { return Ok(None) };
        Ok(self.store.record(of)?.as_deref().and_then(owner))
    }

    /// An id that no record of this kind has. Only records of entities can have got one from outside.
    fn new_id(&mut self, kind: &str) -> Stored<Ref> {
        new_id(self.store, self.call.schema, kind)
    }

    /// Makes a record of an entity: with links to what it is about, with its defaults, and in the name of its owner unless
    /// somebody else is named.
    fn make(
        &mut self,
        kind: &str,
        mut record: Record,
        about: Option<&Ref>,
        by: Option<&Ref>,
    ) -> Result<Done, EffectError> {
        let entity = self.entity(kind)?;
        if let Some(about) = about {
            link(self.store, self.call.schema, entity, &mut record, about)?;
        }
        let of = self.new_id(kind)?;
        records::fill(self.call.schema, &of, &mut record, self.call.now, by.map(|by| &by.id));
        records::check_stage(entity, &record)?;
        let mut done = Done { value: Value::Ref(of.clone()), by: by.map(|by| by.id.clone()), ..Done::default() };
        self.write(&of, None, record, &mut done)?;
        Ok(done)
    }

    /// Writes a record of an entity, and notes what came of it.
    fn write(
        &mut self,
        of: &Ref,
        before: Option<Arc<Record>>,
        after: Record,
        done: &mut Done,
    ) -> Result<(), EffectError> {
        let came = records::write(self.store, self.call.schema, of, before, after, self.call.now)?;
        done.changes.extend(came.changes);
        done.raised.extend(came.raised);
        Ok(())
    }
}

/// An id that no record of this kind has.
fn new_id(store: &mut dyn Store, schema: &Schema, kind: &str) -> Stored<Ref> {
    loop {
        let meta = store.meta_mut();
        let of = Ref::new(kind, &format!("{ID_PREFIX}{}", meta.next_record));
        meta.next_record += 1;
        if schema.entity(kind).is_none() || store.record(&of)?.is_none() {
            return Ok(of);
        }
    }
}

/// Who is responsible for a record.
fn owner(record: &Record) -> Option<Ref> {
    link_of(record, "owner")
}

/// What a field refers to.
fn link_of(record: &Record, field: &str) -> Option<Ref> {
    match record.get(field) {
        Value::Ref(of) => Some(of.clone()),
        _ => None,
    }
}

/// The first stage of an entity that means this.
fn stage_of(entity: &Entity, pipeline: Option<&Name>, kind: StageKind) -> Option<Name> {
    let in_it = |p: &&crate::schema::Pipeline| pipeline.is_none_or(|wanted| p.name == *wanted);
    let stages = entity.pipelines.iter().filter(in_it).flat_map(|p| &p.stages);
    stages.into_iter().find(|stage| stage.kind == kind).map(|stage| stage.name.clone())
}

/// Gives a record of an entity its links: to the record that it is about, and to those that this one links to.
fn link(store: &dyn Store, schema: &Schema, entity: &Entity, record: &mut Record, about: &Ref) -> Stored<()> {
    let around = store.record(about)?;
    for field in &entity.fields {
        let crate::schema::Type::Entity(id) = &field.ty else { continue };
        let Some(kind) = schema.get(*id).map(|e| &e.name) else { continue };
        if *record.get(&field.name) != Value::Missing {
            continue;
        }
        if about.kind == *kind {
            record.set(&field.name, Value::Ref(about.clone()));
        } else if let Some(other) =
            around.as_deref().and_then(|around| link_of(around, kind)).filter(|o| o.kind == *kind)
        {
            record.set(&field.name, Value::Ref(other));
        }
    }
    Ok(())
}

/// How the ids of records that rules make begin, so that they do not meet those of other systems.
const ID_PREFIX: &str = "flow-";

/// The action is impossible; the run fails with this text.
fn refuse<T>(why: String) -> Result<T, EffectError> {
    Err(EffectError::Refused(why))
}

#[cfg(test)]
mod tests {
    use super::kind;
    use crate::engine::request::REQUEST;
    use crate::schema::KEPT;

    /// An entity of these names would be mixed up with what is kept here.
    #[test]
    fn no_entity_has_the_name_of_what_the_crm_keeps() {
        let is_name = |kind: &&&str| kind.chars().all(|c| c.is_ascii_alphabetic());
        // Chats are a type, whose name no entity may have either.
        for kind in kind::ALL.iter().chain([&REQUEST]).filter(is_name).filter(|kind| **kind != kind::CHAT) {
            assert!(KEPT.contains(kind), "{kind}");
        }
    }
}
