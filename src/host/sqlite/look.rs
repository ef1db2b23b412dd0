//! Opening a store only to look at it.
//!
//! SQLite keeps what was changed last in a file beside the store (`-wal`), with a file that all who read it share (`-shm`), and
//! makes both where they are not there. Where they may not be made, and where somebody who may only read would leave them
//! behind for those who write, the file is read as one that nobody changes: its lock is held meanwhile.

use super::lock::Lock;
use super::{PATIENCE, failed, layout};
use crate::engine::{StoreError, Stored};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;

/// A connection, the lock that goes with it, and the layout that was found.
pub(super) fn open(path: &Path, name: &str) -> Stored<(Connection, Option<Lock>, u32)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags)?;
    let only_read = connection.is_readonly("main").map_err(failed("be opened"))?;
    if only_read && !has_changes_beside(path) {
        return unchanging(path, name);
    }
    // The folder may not be written: nothing can be made beside the file.
    if !is_readable(&connection)? {
        if has_changes_beside(path) {
            return Err(StoreError::Unread { store: name.to_owned() });
        }
        return unchanging(path, name);
    }
    let found = layout::version(&connection)?;
    Ok((connection, None, found))
}

/// Whether what is beside the file is there, or can be made.
fn is_readable(connection: &Connection) -> Stored<bool> {
    match connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)) => {
            Ok(false)
        }
        Err(error) => Err(failed("be opened")(error)),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Stored<Connection> {
    let connection = Connection::open_with_flags(path, flags).map_err(failed("be opened"))?;
    connection.busy_timeout(PATIENCE).map_err(failed("be opened"))?;
    Ok(connection)
}

/// Whether there are changes that are not in the file itself yet, or a process is at work that makes some.
fn has_changes_beside(path: &Path) -> bool {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    Path::new(&beside).exists()
}

/// The file as it is, and nothing beside it.
fn unchanging(path: &Path, name: &str) -> Stored<(Connection, Option<Lock>, u32)> {
    let lock = Lock::share(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(Path::new(&uri(name)), flags)?;
    let found = layout::version(&connection)?;
    Ok((connection, lock, found))
}

/// The path as SQLite reads it together with options.
fn uri(path: &str) -> String {
    let escaped = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let root = if escaped.starts_with('/') { "//" } else { "" };
    format!("file:{root}{escaped}?immutable=1")
}
