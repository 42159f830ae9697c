//! A past for an address that is listed late: every kind of dealing that a log or a block tells.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use alloy_primitives::{Address, B256, Log, LogData, U256};
use interdict_indexer::decode;

use crate::chain::{Chain, Draft, LISTED, PAYER, SPACING, TOKEN, listing, transfer};

/// The block that lists the listed address; everything that it did was before.
pub const LISTED_AT: u64 = 400;
pub const TIP: u64 = LISTED_AT + 5;
const STRANGER: Address = Address::repeat_byte(0x55);

/// A past of the listed address.
pub struct Past {
    pub chain: Chain,
    /// Blocks with a transfer whose parties are in the data.
    pub unindexed: BTreeSet<u64>,
}

pub static PAST: LazyLock<Past> = LazyLock::new(|| past(1));

/// Numbers that follow from a number.
struct Dice(u64);

impl Dice {
    fn once_in(&mut self, sides: u64) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33).is_multiple_of(sides)
    }
}

fn log(address: Address, topics: Vec<B256>, words: &[u64]) -> Log {
    let data = words.iter().flat_map(|word| U256::from(*word).to_be_bytes::<32>());
    Log { address, data: LogData::new_unchecked(topics, data.collect::<Vec<_>>().into()) }
}

/// A chain on which the listed address dealt in every way, before it was listed. Strangers pay each
/// other in every block.
pub fn past(seed: u64) -> Past {
    let mut dice = Dice(seed);
    let (mut chain, mut unindexed) = (Chain(Vec::new()).and(0, &[]), BTreeSet::new());
    let (listed, stranger) = (LISTED.into_word(), STRANGER.into_word());
    for number in 1..=TIP {
        let mut drafts = vec![Draft::logging(vec![transfer(PAYER, STRANGER, number)])];
        let mut add = |logs| drafts.push(Draft::logging(logs));
        let is_past = number < LISTED_AT;
        if number == LISTED_AT {
            add(listing(LISTED_AT * SPACING));
        }
        // What the walk begins with is always a hit.
        if is_past && (dice.once_in(12) || number == LISTED_AT - 1) {
            let paid = transfer(PAYER, LISTED, 20_000_000 + number);
            add(vec![paid, transfer(PAYER, LISTED, 30_000_000 + number)]);
        }
        if is_past && dice.once_in(15) {
            add(vec![transfer(LISTED, STRANGER, 40_000_000 + number)]);
        }
        if is_past && dice.once_in(20) {
            let topics = vec![decode::TRANSFER_SINGLE, stranger, stranger, listed];
            add(vec![log(STRANGER, topics, &[7, 1])]);
        }
        if is_past && dice.once_in(20) {
            let topics = vec![decode::APPROVAL, listed, stranger];
            add(vec![log(TOKEN, topics, &[50_000_000])]);
        }
        if is_past && dice.once_in(25) {
            add(vec![log(LISTED, vec![decode::DEPOSIT, stranger], &[60_000_000])]);
        }
        if is_past && dice.once_in(25) {
            add(vec![log(TOKEN, vec![decode::TRANSFER, listed], &[1])]);
        }
        if is_past && dice.once_in(30) {
            unindexed.insert(number);
            let paid = log(TOKEN, vec![decode::TRANSFER], &[0, 0, 70_000_000]);
            let mut data = paid.data.data.to_vec();
            data[..32].copy_from_slice(stranger.as_slice());
            data[32..64].copy_from_slice(listed.as_slice());
            let data = LogData::new_unchecked(paid.data.topics().to_vec(), data.into());
            add(vec![Log { data, ..paid }]);
        }
        if is_past && dice.once_in(25) {
            drafts.push(Draft { to: LISTED, value: 10_u64.pow(18), logs: vec![] });
        }
        chain = chain.and(0, &drafts);
    }
    Past { chain, unindexed }
}
