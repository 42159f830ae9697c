//! The chain: every block of it follows from one number.
//!
//! Headers, transactions and receipts are what a node has, with roots that verify. Only signatures
//! are not: all transactions carry the same, so that making a chain takes seconds. Whoever recovers
//! a signer from it finds nobody.

use alloy_consensus::proofs::{calculate_receipt_root, calculate_transaction_root};
use alloy_consensus::{
    EMPTY_OMMER_ROOT_HASH, Header, Receipt, ReceiptEnvelope, SignableTransaction, TxEip1559,
    TxEnvelope, TxType,
};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{
    Address, B64, B256, Bloom, Bytes, Log, LogData, Signature, TxKind, U256, address, b256,
    keccak256,
};
use alloy_sol_types::SolEvent;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
use interdict_core::transfer::Position;

/// The chain id of a local chain: nothing here is anybody's money.
pub const CHAIN_ID: u64 = 31_337;
/// The list's contract.
pub const BLOCKLIST: Address = address!("0x00000000000000000000000000000000b10c1157");
/// What stands at the list's address.
pub const CODE: [u8; 4] = [0x60, 0x00, 0x60, 0x00];
/// The one token that is transferred.
pub const TOKEN: Address = address!("0xdAC17F958D2ee523a2206206994597C13D831ec7");
/// Topic of a transfer.
pub const TRANSFER: B256 =
    b256!("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
/// Seconds between two blocks.
const SPACING: u64 = 12;
/// When the chain begins, unix seconds.
const BEGINNING: u64 = 1_700_000_000;
/// Addresses that one act lists.
const ACT_ENTRIES: u64 = 250;

/// What a chain is made from.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Blocks with transfers; those with acts come before them.
    pub blocks: u64,
    /// Transfers in each of those.
    pub per_block: u64,
    /// Addresses that are listed.
    pub listed: u64,
    /// One transfer in so many touches one of them; 0 for none.
    pub hit_every: u64,
}

/// One transaction with its receipt.
#[derive(Clone, Debug)]
pub struct Made {
    pub tx: TxEnvelope,
    pub from: Address,
    pub receipt: ReceiptEnvelope,
}

/// What of a block is the same whatever stands below it.
#[derive(Clone, Debug)]
pub struct Body {
    pub transactions_root: B256,
    pub receipts_root: B256,
    pub bloom: Bloom,
    pub gas_used: u64,
    pub hashes: Vec<B256>,
}

impl Plan {
    /// How many blocks have an act each: the first ones.
    pub const fn act_blocks(&self) -> u64 {
        self.listed.div_ceil(ACT_ENTRIES)
    }

    /// The last block.
    pub const fn last(&self) -> u64 {
        self.act_blocks() + self.blocks
    }

    /// How many transfers up to a block touch a listed address.
    pub const fn hits(&self, last: u64) -> u64 {
        let transfers = last.saturating_sub(self.act_blocks()) * self.per_block;
        match transfers.checked_div(self.hit_every) {
            Some(hits) => hits,
            None => 0,
        }
    }

    /// The transactions of a block, from its number alone.
    pub fn made(&self, number: u64, acts: &[Act]) -> Vec<Made> {
        if number == 0 {
            return Vec::new();
        }
        if let Some(act) = usize::try_from(number - 1).ok().and_then(|index| acts.get(index)) {
            return vec![self.made_act(act)];
        }
        (0..self.per_block).map(|place| self.made_transfer(number, place)).collect()
    }

    pub fn body(&self, number: u64, acts: &[Act]) -> Body {
        let made = self.made(number, acts);
        let txs: Vec<_> = made.iter().map(|made| made.tx.clone()).collect();
        let receipts: Vec<_> = made.iter().map(|made| made.receipt.clone()).collect();
        Body {
            transactions_root: calculate_transaction_root(&txs),
            receipts_root: calculate_receipt_root(&receipts),
            bloom: receipts
                .iter()
                .fold(Bloom::ZERO, |bloom, receipt| bloom | *receipt.logs_bloom()),
            gas_used: receipts.last().map_or(0, ReceiptEnvelope::cumulative_gas_used),
            hashes: txs.iter().map(|tx| *tx.tx_hash()).collect(),
        }
    }

    pub fn header(number: u64, parent: B256, body: &Body) -> Header {
        Header {
            parent_hash: parent,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: Address::ZERO,
            state_root: keccak256(number.to_be_bytes()),
            transactions_root: body.transactions_root,
            receipts_root: body.receipts_root,
            logs_bloom: body.bloom,
            number,
            gas_limit: 36_000_000,
            gas_used: body.gas_used,
            timestamp: BEGINNING + number * SPACING,
            base_fee_per_gas: Some(7),
            withdrawals_root: Some(alloy_consensus::EMPTY_ROOT_HASH),
            blob_gas_used: Some(0),
            excess_blob_gas: Some(0),
            parent_beacon_block_root: Some(B256::ZERO),
            requests_hash: Some(EMPTY_REQUESTS_HASH),
            nonce: B64::ZERO,
            ..Header::default()
        }
    }

    /// The acts of the list: block n has act n.
    pub fn acts(&self) -> Vec<Act> {
        let mut head = B256::ZERO;
        (1..=self.act_blocks())
            .map(|number| {
                let first = (number - 1) * ACT_ENTRIES;
                let entries = (first..self.listed.min(first + ACT_ENTRIES))
                    .map(|index| ActEntry {
                        account: self.listed_address(index),
                        uid: 10_000 + index,
                        designated_on: 0,
                    })
                    .collect();
                let mut act = Act {
                    number: u32::try_from(number).unwrap_or(u32::MAX),
                    kind: Kind::List,
                    sources: 1,
                    until: UNTIL_MAX,
                    data_as_of: BEGINNING,
                    manifest: keccak256(number.to_be_bytes()),
                    head: B256::ZERO,
                    at: Position { block: number, tx: 0, log: None },
                    time: BEGINNING + number * SPACING,
                    tx_hash: B256::ZERO,
                    entries,
                };
                act.head = act.fold(head);
                head = act.head;
                act
            })
            .collect()
    }

    fn listed_address(&self, index: u64) -> Address {
        self.drawn(u64::MAX, index)
    }

    fn made_act(&self, act: &Act) -> Made {
        let number = alloy_primitives::Uint::from(act.number);
        let listed = act.entries.iter().map(|entry| {
            let event = IBlocklist::Listed {
                account: entry.account,
                act: number,
                uid: entry.uid,
                designatedOn: alloy_primitives::Uint::from(entry.designated_on),
            };
            event.encode_log_data()
        });
        let acted = IBlocklist::Acted {
            act: number,
            kind: IBlocklist::Kind::List,
            sources: act.sources,
            until: alloy_primitives::Uint::from(act.until),
            dataAsOf: alloy_primitives::Uint::from(act.data_as_of),
            manifest: act.manifest,
            head: act.head,
        };
        let logs = listed.chain([acted.encode_log_data()]);
        let logs = logs.map(|data| Log { address: BLOCKLIST, data }).collect();
        let from = self.drawn(u64::MAX - 1, 0);
        finished(from, act.number.into(), BLOCKLIST, Bytes::new(), 12_000_000, logs)
    }

    fn made_transfer(&self, number: u64, place: u64) -> Made {
        let nth = (number - self.act_blocks() - 1) * self.per_block + place;
        let (mut from, mut to) = (self.drawn(number, 2 * place), self.drawn(number, 2 * place + 1));
        let hit = self.hit_every != 0 && nth % self.hit_every == self.hit_every - 1;
        if hit {
            let which = nth / self.hit_every;
            let listed = self.listed_address(which % self.listed);
            if which.is_multiple_of(2) { to = listed } else { from = listed }
        }
        let amount = U256::from(10_000_000 + mixed(self.seed ^ nth) % 1_000_000_000);
        let mut input = vec![0xa9, 0x05, 0x9c, 0xbb];
        input.extend_from_slice(to.into_word().as_slice());
        input.extend_from_slice(&amount.to_be_bytes::<32>());
        let topics = vec![TRANSFER, from.into_word(), to.into_word()];
        let data = LogData::new_unchecked(topics, amount.to_be_bytes_vec().into());
        let gas = (place + 1) * 46_109;
        finished(from, nth, TOKEN, input.into(), gas, vec![Log { address: TOKEN, data }])
    }

    /// An address that belongs to a place.
    fn drawn(&self, number: u64, place: u64) -> Address {
        let mut z = mixed(self.seed ^ mixed(number) ^ place.rotate_left(32));
        let mut bytes = [0; 24];
        for part in bytes.chunks_exact_mut(8) {
            z = mixed(z);
            part.copy_from_slice(&z.to_be_bytes());
        }
        Address::from_slice(&bytes[..20])
    }
}

fn finished(
    from: Address,
    nonce: u64,
    to: Address,
    input: Bytes,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
) -> Made {
    let unsigned = TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 65_000,
        max_fee_per_gas: 30_000_000_000,
        max_priority_fee_per_gas: 1_000_000_000,
        to: TxKind::Call(to),
        value: U256::ZERO,
        input,
        ..TxEip1559::default()
    };
    let tx = TxEnvelope::from(unsigned.into_signed(Signature::test_signature()));
    let receipt = Receipt { status: true.into(), cumulative_gas_used, logs };
    Made { tx, from, receipt: ReceiptEnvelope::from_typed(TxType::Eip1559, receipt) }
}

/// Spreads a number over all 64 bits: the finalizer of `SplitMix64`.
const fn mixed(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
