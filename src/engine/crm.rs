//! The door to the CRM: how the engine has events applied and effects done, without knowing where records live.

use super::change::Change;
use super::event::Event;
use super::outbox::{Attempt, Errand};
use super::store::{RunId, Store, StoreError, Stored};
use crate::schema::Schema;
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Request;

/// What came of applying an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// Records changed.
    Changed(Came),
    /// A named event was taken; the record that keeps it, if there is one.
    Noted(Option<Ref>),
    /// Nothing did, for this reason.
    Nothing(&'static str),
}

/// What came of writing a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Came {
    /// The records that changed, the one that was written first.
    pub changes: Vec<Change>,
    /// Named events that follow from it.
    pub raised: Vec<Raised>,
}

/// A named event that follows from a change: `task completed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// Its name in the catalogue.
    pub name: Name,
    /// The record concerned.
    pub about: Ref,
    /// Its payload, and the records that the one concerned links to.
    pub fields: Vec<(Name, Value)>,
}

/// An effect that a run wants done.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The workspace.
    pub schema: &'a Schema,
    /// The moment of the activation.
    pub now: Moment,
    /// The run.
    pub run: RunId,
    /// The record that set the run off.
    pub record: Option<&'a Ref>,
    /// What is wanted.
    pub request: &'a Request,
}

/// An effect that was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// What the action gives.
    pub value: Value,
    /// The records it changed, as far as they really changed.
    pub changes: Vec<Change>,
    /// Named events that follow from it.
    pub raised: Vec<Raised>,
    /// In whose name.
    pub by: Option<Name>,
    /// What is to happen outside as well.
    pub errands: Vec<Errand>,
}

/// Why an effect was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectError {
    /// The action is impossible with these arguments; the text says why. The run fails with it.
    Refused(String),
    /// The store failed; the activation is given up.
    Store(StoreError),
}

impl From<StoreError> for EffectError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// When a record is overdue, after a change of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// The change says nothing about it.
    AsBefore,
    /// It never is.
    Never,
    /// Then.
    At(Moment),
}

/// The records' home. Everything it writes goes to the store, within the activation's transaction.
pub trait Crm {
    /// Applies a change from outside (`Create`, `Update`, `Delete`), and keeps what named events tell of.
    fn take(&self, store: &mut dyn Store, schema: &Schema, now: Moment, event: &Event) -> Stored<Taken>;

    /// Does an effect.
    fn perform(&self, store: &mut dyn Store, call: Call<'_>) -> Result<Done, EffectError>;

    /// Notes what became of an errand that an effect handed over: it is done, or nobody tries it any more.
    /// Without records that tell of it there is nothing to do.
    fn settle(
        &self,
        _store: &mut dyn Store,
        _now: Moment,
        _errand: &Errand,
        _attempt: &Attempt,
    ) -> Stored<Option<Change>> {
        Ok(None)
    }

    /// What a change says about when its record is overdue: a task that nobody did in time.
    fn due(&self, _schema: &Schema, _change: &Change) -> Overdue {
        Overdue::AsBefore
    }

    /// What is told of a record when that moment has come.
    fn overdue(&self, _store: &dyn Store, _schema: &Schema, _of: &Ref) -> Stored<Vec<Raised>> {
        Ok(Vec::new())
    }
}
