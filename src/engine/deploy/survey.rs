//! Which rules are not as the store knows them.

use super::super::rules::keys;
use super::super::store::{RuleNo, RuleRow, Store, Stored};
use super::{Deploy, RuleChange, RuleDeploy, text_of};
use crate::ir::{self, Digest, Program};
use crate::value::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of the rules before anything is done.
pub(super) struct Survey {
    pub(super) deploy: Deploy,
    /// The keys of the rules, in file and rule order.
    pub(super) keys: Vec<Name>,
    /// The digests of their programs, which cost more to work out than all else here.
    pub(super) digests: Vec<Digest>,
    /// The rules, by their place, whose trigger may be another one than before.
    pub(super) changed: Vec<usize>,
    /// Those of `deploy` that may have runs: by their number the place there, and the new program.
    pub(super) runs: BTreeMap<RuleNo, (usize, Option<Arc<Program>>)>,
    /// Rules whose text is not the one that the store has.
    rewritten: Vec<usize>,
    /// New keys of rules, by those that they had.
    renamed: BTreeMap<Name, Name>,
    /// Keys of rules that are gone.
    removed: Vec<Name>,
}

impl Survey {
    pub(super) fn of(programs: &[Arc<Program>], store: &dyn Store) -> Stored<Self> {
        let known: BTreeMap<Name, RuleRow> = store.rules()?.into_iter().collect();
        let is_there = |row: &RuleRow| row.digest != Digest::default();
        let keys = keys(programs);
        let present: BTreeSet<&Name> = keys.iter().collect();
        let mut gone: BTreeMap<&Name, &RuleRow> =
            known.iter().filter(|(key, row)| is_there(row) && !present.contains(key)).collect();
        let mut survey = Self {
            deploy: Deploy { rules: Vec::new(), known: known.values().any(is_there) },
            keys: keys.clone(),
            digests: programs.iter().map(|program| program.digest()).collect(),
            changed: Vec::new(),
            runs: BTreeMap::new(),
            rewritten: Vec::new(),
            renamed: BTreeMap::new(),
            removed: Vec::new(),
        };
        for (at, (key, program)) in keys.iter().zip(programs).enumerate() {
            let digest = survey.digests.get(at).copied().unwrap_or_default();
            let text = text_of(program);
            let row = known.get(key);
            let same = |row: &RuleRow| row.digest == digest;
            let change = match row {
                Some(row) if same(row) && row.text == text => continue,
                Some(row) if same(row) => {
                    survey.rewritten.push(at);
                    if program.migrations.is_empty() {
                        continue;
                    }
                    RuleChange::Migrates
                }
                Some(row) if is_there(row) => RuleChange::Changed,
                // A key that was never there may be a new name of a rule that is gone.
                None => match gone.iter().find(|(_, row)| same(row)).map(|(old, _)| (*old).clone()) {
                    Some(old) => {
                        survey.renamed.insert(old.clone(), key.clone());
                        RuleChange::Renamed(old)
                    }
                    None => RuleChange::New,
                },
                Some(_) => RuleChange::New,
            };
            let no = match &change {
                RuleChange::Renamed(old) => gone.remove(old).map(|row| row.no),
                RuleChange::New | RuleChange::Changed | RuleChange::Migrates | RuleChange::Removed => {
                    row.map(|row| row.no)
                }
            };
            if !matches!(change, RuleChange::Renamed(_) | RuleChange::Migrates) {
                survey.changed.push(at);
            }
            survey.add(key, change, digest, no, Some(program.clone()));
        }
        for (key, row) in gone {
            survey.removed.push(key.clone());
            survey.add(key, RuleChange::Removed, row.digest, Some(row.no), None);
        }
        Ok(survey)
    }

    fn add(&mut self, key: &Name, change: RuleChange, program: Digest, no: Option<RuleNo>, now: Option<Arc<Program>>) {
        let (carried, pinned, stuck) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        if let Some(no) = no {
            self.runs.insert(no, (self.deploy.rules.len(), now));
        }
        self.deploy.rules.push(RuleDeploy { key: key.clone(), change, program, carried, pinned, stuck });
    }

    /// Whether any run may be concerned.
    pub(super) fn has_runs(&self, store: &dyn Store) -> bool {
        let counters = &store.meta().counters;
        !self.runs.is_empty() && counters.waiting + counters.stuck + counters.paused + counters.parked > 0
    }

    /// Notes the rules as they are now.
    pub(super) fn write(&self, programs: &[Arc<Program>], store: &mut dyn Store) -> Stored<()> {
        for (old, new) in &self.renamed {
            store.rename_rule(old, new)?;
        }
        for (at, (key, program)) in self.keys.iter().zip(programs).enumerate() {
            let rewritten = self.rewritten.contains(&at) || self.renamed.values().any(|new| new == key);
            if rewritten || self.changed.contains(&at) {
                let digest = self.digests.get(at).copied().unwrap_or_default();
                store.put_rule(key, digest, text_of(program))?;
                // Runs that sleep in it are told of with the places and words of today.
                if store.has_program(digest)? {
                    store.put_program(digest, &ir::stored::save(program))?;
                }
            }
        }
        // A rule that is gone loses its digest, so that it is planned anew should it come back.
        for key in &self.removed {
            store.put_rule(key, Digest::default(), Digest::default())?;
        }
        Ok(())
    }
}
