//! The tables, and how they came to be: one step per version of the layout.
//!
//! Rows that are looked up by a key of texts are stored inside the index of that key (`WITHOUT ROWID`), so that a
//! sleeping run costs one row and one index entry per thing it watches, and nothing else. Values, records and runs are
//! blobs in `postcard`'s form: SQLite never looks inside.

use super::{failed, upgrade};
use crate::engine::{StoreError, Stored};
use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours (`PRAGMA application_id`): the letters `DFLW`.
const APPLICATION: u32 = 0x4446_4C57;

/// What a step does.
enum Step {
    /// Statements.
    Sql(&'static str),
    /// Statements, and rows that have to be read and written anew between them.
    Rows { before: &'static str, rows: fn(&Connection) -> Stored<()>, after: &'static str },
}

/// Step `n` brings a store from layout `n` to layout `n + 1`. A released step never changes.
const STEPS: &[Step] = &[
    Step::Sql(FIRST),
    Step::Rows { before: HISTORY, rows: upgrade::to_2, after: HISTORY_AFTER },
    Step::Rows { before: OUTBOX_AND_LINKS, rows: upgrade::to_3, after: "" },
];

/// Layout 1.
const FIRST: &str = "
    CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL) STRICT;
    CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id))
        STRICT, WITHOUT ROWID;
    CREATE TABLE run (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE watch (key BLOB NOT NULL, run INTEGER NOT NULL, role INTEGER NOT NULL, PRIMARY KEY (key, run, role))
        STRICT, WITHOUT ROWID;
    CREATE TABLE timer (at INTEGER NOT NULL, seq INTEGER NOT NULL, due BLOB NOT NULL, PRIMARY KEY (at, seq))
        STRICT, WITHOUT ROWID;
    CREATE TABLE date_timer (rule INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
        seq INTEGER NOT NULL, PRIMARY KEY (rule, kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE mark (rule INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, until INTEGER,
        PRIMARY KEY (rule, kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE active (rule INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL,
        PRIMARY KEY (rule, kind, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (run INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, seq))
        STRICT, WITHOUT ROWID;
    CREATE TABLE program (digest BLOB PRIMARY KEY NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE TABLE rule (no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest BLOB NOT NULL) STRICT;
    CREATE TABLE cursor (source TEXT PRIMARY KEY NOT NULL, lines INTEGER NOT NULL, prefix BLOB NOT NULL)
        STRICT, WITHOUT ROWID;
    CREATE TABLE seen (event TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
";

/// Layout 2: runs have a history instead of a journal of effects, marks and identifiers of events are forgotten.
const HISTORY: &str = "
    CREATE TABLE history (run INTEGER NOT NULL, seq INTEGER NOT NULL, mark INTEGER, body BLOB NOT NULL,
        PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX history_mark ON history (mark, run) WHERE mark IS NOT NULL;
    CREATE TABLE run_of (kind TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (kind, id, run))
        STRICT, WITHOUT ROWID;
    CREATE INDEX mark_until ON mark (until) WHERE until IS NOT NULL;
    ALTER TABLE seen RENAME TO seen_1;
    CREATE TABLE seen (event TEXT PRIMARY KEY NOT NULL, day INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX seen_day ON seen (day);
";
const HISTORY_AFTER: &str = "DROP TABLE journal; DROP TABLE seen_1;";

/// Layout 3: what is to happen outside is kept until it is done; records are found by what they refer to; a
/// rule knows the text of its program.
const OUTBOX_AND_LINKS: &str = "
    CREATE TABLE outbox (run INTEGER NOT NULL, seq INTEGER NOT NULL, part INTEGER NOT NULL, next INTEGER,
        body BLOB NOT NULL, PRIMARY KEY (run, seq, part)) STRICT, WITHOUT ROWID;
    CREATE INDEX outbox_next ON outbox (next) WHERE next IS NOT NULL;
    ALTER TABLE rule ADD COLUMN text BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
    CREATE TABLE link (kind TEXT NOT NULL, field TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
        id TEXT NOT NULL, PRIMARY KEY (kind, field, to_kind, to_id, id)) STRICT, WITHOUT ROWID;
";

/// The layout that this version writes.
pub(super) const NEWEST: u32 = 3;

/// Says whether the file is a store that this version can read; its layout's number, 0 for an empty file.
pub(super) fn version(connection: &Connection) -> Stored<u32> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
    let found = number("user_version").map_err(failed("be opened"))?;
    let application = number("application_id").map_err(failed("be opened"))?;
    let tables = "SELECT count(*) FROM sqlite_master";
    let tables = connection.query_row(tables, [], |row| row.get::<_, i64>(0)).map_err(failed("be opened"))?;
    if tables > 0 && application != APPLICATION {
        return Err(StoreError::NotAStore { why: "the file is a database, but not one of Dealflow" });
    }
    if found > NEWEST {
        return Err(StoreError::Newer { found, known: NEWEST });
    }
    Ok(found)
}

/// Brings the store to the newest layout, all in one transaction.
pub(super) fn migrate(connection: &mut Connection, from: u32) -> Stored<()> {
    if from == NEWEST {
        return Ok(());
    }
    let failed = failed("be brought to the newest layout");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(&failed)?;
    for step in STEPS.iter().skip(from as usize) {
        match step {
            Step::Sql(statements) => transaction.execute_batch(statements).map_err(&failed)?,
            Step::Rows { before, rows, after } => {
                transaction.execute_batch(before).map_err(&failed)?;
                rows(&transaction)?;
                transaction.execute_batch(after).map_err(&failed)?;
            }
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(&failed)?;
    transaction.pragma_update(None, "user_version", NEWEST).map_err(&failed)?;
    transaction.commit().map_err(&failed)
}

#[cfg(test)]
mod tests {
    use super::{NEWEST, STEPS};

    #[test]
    fn there_is_a_step_to_every_layout() {
        assert_eq!(STEPS.len(), NEWEST as usize);
    }
}
