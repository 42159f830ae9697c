//! The store on `PostgreSQL`: several workers, one writer at a time.

mod access;
mod acts;
mod alerts;
mod anew;
mod apply;
mod audit;
mod backlog;
mod confirm;
mod connect;
mod copy;
mod deliveries;
mod desk;
mod endpoints;
mod finding;
mod inbox;
mod kin;
mod lease;
mod lookback;
mod outbox;
mod prune;
mod revert;
mod row;
mod shown;
mod span;
mod standing;
mod subjects;
mod tokens;
mod transaction;

#[cfg(test)]
pub(super) use backlog::{OLDEST, OPEN, TO_DO};
pub(super) use copy::{dump, load};
#[cfg(test)]
pub(super) use deliveries::{COUNTS, DUE};

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use interdict_core::ledger::Act;
use secrecy::SecretString;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Postgres, Row, Transaction};

use self::lease::Leases;
use self::row::{int, uint};
use super::{Home, StoreError, current};
use crate::chain::Header;
use crate::chain::follow::REORG_DEPTH_MAX_BLOCKS;

/// Longest that a verb may take, in seconds; the server is told to give up well before.
const VERB_TIMEOUT_SECONDS: u64 = 60;

/// What made the schema what it is, from the first version on.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// The database. Clones share it; it is released when the last one is gone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    leases: Arc<Leases>,
}

impl Store {
    /// Opens a database of a server, brings its schema up to date, and sees that it belongs to this
    /// chain and list.
    ///
    /// # Errors
    /// It cannot be reached or read, or belongs elsewhere.
    pub async fn open(url: &SecretString, home: Home, lease: Duration) -> Result<Self, StoreError> {
        let (pool, place) = connect::connect(url).await?;
        MIGRATIONS.run(&pool).await?;
        belong(&pool, &place, home).await?;
        let leases = Leases::begin(pool.clone(), lease).await?;
        Ok(Self { pool, leases })
    }

    /// Opens one beside the workers that follow the chain. Nothing is brought up to date.
    ///
    /// # Errors
    /// It cannot be reached or read, is of another version, or belongs elsewhere.
    pub async fn open_beside(
        url: &SecretString,
        home: Home,
        lease: Duration,
    ) -> Result<Self, StoreError> {
        let (pool, place) = connect::connect(url).await?;
        let theirs = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations");
        current(theirs.fetch_one(&pool).await.unwrap_or_default())?;
        belong(&pool, &place, home).await?;
        let leases = Leases::begin(pool.clone(), lease).await?;
        Ok(Self { pool, leases })
    }

    /// Lets a verb take its time, but not forever.
    pub(super) async fn guard<T>(
        &self,
        verb: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let seconds = VERB_TIMEOUT_SECONDS;
        let timed = tokio::time::timeout(Duration::from_secs(seconds), verb).await;
        timed.unwrap_or(Err(StoreError::Slow { seconds }))
    }

    /// Gives back every lease, waits for running statements and closes the connections.
    pub async fn close(&self) {
        self.leases.release().await;
        self.pool.close().await;
    }

    /// See [`super::Store::begin_above`].
    pub async fn begin_above(&self, header: Header) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let begun = sqlx::query("SELECT 1 FROM cursor").fetch_optional(&mut *tx).await?;
        if begun.is_none() {
            insert_block(&mut tx, &header).await?;
            sqlx::query("INSERT INTO cursor (id, number, hash, finalized) VALUES (1, $1, $2, 0)")
                .bind(int(header.number))
                .bind(header.hash.as_slice())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// See [`super::Store::trail`].
    pub async fn trail(&self) -> Result<(u64, Vec<Header>), StoreError> {
        // One snapshot: another worker may be moving the cursor.
        let mut tx =
            self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
        let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_optional(&mut *tx).await?;
        let finalized = cursor.map_or(Ok(0), |row| uint(&row, "finalized"))?;
        let rows = sqlx::query(
            "SELECT number, hash, parent, time FROM blocks
             WHERE number >= (SELECT number FROM cursor) - $1 ORDER BY number",
        )
        .bind(int(REORG_DEPTH_MAX_BLOCKS))
        .fetch_all(&mut *tx)
        .await?;
        Ok((finalized, rows.iter().map(header).collect::<Result<_, _>>()?))
    }

    /// See [`super::Store::acts`].
    pub async fn acts(&self) -> Result<Vec<Act>, StoreError> {
        let mut rows = sqlx::query("SELECT act FROM acts ORDER BY number").fetch(&self.pool);
        let mut acts = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let act = serde_json::from_str(row.try_get("act")?);
            acts.push(act.map_err(|_| StoreError::Unreadable("an act"))?);
        }
        Ok(acts)
    }
}

/// Writes whose database it is, once, and sees that it is ours.
async fn belong(pool: &PgPool, place: &str, home: Home) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO home (id, chain_id, genesis_hash, blocklist) VALUES (1, $1, $2, $3)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(int(home.chain_id))
    .bind(home.genesis_hash.as_slice())
    .bind(home.blocklist.as_slice())
    .execute(pool)
    .await?;
    let row =
        sqlx::query("SELECT chain_id, genesis_hash, blocklist FROM home").fetch_one(pool).await?;
    let theirs = self::home(&row)?;
    if theirs != home {
        let (theirs, ours) = (theirs.to_string(), home.to_string());
        return Err(StoreError::OtherHome { place: place.to_owned(), theirs, ours });
    }
    Ok(())
}

fn home(row: &PgRow) -> Result<Home, StoreError> {
    Ok(Home {
        chain_id: uint(row, "chain_id")?,
        genesis_hash: row::hash(row, "genesis_hash")?,
        blocklist: row::address(row, "blocklist")?,
    })
}

fn header(row: &PgRow) -> Result<Header, StoreError> {
    Ok(Header {
        number: uint(row, "number")?,
        hash: row::hash(row, "hash")?,
        parent: row::hash(row, "parent")?,
        time: uint(row, "time")?,
    })
}

async fn insert_block(
    tx: &mut Transaction<'_, Postgres>,
    header: &Header,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO blocks (number, hash, parent, time) VALUES ($1, $2, $3, $4)")
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
    tx: &mut Transaction<'_, Postgres>,
    from: (u64, &[u8]),
    to: &Header,
) -> Result<(), StoreError> {
    let moved = sqlx::query(
        "UPDATE cursor SET number = $1, hash = $2 WHERE id = 1 AND number = $3 AND hash = $4",
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
