//! What became final: one transaction.

use interdict_core::alert::Confirmation;
use sqlx::{Sqlite, Transaction};

use super::finding::{reread, set_confirmation};
use super::row::{int, uint};
use super::{Store, header};
use crate::chain::Header;
use crate::chain::follow::REORG_DEPTH_MAX_BLOCKS;
use crate::store::{Changes, Finality, StoreError};

impl Store {
    /// Confirms what was found up to a block that the chain calls final, if we accepted that very
    /// block; headers far below it are forgotten.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn confirm_to(&self, finalized: Header, now: i64) -> Result<Finality, StoreError> {
        let mut tx = self.write().await?;
        let known = sqlx::query("SELECT number, hash, parent, time FROM blocks WHERE number = ?1")
            .bind(int(finalized.number))
            .fetch_optional(&mut *tx)
            .await?;
        let Some(known) = known else { return Ok(Finality::Unknown) };
        let ours = header(&known)?.hash;
        if ours != finalized.hash {
            return Ok(Finality::Violated { ours });
        }
        let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_one(&mut *tx).await?;
        if finalized.number <= uint(&cursor, "finalized")? {
            return Ok(Finality::Confirmed(Changes::default()));
        }
        let changes = confirm(&mut tx, finalized.number, now).await?;
        tx.commit().await?;
        Ok(Finality::Confirmed(changes))
    }
}

/// Confirms what was found up to a block that is final, and forgets headers far below it.
pub(super) async fn confirm(
    tx: &mut Transaction<'_, Sqlite>,
    finalized: u64,
    now: i64,
) -> Result<Changes, StoreError> {
    sqlx::query("UPDATE cursor SET finalized = ?1").bind(int(finalized)).execute(&mut **tx).await?;
    // Their names, and each when its turn comes: a flood of findings does not fill the memory.
    let pending: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM alerts WHERE confirmation = 'pending' AND found_at <= ?1
         ORDER BY block_number, tx_index, log_index, id",
    )
    .bind(int(finalized))
    .fetch_all(&mut **tx)
    .await?;
    let mut changes = Changes::default();
    for id in &pending {
        let alert = reread(tx, id).await?;
        set_confirmation(tx, alert, Confirmation::Confirmed, now).await?;
        changes.updated += 1;
    }
    sqlx::query("DELETE FROM blocks WHERE number < ?1")
        .bind(int(finalized.saturating_sub(REORG_DEPTH_MAX_BLOCKS)))
        .execute(&mut **tx)
        .await?;
    Ok(changes)
}
