//! What is no longer needed: one transaction.

use sqlx::AssertSqlSafe;

use super::Store;
use super::row::int;
use crate::chain::follow::REORG_DEPTH_MAX_BLOCKS;
use crate::store::StoreError;
use crate::store::access::SESSION_MAX_SECONDS;
use crate::store::prune::{NEWS_KEPT_SECONDS, Prune, Pruned, RULES};

impl Store {
    /// See [`crate::store::Store::prune`].
    pub async fn prune(&self, prune: Prune, now: i64) -> Result<Vec<Pruned>, StoreError> {
        let mut tx = self.write().await?;
        let mut pruned = Vec::new();
        for (table, rule) in RULES {
            let count = format!("SELECT count(*) FROM {table}");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut *tx).await?;
            let rows = u64::try_from(rows).unwrap_or_default();
            pruned.push(Pruned { table, rows, removed: 0, rule });
        }
        let headers =
            sqlx::query("DELETE FROM blocks WHERE number < (SELECT finalized FROM cursor) - $1")
                .bind(int(REORG_DEPTH_MAX_BLOCKS))
                .execute(&mut *tx)
                .await?;
        // What went ahead of its turn tells, until that has come, that it is not told again.
        let lines = sqlx::query(
            "DELETE FROM deliveries WHERE state = 'delivered' AND delivered_at < $1
                 AND news <= (SELECT least(urgent_through, quiet_through) FROM endpoints
                              WHERE id = endpoint)",
        )
        .bind(now - NEWS_KEPT_SECONDS)
        .execute(&mut *tx)
        .await?;
        let sessions = sqlx::query("DELETE FROM sessions WHERE begun_at < $1")
            .bind(now - SESSION_MAX_SECONDS)
            .execute(&mut *tx)
            .await?;
        for one in &mut pruned {
            match one.table {
                "blocks" => one.removed = headers.rows_affected(),
                "deliveries" => one.removed = lines.rows_affected(),
                "sessions" => one.removed = sessions.rows_affected(),
                _ => {}
            }
        }
        match prune {
            Prune::Remove => tx.commit().await?,
            Prune::Count => tx.rollback().await?,
        }
        Ok(pruned)
    }
}
