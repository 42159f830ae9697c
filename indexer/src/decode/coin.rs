//! The chain's own coin: a transaction's value, and the logs that the chain itself writes of every
//! movement (EIP-7708).

use alloy_primitives::{Address, U256, address};
use interdict_core::transfer::TransferKind;

use super::{Movement, Unread, erc20};
use crate::chain::{Log, Tx};

/// Who logs movements of the coin under EIP-7708: no contract, and never a token.
pub const COIN_LOGGER: Address = address!("0xfffffffffffffffffffffffffffffffffffffffe");

/// The transaction's own value; `None` if it has none.
pub(super) fn own_value(tx: &Tx, signer: Address) -> Option<Movement> {
    let value = tx.value();
    if value.is_zero() {
        return None;
    }
    Some(Movement { value, ..Movement::of(TransferKind::Native, signer, tx.recipient(signer)) })
}

/// Reads an EIP-7708 log. Its shape is ERC-20's.
pub(super) fn log(log: &Log) -> Result<Movement, Unread> {
    let moved = erc20::transfer(log)?;
    Ok(Movement { kind: TransferKind::NativeLog, token: None, token_id: None, ..moved })
}

/// Whether a movement is the transaction's own value, said once more.
///
/// Under EIP-7708 the first log of a transaction with value is of that value, before any other. It
/// is the same movement, and the transaction's own value keeps its place and its name: an alert is
/// called the same on a chain that logs and on one that does not. Only the first such log can be
/// it; whatever comes after has moved besides.
pub(super) fn repeats(own: &Movement, first: &Movement) -> bool {
    let parties =
        |moved: &Movement| -> (Address, Address, U256) { (moved.from, moved.to, moved.value) };
    first.kind == TransferKind::NativeLog && parties(own) == parties(first)
}
