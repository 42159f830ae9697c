//! ERC-20 `Transfer`, of tokens that return a value, return none (USDT) or take a fee (the log then
//! says what arrived): a log is the same for all of them.

use alloy_primitives::{Address, B256, b256};
use interdict_core::transfer::TransferKind;

use super::abi::{self, WORD_BYTES};
use super::{Movement, UndecodedKind, Unread, erc721};
use crate::chain::Log;

/// Topic of `Transfer(address,address,uint256)`, shared by ERC-20, ERC-721 and EIP-7708.
pub const TRANSFER: B256 =
    b256!("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

/// Reads a `Transfer` log. Which words are indexed tells the standards apart: the parties in
/// ERC-20, the token's id as well in ERC-721, none in tokens older than both. Of the last it cannot
/// be told whether the third word is an amount or an id (`CryptoKitties`), but who dealt with whom
/// is plain; what is no known asset is never judged by its amount.
pub(super) fn transfer(log: &Log) -> Result<Movement, Unread> {
    let topics = log.data.topics();
    let data = &log.data.data;
    let (from, to) = match (topics, data.len()) {
        ([_, _, _, _], _) => return erc721::transfer(log),
        ([_, from, to], WORD_BYTES) => (*from, *to),
        ([_], bytes) if bytes == 3 * WORD_BYTES => {
            (abi::word(data, 0).unwrap_or_default(), abi::word(data, 1).unwrap_or_default())
        }
        _ => {
            let reason = format!(
                "has {} indexed words and {} bytes of data, a transfer has 2 and {WORD_BYTES}",
                topics.len().saturating_sub(1),
                data.len()
            );
            return Err(Unread::new(UndecodedKind::Malformed, reason));
        }
    };
    let (from, to) = parties(from, to)?;
    let value = abi::uint(data, data.len() / WORD_BYTES - 1).unwrap_or_default();
    Ok(Movement { token: Some(log.address), value, ..Movement::of(TransferKind::Erc20, from, to) })
}

/// The two parties of a transfer.
pub(super) fn parties(from: B256, to: B256) -> Result<(Address, Address), Unread> {
    let (Some(from), Some(to)) = (abi::address(from), abi::address(to)) else {
        let reason = "has a party that is no address".to_owned();
        return Err(Unread::new(UndecodedKind::Malformed, reason));
    };
    Ok((from, to))
}
