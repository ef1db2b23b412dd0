//! One writer: a lock that ends with the process, however it ends.
//!
//! It is a lock on a file beside the store and not SQLite's own, so that others may read the store meanwhile.

use super::failed_io;
use crate::engine::{StoreError, Stored};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Holds the store for this process until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `path`, or says that another process has it.
    pub(super) fn take(path: &Path) -> Stored<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push("-lock");
        let file = File::options().create(true).truncate(false).write(true).open(&name);
        let file = file.map_err(failed_io("be locked"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy { store: path.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed_io("be locked")(error)),
        }
    }
}
