//! Walks back, in the database.

use interdict_core::alert::Confirmation;
use sqlx::{Postgres, Transaction};

use super::Store;
use super::finding::{keep, record};
use super::row::{self, int, number, uint};
use super::transaction::Proof;
use crate::store::{Changes, Hold, Lookback, Scope, StoreError, Stretch};

impl Store {
    /// See [`crate::store::Store::open_lookback`].
    pub async fn open_lookback(&self) -> Result<Option<Lookback>, StoreError> {
        let row = sqlx::query(
            "SELECT act FROM lookback_jobs WHERE state = 'open' AND NOT EXISTS (
                 SELECT 1 FROM leases
                 WHERE scope = 'lookback/' || act AND worker <> $1 AND until > clock_timestamp())
             ORDER BY act LIMIT 1",
        )
        .bind(self.leases.worker())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let act = number(&row, "act")?;
        if let Hold::Theirs { .. } = self.hold(Scope::Lookback(act)).await? {
            // Another worker came first.
            return Ok(None);
        }
        // Read only now: whoever had it before may have walked on.
        let row = sqlx::query(
            "SELECT found_at, next_number, next_hash, from_block FROM lookback_jobs
             WHERE state = 'open' AND act = $1",
        )
        .bind(i64::from(act))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Lookback {
            act,
            found_at: uint(&row, "found_at")?,
            next: (uint(&row, "next_number")?, row::hash(&row, "next_hash")?),
            from_block: uint(&row, "from_block")?,
        }))
    }

    /// Whether a walk back stands where it is said to stand.
    async fn stands(&self, job: Lookback) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM lookback_jobs
             WHERE act = $1 AND found_at = $2 AND next_hash = $3 AND state = 'open'",
        )
        .bind(i64::from(job.act))
        .bind(int(job.found_at))
        .bind(job.next.1.as_slice())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.is_some())
    }

    /// See [`crate::store::Store::walked`].
    pub async fn walked(&self, stretch: Stretch) -> Result<Changes, StoreError> {
        let job = stretch.job;
        let scope = Scope::Lookback(job.act);
        if self.leases.token(scope).is_none() && !self.stands(job).await? {
            // Over, or gone with its listing: nobody's any more.
            return Ok(Changes::default());
        }
        let mut tx = self.write_as(scope).await?;
        let (next, state) = match stretch.next {
            Some(next) => (next, "open"),
            None => (job.next, "done"),
        };
        let moved = sqlx::query(
            "UPDATE lookback_jobs SET next_number = $1, next_hash = $2, state = $3
             WHERE act = $4 AND found_at = $5 AND next_hash = $6 AND state = 'open'",
        )
        .bind(int(next.0))
        .bind(next.1.as_slice())
        .bind(state)
        .bind(i64::from(job.act))
        .bind(int(job.found_at))
        .bind(job.next.1.as_slice())
        .execute(&mut *tx)
        .await?;
        let stands = moved.rows_affected() == 1;
        let changes = if stands { found(&mut tx, stretch).await? } else { Changes::default() };
        if state == "done" || !stands {
            // Nobody walks it any more.
            sqlx::query("DELETE FROM leases WHERE scope = $1")
                .bind(scope.to_string())
                .execute(&mut *tx)
                .await?;
        }
        self.settle(tx, Proof::WalkLeft { act: job.act, number: job.next.0 }).await?;
        if state == "done" || !stands {
            self.leases.forget(scope);
        }
        Ok(changes)
    }
}

/// Records what a stretch found.
async fn found(
    tx: &mut Transaction<'static, Postgres>,
    stretch: Stretch,
) -> Result<Changes, StoreError> {
    let found_at = stretch.job.found_at;
    let mut alerts = stretch.alerts;
    let cursor = sqlx::query("SELECT finalized FROM cursor").fetch_one(&mut **tx).await?;
    if found_at <= uint(&cursor, "finalized")? {
        // The listing is final, and with it everything below: the next word about finality may be
        // long in coming.
        for alert in &mut alerts {
            alert.confirmation = Confirmation::Confirmed;
        }
    }
    // Whoever looked back did not know of these: what was found is judged for them, too.
    sqlx::query("UPDATE subjects SET judged = 0 WHERE changed > $1")
        .bind(stretch.subjects)
        .execute(&mut **tx)
        .await?;
    let changes = record(tx, alerts, found_at, stretch.now).await?;
    keep(tx, &stretch.undecoded, found_at).await?;
    Ok(changes)
}
