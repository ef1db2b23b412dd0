//! A store in memory: for tests, the REPL, and runs without `--store`.
//!
//! Nothing is ever on disk, so a commit has nothing to do and a rollback cannot take anything back: after a failed
//! activation the store is thrown away as a whole. (None of its own methods can fail.)

use crate::engine::{
    Cursor, Due, ErrandKey, ErrandRow, HistoryRow, Mark, Meta, Outbox, Record, Role, RuleNo, RuleRow, RunId, RunRow,
    Store, StoreError, Stored, TimerKey, let_go,
};
use crate::ir::Digest;
use crate::value::{Moment, Name, Ref};
use crate::vm::Watch;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// The ids of records by kind, field and what the field refers to.
type Links = BTreeMap<Name, BTreeMap<Name, BTreeMap<Ref, BTreeSet<Name>>>>;

/// Everything in ordered maps; those that are large are maps of maps, so that a search compares short keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryStore {
    meta: Meta,
    /// By kind and id.
    records: BTreeMap<Name, BTreeMap<Name, Arc<Record>>>,
    runs: BTreeMap<RunId, RunRow>,
    watches: BTreeMap<Watch, BTreeSet<(RunId, Role)>>,
    timers: BTreeMap<TimerKey, Due>,
    date_timers: BTreeMap<(RuleNo, Ref), TimerKey>,
    marks: BTreeMap<(RuleNo, Ref), Option<Moment>>,
    active: BTreeMap<(RuleNo, Ref), RunId>,
    history: BTreeMap<(RunId, u32), HistoryRow>,
    marked: BTreeSet<(Mark, RunId, u32)>,
    runs_of: BTreeSet<(Ref, RunId)>,
    programs: BTreeMap<Digest, Vec<u8>>,
    rules: BTreeMap<Name, RuleRow>,
    rule_keys: Vec<Name>,
    cursors: BTreeMap<Name, Cursor>,
    seen: BTreeMap<Name, i64>,
    outbox: BTreeMap<ErrandKey, ErrandRow>,
    links: Links,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn add_link(&mut self, of: &Ref, field: &Name, target: &Ref) {
        let fields = self.links.entry(of.kind.clone()).or_default();
        let targets = fields.entry(field.clone()).or_default();
        targets.entry(target.clone()).or_default().insert(of.id.clone());
    }

    fn remove_link(&mut self, of: &Ref, field: &Name, target: &Ref) {
        let Some(fields) = self.links.get_mut(&of.kind) else { return };
        let Some(targets) = fields.get_mut(field) else { return };
        let Some(ids) = targets.get_mut(target) else { return };
        ids.remove(&of.id);
        // Two stores that hold the same are the same, however they came to it.
        if ids.is_empty() {
            targets.remove(target);
        }
        if targets.is_empty() {
            fields.remove(field);
        }
        if fields.is_empty() {
            self.links.remove(&of.kind);
        }
    }
}

impl Outbox for MemoryStore {
    fn errand(&self, key: ErrandKey) -> Stored<Option<ErrandRow>> {
        Ok(self.outbox.get(&key).cloned())
    }

    fn put_errand(&mut self, key: ErrandKey, row: &ErrandRow) -> Stored<()> {
        self.outbox.insert(key, row.clone());
        Ok(())
    }

    fn remove_errand(&mut self, key: ErrandKey) -> Stored<()> {
        self.outbox.remove(&key);
        Ok(())
    }

    fn due_errands(&self, by: Moment, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let mut due: Vec<_> = self.outbox.iter().filter(|(_, row)| row.next.is_some_and(|at| at <= by)).collect();
        due.sort_by_key(|(key, row)| (row.next, **key));
        Ok(due.into_iter().take(limit).map(|(key, row)| (*key, row.clone())).collect())
    }

    fn next_errand(&self) -> Stored<Option<Moment>> {
        Ok(self.outbox.values().filter_map(|row| row.next).min())
    }

    fn errands(&self, after: Option<ErrandKey>, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let page = self.outbox.range((from, Bound::Unbounded)).take(limit);
        Ok(page.map(|(key, row)| (*key, row.clone())).collect())
    }

    fn errands_of(&self, run: RunId) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let key = |seq, part| ErrandKey { run, seq, part };
        let of = self.outbox.range(key(0, 0)..=key(u32::MAX, u16::MAX));
        Ok(of.map(|(key, row)| (*key, row.clone())).collect())
    }
}

impl Store for MemoryStore {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn record(&self, of: &Ref) -> Stored<Option<Arc<Record>>> {
        Ok(self.records.get(&of.kind).and_then(|of_kind| of_kind.get(&of.id)).cloned())
    }

    fn put_record(&mut self, of: &Ref, record: Arc<Record>) -> Stored<()> {
        let before = self.records.entry(of.kind.clone()).or_default().insert(of.id.clone(), record.clone());
        if let Some(before) = &before {
            let gone = |(field, target): &(&Name, &Ref)| record.link(field) != Some(target);
            before.links().filter(gone).for_each(|(field, target)| self.remove_link(of, field, target));
        }
        let known = |field| before.as_deref().and_then(|before| before.link(field));
        let new = record.links().filter(|(field, target)| known(field) != Some(target));
        new.for_each(|(field, target)| self.add_link(of, field, target));
        Ok(())
    }

    fn add_record(&mut self, of: &Ref, record: Arc<Record>, found_by: &[&str]) -> Stored<()> {
        let links = record.links().filter(|(field, _)| found_by.contains(&&***field));
        links.for_each(|(field, target)| self.add_link(of, field, target));
        self.records.entry(of.kind.clone()).or_default().insert(of.id.clone(), record);
        Ok(())
    }

    fn remove_record(&mut self, of: &Ref) -> Stored<()> {
        let Some(of_kind) = self.records.get_mut(&of.kind) else { return Ok(()) };
        let before = of_kind.remove(&of.id);
        if of_kind.is_empty() {
            self.records.remove(&of.kind);
        }
        let links = before.iter().flat_map(|before| before.links());
        links.for_each(|(field, target)| self.remove_link(of, field, target));
        Ok(())
    }

    fn linking(&self, kind: &str, field: &str, target: &Ref, after: Option<&str>, limit: usize) -> Stored<Vec<Name>> {
        let ids = self.links.get(kind).and_then(|fields| fields.get(field)?.get(target));
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found = ids.into_iter().flat_map(|ids| ids.range::<str, _>((from, Bound::Unbounded)));
        Ok(found.take(limit).cloned().collect())
    }

    fn records(&self, kind: &str, after: Option<&str>, limit: usize) -> Stored<Vec<(Name, Arc<Record>)>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let of_kind = self.records.get(kind).into_iter();
        let of_kind = of_kind.flat_map(|of_kind| of_kind.range::<str, _>((from, Bound::Unbounded)));
        Ok(of_kind.take(limit).map(|(id, record)| (id.clone(), record.clone())).collect())
    }

    fn kinds(&self) -> Stored<Vec<Name>> {
        Ok(self.records.keys().cloned().collect())
    }

    fn run(&self, id: RunId) -> Stored<Option<RunRow>> {
        Ok(self.runs.get(&id).cloned())
    }

    fn put_run(&mut self, id: RunId, run: &RunRow) -> Stored<()> {
        self.runs.insert(id, run.clone());
        Ok(())
    }

    fn remove_run(&mut self, id: RunId) -> Stored<()> {
        self.runs.remove(&id);
        Ok(())
    }

    fn runs(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<(RunId, RunRow)>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self.runs.range((from, Bound::Unbounded)).take(limit).map(|(id, run)| (*id, run.clone())).collect())
    }

    fn field_watchers(&self, of: &Ref, fields: &[Name]) -> Stored<Vec<(RunId, Role)>> {
        let first = Watch::Field { of: of.clone(), field: "".into() };
        let of_record = self.watches.range(first..).map_while(|(watch, runs)| match watch {
            Watch::Field { of: found, field } if found == of => Some((field, runs)),
            Watch::Field { .. } | Watch::Event { .. } => None,
        });
        Ok(of_record.filter(|(field, _)| fields.contains(field)).flat_map(|(_, runs)| runs).copied().collect())
    }

    fn watchers(&self, watch: &Watch) -> Stored<Vec<(RunId, Role)>> {
        Ok(self.watches.get(watch).into_iter().flatten().copied().collect())
    }

    fn add_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()> {
        self.watches.entry(watch.clone()).or_default().insert((run, role));
        Ok(())
    }

    fn remove_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()> {
        if let Some(runs) = self.watches.get_mut(watch) {
            runs.remove(&(run, role));
            if runs.is_empty() {
                self.watches.remove(watch);
            }
        }
        Ok(())
    }

    fn remove_watches(&mut self, run: RunId) -> Stored<()> {
        for runs in self.watches.values_mut() {
            runs.retain(|(id, _)| *id != run);
        }
        self.watches.retain(|_, runs| !runs.is_empty());
        Ok(())
    }

    fn first_timer(&self) -> Stored<Option<(TimerKey, Due)>> {
        Ok(self.timers.first_key_value().map(|(key, due)| (*key, due.clone())))
    }

    fn put_timer(&mut self, key: TimerKey, due: &Due) -> Stored<()> {
        self.timers.insert(key, due.clone());
        Ok(())
    }

    fn remove_timer(&mut self, key: TimerKey) -> Stored<()> {
        self.timers.remove(&key);
        Ok(())
    }

    fn date_timer(&self, rule: RuleNo, record: &Ref) -> Stored<Option<TimerKey>> {
        Ok(self.date_timers.get(&(rule, record.clone())).copied())
    }

    fn set_date_timer(&mut self, rule: RuleNo, record: &Ref, key: Option<TimerKey>) -> Stored<()> {
        set(&mut self.date_timers, (rule, record.clone()), key);
        Ok(())
    }

    fn mark(&self, rule: RuleNo, record: &Ref) -> Stored<Option<Option<Moment>>> {
        Ok(self.marks.get(&(rule, record.clone())).copied())
    }

    fn put_mark(&mut self, rule: RuleNo, record: &Ref, until: Option<Moment>) -> Stored<()> {
        self.marks.insert((rule, record.clone()), until);
        Ok(())
    }

    fn active(&self, rule: RuleNo, record: &Ref) -> Stored<Option<RunId>> {
        Ok(self.active.get(&(rule, record.clone())).copied())
    }

    fn set_active(&mut self, rule: RuleNo, record: &Ref, run: Option<RunId>) -> Stored<()> {
        set(&mut self.active, (rule, record.clone()), run);
        Ok(())
    }

    fn append_history(&mut self, run: RunId, row: &HistoryRow) -> Stored<()> {
        let last = self.history.range((run, 0)..=(run, u32::MAX)).next_back();
        let number = last.map_or(1, |((_, number), _)| number.saturating_add(1));
        if let Some(old) = let_go(number)
            && let Some(row) = self.history.remove(&(run, old))
            && let Some(mark) = row.mark()
        {
            self.marked.remove(&(mark, run, old));
        }
        if let Some(mark) = row.mark() {
            self.marked.insert((mark, run, number));
        }
        self.history.insert((run, number), row.clone());
        Ok(())
    }

    fn history(&self, run: RunId) -> Stored<Vec<(u32, HistoryRow)>> {
        let rows = self.history.range((run, 0)..=(run, u32::MAX));
        Ok(rows.map(|((_, number), row)| (*number, row.clone())).collect())
    }

    fn runs_ever(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded((id, u32::MAX)));
        let first = self.history.range((from, Bound::Unbounded)).filter(|((_, number), _)| *number == 1);
        Ok(first.map(|((run, _), _)| *run).take(limit).collect())
    }

    fn runs_marked(&self, mark: Mark, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let from = after.map_or(Bound::Included((mark, RunId(0), 0)), |id| Bound::Excluded((mark, id, u32::MAX)));
        let to = Bound::Included((mark, RunId(u64::MAX), u32::MAX));
        let mut runs = Vec::new();
        for (_, run, _) in self.marked.range((from, to)) {
            if runs.last() != Some(run) {
                if runs.len() == limit {
                    break;
                }
                runs.push(*run);
            }
        }
        Ok(runs)
    }

    fn add_run_of(&mut self, record: &Ref, run: RunId) -> Stored<()> {
        self.runs_of.insert((record.clone(), run));
        Ok(())
    }

    fn runs_of(&self, record: &Ref, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let from =
            after.map_or(Bound::Included((record.clone(), RunId(0))), |id| Bound::Excluded((record.clone(), id)));
        let of = self.runs_of.range((from, Bound::Unbounded)).take_while(|(of, _)| of == record);
        Ok(of.take(limit).map(|(_, run)| *run).collect())
    }

    fn program(&self, digest: Digest) -> Stored<Option<Vec<u8>>> {
        Ok(self.programs.get(&digest).cloned())
    }

    fn has_program(&self, digest: Digest) -> Stored<bool> {
        Ok(self.programs.contains_key(&digest))
    }

    fn put_program(&mut self, digest: Digest, bytes: &[u8]) -> Stored<()> {
        self.programs.insert(digest, bytes.to_vec());
        Ok(())
    }

    fn rule(&self, key: &str) -> Stored<Option<RuleRow>> {
        Ok(self.rules.get(key).copied())
    }

    fn put_rule(&mut self, key: &str, digest: Digest, text: Digest) -> Stored<RuleNo> {
        if let Some(row) = self.rules.get_mut(key) {
            (row.digest, row.text) = (digest, text);
            return Ok(row.no);
        }
        let too_many = |_| StoreError::Failed { what: "note a rule", reason: "there are too many".to_owned() };
        let no = RuleNo(u32::try_from(self.rule_keys.len()).map_err(too_many)?);
        self.rule_keys.push(key.into());
        self.rules.insert(key.into(), RuleRow { no, digest, text });
        Ok(no)
    }

    fn rename_rule(&mut self, key: &str, to: &str) -> Stored<()> {
        if let Some(row) = self.rules.remove(key) {
            if let Some(slot) = self.rule_keys.get_mut(row.no.0 as usize) {
                *slot = to.into();
            }
            self.rules.insert(to.into(), row);
        }
        Ok(())
    }

    fn rules(&self) -> Stored<Vec<(Name, RuleRow)>> {
        Ok(self.rules.iter().map(|(key, row)| (key.clone(), *row)).collect())
    }

    fn rule_key(&self, rule: RuleNo) -> Stored<Option<Name>> {
        Ok(self.rule_keys.get(rule.0 as usize).cloned())
    }

    fn cursor(&self, source: &str) -> Stored<Cursor> {
        Ok(self.cursors.get(source).copied().unwrap_or_default())
    }

    fn set_cursor(&mut self, source: &str, cursor: Cursor) -> Stored<()> {
        self.cursors.insert(source.into(), cursor);
        Ok(())
    }

    fn note_event(&mut self, id: &str, day: i64) -> Stored<bool> {
        if self.seen.contains_key(id) {
            return Ok(false);
        }
        self.seen.insert(id.into(), day);
        Ok(true)
    }

    fn forget(&mut self, now: Moment, before: i64, limit: usize) -> Stored<bool> {
        let over = |until: &Option<Moment>| until.is_some_and(|until| until <= now);
        let marks: Vec<_> =
            self.marks.iter().filter(|(_, until)| over(until)).map(|(key, _)| key.clone()).take(limit).collect();
        self.marks.retain(|key, _| marks.binary_search(key).is_err());
        let seen: Vec<_> =
            self.seen.iter().filter(|(_, day)| **day < before).map(|(id, _)| id.clone()).take(limit).collect();
        self.seen.retain(|id, _| seen.binary_search(id).is_err());
        Ok(marks.len() == limit || seen.len() == limit)
    }

    fn commit(&mut self) -> Stored<()> {
        Ok(())
    }

    fn rollback(&mut self) -> Stored<()> {
        Err(StoreError::Failed { what: "take an activation back", reason: "it is only in memory".to_owned() })
    }
}

fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => {
            map.insert(key, value);
        }
        None => {
            map.remove(&key);
        }
    }
}
