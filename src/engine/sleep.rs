//! Runs that sleep: what the store keeps of them, how they are taken up again, and how they leave it.

use super::activation::Activation;
use super::drive::{Bool, Running, Woken, limit_outcome};
use super::history::{Cause, Ending, HistoryRow, Page};
use super::read::can_change;
use super::rules::Rule;
use super::start::too_deep;
use super::store::{Due, Held, RunId, RunRow, Stored, TimerKey};
use super::trace::{Cancelled, TraceKind};
use super::watch::Role;
use super::{inspect, limits};
use crate::ir::{Digest, Program, Reentry};
use crate::source::Span;
use crate::value::{Moment, Ref, Value};
use crate::vm::{Input, Machine, Outcome, RunError, Watch};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why a run is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Wake {
    /// Its `while` clause may have turned false.
    pub(super) lifetime: bool,
    /// What its wait depends on changed.
    pub(super) look_again: bool,
    /// These events, which it waits for, happened.
    pub(super) events: Vec<Watch>,
    /// The same as a cause, where that says more.
    pub(super) cause: Option<Cause>,
}

/// What the store holds of a run, to be changed or removed.
#[derive(Clone, Debug)]
pub(super) struct Slept {
    /// What it waits for.
    watches: Vec<Watch>,
    /// What its `while` clause read.
    lifetime: Vec<Watch>,
    timer: Option<TimerKey>,
    /// Since when it waits.
    since: Moment,
    /// As what it was counted.
    held: Option<Held>,
}

impl Activation<'_> {
    /// Something that a sleeping run watches happened.
    pub(super) fn wake(&mut self, id: RunId, wake: Wake, depth: u32) -> Stored<()> {
        let Some(row) = self.store.run(id)? else { return Ok(()) };
        let over = wake.events.first().map(Watch::outcome);
        let seen = if wake.look_again { wake.cause.unwrap_or(Cause::Looked) } else { Cause::Lifetime };
        let cause = over.map_or(seen, Cause::Woken);
        let Some(mut run) = self.take_up(id, row, depth, cause)? else { return Ok(()) };
        if depth > limits::DEPTH {
            return self.fail(&mut run, &RunError { message: too_deep(), span: Span::at(0) });
        }
        if wake.lifetime {
            let mut reads = BTreeSet::new();
            match self.lives(&run, &mut reads)? {
                Bool::True if over.is_none() && !wake.look_again => return self.note_lifetime(&run, reads),
                Bool::True => {}
                Bool::False => return self.cancelled(&mut run, Cancelled::Lifetime),
                Bool::Failed(error) => return self.fail(&mut run, &error),
            }
        }
        run.woken = Some(over.map_or(Woken::ToLook, Woken::For));
        self.drive(run, if over.is_none() { Input::Wake } else { Input::Happened(wake.events) })
    }

    /// Ends the run if its `while` clause does not hold any more; says whether it did.
    pub(super) fn ends_by_lifetime(&mut self, run: &mut Running) -> Stored<bool> {
        match self.lives(run, &mut BTreeSet::new())? {
            Bool::True => return Ok(false),
            Bool::False => self.cancelled(run, Cancelled::Lifetime)?,
            Bool::Failed(error) => self.fail(run, &error)?,
        }
        Ok(true)
    }

    /// The limit of a run's wait came.
    pub(super) fn limit_came(&mut self, id: RunId, key: TimerKey) -> Stored<()> {
        let Some(mut row) = self.store.run(id)? else { return Ok(()) };
        if row.timer != Some(key) {
            return Ok(());
        }
        row.timer = None;
        let Some(mut run) = self.take_up(id, row, 0, Cause::Looked)? else { return Ok(()) };
        let outcome = run.machine.waiting().map_or(Outcome::Timeout, |wait| limit_outcome(&wait));
        run.page.cause = Some(Cause::Woken(outcome));
        // People are told of a plain period that it is over; the program knows by itself what it waited for.
        run.woken = Some(Woken::For(outcome));
        self.drive(run, Input::End(Outcome::Timeout))
    }

    /// Its rule fired again. A run that cannot be read stays: it is stuck, not gone.
    pub(super) fn replaced(&mut self, id: RunId) -> Stored<()> {
        let Some(row) = self.store.run(id)? else { return Ok(()) };
        match self.take_up(id, row, 0, Cause::Restart)? {
            Some(mut run) => self.cancelled(&mut run, Cancelled::Restart),
            None => Ok(()),
        }
    }

    /// The run is cancelled: what it has done is undone as far as it says how.
    pub(super) fn cancelled(&mut self, run: &mut Running, why: Cancelled) -> Stored<()> {
        if run.machine.cancel() {
            self.undo(run)?;
        }
        self.withdraw(run, &[])?;
        self.forget(run)?;
        self.cancel_children(run)?;
        self.untie(run)?;
        self.note(run, Ending::Cancelled(why))?;
        self.store.meta_mut().counters.cancelled += 1;
        self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), TraceKind::Cancelled { why });
        Ok(())
    }

    /// Makes a stored run ready to be stepped; notes it as stuck, with the reason, if that is not possible.
    pub(super) fn take_up(&mut self, id: RunId, row: RunRow, depth: u32, cause: Cause) -> Stored<Option<Running>> {
        let (digest, machine) = match crate::vm::stored::load(&row.machine) {
            Ok(loaded) => loaded,
            Err(error) => return self.stuck(id, row, &error.to_string(), cause),
        };
        let rule = match self.rule_of(&row, digest)? {
            Ok(rule) => rule,
            Err(why) => return self.stuck(id, row, &why, cause),
        };
        let run = Running::resting(id, row, machine, rule, Page::new(cause));
        Ok(Some(Running { depth, ..run }))
    }

    fn stuck(&mut self, id: RunId, mut row: RunRow, why: &str, cause: Cause) -> Stored<Option<Running>> {
        let new = Held::Stuck(why.into());
        if row.held.as_ref() != Some(&new) {
            let end = Ending::Stuck(why.into());
            self.store.append_history(id, &HistoryRow { at: self.now, cause, deeds: Vec::new(), more: 0, end })?;
        }
        self.count(row.held.as_ref(), Some(&new));
        row.held = Some(new);
        self.store.put_run(id, &row)?;
        let rule = self.engine.rules.iter().find(|rule| rule.no == row.rule).map(|rule| rule.name().clone());
        self.tell(rule.as_ref(), row.record.as_ref(), Some(id), TraceKind::Stuck { why: why.into() });
        Ok(None)
    }

    /// The rule of a run with the very program it started on.
    fn rule_of(&mut self, row: &RunRow, digest: Digest) -> Stored<Result<Arc<Rule>, String>> {
        if let Some(rule) = self.engine.rules.iter().find(|rule| rule.no == row.rule && rule.digest == digest) {
            return Ok(Ok(rule.clone()));
        }
        if let Some(rule) = self.engine.old.get(&(row.rule, digest)) {
            return Ok(Ok(rule.clone()));
        }
        let program = match inspect::program(self.store, digest)? {
            Ok(program) => program,
            Err(why) => return Ok(Err(why)),
        };
        let key = self.store.rule_key(row.rule)?.unwrap_or_default();
        let rule = Arc::new(Rule::new(row.rule, key, Arc::new(program), digest));
        if self.engine.old.len() >= limits::OLD_PROGRAMS {
            self.engine.old.clear();
        }
        self.engine.old.insert((row.rule, digest), rule.clone());
        Ok(Ok(rule))
    }

    /// Whether the run's `while` clause holds; a rule without one always lives.
    fn lives(&mut self, run: &Running, reads: &mut BTreeSet<Watch>) -> Stored<Bool> {
        let Some(lifetime) = run.rule.program.lifetime else { return Ok(Bool::True) };
        let args = [run.record.clone().map_or(Value::Missing, Value::Ref), run.event.clone()];
        let rule = run.rule.clone();
        self.holds(&rule, lifetime, &args, Some(reads))
    }

    /// The `while` clause still holds, but may have read other fields.
    fn note_lifetime(&mut self, run: &Running, reads: BTreeSet<Watch>) -> Stored<()> {
        let reads = reads.into_iter().collect::<Vec<_>>();
        let before = run.slept.as_ref().map_or(&[] as &[Watch], |slept| &slept.lifetime);
        if before == reads {
            return Ok(());
        }
        self.rewatch(run.id, Role::Lifetime, before, &reads)?;
        let Some(mut row) = self.store.run(run.id)? else { return Ok(()) };
        row.lifetime = reads;
        self.store.put_run(run.id, &row)
    }

    /// Writes a run down that was carried over to another program, in the state in which it was.
    pub(super) fn sleep_on(&mut self, run: Running) -> Stored<()> {
        let held = run.slept.as_ref().and_then(|slept| slept.held.clone());
        self.sleep(run, held)
    }

    /// Writes a run down until something it waits for happens, or a person lets go of it.
    pub(super) fn sleep(&mut self, mut run: Running, held: Option<Held>) -> Stored<()> {
        let mut reads = BTreeSet::new();
        match self.lives(&run, &mut reads)? {
            Bool::True => {}
            Bool::False => {
                self.announce(&mut run);
                return self.cancelled(&mut run, Cancelled::Lifetime);
            }
            Bool::Failed(error) => return self.fail(&mut run, &error),
        }
        let still = run.machine.outside();
        self.withdraw(&mut run, &still)?;
        let mut wait = run.machine.waiting().unwrap_or_default();
        if is_deaf(held.as_ref()) {
            (wait.watches, wait.deadline) = (Vec::new(), None);
        }
        let watches = changing(wait.watches);
        let lifetime = reads.into_iter().collect::<Vec<_>>();
        let slept = run.slept.take();
        let (old, old_lifetime) = slept.as_ref().map_or((&[] as &[_], &[] as &[_]), |s| (&s.watches, &s.lifetime));
        self.settle_requests(&run, false)?;
        self.rewatch(run.id, Role::Wait, old, &watches)?;
        self.rewatch(run.id, Role::Lifetime, old_lifetime, &lifetime)?;
        let timer = self.retime(run.id, slept.as_ref().and_then(|s| s.timer), wait.deadline)?;
        self.write(&run, lifetime, timer, held.clone())?;
        match &slept {
            None => *self.store.meta_mut().counters.of(held.as_ref()) += 1,
            Some(slept) => self.count(slept.held.as_ref(), held.as_ref()),
        }
        // A run that woke, saw that nothing it waits for is there, and sleeps on as before says nothing.
        if run.woken == Some(Woken::ToLook) && held.is_none() && slept.is_some_and(|s| s.since == wait.since) {
            return Ok(());
        }
        self.announce(&mut run);
        let place = run.place();
        let (end, what) = match held {
            None => {
                let end = Ending::Slept { place, until: wait.deadline };
                (end, Some(TraceKind::Waiting { watches, deadline: wait.deadline }))
            }
            Some(Held::Stuck(why)) => (Ending::Stuck(why.clone()), Some(TraceKind::Stuck { why })),
            Some(Held::Paused) => (Ending::Paused, None),
            Some(Held::Parked(why)) => (Ending::Parked { place, why: why.clone() }, Some(TraceKind::Parked { why })),
        };
        self.note(&mut run, end)?;
        if let Some(what) = what {
            self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
        }
        Ok(())
    }

    fn write(
        &mut self,
        run: &Running,
        lifetime: Vec<Watch>,
        timer: Option<TimerKey>,
        held: Option<Held>,
    ) -> Stored<()> {
        let rule = &run.rule;
        if !self.store.has_program(rule.digest)? {
            self.store.put_program(rule.digest, &crate::ir::stored::save(&rule.program))?;
        }
        let event = if rule.program.lifetime.is_some() { run.event.clone() } else { Value::Missing };
        let row = RunRow {
            rule: rule.no,
            record: run.record.clone(),
            started: run.started,
            timer,
            lifetime,
            event,
            held,
            machine: crate::vm::stored::save(&run.machine, rule.digest),
        };
        self.store.put_run(run.id, &row)?;
        if is_single(&rule.program) {
            self.store.set_active(rule.no, &single(run.record.as_ref()), Some(run.id))?;
        }
        Ok(())
    }

    /// A run that is there counts as something else from here on.
    fn count(&mut self, before: Option<&Held>, after: Option<&Held>) {
        let counters = &mut self.store.meta_mut().counters;
        let count = counters.of(before);
        *count = count.saturating_sub(1);
        *counters.of(after) += 1;
    }

    /// Removes all that the store holds of a run.
    pub(super) fn forget(&mut self, run: &Running) -> Stored<()> {
        let Some(slept) = &run.slept else { return Ok(()) };
        self.rewatch(run.id, Role::Wait, &slept.watches, &[])?;
        self.rewatch(run.id, Role::Lifetime, &slept.lifetime, &[])?;
        self.retime(run.id, slept.timer, None)?;
        self.store.remove_run(run.id)?;
        if is_single(&run.rule.program) {
            let of = single(run.record.as_ref());
            if self.store.active(run.rule.no, &of)? == Some(run.id) {
                self.store.set_active(run.rule.no, &of, None)?;
            }
        }
        let count = self.store.meta_mut().counters.of(slept.held.as_ref());
        *count = count.saturating_sub(1);
        Ok(())
    }

    /// Writes only the difference between two sorted lists of watches.
    fn rewatch(&mut self, run: RunId, role: Role, old: &[Watch], new: &[Watch]) -> Stored<()> {
        for watch in old.iter().filter(|watch| new.binary_search(watch).is_err()) {
            self.store.remove_watch(watch, run, role)?;
        }
        for watch in new.iter().filter(|watch| old.binary_search(watch).is_err()) {
            self.store.add_watch(watch, run, role)?;
        }
        Ok(())
    }

    /// Replaces a run's timer, unless it stands at the right moment already.
    fn retime(&mut self, run: RunId, old: Option<TimerKey>, at: Option<Moment>) -> Stored<Option<TimerKey>> {
        if let (Some(key), Some(at)) = (old, at)
            && key.at == at
        {
            return Ok(old);
        }
        if let Some(key) = old {
            self.store.remove_timer(key)?;
        }
        let Some(at) = at else { return Ok(None) };
        let key = self.next_timer_key(at);
        self.store.put_timer(key, &Due::Run(run))?;
        Ok(Some(key))
    }

    /// A place among the timers of that moment, after those that were set before.
    pub(super) fn next_timer_key(&mut self, at: Moment) -> TimerKey {
        let meta = self.store.meta_mut();
        let seq = meta.next_timer;
        meta.next_timer += 1;
        TimerKey { at, seq }
    }
}

impl Running {
    /// A run as it rests in the store.
    pub(super) fn resting(id: RunId, row: RunRow, machine: Machine, rule: Arc<Rule>, page: Page) -> Self {
        let wait = machine.waiting().unwrap_or_default();
        let RunRow { rule: _, record, started, timer, lifetime, event, held, machine: _ } = row;
        // A run that a person holds watches nothing but its `while` clause.
        let watches = if is_deaf(held.as_ref()) { Vec::new() } else { changing(wait.watches) };
        let slept = Some(Slept { watches, lifetime, timer, since: wait.since, held });
        let outside = machine.outside();
        Self { id, rule, record, event, started, machine, depth: 0, slept, woken: None, page, outside }
    }
}

/// Whether a run in this state watches nothing but its `while` clause.
fn is_deaf(held: Option<&Held>) -> bool {
    matches!(held, Some(Held::Paused | Held::Parked(_)))
}

/// Whether the rule has one run per record at a time, so that it must be found again.
pub(super) fn is_single(program: &Program) -> bool {
    matches!(program.reentry, Reentry::OneAtATime | Reentry::Restart)
}

/// What a rule has at most one run for: the record, or nothing.
pub(super) fn single(record: Option<&Ref>) -> Ref {
    record.cloned().unwrap_or_else(|| Ref::new("$none", ""))
}

/// The watches that can ever be woken, in order.
fn changing(mut watches: Vec<Watch>) -> Vec<Watch> {
    watches.retain(|watch| match watch {
        Watch::Field { of, field } => can_change(&of.kind, field),
        Watch::Event { .. } => true,
    });
    watches.sort();
    watches.dedup();
    watches
}
