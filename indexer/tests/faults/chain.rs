//! A small chain with the list on it, and an honest node that answers for it.

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{
    Header as ConsensusHeader, Receipt, ReceiptEnvelope, SignableTransaction, Transaction,
    TxEip1559, TxEnvelope,
};
use alloy_primitives::aliases::U40;
use alloy_primitives::{
    Address, B256, Bytes, Log, LogData, Signature, TxKind, U256, address, b256, keccak256,
};
use alloy_rpc_types_eth::Header as RpcHeader;
use alloy_sol_types::SolEvent;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
use interdict_core::transfer::Position;
use serde_json::{Value, json};

pub const CHAIN: u64 = 1;
pub const BLOCKLIST: Address = address!("0x00000000000000000000000000000000000b10c1");
pub const TOKEN: Address = address!("0xdAC17F958D2ee523a2206206994597C13D831ec7");
pub const LISTED: Address = address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C");
pub const PAYER: Address = address!("0x00000000000000000000000000000000000bab1e");
/// `Transfer(address,address,uint256)`
const TRANSFER: B256 = b256!("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
pub const CODE: &[u8] = b"the list";
/// Seconds between blocks.
pub const SPACING: u64 = 12;
/// Characters of a hash, with its `0x`.
const HASH_CHARS: usize = 66;
/// How far below the newest block the final one is.
const FINAL_DEPTH: u64 = 4;

/// A block as a node gives it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub hash: B256,
    pub header: RpcHeader,
    pub block: Value,
    pub receipts: Value,
}

/// A transaction that is to be, and what it is to log.
#[derive(Clone, Debug)]
pub struct Draft {
    pub to: Address,
    pub value: u64,
    pub logs: Vec<Log>,
}

impl Draft {
    /// One that calls the token.
    pub const fn logging(logs: Vec<Log>) -> Self {
        Self { to: TOKEN, value: 0, logs }
    }
}

/// A chain, from block 0 on.
#[derive(Clone, Debug)]
pub struct Chain(pub Vec<Entry>);

impl Chain {
    /// A chain whose block 1 lists the listed address and whose other blocks pay to it, twice each.
    pub fn of(blocks: u64) -> Self {
        Self(Vec::new()).longer(blocks, 0)
    }

    /// The same with blocks on top; another `branch` makes other ones.
    pub fn longer(mut self, blocks: u64, branch: u64) -> Self {
        for _ in 0..blocks {
            let number = self.0.len() as u64;
            let parent = self.0.last().map_or(B256::ZERO, |entry| entry.hash);
            let logs = match number {
                0 => vec![],
                1 => vec![listing(SPACING)],
                _ => vec![
                    vec![payment(number * 1_000_000 + branch)],
                    vec![payment(number * 20_000_000), payment(number * 30_000_000 + branch)],
                ],
            };
            let drafts: Vec<_> = logs.into_iter().map(Draft::logging).collect();
            self.0.push(entry(number, parent, branch, &drafts));
        }
        self
    }

    /// The same with one block on top that has these transactions; another `branch` makes another
    /// one.
    pub fn and(mut self, branch: u64, drafts: &[Draft]) -> Self {
        let number = self.0.len() as u64;
        let parent = self.0.last().map_or(B256::ZERO, |entry| entry.hash);
        self.0.push(entry(number, parent, branch, drafts));
        self
    }

    /// The same, cut off above a height.
    pub fn up_to(mut self, number: u64) -> Self {
        self.0.truncate(usize::try_from(number).unwrap() + 1);
        self
    }

    pub fn tip(&self) -> u64 {
        self.0.len() as u64 - 1
    }

    pub fn finalized(&self) -> u64 {
        self.tip().saturating_sub(FINAL_DEPTH)
    }

    fn place(&self, place: &str) -> Option<&Entry> {
        let number = match place {
            "latest" => self.tip(),
            "finalized" => self.finalized(),
            height => u64::from_str_radix(height.trim_start_matches("0x"), 16).unwrap(),
        };
        self.0.get(usize::try_from(number).unwrap())
    }

    /// What an honest node with this chain says.
    pub fn answer(&self, method: &str, params: &Value) -> Value {
        let by_hash = || {
            let hash: B256 = serde_json::from_value(params[0].clone()).unwrap();
            self.0.iter().find(|entry| entry.hash == hash)
        };
        match method {
            "eth_chainId" => json!("0x1"),
            "eth_getCode" => json!(Bytes::from_static(CODE)),
            "eth_getBlockByNumber" => said(self.place(params[0].as_str().unwrap()), params),
            "eth_getBlockByHash" => said(by_hash(), params),
            "debug_traceBlockByHash" => by_hash().map_or(Value::Null, traces),
            "eth_getBlockReceipts" => {
                let place = params[0].as_str().unwrap();
                let entry = if place.len() == HASH_CHARS { by_hash() } else { self.place(place) };
                entry.map_or(Value::Null, |entry| entry.receipts.clone())
            }
            "eth_getLogs" => self.logs(&params[0]),
            other => panic!("the tests' node does not know {other}"),
        }
    }
}

impl Chain {
    /// The logs that a filter asks for.
    fn logs(&self, filter: &Value) -> Value {
        let height = |name: &str| {
            let text = filter[name].as_str().unwrap().trim_start_matches("0x");
            usize::try_from(u64::from_str_radix(text, 16).unwrap()).unwrap()
        };
        let (from, to) = (height("fromBlock"), height("toBlock").min(self.0.len() - 1));
        let receipts =
            self.0[from..=to].iter().flat_map(|entry| entry.receipts.as_array().unwrap());
        let logs = receipts.flat_map(|receipt| receipt["logs"].as_array().unwrap());
        let wanted = |log: &&Value| {
            let topics = filter["topics"].as_array().into_iter().flatten().zip(0_usize..);
            fits(&filter["address"], &log["address"])
                && topics.into_iter().all(|(wanted, at)| fits(wanted, &log["topics"][at]))
        };
        logs.filter(wanted).cloned().collect()
    }
}

/// Whether a value is one of those that are wanted; nothing in particular is wanted by `null`.
fn fits(wanted: &Value, found: &Value) -> bool {
    match wanted {
        Value::Null => true,
        Value::Array(any) => any.contains(found),
        one => one == found,
    }
}

fn said(entry: Option<&Entry>, params: &Value) -> Value {
    let Some(entry) = entry else { return Value::Null };
    let mut block = entry.block.clone();
    if params[1] == json!(false) {
        let transactions = block["transactions"].as_array().unwrap();
        let hashes: Vec<_> = transactions.iter().map(|tx| tx["hash"].clone()).collect();
        block["transactions"] = json!(hashes);
    }
    block
}

/// What happened within a block's transactions: each passes one wei on to the listed address.
fn traces(entry: &Entry) -> Value {
    let passed = json!({ "type": "CALL", "from": TOKEN, "to": LISTED, "value": "0x1" });
    let root = |tx: &Value| {
        json!({ "type": "CALL", "from": tx["from"], "to": tx["to"], "value": "0x0",
            "calls": [passed] })
    };
    let transactions = entry.block["transactions"].as_array().unwrap();
    transactions.iter().map(|tx| json!({ "txHash": tx["hash"], "result": root(tx) })).collect()
}

fn payment(value: u64) -> Log {
    transfer(PAYER, LISTED, value)
}

/// A log of the token.
pub fn transfer(from: Address, to: Address, value: u64) -> Log {
    let topics = vec![TRANSFER, from.into_word(), to.into_word()];
    let data = U256::from(value).to_be_bytes_vec().into();
    Log { address: TOKEN, data: LogData::new_unchecked(topics, data) }
}

/// The logs of the act that lists the address.
pub fn listing(time: u64) -> Vec<Log> {
    listing_by(time, B256::repeat_byte(9))
}

/// The same by a manifest.
pub fn listing_by(time: u64, manifest: B256) -> Vec<Log> {
    let mut act = Act {
        number: 1,
        kind: Kind::List,
        sources: 1,
        until: UNTIL_MAX,
        data_as_of: 5,
        manifest,
        head: B256::ZERO,
        at: Position { block: 1, tx: 0, log: Some(1) },
        time,
        tx_hash: B256::ZERO,
        entries: vec![ActEntry { account: LISTED, uid: 26_014, designated_on: 0 }],
    };
    act.head = act.fold(B256::ZERO);
    let listed = IBlocklist::Listed {
        account: LISTED,
        act: 1.try_into().unwrap(),
        uid: 26_014,
        designatedOn: U40::ZERO,
    };
    let acted = IBlocklist::Acted {
        act: 1.try_into().unwrap(),
        kind: IBlocklist::Kind::List,
        sources: 1,
        until: U40::from(UNTIL_MAX),
        dataAsOf: U40::from(5),
        manifest: act.manifest,
        head: act.head,
    };
    [listed.encode_log_data(), acted.encode_log_data()]
        .into_iter()
        .map(|data| Log { address: BLOCKLIST, data })
        .collect()
}

fn entry(number: u64, parent: B256, branch: u64, drafts: &[Draft]) -> Entry {
    let txs = drafts.iter().zip(0..).map(|(draft, n)| transaction(number * 10 + n, draft));
    let txs: Vec<_> = txs.collect();
    let receipt = |(draft, n): (&Draft, u64)| {
        ReceiptEnvelope::Eip1559(receipt(n * 21_000, draft.logs.clone()).into())
    };
    let bare: Vec<_> = drafts.iter().zip(1_u64..).map(receipt).collect();
    let header = RpcHeader::new(ConsensusHeader {
        parent_hash: parent,
        number,
        timestamp: number * SPACING,
        gas_limit: 30_000_000 + branch,
        base_fee_per_gas: Some(7),
        transactions_root: calculate_transaction_root(&txs),
        receipts_root: calculate_receipt_root(&bare),
        logs_bloom: drafts.iter().flat_map(|draft| &draft.logs).collect(),
        ..ConsensusHeader::default()
    });
    let mut block = serde_json::to_value(&header).unwrap();
    block["transactions"] = txs.iter().zip(0..).map(|(tx, n)| said_tx(tx, &header, n)).collect();
    block["uncles"] = json!([]);
    let mut index = 0;
    let receipts = txs
        .iter()
        .zip(&bare)
        .zip(0..)
        .map(|((tx, receipt), n)| said_receipt(tx, receipt, &header, n, &mut index));
    let receipts = receipts.collect();
    Entry { hash: header.hash, header, block, receipts }
}

fn transaction(nonce: u64, draft: &Draft) -> TxEnvelope {
    let unsigned = TxEip1559 {
        chain_id: CHAIN,
        nonce,
        gas_limit: 90_000,
        to: TxKind::Call(draft.to),
        value: U256::from(draft.value),
        ..TxEip1559::default()
    };
    TxEnvelope::from(unsigned.into_signed(Signature::test_signature()))
}

fn receipt(gas: u64, logs: Vec<Log>) -> Receipt<Log> {
    Receipt { status: true.into(), cumulative_gas_used: gas, logs }
}

fn said_tx(tx: &TxEnvelope, header: &RpcHeader, index: u64) -> Value {
    let mut said = serde_json::to_value(tx).unwrap();
    said["from"] = json!(tx.recover_signer().unwrap());
    said["blockHash"] = json!(header.hash);
    said["blockNumber"] = hex(header.inner.number);
    said["transactionIndex"] = hex(index);
    said
}

fn said_receipt(
    tx: &TxEnvelope,
    receipt: &ReceiptEnvelope<Log>,
    header: &RpcHeader,
    index: u64,
    log_index: &mut u64,
) -> Value {
    let place = |said: &mut Value| {
        said["blockHash"] = json!(header.hash);
        said["blockNumber"] = hex(header.inner.number);
        said["transactionHash"] = json!(tx.tx_hash());
        said["transactionIndex"] = hex(index);
    };
    let mut said = serde_json::to_value(receipt).unwrap();
    place(&mut said);
    said["from"] = json!(tx.recover_signer().unwrap());
    said["to"] = json!(tx.to());
    said["gasUsed"] = hex(21_000);
    said["effectiveGasPrice"] = hex(7);
    for log in said["logs"].as_array_mut().unwrap() {
        place(log);
        log["logIndex"] = hex(*log_index);
        log["removed"] = json!(false);
        *log_index += 1;
    }
    said
}

pub fn hex(number: u64) -> Value {
    json!(format!("{number:#x}"))
}

/// What the deployment file says of the list's code.
pub fn code_hash() -> B256 {
    keccak256(CODE)
}
