//! Alerts, for those who read them.

use interdict_core::alert::{Alert, AlertId};
use interdict_core::transfer::Transfer;
use sqlx::{QueryBuilder, Sqlite};

use super::Store;
use super::row::{self, int, word};
use crate::store::{Filter, PAGE_MAX_ROWS, PageCursor, Shown, StoreError};

impl Store {
    /// One alert.
    ///
    /// # Errors
    /// The database failed.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        let row = sqlx::query("SELECT * FROM alerts WHERE id = ?1")
            .bind(row::id_bytes(&id)?)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(row::alert).transpose()
    }

    /// See [`crate::store::Store::history`].
    pub async fn history(&self, after: Option<&Alert>) -> Result<Vec<Alert>, StoreError> {
        let (place, id) = match after {
            Some(alert) => {
                let Transfer { position: at, item, .. } = alert.transfer;
                let place = [int(at.block), int(at.tx), row::log_index(at.log), i64::from(item)];
                (place, row::id_bytes(&alert.id)?)
            }
            None => ([-1; 4], Vec::new()),
        };
        let rows = sqlx::query(
            "SELECT * FROM alerts WHERE confirmation <> 'retracted'
                 AND (block_number, tx_index, log_index, item, id) > (?1, ?2, ?3, ?4, ?5)
             ORDER BY block_number, tx_index, log_index, item, id LIMIT ?6",
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

    /// A page of alerts, the newest transfer first, and where the next page begins.
    ///
    /// # Errors
    /// The database failed.
    pub async fn alerts(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Alert>, Option<PageCursor>), StoreError> {
        let limit = limit.clamp(1, PAGE_MAX_ROWS);
        let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM alerts WHERE 1 = 1");
        if let Some(severity) = filter.severity {
            query.push(" AND severity = ").push_bind(word(severity)?);
        }
        if let Some(confirmation) = filter.confirmation {
            query.push(" AND confirmation = ").push_bind(word(confirmation)?);
        }
        if let Some(phase) = filter.phase {
            query.push(" AND phase = ").push_bind(word(phase)?);
        }
        if let Some(listed) = filter.listed {
            query.push(" AND listed = ").push_bind(listed.to_vec());
        }
        if let Some(counterparty) = filter.counterparty {
            query.push(" AND counterparty = ").push_bind(counterparty.to_vec());
        }
        match filter.shown {
            Shown::Each => {}
            Shown::Floods => {
                query.push(" AND flood IS NULL");
            }
            Shown::Behind(head) => {
                query.push(" AND flood = ").push_bind(row::id_bytes(&head)?);
            }
        }
        if let Some(after) = after {
            query.push(" AND (block_number, tx_index, log_index, id) < (");
            query.push_bind(int(after.block)).push(", ").push_bind(int(after.tx)).push(", ");
            query.push_bind(row::log_index(after.log)).push(", ");
            query.push_bind(row::id_bytes(&after.id)?).push(")");
        }
        query.push(" ORDER BY block_number DESC, tx_index DESC, log_index DESC, id DESC LIMIT ");
        // One more than asked for tells whether there is another page.
        query.push_bind(limit + 1);
        let rows = query.build().fetch_all(&self.pool).await?;
        let mut alerts: Vec<_> = rows.iter().map(row::alert).collect::<Result<_, _>>()?;
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = alerts.len() > size;
        alerts.truncate(size);
        let next = alerts.last().filter(|_| more).map(place);
        Ok((alerts, next))
    }
}

fn place(alert: &Alert) -> PageCursor {
    let position = alert.transfer.position;
    PageCursor { block: position.block, tx: position.tx, log: position.log, id: alert.id }
}
