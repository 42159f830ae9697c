//! What the desk still has to do. Each of these is read from an index alone, but for when the
//! oldest was written down.

use interdict_core::policy::Severity;
use sqlx::Row;

use super::Store;
use super::row::{self, uint, word};
use crate::store::StoreError;
use crate::store::backlog::{Backlog, Deadlines, HEAVY, OLDEST_MAX_ROWS, Reports};

/// Open ones, by weight.
pub(in crate::store) const OPEN: &str = "SELECT severity, count(*) AS open,
        count(*) FILTER (WHERE disposition = 'new') AS unassigned
    FROM alerts
    WHERE disposition IN ('new', 'assigned', 'escalated') AND flood IS NULL
    GROUP BY severity";

/// What has a day or another person to wait for.
pub(in crate::store) const TO_DO: &str = "SELECT
    (SELECT count(*) FROM alerts WHERE waiting = 1) AS waiting,
    (SELECT count(*) FROM alerts WHERE due_on < ?1) AS overdue,
    (SELECT count(*) FROM alerts WHERE due_on = ?1) AS today,
    (SELECT count(*) FROM alerts WHERE due_on > ?1 AND due_on <= ?2) AS next_day,
    (SELECT count(*) FROM alerts WHERE due_on > ?2 AND due_on <= ?3) AS soon";

/// When the oldest of a weight was written down that nobody looks at. It names all that is open
/// because the index has just that.
pub(in crate::store) const OLDEST: &str = "SELECT min(
        (SELECT min(made_at) FROM outbox WHERE alert_id = first.id)) AS oldest
    FROM (SELECT id FROM alerts
        WHERE disposition IN ('new', 'assigned', 'escalated') AND flood IS NULL
            AND disposition = 'new' AND severity = ?1
        ORDER BY found_at, id LIMIT ?2) AS first";

impl Store {
    /// See [`crate::store::Store::backlog`].
    pub async fn backlog(&self, days: Deadlines) -> Result<Backlog, StoreError> {
        let mut backlog = Backlog::default();
        for row in &sqlx::query(OPEN).fetch_all(&self.pool).await? {
            let severity: Severity = row::read_word(row, "severity")?;
            backlog.open.insert(severity, uint(row, "open")?);
            backlog.unassigned.insert(severity, uint(row, "unassigned")?);
        }
        let row = sqlx::query(TO_DO)
            .bind(days.today.to_string())
            .bind(days.next_day.to_string())
            .bind(days.soon.to_string())
            .fetch_one(&self.pool)
            .await?;
        backlog.waiting = uint(&row, "waiting")?;
        backlog.reports = Reports {
            overdue: uint(&row, "overdue")?,
            today: uint(&row, "today")?,
            next_day: uint(&row, "next_day")?,
            soon: uint(&row, "soon")?,
        };
        for severity in HEAVY {
            let row = sqlx::query(OLDEST)
                .bind(word(severity)?)
                .bind(i64::from(OLDEST_MAX_ROWS))
                .fetch_one(&self.pool)
                .await?;
            if let Some(oldest) = row.try_get("oldest")? {
                backlog.oldest.insert(severity, oldest);
            }
        }
        Ok(backlog)
    }

    /// See [`crate::store::Store::lookbacks_open`].
    pub async fn lookbacks_open(&self) -> Result<u64, StoreError> {
        let open = "SELECT count(*) AS open FROM lookback_jobs WHERE state = 'open'";
        uint(&sqlx::query(open).fetch_one(&self.pool).await?, "open")
    }
}
