//! From a trigger that fits to a run: condition, re-entry, lifetime.

use super::activation::Activation;
use super::drive::{Bool, Running};
use super::history::{Cause, Occasion, Page, Start};
use super::limits;
use super::rules::Rule;
use super::sleep::single;
use super::store::{RunId, Stored};
use super::trace::{Failure, NotMatched, TraceKind};
use crate::ir::Reentry;
use crate::source::Span;
use crate::value::{Moment, Period, Ref, Value};
use crate::vm::{Input, Machine, RunError};
use std::sync::Arc;

/// What sets a rule off.
pub(super) struct By {
    /// What happened.
    pub(super) occasion: Occasion,
    /// How many rules stand between it and the outside.
    pub(super) depth: u32,
}

/// What the re-entry policy says.
enum Entry {
    /// The rule may start.
    Free,
    /// It may; the record is noted, until then.
    Noting(Ref, Option<Moment>),
    /// It may; this run is cancelled first.
    Replacing(RunId),
    /// It may not.
    Refused(NotMatched),
}

impl Activation<'_> {
    /// A rule's trigger fits: starts a run of it, or says why not.
    pub(super) fn set_off(&mut self, rule: &Arc<Rule>, record: Option<Ref>, payload: Value, by: By) -> Stored<()> {
        match self.may_start(rule, record.as_ref(), &payload)? {
            Ok(entry) => self.start(rule, record, payload, by, entry),
            Err(No::Because(why)) => {
                self.tell(Some(rule.name()), record.as_ref(), None, TraceKind::NotMatched { why });
                Ok(())
            }
            Err(No::Failed(error)) => {
                self.start_failed(rule, record.as_ref(), &error);
                Ok(())
            }
        }
    }

    /// Decides without changing anything.
    fn may_start(&mut self, rule: &Arc<Rule>, record: Option<&Ref>, payload: &Value) -> Stored<Result<Entry, No>> {
        let program = &rule.program;
        let args = [record.cloned().map_or(Value::Missing, Value::Ref), payload.clone()];
        if let Some(condition) = program.condition {
            match self.holds(rule, condition, &args, None)? {
                Bool::True => {}
                Bool::False => return Ok(Err(No::Because(NotMatched::Condition))),
                Bool::Failed(error) => return Ok(Err(No::Failed(error))),
            }
        }
        let entry = match self.entry(rule, record, &args)? {
            Ok(Entry::Refused(why)) => return Ok(Err(No::Because(why))),
            Ok(entry) => entry,
            Err(error) => return Ok(Err(No::Failed(error))),
        };
        if let Some(lifetime) = program.lifetime {
            match self.holds(rule, lifetime, &args, None)? {
                Bool::True => {}
                Bool::False => return Ok(Err(No::Because(NotMatched::Lifetime))),
                Bool::Failed(error) => return Ok(Err(No::Failed(error))),
            }
        }
        Ok(Ok(entry))
    }

    fn entry(&mut self, rule: &Arc<Rule>, record: Option<&Ref>, args: &[Value; 2]) -> Stored<Result<Entry, RunError>> {
        let running = |this: &Self| this.store.active(rule.no, &single(record));
        Ok(Ok(match &rule.program.reentry {
            Reentry::EachTime => Entry::Free,
            Reentry::OneAtATime => match running(self)? {
                Some(_) => Entry::Refused(NotMatched::Busy),
                None => Entry::Free,
            },
            Reentry::Restart => running(self)?.map_or(Entry::Free, Entry::Replacing),
            Reentry::Once { per, within } => match self.evaluate(rule, *per, args, None)? {
                Ok(Value::Ref(of)) => self.once(rule, of, *within)?,
                // A missing customer cannot be remembered, so nothing was done for it before.
                Ok(_) => Entry::Free,
                Err(error) => return Ok(Err(error)),
            },
        }))
    }

    fn once(&mut self, rule: &Rule, of: Ref, within: Option<Period>) -> Stored<Entry> {
        match self.store.mark(rule.no, &of)? {
            Some(None) => return Ok(Entry::Refused(NotMatched::Once)),
            Some(Some(until)) if self.now < until => return Ok(Entry::Refused(NotMatched::Once)),
            Some(Some(_)) | None => {}
        }
        let until = within.map(|period| self.schema.calendar.add(self.now, period));
        Ok(Entry::Noting(of, until))
    }

    fn start(&mut self, rule: &Arc<Rule>, record: Option<Ref>, payload: Value, by: By, entry: Entry) -> Stored<()> {
        let By { occasion, depth } = by;
        if let Some(message) = self.over_limit(depth) {
            self.start_failed(rule, record.as_ref(), &RunError { message, span: Span::at(0) });
            return Ok(());
        }
        match entry {
            Entry::Free | Entry::Refused(_) => {}
            Entry::Noting(of, until) => self.store.put_mark(rule.no, &of, until)?,
            Entry::Replacing(id) => self.replaced(id)?,
        }
        self.starts += 1;
        let meta = self.store.meta_mut();
        let id = RunId(meta.next_run);
        meta.next_run += 1;
        meta.counters.started += 1;
        self.tell(Some(rule.name()), record.as_ref(), Some(id), TraceKind::RunStarted);
        let args = [record.clone().map_or(Value::Missing, Value::Ref), payload.clone()];
        let machine = Machine::start(0, args, &rule.program);
        let rule = rule.clone();
        let started = self.now;
        let start = Start { rule: rule.no, program: rule.digest, record: record.clone(), occasion };
        let page = Page::new(Cause::Started(Box::new(start)));
        let (slept, woken, outside) = (None, None, Vec::new());
        let run = Running { id, rule, record, event: payload, started, machine, depth, slept, woken, page, outside };
        self.drive(run, Input::Go)
    }

    /// Why nothing may start any more, if so.
    pub(super) fn over_limit(&self, depth: u32) -> Option<String> {
        if depth > limits::DEPTH {
            return Some(too_deep());
        }
        let full = self.starts >= limits::RUNS_PER_EVENT;
        full.then(|| {
            format!("one event may start at most {} runs: narrow the rules down with `if`", limits::RUNS_PER_EVENT)
        })
    }

    fn start_failed(&mut self, rule: &Rule, record: Option<&Ref>, error: &RunError) {
        self.store.meta_mut().counters.failed += 1;
        let failure = Failure::new(error, &rule.program.debug);
        self.tell(Some(rule.name()), record, None, TraceKind::Failed(failure));
    }
}

/// Why a rule does not start.
enum No {
    Because(NotMatched),
    Failed(RunError),
}

/// What is said when rules set one another off without an end.
pub(super) fn too_deep() -> String {
    format!(
        "rules set one another off {} times in a row: a rule's own change starts it again; add an `if` or `from user`",
        limits::DEPTH
    )
}
