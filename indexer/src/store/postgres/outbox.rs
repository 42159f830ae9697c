//! The record of news, and how it comes into the lines of those who are to hear it.

use sqlx::postgres::PgRow;
use sqlx::{Postgres, Row, Transaction};

use super::Store;
use super::row;
use crate::store::line::{Candidate, FRESH_MAX_ROWS, Placed, Standing, kinds};
use crate::store::{Lined, Scope, StoreError, Told, Wish};

impl Store {
    /// See [`crate::store::Store::news`].
    pub async fn news(&self, after: i64, limit: u32) -> Result<Vec<Told>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, kind, alert, made_at FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(told).collect()
    }

    /// See [`crate::store::Store::line_up`].
    pub async fn line_up(&self, endpoint: &str) -> Result<Lined, StoreError> {
        // Most of the time there is nothing, and then nobody need wait for the write lock.
        let idle: Option<i32> = sqlx::query_scalar(
            "SELECT 1 FROM endpoints WHERE id = $1 AND least(urgent_through, quiet_through)
                 >= (SELECT coalesce(max(seq), 0) FROM outbox)",
        )
        .bind(endpoint)
        .fetch_optional(&self.pool)
        .await?;
        if idle.is_some() {
            return Ok(Lined::default());
        }
        let mut tx = self.write_as(Scope::Deliveries).await?;
        let Some(mut line) = standing(&mut tx, endpoint).await? else {
            return Ok(Lined::default());
        };
        if line.has_room_for_urgent() {
            urgent(&mut tx, endpoint, &mut line).await?;
        }
        if line.is_turn_of_quiet() {
            quiet(&mut tx, endpoint, &mut line).await?;
        }
        sqlx::query(
            "UPDATE endpoints SET next_seq = $1, urgent_through = $2, quiet_through = $3
             WHERE id = $4",
        )
        .bind(line.next_seq)
        .bind(line.urgent_through)
        .bind(line.quiet_through)
        .bind(endpoint)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(line.lined())
    }
}

/// How the line of an endpoint stands that is told.
async fn standing(
    tx: &mut Transaction<'_, Postgres>,
    endpoint: &str,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query(
        "SELECT kinds, min_severity, next_seq, urgent_through, quiet_through,
                (SELECT coalesce(max(seq), 0) FROM outbox) AS last
         FROM endpoints WHERE id = $1 AND state = 'active'",
    )
    .bind(endpoint)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut fresh = [0, 0];
    for (count, urgent) in fresh.iter_mut().zip(0_i64..) {
        let found: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 FROM deliveries
                 WHERE endpoint = $1 AND state = 'pending' AND urgent = $2 AND due_at = 0
                 LIMIT $3) AS counted",
        )
        .bind(endpoint)
        .bind(urgent)
        .bind(i64::from(FRESH_MAX_ROWS))
        .fetch_one(&mut **tx)
        .await?;
        *count = u32::try_from(found).unwrap_or(u32::MAX);
    }
    Ok(Some(Standing {
        wish: Wish {
            kinds: kinds(row.try_get("kinds")?)?,
            min_severity: row::read_word(&row, "min_severity")?,
        },
        next_seq: row.try_get("next_seq")?,
        urgent_through: row.try_get("urgent_through")?,
        quiet_through: row.try_get("quiet_through")?,
        fresh,
        last: row.try_get("last")?,
        put: 0,
    }))
}

/// What may accuse somebody goes first. News of one finding is told in its order: what still waits
/// of one that came back heavier goes with what is told of it now.
async fn urgent(
    tx: &mut Transaction<'_, Postgres>,
    endpoint: &str,
    line: &mut Standing,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT seq, alert_id, kind, alert FROM outbox WHERE urgent = 1 AND seq > $1
         ORDER BY seq LIMIT $2",
    )
    .bind(line.urgent_through)
    .bind(i64::from(line.look_rows()))
    .fetch_all(&mut **tx)
    .await?;
    let is_end = rows.len() < line.look_rows() as usize;
    for row in &rows {
        if !line.has_room_for_urgent() {
            return Ok(());
        }
        let news = candidate(row)?;
        if line.wish.has(&news.kind, &news.alert) {
            let earlier = sqlx::query(
                "SELECT seq, alert_id, kind, alert FROM outbox
                 WHERE alert_id = $1 AND seq > $2 AND seq < $3 AND urgent = 0 AND NOT EXISTS
                     (SELECT 1 FROM deliveries WHERE endpoint = $4 AND news = outbox.seq)
                 ORDER BY seq",
            )
            .bind(&news.alert_id)
            .bind(line.quiet_through)
            .bind(news.seq)
            .bind(endpoint)
            .fetch_all(&mut **tx)
            .await?;
            for row in &earlier {
                let earlier = candidate(row)?;
                if line.wish.has(&earlier.kind, &earlier.alert) {
                    put(tx, endpoint, line.place(earlier.seq, true)).await?;
                }
            }
            put(tx, endpoint, line.place(news.seq, true)).await?;
        }
        line.urgent_through = news.seq;
    }
    if is_end {
        line.urgent_through = line.last;
    }
    Ok(())
}

/// Then everything else, but for what went with something urgent.
async fn quiet(
    tx: &mut Transaction<'_, Postgres>,
    endpoint: &str,
    line: &mut Standing,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT seq, alert_id, kind, alert FROM outbox
         WHERE urgent = 0 AND seq > $1 AND NOT EXISTS
             (SELECT 1 FROM deliveries WHERE endpoint = $2 AND news = outbox.seq)
         ORDER BY seq LIMIT $3",
    )
    .bind(line.quiet_through)
    .bind(endpoint)
    .bind(i64::from(line.look_rows()))
    .fetch_all(&mut **tx)
    .await?;
    let is_end = rows.len() < line.look_rows() as usize;
    for row in &rows {
        if !line.has_room() {
            return Ok(());
        }
        let news = candidate(row)?;
        if line.wish.has(&news.kind, &news.alert) {
            put(tx, endpoint, line.place(news.seq, false)).await?;
        }
        line.quiet_through = news.seq;
    }
    if is_end {
        line.quiet_through = line.last;
    }
    Ok(())
}

async fn put(
    tx: &mut Transaction<'_, Postgres>,
    endpoint: &str,
    placed: Placed,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO deliveries (endpoint, seq, news, urgent) VALUES ($1, $2, $3, $4)")
        .bind(endpoint)
        .bind(placed.seq)
        .bind(placed.news)
        .bind(placed.urgent)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn candidate(row: &PgRow) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        seq: row.try_get("seq")?,
        alert_id: row.try_get("alert_id")?,
        kind: row.try_get("kind")?,
        alert: row.try_get("alert")?,
    })
}

fn told(row: &PgRow) -> Result<Told, StoreError> {
    Ok(Told {
        seq: row.try_get("seq")?,
        kind: row.try_get("kind")?,
        alert: serde_json::from_str(row.try_get("alert")?)
            .map_err(|_| StoreError::Unreadable("an alert's snapshot"))?,
        made_at: row.try_get("made_at")?,
    })
}
