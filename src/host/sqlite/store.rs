//! The engine's calls as statements.

use super::{First, SqliteStore, damaged, decode, encode, failed};
use crate::engine::history::Cause;
use crate::engine::{
    Cursor, Due, HistoryRow, Mark, Meta, Record, Role, RuleNo, RuleRow, RunId, RunRow, Store, Stored, TimerKey, let_go,
};
use crate::ir::Digest;
use crate::value::{Moment, Name, Ref};
use crate::vm::Watch;
use rusqlite::{OptionalExtension, Params, Row, params};
use std::sync::Arc;

/// Fewer watches of one record than this are looked at all at once. A record that many runs watch is asked for field by
/// field, so that runs which watch other fields of it cost nothing.
const FEW_WATCHES: usize = 32;

impl SqliteStore {
    /// Writes, within the open transaction.
    pub(super) fn write(&mut self, statement: &str, params: impl Params) -> Stored<usize> {
        self.begin()?;
        let mut statement = self.connection.prepare_cached(statement).map_err(failed("be written"))?;
        statement.execute(params).map_err(failed("be written"))
    }

    /// Reads at most one row.
    pub(super) fn one<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Option<T>> {
        let mut statement = self.connection.prepare_cached(query).map_err(failed("be read"))?;
        statement.query_row(params, read).optional().map_err(failed("be read"))
    }

    /// Reads rows.
    pub(super) fn all<T>(
        &self,
        query: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Stored<Vec<T>> {
        let mut statement = self.connection.prepare_cached(query).map_err(failed("be read"))?;
        let rows = statement.query_map(params, read).map_err(failed("be read"))?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failed("be read"))
    }

    fn watchers_of_key(&self, key: &[u8]) -> Stored<Vec<(RunId, Role)>> {
        let query = "SELECT run, role FROM watch WHERE key = ?1 ORDER BY run, role";
        self.all(query, [key], |row| Ok((run_id(row, 0)?, role(row.get(1)?))))
    }
}

impl Store for SqliteStore {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        self.meta_changed = true;
        &mut self.meta
    }

    fn record(&self, of: &Ref) -> Stored<Option<Arc<Record>>> {
        if let Some(record) = self.records.borrow_mut().get(of) {
            return Ok(Some(record));
        }
        let query = "SELECT body FROM record WHERE kind = ?1 AND id = ?2";
        let read = |row: &Row<'_>| Ok(decode::<Record>(of, row.get_ref(0)?.as_blob()?));
        let Some(record) = self.one(query, params![&*of.kind, &*of.id], read)? else { return Ok(None) };
        let record = Arc::new(record?);
        self.records.borrow_mut().keep(of.clone(), record.clone());
        Ok(Some(record))
    }

    fn put_record(&mut self, of: &Ref, record: Arc<Record>) -> Stored<()> {
        let before = self.record(of)?;
        self.change_links(of, before.as_deref(), Some(&record))?;
        self.write_record(of, record)
    }

    fn add_record(&mut self, of: &Ref, record: Arc<Record>, found_by: &[&str]) -> Stored<()> {
        for (field, to) in record.links().filter(|(field, _)| found_by.contains(&&***field)) {
            self.add_link(of, field, to)?;
        }
        self.write_record(of, record)
    }

    fn remove_record(&mut self, of: &Ref) -> Stored<()> {
        let before = self.record(of)?;
        self.change_links(of, before.as_deref(), None)?;
        self.records.get_mut().remove(of);
        self.write("DELETE FROM record WHERE kind = ?1 AND id = ?2", params![&*of.kind, &*of.id])?;
        Ok(())
    }

    fn records(&self, kind: &str, after: Option<&str>, limit: usize) -> Stored<Vec<(Name, Arc<Record>)>> {
        let query = "SELECT id, body FROM record WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self
            .all(query, params![kind, after.unwrap_or(""), limit], |row| Ok((name(row)?, row.get::<_, Vec<u8>>(1)?)))?;
        let read = |(id, body): (Name, Vec<u8>)| {
            let record = decode::<Record>(format_args!("{kind} {id}"), &body)?;
            Ok((id, Arc::new(record)))
        };
        rows.into_iter().map(read).collect()
    }

    fn linking(&self, kind: &str, field: &str, target: &Ref, after: Option<&str>, limit: usize) -> Stored<Vec<Name>> {
        if !self.has_links(kind)? {
            return Ok(Vec::new());
        }
        let query = "SELECT id FROM link WHERE kind = ?1 AND field = ?2 AND to_kind = ?3 AND to_id = ?4 AND id > ?5
            ORDER BY id LIMIT ?6";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = params![kind, field, &*target.kind, &*target.id, after.unwrap_or(""), limit];
        self.all(query, params, |row| row.get::<_, String>(0).map(Name::from))
    }

    fn kinds(&self) -> Stored<Vec<Name>> {
        // From kind to kind through the index: the records between are not touched.
        let query = "WITH RECURSIVE k (kind) AS (SELECT min(kind) FROM record
            UNION ALL SELECT (SELECT min(kind) FROM record WHERE record.kind > k.kind) FROM k WHERE k.kind IS NOT NULL)
            SELECT kind FROM k WHERE kind IS NOT NULL";
        self.all(query, [], name)
    }

    fn run(&self, id: RunId) -> Stored<Option<RunRow>> {
        let read = |row: &Row<'_>| Ok(decode(format_args!("run {id}"), row.get_ref(0)?.as_blob()?));
        self.one("SELECT body FROM run WHERE id = ?1", [int(id.0)], read)?.transpose()
    }

    fn put_run(&mut self, id: RunId, run: &RunRow) -> Stored<()> {
        let body = encode(run)?;
        let statement = "INSERT INTO run (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = ?2";
        self.write(statement, params![int(id.0), body])?;
        Ok(())
    }

    fn remove_run(&mut self, id: RunId) -> Stored<()> {
        self.write("DELETE FROM run WHERE id = ?1", [int(id.0)])?;
        Ok(())
    }

    fn runs(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<(RunId, RunRow)>> {
        let query = "SELECT id, body FROM run WHERE id > ?1 ORDER BY id LIMIT ?2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let after = position(after);
        let row = |row: &Row<'_>| Ok((run_id(row, 0)?, row.get::<_, Vec<u8>>(1)?));
        let rows = self.all(query, [after, limit], row)?;
        rows.into_iter().map(|(id, body)| Ok((id, decode(format_args!("run {id}"), &body)?))).collect()
    }

    fn field_watchers(&self, of: &Ref, fields: &[Name]) -> Stored<Vec<(RunId, Role)>> {
        // The key of a field's watch is the record's part, then the field's.
        let mut record = encode(&Watch::Field { of: of.clone(), field: "".into() })?;
        record.pop();
        let fields = fields.iter().map(encode).collect::<Stored<Vec<_>>>()?;
        let mut end = record.clone();
        end.extend([u8::MAX; 10]);
        let query = "SELECT key, run, role FROM watch WHERE key >= ?1 AND key <= ?2 LIMIT ?3";
        let most = i64::try_from(FEW_WATCHES).unwrap_or(i64::MAX);
        let rows = self.all(query, params![record, end, most], |row| {
            let field = row.get_ref(0)?.as_blob()?.get(record.len()..).unwrap_or_default();
            let wanted = fields.iter().any(|f| f == field);
            Ok(if wanted { Some((run_id(row, 1)?, role(row.get(2)?))) } else { None })
        })?;
        if rows.len() < FEW_WATCHES {
            return Ok(rows.into_iter().flatten().collect());
        }
        let mut found = Vec::new();
        for field in &fields {
            found.extend(self.watchers_of_key(&[&record[..], field].concat())?);
        }
        Ok(found)
    }

    fn watchers(&self, watch: &Watch) -> Stored<Vec<(RunId, Role)>> {
        self.watchers_of_key(&encode(watch)?)
    }

    fn add_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()> {
        let statement = "INSERT OR IGNORE INTO watch (key, run, role) VALUES (?1, ?2, ?3)";
        self.write(statement, params![encode(watch)?, int(run.0), role_number(role)])?;
        Ok(())
    }

    fn remove_watch(&mut self, watch: &Watch, run: RunId, role: Role) -> Stored<()> {
        let statement = "DELETE FROM watch WHERE key = ?1 AND run = ?2 AND role = ?3";
        self.write(statement, params![encode(watch)?, int(run.0), role_number(role)])?;
        Ok(())
    }

    fn remove_watches(&mut self, run: RunId) -> Stored<()> {
        self.write("DELETE FROM watch WHERE run = ?1", [int(run.0)])?;
        Ok(())
    }

    fn first_timer(&self) -> Stored<Option<(TimerKey, Due)>> {
        match &*self.first.borrow() {
            First::Unknown => {}
            First::None => return Ok(None),
            First::Is(key, due) => return Ok(Some((*key, due.clone()))),
        }
        let query = "SELECT at, seq, due FROM timer ORDER BY at, seq LIMIT 1";
        let row = self.one(query, [], |row| Ok((timer_key(row, 0)?, row.get::<_, Vec<u8>>(2)?)))?;
        let first = row.map(|(key, due)| Ok((key, decode::<Due>("a timer", &due)?))).transpose()?;
        *self.first.borrow_mut() = first.clone().map_or(First::None, |(key, due)| First::Is(key, due));
        Ok(first)
    }

    fn put_timer(&mut self, key: TimerKey, due: &Due) -> Stored<()> {
        let statement = "INSERT INTO timer (at, seq, due) VALUES (?1, ?2, ?3)";
        self.write(statement, params![key.at.0, int(key.seq), encode(due)?])?;
        let first = self.first.get_mut();
        let earlier = match first {
            First::Unknown => false,
            First::None => true,
            First::Is(earliest, _) => key < *earliest,
        };
        if earlier {
            *first = First::Is(key, due.clone());
        }
        Ok(())
    }

    fn remove_timer(&mut self, key: TimerKey) -> Stored<()> {
        self.write("DELETE FROM timer WHERE at = ?1 AND seq = ?2", params![key.at.0, int(key.seq)])?;
        let first = self.first.get_mut();
        if matches!(first, First::Is(earliest, _) if *earliest == key) {
            *first = First::Unknown;
        }
        Ok(())
    }

    fn date_timer(&self, rule: RuleNo, record: &Ref) -> Stored<Option<TimerKey>> {
        let query = "SELECT at, seq FROM date_timer WHERE rule = ?1 AND kind = ?2 AND id = ?3";
        self.one(query, params![rule.0, &*record.kind, &*record.id], |row| timer_key(row, 0))
    }

    fn set_date_timer(&mut self, rule: RuleNo, record: &Ref, key: Option<TimerKey>) -> Stored<()> {
        let (kind, id) = (&*record.kind, &*record.id);
        if let Some(key) = key {
            let statement = "INSERT OR REPLACE INTO date_timer (rule, kind, id, at, seq) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.write(statement, params![rule.0, kind, id, key.at.0, int(key.seq)])?;
        } else {
            let statement = "DELETE FROM date_timer WHERE rule = ?1 AND kind = ?2 AND id = ?3";
            self.write(statement, params![rule.0, kind, id])?;
        }
        Ok(())
    }

    fn mark(&self, rule: RuleNo, record: &Ref) -> Stored<Option<Option<Moment>>> {
        let query = "SELECT until FROM mark WHERE rule = ?1 AND kind = ?2 AND id = ?3";
        let read = |row: &Row<'_>| Ok(row.get::<_, Option<i64>>(0)?.map(Moment));
        self.one(query, params![rule.0, &*record.kind, &*record.id], read)
    }

    fn put_mark(&mut self, rule: RuleNo, record: &Ref, until: Option<Moment>) -> Stored<()> {
        let statement = "INSERT OR REPLACE INTO mark (rule, kind, id, until) VALUES (?1, ?2, ?3, ?4)";
        self.write(statement, params![rule.0, &*record.kind, &*record.id, until.map(|m| m.0)])?;
        Ok(())
    }

    fn active(&self, rule: RuleNo, record: &Ref) -> Stored<Option<RunId>> {
        let query = "SELECT run FROM active WHERE rule = ?1 AND kind = ?2 AND id = ?3";
        self.one(query, params![rule.0, &*record.kind, &*record.id], |row| run_id(row, 0))
    }

    fn set_active(&mut self, rule: RuleNo, record: &Ref, run: Option<RunId>) -> Stored<()> {
        let (kind, id) = (&*record.kind, &*record.id);
        if let Some(run) = run {
            let statement = "INSERT OR REPLACE INTO active (rule, kind, id, run) VALUES (?1, ?2, ?3, ?4)";
            self.write(statement, params![rule.0, kind, id, int(run.0)])?;
        } else {
            let statement = "DELETE FROM active WHERE rule = ?1 AND kind = ?2 AND id = ?3";
            self.write(statement, params![rule.0, kind, id])?;
        }
        Ok(())
    }

    fn append_history(&mut self, run: RunId, row: &HistoryRow) -> Stored<()> {
        let number = if matches!(row.cause, Cause::Started(_)) {
            1
        } else {
            let last = "SELECT max(seq) FROM history WHERE run = ?1";
            let last = self.one(last, [int(run.0)], |row| row.get::<_, Option<u32>>(0))?.flatten();
            last.map_or(1, |last| last.saturating_add(1))
        };
        let statement = "INSERT INTO history (run, seq, mark, body) VALUES (?1, ?2, ?3, ?4)";
        self.write(statement, params![int(run.0), number, row.mark().map(mark_number), encode(row)?])?;
        if let Some(old) = let_go(number) {
            self.write("DELETE FROM history WHERE run = ?1 AND seq = ?2", params![int(run.0), old])?;
        }
        Ok(())
    }

    fn history(&self, run: RunId) -> Stored<Vec<(u32, HistoryRow)>> {
        let query = "SELECT seq, body FROM history WHERE run = ?1 ORDER BY seq";
        let rows = self.all(query, [int(run.0)], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let what = format!("the history of run {run}");
        rows.into_iter().map(|(number, body)| Ok((number, decode(&what, &body)?))).collect()
    }

    fn runs_ever(&self, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let query = "SELECT run FROM history WHERE seq = 1 AND run > ?1 ORDER BY run LIMIT ?2";
        self.all(query, [position(after), int(limit as u64)], |row| run_id(row, 0))
    }

    fn runs_marked(&self, mark: Mark, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let query = "SELECT DISTINCT run FROM history WHERE mark = ?1 AND run > ?2 ORDER BY run LIMIT ?3";
        self.all(query, [mark_number(mark), position(after), int(limit as u64)], |row| run_id(row, 0))
    }

    fn add_run_of(&mut self, record: &Ref, run: RunId) -> Stored<()> {
        let statement = "INSERT OR IGNORE INTO run_of (kind, id, run) VALUES (?1, ?2, ?3)";
        self.write(statement, params![&*record.kind, &*record.id, int(run.0)])?;
        Ok(())
    }

    fn runs_of(&self, record: &Ref, after: Option<RunId>, limit: usize) -> Stored<Vec<RunId>> {
        let query = "SELECT run FROM run_of WHERE kind = ?1 AND id = ?2 AND run > ?3 ORDER BY run LIMIT ?4";
        let params = params![&*record.kind, &*record.id, position(after), int(limit as u64)];
        self.all(query, params, |row| run_id(row, 0))
    }

    fn program(&self, digest: Digest) -> Stored<Option<Vec<u8>>> {
        self.one("SELECT body FROM program WHERE digest = ?1", [digest.0], blob)
    }

    fn has_program(&self, digest: Digest) -> Stored<bool> {
        if self.programs.borrow().contains(&digest) {
            return Ok(true);
        }
        let found = self.one("SELECT 1 FROM program WHERE digest = ?1", [digest.0], |_| Ok(()))?.is_some();
        if found {
            self.programs.borrow_mut().insert(digest);
        }
        Ok(found)
    }

    fn put_program(&mut self, digest: Digest, bytes: &[u8]) -> Stored<()> {
        self.write("INSERT OR REPLACE INTO program (digest, body) VALUES (?1, ?2)", params![digest.0, bytes])?;
        self.programs.get_mut().insert(digest);
        Ok(())
    }

    fn rule(&self, key: &str) -> Stored<Option<RuleRow>> {
        let row = self.one("SELECT no, digest, text FROM rule WHERE key = ?1", [key], |row| rule_row(row, 0))?;
        Ok(row)
    }

    fn put_rule(&mut self, key: &str, digest: Digest, text: Digest) -> Stored<RuleNo> {
        // Rules are never removed, so their count is the next number.
        let statement = "INSERT INTO rule (no, key, digest, text) VALUES ((SELECT count(*) FROM rule), ?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET digest = ?2, text = ?3";
        self.write(statement, params![key, digest.0, text.0])?;
        let row = self.rule(key)?;
        row.map(|row| row.no).ok_or_else(|| damaged("a rule", "it was written and is not there"))
    }

    fn rename_rule(&mut self, key: &str, to: &str) -> Stored<()> {
        self.write("UPDATE rule SET key = ?2 WHERE key = ?1", [key, to])?;
        Ok(())
    }

    fn rules(&self) -> Stored<Vec<(Name, RuleRow)>> {
        self.all("SELECT key, no, digest, text FROM rule ORDER BY key", [], |row| Ok((name(row)?, rule_row(row, 1)?)))
    }

    fn rule_key(&self, rule: RuleNo) -> Stored<Option<Name>> {
        self.one("SELECT key FROM rule WHERE no = ?1", [rule.0], name)
    }

    fn cursor(&self, source: &str) -> Stored<Cursor> {
        let query = "SELECT lines, prefix FROM cursor WHERE source = ?1";
        let read = |row: &Row<'_>| Ok(Cursor { lines: row.get::<_, i64>(0)?.cast_unsigned(), prefix: row.get(1)? });
        Ok(self.one(query, [source], read)?.unwrap_or_default())
    }

    fn set_cursor(&mut self, source: &str, cursor: Cursor) -> Stored<()> {
        let statement = "INSERT OR REPLACE INTO cursor (source, lines, prefix) VALUES (?1, ?2, ?3)";
        self.write(statement, params![source, int(cursor.lines), cursor.prefix])?;
        Ok(())
    }

    fn note_event(&mut self, id: &str, day: i64) -> Stored<bool> {
        Ok(self.write("INSERT OR IGNORE INTO seen (event, day) VALUES (?1, ?2)", params![id, day])? == 1)
    }

    fn forget(&mut self, now: Moment, before: i64, limit: usize) -> Stored<bool> {
        let marks = "DELETE FROM mark WHERE (rule, kind, id) IN
            (SELECT rule, kind, id FROM mark WHERE until IS NOT NULL AND until <= ?1 LIMIT ?2)";
        let marks = self.write(marks, [now.0, int(limit as u64)])?;
        let seen = "DELETE FROM seen WHERE event IN (SELECT event FROM seen WHERE day < ?1 LIMIT ?2)";
        let seen = self.write(seen, [before, int(limit as u64)])?;
        Ok(marks == limit || seen == limit)
    }

    fn commit(&mut self) -> Stored<()> {
        if self.meta_changed {
            self.begin()?;
            self.write_meta()?;
        }
        if self.open {
            self.execute("COMMIT", "commit")?;
        }
        self.open = false;
        self.meta_changed = false;
        Ok(())
    }

    fn rollback(&mut self) -> Stored<()> {
        if self.open {
            // After some errors SQLite has rolled back by itself.
            if !self.connection.is_autocommit() {
                self.execute("ROLLBACK", "roll back")?;
            }
            self.open = false;
        }
        self.forget_caches();
        self.meta = self.read_meta()?;
        self.meta_changed = false;
        Ok(())
    }
}

/// The number after which a page begins.
fn position(after: Option<RunId>) -> i64 {
    after.map_or(-1, |id| int(id.0))
}

/// The stored form of a mark.
pub(super) const fn mark_number(mark: Mark) -> i64 {
    match mark {
        Mark::Ended => 1,
        Mark::Cancelled => 2,
        Mark::Failed => 3,
        Mark::Refused => 4,
    }
}

pub(super) fn int(number: u64) -> i64 {
    number.cast_signed()
}

fn blob(row: &Row<'_>) -> rusqlite::Result<Vec<u8>> {
    row.get(0)
}

fn name(row: &Row<'_>) -> rusqlite::Result<Name> {
    row.get::<_, String>(0).map(Name::from)
}

pub(super) fn run_id(row: &Row<'_>, column: usize) -> rusqlite::Result<RunId> {
    row.get::<_, i64>(column).map(|id| RunId(id.cast_unsigned()))
}

fn timer_key(row: &Row<'_>, column: usize) -> rusqlite::Result<TimerKey> {
    Ok(TimerKey { at: Moment(row.get(column)?), seq: row.get::<_, i64>(column + 1)?.cast_unsigned() })
}

fn rule_row(row: &Row<'_>, column: usize) -> rusqlite::Result<RuleRow> {
    Ok(RuleRow {
        no: RuleNo(row.get(column)?),
        digest: Digest(row.get(column + 1)?),
        text: Digest(row.get(column + 2)?),
    })
}

const fn role_number(role: Role) -> i64 {
    match role {
        Role::Lifetime => 0,
        Role::Wait => 1,
    }
}

const fn role(number: i64) -> Role {
    if number == 0 { Role::Lifetime } else { Role::Wait }
}
