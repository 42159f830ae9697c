//! Wrapped coin (WETH9): `Deposit` and `Withdrawal`, which have no `Transfer` beside them. Other
//! contracts log events of these names; whether one is a wrapped coin, the asset table knows.

use alloy_primitives::{Address, B256, b256};
use interdict_core::transfer::TransferKind;

use super::Movement;
use super::abi::{self, WORD_BYTES};
use crate::chain::Log;

/// Topic of `Deposit(address,uint256)`.
pub const DEPOSIT: B256 =
    b256!("0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c");
/// Topic of `Withdrawal(address,uint256)`.
pub const WITHDRAWAL: B256 =
    b256!("0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65");

/// Reads a `Deposit` log; `None` if it has not the shape of WETH9's, and so is another contract's
/// event of the same name.
pub(super) fn deposit(log: &Log) -> Option<Movement> {
    let (holder, moved) = holder(log)?;
    Some(Movement { kind: TransferKind::Wrap, from: log.address, to: holder, ..moved })
}

/// Reads a `Withdrawal` log, likewise.
pub(super) fn withdrawal(log: &Log) -> Option<Movement> {
    let (holder, moved) = holder(log)?;
    Some(Movement { kind: TransferKind::Unwrap, from: holder, to: log.address, ..moved })
}

fn holder(log: &Log) -> Option<(Address, Movement)> {
    let [_, holder] = log.data.topics() else { return None };
    let value = abi::uint(&log.data.data, 0).filter(|_| log.data.data.len() == WORD_BYTES)?;
    let holder = abi::address(*holder)?;
    let moved = Movement::of(TransferKind::Wrap, log.address, holder);
    Some((holder, Movement { token: Some(log.address), value, ..moved }))
}
