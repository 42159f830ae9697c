//! News that is to be delivered.

use alloy_primitives::B256;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Store;
use crate::store::{Delivery, Retry, StoreError};

impl Store {
    /// News that is due, in the order of telling, at most `limit` rows.
    ///
    /// # Errors
    /// The database failed.
    pub async fn due_deliveries(&self, now: i64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, kind, alert, made_at, attempts FROM outbox
             WHERE state = 'pending' AND +due_at <= ?1
             ORDER BY urgent DESC, seq LIMIT ?2",
        )
        .bind(now)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(delivery).collect()
    }

    /// When the next news falls due, unix seconds; `None` if there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next_due(&self) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT min(due_at) AS due FROM outbox WHERE state = 'pending'")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("due")?)
    }

    /// The receiver has these.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delivered(&self, seqs: &[i64], now: i64) -> Result<(), StoreError> {
        let seqs = serde_json::to_string(seqs).map_err(|_| StoreError::Unreadable("numbers"))?;
        sqlx::query(
            "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, delivered_at = ?1,
                 last_error = NULL
             WHERE seq IN (SELECT value FROM json_each(?2)) AND state = 'pending'",
        )
        .bind(now)
        .bind(seqs)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The receiver does not have it, as far as we know.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failed(&self, seq: i64, reason: &str, retry: Retry) -> Result<(), StoreError> {
        let (state, due) = match retry {
            Retry::At(due) => ("pending", Some(due)),
            Retry::Never => ("dead", None),
        };
        sqlx::query(
            "UPDATE outbox SET state = ?1, attempts = attempts + 1, last_error = ?2,
                 due_at = coalesce(?3, due_at)
             WHERE seq = ?4 AND state = 'pending'",
        )
        .bind(state)
        .bind(reason)
        .bind(due)
        .bind(seq)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether a receiver said that it is gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_gone(&self, receiver: B256) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM gone_receivers WHERE receiver = ?1")
            .bind(receiver.as_slice())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Remembers that a receiver is gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn gone(&self, receiver: B256, now: i64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO gone_receivers (receiver, since) VALUES (?1, ?2)
             ON CONFLICT (receiver) DO NOTHING",
        )
        .bind(receiver.as_slice())
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        seq: row.try_get("seq")?,
        kind: row.try_get("kind")?,
        alert: serde_json::from_str(row.try_get("alert")?)
            .map_err(|_| StoreError::Unreadable("an alert's snapshot"))?,
        made_at: row.try_get("made_at")?,
        attempts: row.try_get("attempts")?,
    })
}
