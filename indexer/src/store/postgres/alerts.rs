//! Alerts, for those who read them.

use interdict_core::alert::{Alert, AlertId};

use super::Store;
use super::row;
use crate::store::{Filter, PAGE_MAX_ROWS, PageCursor, StoreError};

impl Store {
    /// See [`crate::store::Store::alert`].
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        let row = sqlx::query("SELECT * FROM alerts WHERE id = $1")
            .bind(row::id_bytes(&id)?)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(row::alert).transpose()
    }

    /// See [`crate::store::Store::history`].
    pub async fn history(&self, after: Option<&Alert>) -> Result<Vec<Alert>, StoreError> {
        let (place, id) = row::place_of(after)?;
        let rows = sqlx::query(
            "SELECT * FROM alerts WHERE confirmation <> 'retracted'
                 AND (block_number, tx_index, log_index, item, id) > ($1, $2, $3, $4, $5)
             ORDER BY block_number, tx_index, log_index, item, id LIMIT $6",
        )
        .bind(place[0])
        .bind(place[1])
        .bind(place[2])
        .bind(place[3])
        .bind(id)
        .bind(i64::from(PAGE_MAX_ROWS))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row::alert).collect()
    }

    /// See [`crate::store::Store::alerts`].
    pub async fn alerts(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Alert>, Option<PageCursor>), StoreError> {
        let (cases, next) = self.inbox(filter, after, limit).await?;
        Ok((cases.into_iter().map(|case| case.alert).collect(), next))
    }
}
