//! What a run did, kept for as long as the store: one row for each time it was set in motion.
//!
//! A row says why the run moved, what it did and how this ended, so that a run which is long over can still be told as a
//! story. A run that looks at what it waits for and sleeps on leaves no row. Everything here is bounded, see `limits`.

use super::activation::Activation;
use super::drive::Running;
use super::limits;
use super::store::{RuleNo, Stored};
use super::trace::{Cancelled, Failure};
use crate::ir::{Digest, Origin, Program};
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::{Machine, Outcome, Request, RunError};
use serde::{Deserialize, Serialize};

/// One activation of a run. The order of everything in it is part of the stored form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// When.
    pub at: Moment,
    /// What set the run in motion.
    pub cause: Cause,
    /// What it did, in order.
    pub deeds: Vec<Deed>,
    /// How many more things it did that were too many to be kept.
    pub more: u32,
    /// How the activation ended.
    pub end: Ending,
}

/// What set a run in motion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cause {
    /// It started.
    Started(Box<Start>),
    /// Something that it waits for changed, and it went on.
    Looked,
    /// Its wait was over, like this.
    Woken(Outcome),
    /// What its `while` clause reads changed.
    Lifetime,
    /// Its rule fired again (`restart`).
    Restart,
    /// A person ordered it.
    Ordered(Order),
    /// It was moved to another program of its rule.
    Moved {
        /// The program that it goes on with from here.
        to: Digest,
    },
    /// A version that did not note this yet.
    Unknown,
    /// The outcome of its effect of this number, which happened outside.
    Answered(u32),
    /// A person answered what it had asked.
    Replied {
        /// `approved`, `rejected` or `answered`.
        how: Name,
        /// Who.
        by: Option<Name>,
        /// In which words.
        text: Option<Name>,
    },
    /// The run that had started it was cancelled.
    Parent,
    /// The record that had set it off was removed.
    Deleted,
}

/// How a run came to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Its rule.
    pub rule: RuleNo,
    /// The program that it started with.
    pub program: Digest,
    /// The record that set it off.
    pub record: Option<Ref>,
    /// What happened.
    pub occasion: Occasion,
}

/// What set a rule off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occasion {
    /// `create`, `update`, `delete`, `date`, or the event's name.
    pub what: Name,
    /// Which employee did it.
    pub by: Option<Name>,
    /// Where it came from.
    pub origin: Origin,
}

/// What a person may order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Order {
    /// End it.
    Cancel,
    /// Let it neither act nor notice anything.
    Pause,
    /// Let a paused run go on.
    Resume,
    /// Let a parked run try its effect again, or a stuck run be read again.
    Retry,
    /// Let a parked run go on without its effect.
    Skip,
}

impl Order {
    /// The word for it, as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Retry => "retry",
            Self::Skip => "skip",
        }
    }
}

/// Something that a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Deed {
    /// An effect.
    Effect(EffectRow),
    /// An effect that happens outside was handed over; what comes of it is told later.
    HandedOver {
        /// Its number within the run.
        seq: u32,
        /// The place of the action.
        place: Place,
        /// The action's name in the catalogue.
        action: Name,
    },
}

/// A place in the scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The script; `None` for the one that the rule stands in.
    pub file: Option<Name>,
    /// The line, from 1; 0 when it is not known.
    pub line: u32,
}

/// An effect as the history keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectRow {
    /// Its number within the run, from 1; with the run's number it is the effect's key.
    pub seq: u32,
    /// The place of the action.
    pub place: Place,
    /// The action's name in the catalogue.
    pub action: Name,
    /// The arguments, by name; long texts are cut.
    pub args: Vec<(Name, Value)>,
    /// What came of it, or why it could not be done.
    pub result: Result<Value, Name>,
}

/// How an activation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ending {
    /// The run sleeps.
    Slept {
        /// The place of the wait.
        place: Place,
        /// Until when at most.
        until: Option<Moment>,
    },
    /// It came to its end.
    Ended,
    /// It was cancelled.
    Cancelled(Cancelled),
    /// It made a mistake.
    Failed(Failure),
    /// An effect was refused; the run waits for a person.
    Parked {
        /// The place of the action.
        place: Place,
        /// Why the effect was refused.
        why: Name,
    },
    /// It was paused.
    Paused,
    /// It cannot be read.
    Stuck(Name),
    /// It did not move.
    Still,
}

/// By what rows of the history are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// The run came to its end.
    Ended,
    /// The run was cancelled.
    Cancelled,
    /// The run failed.
    Failed,
    /// An effect was refused.
    Refused,
}

impl HistoryRow {
    /// By what this row is found, if by anything. The ways in which a run ends go first.
    pub fn mark(&self) -> Option<Mark> {
        let refused = |deed: &Deed| matches!(deed, Deed::Effect(EffectRow { result: Err(_), .. }));
        match &self.end {
            Ending::Ended => Some(Mark::Ended),
            Ending::Cancelled(_) => Some(Mark::Cancelled),
            Ending::Failed(_) => Some(Mark::Failed),
            Ending::Slept { .. } | Ending::Parked { .. } | Ending::Paused | Ending::Stuck(_) | Ending::Still => {
                self.deeds.iter().any(refused).then_some(Mark::Refused)
            }
        }
    }

    /// The effects in it.
    pub fn effects(&self) -> impl Iterator<Item = &EffectRow> {
        self.deeds.iter().filter_map(|deed| match deed {
            Deed::Effect(effect) => Some(effect),
            Deed::HandedOver { .. } => None,
        })
    }
}

/// What a run did so far in this activation.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) cause: Option<Cause>,
    deeds: Vec<Deed>,
    more: u32,
}

impl Page {
    pub(super) fn new(cause: Cause) -> Self {
        Self { cause: Some(cause), ..Self::default() }
    }

    fn add(&mut self, deed: Deed) {
        if self.deeds.len() < limits::DEEDS {
            self.deeds.push(deed);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl Place {
    /// Where a run is.
    pub(super) fn of(machine: &Machine, program: &Program) -> Self {
        let Some(span) = machine.place(program) else { return Self::default() };
        let (file, line) = program.debug.locate(span.start);
        Self { file: (*file != program.debug.file).then(|| file.clone()), line }
    }
}

impl Running {
    /// Where the run is.
    pub(super) fn place(&self) -> Place {
        Place::of(&self.machine, &self.rule.program)
    }

    /// Notes an effect.
    pub(super) fn did(&mut self, request: Request, mut result: Result<Value, Name>) {
        let Request { seq, action, mut args } = request;
        for (_, value) in &mut args {
            shorten(value);
        }
        if let Ok(value) = &mut result {
            shorten(value);
        }
        let place = self.place();
        self.page.add(Deed::Effect(EffectRow { seq, place, action, args, result }));
    }

    /// Notes that an effect happens outside.
    pub(super) fn handed_over(&mut self, seq: u32, action: Name) {
        let place = self.place();
        self.page.add(Deed::HandedOver { seq, place, action });
    }
}

impl Activation<'_> {
    /// Writes down what a run did in this activation.
    pub(super) fn note(&mut self, run: &mut Running, end: Ending) -> Stored<()> {
        let Page { cause, deeds, more } = std::mem::take(&mut run.page);
        let Some(cause) = cause else { return Ok(()) };
        if let Cause::Started(start) = &cause
            && let Some(record) = &start.record
        {
            self.store.add_run_of(record, run.id)?;
        }
        self.store.append_history(run.id, &HistoryRow { at: self.now, cause, deeds, more, end })
    }

    /// Notes a mistake.
    pub(super) fn note_failure(&mut self, run: &mut Running, error: &RunError) -> Stored<Failure> {
        let failure = Failure::new(error, &run.rule.program.debug);
        self.note(run, Ending::Failed(failure.clone()))?;
        Ok(failure)
    }
}

/// The row that a run with row `number` does not need any more, if there is one: so it keeps its first rows and its
/// newest.
pub fn let_go(number: u32) -> Option<u32> {
    let old = number.checked_sub(limits::HISTORY - limits::FIRST_ROWS)?;
    (old > limits::FIRST_ROWS).then_some(old)
}

/// Cuts long texts; lists and records that are large are left out as a whole.
pub(super) fn shorten(value: &mut Value) {
    match value {
        Value::Text(text) if text.len() > limits::KEPT_TEXT => {
            let mut at = limits::KEPT_TEXT;
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            *value = Value::text(&format!("{}…", text.get(..at).unwrap_or_default()));
        }
        Value::List(_) | Value::Record(_) if value.weight().is_none_or(|weight| weight > limits::KEPT_TEXT * 4) => {
            *value = Value::text("…");
        }
        Value::Missing
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Decimal(_)
        | Value::Money(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::DateTime(_)
        | Value::Time(_)
        | Value::Period(_)
        | Value::Ref(_)
        | Value::List(_)
        | Value::Record(_) => {}
    }
}
