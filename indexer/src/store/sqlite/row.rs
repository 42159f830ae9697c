//! An alert as a row, and back.

use alloy_primitives::{Address, B256, U256};
use interdict_core::alert::Alert;
use interdict_core::desk::{Desk, Papers};
use interdict_core::policy::Worth;
use interdict_core::transfer::{Position, Transfer};
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(super) use crate::store::word::{id_bytes, id_of, int, log_index, place_of, word};
use crate::store::{Case, StoreError};

pub(super) fn read_word<T: DeserializeOwned>(
    row: &SqliteRow,
    column: &'static str,
) -> Result<T, StoreError> {
    let word: String = row.try_get(column)?;
    serde_json::from_value(word.into()).map_err(|_| StoreError::Unreadable(column))
}

pub(super) fn uint(row: &SqliteRow, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Unreadable(column))
}

fn bytes<const N: usize>(row: &SqliteRow, column: &'static str) -> Result<[u8; N], StoreError> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(|_| StoreError::Unreadable(column))
}

pub(super) fn hash(row: &SqliteRow, column: &'static str) -> Result<B256, StoreError> {
    bytes(row, column).map(B256::new)
}

pub(super) fn address(row: &SqliteRow, column: &'static str) -> Result<Address, StoreError> {
    bytes(row, column).map(Address::new)
}

pub(super) fn alert(row: &SqliteRow) -> Result<Alert, StoreError> {
    let id = hex::encode(bytes::<16>(row, "id")?);
    let uids: String = row.try_get("uids")?;
    Ok(Alert {
        id: id.parse().map_err(|_| StoreError::Unreadable("id"))?,
        transfer: transfer(row)?,
        listed: address(row, "listed")?,
        side: read_word(row, "side")?,
        phase: read_word(row, "phase")?,
        found_by: read_word(row, "found_by")?,
        rule: row.try_get("rule")?,
        severity: read_word(row, "severity")?,
        policy: row.try_get("policy")?,
        worth: match row.try_get::<Option<i64>, _>("worth")? {
            Some(_) => Some(Worth::of_parts(uint(row, "worth")?)),
            None => None,
        },
        failed: uint(row, "failed")? != 0,
        act: row.try_get("act")?,
        manifest: hash(row, "manifest")?,
        sources: row.try_get("sources")?,
        uids: serde_json::from_str(&uids).map_err(|_| StoreError::Unreadable("uids"))?,
        confirmation: read_word(row, "confirmation")?,
        disposition: read_word(row, "disposition")?,
        standing: read_word(row, "standing")?,
        awaits_finality: uint(row, "awaits_finality")? != 0,
    })
}

/// An alert with where it stands with people.
pub(super) fn case(row: &SqliteRow) -> Result<Case, StoreError> {
    let papers = row.try_get::<Option<&str>, _>("desk")?.map_or(Ok(Papers::default()), |text| {
        serde_json::from_str(text).map_err(|_| StoreError::Unreadable("papers of an alert"))
    })?;
    let alert = alert(row)?;
    let desk = Desk {
        version: uint(row, "version")?,
        disposition: alert.disposition,
        assignee: row.try_get("assignee")?,
        snoozed_until: row.try_get("snoozed_until")?,
        papers,
    };
    Ok(Case { alert, desk })
}

fn transfer(row: &SqliteRow) -> Result<Transfer, StoreError> {
    let log: i64 = row.try_get("log_index")?;
    let token = match row.try_get::<Option<&[u8]>, _>("token")? {
        Some(_) => Some(address(row, "token")?),
        None => None,
    };
    Ok(Transfer {
        chain_id: uint(row, "chain_id")?,
        position: Position {
            block: uint(row, "block_number")?,
            tx: uint(row, "tx_index")?,
            log: u64::try_from(log).ok(),
        },
        item: row.try_get("item")?,
        block_hash: hash(row, "block_hash")?,
        block_time: uint(row, "block_time")?,
        tx_hash: hash(row, "tx_hash")?,
        signer: address(row, "signer")?,
        kind: read_word(row, "kind")?,
        token,
        token_id: match row.try_get::<Option<&[u8]>, _>("token_id")? {
            Some(_) => Some(U256::from_be_bytes(bytes::<32>(row, "token_id")?)),
            None => None,
        },
        from: address(row, "sender")?,
        to: address(row, "recipient")?,
        value: U256::from_be_bytes(bytes::<32>(row, "amount")?),
        verification: read_word(row, "verification")?,
    })
}
