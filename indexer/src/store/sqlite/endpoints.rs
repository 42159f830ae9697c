//! Who receives news.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Store;
use super::row;
use crate::store::line::{CONFIG_ENDPOINT, kinds};
use crate::store::{Configured, Endpoint, Sealed, StoreError, Wish};

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
