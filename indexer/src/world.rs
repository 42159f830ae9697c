//! Real blocks for tests: transactions, receipts and headers whose roots are what they should be,
//! and a list whose acts fold to their heads.

use std::collections::BTreeSet;

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::transaction::{Recovered, SignerRecoverable};
use alloy_consensus::{
    Header as ConsensusHeader, Receipt, ReceiptEnvelope, SignableTransaction, Transaction as _,
    TxEip1559, TxEip4844, TxEip4844Variant, TxEip7702, TxEnvelope,
};
use alloy_eips::eip7702::{Authorization, SignedAuthorization};
use alloy_primitives::{
    Address, B256, Bytes, Log as RawLog, LogData, Signature, TxKind, U256, address,
};
use alloy_rpc_types_eth::{
    Block as RpcBlock, BlockTransactions, Header as RpcHeader, Log as RpcLog, Transaction,
    TransactionReceipt,
};
use interdict_core::ledger::{Act, ActEntry, Kind, Ledger, UNTIL_MAX};
use interdict_core::policy::Policy;
use interdict_core::subject::Subjects;
use interdict_core::transfer::Position;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chain::accept::{self, Wanted};
use crate::chain::profile::Profile;
use crate::chain::{Block, Header};
use crate::decode::TRANSFER;
use crate::manifests::Manifests;
use crate::screen::{self, Asset, Assets, Criteria, Evidence, Screened};

pub(crate) const CHAIN: u64 = 1;
pub(crate) const TOKEN: Address = address!("0xdAC17F958D2ee523a2206206994597C13D831ec7");
pub(crate) const STRANGE_TOKEN: Address = address!("0x00000000000000000000000000000000000fa4e0");
/// Seconds between blocks.
const SPACING: u64 = 12;

pub(crate) fn account(n: u8) -> Address {
    Address::repeat_byte(n)
}

pub(crate) fn profile() -> Profile {
    Profile::of(CHAIN).unwrap()
}

/// USDT-like token and coin: dust below 10 units and below 1000 wei.
pub(crate) fn assets() -> Assets {
    let token = Asset { symbol: "USDT".into(), decimals: 6, dust_below: U256::from(10_000_000) };
    let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::from(1000) };
    Assets { native, tokens: [(TOKEN, token)].into() }
}

/// Screens a block by the default policy, where no subjects are kept.
pub(crate) fn live(block: &Block, ledger: &Ledger) -> Screened {
    live_upon(&Evidence::proved(block), ledger)
}

/// The same upon what there is.
pub(crate) fn live_upon(evidence: &Evidence<'_>, ledger: &Ledger) -> Screened {
    let (policy, assets, subjects) = (Policy::standard(), assets(), Subjects::default());
    let criteria = Criteria {
        policy: &policy,
        assets: &assets,
        subjects: &subjects,
        manifests: Manifests::none(),
    };
    screen::live(CHAIN, evidence, ledger, criteria)
}

/// The same of an earlier block.
pub(crate) fn back(
    block: &Block,
    ledger: &Ledger,
    act: u32,
    newly: &BTreeSet<Address>,
) -> Screened {
    let (policy, assets, subjects) = (Policy::standard(), assets(), Subjects::default());
    let criteria = Criteria {
        policy: &policy,
        assets: &assets,
        subjects: &subjects,
        manifests: Manifests::none(),
    };
    screen::back(CHAIN, &Evidence::proved(block), ledger, act, newly, criteria)
}

/// A transaction to be put into a block.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) tx: TxEnvelope,
    pub(crate) succeeded: bool,
    pub(crate) logs: Vec<RawLog>,
}

/// A transaction; each nonce has its own signer, because the signature stays the same.
pub(crate) fn tx(nonce: u64, to: Option<Address>, value: u64) -> Draft {
    calling(nonce, to, value, Vec::new())
}

/// A transaction that says something to its callee.
pub(crate) fn calling(nonce: u64, to: Option<Address>, value: u64, input: Vec<u8>) -> Draft {
    let unsigned = TxEip1559 {
        chain_id: CHAIN,
        nonce,
        gas_limit: 21_000,
        to: to.map_or(TxKind::Create, TxKind::Call),
        value: U256::from(value),
        input: input.into(),
        ..TxEip1559::default()
    };
    Draft::of(unsigned.into_signed(Signature::test_signature()))
}

/// A transaction with blobs (EIP-4844).
pub(crate) fn blobs(nonce: u64, to: Address) -> Draft {
    let unsigned = TxEip4844 {
        chain_id: CHAIN,
        nonce,
        to,
        input: vec![1].into(),
        blob_versioned_hashes: vec![B256::with_last_byte(1)],
        ..TxEip4844::default()
    };
    let signed = unsigned.into_signed(Signature::test_signature());
    Draft::of(TxEnvelope::Eip4844(signed.map(TxEip4844Variant::TxEip4844)))
}

/// A delegation to a contract's code (EIP-7702).
pub(crate) fn delegation(chain_id: u64, delegate: Address) -> SignedAuthorization {
    let unsigned = Authorization { chain_id: U256::from(chain_id), address: delegate, nonce: 0 };
    unsigned.into_signed(Signature::test_signature())
}

/// A transaction that carries delegations (EIP-7702).
pub(crate) fn delegating(nonce: u64, to: Address, list: Vec<SignedAuthorization>) -> Draft {
    let unsigned =
        TxEip7702 { chain_id: CHAIN, nonce, to, authorization_list: list, ..TxEip7702::default() };
    Draft::of(unsigned.into_signed(Signature::test_signature()))
}

impl Draft {
    fn of(tx: impl Into<TxEnvelope>) -> Self {
        Self { tx: tx.into(), succeeded: true, logs: Vec::new() }
    }

    pub(crate) fn signer(&self) -> Address {
        self.tx.recover_signer().unwrap()
    }

    pub(crate) fn failed(mut self) -> Self {
        self.succeeded = false;
        self
    }

    pub(crate) fn log(mut self, address: Address, topics: Vec<B256>, data: Bytes) -> Self {
        self.logs.push(RawLog { address, data: LogData::new_unchecked(topics, data) });
        self
    }

    pub(crate) fn transfer(self, token: Address, from: Address, to: Address, value: u64) -> Self {
        let topics = vec![TRANSFER, from.into_word(), to.into_word()];
        self.log(token, topics, U256::from(value).to_be_bytes_vec().into())
    }
}

pub(crate) fn genesis() -> Header {
    Header { hash: B256::repeat_byte(0xee), number: 100, parent: B256::ZERO, time: 100 * SPACING }
}

/// What an honest provider returns of a block above another.
pub(crate) fn raw(below: Header, drafts: &[Draft]) -> (RpcBlock, Vec<TransactionReceipt>) {
    let txs: Vec<_> = drafts.iter().map(|draft| draft.tx.clone()).collect();
    let mut gas = 0;
    let bare: Vec<ReceiptEnvelope> = drafts
        .iter()
        .map(|draft| {
            gas += 21_000;
            let logs = draft.logs.clone();
            let receipt =
                Receipt { status: draft.succeeded.into(), cumulative_gas_used: gas, logs };
            ReceiptEnvelope::from_typed(draft.tx.tx_type(), receipt)
        })
        .collect();
    let header = ConsensusHeader {
        parent_hash: below.hash,
        number: below.number + 1,
        timestamp: below.time + SPACING,
        transactions_root: calculate_transaction_root(&txs),
        receipts_root: calculate_receipt_root(&bare),
        ..ConsensusHeader::default()
    };
    let header = RpcHeader::new(header);
    let receipts = labelled(&header, drafts, bare);
    let transactions = txs
        .into_iter()
        .map(|tx| {
            let signer = tx.recover_signer().unwrap();
            Transaction {
                inner: Recovered::new_unchecked(tx, signer),
                block_hash: Some(header.hash),
                block_number: Some(header.number),
                transaction_index: None,
                effective_gas_price: None,
                block_timestamp: None,
            }
        })
        .collect();
    (RpcBlock::new(header, BlockTransactions::Full(transactions)), receipts)
}

fn labelled(
    header: &RpcHeader,
    drafts: &[Draft],
    bare: Vec<ReceiptEnvelope>,
) -> Vec<TransactionReceipt> {
    let mut index = 0;
    let mut label = |inner, tx: &TxEnvelope| {
        index += 1;
        RpcLog {
            inner,
            block_hash: Some(header.hash),
            block_number: Some(header.number),
            transaction_hash: Some(*tx.tx_hash()),
            transaction_index: Some(0),
            log_index: Some(index - 1),
            ..RpcLog::default()
        }
    };
    drafts
        .iter()
        .zip(bare)
        .map(|(draft, receipt)| TransactionReceipt {
            inner: receipt.map_logs(|inner| label(inner, &draft.tx)),
            transaction_hash: *draft.tx.tx_hash(),
            transaction_index: None,
            block_hash: Some(header.hash),
            block_number: Some(header.number),
            gas_used: 21_000,
            effective_gas_price: 1,
            blob_gas_used: None,
            blob_gas_price: None,
            from: draft.signer(),
            to: draft.tx.to(),
            contract_address: None,
        })
        .collect()
}

/// A verified block above another.
pub(crate) fn block(below: Header, drafts: &[Draft]) -> Block {
    let (rpc, receipts) = raw(below, drafts);
    accept::block(&profile(), said(&rpc), said(&receipts), Wanted::Above(below)).unwrap()
}

/// The same as a provider says it.
pub(crate) fn said<T: DeserializeOwned>(value: &impl Serialize) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

/// Acts written one after another.
#[derive(Clone, Default)]
pub(crate) struct Script(pub(crate) Vec<Act>);

impl Script {
    pub(crate) fn act(mut self, kind: Kind, at: Position, accounts: &[Address]) -> Self {
        let time = at.block * SPACING;
        let until = match kind {
            Kind::ListProvisional => time + 1000 * SPACING,
            Kind::List => UNTIL_MAX,
            Kind::Delist | Kind::DelistMany | Kind::Retract => time,
            Kind::Protect | Kind::Unprotect | Kind::Attest => 0,
        };
        let mut act = Act {
            number: u32::try_from(self.0.len()).unwrap() + 1,
            kind,
            sources: 1,
            until,
            data_as_of: 5,
            manifest: B256::repeat_byte(9),
            head: B256::ZERO,
            at,
            time,
            tx_hash: B256::ZERO,
            entries: accounts
                .iter()
                .map(|account| ActEntry { account: *account, uid: 26_014, designated_on: 0 })
                .collect(),
        };
        act.head = act.fold(self.0.last().map(|last| last.head).unwrap_or_default());
        self.0.push(act);
        self
    }

    /// The last act comes so many days later, of a publication as old as itself.
    pub(crate) fn days_later(mut self, days: u64) -> Self {
        let below = self.0.len().checked_sub(2).map(|index| self.0[index].head);
        let act = self.0.last_mut().unwrap();
        act.time += days * 86_400;
        act.data_as_of = act.time;
        act.head = act.fold(below.unwrap_or_default());
        self
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::replay(&self.0).unwrap()
    }
}

/// The place of the last log of a block's transaction.
pub(crate) fn place(block: u64, tx: u64, log: u64) -> Position {
    Position { block, tx, log: Some(log) }
}
