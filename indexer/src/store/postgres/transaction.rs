//! Transactions that write: one at a time, by whoever holds the lease, and clear in their outcome.

use std::time::Duration;

use sqlx::{Postgres, Row, Transaction};

use super::Store;
use super::row::{self, int, uint};
use crate::chain::Header;
use crate::store::{Scope, StoreError};

/// How often the outcome of a commit is asked for when the connection broke meanwhile.
const SETTLE_ATTEMPTS: u32 = 5;
/// Wait between two such questions, in milliseconds.
const SETTLE_WAIT_MS: u64 = 500;

/// By what one sees, in the database, that a transaction was committed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof {
    /// The cursor stands there.
    CursorAt(Header),
    /// The chain is final up to there.
    FinalTo(u64),
    /// That walk back stands no more at that block: only its lease holder moves it.
    WalkLeft {
        /// The act that began it.
        act: u32,
        /// The block it stood at.
        number: u64,
    },
}

impl Store {
    /// A transaction that is the only writer from its first statement on: the one row of `home` is
    /// its lock. What it reads is therefore true until it ends, and the outbox counts without gaps.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("SELECT 1 FROM home FOR UPDATE").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// The same, for a part of the work that is leased: it begins only while the lease is ours, and
    /// nobody can take the lease over before it ends.
    pub(super) async fn write_as(
        &self,
        scope: Scope,
    ) -> Result<Transaction<'static, Postgres>, StoreError> {
        let lost = || StoreError::LeaseLost { scope: scope.to_string() };
        let token = self.leases.token(scope).ok_or_else(lost)?;
        let mut tx = self.write().await?;
        let ours = sqlx::query(
            "SELECT 1 FROM leases WHERE scope = $1 AND worker = $2 AND token = $3 FOR UPDATE",
        )
        .bind(scope.to_string())
        .bind(self.leases.worker())
        .bind(token)
        .fetch_optional(&mut *tx)
        .await?;
        if ours.is_none() {
            self.leases.forget(scope);
            return Err(lost());
        }
        Ok(tx)
    }

    /// Commits. If the connection breaks before the server has answered, the commit may have
    /// happened or not: the database is read again, and what is there counts.
    pub(super) async fn settle(
        &self,
        tx: Transaction<'static, Postgres>,
        proof: Proof,
    ) -> Result<(), StoreError> {
        let Err(error) = tx.commit().await else { return Ok(()) };
        let error = StoreError::from(error);
        if !error.is_unclear() {
            return Err(error);
        }
        for attempt in 1..=SETTLE_ATTEMPTS {
            match self.proved(proof).await {
                Ok(true) => {
                    tracing::warn!(%error, "a commit was not acknowledged and had happened");
                    return Ok(());
                }
                Ok(false) => return Err(error),
                Err(reason) => tracing::warn!(%reason, attempt, "the outcome cannot be read yet"),
            }
            tokio::time::sleep(Duration::from_millis(SETTLE_WAIT_MS)).await;
        }
        Err(error)
    }

    /// Waits until no other transaction writes, then looks.
    async fn proved(&self, proof: Proof) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let cursor = sqlx::query("SELECT number, hash, finalized FROM cursor");
        match proof {
            Proof::CursorAt(header) => {
                let row = cursor.fetch_one(&mut *tx).await?;
                Ok(row::hash(&row, "hash")? == header.hash)
            }
            Proof::FinalTo(number) => {
                Ok(uint(&cursor.fetch_one(&mut *tx).await?, "finalized")? >= number)
            }
            Proof::WalkLeft { act, number } => {
                let row = sqlx::query(
                    "SELECT count(*) AS there FROM lookback_jobs
                     WHERE act = $1 AND next_number = $2 AND state = 'open'",
                )
                .bind(i64::from(act))
                .bind(int(number))
                .fetch_one(&mut *tx)
                .await?;
                Ok(row.try_get::<i64, _>("there")? == 0)
            }
        }
    }
}
