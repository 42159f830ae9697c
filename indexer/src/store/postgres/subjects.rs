//! Whose dealings are looked after, and by what they are judged.

use interdict_core::audit::Who;
use interdict_core::policy::Policy;
use interdict_core::subject::Subject;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Store;
use super::audit::audited;
use super::row::{self, word};
use crate::store::subjects::{subject_removed, subjects_imported};
use crate::store::{Imported, StoreError};

impl Store {
    /// See [`crate::store::Store::subjects`].
    pub async fn subjects(&self) -> Result<Vec<Subject>, StoreError> {
        let rows = sqlx::query(
            "SELECT address, kind, reference FROM subjects WHERE removed_at IS NULL
             ORDER BY address",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(subject).collect()
    }

    /// See [`crate::store::Store::subjects_changed`].
    pub async fn subjects_changed(&self) -> Result<i64, StoreError> {
        let changed = sqlx::query_scalar("SELECT coalesce(max(changed), 0) FROM subjects");
        Ok(changed.fetch_one(&self.pool).await?)
    }

    /// See [`crate::store::Store::import_subjects`].
    pub async fn import_subjects(
        &self,
        subjects: &[Subject],
        by: &Who,
        now: i64,
    ) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        let mut tx = self.write().await?;
        for one in subjects {
            let Subject { address, kind, reference } = one;
            let known = sqlx::query(
                "SELECT address, kind, reference, removed_at FROM subjects WHERE address = $1",
            )
            .bind(address.as_slice())
            .fetch_optional(&mut *tx)
            .await?;
            let stands = known.as_ref().map(|row| row.try_get::<Option<i64>, _>("removed_at"));
            match (known.as_ref().map(subject).transpose()?, stands.transpose()?) {
                (Some(known), Some(None)) if known == *one => {
                    imported.unchanged += 1;
                    continue;
                }
                (Some(_), Some(None)) => imported.changed += 1,
                (_, _) => imported.added += 1,
            }
            sqlx::query(
                "INSERT INTO subjects (address, kind, reference, added_at, changed)
                 SELECT $1, $2, $3, $4, coalesce(max(changed), 0) + 1 FROM subjects WHERE true
                 ON CONFLICT (address) DO UPDATE SET
                     kind = excluded.kind, reference = excluded.reference,
                     changed = excluded.changed, removed_at = NULL,
                     added_at = CASE WHEN subjects.removed_at IS NULL THEN subjects.added_at
                         ELSE excluded.added_at END",
            )
            .bind(address.as_slice())
            .bind(word(kind)?)
            .bind(reference)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        }
        if imported.added + imported.changed > 0 {
            audited(&mut tx, subjects_imported(subjects, imported, by, now)).await?;
        }
        tx.commit().await?;
        Ok(imported)
    }

    /// See [`crate::store::Store::remove_subject`].
    pub async fn remove_subject(
        &self,
        address: alloy_primitives::Address,
        by: &Who,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let removed = sqlx::query(
            "UPDATE subjects SET removed_at = $1,
                 changed = (SELECT max(changed) + 1 FROM subjects)
             WHERE address = $2 AND removed_at IS NULL",
        )
        .bind(now)
        .bind(address.as_slice())
        .execute(&mut *tx)
        .await?;
        let removed = removed.rows_affected() == 1;
        if removed {
            audited(&mut tx, subject_removed(address, by, now)).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// See [`crate::store::Store::keep_policy`].
    pub async fn keep_policy(&self, policy: &Policy, now: i64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO policies (digest, version, document, used_from) VALUES ($1, $2, $3, $4)
             ON CONFLICT (digest) DO NOTHING",
        )
        .bind(policy.digest.as_slice())
        .bind(&policy.version)
        .bind(&policy.text)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

pub(super) fn subject(row: &PgRow) -> Result<Subject, StoreError> {
    Ok(Subject {
        address: row::address(row, "address")?,
        kind: row::read_word(row, "kind")?,
        reference: row.try_get("reference")?,
    })
}
