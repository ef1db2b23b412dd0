//! What the engine needs to remember, as a trait: the only way in which it touches a database.
//!
//! Every call costs the same however many runs sleep (a look-up or a write in an ordered index), except where a page size
//! is given. All lists come in a fixed order, so that two stores give the same history. Writes belong to one open
//! transaction until [`Store::commit`]; reads see them at once.

use super::history::{HistoryRow, Mark};
use super::outbox::Outbox;
use super::watch::Role;
use crate::ir::{Digest, Origin};
use crate::value::{Fields, Hint, Moment, Name, Ref, Value};
use crate::vm::Watch;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The number of a run; never used twice in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number that a store gave to a rule's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleNo(pub u32);

/// What a store knows of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its number here.
    pub no: RuleNo,
    /// The program it had when it was last deployed; all zeros when it is gone.
    pub digest: Digest,
    /// A digest of all of that program, what is only for people included.
    pub text: Digest,
}

/// A record: the fields that have a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Field by name; a missing value is not kept.
    pub fields: Fields,
}

impl Record {
    /// The field's value; missing if there is none.
    pub fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Missing)
    }

    /// The same, looked for first where it was found last.
    pub(super) fn get_near(&self, field: &str, hint: &Hint) -> &Value {
        self.fields.get_near(field, hint).unwrap_or(&Value::Missing)
    }

    /// The fields that refer to something, with what they refer to.
    pub fn links(&self) -> impl Iterator<Item = (&Name, &Ref)> {
        self.fields.iter().filter_map(|(field, value)| match value {
            Value::Ref(of) => Some((field, of)),
            Value::Missing
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Money(_)
            | Value::Text(_)
            | Value::Date(_)
            | Value::DateTime(_)
            | Value::Time(_)
            | Value::Period(_)
            | Value::List(_)
            | Value::Record(_) => None,
        })
    }

    /// What the field refers to, if it refers to something.
    pub fn link(&self, field: &str) -> Option<&Ref> {
        match self.get(field) {
            Value::Ref(of) => Some(of),
            _ => None,
        }
    }

    /// Gives the field a value; a missing one empties it.
    pub fn set(&mut self, field: &Name, value: Value) {
        if value == Value::Missing {
            self.fields.remove(field);
        } else {
            self.fields.insert(field.clone(), value);
        }
    }
}

/// A run that sleeps, with all that it needs to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its rule.
    pub rule: RuleNo,
    /// The record that set it off.
    pub record: Option<Ref>,
    /// When it started.
    pub started: Moment,
    /// The timer of its wait's limit.
    pub timer: Option<TimerKey>,
    /// What its `while` clause read when it was last evaluated, sorted.
    pub lifetime: Vec<Watch>,
    /// The event's payload; kept here only for rules with a `while` clause.
    pub event: Value,
    /// Why it does not move by itself, if it does not.
    pub held: Option<Held>,
    /// The stored machine (see `vm::stored`).
    pub machine: Vec<u8>,
}

/// Why a run neither acts nor wakes. The order is part of the stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Held {
    /// It cannot be read, for this reason. It keeps its watches and timer, and is tried again when one of them comes.
    Stuck(Name),
    /// A person paused it. Only its `while` clause is watched.
    Paused,
    /// An effect was refused, for this reason. Only its `while` clause is watched.
    Parked(Name),
}

/// When a timer fires, and its place among those of the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimerKey {
    /// When.
    pub at: Moment,
    /// Earlier made, earlier fired.
    pub seq: u64,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Due {
    /// The limit of a run's wait.
    Run(RunId),
    /// A date trigger.
    Date {
        /// The rule.
        rule: RuleNo,
        /// The record whose date comes up.
        record: Ref,
    },
    /// The next time of a schedule.
    Schedule(RuleNo),
    /// An e-mail was not replied to.
    Unreplied(Box<Mail>),
}

/// An e-mail that waits for a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    /// The rule that is about it.
    pub rule: RuleNo,
    /// Who is to reply.
    pub to: Ref,
    /// The record that the mail was about.
    pub about: Ref,
    /// What is known of it.
    pub fields: Vec<(Name, Value)>,
    /// Who sent it.
    pub by: Option<Name>,
    /// Where that came from.
    pub origin: Origin,
}

/// How far an event file was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Lines taken.
    pub lines: u64,
    /// A digest of these lines, by which the reader knows the file again.
    pub prefix: [u8; 32],
}

/// How often what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Events taken.
    pub events: u64,
    /// Runs started.
    pub started: u64,
    /// Runs that came to their end.
    pub ended: u64,
    /// Runs cancelled by a `while` clause, a restart or a person.
    pub cancelled: u64,
    /// Runs ended by a mistake, and rules that could not start because of one.
    pub failed: u64,
    /// Runs that sleep now.
    pub waiting: u64,
    /// Runs that cannot be read now.
    pub stuck: u64,
    /// Effects done, by action.
    pub effects: BTreeMap<Name, u64>,
    /// Runs that wait for a person now, because an effect was refused.
    pub parked: u64,
    /// Runs that are paused now.
    pub paused: u64,
}

impl Counters {
    /// The number of runs that are there now in this state.
    pub fn of(&mut self, held: Option<&Held>) -> &mut u64 {
        match held {
            None => &mut self.waiting,
            Some(Held::Stuck(_)) => &mut self.stuck,
            Some(Held::Paused) => &mut self.paused,
            Some(Held::Parked(_)) => &mut self.parked,
        }
    }
}

/// The few numbers that belong to a store as a whole; kept in memory and written with each commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The moment of the last activation.
    pub now: Moment,
    /// The next run's number.
    pub next_run: u64,
    /// The next timer's number.
    pub next_timer: u64,
    /// The next number of a record that a script makes.
    pub next_record: u64,
    /// How often what happened.
    pub counters: Counters,
    /// The day (from 1970) on which expired marks and identifiers were last forgotten.
    pub tidied: i64,
}

impl Default for Meta {
    /// Nothing happened yet: the clock stands before all events.
    fn default() -> Self {
        Self {
            now: Moment(i64::MIN),
            next_run: 1,
            next_timer: 1,
            next_record: 1,
            counters: Counters::default(),
            tidied: i64::MIN,
        }
    }
}

/// Why a store cannot do its work. After an error the open transaction must be rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Another process works with it.
    Busy {
        /// The store's name.
        store: String,
    },
    /// It was written by a newer version.
    Newer {
        /// Its layout's number.
        found: u32,
        /// The highest number known here.
        known: u32,
    },
    /// It was written by an older version, and looking at it does not change it.
    Older {
        /// Its layout's number.
        found: u32,
        /// The number that this version writes.
        known: u32,
    },
    /// The file is something else.
    NotAStore {
        /// What.
        why: &'static str,
    },
    /// Something in it cannot be read.
    Damaged {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    /// There is no room for what was to be written: the disk or the limit of the file is full.
    Full {
        /// What was tried.
        what: &'static str,
    },
    /// The file may not be written.
    ReadOnly {
        /// What was tried.
        what: &'static str,
    },
    /// What was changed last stands beside the file, and cannot be read without writing there.
    Unread {
        /// The store's name.
        store: String,
    },
    /// The disk or the database refused.
    Failed {
        /// What was tried.
        what: &'static str,
        /// What it said.
        reason: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { store } => {
                write!(f, "another process works with the store `{store}`: wait until it has ended")
            }
            Self::Newer { found, known } => write!(
                f,
                "the store has layout {found}, this version knows up to {known}: use the version that wrote it, or a newer one"
            ),
            Self::Older { found, known } => write!(
                f,
                "the store has layout {found}, this version reads layout {known}: `dealflow store upgrade` or the next \
                 `dealflow run` brings it there, and keeps a copy"
            ),
            Self::NotAStore { why } => write!(f, "this is no store: {why}"),
            Self::Damaged { what, reason } => write!(f, "{what} in the store cannot be read: {reason}"),
            Self::Full { what } => write!(
                f,
                "the store could not {what}: the disk is full. Nothing that was committed is lost: make room, and run the \
                 same command again"
            ),
            Self::ReadOnly { what } => {
                write!(f, "the store could not {what}: the file may not be written; look at its permissions")
            }
            Self::Unread { store } => write!(
                f,
                "what was changed last stands in `{store}-wal`, and reading it means writing beside it, which is not allowed \
                 here: copy `{store}` and `{store}-wal` to a folder of your own and look there"
            ),
            Self::Failed { what, reason } => write!(f, "the store could not {what}: {reason}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What a store's method gives.
pub type Stored<T> = Result<T, StoreError>;

/// The engine's memory.
pub trait Store: Outbox {
    /// The numbers of the store as a whole.
    fn meta(&self) -> &Meta;
    /// The same, to change them.
    fn meta_mut(&mut self) -> &mut Meta;

    /// A record.
    fn record(&self, of: &Ref) -> Stored<Option<Arc<Record>>>;
    /// Writes a record, new or not.
    fn put_record(&mut self, of: &Ref, record: Arc<Record>) -> Stored<()>;
    /// Writes a record that is not there yet, and that [`Self::linking`] need not find but by these fields: of what is made
    /// in large numbers, most fields are never asked for.
    fn add_record(&mut self, of: &Ref, record: Arc<Record>, found_by: &[&str]) -> Stored<()>;
    /// Removes a record.
    fn remove_record(&mut self, of: &Ref) -> Stored<()>;
    /// The records of a kind in the order of their ids, at most `limit`, after the id `after`.
    fn records(&self, kind: &str, after: Option<&str>, limit: usize) -> Stored<Vec<(Name, Arc<Record>)>>;
    /// The ids of the records of a kind whose field refers to `target`, in order, at most `limit`, after the id `after`.
    /// Fields with several values are not looked at.
    fn linking(&self, kind: &str, field: &str, target: &Ref, after: Option<&str>, limit: usize) -> Stored<Vec<Name>>;
    /// The kinds of records there are, in order.
    fn kinds(&self) -> Stored<Vec<Name>>;

    /// A sleeping run.
    fn run(&self, id: RunId) -> Stored<Option<RunRow>>;
    /// Writes a sleeping run.
    fn put_run(&mut self, id: RunId, run: &RunRow) -> Stored<()>;
    /// Removes a sleeping run.
    fn remove_run(&mut self, id: RunId) -> Stored<()>;
    /// The sleeping runs in the order of their numbers, at most `limit`, after the number `after`.
    fn runs(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<(RunId, RunRow)>>;

    /// The runs that watch any of these fields of a record, in any order; one that watches several may come several times.
    fn field_watchers(&self, of: &Ref, fields: &[Name]) -> Stored<Vec<(RunId, Role)>>;
    /// The runs that watch this, in order.
    fn watchers(&self, watch: &Watch) -> Stored<Vec<(RunId, Role)>>;
    /// Lets a run watch this.
    fn add_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()>;
    /// Ends it; fine if there is none.
    fn remove_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()>;
    /// Ends all watches of a run that cannot say which they are. The one call that looks at every watch.
    fn remove_watches(&mut self, run: RunId) -> Stored<()>;

    /// The timer that fires first.
    fn first_timer(&self) -> Stored<Option<(TimerKey, Due)>>;
    /// Sets a timer.
    fn put_timer(&mut self, key: TimerKey, due: &Due) -> Stored<()>;
    /// Removes a timer; fine if there is none.
    fn remove_timer(&mut self, key: TimerKey) -> Stored<()>;
    /// The timer of a date trigger for a record.
    fn date_timer(&self, rule: RuleNo, record: &Ref) -> Stored<Option<TimerKey>>;
    /// Notes or forgets it (the timer itself is left alone).
    fn set_date_timer(&mut self, rule: RuleNo, record: &Ref, key: Option<TimerKey>) -> Stored<()>;

    /// Whether the rule had its one run for the record, and until when this counts (`None` in it: for ever).
    fn mark(&self, rule: RuleNo, record: &Ref) -> Stored<Option<Option<Moment>>>;
    /// Notes it.
    fn put_mark(&mut self, rule: RuleNo, record: &Ref, until: Option<Moment>) -> Stored<()>;
    /// The sleeping run of a rule that has only one per record.
    fn active(&self, rule: RuleNo, record: &Ref) -> Stored<Option<RunId>>;
    /// Notes or forgets it.
    fn set_active(&mut self, rule: RuleNo, record: &Ref, run: Option<RunId>) -> Stored<()>;

    /// Adds a row to a run's history, and lets go of an old one when there are more than `limits::HISTORY`.
    fn append_history(&mut self, run: RunId, row: &HistoryRow) -> Stored<()>;
    /// A run's history with the numbers of the rows from 1, in order.
    fn history(&self, run: RunId) -> Stored<Vec<(u32, HistoryRow)>>;
    /// The runs that have a history, in order, at most `limit`, after the number `after`.
    fn runs_ever(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>>;
    /// The same, only those with a row of this mark.
    fn runs_marked(&self, mark: Mark, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>>;
    /// Notes that a run was set off by a record.
    fn add_run_of(&mut self, record: &Ref, run: RunId) -> Stored<()>;
    /// The runs that a record ever set off, in order, at most `limit`, after the number `after`.
    fn runs_of(&self, record: &Ref, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>>;

    /// The stored form of a program.
    fn program(&self, digest: Digest) -> Stored<Option<Vec<u8>>>;
    /// Whether a program is there; cheaper than reading it.
    fn has_program(&self, digest: Digest) -> Stored<bool>;
    /// Keeps a program, in place of what was kept under this digest.
    fn put_program(&mut self, digest: Digest, bytes: &[u8]) -> Stored<()>;
    /// What is known of the rule with this key.
    fn rule(&self, key: &str) -> Stored<Option<RuleRow>>;
    /// Notes the program of the rule with this key, and gives it a number if it has none.
    fn put_rule(&mut self, key: &str, digest: Digest, text: Digest) -> Stored<RuleNo>;
    /// Gives a rule another key, which no rule has.
    fn rename_rule(&mut self, key: &str, to: &str) -> Stored<()>;
    /// All rules that were ever noted, in the order of their keys.
    fn rules(&self) -> Stored<Vec<(Name, RuleRow)>>;
    /// The key of a rule.
    fn rule_key(&self, rule: RuleNo) -> Stored<Option<Name>>;

    /// How far an event source was taken.
    fn cursor(&self, source: &str) -> Stored<Cursor>;
    /// Notes it.
    fn set_cursor(&mut self, source: &str, cursor: Cursor) -> Stored<()>;
    /// Notes an event's identifier and the day (from 1970) on which it came; false if it was noted before.
    fn note_event(&mut self, id: &str, day: i64) -> Stored<bool>;
    /// Forgets at most `limit` marks that count no longer than `now`, and at most `limit` identifiers of events that were
    /// noted before the day `before`; says whether there may be more of either.
    fn forget(&mut self, now: Moment, before: i64, limit: usize) -> Stored<bool>;

    /// Makes everything since the last commit last.
    fn commit(&mut self) -> Stored<()>;
    /// Forgets everything since the last commit.
    fn rollback(&mut self) -> Stored<()>;
}
