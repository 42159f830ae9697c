//! The audit log: one row for each change by a person, in the transaction of the change.

use interdict_core::audit::{End, Event, Fault, Row as AuditRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use super::Store;
use super::row::{self, int};
use crate::store::audit::{AuditFilter, Raw};
use crate::store::{PAGE_MAX_ROWS, StoreError};

/// The columns of a row.
const COLUMNS: &str = "SELECT number, at, person, role, kind, alert_id, detail, hash FROM audit";

/// Writes down what a person does, in the transaction in which it is done. The transaction must be
/// one of [`Store::write`]: the number follows on the last one.
pub(super) async fn audited(
    tx: &mut Transaction<'_, Sqlite>,
    event: Event,
) -> Result<AuditRow, StoreError> {
    let last = sqlx::query("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        .fetch_optional(&mut **tx)
        .await?;
    let end = match last {
        Some(row) => End { number: row::uint(&row, "number")?, hash: row::hash(&row, "hash")? },
        None => End::default(),
    };
    let row = event.behind(end).map_err(|_| StoreError::Unreadable("what a person did"))?;
    sqlx::query(
        "INSERT INTO audit (number, at, person, role, kind, alert_id, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(int(row.number))
    .bind(row.at)
    .bind(&row.person)
    .bind(&row.role)
    .bind(&row.kind)
    .bind(row.alert.as_ref().map(row::id_bytes).transpose()?)
    .bind(&row.detail)
    .bind(row.hash.as_slice())
    .execute(&mut **tx)
    .await?;
    Ok(row)
}

impl Store {
    /// See [`crate::store::Store::audited`].
    pub async fn audited(&self, event: Event) -> Result<AuditRow, StoreError> {
        let mut tx = self.write().await?;
        let row = audited(&mut tx, event).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// See [`crate::store::Store::audit`].
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" WHERE number < ").push_bind(below.map_or(i64::MAX, int));
        if let Some(person) = &filter.person {
            query.push(" AND person = ").push_bind(person);
        }
        match &filter.kind {
            // 'step.' is every kind between it and 'step/', the next character.
            Some(kind) if kind.ends_with('.') => {
                let end = format!("{}/", kind.trim_end_matches('.'));
                query.push(" AND kind > ").push_bind(kind).push(" AND kind < ").push_bind(end);
            }
            Some(kind) => {
                query.push(" AND kind = ").push_bind(kind);
            }
            None => {}
        }
        if let Some(alert) = &filter.alert {
            query.push(" AND alert_id = ").push_bind(row::id_bytes(alert)?);
        }
        query.push(" ORDER BY number DESC LIMIT ");
        query.push_bind(i64::from(limit.clamp(1, PAGE_MAX_ROWS)));
        let rows = query.build().fetch_all(&self.pool).await?;
        let read = |row| raw(row)?.read().map_err(|_| StoreError::Unreadable("an audit row"));
        rows.iter().map(read).collect()
    }

    /// See [`crate::store::Store::audit_after`].
    pub async fn audit_after(
        &self,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Result<AuditRow, Fault>>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" WHERE number > ").push_bind(int(number));
        query.push(" ORDER BY number LIMIT ").push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(raw(row)?.read())).collect()
    }
}

fn raw(row: &SqliteRow) -> Result<Raw, StoreError> {
    Ok(Raw {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        person: row.try_get("person")?,
        role: row.try_get("role")?,
        kind: row.try_get("kind")?,
        alert: row.try_get("alert_id")?,
        detail: row.try_get("detail")?,
        hash: row.try_get("hash")?,
    })
}
