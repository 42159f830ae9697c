//! A movement of value on a watched chain, or what comes near one: an approval, a call, a contract
//! that comes to be, an account that delegates.

use alloy_primitives::{Address, B256, U256};
use serde::{Deserialize, Serialize};

/// A place in a chain's history, ordered as the chain orders it. A transaction's own value comes
/// before its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Position {
    /// Block number.
    pub block: u64,
    /// Index of the transaction in the block.
    pub tx: u64,
    /// Index of the log in the block; `None` for what has no log: the transaction itself, its own
    /// value, and what its internal calls moved.
    pub log: Option<u64>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TransferKind {
    /// The chain's own coin, as a transaction's value.
    Native,
    /// The chain's own coin, moved by a call inside a transaction; known from traces.
    Internal,
    /// The chain's own coin, as the chain itself logs it (EIP-7708).
    NativeLog,
    /// An ERC-20 `Transfer` log.
    Erc20,
    /// An ERC-721 `Transfer` log: one token, named by its id.
    Erc721,
    /// One element of an ERC-1155 `TransferSingle` or `TransferBatch` log.
    Erc1155,
    /// Coin that became its wrapped token (WETH9 `Deposit`): from the contract to the holder.
    Wrap,
    /// Wrapped coin that became coin again (WETH9 `Withdrawal`): from the holder to the contract.
    Unwrap,
    /// A holder allows somebody to move its tokens (ERC-20, ERC-721 and ERC-1155): from the owner
    /// to the spender. Nothing moves yet.
    Approval,
    /// A transaction as such, which calls somebody: from the signer to the callee.
    Call,
    /// A contract comes to be: from its creator to the contract.
    Creation,
    /// An account lets a contract's code act for it (EIP-7702): from the account to the contract.
    Delegation,
}

impl TransferKind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 12] = [
        Self::Native,
        Self::Internal,
        Self::NativeLog,
        Self::Erc20,
        Self::Erc721,
        Self::Erc1155,
        Self::Wrap,
        Self::Unwrap,
        Self::Approval,
        Self::Call,
        Self::Creation,
        Self::Delegation,
    ];

    /// Whether it is about a token, which has a contract of its own.
    pub const fn has_token(self) -> bool {
        match self {
            Self::Erc20
            | Self::Erc721
            | Self::Erc1155
            | Self::Wrap
            | Self::Unwrap
            | Self::Approval => true,
            Self::Native
            | Self::Internal
            | Self::NativeLog
            | Self::Call
            | Self::Creation
            | Self::Delegation => false,
        }
    }

    /// Whether a log of the chain says it.
    pub const fn has_log(self) -> bool {
        self.has_token() || matches!(self, Self::NativeLog)
    }
}

/// How far it is proved that something happened.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Verification {
    /// The block's header commits to it, and its roots came out.
    #[default]
    Proved,
    /// As proved; but its block was caught up with by the logs of whole ranges, and beside the
    /// blocks in which something was found only a sample was proved: others may have been passed
    /// over.
    Sampled,
    /// No header commits to it; two providers said the same.
    Agreed,
    /// No header commits to it, and it is one provider's word.
    Unverified,
}

/// One transfer. Fixed width and without strings, so that it can lie in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where it happened.
    pub position: Position,
    /// Which of those at this position: the element of a batch, from 0; the internal call, from 1;
    /// the authorisation of a transaction, from 0. Else 0.
    #[serde(default)]
    pub item: u32,
    /// Hash of the block.
    pub block_hash: B256,
    /// The block's timestamp, unix seconds.
    pub block_time: u64,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// Who signed the transaction.
    pub signer: Address,
    /// What happened.
    pub kind: TransferKind,
    /// The token's contract; `None` for the chain's own coin and where nothing moves.
    pub token: Option<Address>,
    /// The token's id within its contract, where it has one.
    #[serde(default)]
    pub token_id: Option<U256>,
    /// Who sent.
    pub from: Address,
    /// Who received.
    pub to: Address,
    /// How much, in the smallest unit. Of an approval: how much is allowed (1 for all of them).
    pub value: U256,
    /// How far it is proved.
    #[serde(default)]
    pub verification: Verification,
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

    #[test]
    fn every_kind_is_told() {
        // The last one's place is the count of all before it.
        assert_eq!(TransferKind::ALL.map(|kind| kind as usize), std::array::from_fn(|n| n));
        assert_eq!(TransferKind::Delegation as usize + 1, TransferKind::ALL.len());
    }

    #[test]
    fn a_transfer_written_before_there_were_kinds_is_still_read() {
        let old = r#"{"chain_id":1,"position":{"block":7,"tx":0,"log":2},
            "block_hash":"0x0101010101010101010101010101010101010101010101010101010101010101",
            "block_time":5,
            "tx_hash":"0x0202020202020202020202020202020202020202020202020202020202020202",
            "signer":"0x0303030303030303030303030303030303030303","kind":"erc20",
            "token":"0x0404040404040404040404040404040404040404",
            "from":"0x0505050505050505050505050505050505050505",
            "to":"0x0606060606060606060606060606060606060606","value":"0x9"}"#;
        let transfer: Transfer = serde_json::from_str(old).expect("it has all that it needs");
        assert_eq!((transfer.item, transfer.token_id), (0, None));
        assert_eq!(transfer.verification, Verification::Proved);
    }
}
