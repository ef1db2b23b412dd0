//! What comes in: changes of records and things that happened, as the outside tells them.

use crate::ir::Origin;
use crate::value::{Moment, Name, Ref, Value};

/// One thing that happened outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What.
    pub what: EventKind,
    /// The record concerned; a change always has one.
    pub about: Option<Ref>,
    /// For a change, the fields with their new values (`Value::Missing` empties one), already of their field's type; for
    /// a named event its payload.
    pub fields: Vec<(Name, Value)>,
    /// The short name of the employee who did it.
    pub by: Option<Name>,
    /// Where it comes from.
    pub origin: Origin,
    /// The event's own identifier, if its source gives one: the same event is taken only once.
    pub id: Option<Name>,
}

impl Event {
    /// The records that its fields lead to, also in lists, with the name of the field.
    pub fn links(&self) -> impl Iterator<Item = (&Name, &Ref)> {
        self.fields.iter().flat_map(|(field, value)| {
            let values = match value {
                Value::List(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            values.iter().filter_map(move |value| match value {
                Value::Ref(to) => Some((field, to)),
                _ => None,
            })
        })
    }
}

/// What kind of thing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A record was made.
    Create,
    /// A record was changed.
    Update,
    /// A record was removed.
    Delete,
    /// Something that the catalogue names, such as `call missed`.
    Named(Name),
    /// A person answers what a run asked.
    Reply(Reply),
}

/// The answer to a request of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The request's number, such as `17.3`.
    pub request: Name,
    /// What the person says; words are in the event's field `text`.
    pub what: ReplyKind,
}

/// What a person says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// The answer to a question.
    Answer,
    /// Somebody else is to say it: this employee.
    Delegate(Name),
}

impl ReplyKind {
    /// The words for all of them, as [`Self::name`] gives them.
    pub const NAMES: &[&str] = &["approve", "reject", "answer", "delegate"];

    /// The word for it, as on the command line and in event files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Answer => "answer",
            Self::Delegate(_) => "delegate",
        }
    }
}
