//! Approvals: a holder lets somebody move its tokens. ERC-20 and ERC-721 `Approval`, ERC-721 and
//! ERC-1155 `ApprovalForAll`.

use alloy_primitives::{B256, U256, b256};
use interdict_core::transfer::TransferKind;

use super::abi::{self, WORD_BYTES};
use super::{Movement, UndecodedKind, Unread};
use crate::chain::Log;

/// Topic of `Approval(address,address,uint256)`, shared by ERC-20 and ERC-721.
pub const APPROVAL: B256 =
    b256!("0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925");
/// Topic of `ApprovalForAll(address,address,bool)`.
pub const APPROVAL_FOR_ALL: B256 =
    b256!("0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31");

/// Reads an `Approval` log: an amount in ERC-20, one token in ERC-721, where the id is indexed.
pub(super) fn one(log: &Log) -> Result<Movement, Unread> {
    let data = &log.data.data;
    match (log.data.topics(), data.len()) {
        ([_, owner, spender], WORD_BYTES) => {
            let value = abi::uint(data, 0).unwrap_or_default();
            Ok(Movement { value, ..parties(log, *owner, *spender)? })
        }
        ([_, owner, spender, id], 0) => {
            let moved = parties(log, *owner, *spender)?;
            Ok(Movement { token_id: Some((*id).into()), value: U256::ONE, ..moved })
        }
        _ => Err(shape(log)),
    }
}

/// Reads an `ApprovalForAll` log: 1 if everything is allowed, 0 if that is taken back.
pub(super) fn all(log: &Log) -> Result<Movement, Unread> {
    match (log.data.topics(), abi::uint(&log.data.data, 0)) {
        ([_, owner, spender], Some(value)) if log.data.data.len() == WORD_BYTES => {
            let value = if value.is_zero() { U256::ZERO } else { U256::ONE };
            Ok(Movement { value, ..parties(log, *owner, *spender)? })
        }
        _ => Err(shape(log)),
    }
}

fn parties(log: &Log, owner: B256, spender: B256) -> Result<Movement, Unread> {
    let (Some(owner), Some(spender)) = (abi::address(owner), abi::address(spender)) else {
        return Err(unread("has a party that is no address".to_owned()));
    };
    let moved = Movement::of(TransferKind::Approval, owner, spender);
    Ok(Movement { token: Some(log.address), ..moved })
}

fn shape(log: &Log) -> Unread {
    let (topics, bytes) = (log.data.topics().len(), log.data.data.len());
    unread(format!("has {topics} topics and {bytes} bytes of data, an approval has other"))
}

fn unread(reason: String) -> Unread {
    Unread::new(UndecodedKind::Approval, reason)
}
