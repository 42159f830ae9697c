//! Blocks and receipts as providers say them. Nothing in here is believed: `accept` recomputes what
//! a header commits to.
//!
//! Transactions of the Ethereum standard are alloy's, deposits of the OP stack are op-alloy's;
//! Arbitrum's stand beside, because no kept library has them. A transaction type that none of them
//! knows makes the answer unreadable, and so stalls the chain: whoever cannot encode a transaction
//! cannot verify its block.

pub mod arbitrum;

use alloy_consensus::{Receipt, RlpEncodableReceipt, TxEip4844Variant, TxEnvelope, TxReceipt};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Log, U8, U64};
use alloy_rpc_types_eth::{Header as RpcHeader, Log as RpcLog};
use op_alloy_consensus::{DEPOSIT_TX_TYPE_ID, OpDepositReceipt, TxDeposit};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use self::arbitrum::ArbitrumTx;

/// Type of Polygon's state-sync transactions since PIP-74. What they consist of is in no JSON.
pub const STATE_SYNC_TYPE: u8 = 0x7f;

/// A block with its whole transactions.
#[derive(Clone, Debug, Deserialize)]
pub struct RpcBlock {
    /// The header.
    #[serde(flatten)]
    pub header: RpcHeader,
    /// In order.
    pub transactions: Vec<RpcTx>,
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcTx {
    /// The transaction itself.
    pub envelope: Envelope,
    /// The hash that the provider labels it with.
    pub hash: B256,
    /// Who the provider says has sent it.
    pub from: Address,
}

/// A transaction of any chain that has a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// One of Ethereum's own types.
    Ethereum(Box<TxEnvelope>),
    /// What L1 asked of an OP chain.
    Deposit(Box<TxDeposit>),
    /// One of Arbitrum's own types.
    Arbitrum(Box<ArbitrumTx>),
    /// Polygon's word from L1, of which only the type is known.
    StateSync,
}

/// What can be read of every transaction.
#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    r#type: U8,
    hash: B256,
    #[serde(default)]
    from: Address,
}

impl<'de> Deserialize<'de> for RpcTx {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn whole<T: DeserializeOwned, E: Error>(raw: &RawValue) -> Result<Box<T>, E> {
            serde_json::from_str(raw.get()).map(Box::new).map_err(E::custom)
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let label: Label = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let envelope = match label.r#type.to::<u8>() {
            0..=4 => Envelope::Ethereum(Box::new(as_in_blocks(*whole(&raw)?))),
            DEPOSIT_TX_TYPE_ID => Envelope::Deposit(whole(&raw)?),
            STATE_SYNC_TYPE => Envelope::StateSync,
            kind if arbitrum::TYPES.contains(&kind) => Envelope::Arbitrum(Box::new(
                ArbitrumTx::read(kind, raw.get()).map_err(Error::custom)?,
            )),
            kind => {
                let unknown =
                    format!("transaction type {kind:#x}, which this version cannot encode");
                return Err(D::Error::custom(unknown));
            }
        };
        Ok(Self { envelope, hash: label.hash, from: label.from })
    }
}

/// A transaction as it stands in blocks. Blobs travel beside transactions and are in no block, but
/// some nodes give them along (anvil).
fn as_in_blocks(tx: TxEnvelope) -> TxEnvelope {
    match tx {
        TxEnvelope::Eip4844(signed) => {
            let bare = |tx: TxEip4844Variant| TxEip4844Variant::TxEip4844(tx.into());
            TxEnvelope::Eip4844(signed.map(bare))
        }
        other => other,
    }
}

impl Envelope {
    /// The bytes that the transactions root commits to; `None` where they cannot be known.
    pub fn encoded(&self) -> Option<Vec<u8>> {
        match self {
            Self::Ethereum(tx) => Some(tx.encoded_2718()),
            Self::Deposit(tx) => Some(tx.encoded_2718()),
            Self::Arbitrum(tx) => Some(tx.encoded()),
            Self::StateSync => None,
        }
    }
}

/// What became of a transaction.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RpcReceipt {
    /// The transaction's type.
    #[serde(default)]
    pub r#type: U8,
    /// The transaction.
    pub transaction_hash: B256,
    /// The block's hash.
    pub block_hash: Option<B256>,
    /// The block's height.
    pub block_number: Option<U64>,
    /// Status or state root, gas and logs.
    #[serde(flatten)]
    pub receipt: Receipt<RpcLog>,
    /// The nonce that an OP deposit was carried out with.
    pub deposit_nonce: Option<U64>,
    /// There since Canyon: then the root commits to the nonce, and to this.
    pub deposit_receipt_version: Option<U64>,
}

/// A receipt without the provider's own fields: what the receipts root commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BareReceipt {
    kind: u8,
    // Without nonce and version it is encoded as every other receipt is.
    receipt: OpDepositReceipt<Log>,
}

impl From<RpcReceipt> for BareReceipt {
    fn from(rpc: RpcReceipt) -> Self {
        let version = rpc.deposit_receipt_version;
        Self {
            kind: rpc.r#type.to(),
            receipt: OpDepositReceipt {
                inner: rpc.receipt.map_logs(|log| log.inner),
                // Before Canyon nodes give the nonce too, and the root does not commit to it.
                deposit_nonce: rpc.deposit_nonce.filter(|_| version.is_some()).map(|n| n.to()),
                deposit_receipt_version: version.map(|version| version.to()),
            },
        }
    }
}

impl BareReceipt {
    /// The bytes that the receipts root commits to, with the bloom recomputed from the logs.
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.kind != 0 {
            bytes.push(self.kind);
        }
        self.receipt.rlp_encode_with_bloom(&self.receipt.bloom(), &mut bytes);
        bytes
    }

    /// The nonce that an OP deposit was carried out with, where the root commits to it.
    pub const fn deposit_nonce(&self) -> Option<u64> {
        self.receipt.deposit_nonce
    }

    /// What is left once it is verified.
    pub fn into_receipt(self) -> Receipt<Log> {
        self.receipt.inner
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::keccak256;
    use serde_json::json;

    use super::*;
    use crate::world::{account, blobs};

    #[test]
    fn blobs_that_a_node_gives_along_are_no_part_of_a_transaction() {
        let draft = blobs(1, account(1));
        let mut said = serde_json::to_value(&draft.tx).unwrap();
        let bare: RpcTx = serde_json::from_value(said.clone()).unwrap();
        let blob = format!("0x{}", "00".repeat(131_072));
        let point = format!("0xc0{}", "00".repeat(47));
        for (field, value) in [("blobs", &blob), ("commitments", &point), ("proofs", &point)] {
            said[field] = json!([value]);
        }
        let with_blobs: RpcTx = serde_json::from_value(said).unwrap();
        assert_eq!(with_blobs, bare);
        let encoded = with_blobs.envelope.encoded().unwrap();
        assert_eq!(keccak256(encoded), with_blobs.hash);
    }
}
