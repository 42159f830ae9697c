//! News that is to be delivered.

use alloy_primitives::B256;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Store;
use super::row::number;
use crate::store::{Delivery, Retry, Scope, StoreError};

impl Store {
    /// See [`crate::store::Store::due_deliveries`].
    pub async fn due_deliveries(&self, now: i64, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, kind, alert, made_at, attempts FROM outbox
             WHERE state = 'pending' AND due_at <= $1
             ORDER BY urgent DESC, seq LIMIT $2",
        )
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(delivery).collect()
    }

    /// See [`crate::store::Store::next_due`].
    pub async fn next_due(&self) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT min(due_at) AS due FROM outbox WHERE state = 'pending'")
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get("due")?)
    }

    /// See [`crate::store::Store::delivered`].
    pub async fn delivered(&self, seqs: &[i64], now: i64) -> Result<(), StoreError> {
        let mut tx = self.write_as(Scope::Deliveries).await?;
        sqlx::query(
            "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, delivered_at = $1,
                 last_error = NULL
             WHERE seq = ANY($2) AND state = 'pending'",
        )
        .bind(now)
        .bind(seqs)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::failed`].
    pub async fn failed(&self, seq: i64, reason: &str, retry: Retry) -> Result<(), StoreError> {
        let (state, due) = match retry {
            Retry::At(due) => ("pending", Some(due)),
            Retry::Never => ("dead", None),
        };
        let mut tx = self.write_as(Scope::Deliveries).await?;
        sqlx::query(
            "UPDATE outbox SET state = $1, attempts = attempts + 1, last_error = $2,
                 due_at = coalesce($3, due_at)
             WHERE seq = $4 AND state = 'pending'",
        )
        .bind(state)
        .bind(reason)
        .bind(due)
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::is_gone`].
    pub async fn is_gone(&self, receiver: B256) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 FROM gone_receivers WHERE receiver = $1")
            .bind(receiver.as_slice())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// See [`crate::store::Store::gone`].
    pub async fn gone(&self, receiver: B256, now: i64) -> Result<(), StoreError> {
        let mut tx = self.write_as(Scope::Deliveries).await?;
        sqlx::query(
            "INSERT INTO gone_receivers (receiver, since) VALUES ($1, $2)
             ON CONFLICT (receiver) DO NOTHING",
        )
        .bind(receiver.as_slice())
        .bind(now)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}

fn delivery(row: &PgRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        seq: row.try_get("seq")?,
        kind: row.try_get("kind")?,
        alert: serde_json::from_str(row.try_get("alert")?)
            .map_err(|_| StoreError::Unreadable("an alert's snapshot"))?,
        made_at: row.try_get("made_at")?,
        attempts: number(row, "attempts")?,
    })
}
