//! Whether a block counts. Pure: values in, a verified block or the reason why not out.
//!
//! A provider may drop, alter, reorder or mix what it returns. The header commits to everything
//! that is screened, so each commitment is recomputed; a bloom filter is never consulted, because
//! on busy blocks it proves nothing.

use alloy_consensus::Eip658Value;
use alloy_consensus::proofs::ordered_trie_root_encoded;
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, U256, keccak256};
use alloy_rpc_types_eth::Header as RpcHeader;

use super::profile::{Family, HashRule, Profile, Proof, state_sync_hash};
use super::wire::{BareReceipt, Envelope, RpcBlock, RpcReceipt, RpcTx};
use super::{Block, Header, Log, Tx};

/// Which block was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one above a block that is already accepted.
    Above(Header),
    /// This very one.
    Exactly {
        /// Its hash.
        hash: B256,
        /// Its height.
        number: u64,
    },
}

/// Why a block does not count. The cursor stays below it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// A header field was altered, or the chain has fields that this version does not know.
    #[error("header of block {number} hashes to {computed}, the provider says {claimed}")]
    HeaderHash {
        /// The block's number as given.
        number: u64,
        /// What the fields hash to.
        computed: B256,
        /// What the provider says.
        claimed: B256,
    },
    /// Another block came than was asked for.
    #[error("block {got} ({got_hash}) came where {wanted} was asked for")]
    OtherBlock {
        /// What came.
        got: u64,
        /// Its hash.
        got_hash: B256,
        /// What was asked for.
        wanted: u64,
    },
    /// It does not stand on the block that was accepted before it.
    #[error("block {number} stands on {parent}, not on the accepted {accepted}")]
    Parent {
        /// The block's number.
        number: u64,
        /// The parent that its header names.
        parent: B256,
        /// The accepted block below.
        accepted: B256,
    },
    /// A transaction of another chain's kind.
    #[error("transaction {index} of block {number} is of a kind that {chain} does not have")]
    ForeignTransaction {
        /// The block's number.
        number: u64,
        /// Place in the block.
        index: usize,
        /// The chain's name.
        chain: &'static str,
    },
    /// Below the first block that can be proved.
    #[error("block {number} cannot be proved, only those from {first} on: {not_provable}")]
    TooEarly {
        /// The block's number.
        number: u64,
        /// The first block that can.
        first: u64,
        /// What the chain's headers do not prove.
        not_provable: &'static str,
    },
    /// A transaction was hidden, added, altered or moved.
    #[error("transactions of block {number} give root {computed}, its header says {header}")]
    TransactionsRoot {
        /// The block's number.
        number: u64,
        /// What the transactions give.
        computed: B256,
        /// What the header says.
        header: B256,
    },
    /// A transaction is labelled with a hash that is not its own.
    #[error("transaction {index} of block {number} hashes to {computed}, not to {claimed}")]
    TransactionHash {
        /// The block's number.
        number: u64,
        /// Place in the block.
        index: usize,
        /// What it hashes to.
        computed: B256,
        /// Its label.
        claimed: B256,
    },
    /// The list of receipts is longer or shorter than that of transactions.
    #[error("block {number} has {transactions} transactions and came with {receipts} receipts")]
    ReceiptCount {
        /// The block's number.
        number: u64,
        /// How many transactions there are.
        transactions: usize,
        /// How many receipts came.
        receipts: usize,
    },
    /// A receipt names another transaction than the one in its place.
    #[error("receipt {index} of block {number} is of transaction {receipt}, not of {transaction}")]
    ReceiptOrder {
        /// The block's number.
        number: u64,
        /// Place in the block.
        index: usize,
        /// What the receipt names.
        receipt: B256,
        /// The transaction in that place.
        transaction: B256,
    },
    /// A receipt or log was dropped or altered.
    #[error("receipts of block {number} give root {computed}, its header says {header}")]
    ReceiptsRoot {
        /// The block's number.
        number: u64,
        /// What the receipts give.
        computed: B256,
        /// What the header says.
        header: B256,
    },
    /// A receipt or log carries the hash or number of another block.
    #[error("transaction {index} of block {number} came with a receipt or log of another block")]
    OtherBlocksLog {
        /// The block's number.
        number: u64,
        /// Place of the transaction.
        index: usize,
    },
    /// The provider says itself that a log is no longer part of the chain.
    #[error("log {log} of block {number} is marked as removed")]
    RemovedLog {
        /// The block's number.
        number: u64,
        /// Place among the block's logs.
        log: u64,
    },
    /// Log indices have a gap or repeat.
    #[error("block {number} has log index {found:?} where {expected} belongs")]
    LogIndex {
        /// The block's number.
        number: u64,
        /// What came.
        found: Option<u64>,
        /// What belongs there.
        expected: u64,
    },
}

/// Verifies that a header's fields hash to its hash.
///
/// # Errors
/// They do not.
pub fn header(profile: &Profile, rpc: &RpcHeader) -> Result<Header, AcceptError> {
    let number = rpc.inner.number;
    if !matches!(profile.header_hash, Proof::Off(_)) {
        let computed = rpc.inner.hash_slow();
        if computed != rpc.hash {
            return Err(AcceptError::HeaderHash { number, computed, claimed: rpc.hash });
        }
    }
    Ok(Header { hash: rpc.hash, number, parent: rpc.inner.parent_hash, time: rpc.inner.timestamp })
}

/// Verifies a header and that it is the one that was asked for.
///
/// # Errors
/// See [`AcceptError`].
pub fn wanted_header(
    profile: &Profile,
    rpc: &RpcHeader,
    wanted: Wanted,
) -> Result<Header, AcceptError> {
    let header = header(profile, rpc)?;
    let other =
        |wanted| AcceptError::OtherBlock { got: header.number, got_hash: header.hash, wanted };
    match wanted {
        Wanted::Above(below) if header.number != below.number + 1 => Err(other(below.number + 1)),
        Wanted::Above(below) if header.parent != below.hash => Err(AcceptError::Parent {
            number: header.number,
            parent: header.parent,
            accepted: below.hash,
        }),
        Wanted::Exactly { hash, number } if (header.hash, header.number) != (hash, number) => {
            Err(other(number))
        }
        Wanted::Above(_) | Wanted::Exactly { .. } => Ok(header),
    }
}

/// Verifies a whole block.
///
/// # Errors
/// See [`AcceptError`]: each altered thing is its own.
pub fn block(
    profile: &Profile,
    block: RpcBlock,
    receipts: Vec<RpcReceipt>,
    wanted: Wanted,
) -> Result<Block, AcceptError> {
    let header = wanted_header(profile, &block.header, wanted)?;
    let number = header.number;
    if number < profile.first_block {
        let Profile { first_block: first, not_provable, .. } = *profile;
        return Err(AcceptError::TooEarly { number, first, not_provable });
    }
    let transactions = block.transactions;
    transactions_match(profile, &header, &transactions, block.header.inner.transactions_root)?;
    if transactions.len() != receipts.len() {
        return Err(AcceptError::ReceiptCount {
            number,
            transactions: transactions.len(),
            receipts: receipts.len(),
        });
    }
    receipts_belong(&header, &transactions, &receipts)?;
    let receipts: Vec<_> = receipts.into_iter().map(BareReceipt::from).collect();
    let root = block.header.inner.receipts_root;
    receipts_match(profile, &header, &transactions, &receipts, root)?;
    Ok(Block { header, transactions: joined(transactions, receipts) })
}

fn transactions_match(
    profile: &Profile,
    header: &Header,
    transactions: &[RpcTx],
    root: B256,
) -> Result<(), AcceptError> {
    let number = header.number;
    let mut encoded = Vec::with_capacity(transactions.len());
    let mut is_whole = !matches!(profile.tx_root, Proof::Off(_));
    for (index, tx) in transactions.iter().enumerate() {
        if !is_of(profile.family, &tx.envelope) {
            let chain = profile.name;
            return Err(AcceptError::ForeignTransaction { number, index, chain });
        }
        if is_left_out(profile.tx_root, header, tx) {
            continue;
        }
        let Some(bytes) = tx.envelope.encoded() else {
            is_whole = false;
            continue;
        };
        let computed = transaction_hash(profile.transaction_hash, tx, &bytes);
        if computed != tx.hash {
            let claimed = tx.hash;
            return Err(AcceptError::TransactionHash { number, index, computed, claimed });
        }
        encoded.push(bytes);
    }
    let computed = ordered_trie_root_encoded(&encoded);
    if is_whole && computed != root {
        return Err(AcceptError::TransactionsRoot { number, computed, header: root });
    }
    Ok(())
}

const fn is_of(family: Family, envelope: &Envelope) -> bool {
    match envelope {
        Envelope::Ethereum(_) => true,
        Envelope::Deposit(_) => matches!(family, Family::Optimism),
        Envelope::Arbitrum(_) => matches!(family, Family::Arbitrum),
        Envelope::StateSync => matches!(family, Family::Polygon),
    }
}

/// Whether a root does not commit to a transaction.
fn is_left_out(proof: Proof, header: &Header, tx: &RpcTx) -> bool {
    matches!(proof, Proof::Filtered(_)) && tx.hash == state_sync_hash(header.number, header.hash)
}

/// The hash that a transaction's bytes give; its own label is not asked.
fn transaction_hash(rule: HashRule, tx: &RpcTx, encoded: &[u8]) -> B256 {
    if let (HashRule::EncodingOrImpersonated, Envelope::Ethereum(envelope)) = (rule, &tx.envelope) {
        let signature = envelope.signature();
        if signature.r() == U256::ZERO && signature.s() == U256::ZERO {
            let mut bytes = Vec::new();
            envelope.network_encode(&mut bytes);
            bytes.extend_from_slice(tx.from.as_slice());
            return keccak256(bytes);
        }
    }
    keccak256(encoded)
}

fn receipts_belong(
    header: &Header,
    transactions: &[RpcTx],
    receipts: &[RpcReceipt],
) -> Result<(), AcceptError> {
    let number = header.number;
    let mut expected = 0;
    for (index, (tx, receipt)) in transactions.iter().zip(receipts).enumerate() {
        if receipt.transaction_hash != tx.hash {
            return Err(AcceptError::ReceiptOrder {
                number,
                index,
                receipt: receipt.transaction_hash,
                transaction: tx.hash,
            });
        }
        let other = AcceptError::OtherBlocksLog { number, index };
        let place = receipt.block_number.map(|number| number.to::<u64>());
        if receipt.block_hash != Some(header.hash) || place != Some(number) {
            return Err(other);
        }
        for log in &receipt.receipt.logs {
            if log.removed {
                return Err(AcceptError::RemovedLog { number, log: expected });
            }
            if log.block_hash != Some(header.hash) || log.block_number != Some(number) {
                return Err(other);
            }
            if log.log_index != Some(expected) {
                return Err(AcceptError::LogIndex { number, found: log.log_index, expected });
            }
            expected += 1;
        }
    }
    Ok(())
}

fn receipts_match(
    profile: &Profile,
    header: &Header,
    transactions: &[RpcTx],
    receipts: &[BareReceipt],
    root: B256,
) -> Result<(), AcceptError> {
    if matches!(profile.receipts_root, Proof::Off(_)) {
        return Ok(());
    }
    let counted = transactions
        .iter()
        .zip(receipts)
        .filter(|(tx, _)| !is_left_out(profile.receipts_root, header, tx));
    let encoded: Vec<_> = counted.map(|(_, receipt)| receipt.encoded()).collect();
    let computed = ordered_trie_root_encoded(&encoded);
    if computed != root {
        let number = header.number;
        return Err(AcceptError::ReceiptsRoot { number, computed, header: root });
    }
    Ok(())
}

fn joined(transactions: Vec<RpcTx>, receipts: Vec<BareReceipt>) -> Vec<Tx> {
    let mut index = 0;
    let mut numbered = |log: alloy_primitives::Log| {
        let log = Log { index, address: log.address, data: log.data };
        index += 1;
        log
    };
    transactions
        .into_iter()
        .zip(receipts)
        .map(|(tx, bare)| {
            let deposit_nonce = bare.deposit_nonce();
            let receipt = bare.into_receipt();
            Tx {
                hash: tx.hash,
                claimed_signer: tx.from,
                envelope: tx.envelope,
                deposit_nonce,
                // Receipts from before Byzantium carry a state root in place of a status.
                succeeded: !matches!(receipt.status, Eip658Value::Eip658(false)),
                logs: receipt.logs.into_iter().map(&mut numbered).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod chains;
#[cfg(test)]
mod tests;
