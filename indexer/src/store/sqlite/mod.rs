//! The store on `SQLite`: write-ahead log, full synchronisation, one process.

mod access;
mod acts;
mod alerts;
mod anew;
mod apply;
mod audit;
mod backlog;
mod confirm;
mod copy;
mod deliveries;
mod desk;
mod endpoints;
mod finding;
mod inbox;
mod kin;
mod lock;
mod lookback;
#[cfg(test)]
mod migration_tests;
mod outbox;
mod prune;
mod revert;
mod row;
mod shown;
mod span;
mod standing;
mod subjects;
mod tokens;

#[cfg(test)]
pub(super) use backlog::{OLDEST, OPEN, TO_DO};
pub(super) use copy::{dump, load};
#[cfg(test)]
pub(super) use deliveries::{COUNTS, DUE};

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use interdict_core::ledger::Act;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Connection, Row, Sqlite, SqliteExecutor, Transaction};

use self::lock::Lock;
use self::row::{int, uint};
use super::{Hold, Home, Scope, StoreError, current};
use crate::chain::Header;
use crate::chain::follow::REORG_DEPTH_MAX_BLOCKS;

/// Connections; one writes at a time.
const CONNECTIONS_MAX: u32 = 4;
/// How long a writer waits for another, in seconds; the next attempt is the caller's.
pub(super) const BUSY_TIMEOUT_SECONDS: u64 = 5;

/// What made the schema what it is, from the first version on.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// The database. Clones share it; it is released when the last one is gone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    /// The disk failed: what the system says of it is not believed any more.
    failed: Arc<AtomicBool>,
    /// `None` for who is only beside another process.
    _lock: Option<Arc<Lock>>,
}

impl Store {
    /// Opens or makes a database and sees that it belongs to this chain and list.
    ///
    /// # Errors
    /// Another process has it, it belongs elsewhere, or it cannot be read.
    pub async fn open(path: &Path, home: Home) -> Result<Self, StoreError> {
        Self::open_with(path, home, options(path)).await
    }

    /// Opens it with connections of one's own making.
    pub(super) async fn open_with(
        path: &Path,
        home: Home,
        options: SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        // Where a write fails, SQLite may have ended the transaction itself; the driver then goes
        // on believing in it and begins no other on that connection, which is of no more use.
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX).before_acquire(
            |connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }),
        );
        let pool = pool.connect_with(options).await.map_err(|error| damaged(path, error))?;
        let store = Self { pool, failed: Arc::default(), _lock: Some(Arc::new(lock)) };
        let ready = store.ready(path, home).await;
        if ready.is_err() {
            // Whoever tries again, or puts a backup in its place, finds nobody at it.
            store.close().await;
        }
        ready.map(|()| store)
    }

    /// Opens one that may be in use by another process, for short reads and for what does not
    /// concern the chain. Nothing is brought up to date.
    ///
    /// # Errors
    /// It is not there, is of another version, belongs elsewhere, or cannot be read.
    pub async fn open_beside(path: &Path, home: Home) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        let options = options(path).create_if_missing(false);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX);
        let pool = pool.connect_with(options).await.map_err(|error| damaged(path, error))?;
        let store = Self { pool, failed: Arc::default(), _lock: None };
        let ready = store.is_of(path, home).await;
        if ready.is_err() {
            store.close().await;
        }
        ready.map(|()| store)
    }

    async fn is_of(&self, path: &Path, home: Home) -> Result<(), StoreError> {
        let theirs = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations");
        current(theirs.fetch_one(&self.pool).await.unwrap_or_default())?;
        self.belong(path, home).await
    }

    /// Sees that the file is whole, of this version, and belongs to this chain and list.
    async fn ready(&self, path: &Path, home: Home) -> Result<(), StoreError> {
        check(&self.pool, path).await?;
        MIGRATIONS.run(&self.pool).await?;
        self.belong(path, home).await
    }

    /// Lets a verb through unless the disk has failed, and remembers when it does. A second attempt
    /// could succeed though the first one's pages are lost (the system forgets a failed fsync).
    pub(super) async fn guard<T>(
        &self,
        verb: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(StoreError::Stopped);
        }
        let result = verb.await;
        if result.as_ref().is_err_and(StoreError::is_final) {
            self.failed.store(true, Ordering::SeqCst);
        }
        result
    }

    /// The lock file has given this process everything.
    #[allow(clippy::unused_async, reason = "the other database has to ask")]
    pub async fn hold(&self, _scope: Scope) -> Result<Hold, StoreError> {
        Ok(Hold::Kept)
    }

    /// Waits for running statements and closes the database.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Sets the block above which to begin, unless there is one already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_above(&self, header: Header) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let begun = sqlx::query("SELECT 1 FROM cursor").fetch_optional(&mut *tx).await?;
        if begun.is_none() {
            insert_block(&mut tx, &header).await?;
            sqlx::query("INSERT INTO cursor (id, number, hash, finalized) VALUES (1, ?1, ?2, 0)")
                .bind(int(header.number))
                .bind(header.hash.as_slice())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The height up to which the chain is final, and the accepted headers as far back as
    /// a reorganisation may reach, lowest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn trail(&self) -> Result<(u64, Vec<Header>), StoreError> {
        let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_optional(&self.pool).await?;
        let finalized = cursor.map_or(Ok(0), |row| uint(&row, "finalized"))?;
        let rows = sqlx::query(
            "SELECT number, hash, parent, time FROM blocks
             WHERE number >= (SELECT number FROM cursor) - ?1 ORDER BY number",
        )
        .bind(int(REORG_DEPTH_MAX_BLOCKS))
        .fetch_all(&self.pool)
        .await?;
        Ok((finalized, rows.iter().map(header).collect::<Result<_, _>>()?))
    }

    /// All acts of the list, in order.
    ///
    /// # Errors
    /// The database failed, or an act in it cannot be read.
    pub async fn acts(&self) -> Result<Vec<Act>, StoreError> {
        // Row by row: the texts of a long list are several times as large as what they say.
        let mut rows = sqlx::query("SELECT act FROM acts ORDER BY number").fetch(&self.pool);
        let mut acts = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let act = serde_json::from_str(row.try_get("act")?);
            acts.push(act.map_err(|_| StoreError::Unreadable("an act"))?);
        }
        Ok(acts)
    }

    async fn belong(&self, path: &Path, home: Home) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO home (id, chain_id, genesis_hash, blocklist) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(int(home.chain_id))
        .bind(home.genesis_hash.as_slice())
        .bind(home.blocklist.as_slice())
        .execute(&self.pool)
        .await?;
        let row = sqlx::query("SELECT chain_id, genesis_hash, blocklist FROM home")
            .fetch_one(&self.pool)
            .await?;
        let theirs = self::home(&row)?;
        if theirs != home {
            let (theirs, ours) = (theirs.to_string(), home.to_string());
            return Err(StoreError::OtherHome { place: path.display().to_string(), theirs, ours });
        }
        Ok(())
    }

    /// A transaction that is the only writer from its first statement on: one that became a writer
    /// later could find that what it read has changed.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Write-ahead log, synchronised at every commit.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(BUSY_TIMEOUT_SECONDS))
}

/// Looks for damaged pages before anything is believed.
async fn check(db: impl SqliteExecutor<'_>, path: &Path) -> Result<(), StoreError> {
    let quick = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(db).await;
    let finding: String = quick.map_err(|error| damaged(path, error))?;
    if finding == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged { path: path.to_owned(), finding })
}

/// What the engine cannot read when it opens a file is the file's fault, not the disk's.
fn damaged(path: &Path, error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Disk(error) => {
            StoreError::Damaged { path: path.to_owned(), finding: error.to_string() }
        }
        other => other,
    }
}

fn home(row: &SqliteRow) -> Result<Home, StoreError> {
    Ok(Home {
        chain_id: uint(row, "chain_id")?,
        genesis_hash: row::hash(row, "genesis_hash")?,
        blocklist: row::address(row, "blocklist")?,
    })
}

fn header(row: &SqliteRow) -> Result<Header, StoreError> {
    Ok(Header {
        number: uint(row, "number")?,
        hash: row::hash(row, "hash")?,
        parent: row::hash(row, "parent")?,
        time: uint(row, "time")?,
    })
}

async fn insert_block(tx: &mut Transaction<'_, Sqlite>, header: &Header) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO blocks (number, hash, parent, time) VALUES (?1, ?2, ?3, ?4)")
        .bind(int(header.number))
        .bind(header.hash.as_slice())
        .bind(header.parent.as_slice())
        .bind(int(header.time))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Moves the cursor from one block to another, if it is there.
async fn move_cursor(
    tx: &mut Transaction<'_, Sqlite>,
    from: (u64, &[u8]),
    to: &Header,
) -> Result<(), StoreError> {
    let moved = sqlx::query(
        "UPDATE cursor SET number = ?1, hash = ?2 WHERE id = 1 AND number = ?3 AND hash = ?4",
    )
    .bind(int(to.number))
    .bind(to.hash.as_slice())
    .bind(int(from.0))
    .bind(from.1)
    .execute(&mut **tx)
    .await?;
    if moved.rows_affected() != 1 {
        return Err(StoreError::CursorMoved { expected: from.0 });
    }
    Ok(())
}
