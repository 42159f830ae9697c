//! Which blocks of a range have to be looked at whole: those with a log that may concern the list.
//!
//! Pure. What a log means is decided by `decode` and `screen` once its block is verified; here it
//! is enough never to pass over a log that they would not pass over.

use std::collections::BTreeMap;

use alloy_primitives::map::AddressMap;
use alloy_primitives::{Address, B256, Bytes, Keccak256, LogData, hex};
use interdict_core::ledger::{Act, Kind, Ledger};

use super::json;
use super::prove::Proved;
use super::scan::RawLog;
use crate::chain::{Block, Log};
use crate::decode::{self, abi};

/// Hex digits of a word, with their `0x`.
const WORD_TEXT: usize = 66;
/// The topic of nearly all logs that are asked for, as nodes write it.
const TRANSFER_TEXT: [u8; WORD_TEXT] = text_of(&decode::TRANSFER);
/// The next most frequent one, whose logs have the same shape.
const APPROVAL_TEXT: [u8; WORD_TEXT] = text_of(&decode::APPROVAL);
/// Where the address begins in the text of a word.
const ADDRESS_AT: usize = 26;
/// Bytes of a word.
const WORD_BYTES: usize = 32;

/// Why a range answer contradicts what was asked for. The range is read block by block instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SiftError {
    /// A log of another block than was asked for.
    #[error("a log of block {block} came where blocks {from} to {to} were asked for")]
    Outside {
        /// The log's block.
        block: u64,
        /// First block of the range.
        from: u64,
        /// Last block of the range.
        to: u64,
    },
    /// The blocks do not come in order.
    #[error("a log of block {block} came after one of block {after}")]
    Disordered {
        /// The log's block.
        block: u64,
        /// The block before it.
        after: u64,
    },
    /// The provider says itself that a log is no longer part of the chain.
    #[error("a log of the final block {0} is marked as removed")]
    Removed(u64),
    /// Something in a log is no hex of its length.
    #[error("a log of block {0} has a field that is no hex of its length")]
    Hex(u64),
}

/// The addresses that are looked for, each with the block of its first listing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    first: AddressMap<u64>,
    ends: Ends,
}

/// How addresses end that are looked for: enough to pass over nearly all others unread. A bit for
/// each end, as many as are needed and no more: what is asked of it for every log is to stay in the
/// processor's nearest memory, past which the logs themselves run.
#[derive(Clone, Debug, Default)]
struct Ends {
    words: Vec<u64>,
    learned: usize,
}

impl Ends {
    /// Digits at the end of an address that are looked at, at most.
    const DIGITS: usize = 6;
    /// Fewest and most bits.
    const BITS: (usize, usize) = (1 << 16, 1 << (4 * Self::DIGITS));
    /// Fewest bits for each address: at most one of so many others is read in vain.
    const BITS_FOR_ONE: usize = 16;

    /// Room for so many addresses, and for as many again.
    fn for_addresses(count: usize) -> Self {
        let (fewest, most) = Self::BITS;
        let bits = (2 * count * Self::BITS_FOR_ONE).next_power_of_two().clamp(fewest, most);
        Self { words: vec![0; bits / 64], learned: 0 }
    }

    /// Whether it has become too small for what it has learned.
    fn is_full(&self) -> bool {
        let bits = 64 * self.words.len();
        bits < Self::BITS.1 && self.learned * Self::BITS_FOR_ONE >= bits
    }

    fn learn(&mut self, address: Address) {
        let end = address.last_chunk().map_or(0, |end| u32::from_be_bytes(*end));
        let (word, bit) = self.place(end.into());
        if let Some(ends) = self.words.get_mut(word) {
            *ends |= bit;
        }
        self.learned += 1;
    }

    /// Whether an address in hex may be one of them. One that cannot be read may be.
    fn may_have(&self, text: &[u8]) -> bool {
        let Some(end) = text.last_chunk::<{ Self::DIGITS }>() else { return true };
        json::number(end).is_none_or(|end| {
            let (word, bit) = self.place(end);
            self.words.get(word).is_some_and(|ends| ends & bit != 0)
        })
    }

    /// The word and the bit of an end.
    fn place(&self, end: u64) -> (usize, u64) {
        let word = usize::try_from(end / 64).unwrap_or(usize::MAX);
        (word & self.words.len().wrapping_sub(1), 1 << (end % 64))
    }
}

impl Watch {
    /// Every address that was ever listed, as the list stood after its last act.
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let first = |(address, known): (&Address, &interdict_core::ledger::ListedAddress)| {
            known.episodes.first().map(|episode| (*address, episode.from.block))
        };
        let mut watch = Self::default();
        for (address, block) in ledger.addresses().filter_map(first) {
            watch.add(address, block);
        }
        watch
    }

    /// These addresses, in whichever block.
    pub(crate) fn only(addresses: impl IntoIterator<Item = Address>) -> Self {
        let mut watch = Self::default();
        for address in addresses {
            watch.add(address, 0);
        }
        watch
    }

    /// Takes in what acts list.
    pub(crate) fn learn(&mut self, acts: &[Act]) {
        let lists = |act: &&Act| matches!(act.kind, Kind::ListProvisional | Kind::List);
        for act in acts.iter().filter(lists) {
            for entry in &act.entries {
                self.add(entry.account, act.at.block);
            }
        }
    }

    fn add(&mut self, address: Address, block: u64) {
        self.first.entry(address).or_insert(block);
        if self.ends.is_full() {
            self.ends = Ends::for_addresses(self.first.len());
            self.first.keys().for_each(|address| self.ends.learn(*address));
        } else {
            self.ends.learn(address);
        }
    }

    /// Whether an address had been listed by a block.
    pub(crate) fn names(&self, address: Address, block: u64) -> bool {
        self.first.get(&address).is_some_and(|first| *first <= block)
    }
}

/// What a range answer says of a block that is looked at whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// How many of its logs have a topic of a transfer.
    pub(crate) logs: u64,
    /// A fold over them, if the block is one of the sample.
    pub(crate) fold: Option<B256>,
}

/// A range answer, sifted as it comes in.
#[derive(Debug)]
pub(crate) struct Sift<'w> {
    watch: &'w Watch,
    list: Address,
    from: u64,
    to: u64,
    /// Blocks to be looked at whole, whatever the answer says of them.
    whole: BTreeMap<u64, Said>,
    block: u64,
    said: Said,
    hit: bool,
    logs: u64,
    wrong: Option<SiftError>,
}

/// What sifting a whole range answer gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sifted {
    /// The blocks to be looked at whole, and what the answer says of each.
    pub(crate) whole: BTreeMap<u64, Said>,
    /// How many logs were looked at.
    pub(crate) logs: u64,
}

impl<'w> Sift<'w> {
    /// A sift for blocks `from` to `to`, of which `sample` are to be looked at in any case.
    pub(crate) fn new(
        watch: &'w Watch,
        list: Address,
        (from, to): (u64, u64),
        sample: impl IntoIterator<Item = u64>,
    ) -> Self {
        let blank = Said { logs: 0, fold: Some(B256::ZERO) };
        let whole: BTreeMap<_, _> = sample.into_iter().map(|number| (number, blank)).collect();
        let said = whole.get(&from).copied().unwrap_or_default();
        Self { watch, list, from, to, whole, block: from, said, hit: false, logs: 0, wrong: None }
    }

    /// Takes in the next log. What is wrong with one is told at the end.
    pub(crate) fn take(&mut self, log: &RawLog<'_>) {
        if self.wrong.is_none() {
            self.wrong = self.sift(log).err();
        }
    }

    /// What the whole answer gave.
    ///
    /// # Errors
    /// The first log that contradicts what was asked for.
    pub(crate) fn finish(mut self) -> Result<Sifted, SiftError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        self.turn_to(self.to);
        Ok(Sifted { whole: self.whole, logs: self.logs })
    }

    fn sift(&mut self, log: &RawLog<'_>) -> Result<(), SiftError> {
        let block = log.block;
        if block != self.block {
            let Self { from, to, block: after, .. } = *self;
            if !(from..=to).contains(&block) {
                return Err(SiftError::Outside { block, from, to });
            }
            if block < after {
                return Err(SiftError::Disordered { block, after });
            }
            self.turn_to(block);
        }
        if log.removed {
            return Err(SiftError::Removed(block));
        }
        self.logs += 1;
        self.hit |= self.said.hears(log, self.watch)? || is_of(log, self.list);
        Ok(())
    }

    /// Puts away what was said of the last block and turns to another.
    fn turn_to(&mut self, block: u64) {
        if self.hit || self.said.fold.is_some() {
            self.whole.insert(self.block, self.said);
        }
        self.block = block;
        self.said = self.whole.get(&block).copied().unwrap_or_default();
        self.hit = false;
    }
}

impl Said {
    /// Nothing yet, to be compared.
    pub(crate) const NOTHING: Self = Self { logs: 0, fold: Some(B256::ZERO) };

    /// Takes in the next log of the block; whether the block is to be looked at for it.
    pub(crate) fn hears(&mut self, log: &RawLog<'_>, watch: &Watch) -> Result<bool, SiftError> {
        if !speaks_of_transfers(log)? {
            return Ok(false);
        }
        self.logs += 1;
        if let Some(fold) = self.fold {
            self.fold = Some(folded(fold, &decoded(log)?));
        }
        concerns(log, watch)
    }

    /// Whether a proved block has the logs that were said of it.
    pub(crate) fn agrees_with(&self, proved: &Proved) -> bool {
        let other = match proved {
            Proved::Quiet(_, said) => *said,
            Proved::Whole(block) => Self::of(block),
        };
        self.logs == other.logs && self.fold.is_none_or(|fold| Some(fold) == other.fold)
    }

    /// What is to be said of a block's logs that have a topic of a transfer.
    pub(crate) fn of(block: &Block) -> Self {
        Self::of_those(block, &|_| true)
    }

    /// The same, of some of them only.
    pub(crate) fn of_those(block: &Block, which: &dyn Fn(&Log) -> bool) -> Self {
        let all = block.transactions.iter().flat_map(|tx| &tx.logs);
        let mut said = Self::NOTHING;
        for log in all.filter(|log| speaks(log) && which(log)) {
            said.take(log);
        }
        said
    }

    /// Takes in one more log.
    pub(crate) fn take(&mut self, log: &Log) {
        self.logs += 1;
        self.fold = self.fold.map(|fold| folded(fold, log));
    }
}

/// Whether a log has one of the topics that are asked for.
pub(crate) fn speaks(log: &Log) -> bool {
    log.data.topics().first().is_some_and(is_transfers)
}

/// Whether a log is of a contract. One that cannot be read may be.
pub(crate) fn is_of(log: &RawLog<'_>, contract: Address) -> bool {
    // The first byte tells nearly all of them apart.
    let digits = log.address.strip_prefix(b"0x").unwrap_or(log.address);
    let first = digits.get(..2).and_then(json::number);
    if first.is_some_and(|first| first != u64::from(contract[0])) {
        return false;
    }
    let mut address = Address::ZERO;
    hex_of(log.address, address.as_mut_slice(), log.block).is_err() || address == contract
}

fn is_transfers(topic: &B256) -> bool {
    decode::TOPICS.contains(topic)
}

/// Whether a log has one of the topics that were asked for.
fn speaks_of_transfers(log: &RawLog<'_>) -> Result<bool, SiftError> {
    let Some(topic) = log.topics().first() else { return Ok(false) };
    if *topic == TRANSFER_TEXT || *topic == APPROVAL_TEXT {
        return Ok(true);
    }
    let mut word = B256::ZERO;
    hex_of(topic, word.as_mut_slice(), log.block)?;
    Ok(is_transfers(&word))
}

/// Whether `decode` and `screen` would make something of a log: it names an address that is
/// looked for, or looks like a transfer and cannot be read as one.
fn concerns(log: &RawLog<'_>, watch: &Watch) -> Result<bool, SiftError> {
    let usual = match log.topics() {
        [topic, from, to] if is_usual(topic, log.data) => party(from).zip(party(to)),
        _ => None,
    };
    if let Some((from, to)) = usual {
        let named = |text: &[u8]| {
            if !watch.ends.may_have(text) {
                return Ok(false);
            }
            let mut address = Address::ZERO;
            hex_of(text, address.as_mut_slice(), log.block)?;
            Ok(watch.names(address, log.block))
        };
        return Ok(named(from)? || named(to)?);
    }
    let (block, log) = (log.block, decoded(log)?);
    let words = log.data.topics().iter().skip(1).copied();
    let mut words = words.chain(log.data.data.chunks_exact(WORD_BYTES).map(B256::from_slice));
    let named = |word: B256| abi::address(word).is_some_and(|party| watch.names(party, block));
    let unread = || decode::log(&log, &mut Vec::new()).is_err();
    Ok(words.any(named) || watch.names(log.address, block) || unread())
}

/// Whether a log with three topics is one of the two that are read without more ado: a transfer or
/// an approval of one amount.
fn is_usual(topic: &[u8], data: &[u8]) -> bool {
    data.len() == WORD_TEXT && (topic == TRANSFER_TEXT || topic == APPROVAL_TEXT)
}

const fn text_of(word: &B256) -> [u8; WORD_TEXT] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; WORD_TEXT];
    text[1] = b'x';
    let mut at = 0;
    while at < WORD_BYTES {
        text[2 + 2 * at] = DIGITS[(word.0[at] >> 4) as usize];
        text[3 + 2 * at] = DIGITS[(word.0[at] & 15) as usize];
        at += 1;
    }
    text
}

/// The text of the address in a word, if the word is nothing but an address.
fn party<'a>(word: &&'a [u8]) -> Option<&'a [u8]> {
    /// What stands before the address.
    const PADDING: &[u8; ADDRESS_AT] = b"0x000000000000000000000000";
    let (padding, address) = word.split_first_chunk::<ADDRESS_AT>()?;
    (padding == PADDING && word.len() == WORD_TEXT).then_some(address)
}

/// The whole log; its place in the block is not known here.
pub(crate) fn decoded(log: &RawLog<'_>) -> Result<Log, SiftError> {
    let bad = || SiftError::Hex(log.block);
    let mut address = Address::ZERO;
    hex_of(log.address, address.as_mut_slice(), log.block)?;
    let word = |text: &&[u8]| {
        let mut word = B256::ZERO;
        hex_of(text, word.as_mut_slice(), log.block).map(|()| word)
    };
    let topics = log.topics().iter().map(word).collect::<Result<Vec<_>, _>>()?;
    let data = log.data.strip_prefix(b"0x").ok_or_else(bad)?;
    let data: Bytes = hex::decode(data).map_err(|_| bad())?.into();
    Ok(Log { index: 0, address, data: LogData::new(topics, data).ok_or_else(bad)? })
}

fn folded(before: B256, log: &Log) -> B256 {
    let mut fold = Keccak256::new();
    fold.update(before);
    fold.update(log.address);
    fold.update([u8::try_from(log.data.topics().len()).unwrap_or(u8::MAX)]);
    log.data.topics().iter().for_each(|topic| fold.update(topic));
    fold.update(&log.data.data);
    fold.finalize()
}

/// Reads hex, with or without its `0x`, into a place of just its length.
fn hex_of(text: &[u8], place: &mut [u8], block: u64) -> Result<(), SiftError> {
    hex::decode_to_slice(text, place).map_err(|_| SiftError::Hex(block))
}

#[cfg(test)]
mod tests;
