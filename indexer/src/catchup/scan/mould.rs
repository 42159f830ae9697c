//! Logs written as one before them: the same bytes but for the values, which are as long. Whoever
//! has read the first need not read the others; comparing is several times faster.

use std::ops::Range;

use super::super::json::{Cursor, quantity};
use super::log::{RawLog, TOPICS_MAX};

/// Ways of writing a log that are remembered: numbers of one, two, three digits, and one more.
const MOULDS_MAX: usize = 4;
/// Longest log that is remembered, in bytes.
const MOULD_MAX_BYTES: usize = 4 << 10;
/// Bytes that are compared at once.
const LANE_BYTES: usize = 64;

/// Which bytes may stand at a place.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    low: u8,
    high: u8,
    /// Bits that are set before a byte is compared with the upper bound.
    fold: u8,
}

impl Bounds {
    /// Where a value stands: a hex digit of either case, or one of `:;<=>?@` and the backtick, which
    /// like digits mean nothing to JSON.
    const DIGIT: Self = Self { low: b'0', high: b'f', fold: 0x20 };

    /// Where nothing but this byte may stand.
    const fn only(byte: u8) -> Self {
        Self { low: byte, high: byte, fold: 0 }
    }
}

/// One way of writing a log: the bounds of each of its bytes, and where its values are.
#[derive(Debug)]
struct Mould {
    low: Vec<u8>,
    high: Vec<u8>,
    fold: Vec<u8>,
    address: Range<usize>,
    topics: [Range<usize>; TOPICS_MAX],
    topic_count: usize,
    data: Range<usize>,
    block: Range<usize>,
    removed: bool,
}

impl Mould {
    /// From a log that was read in the usual way; `None` if it is too long, or short.
    fn of(text: &[u8], log: &RawLog<'_>) -> Option<Self> {
        if !(LANE_BYTES..=MOULD_MAX_BYTES).contains(&text.len()) {
            return None;
        }
        let place = |part: &[u8]| {
            let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
            text.get(start..start + part.len()).map(|_| start..start + part.len())
        };
        let mut topics: [Range<usize>; TOPICS_MAX] = Default::default();
        for (range, topic) in topics.iter_mut().zip(log.topics()) {
            *range = place(topic)?;
        }
        let mut bounds: Vec<_> = text.iter().copied().map(Bounds::only).collect();
        let mut block = None;
        mark(&mut Cursor::new(text), &mut |key, part| {
            let range = place(part)?;
            if key == b"blockNumber" {
                block = Some(range.clone());
            }
            let prefix = if part.starts_with(b"0x") { 2 } else { 0 };
            bounds[range.start + prefix..range.end].fill(Bounds::DIGIT);
            Some(())
        })?;
        Some(Self {
            low: bounds.iter().map(|bounds| bounds.low).collect(),
            high: bounds.iter().map(|bounds| bounds.high).collect(),
            fold: bounds.iter().map(|bounds| bounds.fold).collect(),
            address: place(log.address)?,
            topics,
            topic_count: log.topics().len(),
            data: place(log.data)?,
            block: block?,
            removed: log.removed,
        })
    }

    /// Whether a log of this writing stands at the beginning of some bytes.
    fn fits(&self, bytes: &[u8]) -> bool {
        let Some(bytes) = bytes.get(..self.low.len()) else { return false };
        let (lanes, low, high, fold) = (
            bytes.as_chunks().0,
            self.low.as_chunks().0,
            self.high.as_chunks().0,
            self.fold.as_chunks().0,
        );
        let mut all = lanes.iter().zip(low).zip(high).zip(fold);
        all.all(|(((lane, low), high), fold)| within(lane, low, high, fold)) && self.ends(bytes)
    }

    /// The last bytes, of which some are compared for the second time.
    fn ends(&self, bytes: &[u8]) -> bool {
        let bounds = (self.low.last_chunk(), self.high.last_chunk(), self.fold.last_chunk());
        let (Some(lane), (Some(low), Some(high), Some(fold))) = (bytes.last_chunk(), bounds) else {
            return false;
        };
        within(lane, low, high, fold)
    }

    /// The log at the beginning of some bytes, if it is of this writing.
    fn cast<'a>(&self, bytes: &'a [u8]) -> Option<(RawLog<'a>, usize)> {
        if !self.fits(bytes) {
            return None;
        }
        let mut topics = [&b""[..]; TOPICS_MAX];
        for (topic, range) in topics.iter_mut().zip(&self.topics[..self.topic_count]) {
            *topic = &bytes[range.clone()];
        }
        let block = quantity(&bytes[self.block.clone()])?;
        let (address, data) = (&bytes[self.address.clone()], &bytes[self.data.clone()]);
        let log = RawLog::new(address, (topics, self.topic_count), data, block, self.removed);
        Some((log, self.low.len()))
    }
}

/// Bytes that are looked at in one step, or what belongs to them.
type Lane = [u8; LANE_BYTES];

/// Whether each byte is within its bounds. Written without branches.
fn within(lane: &Lane, low: &Lane, high: &Lane, fold: &Lane) -> bool {
    let each = lane.iter().zip(low).zip(high).zip(fold);
    each.fold(0, |odd, (((byte, low), high), fold)| {
        odd | u8::from(byte < low) | u8::from(byte | fold > *high)
    }) == 0
}

/// Goes through the members of a log that was read in the usual way, and tells of each text.
fn mark<'a>(
    cursor: &mut Cursor<'a>,
    tell: &mut impl FnMut(&[u8], &'a [u8]) -> Option<()>,
) -> Option<()> {
    cursor.eat(b'{')?;
    loop {
        let key = cursor.key()?;
        match cursor.rest().first()? {
            b'"' => tell(key, cursor.text()?)?,
            b'[' => texts(cursor, &mut |part| tell(key, part))?,
            _ => _ = cursor.boolean()?,
        }
        if !cursor.more(b'}')? {
            return Some(());
        }
    }
}

fn texts<'a>(cursor: &mut Cursor<'a>, tell: &mut impl FnMut(&'a [u8]) -> Option<()>) -> Option<()> {
    cursor.eat(b'[')?;
    if cursor.meets(b']') {
        return Some(());
    }
    loop {
        tell(cursor.text()?)?;
        if !cursor.more(b']')? {
            return Some(());
        }
    }
}

/// The ways of writing a log that were met.
#[derive(Debug, Default)]
pub(super) struct Moulds {
    moulds: Vec<Mould>,
    /// The one that fitted last.
    last: usize,
    /// The one to be given up for another.
    oldest: usize,
    /// How long the last log was that fitted none.
    odd: usize,
}

impl Moulds {
    pub(super) const fn new() -> Self {
        Self { moulds: Vec::new(), last: 0, oldest: 0, odd: 0 }
    }

    /// The log at the beginning of some bytes and how long it is there, if one was met that is
    /// written so.
    pub(super) fn cast<'a>(&mut self, bytes: &'a [u8]) -> Option<(RawLog<'a>, usize)> {
        if let Some(found) = self.moulds.get(self.last).and_then(|mould| mould.cast(bytes)) {
            return Some(found);
        }
        let cast = |(at, mould): (usize, &Mould)| Some((at, mould.cast(bytes)?));
        let (at, found) = self.moulds.iter().enumerate().find_map(cast)?;
        self.last = at;
        Some(found)
    }

    /// Remembers how a log is written that fitted none, if the one before that fitted none was as
    /// long: what comes once is not worth it.
    pub(super) fn learn(&mut self, text: &[u8], log: &RawLog<'_>) {
        if std::mem::replace(&mut self.odd, text.len()) != text.len() {
            return;
        }
        let Some(mould) = Mould::of(text, log) else { return };
        if self.moulds.len() < MOULDS_MAX {
            self.moulds.push(mould);
        } else {
            self.moulds[self.oldest] = mould;
            self.oldest = (self.oldest + 1) % MOULDS_MAX;
        }
    }
}
