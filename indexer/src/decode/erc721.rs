//! ERC-721 `Transfer`: ERC-20's with the third word indexed, a token's id.

use alloy_primitives::U256;
use interdict_core::transfer::TransferKind;

use super::{Movement, UndecodedKind, Unread, erc20};
use crate::chain::Log;

/// Reads a `Transfer` log of four topics. One with data besides is of no standard: whether an
/// amount or an id moved cannot be told.
pub(super) fn transfer(log: &Log) -> Result<Movement, Unread> {
    let [_, from, to, id] = log.data.topics() else {
        let reason = "has not the four topics of an ERC-721 transfer".to_owned();
        return Err(Unread::new(UndecodedKind::Malformed, reason));
    };
    if !log.data.data.is_empty() {
        let reason =
            format!("has four topics and {} bytes of data, a transfer none", log.data.data.len());
        return Err(Unread::new(UndecodedKind::Malformed, reason));
    }
    let (from, to) = erc20::parties(*from, *to)?;
    Ok(Movement {
        token: Some(log.address),
        token_id: Some((*id).into()),
        value: U256::ONE,
        ..Movement::of(TransferKind::Erc721, from, to)
    })
}
