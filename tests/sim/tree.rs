//! A tree of real blocks: their transactions, receipts and headers have the roots and hashes that
//! they should have, and each remembers what truly happened in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::Recovered;
use alloy_consensus::{
    Header, Receipt, ReceiptEnvelope, SignableTransaction, Transaction as _, TxEip1559, TxEnvelope,
    TxLegacy,
};
use alloy_primitives::{Address, B256, Bloom, Log, Signature, TxKind, U256, keccak256};
use alloy_rpc_types_eth::{
    Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog, Transaction,
    TransactionReceipt,
};
use k256::ecdsa::SigningKey;

use crate::list::{Act, Register};
use crate::story::TOKEN;

/// EIP-155 chain id.
pub(crate) const CHAIN_ID: u64 = 1;
/// Gas of each transaction.
const GAS: u64 = 21_000;

/// A block's place in the tree; those made later have larger ones.
pub(crate) type Id = usize;

/// What a dealing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dealing {
    /// Something of a known asset moved.
    Worth,
    /// Nothing of it moved, or something of a token that nobody knows.
    Worthless,
    /// The transaction as such, carried out or not: its signer calls somebody.
    Call,
}

/// One address dealt with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) tx: u64,
    pub(crate) tx_hash: B256,
    pub(crate) dealing: Dealing,
    /// Place among the block's logs; `None` for the transaction and its own value.
    pub(crate) log: Option<u64>,
    pub(crate) from: Address,
    pub(crate) to: Address,
}

/// An act of the list, and where it is complete.
#[derive(Clone, Debug)]
pub(crate) struct Acted {
    pub(crate) tx: u64,
    pub(crate) log: Option<u64>,
    /// When, if not with its block: on another chain.
    pub(crate) time: Option<u64>,
    pub(crate) act: Act,
}

/// One block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) id: Id,
    pub(crate) parent: Option<Id>,
    pub(crate) number: u64,
    pub(crate) hash: B256,
    pub(crate) time: u64,
    pub(crate) header: Header,
    pub(crate) moved: Vec<Moved>,
    pub(crate) acted: Vec<Acted>,
    /// The list after this block.
    pub(crate) register: Arc<Register>,
    /// What is in it, so that another branch may take it in too.
    pub(crate) drafts: Vec<Draft>,
    /// Its header has no bloom although there are logs.
    pub(crate) is_bloomless: bool,
    /// JSON: without transactions, with them, its receipts.
    pub(crate) head: String,
    pub(crate) full: String,
    pub(crate) receipts: String,
    /// The chain ended below it and no node remembers it.
    pub(crate) is_forgotten: bool,
    /// It has been part of the best chain once.
    pub(crate) was_best: bool,
}

/// A transaction to be put into a block.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) tx: TxEnvelope,
    pub(crate) signer: Address,
    pub(crate) has_failed: bool,
    pub(crate) logs: Vec<Log>,
    /// Parties of the logs that move value, by place among this transaction's logs.
    pub(crate) moves: BTreeMap<u64, (Dealing, Address, Address)>,
    /// The act that its last log completes.
    pub(crate) act: Option<Act>,
}

impl Draft {
    /// A call that moves no value of its own. Its signature is nobody's: recovering signers would
    /// cost more than all else together, and payments show that it is done.
    pub(crate) fn call(to: Address, nonce: u64) -> Self {
        let unsigned = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce,
            gas_limit: GAS,
            to: TxKind::Call(to),
            ..TxEip1559::default()
        };
        let tx =
            TxEnvelope::from(unsigned.into_signed(Signature::new(U256::ZERO, U256::ZERO, false)));
        let signer = Address::repeat_byte(0x51);
        Self { tx, signer, has_failed: false, logs: vec![], moves: BTreeMap::new(), act: None }
    }

    /// A payment, really signed.
    pub(crate) fn payment(from: u8, to: Address, value: u64, nonce: u64) -> Self {
        type Signed = HashMap<(u8, Address, u64, u64), TxEnvelope>;
        static SIGNED: Mutex<Option<Signed>> = Mutex::new(None);
        let key = (from, to, value, nonce);
        let known = SIGNED.lock().unwrap().get_or_insert_default().get(&key).cloned();
        let tx = known.unwrap_or_else(|| {
            let unsigned = TxLegacy {
                chain_id: Some(CHAIN_ID),
                nonce,
                gas_price: 1,
                gas_limit: GAS,
                to: TxKind::Call(to),
                value: U256::from(value),
                ..TxLegacy::default()
            };
            let digest = unsigned.signature_hash();
            let signed = signing_key(from).sign_prehash_recoverable(digest.as_slice()).unwrap();
            let tx = TxEnvelope::from(unsigned.into_signed(Signature::from(signed)));
            SIGNED.lock().unwrap().get_or_insert_default().insert(key, tx.clone());
            tx
        });
        let signer = holder(from);
        Self { tx, signer, has_failed: false, logs: vec![], moves: BTreeMap::new(), act: None }
    }

    /// With an ERC-20 transfer.
    pub(crate) fn moving(mut self, token: Address, from: Address, to: Address, value: u64) -> Self {
        let topics = vec![transfer_topic(), from.into_word(), to.into_word()];
        let dealing = if token == TOKEN && value > 0 { Dealing::Worth } else { Dealing::Worthless };
        self.moves.insert(self.logs.len() as u64, (dealing, from, to));
        self.with(crate::list::log(token, topics, crate::list::word(value).into()))
    }

    /// With a log that moves nothing.
    pub(crate) fn with(mut self, log: Log) -> Self {
        self.logs.push(log);
        self
    }
}

/// Topic of `Transfer(address,address,uint256)`.
pub(crate) fn transfer_topic() -> B256 {
    keccak256("Transfer(address,address,uint256)")
}

fn signing_key(n: u8) -> SigningKey {
    SigningKey::from_slice(&[n.max(1); 32]).unwrap()
}

/// Who has the n-th key.
pub(crate) fn holder(n: u8) -> Address {
    static HOLDERS: Mutex<BTreeMap<u8, Address>> = Mutex::new(BTreeMap::new());
    *HOLDERS.lock().unwrap().entry(n).or_insert_with(|| {
        let point = signing_key(n).verifying_key().to_encoded_point(false);
        Address::from_raw_public_key(&point.as_bytes()[1..])
    })
}

/// All blocks that were ever made.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) blocks: Vec<Block>,
    by_hash: HashMap<B256, Id>,
}

/// What a new block is to be.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) parent: Option<Id>,
    pub(crate) seconds: u64,
    pub(crate) salt: u64,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) register: Arc<Register>,
    pub(crate) is_bloomless: bool,
}

impl Tree {
    pub(crate) fn of(&self, id: Id) -> &Block {
        &self.blocks[id]
    }

    pub(crate) fn by_hash(&self, hash: B256) -> Option<&Block> {
        self.by_hash.get(&hash).map(|id| self.of(*id))
    }

    /// The block at a height below another, or that one.
    pub(crate) fn ancestor(&self, mut id: Id, number: u64) -> Option<Id> {
        while self.of(id).number > number {
            id = self.of(id).parent?;
        }
        (self.of(id).number == number).then_some(id)
    }

    pub(crate) fn descends(&self, id: Id, from: Id) -> bool {
        self.ancestor(id, self.of(from).number) == Some(from)
    }

    /// A block and all below it, lowest first.
    pub(crate) fn chain(&self, tip: Id) -> Vec<Id> {
        let mut chain: Vec<_> =
            std::iter::successors(Some(tip), |id| self.of(*id).parent).collect();
        chain.reverse();
        chain
    }

    /// Makes a block.
    pub(crate) fn grow(&mut self, plan: Plan) -> Id {
        let below = plan.parent.map(|id| self.of(id));
        let receipts = receipts(&plan.drafts);
        let bloom = receipts.iter().fold(Bloom::ZERO, |all, receipt| all | *receipt.logs_bloom());
        let header = Header {
            parent_hash: below.map(|block| block.hash).unwrap_or_default(),
            number: below.map_or(0, |block| block.number + 1),
            timestamp: below.map_or(1_700_000_000, |block| block.time) + plan.seconds,
            logs_bloom: if plan.is_bloomless { Bloom::ZERO } else { bloom },
            gas_used: GAS * plan.drafts.len() as u64,
            gas_limit: 30_000_000,
            extra_data: plan.salt.to_be_bytes().into(),
            ..Header::default()
        };
        let printed = print(&header, &plan.drafts, receipts, Roots::OfContents);
        let Printed { header, hash, head, full, receipts } = printed;
        let id = self.blocks.len();
        let (moved, acted, logs) = truth(&plan.drafts);
        self.by_hash.insert(hash, id);
        self.blocks.push(Block {
            id,
            parent: plan.parent,
            number: header.number,
            hash,
            time: header.timestamp,
            header,
            moved,
            acted,
            register: plan.register,
            is_bloomless: plan.is_bloomless && logs > 0,
            head,
            full,
            receipts,
            drafts: plan.drafts,
            is_forgotten: false,
            was_best: false,
        });
        id
    }
}

/// A block as a node prints it.
#[derive(Clone, Debug)]
pub(crate) struct Printed {
    pub(crate) header: Header,
    pub(crate) hash: B256,
    /// Without transactions.
    pub(crate) head: String,
    /// With them.
    pub(crate) full: String,
    pub(crate) receipts: String,
}

/// Which roots a header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those that the contents give.
    OfContents,
    /// Those that it carries already, whatever the contents.
    OfHeader,
}

/// Prints a block.
pub(crate) fn print(
    header: &Header,
    drafts: &[Draft],
    bare: Vec<ReceiptEnvelope>,
    roots: Roots,
) -> Printed {
    let txs: Vec<_> = drafts.iter().map(|draft| draft.tx.clone()).collect();
    let mut header = header.clone();
    if roots == Roots::OfContents {
        header.transactions_root = calculate_transaction_root(&txs);
        header.receipts_root = calculate_receipt_root(&bare);
    }
    let rpc = RpcHeader::new(header.clone());
    let hashes = txs.iter().map(|tx| *tx.tx_hash()).collect();
    let head: RpcBlock<B256> = RpcBlock::new(rpc.clone(), BlockTransactions::Hashes(hashes));
    let full = RpcBlock::new(rpc.clone(), BlockTransactions::Full(whole(&rpc, drafts)));
    Printed {
        header,
        hash: rpc.hash,
        head: serde_json::to_string(&head).unwrap(),
        full: serde_json::to_string(&full).unwrap(),
        receipts: serde_json::to_string(&labelled(&rpc, drafts, bare)).unwrap(),
    }
}

/// Receipts as the root takes them in.
pub(crate) fn receipts(drafts: &[Draft]) -> Vec<ReceiptEnvelope> {
    let mut cumulative_gas_used = 0;
    let mut receipt = |draft: &Draft| {
        cumulative_gas_used += GAS;
        let (status, logs) = ((!draft.has_failed).into(), draft.logs.clone());
        ReceiptEnvelope::from_typed(
            draft.tx.tx_type(),
            Receipt { status, cumulative_gas_used, logs },
        )
    };
    drafts.iter().map(&mut receipt).collect()
}

fn whole(header: &RpcHeader, drafts: &[Draft]) -> Vec<Transaction> {
    let transaction = |(draft, index): (&Draft, u64)| Transaction {
        inner: Recovered::new_unchecked(draft.tx.clone(), draft.signer),
        block_hash: Some(header.hash),
        block_number: Some(header.number),
        transaction_index: Some(index),
        effective_gas_price: None,
        block_timestamp: None,
    };
    drafts.iter().zip(0..).map(transaction).collect()
}

fn labelled(
    header: &RpcHeader,
    drafts: &[Draft],
    bare: Vec<ReceiptEnvelope>,
) -> Vec<TransactionReceipt> {
    let mut log_index = 0;
    let mut receipt = |((draft, index), receipt): ((&Draft, u64), ReceiptEnvelope)| {
        let transaction_hash = *draft.tx.tx_hash();
        let mut label = |inner| {
            log_index += 1;
            RpcLog {
                inner,
                block_hash: Some(header.hash),
                block_number: Some(header.number),
                transaction_hash: Some(transaction_hash),
                transaction_index: Some(index),
                log_index: Some(log_index - 1),
                ..RpcLog::default()
            }
        };
        TransactionReceipt {
            inner: receipt.map_logs(&mut label),
            transaction_hash,
            transaction_index: Some(index),
            block_hash: Some(header.hash),
            block_number: Some(header.number),
            gas_used: GAS,
            effective_gas_price: 1,
            blob_gas_used: None,
            blob_gas_price: None,
            from: draft.signer,
            to: draft.tx.to(),
            contract_address: None,
        }
    };
    drafts.iter().zip(0..).zip(bare).map(&mut receipt).collect()
}

/// What truly happens in a block, and how many logs it has.
fn truth(drafts: &[Draft]) -> (Vec<Moved>, Vec<Acted>, u64) {
    let (mut moved, mut acted, mut first) = (Vec::new(), Vec::new(), 0);
    for (draft, tx) in drafts.iter().zip(0..) {
        let tx_hash = *draft.tx.tx_hash();
        let to = draft.tx.to().unwrap_or_default();
        if !draft.has_failed && draft.tx.value() > U256::ZERO {
            let (dealing, from) = (Dealing::Worth, draft.signer);
            moved.push(Moved { tx, tx_hash, dealing, log: None, from, to });
        }
        for (place, (dealing, from, to)) in &draft.moves {
            let (dealing, from, to) = (*dealing, *from, *to);
            moved.push(Moved { tx, tx_hash, dealing, log: Some(first + place), from, to });
        }
        // Last, so that what moved is known by then.
        let (dealing, from) = (Dealing::Call, draft.signer);
        moved.push(Moved { tx, tx_hash, dealing, log: None, from, to });
        first += draft.logs.len() as u64;
        if let Some(act) = &draft.act {
            acted.push(Acted { tx, log: Some(first - 1), time: None, act: act.clone() });
        }
    }
    (moved, acted, first)
}
