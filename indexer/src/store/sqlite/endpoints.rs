//! Who receives news.

use std::ops::RangeInclusive;

use interdict_core::audit::Event;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Store;
use super::audit::audited;
use super::row;
use crate::store::line::{CONFIG_ENDPOINT, ENDPOINTS_MAX, kinds};
use crate::store::{Configured, Endpoint, EndpointState, Sealed, StoreError, Wish};

impl Store {
    /// See [`crate::store::Store::endpoints`].
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM endpoints WHERE state <> 'removed' AND receiver IS NOT NULL
             ORDER BY made_at, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(endpoint).collect()
    }

    /// See [`crate::store::Store::endpoint`].
    pub async fn endpoint(&self, id: &str) -> Result<Option<Endpoint>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM endpoints
             WHERE id = ?1 AND state <> 'removed' AND receiver IS NOT NULL",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(endpoint).transpose()
    }

    /// See [`crate::store::Store::configure`].
    pub async fn configure(
        &self,
        configured: Option<&Configured>,
        now: i64,
    ) -> Result<(), StoreError> {
        let Some(Configured { shown, receiver }) = configured else {
            // What waits for it waits on, and it is no endpoint until it is named again.
            sqlx::query(
                "UPDATE endpoints SET receiver = NULL, version = version + 1 WHERE id = ?1",
            )
            .bind(CONFIG_ENDPOINT)
            .execute(&self.pool)
            .await?;
            return Ok(());
        };
        // One that said that it is gone stays gone under that address.
        sqlx::query(
            "INSERT INTO endpoints (id, name, shown, receiver, shape, kinds, min_severity, state,
                 made_at, version, next_seq, urgent_through, quiet_through)
             SELECT ?1, ?1, ?2, ?3, 'standard', '[]', 'informational',
                 CASE WHEN EXISTS (SELECT 1 FROM gone_receivers WHERE receiver = ?3)
                      THEN 'gone' ELSE 'active' END, ?4, 1, 1, 0, 0
             WHERE true
             ON CONFLICT (id) DO UPDATE SET shown = excluded.shown, receiver = excluded.receiver,
                 state = CASE WHEN endpoints.receiver = excluded.receiver THEN endpoints.state
                     ELSE excluded.state END,
                 version = endpoints.version + 1",
        )
        .bind(CONFIG_ENDPOINT)
        .bind(shown)
        .bind(receiver.as_slice())
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// See [`crate::store::Store::make_endpoint`].
    pub async fn make_endpoint(&self, made: &Endpoint, event: Event) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let there: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM endpoints WHERE state <> 'removed' AND receiver IS NOT NULL",
        )
        .fetch_one(&mut *tx)
        .await?;
        if there >= i64::from(ENDPOINTS_MAX) {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO endpoints (id, name, shown, receiver, url, secret, shape, kinds,
                 min_severity, state, made_at, version, next_seq, urgent_through, quiet_through)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, 1, last.seq, last.seq
             FROM (SELECT coalesce(max(seq), 0) AS seq FROM outbox) AS last",
        )
        .bind(&made.id)
        .bind(&made.name)
        .bind(&made.shown)
        .bind(made.receiver.as_slice())
        .bind(&made.sealed.url)
        .bind(&made.sealed.secret)
        .bind(row::word(made.shape)?)
        .bind(kinds_text(&made.wish)?)
        .bind(row::word(made.wish.min_severity)?)
        .bind(row::word(made.state)?)
        .bind(event.at)
        .execute(&mut *tx)
        .await?;
        audited(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// See [`crate::store::Store::change_endpoint`].
    pub async fn change_endpoint(&self, to: &Endpoint, event: Event) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let (before, until) = match &to.sealed.before {
            Some((secret, until)) => (Some(secret), Some(until)),
            None => (None, None),
        };
        let changed = sqlx::query(
            "UPDATE endpoints SET name = ?1, shown = ?2, receiver = ?3, url = ?4, secret = ?5,
                 secret_before = ?6, before_until = ?7, shape = ?8, kinds = ?9, min_severity = ?10,
                 state = ?11, removal_by = ?12, version = version + 1
             WHERE id = ?13 AND version = ?14 AND state <> 'removed'",
        )
        .bind(&to.name)
        .bind(&to.shown)
        .bind(to.receiver.as_slice())
        .bind(&to.sealed.url)
        .bind(&to.sealed.secret)
        .bind(before)
        .bind(until)
        .bind(row::word(to.shape)?)
        .bind(kinds_text(&to.wish)?)
        .bind(row::word(to.wish.min_severity)?)
        .bind(row::word(to.state)?)
        .bind(&to.removal_by)
        .bind(&to.id)
        .bind(to.version)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() != 1 {
            return Ok(false);
        }
        if to.state == EndpointState::Active {
            // Whoever has it told again knows better than what it said.
            sqlx::query("DELETE FROM gone_receivers WHERE receiver = ?1")
                .bind(to.receiver.as_slice())
                .execute(&mut *tx)
                .await?;
        }
        audited(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// See [`crate::store::Store::replay`].
    pub async fn replay(
        &self,
        endpoint: &str,
        seqs: RangeInclusive<i64>,
        event: Event,
    ) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        // What was never tried yet keeps its place before all of this.
        let again = sqlx::query(
            "UPDATE deliveries SET state = 'pending', attempts = 0, round = round + 1,
                 due_at = CASE WHEN state = 'pending' AND due_at = 0 THEN 0 ELSE ?1 END,
                 delivered_at = NULL, last_error = NULL
             WHERE endpoint = ?2 AND seq BETWEEN ?3 AND ?4",
        )
        .bind(event.at)
        .bind(endpoint)
        .bind(seqs.start())
        .bind(seqs.end())
        .execute(&mut *tx)
        .await?;
        audited(&mut tx, event).await?;
        tx.commit().await?;
        Ok(again.rows_affected())
    }

    /// See [`crate::store::Store::retry_dead`].
    pub async fn retry_dead(
        &self,
        endpoint: &str,
        seq: i64,
        event: Event,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let again = sqlx::query(
            "UPDATE deliveries SET state = 'pending', attempts = 0, round = round + 1, due_at = ?1
             WHERE endpoint = ?2 AND seq = ?3 AND state = 'dead'",
        )
        .bind(event.at)
        .bind(endpoint)
        .bind(seq)
        .execute(&mut *tx)
        .await?;
        if again.rows_affected() != 1 {
            return Ok(false);
        }
        audited(&mut tx, event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn kinds_text(wish: &Wish) -> Result<String, StoreError> {
    serde_json::to_string(&wish.kinds).map_err(|_| StoreError::Unreadable("an endpoint's kinds"))
}

fn endpoint(row: &SqliteRow) -> Result<Endpoint, StoreError> {
    let before = match (row.try_get("secret_before")?, row.try_get("before_until")?) {
        (Some(secret), Some(until)) => Some((secret, until)),
        _ => None,
    };
    Ok(Endpoint {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        shown: row.try_get("shown")?,
        receiver: row::hash(row, "receiver")?,
        sealed: Sealed { url: row.try_get("url")?, secret: row.try_get("secret")?, before },
        shape: row::read_word(row, "shape")?,
        wish: Wish {
            kinds: kinds(row.try_get("kinds")?)?,
            min_severity: row::read_word(row, "min_severity")?,
        },
        state: row::read_word(row, "state")?,
        removal_by: row.try_get("removal_by")?,
        version: row.try_get("version")?,
        seq: row.try_get::<i64, _>("next_seq")? - 1,
        delivered_at: row.try_get("delivered_at")?,
        last_error: row.try_get("last_error")?,
    })
}
