//! What goes into the machine and what comes out of it.

use crate::source::Span;
use crate::value::{Moment, Name, Ref, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the host gives the machine to go on with.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Just go on: after the start, and after `OutOfFuel`.
    Go,
    /// The answer to `Read`, `Find` or `Act`.
    Value(Value),
    /// The action of `Act` could not be done; the text says why.
    Failed(String),
    /// What comes of `Act` is known later: the line of execution sleeps until [`super::Machine::take_back`] and an answer.
    Later,
    /// Something that is watched changed: look again.
    Wake,
    /// These events, which are watched, happened: waits for them are over.
    Happened(Vec<Watch>),
    /// The wait is over, like this. When it is over by its limit, of several waits those with the nearest limit are.
    End(Outcome),
}

/// What the machine says when it stops for the moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The first function returned this.
    Done(Value),
    /// `stop` was reached, or a `move`.
    Stopped,
    /// Needs the field of something that lives outside. Answer with `Input::Value`; missing is an answer.
    Read {
        /// What is looked into.
        of: Ref,
        /// The field.
        field: Name,
    },
    /// Needs the next records of a kind. Answer with `Input::Value`: a list of references in the order of their ids, which
    /// is empty when there are no more.
    Find {
        /// The kind.
        kind: Name,
        /// Only those whose field refers to this.
        link: Option<(Name, Ref)>,
        /// Only those behind this id.
        after: Option<Name>,
    },
    /// Wants something done. Answer with `Input::Value` or `Input::Failed`.
    Act(Request),
    /// Suspended; [`super::Machine::waiting`] says what for. Answer with `Input::Wake` or `Input::End`.
    Wait,
    /// The budget is used up. Answer with `Input::Go` and a new budget, or give the run up.
    OutOfFuel,
    /// A mistake at run time; the run is over.
    Failed(RunError),
    /// It was cancelled, and all that could be undone is undone; the run is over.
    Cancelled,
    /// A mistake while something was undone, to be told. Answer with `Input::Go`.
    Note(RunError),
}

/// An action that the machine wants done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The number of the effect within its run, from 1: with the run's number it is the effect's key.
    pub seq: u32,
    /// The action's name in the catalogue.
    pub action: Name,
    /// The arguments that were given, by name.
    pub args: Vec<(Name, Value)>,
}

impl Request {
    /// The argument of this name, if it was given and is not missing.
    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.args.iter().find(|(n, _)| &**n == name).map(|(_, v)| v).filter(|v| **v != Value::Missing)
    }
}

/// How a wait ended. The order is part of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// The condition holds, the moment has come, or the awaited trigger fired.
    Reached,
    /// The awaited record got to a final stage that cannot satisfy the condition any more.
    Final,
    /// The customer did something.
    Activity,
    /// The limit passed.
    Timeout,
    /// A person approved.
    Approved,
    /// A person rejected.
    Rejected,
}

impl Outcome {
    /// The word for it in scripts; also its value at run time.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Final => "final",
            Self::Activity => "activity",
            Self::Timeout => "timeout",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// Something whose change wakes a suspended run. The order is part of the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Watch {
    /// A field of a record.
    Field {
        /// The record.
        of: Ref,
        /// The field.
        field: Name,
    },
    /// An event that the catalogue names; `activity` for any activity of a customer.
    Event {
        /// Its name.
        name: Name,
        /// The record it is about; about anything when `None`.
        about: Option<Ref>,
    },
}

impl Watch {
    /// How a wait for this ends when it happens.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Event { name, about: _ } if &**name == "activity" => Outcome::Activity,
            Self::Event { .. } | Self::Field { .. } => Outcome::Reached,
        }
    }
}

/// What a suspended run waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitState {
    /// Since when.
    pub since: Moment,
    /// Until when at most.
    pub deadline: Option<Moment>,
    /// What wakes it, sorted and without repetition.
    pub watches: Vec<Watch>,
}

/// A mistake at run time, with the place in the rule's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunError {
    /// What happened, with the values.
    pub message: String,
    /// Where: offsets into `ir::Debug::text`.
    pub span: Span,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
