//! The watched chain as this program believes it: only blocks whose contents reproduce what their
//! header commits to.
//!
//! If you fetch, verify or order blocks you are in the right place; what a block means is decided
//! by `decode` and `screen`.

pub mod accept;
pub mod follow;
pub mod pool;
pub mod profile;
pub mod refusal;
pub mod rpc;
mod trail;
pub mod transport;
pub mod wire;

use alloy_consensus::Transaction;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_eips::eip7702::SignedAuthorization;
use alloy_primitives::{Address, B256, LogData, U256, keccak256};

pub use wire::Envelope;

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

impl Block {
    /// One number for all that is screened: two providers that give the same say the same.
    pub fn digest(&self) -> B256 {
        let mut bytes = self.header.hash.to_vec();
        for tx in &self.transactions {
            bytes.extend_from_slice(tx.hash.as_slice());
            bytes.extend_from_slice(&[u8::from(tx.succeeded)]);
            bytes.extend_from_slice(&tx.logs.len().to_be_bytes());
            for log in &tx.logs {
                bytes.extend_from_slice(log.address.as_slice());
                bytes.extend_from_slice(&log.data.topics().len().to_be_bytes());
                bytes.extend(log.data.topics().iter().flatten());
                bytes.extend_from_slice(keccak256(&log.data.data).as_slice());
            }
        }
        keccak256(bytes)
    }
}

/// One transaction with what became of it.
#[derive(Clone, Debug)]
pub struct Tx {
    /// Keccak-256 of the transaction's bytes.
    pub hash: B256,
    /// The transaction.
    pub envelope: Envelope,
    /// Who the provider says has signed. No root commits to this.
    pub claimed_signer: Address,
    /// The nonce that an OP deposit was carried out with, where a root commits to it.
    pub deposit_nonce: Option<u64>,
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
    /// The signature gives nobody (a local chain's impersonation, a chain's own transactions): the
    /// provider's word.
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
    /// Who signed: from the signature, because no root commits to the provider's `from`. What came
    /// from L1 has no signature; its sender is a field that the root commits to.
    pub fn signer(&self) -> Signer {
        let claimed = Signer::Claimed(self.claimed_signer);
        match &self.envelope {
            Envelope::Ethereum(tx) => tx.recover_signer().map_or(claimed, Signer::Proved),
            Envelope::Deposit(tx) => Signer::Proved(tx.from),
            Envelope::Arbitrum(tx) => Signer::Proved(tx.from()),
            Envelope::StateSync => claimed,
        }
    }

    /// Who received the transaction's own value: the callee, or the contract that it created.
    pub fn recipient(&self, signer: Address) -> Address {
        let nonce = match &self.envelope {
            Envelope::Ethereum(tx) => tx.nonce(),
            Envelope::Deposit(_) => self.deposit_nonce.unwrap_or_default(),
            Envelope::Arbitrum(tx) => tx.nonce(),
            Envelope::StateSync => 0,
        };
        self.callee().unwrap_or_else(|| signer.create(nonce))
    }

    /// Whom the transaction calls; `None` if it creates a contract.
    pub fn callee(&self) -> Option<Address> {
        match &self.envelope {
            Envelope::Ethereum(tx) => tx.to(),
            Envelope::Deposit(tx) => tx.to.into_to(),
            Envelope::Arbitrum(tx) => tx.to(),
            Envelope::StateSync => Some(Address::ZERO),
        }
    }

    /// What the transaction says to its callee.
    pub fn input(&self) -> &[u8] {
        match &self.envelope {
            Envelope::Ethereum(tx) => tx.input(),
            Envelope::Deposit(tx) => &tx.input,
            Envelope::Arbitrum(tx) => tx.input(),
            Envelope::StateSync => &[],
        }
    }

    /// The delegations that the transaction carries (EIP-7702).
    pub fn authorizations(&self) -> &[SignedAuthorization] {
        match &self.envelope {
            Envelope::Ethereum(tx) => tx.authorization_list().unwrap_or_default(),
            Envelope::Deposit(_) | Envelope::Arbitrum(_) | Envelope::StateSync => &[],
        }
    }

    /// The transaction's own value, in wei.
    pub fn value(&self) -> U256 {
        match &self.envelope {
            Envelope::Ethereum(tx) => tx.value(),
            Envelope::Deposit(tx) => tx.value,
            Envelope::Arbitrum(tx) => tx.value(),
            Envelope::StateSync => U256::ZERO,
        }
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
