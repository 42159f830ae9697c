//! A recorded chain: real blocks, whose roots and hashes are what they should be, made from a
//! script and kept as the JSON that a node says.

use std::sync::Arc;

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{
    Header as ConsensusHeader, Receipt, ReceiptEnvelope, SignableTransaction, TxEip1559, TxEnvelope,
};
use alloy_primitives::aliases::U40;
use alloy_primitives::{
    Address, B256, Bytes, Log, LogData, Signature, TxKind, U256, address, keccak256,
};
use alloy_rpc_types_eth::Header as RpcHeader;
use alloy_sol_types::SolEvent;
use anyhow::{Context, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind};
use interdict_core::transfer::Position;
use serde_json::{Value, json};

/// EIP-155 chain id: a chain whose headers prove everything.
pub const CHAIN_ID: u64 = 1;
/// Seconds between blocks.
pub const SPACING_SECONDS: u64 = 12;
/// Where the list is.
pub const BLOCKLIST: Address = address!("0x00000000000000000000000000000000000b10c1");
/// The token that the configuration knows.
pub const TOKEN: Address = address!("0x00000000000000000000000000000000000070ce");
/// What stands at the list's address; no node is asked to run it.
pub const CODE: &[u8] = b"the list";
/// Gas of each transaction.
const GAS: u64 = 21_000;

/// What a transaction does.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// Moves tokens.
    Pays {
        /// From whom.
        from: Address,
        /// To whom.
        to: Address,
    },
    /// Moves the chain's own coin to an address, from whoever signed.
    Sends {
        /// To whom.
        to: Address,
    },
    /// Logs what looks like a transfer and cannot be read.
    Garbles {
        /// To whom, as far as it can be read.
        to: Address,
    },
    /// Changes the list.
    Acts {
        /// How.
        kind: Kind,
        /// Whom it concerns.
        account: Address,
        /// Until when.
        until: u64,
    },
}

/// A transaction of the script. Another number makes it another one; the same number in two
/// branches is the same transaction.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// Its number.
    pub number: u64,
    /// What it does.
    pub deed: Deed,
}

/// A block as a node says it, and what happened in it.
#[derive(Debug)]
pub struct Block {
    /// Height.
    pub number: u64,
    /// Keccak-256 of its header.
    pub hash: B256,
    /// When, unix seconds.
    pub time: u64,
    /// What was done, by which transaction.
    pub deeds: Vec<(B256, Deed)>,
    /// JSON: without the transactions.
    pub bare: String,
    /// JSON: with the transactions.
    pub whole: String,
    /// JSON: the receipts.
    pub receipts: String,
    /// Each log as a node says it.
    pub logs: Vec<Value>,
}

/// A chain from block 0 on, with the list's state at its tip.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    blocks: Vec<Arc<Block>>,
    acts: Vec<Act>,
}

impl Chain {
    /// The blocks, lowest first.
    pub fn blocks(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// The newest height.
    pub fn tip(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    /// The block at a height.
    pub fn at(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    /// The chain up to a height.
    #[must_use]
    pub fn up_to(&self, number: u64) -> Self {
        let (mut blocks, mut acts) = (self.blocks.clone(), self.acts.clone());
        blocks.retain(|block| block.number <= number);
        acts.retain(|act| act.at.block <= number);
        Self { blocks, acts }
    }

    /// One block more. The salt makes it another one than its like on another branch.
    ///
    /// # Errors
    /// What the script says makes no block.
    pub fn grow(&mut self, salt: u64, drafts: &[Draft]) -> Result<()> {
        let number = self.blocks.len() as u64;
        let parent = self.blocks.last().map_or(B256::ZERO, |block| block.hash);
        let time = number * SPACING_SECONDS;
        let mut bodies = Vec::new();
        let mut log_count = 0;
        for (draft, index) in drafts.iter().zip(0..) {
            let at = Position { block: number, tx: index, log: None };
            let logs = self.logs(draft, at, log_count, time)?;
            log_count += logs.len() as u64;
            bodies.push((transaction(draft), logs));
        }
        let block = assemble(&Place { number, parent, time, salt }, drafts, &bodies)?;
        self.blocks.push(Arc::new(block));
        Ok(())
    }

    fn logs(&mut self, draft: &Draft, at: Position, before: u64, time: u64) -> Result<Vec<Log>> {
        Ok(match draft.deed {
            Deed::Pays { from, to } => vec![payment(from, to, draft.number)],
            Deed::Sends { .. } => vec![],
            Deed::Garbles { to } => {
                let mut log = payment(Address::repeat_byte(0x9a), to, draft.number);
                log.data.data = Bytes::from_static(b"short");
                vec![log]
            }
            Deed::Acts { kind, account, until } => {
                let position = Position { log: Some(before + 1), ..at };
                self.act(position, kind, account, until, time)?
            }
        })
    }

    fn act(
        &mut self,
        at: Position,
        kind: Kind,
        account: Address,
        until: u64,
        time: u64,
    ) -> Result<Vec<Log>> {
        let number = u32::try_from(self.acts.len() + 1)?;
        let mut act = Act {
            number,
            kind,
            sources: 1,
            until,
            data_as_of: 5,
            manifest: B256::repeat_byte(9),
            head: B256::ZERO,
            at,
            time,
            tx_hash: B256::ZERO,
            entries: vec![ActEntry { account, uid: 26_014, designated_on: 0 }],
        };
        act.head = act.fold(self.acts.last().map_or(B256::ZERO, |last| last.head));
        let entry = entry_log(&act, account)?;
        let acted = IBlocklist::Acted {
            act: number.try_into()?,
            kind: IBlocklist::Kind::try_from(kind as u8)?,
            sources: act.sources,
            until: U40::from(until),
            dataAsOf: U40::from(act.data_as_of),
            manifest: act.manifest,
            head: act.head,
        };
        self.acts.push(act);
        let log = |data| Log { address: BLOCKLIST, data };
        Ok(vec![log(entry), log(acted.encode_log_data())])
    }
}

fn entry_log(act: &Act, account: Address) -> Result<LogData> {
    let (number, uid) = (act.number.try_into()?, act.entries[0].uid);
    let day = U40::ZERO;
    Ok(match act.kind {
        Kind::Delist | Kind::DelistMany | Kind::Retract => {
            IBlocklist::Delisted { account, act: number, uid, designatedOn: day }.encode_log_data()
        }
        _ => IBlocklist::Listed { account, act: number, uid, designatedOn: day }.encode_log_data(),
    })
}

/// Topic of `Transfer(address,address,uint256)`.
fn transfer_topic() -> B256 {
    keccak256("Transfer(address,address,uint256)")
}

fn payment(from: Address, to: Address, number: u64) -> Log {
    let topics = vec![transfer_topic(), from.into_word(), to.into_word()];
    let value = U256::from(20_000_000 + number);
    let data = value.to_be_bytes_vec().into();
    Log { address: TOKEN, data: LogData::new_unchecked(topics, data) }
}

/// A transaction with the number as its nonce; whoever its signature makes it be signed it.
fn transaction(draft: &Draft) -> TxEnvelope {
    let (to, value) = match draft.deed {
        Deed::Pays { .. } | Deed::Garbles { .. } => (TOKEN, U256::ZERO),
        Deed::Sends { to } => (to, U256::from(10).pow(U256::from(18))),
        Deed::Acts { .. } => (BLOCKLIST, U256::ZERO),
    };
    let unsigned = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce: draft.number,
        gas_limit: 90_000,
        to: TxKind::Call(to),
        value,
        ..TxEip1559::default()
    };
    TxEnvelope::from(unsigned.into_signed(Signature::test_signature()))
}

struct Place {
    number: u64,
    parent: B256,
    time: u64,
    salt: u64,
}

fn assemble(place: &Place, drafts: &[Draft], bodies: &[(TxEnvelope, Vec<Log>)]) -> Result<Block> {
    let txs: Vec<_> = bodies.iter().map(|(tx, _)| tx.clone()).collect();
    let receipts: Vec<_> = bodies
        .iter()
        .zip(1_u64..)
        .map(|((_, logs), count)| {
            let (status, logs) = (true.into(), logs.clone());
            let receipt = Receipt { status, cumulative_gas_used: count * GAS, logs };
            ReceiptEnvelope::Eip1559(receipt.into())
        })
        .collect();
    let header = RpcHeader::new(ConsensusHeader {
        parent_hash: place.parent,
        number: place.number,
        timestamp: place.time,
        gas_limit: 30_000_000 + place.salt,
        base_fee_per_gas: Some(7),
        transactions_root: calculate_transaction_root(&txs),
        receipts_root: calculate_receipt_root(&receipts),
        logs_bloom: bodies.iter().flat_map(|(_, logs)| logs).collect(),
        ..ConsensusHeader::default()
    });
    let mut block = serde_json::to_value(&header)?;
    block["uncles"] = json!([]);
    let hashes: Vec<_> = txs.iter().map(|tx| *tx.tx_hash()).collect();
    block["transactions"] = json!(hashes);
    let bare = block.to_string();
    let said: Result<Vec<_>> =
        txs.iter().zip(0..).map(|(tx, index)| said_tx(tx, &header, index)).collect();
    block["transactions"] = Value::Array(said?);
    let whole = block.to_string();
    let (receipts, logs) = said_receipts(&txs, &receipts, &header)?;
    let deeds = hashes.into_iter().zip(drafts.iter().map(|draft| draft.deed)).collect();
    let (number, hash, time) = (place.number, header.hash, place.time);
    Ok(Block { number, hash, time, deeds, bare, whole, receipts, logs })
}

fn said_tx(tx: &TxEnvelope, header: &RpcHeader, index: u64) -> Result<Value> {
    let mut said = serde_json::to_value(tx)?;
    said["from"] = json!(tx.recover_signer()?);
    said["blockHash"] = json!(header.hash);
    said["blockNumber"] = hex(header.inner.number);
    said["transactionIndex"] = hex(index);
    Ok(said)
}

fn said_receipts(
    txs: &[TxEnvelope],
    receipts: &[ReceiptEnvelope<Log>],
    header: &RpcHeader,
) -> Result<(String, Vec<Value>)> {
    let (mut said_all, mut all_logs) = (Vec::new(), Vec::new());
    for ((tx, receipt), index) in txs.iter().zip(receipts).zip(0_u64..) {
        let place = |said: &mut Value| {
            said["blockHash"] = json!(header.hash);
            said["blockNumber"] = hex(header.inner.number);
            said["transactionHash"] = json!(tx.tx_hash());
            said["transactionIndex"] = hex(index);
        };
        let mut said = serde_json::to_value(receipt)?;
        place(&mut said);
        said["from"] = json!(tx.recover_signer()?);
        said["to"] = json!(TOKEN);
        said["gasUsed"] = hex(GAS);
        said["effectiveGasPrice"] = hex(7);
        for log in said["logs"].as_array_mut().context("a receipt has logs")? {
            place(log);
            log["logIndex"] = hex(all_logs.len() as u64);
            log["removed"] = json!(false);
            all_logs.push(log.clone());
        }
        said_all.push(said);
    }
    Ok((Value::Array(said_all).to_string(), all_logs))
}

/// A number as nodes say it.
pub fn hex(number: u64) -> Value {
    json!(format!("{number:#x}"))
}
