//! One writer: a lock that ends with the process, however it ends.
//!
//! It is a lock on a file beside the store and not SQLite's own, so that others may read the store meanwhile.

use super::failed_io;
use crate::engine::{StoreError, Stored};
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

/// A process that was killed may take a moment to be gone: how often, and how long, its lock is waited for.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Holds the store for this process until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the store at `path`, or says that another process has it.
    pub(super) fn take(path: &Path) -> Stored<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(name(path));
        let file = file.map_err(failed_io("be locked"))?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(failed_io("be locked")(error)),
            }
        }
        Err(StoreError::Busy { store: path.display().to_string() })
    }

    /// Keeps writers away for as long as it is held, together with others who only read; nothing where another process works
    /// with the store, or where there is no lock to take.
    pub(super) fn share(path: &Path) -> Option<Self> {
        let file = File::open(name(path)).ok()?;
        file.try_lock_shared().ok().map(|()| Self { file })
    }
}

/// The file beside the store that is locked.
fn name(path: &Path) -> OsString {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    name
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that this process is just starting still has it open for a moment.
        // If this fails, closing it unlocks it a little later.
        let _ = self.file.unlock();
    }
}
