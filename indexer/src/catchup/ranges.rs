//! `eth_getLogs` over ranges of final blocks: several at once, each as wide as goes well, their
//! answers sifted as they come in and handed on in order.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use interdict_core::contract::IBlocklist;
use serde_json::{Value, json};

use super::pace::{Event, Pace, Took, Trouble, trouble};
use super::sample::Sample;
use super::scan::{RawLog, Scan, ScanError};
use super::sift::{Said, Sift, SiftError, Watch};
use crate::chain::rpc::{self, Rpc, RpcError};
use crate::decode;

/// Ranges that are fetched at the same time.
pub const RANGES_AT_ONCE: usize = 4;
/// Most ranges of one stretch: after them other work gets its turn.
pub const RANGES_PER_STRETCH: u64 = 8;
/// Longest answer of one range, in bytes. Its length costs time, not memory.
pub const ANSWER_MAX_BYTES: u64 = 256 << 20;
const METHOD: &str = "eth_getLogs";

/// A measure of time that only goes on.
pub(crate) type Elapsed<'a> = &'a (dyn Fn() -> Duration + Send + Sync);

/// One range of blocks, and what is to be done with it.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// First block.
    pub(crate) from: u64,
    /// Last block.
    pub(crate) to: u64,
    /// What its answer came to.
    pub(crate) found: Found,
}

/// What the answer of a range came to.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// These blocks are to be fetched whole; the others say nothing of the list. `None`: nothing
    /// was said of the block, because its logs alone were too many.
    Whole(BTreeMap<u64, Option<Said>>),
    /// It has no logs at all: each block is to be fetched.
    Silent,
    /// The answer contradicts what was asked for: each block is to be fetched.
    Nonsense(Nonsense),
}

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nonsense {
    /// It is no list of logs that can be read.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Its logs are not those that were asked for.
    #[error(transparent)]
    Sift(#[from] SiftError),
}

/// The ranges of a stretch, in order.
#[derive(Debug, Default)]
pub(crate) struct Ranged {
    /// Without gaps.
    pub(crate) ranges: Vec<Range>,
    /// Logs that were looked at.
    pub(crate) logs: u64,
    /// What became of each request.
    pub(crate) events: Vec<Event>,
    /// Why there are not more: the provider gave no answer.
    pub(crate) broken: Option<RpcError>,
}

/// Where ranges are asked for, and what for.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) rpc: &'a Rpc,
    /// The list's contract. Its acts are asked for along with the transfers: an answer about the
    /// list alone that left one out is found out so.
    pub(crate) list: Address,
    pub(crate) watch: &'a Watch,
    pub(crate) sample: Sample,
    pub(crate) elapsed: Elapsed<'a>,
}

impl Asking<'_> {
    /// Fetches and sifts the logs of blocks `from` to `to`, or as far as the provider answers.
    pub(crate) async fn ranges(self, (from, to): (u64, u64), mut pace: Pace) -> Ranged {
        let mut running = FuturesOrdered::new();
        let mut next = from;
        let mut ranged = Ranged::default();
        while ranged.broken.is_none() {
            while running.len() < RANGES_AT_ONCE && next <= to {
                let end = to.min(next.saturating_add(pace.blocks() - 1));
                running.push_back(self.range(next, end, pace));
                next = end + 1;
            }
            let Some(part) = running.next().await else { break };
            pace = part.events.iter().copied().fold(pace, Pace::after);
            ranged.ranges.extend(part.ranges);
            ranged.events.extend(part.events);
            ranged.logs += part.logs;
            ranged.broken = part.broken;
        }
        ranged
    }

    /// One range, in as many requests as it takes.
    async fn range(self, from: u64, to: u64, mut pace: Pace) -> Ranged {
        let mut ranged = Ranged::default();
        let mut next = from;
        while next <= to {
            let end = to.min(next.saturating_add(pace.blocks() - 1));
            let blocks = end - next + 1;
            match self.once(next, end).await {
                Ok((range, logs, took)) => {
                    pace = pace.after(Event::Answer(took));
                    ranged.events.push(Event::Answer(took));
                    ranged.logs += logs;
                    ranged.ranges.push(range);
                }
                Err(error) if trouble(&error) == Trouble::Later => {
                    ranged.broken = Some(error);
                    break;
                }
                Err(error) if blocks > 1 => {
                    tracing::debug!(%error, from = next, to = end, "a range was too much");
                    pace = pace.after(Event::TooMany(blocks));
                    ranged.events.push(Event::TooMany(blocks));
                    continue;
                }
                Err(error) => {
                    tracing::debug!(%error, block = next, "a block's logs were too much");
                    let found = Found::Whole([(next, None)].into());
                    ranged.ranges.push(Range { from: next, to: end, found });
                }
            }
            next = end + 1;
        }
        ranged
    }

    /// One request.
    async fn once(self, from: u64, to: u64) -> Result<(Range, u64, Took), RpcError> {
        let began = (self.elapsed)();
        let sample = self.sample.of(from, to);
        let mut sift = Sift::new(self.watch, self.list, (from, to), sample);
        let topics: Vec<_> =
            decode::TOPICS.into_iter().chain([IBlocklist::Acted::SIGNATURE_HASH]).collect();
        let filter = json!({ "fromBlock": hex(from), "toBlock": hex(to), "topics": [topics] });
        let read = read(self.rpc, filter, &mut |log| sift.take(log)).await?;
        let time = (self.elapsed)().saturating_sub(began);
        let took = Took { blocks: to - from + 1, bytes: read.bytes, time };
        let sifted = read.outcome.map_err(Nonsense::from);
        let sifted = sifted.and_then(|()| sift.finish().map_err(Nonsense::from));
        Ok(match sifted {
            Ok(sifted) => {
                let whole = sifted.whole.into_iter().map(|(block, said)| (block, Some(said)));
                let found = match sifted.logs {
                    0 => Found::Silent,
                    _ => Found::Whole(whole.collect()),
                };
                (Range { from, to, found }, sifted.logs, took)
            }
            Err(nonsense) => (Range { from, to, found: Found::Nonsense(nonsense) }, 0, took),
        })
    }
}

/// The blocks from `from` to `to` in which the list speaks, by the provider's word.
///
/// # Errors
/// The provider gave no answer to some of it.
pub(crate) async fn blocks_of(
    rpc: &Rpc,
    list: Address,
    (from, to): (u64, u64),
) -> Result<BTreeSet<u64>, RpcError> {
    let mut blocks = BTreeSet::new();
    let (mut next, mut most) = (from, u64::MAX);
    while next <= to {
        let end = to.min(next.saturating_add(most - 1));
        let filter = json!({ "fromBlock": hex(next), "toBlock": hex(end), "address": list });
        let mut take = |log: &RawLog<'_>| {
            if (next..=end).contains(&log.block) {
                blocks.insert(log.block);
            }
        };
        match read(rpc, filter, &mut take).await {
            Ok(Read { outcome: Ok(()), .. }) => next = end + 1,
            Ok(Read { outcome: Err(error), .. }) => {
                return Err(rpc.malformed(METHOD, error.to_string()));
            }
            Err(error) if trouble(&error) == Trouble::TooMuch && end > next => {
                most = (end - next).div_ceil(2);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(blocks)
}

/// What became of reading an answer.
pub(crate) struct Read {
    /// How long it was.
    pub(crate) bytes: u64,
    /// Whether it could be read.
    pub(crate) outcome: Result<(), ScanError>,
}

/// Asks for logs and hands each on as it comes. What cannot be read ends the reading; a provider
/// that gives no answer is an error.
pub(crate) async fn read(
    rpc: &Rpc,
    filter: Value,
    take: &mut (dyn FnMut(&RawLog<'_>) + Send),
) -> Result<Read, RpcError> {
    let mut scan = Scan::new();
    let mut read = Read { bytes: 0, outcome: Ok(()) };
    let asked = {
        let mut taker = |chunk: &[u8]| {
            read.bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            read.outcome = scan.feed(chunk, &mut |log| take(log));
            if read.outcome.is_err() || read.bytes > ANSWER_MAX_BYTES {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        rpc.stream(METHOD, &[rpc::request(1, METHOD, &json!([filter]))], &mut taker).await
    };
    if read.outcome.is_err() {
        return Ok(read);
    }
    asked?;
    match scan.finish() {
        Ok(envelope) => rpc.emptied(METHOD, &envelope)?,
        Err(error) => read.outcome = Err(error),
    }
    Ok(read)
}

/// A height as requests write it.
pub(crate) fn hex(number: u64) -> String {
    format!("{number:#x}")
}
