//! What those who look read.

use alloy_primitives::{Address, B256};
use interdict_core::alert::Alert;
use interdict_core::ledger::Act;
use interdict_core::subject::Subject;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Store;
use super::row::uint;
use super::subjects::subject;
use crate::store::StoreError;
use crate::store::shown::{Found, ListState, News};

impl Store {
    /// See [`crate::store::Store::list_after`].
    pub async fn list_after(&self, known: u32) -> Result<ListState, StoreError> {
        // One picture of all tables.
        let mut tx = self.pool.begin().await?;
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut *tx).await?;
        let cursor = sqlx::query(
            "SELECT c.number, b.time FROM cursor c JOIN blocks b ON b.number = c.number",
        )
        .fetch_optional(&mut *tx)
        .await?;
        let rows = sqlx::query("SELECT act FROM acts WHERE number >= $1 ORDER BY number")
            .bind(i64::from(known))
            .fetch_all(&mut *tx)
            .await?;
        let mut acts = rows.iter().map(act).collect::<Result<Vec<_>, _>>()?;
        let head = match acts.first() {
            _ if known == 0 => Some(B256::ZERO),
            Some(first) if first.number == known => Some(acts.remove(0).head),
            Some(_) | None => None,
        };
        let number = |column| cursor.as_ref().map_or(Ok(0), |row| uint(row, column));
        Ok(ListState { cursor: number("number")?, time: number("time")?, head, acts })
    }

    /// See [`crate::store::Store::acts_below`].
    pub async fn acts_below(&self, below: Option<u32>, limit: u32) -> Result<Vec<Act>, StoreError> {
        let rows =
            sqlx::query("SELECT act FROM acts WHERE number < $1 ORDER BY number DESC LIMIT $2")
                .bind(below.map_or(i64::MAX, i64::from))
                .bind(i64::from(limit))
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(act).collect()
    }

    /// See [`crate::store::Store::found`].
    pub async fn found(&self, address: Address) -> Result<Found, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM alerts
                     WHERE listed = $1 AND confirmation <> 'retracted') AS listed,
                    (SELECT count(*) FROM alerts
                     WHERE counterparty = $1 AND confirmation <> 'retracted') AS counterparty",
        )
        .bind(address.as_slice())
        .fetch_one(&self.pool)
        .await?;
        Ok(Found { as_listed: uint(&row, "listed")?, as_counterparty: uint(&row, "counterparty")? })
    }

    /// See [`crate::store::Store::subject`].
    pub async fn subject(&self, address: Address) -> Result<Option<Subject>, StoreError> {
        let row = sqlx::query(
            "SELECT address, kind, reference FROM subjects
             WHERE address = $1 AND removed_at IS NULL",
        )
        .bind(address.as_slice())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(subject).transpose()
    }

    /// See [`crate::store::Store::subjects_above`].
    pub async fn subjects_above(
        &self,
        above: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Subject>, StoreError> {
        // No address is shorter than an empty one.
        let above = above.map_or_else(Vec::new, |address| address.to_vec());
        let rows = sqlx::query(
            "SELECT address, kind, reference FROM subjects
             WHERE removed_at IS NULL AND address > $1 ORDER BY address LIMIT $2",
        )
        .bind(above)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(subject).collect()
    }

    /// See [`crate::store::Store::news_after`].
    pub async fn news_after(&self, seq: i64, limit: u32) -> Result<Vec<News>, StoreError> {
        let rows =
            sqlx::query("SELECT seq, kind, alert FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(seq)
                .bind(i64::from(limit))
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(news).collect()
    }

    /// See [`crate::store::Store::news_end`].
    pub async fn news_end(&self, seq: i64) -> Result<(i64, u64), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT coalesce(max(seq), 0) FROM outbox) AS last,
                    (SELECT count(*) FROM outbox WHERE seq > $1 AND kind = 'alert.created') AS new",
        )
        .bind(seq)
        .fetch_one(&self.pool)
        .await?;
        Ok((row.try_get("last")?, uint(&row, "new")?))
    }
}

fn act(row: &PgRow) -> Result<Act, StoreError> {
    serde_json::from_str(row.try_get("act")?).map_err(|_| StoreError::Unreadable("an act"))
}

fn news(row: &PgRow) -> Result<News, StoreError> {
    let alert: Alert = serde_json::from_str(row.try_get("alert")?)
        .map_err(|_| StoreError::Unreadable("an alert that is told"))?;
    let (seq, kind) = (row.try_get("seq")?, row.try_get("kind")?);
    Ok(News { seq, alert: alert.id, kind, severity: alert.severity })
}
