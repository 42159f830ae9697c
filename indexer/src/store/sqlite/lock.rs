//! One process has a database: it holds a lock beside the file.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::store::StoreError;

/// The lock of a database, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of a database.
    ///
    /// # Errors
    /// Another process has it, or the file beside the database cannot be made.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut name = database.as_os_str().to_owned();
        name.push(".lock");
        let path = Path::new(&name);
        let failed = |reason| StoreError::Lock { path: path.to_owned(), reason };
        let file =
            File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: database.to_owned() }),
            Err(TryLockError::Error(reason)) => Err(failed(reason)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a program that is being started at this moment has a copy of
    /// it for an instant, and would keep the lock. What fails here is released with the process.
    fn drop(&mut self) {
        self.0.unlock().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_given_back_is_free_whoever_has_a_copy_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("interdict.sqlite");
        let lock = Lock::take(&database).unwrap();
        assert!(matches!(Lock::take(&database), Err(StoreError::InUse { .. })));
        // What a process that is just being started has of it.
        let _copy = lock.0.try_clone().unwrap();
        drop(lock);
        Lock::take(&database).unwrap();
    }
}
