//! The lines: what is due in one, and what became of it.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Store;
use super::row;
use crate::store::line::{DELIVERIES_PAGE_MAX_ROWS, LineCounts};
use crate::store::{Attempted, Delivery, DeliveryState, Endpoint, LineRow, Retry, StoreError};

/// What is due in a line: first what is urgent, then by when it fell due, then by number. Twice
/// from one index, so that it costs the same however much waits.
pub(in crate::store) const DUE: &str =
    "SELECT d.seq, d.round, d.attempts, o.kind, o.alert, o.alert_id, o.made_at
    FROM (SELECT * FROM (SELECT seq, round, attempts, news, urgent, due_at FROM deliveries
              WHERE endpoint = ?1 AND state = 'pending' AND urgent = 1 AND due_at <= ?2
              ORDER BY due_at, seq LIMIT ?3)
          UNION ALL
          SELECT * FROM (SELECT seq, round, attempts, news, urgent, due_at FROM deliveries
              WHERE endpoint = ?1 AND state = 'pending' AND urgent = 0 AND due_at <= ?2
              ORDER BY due_at, seq LIMIT ?3)) AS d
    JOIN outbox o ON o.seq = d.news
    ORDER BY d.urgent DESC, d.due_at, d.seq LIMIT ?3";

/// What waits in a line and since when, and what was given up: counted and found in indexes.
pub(in crate::store) const COUNTS: &str = "SELECT
        (SELECT count(*) FROM deliveries WHERE endpoint = e.id AND state = 'pending') AS waiting,
        (SELECT count(*) FROM deliveries WHERE endpoint = e.id AND state = 'dead') AS dead,
        (SELECT count(*) FROM outbox WHERE urgent = 1 AND seq > e.urgent_through)
            + (SELECT count(*) FROM outbox WHERE urgent = 0 AND seq > e.quiet_through) AS recorded,
        (SELECT min(made_at) FROM outbox WHERE seq IN (
            (SELECT min(news) FROM deliveries WHERE endpoint = e.id AND state = 'pending'),
            (SELECT min(seq) FROM outbox WHERE urgent = 1 AND seq > e.urgent_through),
            (SELECT min(seq) FROM outbox WHERE urgent = 0 AND seq > e.quiet_through))) AS oldest
    FROM endpoints e WHERE e.id = ?1";

impl Store {
    /// See [`crate::store::Store::due_deliveries`].
    pub async fn due_deliveries(
        &self,
        endpoint: &str,
        now: i64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let rows =
            sqlx::query(DUE).bind(endpoint).bind(now).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(delivery).collect()
    }

    /// See [`crate::store::Store::next_due`].
    pub async fn next_due(&self, endpoint: &str) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(
            "SELECT min(due) AS due FROM
                 (SELECT min(due_at) AS due FROM deliveries
                      WHERE endpoint = ?1 AND state = 'pending' AND urgent = 1
                  UNION ALL
                  SELECT min(due_at) AS due FROM deliveries
                      WHERE endpoint = ?1 AND state = 'pending' AND urgent = 0)",
        )
        .bind(endpoint)
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get("due")?)
    }

    /// See [`crate::store::Store::delivered`].
    pub async fn delivered(
        &self,
        endpoint: &str,
        taken: &[Attempted],
        now: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        for Attempted { seq, round } in taken {
            sqlx::query(
                "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1,
                     delivered_at = ?1, last_error = NULL
                 WHERE endpoint = ?2 AND seq = ?3 AND round = ?4 AND state = 'pending'",
            )
            .bind(now)
            .bind(endpoint)
            .bind(seq)
            .bind(round)
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query("UPDATE endpoints SET delivered_at = ?1, last_error = NULL WHERE id = ?2")
            .bind(now)
            .bind(endpoint)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::failed`].
    pub async fn failed(
        &self,
        endpoint: &str,
        tried: Attempted,
        reason: &str,
        retry: Retry,
    ) -> Result<(), StoreError> {
        let (state, due) = match retry {
            Retry::At(due) => ("pending", Some(due)),
            Retry::Never => ("dead", None),
        };
        let mut tx = self.write().await?;
        sqlx::query(
            "UPDATE deliveries SET state = ?1, attempts = attempts + 1, last_error = ?2,
                 due_at = coalesce(?3, due_at)
             WHERE endpoint = ?4 AND seq = ?5 AND round = ?6 AND state = 'pending'",
        )
        .bind(state)
        .bind(reason)
        .bind(due)
        .bind(endpoint)
        .bind(tried.seq)
        .bind(tried.round)
        .execute(&mut *tx)
        .await?;
        sqlx::query("UPDATE endpoints SET last_error = ?1 WHERE id = ?2")
            .bind(reason)
            .bind(endpoint)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::unreached`].
    pub async fn unreached(&self, endpoint: &str, reason: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE endpoints SET last_error = ?1 WHERE id = ?2")
            .bind(reason)
            .bind(endpoint)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// See [`crate::store::Store::gone`].
    pub async fn gone(&self, endpoint: &Endpoint, now: i64) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let gone = sqlx::query(
            "UPDATE endpoints SET state = 'gone', version = version + 1,
                 last_error = 'HTTP status 410: it says that it is gone'
             WHERE id = ?1 AND version = ?2 AND state = 'active'",
        )
        .bind(&endpoint.id)
        .bind(endpoint.version)
        .execute(&mut *tx)
        .await?;
        if gone.rows_affected() == 1 {
            sqlx::query(
                "INSERT INTO gone_receivers (receiver, since) VALUES (?1, ?2)
                 ON CONFLICT (receiver) DO NOTHING",
            )
            .bind(endpoint.receiver.as_slice())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::line_counts`].
    pub async fn line_counts(&self, endpoint: &str) -> Result<LineCounts, StoreError> {
        let row = sqlx::query(COUNTS).bind(endpoint).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(LineCounts::default()) };
        Ok(LineCounts {
            pending: row::uint(&row, "waiting")? + row::uint(&row, "recorded")?,
            dead: row::uint(&row, "dead")?,
            oldest_at: row.try_get("oldest")?,
        })
    }

    /// See [`crate::store::Store::line`].
    pub async fn line(
        &self,
        endpoint: &str,
        state: Option<DeliveryState>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<LineRow>, StoreError> {
        let state = state.map(row::word).transpose()?;
        let rows = sqlx::query(
            "SELECT d.seq, o.alert_id, o.kind, d.state, d.attempts, d.due_at, d.delivered_at,
                    d.last_error
             FROM deliveries d JOIN outbox o ON o.seq = d.news
             WHERE d.endpoint = ?1 AND d.seq < ?2 AND (?3 IS NULL OR d.state = ?3)
             ORDER BY d.seq DESC LIMIT ?4",
        )
        .bind(endpoint)
        .bind(before)
        .bind(state)
        .bind(limit.min(DELIVERIES_PAGE_MAX_ROWS))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(line_row).collect()
    }
}

fn delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        seq: row.try_get("seq")?,
        round: row.try_get("round")?,
        kind: row.try_get("kind")?,
        alert: row.try_get("alert")?,
        alert_id: hex::encode(row.try_get::<&[u8], _>("alert_id")?),
        made_at: row.try_get("made_at")?,
        attempts: row.try_get("attempts")?,
    })
}

fn line_row(row: &SqliteRow) -> Result<LineRow, StoreError> {
    let state = row::read_word(row, "state")?;
    let due_at: i64 = row.try_get("due_at")?;
    Ok(LineRow {
        seq: row.try_get("seq")?,
        alert_id: hex::encode(row.try_get::<&[u8], _>("alert_id")?),
        kind: row.try_get("kind")?,
        state,
        attempts: row.try_get("attempts")?,
        due_at: (state == DeliveryState::Pending && due_at > 0).then_some(due_at),
        delivered_at: row.try_get("delivered_at")?,
        last_error: row.try_get("last_error")?,
    })
}
