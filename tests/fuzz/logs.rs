//! What contracts log, as the indexer reads it, and what must hold of it.

use alloy_core::primitives::{Address, B256, LogData};
use interdict_indexer::chain::Log;
use interdict_indexer::decode::{self, COIN_LOGGER, TOPICS};
use interdict_indexer::tokens::{self, SYMBOL_MAX_CHARS};

const WORD_BYTES: usize = 32;
const TOPICS_MAX: usize = 4;

/// A log: a byte that chooses its first topic, one for how many topics follow, these, and its data.
/// It may be refused; it must not panic, and gives no more transfers than it carries.
pub fn read(bytes: &[u8]) {
    let [first, count, rest @ ..] = bytes else { return };
    let mut topics = vec![TOPICS[usize::from(*first) % TOPICS.len()]];
    let count = usize::from(*count) % TOPICS_MAX;
    let (words, data) = rest.split_at(rest.len().min(count * WORD_BYTES));
    topics.extend(words.chunks_exact(WORD_BYTES).map(B256::from_slice));
    for address in [COIN_LOGGER, Address::ZERO] {
        let data = LogData::new_unchecked(topics.clone(), data.to_vec().into());
        let mut moved = Vec::new();
        match decode::log(&Log { index: 0, address, data }, &mut moved) {
            Ok(()) => assert!(moved.len() <= 1 + bytes.len() / WORD_BYTES),
            Err(unread) => assert!(moved.is_empty() && !unread.reason.is_empty()),
        }
    }
    if let Some(word) = tokens::text(data, SYMBOL_MAX_CHARS) {
        assert!(word.chars().count() <= SYMBOL_MAX_CHARS);
        assert!(!word.contains(|letter: char| letter.is_control() || "<>&\"'`=".contains(letter)));
    }
}
