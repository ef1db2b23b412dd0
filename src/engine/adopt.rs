//! Meeting a store: rules get their numbers in it, and new or changed date triggers are planned for the records that are
//! there already. A store that knows the very same rules costs one look-up per rule.

use super::activation::Activation;
use super::dates::Bound;
use super::rules::{Rule, keys};
use super::store::{Store, StoreError, Stored};
use super::{Engine, limits};
use crate::ir::{Digest, Trigger};
use crate::value::{Moment, Name, Ref};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Engine {
    /// Takes over a store. [`Engine::deliver`] does it by itself the first time; call it to have the timers known before,
    /// or to go on with another store.
    pub fn adopt(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        self.old.clear();
        self.rules.clear();
        self.unplanned.clear();
        let mut changed = Vec::new();
        let keys = keys(&self.programs);
        for (key, program) in keys.iter().zip(&self.programs) {
            let known = store.rule(key)?;
            let digest = program.digest();
            let no = match known {
                Some(row) if row.digest == digest => row.no,
                Some(_) | None => {
                    changed.push(self.rules.len());
                    store.put_rule(key, digest)?
                }
            };
            self.rules.push(Arc::new(Rule::new(no, key.clone(), program.clone(), digest)));
        }
        retire(store, &keys.into_iter().collect())?;
        self.adopted = true;
        for at in changed {
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
        // A new store has no clock before its first event.
        if store.meta().now > Moment(i64::MIN) {
            Activation::begin(self, store, &mut |_| (), Moment(i64::MIN)).plan_schedules()?;
        }
        Ok(())
    }

    /// Whether the store was last run with these very rules. An engine without rules fits every store.
    pub fn knows(&self, store: &dyn Store) -> Stored<bool> {
        if self.programs.is_empty() {
            return Ok(true);
        }
        let keys = keys(&self.programs);
        let sorted = keys.iter().cloned().collect::<BTreeSet<_>>();
        let known = store.rules()?.into_iter().filter(|(_, row)| row.digest != Digest::default());
        if known.map(|(key, _)| key).ne(sorted) {
            return Ok(false);
        }
        for (key, program) in keys.iter().zip(&self.programs) {
            if store.rule(key)?.is_none_or(|row| row.digest != program.digest()) {
                return Ok(false);
            }
        }
        Ok(true)
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
            let bound = Bound::After(activation.now);
            for (id, record) in page {
                activation.plan_date(rule, &Ref { kind: entity.clone(), id }, Some(&record), bound)?;
            }
        }
    }
}

/// Rules that are not there any more lose their digest, so that they are planned anew should they come back.
fn retire(store: &mut dyn Store, keys: &BTreeSet<Name>) -> Stored<()> {
    for (key, row) in store.rules()? {
        if row.digest != Digest::default() && !keys.contains(&key) {
            store.put_rule(&key, Digest::default())?;
        }
    }
    Ok(())
}
