//! New versions of rules: what becomes of the runs that sleep in the old ones.
//!
//! A rule is known by its key, file and name; one with a new key and the very program of a key that is gone was renamed. A
//! run goes on with the rule's new program where that is possible (see `vm::carry`), else with its old one. Nothing is
//! read but one row per rule where the store knows these very rules; else every sleeping run is looked at once.

mod runs;
mod survey;

use super::activation::Activation;
use super::rules::Rule;
use super::schedule::has_next;
use super::store::{Store, StoreError, Stored};
use super::trace::Trace;
use super::{Engine, limits};
use crate::ir::{self, Digest, Trigger};
use crate::value::{Moment, Name, Ref};
use crate::vm::carry::{Class, Stay};
use runs::Runs;
use std::collections::BTreeMap;
use std::sync::Arc;
use survey::Survey;

/// What a deploy does, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deploy {
    /// The rules that are not as the store knows them, in file and rule order, then those that are gone.
    pub rules: Vec<RuleDeploy>,
    /// Whether the store knew any rule before.
    pub known: bool,
}

/// What becomes of a rule and its sleeping runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDeploy {
    /// Its key: file and name.
    pub key: Name,
    /// What happened to it.
    pub change: RuleChange,
    /// Its program from now on; the last one if it is gone.
    pub program: Digest,
    /// Its runs that go on with the new program, by how.
    pub carried: BTreeMap<Class, u64>,
    /// Those that stay with their old program, by where they sleep and why.
    pub pinned: BTreeMap<Pinned, u64>,
    /// Those that cannot be read, by the reason.
    pub stuck: BTreeMap<String, u64>,
}

/// What happened to a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// It was not there before.
    New,
    /// It means something else than before.
    Changed,
    /// It means what it meant, and says by `migrate` how runs of older versions go on.
    Migrates,
    /// It has another name or stands in another file; this was its key.
    Renamed(Name),
    /// It is not there any more.
    Removed,
}

/// Where and why a run stays with its old program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pinned {
    /// The script, as it was then.
    pub file: Name,
    /// The line, as it was then.
    pub line: u32,
    /// The words of the wait or action.
    pub words: String,
    /// Why.
    pub why: Stay,
}

impl Deploy {
    /// Whether there is anything to tell: rules that the store knew, or ran without, are not as they were.
    pub fn is_news(&self) -> bool {
        self.known && !self.rules.is_empty()
    }
}

impl RuleDeploy {
    /// How many runs it tells of.
    pub fn runs(&self) -> u64 {
        self.carried.values().chain(self.pinned.values()).chain(self.stuck.values()).sum()
    }
}

impl Engine {
    /// Says what [`Engine::deploy`] would do; nothing is changed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn plan(&self, store: &dyn Store) -> Result<Deploy, StoreError> {
        let mut survey = Survey::of(&self.programs, store)?;
        let mut runs = Runs::default();
        let mut after = None;
        while survey.has_runs(store) {
            let page = store.runs(after, limits::PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            for (_, row) in page {
                runs.judge(store, &mut survey, &row)?;
            }
        }
        Ok(survey.deploy)
    }

    /// Takes over a store with these rules: they get their numbers, new and changed date triggers are planned for the
    /// records that are there, and sleeping runs are carried over to the new programs. [`Engine::deliver`] does it by
    /// itself the first time; call it to have it done before, or to go on with another store.
    ///
    /// # Errors
    /// When the store fails; it must be rolled back then.
    pub fn deploy(&mut self, store: &mut dyn Store, trace: &mut dyn FnMut(Trace)) -> Result<Deploy, StoreError> {
        let survey = Survey::of(&self.programs, store)?;
        self.take_over(store, survey, trace)
    }

    fn take_over(&mut self, store: &mut dyn Store, mut survey: Survey, trace: &mut dyn FnMut(Trace)) -> Stored<Deploy> {
        self.old.clear();
        self.rules.clear();
        self.unplanned.clear();
        survey.write(&self.programs, store)?;
        for ((key, digest), program) in survey.keys.iter().zip(&survey.digests).zip(&self.programs) {
            let Some(row) = store.rule(key)? else { continue };
            self.rules.push(Arc::new(Rule::new(row.no, key.clone(), program.clone(), *digest)));
        }
        self.adopted = true;
        self.carry_all(store, &mut survey, trace)?;
        for at in std::mem::take(&mut survey.changed) {
            let Some(rule) = self.rules.get(at).cloned() else { continue };
            match &rule.program.trigger {
                Trigger::Date { entity, .. } => self.plan_all(store, &rule, entity)?,
                Trigger::Every(_) => self.unplanned.push(rule),
                Trigger::Created(_)
                | Trigger::Updated(_)
                | Trigger::Saved(_)
                | Trigger::Deleted(_)
                | Trigger::Changed { .. }
                | Trigger::Entered { .. }
                | Trigger::Closed { .. }
                | Trigger::Event { .. }
                | Trigger::Unreplied { .. }
                | Trigger::Flow(_) => {}
            }
        }
        self.plan_schedules_by_now(store)?;
        Ok(survey.deploy)
    }

    /// [`Engine::deploy`], when nobody wants to know.
    ///
    /// # Errors
    /// When the store fails; it must be rolled back then.
    pub fn adopt(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let mut survey = Survey::of(&self.programs, store)?;
        // Runs of rules that are gone stay as they are: there is nothing to do but to count them.
        survey.runs.retain(|_, (_, program)| program.is_some());
        self.take_over(store, survey, &mut |_| ()).map(|_| ())
    }

    /// Whether the store was last run with these very rules. An engine without rules fits every store.
    ///
    /// # Errors
    /// When the store fails.
    pub fn knows(&self, store: &dyn Store) -> Stored<bool> {
        if self.programs.is_empty() {
            return Ok(true);
        }
        let survey = Survey::of(&self.programs, store)?;
        Ok(survey.deploy.rules.is_empty())
    }

    fn carry_all(&mut self, store: &mut dyn Store, survey: &mut Survey, trace: &mut dyn FnMut(Trace)) -> Stored<()> {
        let mut runs = Runs::default();
        let mut after = None;
        while survey.has_runs(store) {
            let page = store.runs(after, limits::PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            for (id, row) in page {
                let Some((machine, carry)) = runs.judge(store, survey, &row)? else { continue };
                let rule = self.rules.iter().find(|rule| rule.no == row.rule).cloned();
                if let Some(rule) = rule {
                    self.carry(store, trace, (id, row), machine, &carry, &rule)?;
                }
            }
        }
        Ok(())
    }

    /// Plans new and changed schedules, and those that were met when the store had no clock yet, which is before its
    /// first event.
    fn plan_schedules_by_now(&mut self, store: &mut dyn Store) -> Stored<()> {
        for rule in &self.rules {
            let is_schedule = matches!(rule.program.trigger, Trigger::Every(_));
            let is_known = |known: &Arc<Rule>| known.no == rule.no;
            if is_schedule && !self.unplanned.iter().any(is_known) && !has_next(store, rule.no)? {
                self.unplanned.push(rule.clone());
            }
        }
        if store.meta().now > Moment(i64::MIN) && !self.unplanned.is_empty() {
            Activation::begin(self, store, &mut |_| (), Moment(i64::MIN)).plan_schedules()?;
        }
        Ok(())
    }

    /// Plans a date trigger for every record of its entity.
    fn plan_all(&mut self, store: &mut dyn Store, rule: &Rule, entity: &Name) -> Stored<()> {
        let mut after: Option<Name> = None;
        loop {
            let page = store.records(entity, after.as_deref(), limits::PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            let mut silent = |_| ();
            let mut activation = Activation::begin(self, store, &mut silent, Moment(i64::MIN));
            let bound = super::dates::Bound::After(activation.now);
            for (id, record) in page {
                activation.plan_date(rule, &Ref { kind: entity.clone(), id }, Some(&record), bound)?;
            }
        }
    }
}

/// A digest of everything of a program, also of what only people need.
fn text_of(program: &ir::Program) -> Digest {
    ir::stored::text_digest(program)
}
