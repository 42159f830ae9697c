//! Arbitrum's own transaction types, encoded as Nitro encodes them (`arb_types.go` in Offchain
//! Labs' go-ethereum): the type's byte, then the fields as a list, in this order. Their sender is
//! a field, since L1 or the chain itself has sent them and nobody signed.

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use alloy_rlp::{Encodable, RlpEncodable};
use serde::Deserialize;

/// The types.
pub const TYPES: [u8; 6] = [0x64, 0x65, 0x66, 0x68, 0x69, 0x6a];
/// Who sends what the chain does of itself.
const ARBOS: Address = address!("0x00000000000000000000000000000000000a4b05");
/// Takes in tickets.
const RETRYABLES: Address = address!("0x000000000000000000000000000000000000006e");

/// One of Arbitrum's own transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArbitrumTx {
    /// 0x64: coin from L1.
    Deposit(Deposit),
    /// 0x65: sent through L1 by an account.
    Unsigned(Unsigned),
    /// 0x66: sent through L1 by a contract.
    Contract(Contract),
    /// 0x68: a ticket is carried out.
    Retry(Retry),
    /// 0x69: a ticket is handed in.
    SubmitRetryable(SubmitRetryable),
    /// 0x6a: bookkeeping of the chain itself.
    Internal(Internal),
}

/// Coin from L1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct Deposit {
    chain_id: U256,
    request_id: B256,
    from: Address,
    to: Address,
    value: U256,
}

/// Sent through L1 by an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct Unsigned {
    chain_id: U256,
    from: Address,
    nonce: U256,
    #[serde(default)]
    gas_price: U256,
    gas: U256,
    #[serde(default)]
    to: TxKind,
    value: U256,
    input: Bytes,
}

/// Sent through L1 by a contract.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct Contract {
    chain_id: U256,
    request_id: B256,
    from: Address,
    #[serde(default)]
    gas_price: U256,
    gas: U256,
    #[serde(default)]
    to: TxKind,
    value: U256,
    input: Bytes,
}

/// A ticket is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    chain_id: U256,
    nonce: U256,
    from: Address,
    #[serde(default)]
    gas_price: U256,
    gas: U256,
    #[serde(default)]
    to: TxKind,
    value: U256,
    input: Bytes,
    ticket_id: B256,
    refund_to: Address,
    max_refund: U256,
    submission_fee_refund: U256,
}

/// A ticket is handed in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct SubmitRetryable {
    chain_id: U256,
    request_id: B256,
    from: Address,
    l1_base_fee: U256,
    deposit_value: U256,
    #[serde(default)]
    gas_price: U256,
    gas: U256,
    #[serde(default)]
    retry_to: TxKind,
    retry_value: U256,
    beneficiary: Address,
    max_submission_fee: U256,
    refund_to: Address,
    #[serde(default)]
    retry_data: Bytes,
}

/// Bookkeeping of the chain itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, RlpEncodable)]
#[serde(rename_all = "camelCase")]
pub struct Internal {
    chain_id: U256,
    input: Bytes,
}

impl ArbitrumTx {
    /// A transaction of one of [`TYPES`] out of its JSON.
    ///
    /// # Errors
    /// A field is missing or is none of its kind.
    pub fn read(kind: u8, json: &str) -> Result<Self, serde_json::Error> {
        match kind {
            0x64 => serde_json::from_str(json).map(Self::Deposit),
            0x65 => serde_json::from_str(json).map(Self::Unsigned),
            0x66 => serde_json::from_str(json).map(Self::Contract),
            0x68 => serde_json::from_str(json).map(Self::Retry),
            0x69 => serde_json::from_str(json).map(Self::SubmitRetryable),
            _ => serde_json::from_str(json).map(Self::Internal),
        }
    }

    /// The bytes that the transactions root commits to.
    pub fn encoded(&self) -> Vec<u8> {
        let (kind, fields): (u8, &dyn Encodable) = match self {
            Self::Deposit(tx) => (0x64, tx),
            Self::Unsigned(tx) => (0x65, tx),
            Self::Contract(tx) => (0x66, tx),
            Self::Retry(tx) => (0x68, tx),
            Self::SubmitRetryable(tx) => (0x69, tx),
            Self::Internal(tx) => (0x6a, tx),
        };
        let mut bytes = vec![kind];
        fields.encode(&mut bytes);
        bytes
    }

    /// Who sent it; the root commits to that.
    pub const fn from(&self) -> Address {
        match self {
            Self::Deposit(tx) => tx.from,
            Self::Unsigned(tx) => tx.from,
            Self::Contract(tx) => tx.from,
            Self::Retry(tx) => tx.from,
            Self::SubmitRetryable(tx) => tx.from,
            Self::Internal(_) => ARBOS,
        }
    }

    /// Who is called; `None` where a contract is created.
    pub fn to(&self) -> Option<Address> {
        match self {
            Self::Deposit(tx) => Some(tx.to),
            Self::Unsigned(tx) => tx.to.into_to(),
            Self::Contract(tx) => tx.to.into_to(),
            Self::Retry(tx) => tx.to.into_to(),
            Self::SubmitRetryable(_) => Some(RETRYABLES),
            Self::Internal(_) => Some(ARBOS),
        }
    }

    /// What it moves itself, in wei. A ticket moves nothing until it is carried out.
    pub const fn value(&self) -> U256 {
        match self {
            Self::Deposit(tx) => tx.value,
            Self::Unsigned(tx) => tx.value,
            Self::Contract(tx) => tx.value,
            Self::Retry(tx) => tx.value,
            Self::SubmitRetryable(_) | Self::Internal(_) => U256::ZERO,
        }
    }

    /// What it says to its callee; of a ticket, what its retry says.
    pub fn input(&self) -> &[u8] {
        match self {
            Self::Deposit(_) => &[],
            Self::Unsigned(tx) => &tx.input,
            Self::Contract(tx) => &tx.input,
            Self::Retry(tx) => &tx.input,
            Self::SubmitRetryable(tx) => &tx.retry_data,
            Self::Internal(tx) => &tx.input,
        }
    }

    /// The sender's nonce; a contract on L1 has none here.
    pub fn nonce(&self) -> u64 {
        match self {
            Self::Unsigned(tx) => tx.nonce.saturating_to(),
            Self::Retry(tx) => tx.nonce.saturating_to(),
            Self::Deposit(_) | Self::Contract(_) | Self::SubmitRetryable(_) | Self::Internal(_) => {
                0
            }
        }
    }
}
