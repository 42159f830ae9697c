//! Findings that belong together.

use alloy_primitives::hex;
use interdict_core::alert::{Alert, AlertId};
use interdict_core::policy::Worth;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, Transaction};

use super::Store;
use super::row::{self, int, uint, word};
use crate::screen::{HOUR_SECONDS, Tally};
use crate::store::kin::Flood;
use crate::store::{FloodSizes, Kin, StoreError};

/// Those of a pair that count.
const OF_PAIR: &str = "FROM alerts WHERE counterparty = ?1 AND listed = ?2 AND block_time >= ?3
    AND found_by = 'live' AND phase = 'while' AND confirmation <> 'retracted'";

/// A place before all others.
const BEFORE_ALL: (i64, i64, i64, i64) = (-1, -1, -1, -1);

impl Store {
    /// See [`crate::store::Store::kin`].
    pub async fn kin(&self, kin: &Kin) -> Result<Tally, StoreError> {
        let from = int(kin.from_hour.saturating_mul(HOUR_SECONDS));
        let (listed, counterparty) = (kin.listed.as_slice(), kin.counterparty.as_slice());
        let classes =
            serde_json::to_string(&kin.classes).map_err(|_| StoreError::Unreadable("a class"))?;
        let raised = format!("SELECT max(block_time / 3600) AS hour {OF_PAIR} AND rule = ?4");
        let raised: Option<i64> = sqlx::query_scalar(AssertSqlSafe(raised))
            .bind(counterparty)
            .bind(listed)
            .bind(from)
            .bind(&kin.repeated)
            .fetch_one(&self.pool)
            .await?;
        let of_class = "rule IN (SELECT value FROM json_each(?4))";
        let hours = format!(
            "SELECT DISTINCT block_time / 3600 AS hour {OF_PAIR} AND {of_class}
             AND block_time / 3600 > ?5"
        );
        let hours = sqlx::query(AssertSqlSafe(hours))
            .bind(counterparty)
            .bind(listed)
            .bind(from)
            .bind(&classes)
            .bind(raised.unwrap_or(-1))
            .fetch_all(&self.pool)
            .await?;
        let last = format!(
            "SELECT block_number, tx_index, log_index, item {OF_PAIR} AND rule = ?4
             ORDER BY block_number DESC, tx_index DESC, log_index DESC, item DESC LIMIT 1"
        );
        let last = sqlx::query_as::<_, (i64, i64, i64, i64)>(AssertSqlSafe(last))
            .bind(counterparty)
            .bind(listed)
            .bind(from)
            .bind(&kin.summed)
            .fetch_optional(&self.pool)
            .await?
            .unwrap_or(BEFORE_ALL);
        let sums = format!(
            "SELECT block_time / 3600 AS hour, sum(coalesce(worth, 0)) AS worth
             {OF_PAIR} AND {of_class}
             AND (block_number, tx_index, log_index, item) > (?5, ?6, ?7, ?8) GROUP BY 1"
        );
        let sums = sqlx::query(AssertSqlSafe(sums))
            .bind(counterparty)
            .bind(listed)
            .bind(from)
            .bind(&classes)
            .bind(last.0)
            .bind(last.1)
            .bind(last.2)
            .bind(last.3)
            .fetch_all(&self.pool)
            .await?;
        Ok(Tally {
            hours: hours.iter().map(|row| uint(row, "hour")).collect::<Result<_, _>>()?,
            raised_in: raised.and_then(|hour| u64::try_from(hour).ok()),
            worth: sums
                .iter()
                .map(|row| Ok((uint(row, "hour")?, Worth::of_parts(uint(row, "worth")?))))
                .collect::<Result<_, StoreError>>()?,
        })
    }

    /// See [`crate::store::Store::flood_sizes`].
    pub async fn flood_sizes(&self, heads: &[AlertId]) -> Result<FloodSizes, StoreError> {
        if heads.is_empty() {
            return Ok(FloodSizes::new());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT flood, size FROM (
                 SELECT head.id AS flood, (
                     SELECT count(*) FROM alerts AS member WHERE member.flood = head.id
                     AND (member.confirmation = 'retracted') = (head.confirmation = 'retracted')
                 ) AS size FROM alerts AS head WHERE head.id IN (",
        );
        let mut ids = query.separated(", ");
        for head in heads {
            ids.push_bind(row::id_bytes(head)?);
        }
        query.push(")) WHERE size > 0");
        let rows = query.build().fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let id = hex::encode(row.try_get::<&[u8], _>("flood")?);
                let id = id.parse().map_err(|_| StoreError::Unreadable("flood"))?;
                Ok((id, uint(row, "size")?))
            })
            .collect()
    }
}

/// The finding behind which another stands, if there is one.
pub(super) async fn head(
    tx: &mut Transaction<'_, Sqlite>,
    alert: &Alert,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(Flood { hour, token }) = Flood::of(alert) else { return Ok(None) };
    let head = sqlx::query_scalar(
        "SELECT id FROM alerts WHERE listed = ?1 AND block_time / 3600 = ?2 AND rule = ?3
             AND flood IS NULL AND severity = 'informational' AND found_by = ?4
             AND confirmation <> 'retracted' AND id <> ?5
             AND CASE WHEN worth IS NULL THEN NULL ELSE token END IS ?6 LIMIT 1",
    )
    .bind(alert.listed.as_slice())
    .bind(int(hour))
    .bind(&alert.rule)
    .bind(word(alert.found_by)?)
    .bind(row::id_bytes(&alert.id)?)
    .bind(token.as_ref().map(|token| token.as_slice()))
    .fetch_optional(&mut **tx)
    .await?;
    Ok(head)
}
