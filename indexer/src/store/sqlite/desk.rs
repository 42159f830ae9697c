//! What people do to alerts: a step is one transaction, with its row of the audit log.

use interdict_core::alert::AlertId;
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};

use super::Store;
use super::audit::audited;
use super::backlog;
use super::row::{self, uint, word};
use crate::store::desk::{
    Case, Columns, DAY_SECONDS, Happened, LOGIN_SEEN_SECONDS, NEWS_MAX_ROWS, Refusal, SUMMARY_DAYS,
    Stepping, Summary, Taken, days,
};
use crate::store::{AuditFilter, PAGE_MAX_ROWS, StoreError};

impl Store {
    /// See [`crate::store::Store::case`].
    pub async fn case(&self, id: AlertId) -> Result<Option<Case>, StoreError> {
        let row = sqlx::query("SELECT * FROM alerts WHERE id = ?1")
            .bind(row::id_bytes(&id)?)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(row::case).transpose()
    }

    /// See [`crate::store::Store::step`].
    pub async fn step(
        &self,
        alerts: &[(AlertId, u64)],
        stepping: Stepping<'_>,
    ) -> Result<Vec<(AlertId, Result<Case, Refusal>)>, StoreError> {
        let mut tx = self.write().await?;
        let mut done = Vec::with_capacity(alerts.len());
        for (id, version) in alerts {
            done.push((*id, one(&mut tx, *id, *version, stepping).await?));
        }
        tx.commit().await?;
        Ok(done)
    }

    /// See [`crate::store::Store::timeline`].
    pub async fn timeline(&self, id: AlertId) -> Result<Vec<Happened>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, made_at, alert FROM outbox WHERE alert_id = ?1 ORDER BY seq LIMIT ?2",
        )
        .bind(row::id_bytes(&id)?)
        .bind(i64::from(NEWS_MAX_ROWS))
        .fetch_all(&self.pool)
        .await?;
        let mut told = Vec::new();
        for row in &rows {
            let alert = serde_json::from_str(row.try_get("alert")?);
            let alert = alert.map_err(|_| StoreError::Unreadable("an alert's snapshot"))?;
            let (kind, at) = (row.try_get("kind")?, row.try_get("made_at")?);
            told.push(Happened::Chain { kind, at, alert });
        }
        let filter = AuditFilter { alert: Some(id), ..AuditFilter::default() };
        let steps = self.audit(&filter, None, PAGE_MAX_ROWS).await?;
        told.extend(steps.into_iter().rev().map(Happened::Person));
        // Each half is in its order already.
        told.sort_by_key(Happened::at);
        Ok(told)
    }

    /// See [`crate::store::Store::analysts`].
    pub async fn analysts(&self, now: i64) -> Result<Vec<String>, StoreError> {
        let people = sqlx::query_scalar(
            "SELECT person FROM access_tokens
             WHERE role = 'analyst' AND revoked_at IS NULL AND expires_at > ?1
             UNION SELECT person FROM sessions WHERE role = 'analyst' AND begun_at > ?2
             UNION SELECT assignee FROM alerts WHERE assignee IS NOT NULL ORDER BY 1",
        );
        Ok(people.bind(now).bind(now - LOGIN_SEEN_SECONDS).fetch_all(&self.pool).await?)
    }

    /// See [`crate::store::Store::policies`].
    pub async fn policies(&self) -> Result<Vec<String>, StoreError> {
        let documents = sqlx::query_scalar("SELECT document FROM policies ORDER BY used_from");
        Ok(documents.fetch_all(&self.pool).await?)
    }

    /// See [`crate::store::Store::summary`].
    pub async fn summary(
        &self,
        person: &str,
        now: i64,
        today: Date,
        soon: Date,
    ) -> Result<Summary, StoreError> {
        const OPEN: &str = "disposition IN ('new', 'assigned', 'escalated')";
        let mut summary = Summary::default();
        for row in &sqlx::query(backlog::OPEN).fetch_all(&self.pool).await? {
            summary.open.insert(row::read_word(row, "severity")?, uint(row, "open")?);
            summary.unassigned += uint(row, "unassigned")?;
        }
        let counts = format!(
            "SELECT
                (SELECT count(*) FROM alerts WHERE assignee = ?1 AND {OPEN}) AS mine,
                (SELECT count(*) FROM alerts WHERE waiting = 1) AS waiting,
                (SELECT count(*) FROM alerts WHERE due_on >= ?2 AND due_on <= ?3) AS due_soon,
                (SELECT count(*) FROM alerts WHERE due_on < ?2) AS overdue,
                (SELECT count(*) FROM alerts WHERE snoozed_until > ?4) AS snoozed"
        );
        let row = sqlx::query(AssertSqlSafe(counts))
            .bind(person)
            .bind(today.to_string())
            .bind(soon.to_string())
            .bind(now)
            .fetch_one(&self.pool)
            .await?;
        summary.mine = uint(&row, "mine")?;
        summary.waiting = uint(&row, "waiting")?;
        summary.due_soon = uint(&row, "due_soon")?;
        summary.overdue = uint(&row, "overdue")?;
        summary.snoozed = uint(&row, "snoozed")?;
        let from = now.div_euclid(DAY_SECONDS) - SUMMARY_DAYS + 1;
        let rows = sqlx::query(
            "SELECT block_time / 86400 AS day, severity, count(*) AS number FROM alerts
             WHERE block_time >= ?1 GROUP BY 1, 2",
        )
        .bind(from * DAY_SECONDS)
        .fetch_all(&self.pool)
        .await?;
        let counts = rows.iter().map(|row| {
            Ok((row.try_get("day")?, row::read_word(row, "severity")?, uint(row, "number")?))
        });
        summary.days = days(counts.collect::<Result<_, StoreError>>()?);
        Ok(summary)
    }
}

/// A step on one alert.
async fn one(
    tx: &mut Transaction<'_, Sqlite>,
    id: AlertId,
    version: u64,
    stepping: Stepping<'_>,
) -> Result<Result<Case, Refusal>, StoreError> {
    let row = sqlx::query("SELECT * FROM alerts WHERE id = ?1")
        .bind(row::id_bytes(&id)?)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(mut case) = row.as_ref().map(row::case).transpose()? else {
        return Ok(Err(Refusal::NoAlert));
    };
    let Taken { desk, event } = match stepping.on(&case, version) {
        Ok(taken) => taken,
        Err(refusal) => return Ok(Err(refusal)),
    };
    case.desk = desk;
    case.desk.version = audited(tx, event).await?.number;
    case.alert.disposition = case.desk.disposition;
    let Columns { waiting, due_on, desk } = Columns::of(&case.desk)?;
    sqlx::query(
        "UPDATE alerts SET version = ?1, disposition = ?2, assignee = ?3, snoozed_until = ?4,
             waiting = ?5, due_on = ?6, desk = ?7 WHERE id = ?8",
    )
    .bind(row::int(case.desk.version))
    .bind(word(case.desk.disposition)?)
    .bind(&case.desk.assignee)
    .bind(case.desk.snoozed_until)
    .bind(waiting)
    .bind(due_on)
    .bind(desk)
    .bind(row::id_bytes(&id)?)
    .execute(&mut **tx)
    .await?;
    Ok(Ok(case))
}
