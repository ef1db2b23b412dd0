//! Sleeping runs and the new programs of their rules.

use super::super::activation::Activation;
use super::super::drive::Running;
use super::super::history::{Cause, Ending, HistoryRow, Page, Place};
use super::super::rules::Rule;
use super::super::sleep::is_single;
use super::super::store::{Held, RunId, RunRow, Store, Stored};
use super::super::trace::Trace;
use super::super::{Engine, inspect};
use super::Pinned;
use super::survey::Survey;
use crate::ir::{Digest, Program};
use crate::value::Moment;
use crate::vm::carry::{self, Recipe, Shape, Stay};
use crate::vm::{Machine, stored};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was worked out so far: for runs of one program at one place it is the same.
#[derive(Default)]
pub(super) struct Runs {
    programs: BTreeMap<Digest, Result<Arc<Program>, String>>,
    judged: BTreeMap<(Digest, Digest, Shape), Result<Arc<Carry>, Pinned>>,
}

/// A way to carry runs over.
pub(super) struct Carry {
    recipe: Recipe,
    /// Whether the `while` clause is as it was, so that what it has read still counts.
    lives: bool,
    /// Whether the rule had one run for each record at a time, by which it is found.
    was_single: bool,
}

impl Runs {
    /// Counts a run; gives the machine and the way to carry it, if it is carried.
    pub(super) fn judge(
        &mut self,
        store: &dyn Store,
        survey: &mut Survey,
        row: &RunRow,
    ) -> Stored<Option<(Machine, Arc<Carry>)>> {
        let Some((at, new)) = survey.runs.get(&row.rule) else { return Ok(None) };
        let Some(told) = survey.deploy.rules.get_mut(*at) else { return Ok(None) };
        let mut stuck = |why: String| {
            *told.stuck.entry(why).or_default() += 1;
            Ok(None)
        };
        let (digest, machine) = match stored::load(&row.machine) {
            Ok(loaded) => loaded,
            Err(why) => return stuck(why.to_string()),
        };
        let now = new.as_ref().map_or(Digest::default(), |_| told.program);
        if digest == now {
            return Ok(None);
        }
        let old = if let Some(known) = self.programs.get(&digest) {
            known.clone()
        } else {
            let read = inspect::program(store, digest)?.map(Arc::new);
            self.programs.insert(digest, read.clone());
            read
        };
        let old = match old {
            Ok(old) => old,
            Err(why) => return stuck(why),
        };
        let key = (digest, now, Shape::of(&machine));
        let judged = self.judged.entry(key).or_insert_with_key(|(_, _, shape)| {
            decide(shape, &old, new.as_deref()).map(Arc::new).map_err(|why| pinned(&machine, &old, why))
        });
        match judged {
            Ok(carry) => {
                *told.carried.entry(carry.recipe.class()).or_default() += 1;
                Ok(Some((machine, carry.clone())))
            }
            Err(pinned) => {
                *told.pinned.entry(pinned.clone()).or_default() += 1;
                Ok(None)
            }
        }
    }
}

fn decide(shape: &Shape, old: &Program, new: Option<&Program>) -> Result<Carry, Stay> {
    let new = new.ok_or(Stay::Removed)?;
    let recipe = carry::plan(shape, old, new)?;
    let lives = carry::lives_alike(old, new);
    Ok(Carry { recipe, lives, was_single: is_single(old) })
}

fn pinned(machine: &Machine, old: &Program, why: Stay) -> Pinned {
    let span = machine.place(old).unwrap_or_default();
    let (file, line) = old.debug.locate(span.start);
    Pinned { file: file.clone(), line, words: crate::source::words(span.of(&old.debug.text)), why }
}

impl Engine {
    /// Carries a run over to the present program of its rule.
    pub(super) fn carry(
        &mut self,
        store: &mut dyn Store,
        trace: &mut dyn FnMut(Trace),
        (id, mut row): (RunId, RunRow),
        machine: Machine,
        carry: &Carry,
        rule: &Arc<Rule>,
    ) -> Stored<()> {
        let (carried, since) = carry.recipe.apply(&machine, row.record.as_ref());
        if carry.was_single
            && !is_single(&rule.program)
            && let Some(record) = &row.record
            && store.active(rule.no, record)? == Some(id)
        {
            store.set_active(rule.no, record, None)?;
        }
        if since.is_none() && carry.lives && (carry.was_single || !is_single(&rule.program)) {
            if !store.has_program(rule.digest)? {
                store.put_program(rule.digest, &crate::ir::stored::save(&rule.program))?;
            }
            row.machine = stored::save(&carried, rule.digest);
            store.put_run(id, &row)?;
            return note(store, id, &row, &carried, rule);
        }
        let mut activation = Activation::begin(self, store, trace, Moment(i64::MIN));
        let page = Page::new(Cause::Moved { to: rule.digest });
        let run = Running::resting(id, row, machine, rule.clone(), page);
        let run = Running { machine: carried, ..run };
        match since {
            Some(since) => activation.begin_wait(run, since)?,
            None => activation.sleep_on(run)?,
        }
        activation.drain()
    }
}

/// The history tells of it.
fn note(store: &mut dyn Store, id: RunId, row: &RunRow, machine: &Machine, rule: &Rule) -> Stored<()> {
    let place = Place::of(machine, &rule.program);
    let end = match &row.held {
        None => Ending::Slept { place, until: machine.waiting().and_then(|wait| wait.deadline) },
        Some(Held::Parked(why)) => Ending::Parked { place, why: why.clone() },
        Some(Held::Paused) => Ending::Paused,
        Some(Held::Stuck(why)) => Ending::Stuck(why.clone()),
    };
    let (at, cause) = (store.meta().now, Cause::Moved { to: rule.digest });
    store.append_history(id, &HistoryRow { at, cause, deeds: Vec::new(), more: 0, end })
}
