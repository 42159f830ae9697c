//! Down over final history by the logs of ranges: blocks with a hit, the ends of each range and a
//! sample are fetched whole and proved, and must have the logs that were said of them.
//!
//! An answer without logs is the usual one here, and also what a provider says that has pruned its
//! logs or never indexed them. So each block of the sample that has logs of transfers at all is
//! asked about once more, whoever is named in them; a range in which nothing shows that the
//! provider has logs is proved block by block.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use interdict_core::transfer::Verification;

use super::filter::{self, Filter};
use super::gait::{Gait, LONG_AFTER_REFUSAL_BLOCKS};
use super::{BLOCK_REQUESTS, Place, Search, Walked, is_full};
use crate::catchup::batches::{self, Batched};
use crate::catchup::pace::{Event, Took, Trouble, trouble};
use crate::catchup::prove::{Asked, Judge, Proved};
use crate::catchup::ranges;
use crate::catchup::sample::Sample;
use crate::catchup::scan::RawLog;
use crate::catchup::sift::{self, Said, Watch};
use crate::chain::Header;
use crate::chain::accept::Wanted;
use crate::chain::follow::{FollowError, Follower};
use crate::chain::pool::{LentBack, Pool};
use crate::chain::rpc::RpcError;
use crate::screen::Screened;
use crate::traces::Known;

/// Filters that are asked for at the same time.
const FILTERS_AT_ONCE: usize = 4;
/// Blocks that are fetched whole at the same time.
const WHOLE_AT_ONCE: usize = 4;
/// Blocks of a range to be looked at whole; where there are more, each of its blocks is proved.
const WHOLE_MAX_BLOCKS: usize = 512;
/// Requests for a whole block of the sample: the block, and its logs once more.
const SAMPLED_REQUESTS: u64 = BLOCK_REQUESTS + 1;

/// Walks as far as one stretch goes.
///
/// # Errors
/// The provider gave no answer, or the others do not agree on a block; the walk stands above the
/// range.
pub(super) async fn walk(
    pool: &mut Pool,
    gait: &mut Gait,
    lent: &LentBack,
    search: &Search<'_>,
    walked: &mut Walked,
) -> Result<(), FollowError> {
    let rpc = lent.follower.rpc();
    let (before, filters) = (rpc.requests(), Filter::all(search.newly.iter().copied()));
    while let Some(place) = walked.next {
        let budget = lent.allowance.saturating_sub(rpc.requests() - before);
        if is_full(&walked.found) || search.is_late() || budget == 0 {
            break;
        }
        let from = (place.0 + 1).saturating_sub(gait.ranges.blocks()).max(search.lowest());
        let range = Range { follower: &lent.follower, search, filters: &filters, from, place };
        match range.draft(pool, lent, gait, budget).await? {
            Ok(Some(Drafted { found, to })) => {
                walked.found.append(found);
                walked.pass(to);
            }
            Ok(None) => {}
            Err(refused) => {
                walked.ranges_refused += u64::from(refused.is_a_fault());
                gait.no_ranges_from(refused.tell(from, place.0));
                break;
            }
        }
    }
    Ok(())
}

/// Whether a provider does not give such answers at all, as far as can be told: each block may be
/// asked for instead. What may be otherwise in a moment is not that.
fn is_not_given(error: &RpcError) -> bool {
    match error {
        RpcError::Refused { .. } | RpcError::Malformed { .. } | RpcError::TooLarge { .. } => true,
        RpcError::Status { status, .. } => (400..500).contains(status),
        _ => trouble(error) == Trouble::TooMuch,
    }
}

/// Why each block of a range is proved instead.
#[derive(Debug)]
enum Refused {
    /// Its answers cannot be used.
    Nonsense(String),
    /// The provider gives no such answers.
    NotGiven(RpcError),
    /// Nothing shows that the provider has logs of these blocks at all.
    Silent,
    /// So many of its blocks are to be looked at whole that the rest may be too.
    Many(usize),
    /// This block has other logs than were said of it: logs were left out, made up or altered.
    Other(u64),
    /// By the provider's word this block is another than the one that the walk came to.
    Elsewhere(u64),
}

impl Refused {
    /// Whether the provider is at fault.
    const fn is_a_fault(&self) -> bool {
        matches!(self, Self::Nonsense(_) | Self::Other(_) | Self::Elsewhere(_))
    }

    /// Tells it; from which block up each is proved instead.
    fn tell(&self, from: u64, to: u64) -> u64 {
        match self {
            Self::Nonsense(reason) => {
                tracing::warn!(reason, from, to, "a range cannot be used; proving each block");
            }
            Self::NotGiven(error) => {
                let from = to.saturating_sub(LONG_AFTER_REFUSAL_BLOCKS);
                tracing::warn!(%error, from, to, "no ranges are given; proving each block");
                return from;
            }
            Self::Silent => {
                tracing::debug!(from, to, "a range without logs; proving each block");
            }
            Self::Many(blocks) => {
                tracing::debug!(blocks, from, to, "a range with much in it; proving each block");
            }
            Self::Other(block) => {
                tracing::warn!(block, from, to, "a range left out or altered logs; proving each");
            }
            Self::Elsewhere(block) => {
                tracing::warn!(block, from, to, "a range is of another chain; proving each block");
            }
        }
        from
    }
}

/// What the filters' answers came to.
struct Answers {
    /// What is said of each block that has logs, by each filter in turn.
    said: Vec<BTreeMap<u64, Said>>,
    took: Took,
}

/// A range that bears out what was said of it, as far down as it was proved; not yet taken.
struct Drafted {
    /// What was found.
    found: Screened,
    /// The lowest block that was proved.
    to: Header,
}

/// A block that was proved, and what the provider says of its logs when asked for nothing else.
struct Looked {
    proved: Proved,
    again: Option<Said>,
}

/// A range of blocks, from its lowest up to where the walk stands.
#[derive(Clone, Copy)]
struct Range<'a> {
    follower: &'a Follower,
    search: &'a Search<'a>,
    filters: &'a [Filter],
    from: u64,
    place: Place,
}

impl Range<'_> {
    /// What the range says, borne out by its blocks; nothing if it was too much at once.
    async fn draft(
        &self,
        pool: &mut Pool,
        lent: &LentBack,
        gait: &mut Gait,
        budget: u64,
    ) -> Result<Result<Option<Drafted>, Refused>, FollowError> {
        let blocks = self.place.0 - self.from + 1;
        let answers = match self.ask().await {
            Ok(Ok(answers)) => answers,
            Ok(Err(reason)) => return Ok(Err(Refused::Nonsense(reason))),
            Err(error) if trouble(&error) == Trouble::TooMuch && blocks > 1 => {
                tracing::debug!(%error, blocks, to = self.place.0, "a range was too much");
                gait.ranges = gait.ranges.after(Event::TooMany(blocks));
                return Ok(Ok(None));
            }
            Err(error) if is_not_given(&error) => return Ok(Err(Refused::NotGiven(error))),
            Err(error) => return Err(error.into()),
        };
        gait.ranges = gait.ranges.after(Event::Answer(answers.took));
        let drafted = self.prove(pool, lent, gait.sample, (answers, budget)).await?;
        if let Ok(Drafted { to, .. }) = drafted {
            pool.vouch_back(lent, to).await?;
        }
        Ok(drafted.map(Some))
    }

    /// The logs of all filters; or why they cannot be used.
    async fn ask(&self) -> Result<Result<Answers, String>, RpcError> {
        let began = self.search.clock.elapsed();
        let asked = stream::iter(0..self.filters.len()).map(|at| self.ask_one(&self.filters[at]));
        let asked: Vec<_> = asked.buffered(FILTERS_AT_ONCE).try_collect().await?;
        let (mut said, mut bytes) = (Vec::with_capacity(asked.len()), 0);
        for answer in asked {
            match answer {
                Ok((one, length)) => {
                    said.push(one);
                    bytes += length;
                }
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let time: Duration = self.search.clock.elapsed().saturating_sub(began);
        let took = Took { blocks: self.place.0 - self.from + 1, bytes, time };
        Ok(Ok(Answers { said, took }))
    }

    async fn ask_one(
        &self,
        filter: &Filter,
    ) -> Result<Result<(BTreeMap<u64, Said>, u64), String>, RpcError> {
        let range = self.from..=self.place.0;
        let (mut said, mut wrong) = (BTreeMap::new(), None);
        let mut take = |raw: &RawLog<'_>| {
            let block = raw.block;
            let reason = match sift::decoded(raw) {
                _ if !range.contains(&block) => format!("a log of block {block} was not asked for"),
                _ if raw.removed => format!("a log of the final block {block} is called removed"),
                Ok(log) if filter.lets_through(&log) => {
                    said.entry(block).or_insert(Said::NOTHING).take(&log);
                    return;
                }
                Ok(_) => format!("a log of block {block} is none of those that were asked for"),
                Err(error) => error.to_string(),
            };
            wrong.get_or_insert(reason);
        };
        let filter = filter.of_range((self.from, self.place.0));
        let read = ranges::read(self.follower.rpc(), filter, &mut take).await?;
        Ok(match (read.outcome, wrong) {
            (Ok(()), None) => Ok((said, read.bytes)),
            (Ok(()), Some(reason)) => Err(reason),
            (Err(error), _) => Err(error.to_string()),
        })
    }

    /// Proves the blocks that are to be looked at, from the highest down, no more of them than may
    /// be asked for, kept, or done while the head waits: the rest of the range is left for later.
    /// Where something is found, the other providers must have the block too.
    async fn prove(
        &self,
        pool: &mut Pool,
        lent: &LentBack,
        sample: Sample,
        (answers, budget): (Answers, u64),
    ) -> Result<Result<Drafted, Refused>, FollowError> {
        let hits: BTreeSet<u64> = answers.said.iter().flat_map(BTreeMap::keys).copied().collect();
        if hits.len() > WHOLE_MAX_BLOCKS {
            return Ok(Err(Refused::Many(hits.len())));
        }
        let mut sample = sample.of(self.from, self.place.0);
        sample.extend([self.from, self.place.0]);
        let whole: BTreeSet<u64> = hits.union(&sample).copied().collect();
        let allowed = usize::try_from(budget / SAMPLED_REQUESTS).unwrap_or(usize::MAX).max(1);
        let sample = &sample;
        let fetched =
            stream::iter(whole.into_iter().rev().take(allowed)).map(|number| async move {
                let looked = self.look(number, sample.contains(&number)).await?;
                Ok::<_, FollowError>((number, looked))
            });
        let mut fetched = pin!(fetched.buffered(WHOLE_AT_ONCE));
        let (mut found, mut to, mut has_logs) = (Screened::default(), None, false);
        while let Some(one) = fetched.next().await {
            let (number, Looked { proved, again }) = one?;
            let header = proved.header();
            if to.is_none() && header.hash != self.place.1 {
                return Ok(Err(Refused::Elsewhere(number)));
            }
            if !self.agrees(number, &answers.said, &proved)
                || again.is_some_and(|again| !again.agrees_with(&proved))
            {
                return Ok(Err(Refused::Other(number)));
            }
            has_logs |= again.is_some_and(|again| again.logs > 0) || hits.contains(&number);
            to = Some(header);
            if let Proved::Whole(block) = proved {
                let known = Known::default();
                let screened = self.search.screen(&block, known, Verification::Sampled);
                if !screened.alerts.is_empty() {
                    pool.vouch_back(lent, header).await?;
                }
                found.append(screened);
            }
            if has_logs && (is_full(&found) || self.search.is_late()) {
                break;
            }
        }
        Ok(match to {
            Some(to) if has_logs => Ok(Drafted { found, to }),
            _ => Err(Refused::Silent),
        })
    }

    /// A block by its height, proved. One of the sample that has logs is asked about once more.
    async fn look(&self, number: u64, is_sampled: bool) -> Result<Looked, FollowError> {
        let proved = self.proved(number).await?;
        let has_logs = match &proved {
            Proved::Quiet(_, said) => said.logs > 0,
            Proved::Whole(block) => Said::of(block).logs > 0,
        };
        let again = if is_sampled && has_logs { Some(self.said_of(number).await?) } else { None };
        Ok(Looked { proved, again })
    }

    async fn proved(&self, number: u64) -> Result<Proved, FollowError> {
        let elapsed = || self.search.clock.elapsed();
        let batched = batches::fetch(self.follower.rpc(), &elapsed, (number, number)).await?;
        if let Batched::Whole(batch) = batched
            && let Some((block, receipts)) = batch.blocks().next()
        {
            let (profile, list) = (self.follower.profile(), self.search.errand.list);
            let judge = Judge { profile, list, watch: &self.search.watch };
            if let Ok(proved) = judge.prove(Asked::Height(number), block, receipts) {
                return Ok(proved);
            }
        }
        let hash = self.follower.height(number).await?.hash;
        let block = self.follower.block(Wanted::Exactly { hash, number }, hash).await?;
        Ok(Proved::Whole(Box::new(block)))
    }

    /// What the provider says of one block's logs, whoever they name. What cannot be read agrees
    /// with nothing.
    async fn said_of(&self, number: u64) -> Result<Said, RpcError> {
        let (mut said, mut is_wrong, nobody) = (Said::NOTHING, false, Watch::default());
        let mut take = |raw: &RawLog<'_>| {
            is_wrong |= raw.block != number || raw.removed || said.hears(raw, &nobody).is_err();
        };
        let asked = ranges::read(self.follower.rpc(), filter::of_block(number), &mut take).await;
        let is_read = match asked {
            Ok(read) => read.outcome.is_ok(),
            Err(error) if is_not_given(&error) => false,
            Err(error) => return Err(error),
        };
        Ok(if is_read && !is_wrong { said } else { Said { logs: u64::MAX, fold: None } })
    }

    /// Whether a proved block has the logs that were said of it, by each filter.
    fn agrees(&self, number: u64, said: &[BTreeMap<u64, Said>], proved: &Proved) -> bool {
        self.filters.iter().zip(said).all(|(filter, said)| {
            let said = said.get(&number).copied().unwrap_or(Said::NOTHING);
            match proved {
                // It names nobody who is looked for.
                Proved::Quiet(..) => said == Said::NOTHING,
                Proved::Whole(block) => {
                    said == Said::of_those(block, &|log| filter.lets_through(log))
                }
            }
        })
    }
}
