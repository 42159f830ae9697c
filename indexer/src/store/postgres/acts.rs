//! The acts that can no longer be taken back.

use interdict_core::ledger::Act;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Store;
use super::row::{int, uint};
use crate::store::{FinalActs, StoreError};

impl Store {
    /// See [`crate::store::Store::final_acts`].
    pub async fn final_acts(&self, after: u32, rows_max: u32) -> Result<FinalActs, StoreError> {
        let mut tx = self.pool.begin().await?;
        let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_optional(&mut *tx).await?;
        let finalized = cursor.map_or(Ok(0), |row| uint(&row, "finalized"))?;
        let last = sqlx::query("SELECT time FROM blocks WHERE number = $1")
            .bind(int(finalized))
            .fetch_optional(&mut *tx)
            .await?;
        let through = last.map(|row| uint(&row, "time")).transpose()?;
        let rows = sqlx::query(
            "SELECT act FROM acts WHERE number >= $1 AND block_number <= $2
             ORDER BY number LIMIT $3",
        )
        .bind(i64::from(after))
        .bind(int(finalized))
        .bind(i64::from(rows_max) + 1)
        .fetch_all(&mut *tx)
        .await?;
        let acts = rows.iter().map(act).collect::<Result<Vec<_>, _>>()?;
        Ok(FinalActs::after(after, through, acts, rows_max))
    }
}

fn act(row: &PgRow) -> Result<Act, StoreError> {
    serde_json::from_str(row.try_get("act")?).map_err(|_| StoreError::Unreadable("an act"))
}
