//! Care of a store: copies made while it is in use, and a look at whether everything in it fits together.

use super::{SqliteStore, failed, failed_io};
use crate::engine::{Held, Outbox, RunId, RunRow, Store, StoreError, Stored};
use crate::vm::stored;
use rusqlite::backup::Backup;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages copied between two looks at whether another process wants to write.
const PAGES: i32 = 4_096;
/// How long a writer is given then.
const PAUSE: Duration = Duration::from_millis(5);
/// Runs looked at between two reads of the file.
const RUNS: usize = 1_000;

impl SqliteStore {
    /// Copies the store as it is now, also while another process works with it. The copy is whole or not there.
    ///
    /// # Errors
    /// When a file of that name is there, or cannot be written.
    pub fn backup(&self, to: &Path) -> Stored<()> {
        copy(&self.connection, to)
    }

    /// Everything in the file that does not fit; empty when all is well. `each` hears how many runs were looked at.
    pub fn check(&self, each: &mut dyn FnMut(usize)) -> Stored<Vec<String>> {
        let mut found = self.integrity()?;
        if found.is_empty() {
            let mut counted = Counted::default();
            self.check_runs(&mut found, &mut counted, each)?;
            self.check_indexes(&mut found)?;
            self.check_outbox(&mut found)?;
            let counters = &self.meta().counters;
            let said = [counters.waiting, counters.stuck, counters.paused, counters.parked];
            let seen = [counted.waiting, counted.stuck, counted.paused, counted.parked];
            for ((name, said), seen) in ["waiting", "stuck", "paused", "parked"].iter().zip(said).zip(seen) {
                if said != seen {
                    found.push(format!("{said} runs are counted as {name}, but {seen} are there"));
                }
            }
        }
        Ok(found)
    }

    /// What SQLite itself has to say.
    fn integrity(&self) -> Stored<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(failed("be checked"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failed("be checked"))?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failed("be checked"))?;
        Ok(rows.into_iter().filter(|line| line != "ok").collect())
    }

    fn check_runs(&self, found: &mut Vec<String>, counted: &mut Counted, each: &mut dyn FnMut(usize)) -> Stored<()> {
        let mut after = None;
        let mut programs = BTreeSet::new();
        let mut looked = 0;
        loop {
            let page = self.runs(after, RUNS)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            looked += page.len();
            each(looked);
            for (id, row) in &page {
                counted.count(row);
                self.check_run(*id, row, &mut programs, found)?;
            }
        }
    }

    fn check_run(
        &self,
        id: RunId,
        row: &RunRow,
        programs: &mut BTreeSet<crate::ir::Digest>,
        found: &mut Vec<String>,
    ) -> Stored<()> {
        match stored::load(&row.machine) {
            Err(error) => found.push(format!("run {id}: {error}")),
            Ok((digest, _)) => {
                if programs.insert(digest)
                    && let Err(why) = crate::engine::inspect::program(self, digest)?
                {
                    found.push(format!("run {id}: {why}"));
                }
            }
        }
        if self.rule_key(row.rule)?.is_none() {
            found.push(format!("run {id}: its rule is not known"));
        }
        if let Some(timer) = row.timer {
            let query = "SELECT 1 FROM timer WHERE at = ?1 AND seq = ?2";
            if !self.is_there(query, [timer.at.0, timer.seq.cast_signed()])? {
                found.push(format!("run {id}: the timer of its limit is not there"));
            }
        }
        Ok(())
    }

    /// What is to leave, and the runs that wait for it.
    fn check_outbox(&self, found: &mut Vec<String>) -> Stored<()> {
        let mut after = None;
        loop {
            let page = match self.errands(after, RUNS) {
                Ok(page) => page,
                // One that cannot be read says which it is.
                Err(error) => {
                    found.push(error.to_string());
                    return Ok(());
                }
            };
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            for (key, row) in &page {
                if row.errand.awaited && self.run(key.run)?.is_none() {
                    found.push(format!("effect {key}: the run that waits for it is not there"));
                }
                let query = "SELECT 1 FROM outbox WHERE run = ?1 AND seq = ?2 AND part = ?3 AND next IS ?4";
                let next = row.next.map(|at| at.0);
                if !self.is_there(query, params![key.run.0.cast_signed(), key.seq, key.part, next])? {
                    found.push(format!("effect {key}: it is not listed at the moment when it is due"));
                }
            }
        }
    }

    fn is_there(&self, query: &str, params: impl rusqlite::Params) -> Stored<bool> {
        let mut statement = self.connection.prepare_cached(query).map_err(failed("be checked"))?;
        statement.exists(params).map_err(failed("be checked"))
    }

    /// What points to runs that are not there.
    fn check_indexes(&self, found: &mut Vec<String>) -> Stored<()> {
        for (what, query) in [
            (
                "things are watched by runs that are not there",
                "SELECT count(*) FROM watch WHERE run NOT IN (SELECT id FROM run)",
            ),
            (
                "runs are noted as the only ones and are not there",
                "SELECT count(*) FROM active WHERE run NOT IN (SELECT id FROM run)",
            ),
            (
                "runs have no history at all",
                "SELECT count(*) FROM run_of WHERE run NOT IN (SELECT run FROM history) AND run NOT IN (SELECT id FROM run)",
            ),
            (
                "links lead from records that are not there",
                "SELECT count(*) FROM link l WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.kind = l.kind AND r.id = l.id)",
            ),
            (
                "dates have no timer",
                "SELECT count(*) FROM date_timer d WHERE NOT EXISTS (SELECT 1 FROM timer t WHERE t.at = d.at AND t.seq = d.seq)",
            ),
        ] {
            let count =
                self.connection.query_row(query, [], |row| row.get::<_, i64>(0)).map_err(failed("be checked"))?;
            if count > 0 {
                found.push(format!("{count} {what}"));
            }
        }
        Ok(())
    }
}

/// How many runs are in which state.
#[derive(Default)]
struct Counted {
    waiting: u64,
    stuck: u64,
    paused: u64,
    parked: u64,
}

impl Counted {
    fn count(&mut self, row: &RunRow) {
        *match &row.held {
            None => &mut self.waiting,
            Some(Held::Stuck(_)) => &mut self.stuck,
            Some(Held::Paused) => &mut self.paused,
            Some(Held::Parked(_)) => &mut self.parked,
        } += 1;
    }
}

/// Keeps the store as an older version left it, beside it.
pub(super) fn keep_copy(connection: &Connection, path: &Path, layout: u32) -> Stored<()> {
    let mut to = path.as_os_str().to_owned();
    to.push(format!("-layout{layout}"));
    let to = PathBuf::from(to);
    // An upgrade that was interrupted has left one: it is the same.
    if to.is_file() { Ok(()) } else { copy(connection, &to) }
}

/// Copies a database under another name, and gives it its own only when it is whole.
fn copy(from: &Connection, to: &Path) -> Stored<()> {
    if to.exists() {
        let reason = format!("`{}` is there already, and is not overwritten", to.display());
        return Err(StoreError::Failed { what: "be copied", reason });
    }
    let mut part = to.as_os_str().to_owned();
    part.push("-part");
    let part = PathBuf::from(part);
    let made = write(from, &part).and_then(|()| std::fs::rename(&part, to).map_err(failed_io("be copied")));
    if made.is_err() {
        // What is left of it is of no use to anybody.
        let _ = std::fs::remove_file(&part);
    }
    made
}

fn write(from: &Connection, part: &Path) -> Stored<()> {
    let failed = failed("be copied");
    if part.exists() {
        std::fs::remove_file(part).map_err(failed_io("be copied"))?;
    }
    let mut copy = Connection::open(part).map_err(&failed)?;
    let backup = Backup::new(from, &mut copy).map_err(&failed)?;
    // Seen from one transaction of the source, so that a writer does not make the copy begin again.
    from.execute_batch("BEGIN; SELECT count(*) FROM sqlite_master").map_err(&failed)?;
    let done = backup.run_to_completion(PAGES, PAUSE, None).map_err(&failed);
    from.execute_batch("COMMIT").map_err(&failed)?;
    drop(backup);
    done?;
    // A copy is one file that can be carried away.
    copy.pragma_update(None, "journal_mode", "DELETE").map_err(&failed)?;
    copy.close().map_err(|(_, error)| failed(error))?;
    File::open(part).and_then(|file| file.sync_all()).map_err(failed_io("be copied"))
}
