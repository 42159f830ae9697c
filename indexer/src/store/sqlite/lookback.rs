//! Walks back, in the database.

use interdict_core::alert::Confirmation;
use sqlx::Row;

use super::Store;
use super::finding::{keep, record};
use super::row::{self, int, uint};
use crate::store::{Changes, Lookback, StoreError, Stretch};

impl Store {
    /// The walk back to go on with; the oldest act first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open_lookback(&self) -> Result<Option<Lookback>, StoreError> {
        let row = sqlx::query(
            "SELECT act, found_at, next_number, next_hash, from_block FROM lookback_jobs
             WHERE state = 'open' ORDER BY act LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Lookback {
            act: row.try_get("act")?,
            found_at: uint(&row, "found_at")?,
            next: (uint(&row, "next_number")?, row::hash(&row, "next_hash")?),
            from_block: uint(&row, "from_block")?,
        }))
    }

    /// Records a stretch that was walked, if the walk still stands where it stood when the stretch
    /// was begun; otherwise nothing changes and there is nothing to tell.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn walked(&self, stretch: Stretch) -> Result<Changes, StoreError> {
        let job = stretch.job;
        let mut tx = self.write().await?;
        let (next, state) = match stretch.next {
            Some(next) => (next, "open"),
            None => (job.next, "done"),
        };
        let moved = sqlx::query(
            "UPDATE lookback_jobs SET next_number = ?1, next_hash = ?2, state = ?3
             WHERE act = ?4 AND found_at = ?5 AND next_hash = ?6 AND state = 'open'",
        )
        .bind(int(next.0))
        .bind(next.1.as_slice())
        .bind(state)
        .bind(job.act)
        .bind(int(job.found_at))
        .bind(job.next.1.as_slice())
        .execute(&mut *tx)
        .await?;
        if moved.rows_affected() != 1 {
            return Ok(Changes::default());
        }
        let mut alerts = stretch.alerts;
        let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_one(&mut *tx).await?;
        if job.found_at <= uint(&cursor, "finalized")? {
            // The listing is final, and with it everything below: the next word about finality
            // may be long in coming.
            for alert in &mut alerts {
                alert.confirmation = Confirmation::Confirmed;
            }
        }
        // Whoever looked back did not know of these: what was found is judged for them, too.
        sqlx::query("UPDATE subjects SET judged = 0 WHERE changed > ?1")
            .bind(stretch.subjects)
            .execute(&mut *tx)
            .await?;
        let changes = record(&mut tx, alerts, job.found_at, stretch.now).await?;
        keep(&mut tx, &stretch.undecoded, job.found_at).await?;
        tx.commit().await?;
        Ok(changes)
    }
}
