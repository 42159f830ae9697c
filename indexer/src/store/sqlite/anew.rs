//! Findings that are judged anew: which, and what is said of them then.

use interdict_core::alert::{Alert, AlertId};
use interdict_core::policy::Worth;
use sqlx::{Sqlite, Transaction};

use super::Store;
use super::finding::{reread, tell};
use super::kin::head;
use super::row::{self, int, word};
use crate::store::anew::NAMES_MAX_ROWS;
use crate::store::{Anew, Changes, News, REEVALUATION_MAX_ROWS, SUBJECTS_TOGETHER_MAX, StoreError};

impl Store {
    /// See [`crate::store::Store::subjects_to_judge`].
    pub async fn subjects_to_judge(&self) -> Result<Option<i64>, StoreError> {
        let through = sqlx::query_scalar(
            "SELECT max(changed) FROM (SELECT changed FROM subjects WHERE judged < changed
                                       ORDER BY changed LIMIT ?1) AS first",
        )
        .bind(SUBJECTS_TOGETHER_MAX)
        .fetch_one(&self.pool)
        .await?;
        Ok(through)
    }

    /// See [`crate::store::Store::findings_to_judge`].
    pub async fn findings_to_judge(
        &self,
        through: i64,
        after: Option<&Alert>,
    ) -> Result<Vec<AlertId>, StoreError> {
        let (place, id) = row::place_of(after)?;
        let ids = sqlx::query_scalar::<_, Vec<u8>>(
            "WITH changed AS (SELECT address FROM subjects
                              WHERE judged < changed AND changed <= ?1)
             SELECT id FROM (
                 SELECT id, block_number, tx_index, log_index, item FROM alerts
                     WHERE counterparty IN (SELECT address FROM changed)
                     AND confirmation <> 'retracted'
                 UNION
                 SELECT id, block_number, tx_index, log_index, item FROM alerts
                     WHERE listed IN (SELECT address FROM changed)
                     AND confirmation <> 'retracted'
             ) AS theirs
             WHERE (block_number, tx_index, log_index, item, id) > (?2, ?3, ?4, ?5, ?6)
             ORDER BY block_number, tx_index, log_index, item, id
             LIMIT ?7",
        )
        .bind(through)
        .bind(place[0])
        .bind(place[1])
        .bind(place[2])
        .bind(place[3])
        .bind(id)
        .bind(NAMES_MAX_ROWS)
        .fetch_all(&self.pool)
        .await?;
        ids.iter().map(|id| row::id_of(id)).collect()
    }

    /// See [`crate::store::Store::findings_final`].
    pub async fn findings_final(&self) -> Result<Vec<Alert>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM alerts WHERE awaits_finality = 1 AND confirmation = 'confirmed'
             ORDER BY block_number, tx_index, log_index, id LIMIT ?1",
        )
        .bind(REEVALUATION_MAX_ROWS)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(row::alert).collect()
    }

    /// See [`crate::store::Store::judge_anew`].
    pub async fn judge_anew(
        &self,
        anew: Vec<Anew>,
        through: Option<i64>,
        now: i64,
    ) -> Result<Changes, StoreError> {
        let mut tx = self.write().await?;
        let mut changes = Changes::default();
        for one in anew {
            let id = row::id_bytes(&one.id)?;
            let (alert, is_other) = one.of(reread(&mut tx, &id).await?);
            if is_other {
                change(&mut tx, &id, &alert).await?;
                tell(&mut tx, &id, News::Reevaluated, &alert, now).await?;
                changes.reevaluated += 1;
            }
            sqlx::query("UPDATE alerts SET awaits_finality = ?1 WHERE id = ?2")
                .bind(i64::from(alert.awaits_finality))
                .bind(&id)
                .execute(&mut *tx)
                .await?;
        }
        if let Some(through) = through {
            sqlx::query(
                "UPDATE subjects SET judged = changed WHERE judged < changed AND changed <= ?1",
            )
            .bind(through)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(changes)
    }
}

/// Writes down another judgement. Of a flood whose first it was, the last comes in its place: those
/// between them are judged before that one, so that a flood changes its first twice and not each
/// time.
async fn change(
    tx: &mut Transaction<'_, Sqlite>,
    id: &[u8],
    alert: &Alert,
) -> Result<(), StoreError> {
    let heir: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM alerts WHERE flood = ?1
         ORDER BY CASE confirmation WHEN 'retracted' THEN 1 ELSE 0 END, block_number DESC,
             tx_index DESC, log_index DESC, id DESC LIMIT 1",
    )
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(heir) = heir {
        sqlx::query("UPDATE alerts SET flood = ?1 WHERE flood = ?2 AND id <> ?1")
            .bind(&heir)
            .bind(id)
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE alerts SET flood = NULL WHERE id = ?1")
            .bind(&heir)
            .execute(&mut **tx)
            .await?;
    }
    let flood = head(tx, alert).await?;
    sqlx::query(
        "UPDATE alerts SET rule = ?1, severity = ?2, policy = ?3, worth = ?4, flood = ?5
         WHERE id = ?6",
    )
    .bind(&alert.rule)
    .bind(word(alert.severity)?)
    .bind(&alert.policy)
    .bind(alert.worth.map(|Worth(parts)| int(parts)))
    .bind(flood)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
