//! The outbox as statements.

use super::store::{int, run_id};
use super::{SqliteStore, decode, encode};
use crate::engine::{ErrandKey, ErrandRow, Outbox, RunId, Stored};
use crate::value::Moment;
use rusqlite::{Params, Row, params};

impl SqliteStore {
    fn errand_rows(&self, query: &str, params: impl Params) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let rows = self.all(query, params, |row| Ok((key(row)?, row.get::<_, Vec<u8>>(3)?)))?;
        rows.into_iter().map(|(key, body)| Ok((key, decode(format_args!("errand {key}"), &body)?))).collect()
    }
}

fn key(row: &Row<'_>) -> rusqlite::Result<ErrandKey> {
    Ok(ErrandKey { run: run_id(row, 0)?, seq: row.get(1)?, part: row.get(2)? })
}

impl Outbox for SqliteStore {
    fn errand(&self, key: ErrandKey) -> Stored<Option<ErrandRow>> {
        let query = "SELECT run, seq, part, body FROM outbox WHERE run = ?1 AND seq = ?2 AND part = ?3";
        let rows = self.errand_rows(query, params![int(key.run.0), key.seq, key.part])?;
        Ok(rows.into_iter().next().map(|(_, row)| row))
    }

    fn put_errand(&mut self, key: ErrandKey, row: &ErrandRow) -> Stored<()> {
        let statement = "INSERT INTO outbox (run, seq, part, next, body) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (run, seq, part) DO UPDATE SET next = ?4, body = ?5";
        let next = row.next.map(|at| at.0);
        self.write(statement, params![int(key.run.0), key.seq, key.part, next, encode(row)?])?;
        Ok(())
    }

    fn remove_errand(&mut self, key: ErrandKey) -> Stored<()> {
        let statement = "DELETE FROM outbox WHERE run = ?1 AND seq = ?2 AND part = ?3";
        self.write(statement, params![int(key.run.0), key.seq, key.part])?;
        Ok(())
    }

    fn due_errands(&self, by: Moment, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let query = "SELECT run, seq, part, body FROM outbox WHERE next IS NOT NULL AND next <= ?1
            ORDER BY next, run, seq, part LIMIT ?2";
        self.errand_rows(query, params![by.0, int(limit as u64)])
    }

    fn next_errand(&self) -> Stored<Option<Moment>> {
        let query = "SELECT min(next) FROM outbox WHERE next IS NOT NULL";
        Ok(self.one(query, [], |row| row.get::<_, Option<i64>>(0))?.flatten().map(Moment))
    }

    fn errands(&self, after: Option<ErrandKey>, limit: usize) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let query = "SELECT run, seq, part, body FROM outbox WHERE (run, seq, part) > (?1, ?2, ?3)
            ORDER BY run, seq, part LIMIT ?4";
        let (run, seq, part) = after.map_or((-1, 0, 0), |key| (int(key.run.0), key.seq, key.part));
        self.errand_rows(query, params![run, seq, part, int(limit as u64)])
    }

    fn errands_of(&self, run: RunId) -> Stored<Vec<(ErrandKey, ErrandRow)>> {
        let query = "SELECT run, seq, part, body FROM outbox WHERE run = ?1 ORDER BY seq, part";
        self.errand_rows(query, [int(run.0)])
    }
}
