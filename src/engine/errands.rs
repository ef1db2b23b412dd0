//! Errands of runs: handed over with the activation that asks for them, and settled when the outside has answered.

use super::activation::Activation;
use super::crm::Done;
use super::drive::Running;
use super::history::{Cause, Deed, EffectRow, Ending, HistoryRow, shorten};
use super::outbox::{Attempt, Errand, ErrandKey, ErrandRow, Live};
use super::store::{RunId, Store, StoreError, Stored};
use super::trace::{Trace, TraceKind};
use super::{Change, Engine};
use crate::value::{Moment, Name, Value};
use crate::vm::{Input, Request};
use std::collections::BTreeSet;

impl Engine {
    /// From now on what runs want done outside is handed over to be done. Without this, effects outside count as done at
    /// once, and go nowhere.
    pub fn go_live(&mut self, live: Live) {
        self.live = Some(live);
    }

    /// Notes that an errand is about to be tried. Commit before trying: so that after a crash it is known that the
    /// attempt may have been made.
    pub fn attempt(&mut self, store: &mut dyn Store, key: ErrandKey) -> Result<Option<ErrandRow>, StoreError> {
        let Some(mut row) = store.errand(key)?.filter(|row| row.next.is_some()) else { return Ok(None) };
        row.attempts = row.attempts.saturating_add(1);
        store.put_errand(key, &row)?;
        Ok(Some(row))
    }

    /// Takes the outcome of an attempt, with all that follows from it: the run that waits for it goes on.
    ///
    /// After an error the store must be rolled back and [`Engine::adopt`]ed again, or both be given up.
    pub fn settle(
        &mut self,
        store: &mut dyn Store,
        key: ErrandKey,
        at: Moment,
        attempt: &Attempt,
        trace: &mut dyn FnMut(Trace),
    ) -> Result<(), StoreError> {
        if !self.adopted {
            self.adopt(store)?;
        }
        let Some(row) = store.errand(key)? else { return Ok(()) };
        let mut activation = Activation::begin(self, store, trace, at);
        activation.settle(key, row, attempt)?;
        activation.drain()
    }

    /// Tries an errand again that nobody tries any more; false if there is none.
    pub fn try_again(&mut self, store: &mut dyn Store, key: ErrandKey, at: Moment) -> Result<bool, StoreError> {
        let Some(mut row) = store.errand(key)?.filter(|row| row.arrived.is_none()) else { return Ok(false) };
        (row.attempts, row.next) = (0, Some(at));
        store.put_errand(key, &row)?;
        Ok(true)
    }
}

impl Activation<'_> {
    /// Hands over what an effect wants done outside; says whether the run has to wait for the outcome.
    pub(super) fn hand_over(&mut self, run: &mut Running, request: &Request, done: &mut Done) -> Stored<bool> {
        let Some(live) = &self.engine.live else {
            // Nothing leaves: the effect counts as done, and its record says as before that it is queued.
            done.errands.clear();
            return Ok(false);
        };
        let mirrors = live.mirrors.clone();
        // What undoes cannot wait: the run is as good as over.
        let may_wait = !run.machine.is_ending();
        let mut waits = false;
        let errands = std::mem::take(&mut done.errands).into_iter().flat_map(|errand| mirrored(errand, &mirrors));
        for (errand, part) in errands.zip(0..) {
            let awaited = errand.awaited && may_wait;
            waits |= awaited;
            let mut given = request.args.clone();
            for (_, value) in &mut given {
                shorten(value);
            }
            let next = errand.not_before.map_or(self.now, |at| at.max(self.now));
            let mut row = ErrandRow {
                errand,
                rule: run.rule.no,
                record: run.record.clone(),
                place: run.place(),
                action: request.action.clone(),
                given,
                answer: done.value.clone(),
                asked: self.now,
                attempts: 0,
                next: Some(next),
                last: None,
                arrived: None,
            };
            row.errand.awaited = awaited;
            self.store.put_errand(ErrandKey { run: run.id, seq: request.seq, part }, &row)?;
        }
        if waits {
            run.outside.push(request.seq);
            let Request { seq, action, args } = request.clone();
            run.handed_over(seq, action.clone());
            let what = TraceKind::HandedOver { seq, action, args };
            self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
        }
        Ok(waits)
    }

    /// Removes the errands that a run waited for, but for those it `still` waits for: the branch lost a race, or the run is cancelled.
    pub(super) fn withdraw(&mut self, run: &mut Running, still: &[u32]) -> Stored<()> {
        for seq in std::mem::take(&mut run.outside) {
            let key = ErrandKey { run: run.id, seq, part: 0 };
            if still.contains(&seq) {
                run.outside.push(seq);
            } else if let Some(row) = self.store.errand(key)?.filter(|row| row.errand.awaited) {
                self.store.remove_errand(key)?;
                let what = TraceKind::Withdrawn { seq, action: row.action };
                self.tell(Some(run.rule.name()), run.record.as_ref(), Some(run.id), what);
            }
        }
        Ok(())
    }

    fn settle(&mut self, key: ErrandKey, mut row: ErrandRow, attempt: &Attempt) -> Stored<()> {
        let pauses = self.engine.live.as_ref().map(|live| live.pauses).unwrap_or_default();
        let result = match attempt {
            Attempt::Done { value, .. } => Ok(value.clone().unwrap_or_else(|| row.answer.clone())),
            Attempt::Passing { why, after } if row.attempts < pauses.attempts => {
                let pause = after.unwrap_or(0).max(pauses.after(key, row.attempts));
                let next = Moment(self.now.0.saturating_add(pause));
                let what = TraceKind::TriedAgain { seq: key.seq, action: row.action.clone(), why: why.clone(), next };
                self.tell(None, row.record.as_ref(), Some(key.run), what);
                (row.next, row.last) = (Some(next), Some(why.clone()));
                return self.store.put_errand(key, &row);
            }
            Attempt::Passing { why, .. } => Err(Name::from(format!("{why} (tried {} times)", row.attempts))),
            Attempt::Permanent { why } => Err(why.clone()),
        };
        let change = self.engine.crm.settle(self.store, self.now, &row.errand, attempt)?;
        self.queue_change(change, 1);
        if row.errand.awaited {
            return self.arrived(key, row, result);
        }
        match result {
            Ok(_) => self.store.remove_errand(key),
            Err(why) => {
                let what = TraceKind::Refused { seq: key.seq, action: row.action.clone(), why: why.clone() };
                self.tell(None, row.record.as_ref(), Some(key.run), what);
                (row.next, row.last) = (None, Some(why));
                self.store.put_errand(key, &row)
            }
        }
    }

    fn queue_change(&mut self, change: Option<Change>, depth: u32) {
        if let Some(change) = change {
            self.follow_up(vec![change], Vec::new(), None, depth);
        }
    }

    /// The outcome of an errand that a run waits for: the run gets it, now or when it is not held any more.
    fn arrived(&mut self, key: ErrandKey, mut row: ErrandRow, result: Result<Value, Name>) -> Stored<()> {
        let Some(stored) = self.store.run(key.run)? else { return self.too_late(key, row, result) };
        let mut run = None;
        if stored.held.is_none() {
            run = self.take_up(key.run, stored, 0, Cause::Answered(key.seq))?;
        }
        let Some(mut run) = run else {
            (row.next, row.arrived) = (None, Some(result));
            return self.store.put_errand(key, &row);
        };
        if !run.machine.take_back(key.seq) {
            return self.too_late(key, row, result);
        }
        run.outside.retain(|seq| *seq != key.seq);
        self.store.remove_errand(key)?;
        let ErrandRow { action, given, .. } = row;
        let seq = key.seq;
        run.did(Request { seq, action: action.clone(), args: given.clone() }, result.clone());
        let name = run.rule.name().clone();
        match result {
            Ok(value) => {
                *self.store.meta_mut().counters.effects.entry(action.clone()).or_default() += 1;
                let what = TraceKind::Effect { seq, action, args: given, result: value.clone() };
                self.tell(Some(&name), run.record.as_ref(), Some(run.id), what);
                self.drive(run, Input::Value(value))
            }
            Err(why) => {
                let what = TraceKind::Refused { seq, action, why: why.clone() };
                self.tell(Some(&name), run.record.as_ref(), Some(run.id), what);
                if run.machine.catches(&run.rule.program) {
                    self.drive(run, Input::Failed(why.to_string()))
                } else {
                    self.park(run, why)
                }
            }
        }
    }

    /// The run is over, or does not wait for it any more: its history has the outcome.
    fn too_late(&mut self, key: ErrandKey, row: ErrandRow, result: Result<Value, Name>) -> Stored<()> {
        self.store.remove_errand(key)?;
        let ErrandRow { place, action, given: args, record, .. } = row;
        let seq = key.seq;
        let what = match &result {
            Ok(value) => TraceKind::Effect { seq, action: action.clone(), args: args.clone(), result: value.clone() },
            Err(why) => TraceKind::Refused { seq, action: action.clone(), why: why.clone() },
        };
        if result.is_ok() {
            *self.store.meta_mut().counters.effects.entry(action.clone()).or_default() += 1;
        }
        self.tell(None, record.as_ref(), Some(key.run), what);
        let deeds = vec![Deed::Effect(EffectRow { seq, place, action, args, result })];
        let (at, cause) = (self.now, Cause::Answered(seq));
        self.store.append_history(key.run, &HistoryRow { at, cause, deeds, more: 0, end: Ending::Still })
    }

    /// Gives a run that was held the outcomes that came meanwhile.
    pub(super) fn catch_up(&mut self, id: RunId) -> Stored<()> {
        for (key, mut row) in self.store.errands_of(id)? {
            if let Some(result) = row.arrived.take() {
                self.arrived(key, row, result)?;
            }
        }
        Ok(())
    }
}

/// An errand that nobody waits for goes to every channel of its kind: `chat` to `chat/team` and `chat/board`.
fn mirrored(errand: Errand, mirrors: &BTreeSet<Name>) -> Vec<Errand> {
    if errand.awaited {
        return vec![errand];
    }
    let is_of_kind = |name: &&Name| name.split('/').next() == Some(&*errand.channel);
    mirrors.iter().filter(is_of_kind).map(|name| Errand { channel: name.clone(), ..errand.clone() }).collect()
}
