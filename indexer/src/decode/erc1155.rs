//! ERC-1155 `TransferSingle` and `TransferBatch`. A batch is as many transfers as it has elements.

use alloy_primitives::{Address, B256, U256, b256};
use interdict_core::transfer::TransferKind;

use super::abi::{self, WORD_BYTES};
use super::{Movement, UndecodedKind, Unread};
use crate::chain::Log;

/// Topic of `TransferSingle(address,address,address,uint256,uint256)`.
pub const TRANSFER_SINGLE: B256 =
    b256!("0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62");
/// Topic of `TransferBatch(address,address,address,uint256[],uint256[])`.
pub const TRANSFER_BATCH: B256 =
    b256!("0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb");

/// Reads a `TransferSingle` log.
pub(super) fn single(log: &Log) -> Result<Movement, Unread> {
    let moved = parties(log)?;
    let data = &log.data.data;
    match (abi::uint(data, 0), abi::uint(data, 1)) {
        (Some(id), Some(value)) if data.len() == 2 * WORD_BYTES => {
            Ok(Movement { token_id: Some(id), value, ..moved })
        }
        _ => Err(unread(format!("has {} bytes of data, a single transfer has 64", data.len()))),
    }
}

/// Reads a `TransferBatch` log. An empty batch moves nothing; it is one movement of nothing, so
/// that it is seen.
pub(super) fn batch(log: &Log, into: &mut Vec<Movement>) -> Result<(), Unread> {
    let moved = parties(log)?;
    let data = &log.data.data;
    let (Some(ids), Some(values)) = (abi::array(data, 0), abi::array(data, 1)) else {
        return Err(unread(format!("has arrays that do not lie in its {} bytes", data.len())));
    };
    if ids.len() != values.len() {
        let (ids, values) = (ids.len() / WORD_BYTES, values.len() / WORD_BYTES);
        return Err(unread(format!("has {ids} ids and {values} amounts")));
    }
    if ids.is_empty() {
        into.push(moved);
        return Ok(());
    }
    let elements = ids.chunks_exact(WORD_BYTES).zip(values.chunks_exact(WORD_BYTES));
    into.extend(elements.zip(0..).map(|((id, value), item)| Movement {
        item,
        token_id: Some(U256::from_be_slice(id)),
        value: U256::from_be_slice(value),
        ..moved
    }));
    Ok(())
}

fn parties(log: &Log) -> Result<Movement, Unread> {
    let [_, operator, from, to] = log.data.topics() else {
        let topics = log.data.topics().len();
        return Err(unread(format!("has {topics} topics, an ERC-1155 transfer has 4")));
    };
    let address = |word: &B256| -> Result<Address, Unread> {
        abi::address(*word).ok_or_else(|| unread("has a party that is no address".to_owned()))
    };
    let (operator, from, to) = (address(operator)?, address(from)?, address(to)?);
    Ok(Movement {
        token: Some(log.address),
        spender: Some(operator),
        ..Movement::of(TransferKind::Erc1155, from, to)
    })
}

fn unread(reason: String) -> Unread {
    Unread::new(UndecodedKind::Erc1155, reason)
}
