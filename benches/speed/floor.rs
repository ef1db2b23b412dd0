//! The least that any engine could do in SQLite for the lifecycle of a run: the same rows of the same sizes, by prepared
//! statements with ready-made contents, and nothing else. No language, no rules, no values.

use super::clock::{Spent, once};
use super::runner::Outcome;
use dealflow::engine::Event;
use dealflow::host::sqlite::Durability;
use rusqlite::{Connection, params};
use std::path::Path;

/// How long the contents of rows are, in bytes, as the engine writes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) deal: usize,
    pub(crate) lead: usize,
    pub(crate) message: usize,
    pub(crate) comment: usize,
    pub(crate) journal: usize,
    pub(crate) run: usize,
    pub(crate) key: usize,
}

impl Sizes {
    /// Asks a store of the engine in which such runs sleep and others have ended.
    pub(crate) fn of(store: &Path) -> Outcome<Self> {
        let connection = Connection::open(store)?;
        let mean = |query: &str| -> rusqlite::Result<usize> {
            connection.query_row(query, [], |row| row.get::<_, u32>(0)).map(|size| size as usize)
        };
        let body =
            |kind: &str| mean(&format!("SELECT CAST(avg(length(body)) AS INTEGER) FROM record WHERE kind = '{kind}'"));
        Ok(Self {
            deal: body("deal")?,
            lead: body("lead")?,
            message: body("chat message")?,
            comment: body("comment")?,
            journal: mean("SELECT CAST(avg(length(body)) AS INTEGER) FROM history")?,
            run: mean("SELECT CAST(avg(length(body)) AS INTEGER) FROM run")?,
            key: mean("SELECT CAST(avg(length(key)) AS INTEGER) FROM watch")?,
        })
    }
}

const TABLES: &str = "
    CREATE TABLE record (kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE TABLE run (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE watch (key BLOB NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (key, run)) WITHOUT ROWID;
    CREATE TABLE timer (at INTEGER NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (at, run)) WITHOUT ROWID;
    CREATE TABLE journal (run INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run, seq))
        WITHOUT ROWID;
    CREATE TABLE run_of (id TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (id, run)) WITHOUT ROWID;
    CREATE TABLE over (run INTEGER NOT NULL, PRIMARY KEY (run)) WITHOUT ROWID;
    CREATE TABLE link (kind TEXT NOT NULL, field TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
        id TEXT NOT NULL, PRIMARY KEY (kind, field, to_kind, to_id, id)) WITHOUT ROWID;";

/// Runs by hand.
pub(crate) struct Floor {
    connection: Connection,
    sizes: Sizes,
    /// Whether records and messages of the CRM are written too, or only what belongs to runs.
    records: bool,
    group: u32,
    open: u32,
    /// The next number of a message or comment.
    next: u32,
    content: Vec<u8>,
}

impl Floor {
    /// Opens a file, with a commit after every `group` events.
    pub(crate) fn open(path: &Path, durability: Durability, group: u32, sizes: Sizes, records: bool) -> Outcome<Self> {
        let connection = Connection::open(path)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Process => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "cache_size", -32 * 1024)?;
        Ok(Self { connection, sizes, records, group, open: 0, next: 1, content: vec![7; 4096] })
    }

    /// Makes the tables, and deals and leads with numbers below `count`.
    pub(crate) fn populate(&mut self, count: u32) -> Outcome {
        self.connection.execute_batch(TABLES)?;
        for id in 0..count {
            self.begin()?;
            self.put("lead", &id.to_string(), self.sizes.lead)?;
            self.put("deal", &id.to_string(), self.sizes.deal)?;
        }
        self.commit()
    }

    /// Deals enter a stage: a run of each starts, does its first effect and sleeps.
    pub(crate) fn start(&mut self, ids: &[u32]) -> Outcome {
        for &id in ids {
            self.begin()?;
            if self.records {
                self.read("deal", &id.to_string())?;
                self.put("deal", &id.to_string(), self.sizes.deal)?;
                // Whether the lead is won already, so that there is nothing to wait for.
                self.read("lead", &id.to_string())?;
                self.note("chat message", self.sizes.message)?;
            }
            self.journal(id, 1)?;
            self.write("INSERT INTO run_of (id, run) VALUES (?1, ?2)", params![id.to_string(), id])?;
            self.write("INSERT INTO run (id, body) VALUES (?1, ?2)", params![id, self.bytes(self.sizes.run)])?;
            for key in self.keys(id) {
                self.write("INSERT INTO watch (key, run) VALUES (?1, ?2)", params![key, id])?;
            }
            self.write(
                "INSERT INTO timer (at, run) VALUES (?1, ?2)",
                params![1_772_438_400_000_i64 + i64::from(id), id],
            )?;
            self.done()?;
        }
        self.commit()
    }

    /// Leads are won: the run that waits for each is found, does its second effect and ends.
    pub(crate) fn end(&mut self, ids: &[u32]) -> Outcome {
        for &id in ids {
            self.begin()?;
            if self.records {
                self.read("lead", &id.to_string())?;
                self.put("lead", &id.to_string(), self.sizes.lead)?;
            }
            let run = self.waiting(id)?;
            if self.records {
                self.note("comment", self.sizes.comment)?;
                // A comment is found by its record.
                let statement = "INSERT INTO link (kind, field, to_kind, to_id, id) VALUES (?1, ?2, ?3, ?4, ?5)";
                let comment = format!("flow-{}", self.next);
                self.write(statement, params!["comment", "record", "deal", id.to_string(), comment])?;
            }
            self.journal(run, 2)?;
            self.write("INSERT INTO over (run) VALUES (?1)", params![run])?;
            self.write("DELETE FROM run WHERE id = ?1", params![run])?;
            for key in self.keys(id) {
                self.write("DELETE FROM watch WHERE key = ?1 AND run = ?2", params![key, run])?;
            }
            self.write(
                "DELETE FROM timer WHERE at = ?1 AND run = ?2",
                params![1_772_438_400_000_i64 + i64::from(run), run],
            )?;
            self.done()?;
        }
        self.commit()
    }

    /// The run that waits for a lead, with its contents.
    fn waiting(&self, lead: u32) -> Outcome<u32> {
        let mut find = self.connection.prepare_cached("SELECT run FROM watch WHERE key = ?1")?;
        let run = find.query_row(params![self.key(lead, "status")], |row| row.get(0))?;
        let mut read = self.connection.prepare_cached("SELECT body FROM run WHERE id = ?1")?;
        let body: Vec<u8> = read.query_row(params![run], |row| row.get(0))?;
        std::hint::black_box(body);
        Ok(run)
    }

    fn read(&self, kind: &str, id: &str) -> Outcome {
        let mut read = self.connection.prepare_cached("SELECT body FROM record WHERE kind = ?1 AND id = ?2")?;
        let body: Vec<u8> = read.query_row(params![kind, id], |row| row.get(0))?;
        std::hint::black_box(body);
        Ok(())
    }

    fn put(&self, kind: &str, id: &str, size: usize) -> Outcome {
        let statement = "INSERT INTO record (kind, id, body) VALUES (?1, ?2, ?3)
            ON CONFLICT (kind, id) DO UPDATE SET body = ?3";
        self.write(statement, params![kind, id, self.bytes(size)])
    }

    fn note(&mut self, kind: &str, size: usize) -> Outcome {
        self.next += 1;
        self.put(kind, &format!("flow-{}", self.next), size)
    }

    fn journal(&self, run: u32, seq: u32) -> Outcome {
        let statement = "INSERT INTO journal (run, seq, body) VALUES (?1, ?2, ?3)";
        self.write(statement, params![run, seq, self.bytes(self.sizes.journal)])
    }

    /// What a run is found by, of the length that keys have: the lead's status, and which lead the deal has. Who leaves
    /// out the records leaves out that the link may change.
    fn keys(&self, id: u32) -> Vec<Vec<u8>> {
        let all = if self.records { &["status", "link"][..] } else { &["status"] };
        all.iter().map(|field| self.key(id, field)).collect()
    }

    fn key(&self, id: u32, field: &str) -> Vec<u8> {
        format!("{field}{id:0>width$}", width = self.sizes.key.saturating_sub(field.len())).into_bytes()
    }

    fn bytes(&self, size: usize) -> &[u8] {
        self.content.get(..size).unwrap_or(&self.content)
    }

    fn write(&self, statement: &str, params: impl rusqlite::Params) -> Outcome {
        self.connection.prepare_cached(statement)?.execute(params)?;
        Ok(())
    }

    fn begin(&mut self) -> Outcome {
        if self.open == 0 {
            self.write("BEGIN IMMEDIATE", [])?;
        }
        self.open += 1;
        Ok(())
    }

    fn done(&mut self) -> Outcome {
        if self.open >= self.group { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Outcome {
        if self.open > 0 {
            self.write("COMMIT", [])?;
        }
        self.open = 0;
        Ok(())
    }
}

/// The bytes that the pages of these tables take in a file, indexes included.
pub(crate) fn pages(store: &Path, tables: &str) -> Outcome<f64> {
    let query = format!("SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN ({tables})");
    let bytes: i64 = Connection::open(store)?.query_row(&query, [], |row| row.get(0))?;
    #[expect(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
    let bytes = bytes as f64;
    Ok(bytes)
}

/// Writes one row for every event, in groups.
pub(crate) fn upserts(path: &Path, events: &[Event], group: u32) -> Outcome<Spent> {
    let sizes = Sizes { deal: 200, lead: 200, message: 0, comment: 0, journal: 0, run: 0, key: 0 };
    let mut floor = Floor::open(path, Durability::Full, group, sizes, true)?;
    floor.populate(0)?;
    let (done, spent) = once(|| -> Outcome {
        for of in events.iter().filter_map(|event| event.about.as_ref()) {
            floor.begin()?;
            floor.put(&of.kind, &of.id, 200)?;
            floor.done()?;
        }
        floor.commit()
    });
    done.map(|()| spent)
}
