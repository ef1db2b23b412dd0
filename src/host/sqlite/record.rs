//! Writing records, and the rows by which they are found by what they refer to.

use super::{SqliteStore, encode};
use crate::engine::{Record, Stored};
use crate::value::Ref;
use rusqlite::params;
use std::sync::Arc;

impl SqliteStore {
    /// Notes what a record refers to now and did not before, and forgets what it does not refer to any more.
    pub(super) fn change_links(&mut self, of: &Ref, before: Option<&Record>, after: Option<&Record>) -> Stored<()> {
        let differ = |other: Option<&Record>, field: &str, to: &Ref| other.and_then(|o| o.link(field)) != Some(to);
        for (field, to) in before.into_iter().flat_map(Record::links).filter(|(field, to)| differ(after, field, to)) {
            let statement =
                "DELETE FROM link WHERE kind = ?1 AND field = ?2 AND to_kind = ?3 AND to_id = ?4 AND id = ?5";
            self.write(statement, params![&*of.kind, &**field, &*to.kind, &*to.id, &*of.id])?;
        }
        for (field, to) in after.into_iter().flat_map(Record::links).filter(|(field, to)| differ(before, field, to)) {
            self.add_link(of, field, to)?;
        }
        Ok(())
    }

    /// Whether any record of a kind may refer to something. The CRM asks what belongs to a record with each change of its
    /// stage, and most workspaces plan no activities.
    pub(super) fn has_links(&self, kind: &str) -> Stored<bool> {
        if let Some(known) = self.linked.borrow().get(kind) {
            return Ok(*known);
        }
        let found = self.one("SELECT 1 FROM link WHERE kind = ?1 LIMIT 1", [kind], |_| Ok(()))?.is_some();
        self.linked.borrow_mut().insert(kind.into(), found);
        Ok(found)
    }

    pub(super) fn add_link(&mut self, of: &Ref, field: &str, to: &Ref) -> Stored<()> {
        if let Some(known) = self.linked.get_mut().get_mut(&of.kind) {
            *known = true;
        }
        let statement = "INSERT OR REPLACE INTO link (kind, field, to_kind, to_id, id) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.write(statement, params![&*of.kind, field, &*to.kind, &*to.id, &*of.id])?;
        Ok(())
    }

    pub(super) fn write_record(&mut self, of: &Ref, record: Arc<Record>) -> Stored<()> {
        let body = encode(&*record)?;
        let statement = "INSERT INTO record (kind, id, body) VALUES (?1, ?2, ?3)
            ON CONFLICT (kind, id) DO UPDATE SET body = ?3";
        self.write(statement, params![&*of.kind, &*of.id, body])?;
        self.records.get_mut().keep(of.clone(), record);
        Ok(())
    }
}
