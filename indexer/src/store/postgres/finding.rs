//! One finding into the database, with the news of it.

use alloy_primitives::U256;
use interdict_core::alert::{Alert, Confirmation};
use interdict_core::policy::Severity;
use sqlx::{Postgres, Row, Transaction};

use super::kin::head;
use super::row::{self, int, word};
use super::standing::standing;
use super::tokens;
use crate::decode::Undecoded;
use crate::store::{Changes, News, StoreError};

/// Records findings: a new one is news; a retracted one that came back is news; one that is
/// already known stays as it is, so that looking back never rewrites what was found live.
pub(super) async fn record(
    tx: &mut Transaction<'_, Postgres>,
    alerts: Vec<Alert>,
    found_at: u64,
    now: i64,
) -> Result<Changes, StoreError> {
    let mut changes = Changes::default();
    for mut alert in alerts {
        // Who looked back may have begun before the list changed.
        alert.standing = standing(tx, alert.listed).await?.unwrap_or(alert.standing);
        let id = row::id_bytes(&alert.id)?;
        let known = sqlx::query("SELECT confirmation, disposition FROM alerts WHERE id = $1")
            .bind(&id)
            .fetch_optional(&mut **tx)
            .await?;
        match known {
            None => {
                upsert(tx, &id, &alert, found_at).await?;
                tokens::remember(tx, alert.transfer.token).await?;
                tell(tx, &id, News::Created, &alert, now).await?;
                changes.created.push(alert);
            }
            Some(row) if row.try_get::<&str, _>("confirmation")? == "retracted" => {
                upsert(tx, &id, &alert, found_at).await?;
                let back = reread(tx, &id).await?;
                tell(tx, &id, News::Updated, &back, now).await?;
                changes.updated += 1;
            }
            Some(_) => {}
        }
    }
    Ok(changes)
}

/// Keeps logs that were not screened.
pub(super) async fn keep(
    tx: &mut Transaction<'_, Postgres>,
    logs: &[Undecoded],
    found_at: u64,
) -> Result<(), StoreError> {
    for log in logs {
        sqlx::query(
            "INSERT INTO undecoded_logs
                 (block_hash, log_index, block_number, found_at, tx_hash, address, kind, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (block_hash, log_index) DO NOTHING",
        )
        .bind(log.block_hash.as_slice())
        .bind(row::log_index(log.position.log))
        .bind(int(log.position.block))
        .bind(int(found_at))
        .bind(log.tx_hash.as_slice())
        .bind(log.address.as_slice())
        .bind(log.kind.word())
        .bind(&log.reason)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Sets the chain's word on an alert and writes the news of it.
pub(super) async fn set_confirmation(
    tx: &mut Transaction<'_, Postgres>,
    mut alert: Alert,
    confirmation: Confirmation,
    now: i64,
) -> Result<(), StoreError> {
    let id = row::id_bytes(&alert.id)?;
    sqlx::query("UPDATE alerts SET confirmation = $1 WHERE id = $2")
        .bind(word(confirmation)?)
        .bind(&id)
        .execute(&mut **tx)
        .await?;
    alert.confirmation = confirmation;
    let news = match confirmation {
        Confirmation::Retracted => News::Retracted,
        Confirmation::Pending | Confirmation::Confirmed => News::Updated,
    };
    tell(tx, &id, news, &alert, now).await
}

/// A finding as it is written down.
pub(super) async fn reread(
    tx: &mut Transaction<'_, Postgres>,
    id: &[u8],
) -> Result<Alert, StoreError> {
    let row =
        sqlx::query("SELECT * FROM alerts WHERE id = $1").bind(id).fetch_one(&mut **tx).await?;
    row::alert(&row)
}

/// Whether it is told before what accuses nobody.
fn is_urgent(alert: &Alert) -> bool {
    alert.severity > Severity::Informational
}

pub(super) async fn tell(
    tx: &mut Transaction<'_, Postgres>,
    id: &[u8],
    news: News,
    alert: &Alert,
    now: i64,
) -> Result<(), StoreError> {
    let snapshot =
        serde_json::to_string(alert).map_err(|_| StoreError::Unreadable("an alert's snapshot"))?;
    sqlx::query(
        "INSERT INTO outbox (seq, alert_id, kind, alert, made_at, urgent)
         SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 FROM outbox",
    )
    .bind(id)
    .bind(news.word())
    .bind(snapshot)
    .bind(now)
    .bind(i64::from(is_urgent(alert)))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes a finding. Over a retracted one everything that depends on the branch is written anew;
/// what people decided stays.
async fn upsert(
    tx: &mut Transaction<'_, Postgres>,
    id: &[u8],
    alert: &Alert,
    found_at: u64,
) -> Result<(), StoreError> {
    let transfer = &alert.transfer;
    let flood = head(tx, alert).await?;
    let uids = serde_json::to_string(&alert.uids).map_err(|_| StoreError::Unreadable("uids"))?;
    sqlx::query(
        "INSERT INTO alerts
             (id, confirmation, disposition, found_at, found_by, severity, rule, policy, phase,
              listed, side, counterparty, act, manifest, sources, uids, chain_id, block_number,
              block_hash, block_time, tx_index, tx_hash, log_index, signer, kind, token, sender,
              recipient, amount, standing, item, token_id, verification, worth, flood,
              failed, awaits_finality)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34,
                 $35, $36, $37)
         ON CONFLICT (id) DO UPDATE SET
             confirmation = excluded.confirmation, found_at = excluded.found_at,
             found_by = excluded.found_by, severity = excluded.severity, rule = excluded.rule,
             policy = excluded.policy, phase = excluded.phase, act = excluded.act,
             manifest = excluded.manifest, sources = excluded.sources, uids = excluded.uids,
             standing = excluded.standing, verification = excluded.verification,
             worth = excluded.worth, flood = excluded.flood, failed = excluded.failed,
             awaits_finality = excluded.awaits_finality",
    )
    .bind(id)
    .bind(word(alert.confirmation)?)
    .bind(word(alert.disposition)?)
    .bind(int(found_at))
    .bind(word(alert.found_by)?)
    .bind(word(alert.severity)?)
    .bind(&alert.rule)
    .bind(&alert.policy)
    .bind(word(alert.phase)?)
    .bind(alert.listed.as_slice())
    .bind(word(alert.side)?)
    .bind(alert.counterparty().as_slice().to_vec())
    .bind(i64::from(alert.act))
    .bind(alert.manifest.as_slice())
    .bind(i64::from(alert.sources))
    .bind(uids)
    .bind(int(transfer.chain_id))
    .bind(int(transfer.position.block))
    .bind(transfer.block_hash.as_slice())
    .bind(int(transfer.block_time))
    .bind(int(transfer.position.tx))
    .bind(transfer.tx_hash.as_slice())
    .bind(row::log_index(transfer.position.log))
    .bind(transfer.signer.as_slice())
    .bind(word(transfer.kind)?)
    .bind(transfer.token.as_ref().map(|token| token.as_slice()))
    .bind(transfer.from.as_slice())
    .bind(transfer.to.as_slice())
    .bind(transfer.value.to_be_bytes::<{ U256::BYTES }>().to_vec())
    .bind(word(alert.standing)?)
    .bind(i64::from(transfer.item))
    .bind(transfer.token_id.map(|id| id.to_be_bytes::<{ U256::BYTES }>().to_vec()))
    .bind(word(transfer.verification)?)
    .bind(alert.worth.map(|worth| int(worth.0)))
    .bind(flood)
    .bind(i64::from(alert.failed))
    .bind(i64::from(alert.awaits_finality))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
