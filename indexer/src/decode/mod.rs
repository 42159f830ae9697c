//! What a verified block says: transfers of value and what comes near one, acts of the list, and
//! logs that look like transfers and cannot be read. Pure, and nothing is dropped without being
//! counted. One file per kind.

pub(crate) mod abi;
mod approval;
mod coin;
mod erc1155;
mod erc20;
mod erc721;
mod exposure;
mod internal;
pub mod traces;
mod wrapped;

pub use approval::{APPROVAL, APPROVAL_FOR_ALL};
pub use coin::COIN_LOGGER;
pub use erc20::TRANSFER;
pub use erc1155::{TRANSFER_BATCH, TRANSFER_SINGLE};
pub use exposure::{call, delegations};
pub use internal::{Compared, InternalCall, Traced, Traces};
pub use wrapped::{DEPOSIT, WITHDRAWAL};

use alloy_primitives::{Address, B256, U256};
use interdict_core::ledger::{Act, ActError, ActReader};
use interdict_core::transfer::{Position, Transfer, TransferKind, Verification};

use crate::chain::{Block, Header, Log, Tx};

/// First topics of every log that is read. The parties are topics 1 and 2; of ERC-1155, topics 1
/// (the operator), 2 and 3; of wrapped coin, topic 1. Tokens older than the standards have them in
/// the data.
pub const TOPICS: [B256; 7] =
    [TRANSFER, TRANSFER_SINGLE, TRANSFER_BATCH, APPROVAL, APPROVAL_FOR_ALL, DEPOSIT, WITHDRAWAL];

/// What a log claims to be that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndecodedKind {
    /// A transfer of ERC-20 or ERC-721.
    Malformed,
    /// A transfer of ERC-1155.
    Erc1155,
    /// An approval.
    Approval,
    /// What a block's internal calls did, as providers trace it.
    Traces,
}

impl UndecodedKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Malformed, Self::Erc1155, Self::Approval, Self::Traces];

    /// The word used in the store and in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Erc1155 => "erc1155",
            Self::Approval => "approval",
            Self::Traces => "traces",
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
    /// Whom it could be about; empty if that cannot be told.
    pub parties: Vec<Address>,
}

/// What a log or a transaction moved, apart from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What happened.
    pub kind: TransferKind,
    /// Which of several: see [`Transfer::item`].
    pub item: u32,
    /// The token's contract.
    pub token: Option<Address>,
    /// The token's id.
    pub token_id: Option<U256>,
    /// Who sent.
    pub from: Address,
    /// Who received.
    pub to: Address,
    /// Who moved it, if that is said and is not the sender's own doing as far as is known.
    pub spender: Option<Address>,
    /// How much.
    pub value: U256,
}

impl Movement {
    const fn of(kind: TransferKind, from: Address, to: Address) -> Self {
        let (token, token_id, spender, value) = (None, None, None, U256::ZERO);
        Self { kind, item: 0, token, token_id, from, to, spender, value }
    }
}

/// Why a log cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What it claims to be.
    pub kind: UndecodedKind,
    /// What is wrong with it, for a person.
    pub reason: String,
}

impl Unread {
    const fn new(kind: UndecodedKind, reason: String) -> Self {
        Self { kind, reason }
    }
}

/// A transfer, and who moved it for the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The transfer.
    pub transfer: Transfer,
    /// Who moved it, if that is said: see [`Movement::spender`].
    pub spender: Option<Address>,
}

/// What a block says of transfers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// In the chain's order.
    pub moved: Vec<Moved>,
    /// What could not be read.
    pub undecoded: Vec<Undecoded>,
}

/// A transaction in its place, with who is taken for its signer.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The block's header.
    pub header: &'a Header,
    /// Index of the transaction in the block.
    pub index: u64,
    /// The transaction.
    pub tx: &'a Tx,
    /// Who signed it.
    pub signer: Address,
    /// What its calls did, if somebody traced it.
    pub traced: Option<&'a Traced>,
}

impl At<'_> {
    /// A movement of this transaction as a transfer.
    fn transfer(&self, log: Option<u64>, moved: Movement) -> Transfer {
        Transfer {
            chain_id: self.chain_id,
            position: Position { block: self.header.number, tx: self.index, log },
            item: moved.item,
            block_hash: self.header.hash,
            block_time: self.header.time,
            tx_hash: self.tx.hash,
            signer: self.signer,
            kind: moved.kind,
            token: moved.token,
            token_id: moved.token_id,
            from: moved.from,
            to: moved.to,
            value: moved.value,
            verification: Verification::Proved,
        }
    }

    fn undecoded(&self, log: &Log, unread: Unread) -> Undecoded {
        Undecoded {
            position: Position { block: self.header.number, tx: self.index, log: Some(log.index) },
            block_hash: self.header.hash,
            tx_hash: self.tx.hash,
            address: log.address,
            kind: unread.kind,
            reason: unread.reason,
            parties: abi::parties(log),
        }
    }
}

/// Reads one log; most are none of our business and give nothing.
///
/// # Errors
/// It has the topic of a transfer or an approval and another shape.
pub fn log(log: &Log, into: &mut Vec<Movement>) -> Result<(), Unread> {
    let Some(topic) = log.data.topics().first().copied() else { return Ok(()) };
    match topic {
        TRANSFER if log.address == COIN_LOGGER => into.push(coin::log(log)?),
        TRANSFER => into.push(erc20::transfer(log)?),
        TRANSFER_SINGLE => into.push(erc1155::single(log)?),
        TRANSFER_BATCH => erc1155::batch(log, into)?,
        APPROVAL => into.push(approval::one(log)?),
        APPROVAL_FOR_ALL => into.push(approval::all(log)?),
        DEPOSIT => into.extend(wrapped::deposit(log)),
        WITHDRAWAL => into.extend(wrapped::withdrawal(log)),
        _ => {}
    }
    Ok(())
}

/// Reads what a transaction moved: its own value, what its calls moved, then its logs. One that
/// failed moved nothing and logged nothing.
pub fn transaction(at: &At<'_>, into: &mut Decoded) {
    if !at.tx.succeeded {
        return;
    }
    let own = coin::own_value(at.tx, at.signer);
    let whole = |transfer| Moved { transfer, spender: None };
    into.moved.extend(own.map(|moved| whole(at.transfer(None, moved))));
    if let Some(traced) = at.traced {
        let logged = at.tx.logs.iter().any(|log| log.address == COIN_LOGGER);
        into.moved.extend(internal::transfers(at, traced, logged).into_iter().map(whole));
    }
    let mut own_unsaid = own;
    let mut read = Vec::new();
    for entry in &at.tx.logs {
        if let Err(unread) = log(entry, &mut read) {
            into.undecoded.push(at.undecoded(entry, unread));
        }
        for moved in read.drain(..) {
            if moved.kind == TransferKind::NativeLog
                && own_unsaid.take().is_some_and(|own| coin::repeats(&own, &moved))
            {
                continue;
            }
            let spender = moved.spender.or_else(|| exposure::spender(at, &moved));
            into.moved.push(Moved { transfer: at.transfer(Some(entry.index), moved), spender });
        }
    }
}

/// Reads a block's transfers. The signer of a transaction without value is the provider's word
/// here: recovering every signature costs more than everything else together.
pub fn transfers(chain_id: u64, block: &Block) -> Decoded {
    let mut decoded = Decoded::default();
    for (tx, index) in block.transactions.iter().zip(0..) {
        let signer = if tx.value().is_zero() { tx.claimed_signer } else { tx.signer().address() };
        let at = At { chain_id, header: &block.header, index, tx, signer, traced: None };
        transaction(&at, &mut decoded);
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

#[cfg(test)]
mod real_tests;
#[cfg(test)]
mod tests;
