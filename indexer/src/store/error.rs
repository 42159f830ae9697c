//! Why the database did not do as told, and what to do about it.

use std::path::PathBuf;

/// Why the database did not do as told. Nothing has changed, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error(
        "{path} is in use by another indexer: stop that one, or name another file with --database"
    )]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The lock file cannot be made.
    #[error("cannot lock {path}: {reason}; see that its folder exists and may be written to")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The address of the server cannot be used. What it says is not repeated: it may carry a
    /// password.
    #[error(
        "the address of the PostgreSQL server {0}: write it like postgres://user:password@host:5432/name"
    )]
    Address(String),
    /// The server does not let us in.
    #[error("cannot connect to {place}: {reason}; see that the server runs and lets this user in")]
    Unreachable {
        /// Host, port and name of the database.
        place: String,
        /// What the server or the system said.
        reason: String,
    },
    /// The database engine failed.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// There is no room left.
    #[error("the disk of the database is full: {0}; make room, the indexer goes on by itself then")]
    Full(sqlx::Error),
    /// Somebody else holds a lock.
    #[error(
        "the database is locked by somebody else: {0}; end what holds it, the indexer goes on by itself then"
    )]
    Busy(sqlx::Error),
    /// The server did not answer in time. Whether it did as told is unknown: read it back.
    #[error(
        "the database did not answer within {seconds} s; see the server, the indexer goes on by itself when it answers"
    )]
    Slow {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Disk or file let the database down. What was written may be lost though the system said that
    /// it is there, so nothing more may be written by this process: stop.
    #[error(
        "the database cannot rely on its disk: {0}; the indexer stops. See the disk, check the database with PRAGMA integrity_check, restore a backup if that complains, then start again"
    )]
    Disk(sqlx::Error),
    /// An earlier failure of the disk forbids writing.
    #[error("nothing more is written since the disk failed; restart the indexer")]
    Stopped,
    /// A page of the database file is damaged.
    #[error(
        "{path} is damaged: {finding}; restore a backup with `interdict-indexer restore`, and see the disk"
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the check found first.
        finding: String,
    },
    /// The schema cannot be brought up to date.
    #[error(
        "the database's schema cannot be brought up to date: {0}; nothing was changed, see the database's own log"
    )]
    Migrate(sqlx::migrate::MigrateError),
    /// The schema is of a later version of this program.
    #[error(
        "the database was written by a newer version (its schema is {theirs}, this program knows up to {ours}): run that version, or restore a backup that is old enough"
    )]
    Newer {
        /// The database's.
        theirs: i64,
        /// Ours.
        ours: i64,
    },
    /// The schema is of an earlier version, and nobody has brought it up to date.
    #[error(
        "the database has no tables of this version (its schema is {theirs}, this program's is {ours}): start the indexer on it first"
    )]
    Older {
        /// The database's.
        theirs: i64,
        /// Ours.
        ours: i64,
    },
    /// There is no database file.
    #[error(
        "there is no database {0}: start the indexer on it first, or name another with --database"
    )]
    Missing(PathBuf),
    /// It was filled from another chain or list.
    #[error("{place} belongs to {theirs}, the deployment file says {ours}: name another database")]
    OtherHome {
        /// The database.
        place: String,
        /// What the database belongs to.
        theirs: String,
        /// What is configured.
        ours: String,
    },
    /// The cursor is not where this writer thought it was: two writers, a server that lost its last
    /// transactions, or a bug. Read back and go on from there.
    #[error(
        "the cursor is not at block {expected}: another writer moved it, or the server lost it"
    )]
    CursorMoved {
        /// Where the writer thought it was.
        expected: u64,
    },
    /// Another worker has taken over.
    #[error("the lease on {scope} is with another worker: this one waits for it")]
    LeaseLost {
        /// What was leased.
        scope: String,
    },
    /// A row that this program did not write.
    #[error("the database holds {0}, which cannot be read: restore a backup or start a new one")]
    Unreadable(&'static str),
}

impl StoreError {
    /// Whether this process must not try again.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Stopped | Self::Damaged { .. })
    }

    /// Whether it can be that the database did as told, though it did not say so.
    pub const fn is_unclear(&self) -> bool {
        matches!(self, Self::Slow { .. } | Self::Database(sqlx::Error::Io(_)))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let of_kind = match &error {
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default();
                match said.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                    Some(_) => by_sqlite_code(&code),
                    None => by_sqlstate(&code),
                }
            }
            _ => Self::Database,
        };
        of_kind(error)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::VersionMissing(theirs) => {
                Self::Newer { theirs, ours: super::newest_schema() }
            }
            MigrateError::Execute(error) => error.into(),
            MigrateError::ExecuteMigration(error, version) => match Self::from(error) {
                Self::Database(error) => {
                    Self::Migrate(MigrateError::ExecuteMigration(error, version))
                }
                known => known,
            },
            error => Self::Migrate(error),
        }
    }
}

/// By `SQLite`'s result code; the lowest byte is the primary one (sqlite.org/rescode.html).
fn by_sqlite_code(code: &str) -> fn(sqlx::Error) -> StoreError {
    match code.parse::<u32>().unwrap_or_default() & 0xff {
        // SQLITE_BUSY, SQLITE_LOCKED
        5 | 6 => StoreError::Busy,
        // SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB
        10 | 11 | 26 => StoreError::Disk,
        // SQLITE_FULL
        13 => StoreError::Full,
        _ => StoreError::Database,
    }
}

/// By `PostgreSQL`'s SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html).
fn by_sqlstate(code: &str) -> fn(sqlx::Error) -> StoreError {
    match code {
        // disk_full
        "53100" => StoreError::Full,
        // lock_not_available, query_canceled (statement_timeout)
        "55P03" | "57014" => StoreError::Busy,
        // io_error, data_corrupted, index_corrupted
        "58030" | "XX001" | "XX002" => StoreError::Disk,
        _ => StoreError::Database,
    }
}
