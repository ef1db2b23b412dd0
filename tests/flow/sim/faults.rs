//! A store that dies at any of its writes, and what is left of it then.

use dealflow::engine::{
    Cursor, Due, ErrandKey, ErrandRow, HistoryRow, Mark, Meta, Outbox, Record, Role, RuleNo, RuleRow, RunId, RunRow,
    Store, StoreError, Stored, TimerKey,
};
use dealflow::ir::Digest;
use dealflow::value::{Moment, Name, Ref};
use dealflow::vm::Watch;
use std::sync::Arc;

/// When a store dies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Death {
    Never,
    /// At this write from now on.
    AtWrite(u32),
    /// In the commit: it is on the disk, but nobody was told.
    AfterCommit,
}

/// A store that dies.
pub(super) struct Mortal<S> {
    pub(super) inner: S,
    pub(super) death: Death,
    /// Whether it died, so that nothing more may be asked of it.
    pub(super) dead: bool,
}

impl<S: Store> Mortal<S> {
    pub(super) fn new(inner: S, death: Death) -> Self {
        Self { inner, death, dead: false }
    }

    fn write(&mut self) -> Stored<()> {
        assert!(!self.dead, "a store that failed was written to again");
        match &mut self.death {
            Death::Never | Death::AfterCommit => Ok(()),
            Death::AtWrite(0) => {
                self.dead = true;
                Err(StoreError::Failed { what: "write", reason: "the process died".to_owned() })
            }
            Death::AtWrite(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }
}

/// Passes methods on; those that write may die first.
macro_rules! pass_on {
    (reads { $($read:ident($($a:ident: $at:ty),*) -> $r:ty;)* }
     writes { $($write:ident($($b:ident: $bt:ty),*) -> $w:ty;)* }) => {
        $(fn $read(&self, $($a: $at),*) -> Stored<$r> {
            assert!(!self.dead, "a store that failed was asked again");
            self.inner.$read($($a),*)
        })*
        $(fn $write(&mut self, $($b: $bt),*) -> Stored<$w> {
            self.write()?;
            self.inner.$write($($b),*)
        })*
    };
}

impl<S: Store> Outbox for Mortal<S> {
    pass_on! {
        reads {
        errand(key: ErrandKey) -> Option<ErrandRow>;
        due_errands(by: Moment, limit: usize) -> Vec<(ErrandKey, ErrandRow)>;
        next_errand() -> Option<Moment>;
        errands(after: Option<ErrandKey>, limit: usize) -> Vec<(ErrandKey, ErrandRow)>;
        errands_of(run: RunId) -> Vec<(ErrandKey, ErrandRow)>;
        } writes {
        put_errand(key: ErrandKey, row: &ErrandRow) -> ();
        remove_errand(key: ErrandKey) -> ();
        }
    }
}

impl<S: Store> Store for Mortal<S> {
    fn meta(&self) -> &Meta {
        self.inner.meta()
    }

    fn meta_mut(&mut self) -> &mut Meta {
        self.inner.meta_mut()
    }

    fn commit(&mut self) -> Stored<()> {
        self.write()?;
        self.inner.commit()?;
        if self.death == Death::AfterCommit {
            self.dead = true;
            return Err(StoreError::Failed { what: "commit", reason: "the process died after it".to_owned() });
        }
        Ok(())
    }

    pass_on! {
        reads {
        record(of: &Ref) -> Option<Arc<Record>>;
        records(kind: &str, after: Option<&str>, limit: usize) -> Vec<(Name, Arc<Record>)>;
        kinds() -> Vec<Name>;
        linking(kind: &str, field: &str, target: &Ref, after: Option<&str>, limit: usize) -> Vec<Name>;
        run(id: RunId) -> Option<RunRow>;
        runs(after: Option<RunId>, limit: usize) -> Vec<(RunId, RunRow)>;
        field_watchers(of: &Ref, fields: &[Name]) -> Vec<(RunId, Role)>;
        watchers(watch: &Watch) -> Vec<(RunId, Role)>;
        first_timer() -> Option<(TimerKey, Due)>;
        date_timer(rule: RuleNo, record: &Ref) -> Option<TimerKey>;
        mark(rule: RuleNo, record: &Ref) -> Option<Option<Moment>>;
        active(rule: RuleNo, record: &Ref) -> Option<RunId>;
        history(run: RunId) -> Vec<(u32, HistoryRow)>;
        runs_ever(after: Option<RunId>, limit: usize) -> Vec<RunId>;
        runs_marked(mark: Mark, after: Option<RunId>, limit: usize) -> Vec<RunId>;
        runs_of(record: &Ref, after: Option<RunId>, limit: usize) -> Vec<RunId>;
        program(digest: Digest) -> Option<Vec<u8>>;
        has_program(digest: Digest) -> bool;
        rule(key: &str) -> Option<RuleRow>;
        rules() -> Vec<(Name, RuleRow)>;
        rule_key(rule: RuleNo) -> Option<Name>;
        cursor(source: &str) -> Cursor;
        } writes {
        put_record(of: &Ref, record: Arc<Record>) -> ();
        add_record(of: &Ref, record: Arc<Record>, found_by: &[&str]) -> ();
        remove_record(of: &Ref) -> ();
        put_run(id: RunId, run: &RunRow) -> ();
        remove_run(id: RunId) -> ();
        add_watch(watch: &Watch, run: RunId, role: Role) -> ();
        remove_watch(watch: &Watch, run: RunId, role: Role) -> ();
        remove_watches(run: RunId) -> ();
        put_timer(key: TimerKey, due: &Due) -> ();
        remove_timer(key: TimerKey) -> ();
        set_date_timer(rule: RuleNo, record: &Ref, key: Option<TimerKey>) -> ();
        put_mark(rule: RuleNo, record: &Ref, until: Option<Moment>) -> ();
        set_active(rule: RuleNo, record: &Ref, run: Option<RunId>) -> ();
        append_history(run: RunId, row: &HistoryRow) -> ();
        add_run_of(record: &Ref, run: RunId) -> ();
        put_program(digest: Digest, bytes: &[u8]) -> ();
        put_rule(key: &str, digest: Digest, text: Digest) -> RuleNo;
        rename_rule(key: &str, to: &str) -> ();
        set_cursor(source: &str, cursor: Cursor) -> ();
        note_event(id: &str, day: i64) -> bool;
        forget(now: Moment, before: i64, limit: usize) -> bool;
        rollback() -> ();
        }
    }
}
