//! Words of the ABI. Whoever emits a log chooses its bytes: nothing here allocates by what they
//! say, and nothing is read past their end.

use alloy_primitives::{Address, B256, U256};

use crate::chain::Log;

/// Bytes of one ABI word.
pub(crate) const WORD_BYTES: usize = 32;
/// Zero bytes before an address in its word.
const PADDING_BYTES: usize = 12;
/// Words of an unreadable log in which parties are looked for.
const PARTY_WORDS_MAX: usize = 8;

/// The address in a word; `None` if the word is too large for one.
pub(crate) fn address(word: B256) -> Option<Address> {
    word[..PADDING_BYTES].iter().all(|byte| *byte == 0).then(|| Address::from_word(word))
}

/// The word at a place of the data; `None` past the end.
pub(super) fn word(data: &[u8], index: usize) -> Option<B256> {
    let start = index.checked_mul(WORD_BYTES)?;
    data.get(start..start.checked_add(WORD_BYTES)?).map(B256::from_slice)
}

/// The number at a place of the data; `None` past the end.
pub(crate) fn uint(data: &[u8], index: usize) -> Option<U256> {
    word(data, index).map(Into::into)
}

/// The words of a dynamic array whose offset stands at a place of the data, as they lie there;
/// `None` if it does not lie within the data.
pub(super) fn array(data: &[u8], index: usize) -> Option<&[u8]> {
    let offset = usize::try_from(uint(data, index)?).ok()?;
    let tail = data.get(offset..)?;
    let length = usize::try_from(uint(tail, 0)?).ok()?;
    tail[WORD_BYTES..].get(..length.checked_mul(WORD_BYTES)?)
}

/// Everybody whom an unreadable log could be about: the address-shaped words at its beginning.
/// A small number has that shape too, which costs a look-up and accuses nobody.
pub(super) fn parties(log: &Log) -> Vec<Address> {
    let topics = log.data.topics().iter().skip(1).copied();
    let data = (0..PARTY_WORDS_MAX).map_while(|index| word(&log.data.data, index));
    topics.chain(data).filter(|word| !word.is_zero()).filter_map(address).collect()
}
