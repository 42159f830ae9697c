//! Values as both databases write them.

use interdict_core::alert::{Alert, AlertId};
use interdict_core::transfer::Transfer;
use serde::Serialize;

use super::StoreError;

/// `log_index` of a transaction's own value.
pub(super) const NO_LOG: i64 = -1;

/// The word that an enum has in JSON is the word that it has in the database.
pub(super) fn word<T: Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(_) | Err(_) => Err(StoreError::Unreadable("a value that is no word")),
    }
}

/// Both have signed integers only; heights, times and places stay far below the limit.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn id_bytes(id: &AlertId) -> Result<Vec<u8>, StoreError> {
    hex::decode(id.to_string()).map_err(|_| StoreError::Unreadable("an alert id"))
}

pub(super) fn log_index(log: Option<u64>) -> i64 {
    log.map_or(NO_LOG, int)
}

pub(super) fn id_of(bytes: &[u8]) -> Result<AlertId, StoreError> {
    hex::encode(bytes).parse().map_err(|_| StoreError::Unreadable("id"))
}

/// The place of a finding in the chain's order, and its name; before all others without one.
pub(super) fn place_of(alert: Option<&Alert>) -> Result<([i64; 4], Vec<u8>), StoreError> {
    let Some(alert) = alert else { return Ok(([-1; 4], Vec::new())) };
    let Transfer { position: at, item, .. } = alert.transfer;
    let place = [int(at.block), int(at.tx), log_index(at.log), i64::from(item)];
    Ok((place, id_bytes(&alert.id)?))
}
