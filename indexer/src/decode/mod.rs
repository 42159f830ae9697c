//! What a verified block says: transfers of value, acts of the list, and logs that look like
//! transfers and cannot be read. Pure, and nothing is dropped without being counted.

use alloy_primitives::{Address, B256, U256, b256};
use interdict_core::ledger::{Act, ActError, ActReader};
use interdict_core::transfer::{Position, Transfer, TransferKind};

use crate::chain::{Block, Header, Log, Signer, Tx};

/// Topic of `Transfer(address,address,uint256)`, shared by ERC-20 and ERC-721.
pub const TRANSFER: B256 =
    b256!("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// The first topics of all logs that may say of a transfer: the one list of them. Catching up asks
/// a provider for these.
pub const TOPICS: [B256; 1] = [TRANSFER];
/// Bytes of one ABI word.
const WORD_BYTES: usize = 32;
/// Zero bytes before an address in its word.
const PADDING_BYTES: usize = 12;

/// Why a log that looks like a transfer is none that is screened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndecodedKind {
    /// An ERC-721 transfer: its third indexed word is a token id. Not handled by this version.
    Erc721,
    /// It has the topic of a transfer and another shape.
    Malformed,
}

impl UndecodedKind {
    /// The word used in the store and in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Erc721 => "erc721",
            Self::Malformed => "malformed",
        }
    }
}

/// A log that looks like a transfer and is not screened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecoded {
    /// Where it stands.
    pub position: Position,
    /// Hash of its block.
    pub block_hash: B256,
    /// Hash of its transaction.
    pub tx_hash: B256,
    /// Who logged it.
    pub address: Address,
    /// Why it is not screened.
    pub kind: UndecodedKind,
    /// What is wrong with it, for a person.
    pub reason: String,
    /// The two parties, where they can be read.
    pub parties: Option<[Address; 2]>,
}

/// What a block says of transfers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// In the chain's order. The signer of a log's transaction is still the provider's word:
    /// recovering every signature would cost more than everything else together.
    pub transfers: Vec<Transfer>,
    /// What could not be read.
    pub undecoded: Vec<Undecoded>,
}

/// Reads a block's transfers.
pub fn transfers(chain_id: u64, block: &Block) -> Decoded {
    let mut decoded = Decoded::default();
    for (tx, index) in block.transactions.iter().zip(0..) {
        // A transaction that failed moved nothing and logged nothing.
        if !tx.succeeded {
            continue;
        }
        decoded.transfers.extend(native(chain_id, &block.header, index, tx));
        for log in tx.logs.iter().filter(|log| log.data.topics().first() == Some(&TRANSFER)) {
            let position = Position { block: block.header.number, tx: index, log: Some(log.index) };
            match erc20(log) {
                Ok((from, to, value)) => decoded.transfers.push(Transfer {
                    kind: TransferKind::Erc20,
                    token: Some(log.address),
                    from,
                    to,
                    value,
                    ..blank(chain_id, &block.header, position, tx, tx.claimed_signer)
                }),
                Err(unread) => decoded.undecoded.push(Undecoded {
                    position,
                    block_hash: block.header.hash,
                    tx_hash: tx.hash,
                    address: log.address,
                    kind: unread.kind,
                    reason: unread.reason,
                    parties: unread.parties,
                }),
            }
        }
    }
    decoded
}

/// Reads the acts of the list that a block carries.
///
/// # Errors
/// A log of the list cannot be read: the list as a whole would then be unknown.
pub fn acts(block: &Block, blocklist: Address) -> Result<Vec<Act>, ActError> {
    let mut acts = Vec::new();
    for (tx, index) in block.transactions.iter().zip(0..) {
        let mut reader = ActReader::default();
        for log in tx.logs.iter().filter(|log| log.address == blocklist) {
            let at = Position { block: block.header.number, tx: index, log: Some(log.index) };
            acts.extend(reader.read(&log.data, at, block.header.time, tx.hash)?);
        }
        reader.finish()?;
    }
    Ok(acts)
}

/// The transaction's own value. Its sender is whoever signed: the signature is asked, because no
/// root commits to the provider's `from`.
fn native(chain_id: u64, header: &Header, index: u64, tx: &Tx) -> Option<Transfer> {
    let value = tx.value();
    if value.is_zero() {
        return None;
    }
    let signer: Signer = tx.signer();
    let from = signer.address();
    let position = Position { block: header.number, tx: index, log: None };
    Some(Transfer {
        kind: TransferKind::Native,
        token: None,
        from,
        to: tx.recipient(from),
        value,
        ..blank(chain_id, header, position, tx, from)
    })
}

fn blank(chain_id: u64, header: &Header, position: Position, tx: &Tx, signer: Address) -> Transfer {
    Transfer {
        chain_id,
        position,
        block_hash: header.hash,
        block_time: header.time,
        tx_hash: tx.hash,
        signer,
        kind: TransferKind::Native,
        token: None,
        from: Address::ZERO,
        to: Address::ZERO,
        value: U256::ZERO,
    }
}

struct Unread {
    kind: UndecodedKind,
    reason: String,
    parties: Option<[Address; 2]>,
}

fn erc20(log: &Log) -> Result<(Address, Address, U256), Unread> {
    let malformed =
        |reason: String, parties| Unread { kind: UndecodedKind::Malformed, reason, parties };
    let topics = log.data.topics();
    let data = &log.data.data;
    let ([_, from, to] | [_, from, to, _]) = topics else {
        return Err(malformed(format!("has {} topics, a transfer has 3", topics.len()), None));
    };
    let (Some(from), Some(to)) = (address(*from), address(*to)) else {
        return Err(malformed("has a party that is no address".to_owned(), None));
    };
    let parties = Some([from, to]);
    if topics.len() == 4 {
        let reason = "is an ERC-721 transfer, which this version does not screen".to_owned();
        return Err(Unread { kind: UndecodedKind::Erc721, reason, parties });
    }
    if data.len() != WORD_BYTES {
        let reason = format!("has {} bytes of data, a transfer has {WORD_BYTES}", data.len());
        return Err(malformed(reason, parties));
    }
    Ok((from, to, U256::from_be_slice(data)))
}

/// Whether a log looks like a transfer and cannot be read as one, so that it is kept whomever it
/// concerns.
pub fn is_malformed(log: &Log) -> bool {
    log.data.topics().first() == Some(&TRANSFER)
        && erc20(log).is_err_and(|unread| unread.kind == UndecodedKind::Malformed)
}

/// The address that a word holds, if it holds nothing else.
pub fn address(word: B256) -> Option<Address> {
    word[..PADDING_BYTES].iter().all(|byte| *byte == 0).then(|| Address::from_word(word))
}

#[cfg(test)]
mod tests;
