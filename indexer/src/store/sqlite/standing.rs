//! How listed addresses stand now, and the findings that are to say so.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use interdict_core::ledger::Standing;
use sqlx::{Row, Sqlite, Transaction};

use super::Store;
use super::finding::tell;
use super::row::{self, int, word};
use crate::store::{Changes, News, REEVALUATION_MAX_ROWS, StoreError};

impl Store {
    /// Brings the next findings whose address stands otherwise up to date, at most
    /// [`REEVALUATION_MAX_ROWS`]; `None` if there are none.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn reevaluate(&self, now: i64) -> Result<Option<Changes>, StoreError> {
        // Nearly always there is nothing to do, and nobody need be kept from writing for that.
        const OPEN: &str = "SELECT listed, found_at, standing FROM standings WHERE state = 'open'
                            ORDER BY found_at, listed LIMIT 1";
        if sqlx::query(OPEN).fetch_optional(&self.pool).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.write().await?;
        let Some(open) = sqlx::query(OPEN).fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        let listed = row::address(&open, "listed")?;
        let standing: Standing = row::read_word(&open, "standing")?;
        let behind = sqlx::query(
            "SELECT * FROM alerts
             WHERE listed = ?1 AND standing <> ?2 AND confirmation <> 'retracted'
             ORDER BY block_number, tx_index, log_index, id LIMIT ?3",
        )
        .bind(listed.as_slice())
        .bind(word(standing)?)
        .bind(REEVALUATION_MAX_ROWS)
        .fetch_all(&mut *tx)
        .await?;
        let mut changes = Changes::default();
        for row in &behind {
            let mut alert = row::alert(row)?;
            alert.standing = standing;
            let id = row::id_bytes(&alert.id)?;
            sqlx::query("UPDATE alerts SET standing = ?1 WHERE id = ?2")
                .bind(word(standing)?)
                .bind(&id)
                .execute(&mut *tx)
                .await?;
            tell(&mut tx, &id, News::Reevaluated, &alert, now).await?;
            changes.reevaluated += 1;
        }
        if behind.len() < REEVALUATION_MAX_ROWS as usize {
            sqlx::query("UPDATE standings SET state = 'done' WHERE listed = ?1 AND found_at = ?2")
                .bind(listed.as_slice())
                .bind(open.try_get::<i64, _>("found_at")?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(Some(changes))
    }

    /// Writes down how every address stands, if nothing is written down of that yet: a database
    /// from before standings were kept.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn begin_standings(
        &self,
        standings: &BTreeMap<Address, Standing>,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let begun = sqlx::query("SELECT 1 FROM standings LIMIT 1").fetch_optional(&mut *tx).await?;
        if begun.is_none() {
            let cursor = sqlx::query("SELECT number FROM cursor").fetch_one(&mut *tx).await?;
            stand(&mut tx, standings, row::uint(&cursor, "number")?).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Addresses of which one statement speaks, at most.
const STATEMENT_MAX_ADDRESSES: usize = 10_000;

/// Writes down how addresses stand from a block on. It is open only for those with a finding that
/// says otherwise: one that is found later is found with how its address stands then.
pub(super) async fn stand(
    tx: &mut Transaction<'_, Sqlite>,
    moved: &BTreeMap<Address, Standing>,
    found_at: u64,
) -> Result<(), StoreError> {
    let rows: Vec<_> = moved
        .iter()
        .map(|(listed, standing)| Ok((hex::encode(listed), word(*standing)?)))
        .collect::<Result<_, StoreError>>()?;
    for rows in rows.chunks(STATEMENT_MAX_ADDRESSES) {
        let rows = serde_json::to_string(rows).map_err(|_| StoreError::Unreadable("a standing"))?;
        // What an address was on the way to matters to no finding any more.
        sqlx::query(
            "UPDATE standings SET state = 'done' WHERE state = 'open'
                 AND listed IN (SELECT unhex(value ->> 0) FROM json_each(?1))",
        )
        .bind(&rows)
        .execute(&mut **tx)
        .await?;
        sqlx::query(
            "INSERT INTO standings (listed, found_at, standing, state)
             SELECT moved.listed, ?2, moved.standing, CASE WHEN EXISTS (
                 SELECT 1 FROM alerts WHERE alerts.listed = moved.listed
                     AND alerts.standing <> moved.standing AND confirmation <> 'retracted'
             ) THEN 'open' ELSE 'done' END
             FROM (SELECT unhex(value ->> 0) AS listed, value ->> 1 AS standing
                   FROM json_each(?1)) AS moved",
        )
        .bind(&rows)
        .bind(int(found_at))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Takes back how addresses stood above a height; those that stood otherwise below it do so again,
/// and are open if a finding says otherwise.
pub(super) async fn unstand(
    tx: &mut Transaction<'_, Sqlite>,
    height: u64,
) -> Result<(), StoreError> {
    // Those of the block that is last below the height: an address stands as its last row says.
    sqlx::query(
        "UPDATE standings SET state = 'open' WHERE found_at <= ?1
             AND listed IN (SELECT listed FROM standings WHERE found_at > ?1)
             AND found_at = (SELECT max(found_at) FROM standings AS last
                             WHERE last.listed = standings.listed AND last.found_at <= ?1)
             AND EXISTS (SELECT 1 FROM alerts WHERE alerts.listed = standings.listed
                 AND alerts.standing <> standings.standing AND confirmation <> 'retracted')",
    )
    .bind(int(height))
    .execute(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM standings WHERE found_at > ?1")
        .bind(int(height))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How an address stands, if that is written down.
pub(super) async fn standing(
    tx: &mut Transaction<'_, Sqlite>,
    listed: Address,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query(
        "SELECT standing FROM standings WHERE listed = ?1 ORDER BY found_at DESC LIMIT 1",
    )
    .bind(listed.as_slice())
    .fetch_optional(&mut **tx)
    .await?;
    row.as_ref().map(|row| row::read_word(row, "standing")).transpose()
}
