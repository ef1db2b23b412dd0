//! What happened, as plain data: the source of the timeline, of the JSON output and of the tests.

use super::history::Order;
use super::store::RunId;
use crate::ir::Origin;
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::{Outcome, RunError, Watch};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// When, in virtual time.
    pub at: Moment,
    /// The rule's name, if a rule is concerned.
    pub rule: Option<Name>,
    /// The record, if one is concerned.
    pub record: Option<Ref>,
    /// The run, if one is concerned.
    pub run: Option<RunId>,
    /// What.
    pub what: TraceKind,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq)]
pub enum TraceKind {
    /// An event came in, or an effect changed a record.
    EventTaken {
        /// `create`, `update`, `delete`, or the event's name.
        what: Name,
        /// The fields that really changed, with their new values, or the event's payload.
        fields: Vec<(Name, Value)>,
        /// Who did it.
        by: Option<Name>,
        /// Where it comes from.
        origin: Origin,
        /// How many rules stand between it and the outside; 0 for what comes from outside.
        depth: u32,
    },
    /// An event came in that changes nothing.
    EventIgnored {
        /// Why.
        why: &'static str,
    },
    /// A date trigger's moment has come.
    DateCame,
    /// A rule was set off, but did not start.
    NotMatched {
        /// Why not.
        why: NotMatched,
    },
    /// A run starts.
    RunStarted,
    /// An effect was done.
    Effect {
        /// Its number within the run.
        seq: u32,
        /// The action's name.
        action: Name,
        /// Its arguments.
        args: Vec<(Name, Value)>,
        /// What it gave.
        result: Value,
    },
    /// An effect happens outside: it was handed over, and the run waits for what comes of it.
    HandedOver {
        /// Its number within the run.
        seq: u32,
        /// The action's name.
        action: Name,
        /// Its arguments.
        args: Vec<(Name, Value)>,
    },
    /// An effect outside failed, and is tried again.
    TriedAgain {
        /// Its number within the run.
        seq: u32,
        /// The action's name.
        action: Name,
        /// Why it failed.
        why: Name,
        /// When it is tried again.
        next: Moment,
    },
    /// An effect that had not left yet is not wanted any more.
    Withdrawn {
        /// Its number within the run.
        seq: u32,
        /// The action's name.
        action: Name,
    },
    /// An effect was refused.
    Refused {
        /// Its number within the run.
        seq: u32,
        /// The action's name.
        action: Name,
        /// Why.
        why: Name,
    },
    /// A run waits for a person to retry, skip or cancel, because of the refused effect.
    Parked {
        /// Why it was refused.
        why: Name,
    },
    /// A person ordered something.
    Ordered {
        /// What.
        order: Order,
    },
    /// A run sleeps.
    Waiting {
        /// What wakes it.
        watches: Vec<Watch>,
        /// Until when at most.
        deadline: Option<Moment>,
    },
    /// A run goes on.
    Woken {
        /// How its wait ended; `None` when the condition is looked at again.
        outcome: Option<Outcome>,
    },
    /// A run came to its end.
    Ended,
    /// A run was cancelled.
    Cancelled {
        /// Why.
        why: Cancelled,
    },
    /// A run, or the start of one, failed.
    Failed(Failure),
    /// Something that a run had done could not be undone.
    UndoFailed(Failure),
    /// A run cannot go on, but is kept.
    Stuck {
        /// Why.
        why: Name,
    },
}

/// Why a rule that was set off did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotMatched {
    /// Its `if` is not true.
    Condition,
    /// Its `while` is not true.
    Lifetime,
    /// It had its one run for this record (`once per`).
    Once,
    /// A run of it for this record goes on (`one at a time`).
    Busy,
}

/// Why a run was cancelled. The order is part of the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cancelled {
    /// Its `while` is not true any more.
    Lifetime,
    /// The rule fired again (`restart`).
    Restart,
    /// A person ordered it.
    Order,
    /// The run that had started it was cancelled.
    Parent,
    /// The record that had set it off was removed.
    Deleted,
}

/// A mistake, with its place for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened, with the values.
    pub message: String,
    /// The script.
    pub file: Name,
    /// The line in it.
    pub line: u32,
}

impl Failure {
    /// Places a run-time error in its script.
    pub fn new(error: &RunError, debug: &crate::ir::Debug) -> Self {
        let (file, line) = debug.locate(error.span.start);
        Self { message: error.message.clone(), file: file.clone(), line }
    }
}
