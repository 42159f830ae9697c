//! A movement of value on a watched chain.

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

/// A place in a chain's history, ordered as the chain orders it. A transaction's own value comes
/// before its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Block number.
    pub block: u64,
    /// Index of the transaction in the block.
    pub tx: u64,
    /// Index of the log in the block; `None` for the transaction's own value.
    pub log: Option<u64>,
}

/// What moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// The chain's own coin, as a transaction's value.
    Native,
    /// An ERC-20 `Transfer` log.
    Erc20,
}

/// One transfer. Fixed width and without strings, so that it can lie in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where it happened.
    pub position: Position,
    /// Hash of the block.
    pub block_hash: B256,
    /// The block's timestamp, unix seconds.
    pub block_time: u64,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// Who signed the transaction.
    pub signer: Address,
    /// What moved.
    pub kind: TransferKind,
    /// The token's contract; `None` for the chain's own coin.
    pub token: Option<Address>,
    /// Who sent.
    pub from: Address,
    /// Who received.
    pub to: Address,
    /// How much, in the smallest unit.
    pub value: U256,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transactions_value_comes_before_its_logs() {
        let at = |tx, log| Position { block: 7, tx, log };
        assert!(at(1, None) < at(1, Some(0)));
        assert!(at(1, Some(9)) < at(2, None));
    }
}
