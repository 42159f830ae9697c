//! Blocks that are no longer part of the chain: one transaction.

use interdict_core::alert::Confirmation;
use sqlx::Row;

use super::finding::{reread, set_confirmation};
use super::row::{int, uint};
use super::standing::unstand;
use super::{Store, header, move_cursor};
use crate::store::{Changes, StoreError};

impl Store {
    /// Takes back every block above a height. What they found is retracted and told; their acts
    /// and the walks back that these began are gone.
    ///
    /// # Errors
    /// There is no accepted block at that height, or the database failed; nothing has changed then.
    pub async fn revert_to(&self, height: u64, now: i64) -> Result<Changes, StoreError> {
        let mut tx = self.write().await?;
        let below = sqlx::query("SELECT number, hash, parent, time FROM blocks WHERE number = ?1")
            .bind(int(height))
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::CursorMoved { expected: height })?;
        let cursor = sqlx::query("SELECT number, hash FROM cursor").fetch_one(&mut *tx).await?;
        let from: Vec<u8> = cursor.try_get("hash")?;
        move_cursor(&mut tx, (uint(&cursor, "number")?, &from), &header(&below)?).await?;

        // Their names, and each when its turn comes: a flood of findings does not fill the memory.
        let found: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT id FROM alerts WHERE found_at > ?1 AND confirmation <> 'retracted'
             ORDER BY block_number, tx_index, log_index, id",
        )
        .bind(int(height))
        .fetch_all(&mut *tx)
        .await?;
        let mut changes = Changes::default();
        for id in &found {
            let alert = reread(&mut tx, id).await?;
            set_confirmation(&mut tx, alert, Confirmation::Retracted, now).await?;
            changes.retracted += 1;
        }
        for statement in [
            "DELETE FROM lookback_jobs WHERE found_at > ?1",
            "DELETE FROM acts WHERE block_number > ?1",
            "DELETE FROM undecoded_logs WHERE found_at > ?1",
            "DELETE FROM blocks WHERE number > ?1",
        ] {
            sqlx::query(statement).bind(int(height)).execute(&mut *tx).await?;
        }
        unstand(&mut tx, height).await?;
        tx.commit().await?;
        Ok(changes)
    }
}
