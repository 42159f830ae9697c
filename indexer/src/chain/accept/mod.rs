//! Whether a block counts. Pure: values in, a verified block or the reason why not out.
//!
//! A provider may drop, alter, reorder or mix what it returns. The header commits to everything
//! that is screened, so each commitment is recomputed; a bloom filter is never consulted, because
//! on busy blocks it proves nothing.

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::Recovered;
use alloy_consensus::{Eip658Value, ReceiptEnvelope, TxEnvelope, TxReceipt};
use alloy_eips::Encodable2718;
use alloy_primitives::{B256, U256, keccak256};
use alloy_rpc_types_eth::{
    Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog, Transaction,
    TransactionReceipt,
};

use super::profile::{HashRule, Profile};
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
    /// The provider returned hashes where whole transactions were asked for.
    #[error("block {0} came without its transactions")]
    NoTransactions(u64),
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
pub fn header(rpc: &RpcHeader) -> Result<Header, AcceptError> {
    let computed = rpc.inner.hash_slow();
    let number = rpc.inner.number;
    if computed != rpc.hash {
        return Err(AcceptError::HeaderHash { number, computed, claimed: rpc.hash });
    }
    Ok(Header { hash: computed, number, parent: rpc.inner.parent_hash, time: rpc.inner.timestamp })
}

/// Verifies a header and that it is the one that was asked for.
///
/// # Errors
/// See [`AcceptError`].
pub fn wanted_header(rpc: &RpcHeader, wanted: Wanted) -> Result<Header, AcceptError> {
    let header = header(rpc)?;
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
    profile: Profile,
    block: RpcBlock,
    receipts: Vec<TransactionReceipt>,
    wanted: Wanted,
) -> Result<Block, AcceptError> {
    let header = wanted_header(&block.header, wanted)?;
    let number = header.number;
    let BlockTransactions::Full(transactions) = block.transactions else {
        return Err(AcceptError::NoTransactions(number));
    };
    let transactions: Vec<_> = transactions.into_iter().map(|tx: Transaction| tx.inner).collect();
    transactions_match(profile, number, &transactions, block.header.inner.transactions_root)?;
    if transactions.len() != receipts.len() {
        return Err(AcceptError::ReceiptCount {
            number,
            transactions: transactions.len(),
            receipts: receipts.len(),
        });
    }
    receipts_belong(&header, &transactions, &receipts)?;
    let receipts = bare(receipts);
    let computed = calculate_receipt_root(&receipts);
    let root = block.header.inner.receipts_root;
    if computed != root {
        return Err(AcceptError::ReceiptsRoot { number, computed, header: root });
    }
    Ok(Block { header, transactions: joined(transactions, receipts) })
}

fn transactions_match(
    profile: Profile,
    number: u64,
    transactions: &[Recovered<TxEnvelope>],
    root: B256,
) -> Result<(), AcceptError> {
    let computed = calculate_transaction_root(transactions);
    if computed != root {
        return Err(AcceptError::TransactionsRoot { number, computed, header: root });
    }
    for (index, tx) in transactions.iter().enumerate() {
        let computed = transaction_hash(profile.transaction_hash, tx);
        let claimed = *tx.tx_hash();
        if computed != claimed {
            return Err(AcceptError::TransactionHash { number, index, computed, claimed });
        }
    }
    Ok(())
}

/// The hash that a transaction's bytes give; its own label is not asked.
fn transaction_hash(rule: HashRule, tx: &Recovered<TxEnvelope>) -> B256 {
    let signature = tx.signature();
    let unsigned = signature.r() == U256::ZERO && signature.s() == U256::ZERO;
    if rule == HashRule::EncodingOrImpersonated && unsigned {
        let mut bytes = Vec::new();
        tx.network_encode(&mut bytes);
        bytes.extend_from_slice(tx.signer_ref().as_slice());
        return keccak256(bytes);
    }
    keccak256(tx.encoded_2718())
}

fn receipts_belong(
    header: &Header,
    transactions: &[Recovered<TxEnvelope>],
    receipts: &[TransactionReceipt],
) -> Result<(), AcceptError> {
    let number = header.number;
    let mut expected = 0;
    for (index, (tx, receipt)) in transactions.iter().zip(receipts).enumerate() {
        let transaction = *tx.tx_hash();
        if receipt.transaction_hash != transaction {
            return Err(AcceptError::ReceiptOrder {
                number,
                index,
                receipt: receipt.transaction_hash,
                transaction,
            });
        }
        let other = AcceptError::OtherBlocksLog { number, index };
        if receipt.block_hash != Some(header.hash) || receipt.block_number != Some(number) {
            return Err(other);
        }
        for log in receipt.inner.logs() {
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

/// The receipts as the root commits to them: without the provider's own fields, and with the bloom
/// recomputed from the logs.
fn bare(receipts: Vec<TransactionReceipt>) -> Vec<ReceiptEnvelope> {
    receipts
        .into_iter()
        .map(|receipt| {
            let kind = receipt.inner.tx_type();
            let bare = receipt.inner.map_logs(|log: RpcLog| log.inner).into_receipt();
            ReceiptEnvelope::from_typed(kind, bare)
        })
        .collect()
}

fn joined(transactions: Vec<Recovered<TxEnvelope>>, receipts: Vec<ReceiptEnvelope>) -> Vec<Tx> {
    let mut index = 0;
    let mut numbered = |log: alloy_primitives::Log| {
        let log = Log { index, address: log.address, data: log.data };
        index += 1;
        log
    };
    transactions
        .into_iter()
        .zip(receipts)
        .map(|(tx, receipt)| {
            let (envelope, claimed_signer) = tx.into_parts();
            Tx {
                hash: *envelope.tx_hash(),
                claimed_signer,
                envelope,
                // Receipts from before Byzantium carry a state root in place of a status.
                succeeded: !matches!(receipt.status_or_post_state(), Eip658Value::Eip658(false)),
                logs: receipt.into_logs().into_iter().map(&mut numbered).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
