//! Looking at what sleeps, for people and tools. Nothing here changes a store.

use super::history::{Cause, Ending, HistoryRow, Start};
use super::store::{Held, RunId, RunRow, Store, Stored};
use crate::ir::{Digest, Program, stored as program};
use crate::value::{Moment, Name, Ref};
use crate::vm::{Machine, WaitState, stored};

/// A sleeping run as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunInfo {
    /// Its number.
    pub id: RunId,
    /// The key of its rule: file and name.
    pub rule: Name,
    /// The record that set it off.
    pub record: Option<Ref>,
    /// When it started.
    pub started: Moment,
    /// What it waits for; `None` when it cannot be read.
    pub wait: Option<WaitState>,
    /// The program it goes on with; `None` when it cannot be read.
    pub digest: Option<Digest>,
    /// The bytes of its stored machine.
    pub machine_bytes: usize,
    /// Why it does not move by itself, if it does not.
    pub held: Option<Held>,
}

/// A sleeping run with its program and history.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What a list shows of it.
    pub info: RunInfo,
    /// What the store keeps of it.
    pub row: RunRow,
    /// The machine and its program, or why they cannot be read.
    pub machine: Result<(Machine, Program), String>,
    /// What it has done.
    pub history: Vec<(u32, HistoryRow)>,
}

/// A run as its history tells it, whether it is over or not.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub id: RunId,
    /// The key of its rule: file and name; empty when the history does not reach back to the start.
    pub rule: Name,
    /// How it came to be, unless it started with a version that did not note this.
    pub start: Option<Start>,
    /// What it did.
    pub history: Vec<(u32, HistoryRow)>,
}

impl Told {
    /// When and how its last activation ended.
    pub fn last(&self) -> Option<(Moment, &Ending)> {
        self.history.last().map(|(_, row)| (row.at, &row.end))
    }

    /// The script of its rule.
    pub fn file(&self) -> &str {
        self.rule.split_once('#').map_or("", |(file, _)| file)
    }
}

/// What a run did, if it ever was.
pub fn told(store: &dyn Store, id: RunId) -> Stored<Option<Told>> {
    let history = store.history(id)?;
    let Some((_, first)) = history.first() else { return Ok(None) };
    let start = match &first.cause {
        Cause::Started(start) => Some((**start).clone()),
        Cause::Looked
        | Cause::Woken(_)
        | Cause::Lifetime
        | Cause::Restart
        | Cause::Ordered(_)
        | Cause::Moved { .. }
        | Cause::Unknown
        | Cause::Replied { .. }
        | Cause::Parent
        | Cause::Deleted
        | Cause::Answered(_) => None,
    };
    let rule = match &start {
        Some(start) => Some(start.rule),
        None => store.run(id)?.map(|row| row.rule),
    };
    let rule = rule.map_or(Ok(None), |rule| store.rule_key(rule))?.unwrap_or_default();
    Ok(Some(Told { id, rule, start, history }))
}

/// The sleeping runs in the order of their numbers, at most `limit`, after the number `after`.
pub fn runs(store: &dyn Store, after: Option<RunId>, limit: usize) -> Stored<Vec<RunInfo>> {
    store.runs(after, limit)?.into_iter().map(|(id, row)| info(store, id, &row)).collect()
}

/// One sleeping run.
pub fn open(store: &dyn Store, id: RunId) -> Stored<Option<Opened>> {
    let Some(row) = store.run(id)? else { return Ok(None) };
    let machine = match stored::load(&row.machine) {
        Ok((digest, machine)) => program(store, digest)?.map(|program| (machine, program)),
        Err(error) => Err(error.to_string()),
    };
    let info = info(store, id, &row)?;
    Ok(Some(Opened { info, row, machine, history: store.history(id)? }))
}

fn info(store: &dyn Store, id: RunId, row: &RunRow) -> Stored<RunInfo> {
    let loaded = stored::load(&row.machine);
    let unreadable = loaded.as_ref().err().map(|e| Held::Stuck(e.to_string().into()));
    let held = row.held.clone().or(unreadable);
    let (digest, machine) = loaded.ok().unzip();
    Ok(RunInfo {
        id,
        rule: store.rule_key(row.rule)?.unwrap_or_default(),
        record: row.record.clone(),
        started: row.started,
        wait: machine.as_ref().and_then(Machine::waiting),
        digest,
        machine_bytes: row.machine.len(),
        held,
    })
}

/// A program by its digest, or why it cannot be read.
pub fn program(store: &dyn Store, digest: Digest) -> Stored<Result<Program, String>> {
    let Some(bytes) = store.program(digest)? else {
        return Ok(Err("the program that it started on is not in the store".to_owned()));
    };
    Ok(program::load(&bytes, digest).map_err(|error| error.to_string()))
}
