//! An accepted block into the database: one transaction.

use sqlx::{Sqlite, Transaction};

use super::finding::{keep, record};
use super::row::int;
use super::standing::stand;
use super::{Store, insert_block, move_cursor};
use crate::store::{Changes, Intake, StoreError};

impl Store {
    /// Takes in a block with everything that it brings, and moves the cursor onto it.
    ///
    /// # Errors
    /// The cursor is not at the block's parent, or the database failed; nothing has changed then.
    pub async fn apply(&self, intake: Intake) -> Result<Changes, StoreError> {
        let header = intake.header;
        let mut tx = self.write().await?;
        let below = (header.number.saturating_sub(1), header.parent.as_slice());
        move_cursor(&mut tx, below, &header).await?;
        insert_block(&mut tx, &header).await?;
        let changes = take_in(&mut tx, intake).await?;
        tx.commit().await?;
        Ok(changes)
    }
}

/// Everything that a block brings, apart from itself.
pub(super) async fn take_in(
    tx: &mut Transaction<'_, Sqlite>,
    intake: Intake,
) -> Result<Changes, StoreError> {
    for act in &intake.acts {
        let json = serde_json::to_string(act).map_err(|_| StoreError::Unreadable("an act"))?;
        sqlx::query("INSERT INTO acts (number, block_number, act) VALUES (?1, ?2, ?3)")
            .bind(act.number)
            .bind(int(act.at.block))
            .bind(json)
            .execute(&mut **tx)
            .await?;
    }
    for job in &intake.lookbacks {
        let open = job.next.0 >= job.from_block;
        sqlx::query(
            "INSERT INTO lookback_jobs
                 (act, found_at, next_number, next_hash, from_block, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(job.act)
        .bind(int(job.found_at))
        .bind(int(job.next.0))
        .bind(job.next.1.as_slice())
        .bind(int(job.from_block))
        .bind(if open { "open" } else { "done" })
        .execute(&mut **tx)
        .await?;
    }
    let height = intake.header.number;
    stand(tx, &intake.moved, height).await?;
    let changes = record(tx, intake.alerts, height, intake.now).await?;
    keep(tx, &intake.undecoded, height).await?;
    Ok(changes)
}
