//! The watched chain as this program believes it: only blocks whose contents reproduce what their
//! header commits to.
//!
//! If you fetch, verify or order blocks you are in the right place; what a block means is decided
//! by `decode` and `screen`.

pub mod accept;
pub mod follow;
pub mod profile;
pub mod rpc;
pub mod transport;

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope};
use alloy_primitives::{Address, B256, LogData, U256};

/// A block's header whose fields hash to its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Keccak-256 of the header.
    pub hash: B256,
    /// Height.
    pub number: u64,
    /// Hash of the block below.
    pub parent: B256,
    /// Unix seconds.
    pub time: u64,
}

/// A block whose transactions and receipts reproduce its header's roots.
#[derive(Clone, Debug)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// In order.
    pub transactions: Vec<Tx>,
}

/// One transaction with what became of it.
#[derive(Clone, Debug)]
pub struct Tx {
    /// Keccak-256 of the signed transaction.
    pub hash: B256,
    /// The signed transaction.
    pub envelope: TxEnvelope,
    /// Who the provider says has signed. No root commits to this.
    pub claimed_signer: Address,
    /// Whether it was carried out.
    pub succeeded: bool,
    /// What it logged, in order.
    pub logs: Vec<Log>,
}

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Place among all logs of the block.
    pub index: u64,
    /// Who logged it.
    pub address: Address,
    /// Topics and data.
    pub data: LogData,
}

/// Who signed a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Recovered from the signature.
    Proved(Address),
    /// The signature gives nobody (a local chain's impersonation): the provider's word.
    Claimed(Address),
}

impl Signer {
    /// The address, however it is known.
    pub const fn address(self) -> Address {
        match self {
            Self::Proved(address) | Self::Claimed(address) => address,
        }
    }
}

impl Tx {
    /// Who signed: from the signature, because no root commits to the provider's `from`.
    pub fn signer(&self) -> Signer {
        self.envelope.recover_signer().map_or(Signer::Claimed(self.claimed_signer), Signer::Proved)
    }

    /// Who received the transaction's own value: the callee, or the contract that it created.
    pub fn recipient(&self, signer: Address) -> Address {
        self.envelope.to().unwrap_or_else(|| signer.create(self.envelope.nonce()))
    }

    /// The transaction's own value, in wei.
    pub fn value(&self) -> U256 {
        self.envelope.value()
    }
}

/// A step of the chain. Whoever takes it in reverts first, then commits.
#[derive(Clone, Debug)]
pub enum Update {
    /// The next block.
    Commit(Box<Block>),
    /// Another branch took over above `to`.
    Reorg {
        /// The last block that both branches share.
        to: Header,
        /// The new branch above it, verified, in order; never empty.
        branch: Vec<Block>,
    },
    /// The chain ends at `to`, below where it ended before.
    Revert {
        /// The chain's end now.
        to: Header,
    },
}

impl Update {
    /// The last block that stays, if blocks were taken back.
    pub const fn reverted(&self) -> Option<Header> {
        match self {
            Self::Commit(_) => None,
            Self::Reorg { to, .. } | Self::Revert { to } => Some(*to),
        }
    }

    /// The blocks that came, in order.
    pub fn committed(&self) -> &[Block] {
        match self {
            Self::Commit(block) => std::slice::from_ref(block),
            Self::Reorg { branch, .. } => branch,
            Self::Revert { .. } => &[],
        }
    }
}
