//! Rows of older layouts, read for the last time. What is written here has the form of the layout that a step leads to;
//! should that form change again, the step that changes it reads these rows.

use super::{decode, encode, failed};
use crate::engine::history::{Cause, Place};
use crate::engine::{
    Counters, Deed, EffectRow, Ending, Held, HistoryRow, Meta, Record, RuleNo, RunId, RunRow, Stored, TimerKey,
};
use crate::value::{Moment, Name, Ref, Value};
use crate::vm::Watch;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The numbers of a store in layout 1.
#[derive(Deserialize)]
struct Meta1 {
    now: Moment,
    next_run: u64,
    next_timer: u64,
    next_record: u64,
    counters: Counters1,
}

#[derive(Deserialize)]
struct Counters1 {
    events: u64,
    started: u64,
    ended: u64,
    cancelled: u64,
    failed: u64,
    waiting: u64,
    stuck: u64,
    effects: BTreeMap<Name, u64>,
}

/// A sleeping run in layout 1.
#[derive(Deserialize)]
struct Run1 {
    rule: RuleNo,
    record: Option<Ref>,
    started: Moment,
    timer: Option<TimerKey>,
    lifetime: Vec<Watch>,
    event: Value,
    stuck: Option<Name>,
    machine: Vec<u8>,
}

/// An effect in layout 1.
type Journal1 = (Moment, RuleNo, Name, Vec<(Name, Value)>, Result<Value, Name>);

/// From layout 1: the journal becomes a history, runs are found by their record, identifiers of events get a day.
pub(super) fn to_2(connection: &Connection) -> Stored<()> {
    let day = meta(connection)?;
    let seen = "INSERT INTO seen (event, day) SELECT event, ?1 FROM seen_1";
    connection.execute(seen, [day]).map_err(failed("be upgraded"))?;
    runs(connection)?;
    history(connection)
}

/// From layout 2: records are found by what they refer to.
pub(super) fn to_3(connection: &Connection) -> Stored<()> {
    let failed = failed("be upgraded");
    let mut read = connection.prepare("SELECT kind, id, body FROM record").map_err(&failed)?;
    let note = "INSERT INTO link (kind, field, to_kind, to_id, id) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut note = connection.prepare(note).map_err(&failed)?;
    let mut rows = read.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let kind = row.get::<_, String>(0).map_err(&failed)?;
        let id = row.get::<_, String>(1).map_err(&failed)?;
        let body = row.get::<_, Vec<u8>>(2).map_err(&failed)?;
        let record: Record = decode(format_args!("{kind} {id}"), &body)?;
        for (field, target) in record.links() {
            note.execute(params![kind, &**field, &*target.kind, &*target.id, id]).map_err(&failed)?;
        }
    }
    Ok(())
}

/// Gives the day of the store's clock.
fn meta(connection: &Connection) -> Stored<i64> {
    let query = "SELECT body FROM meta WHERE one = 1";
    let body = connection.query_row(query, [], |row| row.get::<_, Vec<u8>>(0)).optional();
    let Some(body) = body.map_err(failed("be upgraded"))? else { return Ok(0) };
    let Meta1 { now, next_run, next_timer, next_record, counters } = decode("its numbers", &body)?;
    let Counters1 { events, started, ended, cancelled, failed: failures, waiting, stuck, effects } = counters;
    let failed_runs = failures;
    let counters = Counters {
        events,
        started,
        ended,
        cancelled,
        failed: failed_runs,
        waiting,
        stuck,
        effects,
        parked: 0,
        paused: 0,
    };
    let meta = Meta { now, next_run, next_timer, next_record, counters, tidied: i64::MIN };
    let statement = "UPDATE meta SET body = ?1 WHERE one = 1";
    connection.execute(statement, [encode(&meta)?]).map_err(failed("be upgraded"))?;
    Ok(now.0.div_euclid(86_400_000))
}

fn runs(connection: &Connection) -> Stored<()> {
    let failed = failed("be upgraded");
    let mut read = connection.prepare("SELECT id, body FROM run").map_err(&failed)?;
    let mut write = connection.prepare("UPDATE run SET body = ?2 WHERE id = ?1").map_err(&failed)?;
    let mut note = connection.prepare("INSERT INTO run_of (kind, id, run) VALUES (?1, ?2, ?3)").map_err(&failed)?;
    let mut rows = read.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let id = row.get::<_, i64>(0).map_err(&failed)?;
        let body = row.get::<_, Vec<u8>>(1).map_err(&failed)?;
        let old: Run1 = decode(format_args!("run {id}"), &body)?;
        if let Some(record) = &old.record {
            note.execute(params![&*record.kind, &*record.id, id]).map_err(&failed)?;
        }
        // All others have the same bytes in both layouts.
        if let Some(why) = old.stuck {
            let Run1 { rule, record, started, timer, lifetime, event, stuck: _, machine } = old;
            let held = Some(Held::Stuck(why));
            let new = RunRow { rule, record, started, timer, lifetime, event, held, machine };
            write.execute(params![id, encode(&new)?]).map_err(&failed)?;
        }
    }
    Ok(())
}

/// The effects of a run at one moment become a row of its history.
fn history(connection: &Connection) -> Stored<()> {
    let failed = failed("be upgraded");
    let mut read = connection.prepare("SELECT run, seq, body FROM journal ORDER BY run, seq").map_err(&failed)?;
    let mut rows = read.query([]).map_err(&failed)?;
    let mut open: Option<(RunId, u32, HistoryRow)> = None;
    while let Some(row) = rows.next().map_err(&failed)? {
        let run = RunId(row.get::<_, i64>(0).map_err(&failed)?.cast_unsigned());
        let seq = row.get::<_, u32>(1).map_err(&failed)?;
        let body = row.get::<_, Vec<u8>>(2).map_err(&failed)?;
        let (at, _, action, args, result): Journal1 = decode(format_args!("the journal of run {run}"), &body)?;
        let deed = Deed::Effect(EffectRow { seq, place: Place::default(), action, args, result });
        match &mut open {
            Some((of, _, page)) if *of == run && page.at == at => page.deeds.push(deed),
            Some(_) | None => {
                let number = match &open {
                    Some((of, number, _)) if *of == run => number.saturating_add(1),
                    Some(_) | None => 1,
                };
                write(connection, open.take())?;
                let page = HistoryRow { at, cause: Cause::Unknown, deeds: vec![deed], more: 0, end: Ending::Still };
                open = Some((run, number, page));
            }
        }
    }
    write(connection, open)
}

fn write(connection: &Connection, page: Option<(RunId, u32, HistoryRow)>) -> Stored<()> {
    let Some((run, number, page)) = page else { return Ok(()) };
    let mark = page.mark().map(super::store::mark_number);
    let statement = "INSERT INTO history (run, seq, mark, body) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = connection.prepare_cached(statement).map_err(failed("be upgraded"))?;
    let done = statement.execute(params![run.0.cast_signed(), number, mark, encode(&page)?]);
    done.map(|_| ()).map_err(failed("be upgraded"))
}
