//! The embedded CRM: records, chats, messages and posts, all kept in the engine's store.
//!
//! Entities of the schema are records of their own kind. What people get to see is kept too, as records of the kinds in
//! [`kind`]; these are written only here, and nothing is set off by them.
//!
//! To add an action: its `ActionOp` in the catalogue, and an arm in [`Embedded::perform`].

mod messages;
mod outside;
mod people;
mod records;
mod sample;

pub use sample::sample;

use crate::catalog::{self, ActionOp};
use crate::engine::{Attempt, Call, Change, Crm, Done, EffectError, Errand, Event, Record, Store, Stored, Taken};
use crate::schema::Schema;
use crate::value::{Moment, Name, Ref, Value};

/// The kinds of records that actions write besides entities.
pub mod kind {
    /// A notification: `to`, `text`, `from`.
    pub const NOTIFICATION: &str = "notification";
    /// A direct message: `to`, `text`, `from`, `type`.
    pub const MESSAGE: &str = "message";
    /// A post in the news feed: `subject`, `text`, `to`, `from`, `tag`.
    pub const POST: &str = "post";
    /// A comment: `record`, `text`, `from`.
    pub const COMMENT: &str = "comment";
    /// A message in a chat: `chat`, `text`, `from`, `type`.
    pub const CHAT_MESSAGE: &str = "chat message";
    /// A chat that a rule made: `name`, `members`.
    pub const CHAT: &str = "chat";
    /// All of them. Each also has `at` and, where there is one, `about`: the record that set the run off.
    pub const ALL: &[&str] = &[NOTIFICATION, MESSAGE, POST, COMMENT, CHAT_MESSAGE, CHAT];
}

/// The CRM inside the engine's store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedded;

impl Crm for Embedded {
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken> {
        records::take(store, schema, now, event)
    }

    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError> {
        let id = &call.request.action;
        let Some(action) = catalog::action(id) else { return refuse(format!("there is no action `{id}`")) };
        let mut desk = Desk { store, call };
        match action.op {
            ActionOp::NotifyChat => desk.notify_chat(),
            ActionOp::Notify => desk.notify(),
            ActionOp::Message => desk.message(),
            ActionOp::Post => desk.post(),
            ActionOp::Comment => desk.comment(),
            ActionOp::CreateChat => desk.create_chat(),
            ActionOp::Create => desk.create(),
            ActionOp::Set => desk.set(),
            ActionOp::Assign => desk.assign(),
            ActionOp::Move => desk.move_to(),
            // The journal of effects is the run's own journal: there is nothing else to write.
            ActionOp::Log => Ok(Done::default()),
        }
    }

    fn settle(&self, store: &mut dyn Store, now: Moment, errand: &Errand, attempt: &Attempt) -> Stored<Option<Change>> {
        outside::settle(store, now, errand, attempt)
    }
}

/// One effect being done.
struct Desk<'a> {
    store: &'a mut dyn Store,
    call: Call<'a>,
}

impl Desk<'_> {
    /// An argument that must be there.
    fn need(&self, name: &str) -> Result<&Value, EffectError> {
        let missing =
            || EffectError::Refused(format!("`{}` needs `{name}`, which has no value here", self.call.request.action));
        self.call.request.arg(name).ok_or_else(missing)
    }

    /// An argument that must be a text.
    fn need_text(&self, name: &str) -> Result<Name, EffectError> {
        match self.need(name)? {
            Value::Text(text) => Ok(text.clone()),
            other => refuse(format!("`{name}` of `{}` is not a text: {other:?}", self.call.request.action)),
        }
    }

    /// An argument that must be a record that exists.
    fn need_record(&self, name: &str) -> Result<(Ref, std::sync::Arc<Record>), EffectError> {
        let Value::Ref(of) = self.need(name)? else {
            return refuse(format!("`{name}` of `{}` is not a record", self.call.request.action));
        };
        match self.store.record(of)? {
            Some(record) => Ok((of.clone(), record)),
            None => refuse(format!("{of} does not exist")),
        }
    }

    /// In whose name: the employee given in that argument, else the owner of the run's record.
    fn actor(&self, argument: &str) -> Result<Option<Ref>, EffectError> {
        if let Some(given) = self.call.request.arg(argument) {
            return people::one(self.call.schema, given).map(Some);
        }
        let Some(of) = self.call.record else { return Ok(None) };
        let record = self.store.record(of)?;
        Ok(match record.as_deref().map(|r| r.get("owner")) {
            Some(Value::Ref(owner)) => Some(owner.clone()),
            _ => None,
        })
    }

    /// An id that no record of this kind has. Only records of entities can have got one from outside.
    fn new_id(&mut self, kind: &str) -> Stored<Ref> {
        loop {
            let meta = self.store.meta_mut();
            let of = Ref::new(kind, &format!("{ID_PREFIX}{}", meta.next_record));
            meta.next_record += 1;
            if self.call.schema.entity(kind).is_none() || self.store.record(&of)?.is_none() {
                return Ok(of);
            }
        }
    }
}

/// How the ids of records that rules make begin, so that they do not meet those of other systems.
const ID_PREFIX: &str = "flow-";

/// The action is impossible; the run fails with this text.
fn refuse<T>(why: String) -> Result<T, EffectError> {
    Err(EffectError::Refused(why))
}
