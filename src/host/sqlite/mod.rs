//! A store in one SQLite file: what a restart, a crash or a newer binary goes on with.
//!
//! Everything between two commits is one transaction of SQLite, so after a crash the file holds exactly the activations
//! up to the last commit, cursors of event files included. Nothing is loaded when a store is opened but its few numbers;
//! small caches (records, programs that are known to be there, kinds with links, the first timer) are thrown away by a rollback.

mod care;
mod layout;
mod lock;
mod look;
mod outbox;
mod recent;
mod record;
mod store;
mod upgrade;

use crate::engine::{Due, Meta, StoreError, Stored, TimerKey};
use crate::ir::Digest;
use crate::value::{Name, append};
use lock::Lock;
use recent::Recent;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// How many prepared statements are kept: more than there are.
const STATEMENTS: usize = 64;
/// How much of the file SQLite keeps in memory, in KiB. Its default of 2 MiB makes a busy store read the same pages again
/// and again; this is still small beside the process.
const CACHE: i64 = 32 * 1024;
/// How long a reader's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it: survives a power cut.
    #[default]
    Full,
    /// When the system has it: survives a crash of the process; after a power cut the last commits may be gone, but what
    /// is there is whole.
    Process,
}

/// The timer that fires first, as far as it is known without asking.
#[derive(Clone, Debug, Default)]
enum First {
    /// It has to be asked for.
    #[default]
    Unknown,
    /// There is no timer.
    None,
    /// This one.
    Is(TimerKey, Due),
}

/// A store in a file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    meta: Meta,
    /// The numbers changed since the last commit.
    meta_changed: bool,
    /// Whether a transaction is open.
    open: bool,
    records: RefCell<Recent>,
    programs: RefCell<BTreeSet<Digest>>,
    first: RefCell<First>,
    /// Whether records of a kind refer to something.
    linked: RefCell<BTreeMap<Name, bool>>,
    /// Held for as long as the connection; `None` for one that reads while others write.
    _lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens a store to work with it, and makes it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process works with it, [`StoreError::Newer`] when a newer version wrote it.
    pub fn open(path: &Path, durability: Durability) -> Stored<Self> {
        let lock = Lock::take(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed("be opened"))?;
        connection.busy_timeout(PATIENCE).map_err(failed("be opened"))?;
        if connection.is_readonly("main").map_err(failed("be opened"))? {
            return Err(StoreError::ReadOnly { what: "be opened" });
        }
        let found = layout::version(&connection)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed("be opened"))?;
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Process => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous).map_err(failed("be opened"))?;
        // A negative number is in KiB, a positive one in pages.
        connection.pragma_update(None, "cache_size", -CACHE).map_err(failed("be opened"))?;
        if found > 0 && found < layout::NEWEST {
            care::keep_copy(&connection, path, found)?;
        }
        layout::migrate(&mut connection, found)?;
        Self::with(connection, Some(lock))
    }

    /// Opens a store to look at it, also while another process works with it, and also where the file or its folder may only
    /// be read. What is changed here cannot be committed.
    ///
    /// # Errors
    /// [`StoreError::Unread`] when changes beside the file cannot be read without writing, [`StoreError::Older`] and
    /// [`StoreError::Newer`] when another version wrote it.
    pub fn open_to_look(path: &Path) -> Stored<Self> {
        let name = path.display().to_string();
        let (connection, lock, found) = look::open(path, &name)?;
        match found {
            0 => return Err(StoreError::NotAStore { why: "the file is empty" }),
            layout::NEWEST => {}
            older => return Err(StoreError::Older { found: older, known: layout::NEWEST }),
        }
        connection.pragma_update(None, "query_only", true).map_err(failed("be opened"))?;
        Self::with(connection, lock)
    }

    /// Refuses to let the file grow beyond so many pages, as a full disk would; `None` lets it grow again.
    pub fn limit_pages(&self, pages: Option<u32>) -> Stored<()> {
        let pages = pages.unwrap_or(u32::MAX - 1);
        let query = format!("PRAGMA max_page_count = {pages}");
        self.connection.query_row(&query, [], |_| Ok(())).map_err(failed("be limited"))
    }

    fn with(connection: Connection, lock: Option<Lock>) -> Stored<Self> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without this promise SQLite plans a query with a bound `LIMIT` or range anew each time it is run.
        let planned_once = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
        connection.set_db_config(planned_once, true).map_err(failed("be opened"))?;
        let mut store = Self {
            connection,
            meta: Meta::default(),
            meta_changed: false,
            open: false,
            records: RefCell::default(),
            programs: RefCell::default(),
            first: RefCell::default(),
            linked: RefCell::default(),
            _lock: lock,
        };
        store.meta = store.read_meta()?;
        Ok(store)
    }

    fn read_meta(&self) -> Stored<Meta> {
        let query = "SELECT body FROM meta WHERE one = 1";
        let body = self.connection.query_row(query, [], |row| row.get::<_, Vec<u8>>(0)).optional();
        let body = body.map_err(failed("be read"))?;
        body.map_or(Ok(Meta::default()), |body| decode("its numbers", &body))
    }

    fn write_meta(&self) -> Stored<()> {
        let body = encode(&self.meta)?;
        let query = "INSERT INTO meta (one, body) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET body = ?1";
        let done = self.connection.prepare_cached(query).and_then(|mut s| s.execute([body]));
        done.map(|_| ()).map_err(failed("be written"))
    }

    /// Opens a transaction, if none is open.
    fn begin(&mut self) -> Stored<()> {
        if !self.open {
            self.execute("BEGIN IMMEDIATE", "begin a transaction")?;
            self.open = true;
        }
        Ok(())
    }

    fn execute(&self, statement: &str, what: &'static str) -> Stored<()> {
        let done = self.connection.prepare_cached(statement).and_then(|mut s| s.execute([]));
        done.map(|_| ()).map_err(failed(what))
    }

    fn forget_caches(&mut self) {
        *self.records.get_mut() = Recent::default();
        self.programs.get_mut().clear();
        *self.first.get_mut() = First::Unknown;
        self.linked.get_mut().clear();
    }
}

/// Turns SQLite's error into ours.
fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore { why: "the file is no database" },
        Some(ErrorCode::DatabaseCorrupt) => damaged("the file", &error.to_string()),
        Some(ErrorCode::DiskFull) => StoreError::Full { what },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { what },
        _ => StoreError::Failed { what, reason: error.to_string() },
    }
}

fn failed_io(what: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |error| match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full { what },
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => StoreError::ReadOnly { what },
        _ => StoreError::Failed { what, reason: error.to_string() },
    }
}

fn damaged(what: &str, reason: &str) -> StoreError {
    StoreError::Damaged { what: what.to_owned(), reason: reason.to_owned() }
}

fn encode<T: Serialize>(value: &T) -> Stored<Vec<u8>> {
    append(value, Vec::with_capacity(256))
        .map_err(|e| StoreError::Failed { what: "write a value down", reason: e.to_string() })
}

fn decode<T: DeserializeOwned>(what: impl fmt::Display, bytes: &[u8]) -> Stored<T> {
    postcard::from_bytes(bytes).map_err(|e| damaged(&what.to_string(), &e.to_string()))
}
