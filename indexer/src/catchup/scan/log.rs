//! One log of a range answer: its fields as they stand in the bytes.
//!
//! The reader for the shape that nodes write takes nothing that serde would not, and gives the same
//! fields; what it does not take is read by serde.

use std::borrow::Cow;

use serde::Deserialize;

use super::super::json::{Cursor, quantity};

/// Most topics that a log can have.
pub(super) const TOPICS_MAX: usize = 4;

/// What a range answer says of one log, in the provider's own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawLog<'a> {
    /// Who logged it.
    pub(crate) address: &'a [u8],
    topics: [&'a [u8]; TOPICS_MAX],
    topic_count: usize,
    /// Its data.
    pub(crate) data: &'a [u8],
    /// The height of its block.
    pub(crate) block: u64,
    /// The provider says that it is no longer part of the chain.
    pub(crate) removed: bool,
}

impl<'a> RawLog<'a> {
    /// A log of which every field is known.
    pub(super) const fn new(
        address: &'a [u8],
        (topics, topic_count): ([&'a [u8]; TOPICS_MAX], usize),
        data: &'a [u8],
        block: u64,
        removed: bool,
    ) -> Self {
        Self { address, topics, topic_count, data, block, removed }
    }

    /// Its topics, in order.
    pub(crate) fn topics(&self) -> &[&'a [u8]] {
        &self.topics[..self.topic_count]
    }
}

/// Members that a log is known to have.
const KEYS: usize = 10;

/// How long the key with this number is, with its quotes and colon, if it comes next. Written out,
/// so that each comparison is of a known length.
fn met(rest: &[u8], key: usize) -> Option<usize> {
    macro_rules! keys {
        ($($number:literal $text:literal),*) => {
            match key {
                $($number => rest.starts_with($text).then_some($text.len()),)*
                _ => None,
            }
        };
    }
    keys!(
        0 b"\"address\":",
        1 b"\"topics\":",
        2 b"\"data\":",
        3 b"\"blockNumber\":",
        4 b"\"removed\":",
        5 b"\"transactionHash\":",
        6 b"\"transactionIndex\":",
        7 b"\"blockHash\":",
        8 b"\"logIndex\":",
        9 b"\"blockTimestamp\":"
    )
}

/// In which order the members come: the same from one log to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// After which of the keys comes which; the last place is for the first key.
    next: [usize; KEYS + 1],
}

impl Order {
    pub(crate) const fn new() -> Self {
        Self { next: [0; KEYS + 1] }
    }

    /// Which key comes next, after another.
    fn key(&mut self, cursor: &mut Cursor<'_>, last: usize) -> Option<usize> {
        let rest = cursor.rest();
        let guess = self.next[last];
        let (key, len) = match met(rest, guess) {
            Some(len) => (guess, len),
            None => (0..KEYS).find_map(|key| Some((key, met(rest, key)?)))?,
        };
        self.next[last] = key;
        cursor.pass(len);
        Some(key)
    }
}

/// Characters of an address, of a word and of a hash, with their `0x`.
const ADDRESS_TEXT: usize = 42;
const WORD_TEXT: usize = 66;

/// The log at the beginning of some bytes, and how long it is there; `None` if it is not written
/// in the usual shape, or not all there.
pub(super) fn usual<'a>(bytes: &'a [u8], order: &mut Order) -> Option<(RawLog<'a>, usize)> {
    let mut cursor = Cursor::new(bytes);
    let (mut address, mut topics, mut data, mut block, mut removed) =
        (None, None, None, None, None);
    cursor.eat(b'{')?;
    let mut key = KEYS;
    loop {
        key = order.key(&mut cursor, key)?;
        match key {
            0 => once(&mut address, cursor.text_of::<ADDRESS_TEXT>()?)?,
            1 => once(&mut topics, read_topics(&mut cursor)?)?,
            2 => once(&mut data, cursor.text_of::<WORD_TEXT>()?)?,
            3 => once(&mut block, quantity(cursor.short_text()?)?)?,
            4 => once(&mut removed, cursor.boolean()?)?,
            5 | 7 => _ = cursor.text_of::<WORD_TEXT>()?,
            _ => _ = cursor.short_text()?,
        }
        if !cursor.more(b'}')? {
            break;
        }
    }
    let (topics, topic_count) = topics?;
    let log = RawLog {
        address: address?,
        topics,
        topic_count,
        data: data?,
        block: block?,
        removed: removed.unwrap_or(false),
    };
    Some((log, cursor.at()))
}

/// A member that stands twice is for serde to refuse.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn read_topics<'a>(cursor: &mut Cursor<'a>) -> Option<([&'a [u8]; TOPICS_MAX], usize)> {
    let mut topics = [&b""[..]; TOPICS_MAX];
    cursor.eat(b'[')?;
    if cursor.meets(b']') {
        return Some((topics, 0));
    }
    for (place, count) in topics.iter_mut().zip(1..) {
        *place = cursor.text_of::<WORD_TEXT>()?;
        if !cursor.more(b']')? {
            return Some((topics, count));
        }
    }
    None
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyLog<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    topics: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(borrow)]
    block_number: Cow<'a, str>,
    #[serde(default)]
    removed: bool,
}

/// Reads a whole log object however it is written.
///
/// # Errors
/// What serde says against it.
pub(super) fn any<R>(object: &[u8], take: impl FnOnce(&RawLog<'_>) -> R) -> Result<R, String> {
    let log: AnyLog<'_> = serde_json::from_slice(object).map_err(|error| error.to_string())?;
    let mut topics = [&b""[..]; TOPICS_MAX];
    if log.topics.len() > TOPICS_MAX {
        return Err(format!("a log with {} topics", log.topics.len()));
    }
    for (place, topic) in topics.iter_mut().zip(&log.topics) {
        *place = topic.as_bytes();
    }
    let block = quantity(log.block_number.as_bytes())
        .ok_or_else(|| format!("a log in block {:?}", log.block_number))?;
    Ok(take(&RawLog {
        address: log.address.as_bytes(),
        topics,
        topic_count: log.topics.len(),
        data: log.data.as_bytes(),
        block,
        removed: log.removed,
    }))
}
