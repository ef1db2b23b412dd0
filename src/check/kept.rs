//! A check that is repeated as scripts change: only what a change can matter to is looked at again.
//!
//! What scripts offer one another is collected anew each time, which takes little; the bodies of rules and functions are
//! checked again only in scripts that have changed, in those that use one of them, and, when functions or flows came, went or
//! changed their types, in all that have functions.

use super::index::{Symbol, Use};
use super::library::{Library, Signature};
use super::{Checked, Given, Script, file, lint, unique};
use crate::diagnostics::Diagnostic;
use crate::schema::Schema;
use crate::source::FileId;
use crate::syntax::ast::{Item, ItemKind};
use std::collections::{BTreeMap, BTreeSet};

/// What is known from the last time. Scripts must come in the order of their files' numbers.
#[derive(Debug, Default)]
pub struct Kept {
    checked: Checked,
    signatures: Vec<Signature>,
    flows: Vec<Signature>,
    /// The names of all rules, which tests speak of.
    rules: Vec<String>,
    scripts: BTreeMap<FileId, One>,
    /// What is wrong with how scripts use one another.
    shared: Vec<Diagnostic>,
}

/// What is known of one script.
#[derive(Debug, Default)]
struct One {
    found: Vec<Diagnostic>,
    index: Vec<Use>,
}

impl Kept {
    /// Checks again; `changed` are the scripts with other texts than the last time. Gives those whose own diagnostics
    /// may be others now.
    pub fn again(&mut self, scripts: &[Script<'_>], schema: &Schema, changed: &BTreeSet<FileId>) -> BTreeSet<FileId> {
        let given = Given::default();
        let mut shared = Vec::new();
        let library = Library::of(scripts, schema, &given, &mut shared);
        unique::rule_names(scripts, &mut shared);
        self.shared = shared;
        let same = same_offer(&self.signatures, &library.signatures);
        let offers_same = same && same_offer(&self.flows, &library.flows);
        let mut anew = due(scripts, &library, changed, offers_same);
        if self.rules != library.rules {
            let is_test = |item: &Item| matches!(item.kind, ItemKind::Test { .. });
            anew.extend((0..scripts.len()).filter(|at| library.tree(*at).is_some_and(|t| t.items.iter().any(is_test))));
            anew.sort_unstable();
            anew.dedup();
            self.rules.clone_from(&library.rules);
        }
        if !same {
            self.checked.functions = vec![None; library.signatures.len()];
        }
        for &at in &anew {
            self.script(&library, at, &given, scripts);
        }
        self.signatures.clone_from(&library.signatures);
        self.flows.clone_from(&library.flows);
        let looked_at: Vec<Script<'_>> = anew.iter().filter_map(|at| scripts.get(*at)).copied().collect();
        for diagnostic in lint::lint(&looked_at, &self.checked, schema) {
            self.scripts.entry(diagnostic.file()).or_default().found.push(diagnostic);
        }
        looked_at.iter().map(|script| script.file).collect()
    }

    fn script(&mut self, library: &Library<'_>, at: usize, given: &Given, scripts: &[Script<'_>]) {
        let Some(script) = scripts.get(at) else { return };
        let mut checker = library.checker(at, given);
        checker.index = Some(Vec::new());
        let mut part = Checked::default();
        file(&mut checker, library, at, &mut part);
        for item in &script.tree.items {
            if let ItemKind::Const(binding) = &item.kind
                && let Some(constant) = checker.consts.get(checker.text_of(binding.name)).cloned()
            {
                let name = checker.text_of(binding.name);
                checker.note_declared(binding.name, &constant.ty, || Symbol::Constant(name.into()));
            }
        }
        let Checked { rules, functions, tests } = part;
        let from = self.checked.rules.partition_point(|rule| rule.file < script.file);
        let to = self.checked.rules.partition_point(|rule| rule.file <= script.file);
        self.checked.rules.splice(from..to, rules);
        let from = self.checked.tests.partition_point(|test| test.file < script.file);
        let to = self.checked.tests.partition_point(|test| test.file <= script.file);
        self.checked.tests.splice(from..to, tests);
        for (place, function) in library.own(at).zip(functions) {
            if let Some(known) = self.checked.functions.get_mut(place) {
                *known = function;
            }
        }
        let mut index = checker.index.take().unwrap_or_default();
        index.sort_by_key(|one| (one.span, !one.declares));
        index.dedup_by_key(|one| one.span);
        let found = std::mem::take(&mut checker.out);
        self.scripts.insert(script.file, One { found, index });
    }

    /// What is wrong with a script by itself.
    pub fn found(&self, file: FileId) -> &[Diagnostic] {
        self.scripts.get(&file).map_or(&[], |one| &one.found)
    }

    /// What is wrong with how scripts use one another, in no order.
    pub fn shared(&self) -> &[Diagnostic] {
        &self.shared
    }

    /// What the names in a script stand for, by place.
    pub fn uses(&self, file: FileId) -> &[Use] {
        self.scripts.get(&file).map_or(&[], |one| &one.index)
    }

    /// The rules and functions without mistakes.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }
}

/// Whether functions are the same for those that call them; where they stand does not count.
fn same_offer(before: &[Signature], now: &[Signature]) -> bool {
    let same = |a: &Signature, b: &Signature| {
        a.name == b.name
            && a.script == b.script
            && a.params == b.params
            && a.result == b.result
            && a.effects == b.effects
    };
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| same(a, b))
}

/// The scripts to be checked again.
fn due(scripts: &[Script<'_>], library: &Library<'_>, changed: &BTreeSet<FileId>, same: bool) -> Vec<usize> {
    let is_changed = |at: usize| scripts.get(at).is_some_and(|script| changed.contains(&script.file));
    let used = |at: usize| library.uses.get(at).into_iter().flatten().map(|(used, _)| *used);
    let depends = |at: usize| library.offers(at) || used(at).any(|used| library.offers(used));
    let is_due = |at: &usize| is_changed(*at) || used(*at).any(is_changed) || (!same && depends(*at));
    (0..scripts.len()).filter(is_due).collect()
}
