//! Catching up: final history in stretches, each written at once, until the head is near.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use alloy_primitives::B256;
use futures_util::StreamExt;
use futures_util::stream::{self, FuturesOrdered};
use interdict_core::transfer::Verification;

use super::draft::{Draft, Drafted, Refused};
use super::index::{Indexer, StepError};
use super::repeating;
use crate::catchup::Mode;
use crate::catchup::batches::{self, Batched};
use crate::catchup::pace::{self, Pace, Trouble};
use crate::catchup::prove::{Asked, Judge, Proved};
use crate::catchup::ranges::{self, Asking, Found, Range};
use crate::catchup::sample::Sample;
use crate::catchup::sift::{Said, Watch};
use crate::chain::accept::Wanted;
use crate::chain::follow::{FollowError, Follower, Trail};
use crate::chain::pool::Lent;
use crate::chain::{Block, Header};
use crate::decode;

/// Nearer to the last final block than this, blocks are taken in one by one.
pub const CATCH_UP_FROM_BLOCKS: u64 = 32;
/// Blocks that are proved one by one between two writes.
const SPAN_MAX_BLOCKS: u64 = 1_024;
/// Time after which a span is ended and written: other work waits, and a lease runs out.
const SPAN_MAX_TIME: Duration = Duration::from_secs(5);
/// Requests that a whole block takes.
const BLOCK_REQUESTS: u64 = 2;
/// Blocks of a range to be looked at whole; where there are more, each of its blocks is proved.
const WHOLE_MAX_BLOCKS: usize = 512;
/// Blocks that are fetched whole at the same time.
const WHOLE_AT_ONCE: usize = 4;

/// What became of a block that was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// It was taken in.
    Whole,
    /// It is later than what is known of a list on another chain.
    Waits,
}

/// What catching up keeps from one stretch to the next.
#[derive(Debug)]
pub(super) struct Catching {
    ranges: Pace,
    batches: Pace,
    sample: Sample,
    /// Up to here each block is proved, because what was said of a range cannot be used.
    each_to: u64,
    /// The addresses to look for, and the head of the list that they were taken from.
    watch: (B256, Watch),
}

impl Catching {
    /// The sample is chosen by a number that no provider should know.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            ranges: Pace::of_ranges(),
            batches: Pace::of_batches(),
            sample: Sample::seeded(seed),
            each_to: 0,
            watch: (B256::ZERO, Watch::default()),
        }
    }
}

impl Indexer {
    /// Takes in a stretch of final history; whether there was one. Where a provider traces the
    /// calls within transactions, each block is asked about with its traces, as at the head.
    pub(super) async fn catch_up(&mut self) -> Result<bool, StepError> {
        if self.pool.traces() {
            return Ok(false);
        }
        let cursor = self.trail.cursor();
        let from = cursor.number.saturating_add(CATCH_UP_FROM_BLOCKS);
        if self.pool.newest().is_some_and(|head| head.number < from) {
            return Ok(false);
        }
        let Some(lent) = self.pool.lend(cursor, from).await? else { return Ok(false) };
        let last = lent.last.number;
        self.status.send_modify(|status| status.head = status.head.max(Some(last)));
        let outcome = self.catch_up_with(&lent).await;
        if self.trail.cursor() != cursor {
            // It got on, whatever happened then.
            self.pool.returned(&lent, Ok(()))?;
        }
        match outcome {
            Ok(()) => self.pool.returned(&lent, Ok(true)).map_err(StepError::from),
            // Whose fault it is, the pool knows.
            Err(StepError::Follow(error)) => Ok(self.pool.returned(&lent, Err(error))?),
            Err(error) => Err(error),
        }
    }

    async fn catch_up_with(&mut self, lent: &Lent) -> Result<(), StepError> {
        let (cursor, last) = (self.trail.cursor().number, lent.last.number);
        let each_to = match self.config.catch_up {
            Mode::Full => last,
            Mode::Sampled => self.catching.each_to.min(last),
        };
        if cursor < each_to {
            return self.prove_blocks(lent, each_to.min(cursor + SPAN_MAX_BLOCKS)).await;
        }
        self.sample_ranges(lent).await
    }

    /// Takes in the next blocks, at most up to a height, each proved from its bytes.
    async fn prove_blocks(&mut self, lent: &Lent, to: u64) -> Result<(), StepError> {
        let (mut watch, mut pace) = (self.take_watch(), self.catching.batches);
        let mut draft = Draft::new(self, Verification::Proved);
        let outcome = self.prove_into(&mut draft, lent, to, (&mut watch, &mut pace)).await;
        let drafted = draft.finish();
        self.catching.batches = pace;
        if matches!(outcome, Err(StepError::Ledger(_))) {
            // An act was taken in halfway.
            return outcome;
        }
        // What was proved before something failed stays proved.
        self.write(lent, drafted).await?;
        self.catching.watch = (self.ledger.head(), watch);
        outcome
    }

    /// The blocks above a draft, up to a height or as many as are written at once.
    async fn prove_into(
        &self,
        draft: &mut Draft<'_>,
        lent: &Lent,
        to: u64,
        (watch, pace): (&mut Watch, &mut Pace),
    ) -> Result<(), StepError> {
        let follower = &lent.follower;
        let elapsed = || self.clock.elapsed();
        let (began, mut allowed) = (elapsed(), (lent.allowance / BLOCK_REQUESTS).max(1));
        let mut running = FuturesOrdered::new();
        let mut next = draft.to.number + 1;
        loop {
            let more = !draft.is_full() && elapsed().saturating_sub(began) < SPAN_MAX_TIME;
            while more && running.len() < batches::BATCHES_AT_ONCE && next <= to && allowed > 0 {
                let count = pace.blocks().min(allowed).min(to - next + 1);
                let end = next + count - 1;
                running.push_back(batches::fetch(follower.rpc(), &elapsed, (next, end)));
                (next, allowed) = (end + 1, allowed - count);
            }
            let Some(batched) = running.next().await else { return Ok(()) };
            let batched = batched.map_err(FollowError::from)?;
            *pace = pace.after(batched.event());
            match batched {
                Batched::Whole(batch) => {
                    for (block, receipts) in batch.blocks() {
                        let next = self.prove_next(follower, draft, watch, (block, receipts));
                        if next.await? == Taken::Waits {
                            return Ok(());
                        }
                    }
                }
                Batched::Refused(from, end, error) => {
                    tracing::debug!(%error, from, to = end, "a batch was refused");
                    for _ in from..=end {
                        let block = block_above(follower, draft.to).await?;
                        if self.waits(block.header) {
                            return Ok(());
                        }
                        watch.learn(draft.take(&block)?);
                    }
                }
            }
        }
    }

    /// The next block of a span. One that does not prove from a batch is asked for alone: then it
    /// is accepted or refused as at the head.
    async fn prove_next(
        &self,
        follower: &Follower,
        draft: &mut Draft<'_>,
        watch: &mut Watch,
        (block, receipts): (&[u8], &[u8]),
    ) -> Result<Taken, StepError> {
        let whole = match self.judge(follower, watch).prove(Asked::Above(draft.to), block, receipts)
        {
            Ok(Proved::Quiet(header, _)) if self.waits(header) => return Ok(Taken::Waits),
            Ok(Proved::Quiet(header, _)) if !self.is_met(draft, header)? => {
                draft.to = header;
                return Ok(Taken::Whole);
            }
            Ok(Proved::Whole(block)) => *block,
            // An act of a list elsewhere goes before it.
            Ok(Proved::Quiet(..)) => block_above(follower, draft.to).await?,
            Err(error) => {
                tracing::debug!(%error, "a block of a batch does not prove");
                block_above(follower, draft.to).await?
            }
        };
        if self.waits(whole.header) {
            return Ok(Taken::Waits);
        }
        watch.learn(draft.take(&whole)?);
        Ok(Taken::Whole)
    }

    /// Whether a block has to wait for a list on another chain.
    fn waits(&self, header: Header) -> bool {
        self.abroad.as_ref().is_some_and(|abroad| header.time > abroad.through())
    }

    /// Whether an act of a list on another chain goes before a block.
    fn is_met(&self, draft: &Draft<'_>, header: Header) -> Result<bool, StepError> {
        let Some(abroad) = &self.abroad else { return Ok(false) };
        Ok(!abroad.due(draft.ledger(), draft.to.time, header)?.is_empty())
    }

    /// Takes in a stretch by the logs of its ranges.
    async fn sample_ranges(&mut self, lent: &Lent) -> Result<(), StepError> {
        let (follower, from) = (&lent.follower, self.trail.cursor().number + 1);
        let count = lent.allowance.clamp(1, ranges::RANGES_PER_STRETCH);
        let width = self.catching.ranges.blocks().saturating_mul(count);
        let to = lent.last.number.min(from.saturating_add(width - 1));
        let contract = self.config.deployment.blocklist.address;
        let mut watch = self.take_watch();
        let speaks = match ranges::blocks_of(follower.rpc(), contract, (from, to)).await {
            Ok(speaks) => speaks,
            Err(error) if pace::trouble(&error) == Trouble::TooMuch => {
                self.refuse((from, to), &Refused::Much(error));
                return Ok(());
            }
            Err(error) => return Err(FollowError::from(error).into()),
        };
        for number in &speaks {
            watch.learn(&decode::acts(&block_at(follower, *number).await?, contract)?);
        }
        let elapsed = || self.clock.elapsed();
        let (rpc, sample) = (follower.rpc(), self.catching.sample);
        let asking = Asking { rpc, list: contract, watch: &watch, sample, elapsed: &elapsed };
        let ranged = asking.ranges((from, to), self.catching.ranges).await;
        self.catching.ranges = ranged.events.into_iter().fold(self.catching.ranges, Pace::after);
        for Range { from, to, found } in ranged.ranges {
            let drafted = match found {
                Found::Whole(whole) => {
                    let speaks = speaks.range(from..=to).copied().collect();
                    self.sampled_span(lent, (to, whole), &speaks, &watch).await?
                }
                Found::Silent => Err(Refused::Silent),
                Found::Nonsense(reason) => Err(Refused::Nonsense(reason)),
            };
            match drafted {
                Ok(drafted) => self.write(lent, drafted).await?,
                Err(refused) => {
                    self.refuse((from, to), &refused);
                    return Ok(());
                }
            }
            if self.trail.cursor().number < to {
                return Ok(());
            }
        }
        if let Some(error) = ranged.broken {
            return Err(FollowError::from(error).into());
        }
        self.catching.watch = (self.ledger.head(), watch);
        Ok(())
    }

    /// Has each block of a range proved instead. What else was said in the same stretch may be
    /// wrong too: it is forgotten.
    fn refuse(&mut self, (from, to): (u64, u64), refused: &Refused) {
        refused.tell(from, to);
        self.metrics.ranges_refused.inc_by(u64::from(refused.is_a_fault()));
        self.catching.each_to = to;
    }

    /// The blocks of a range that are to be looked at whole, if they bear out what its answer said;
    /// no more of them than may be asked for at once.
    async fn sampled_span(
        &self,
        lent: &Lent,
        (to, mut whole): (u64, BTreeMap<u64, Option<Said>>),
        speaks: &BTreeSet<u64>,
        watch: &Watch,
    ) -> Result<Result<Drafted, Refused>, StepError> {
        let follower = &lent.follower;
        let mut draft = Draft::new(self, Verification::Sampled);
        for number in speaks.iter().chain([&to]) {
            whole.entry(*number).or_insert(None);
        }
        if whole.len() > WHOLE_MAX_BLOCKS {
            return Ok(Err(Refused::Many(whole.len())));
        }
        let allowed = usize::try_from(lent.allowance / BLOCK_REQUESTS).unwrap_or(usize::MAX).max(1);
        let judge = self.judge(follower, watch);
        let fetched = stream::iter(whole).take(allowed).map(|(number, said)| async move {
            let proved = self.proved_at(follower, judge, (number, said)).await?;
            Ok::<_, StepError>((number, said, proved))
        });
        let mut fetched = pin!(fetched.buffered(WHOLE_AT_ONCE));
        while let Some(one) = fetched.next().await {
            let (number, said, proved) = one?;
            if said.is_some_and(|said| !said.agrees_with(&proved)) {
                return Ok(Err(Refused::Other(number)));
            }
            if let Proved::Whole(block) = &proved {
                let known = match draft.take(block) {
                    Ok(acts) => acts.is_empty() || speaks.contains(&number),
                    // An act before these was left out.
                    Err(StepError::Act(_) | StepError::Ledger(_)) => false,
                    Err(error) => return Err(error),
                };
                if !known {
                    return Ok(Err(Refused::Act(number)));
                }
            }
            draft.to = proved.header();
        }
        Ok(Ok(draft.finish()))
    }

    /// A block by its height, proved.
    async fn proved_at(
        &self,
        follower: &Follower,
        judge: Judge<'_>,
        (number, said): (u64, Option<Said>),
    ) -> Result<Proved, StepError> {
        let elapsed = || self.clock.elapsed();
        let fetched = batches::fetch(follower.rpc(), &elapsed, (number, number)).await;
        if let Batched::Whole(batch) = fetched.map_err(FollowError::from)?
            && let Some((block, receipts)) = batch.blocks().next()
        {
            let asked = Asked::Height(number);
            let proved = match said {
                Some(Said { fold: None, .. }) => judge.prove_whole(asked, block, receipts),
                _ => judge.prove(asked, block, receipts),
            };
            if let Ok(proved) = proved {
                return Ok(proved);
            }
        }
        Ok(Proved::Whole(Box::new(block_at(follower, number).await?)))
    }

    fn judge<'w>(&self, follower: &Follower, watch: &'w Watch) -> Judge<'w> {
        let list = self.config.deployment.blocklist.address;
        Judge { profile: follower.profile(), list, watch }
    }

    /// The addresses to look for as the list stands now.
    fn take_watch(&mut self) -> Watch {
        let (head, watch) = std::mem::take(&mut self.catching.watch);
        let mut watch = if head == self.ledger.head() { watch } else { Watch::of(&self.ledger) };
        if let Some(abroad) = &self.abroad {
            watch.learn(&abroad.coming());
        }
        watch
    }

    /// Writes a span, if it has blocks. What is in it is final already, and told as such.
    async fn write(&mut self, lent: &Lent, drafted: Drafted) -> Result<(), StepError> {
        let Drafted { mut span, grown } = drafted;
        let to = span.to;
        let (verified, blocks) = (span.verified, to.number - span.from.number);
        if blocks == 0 {
            return Ok(());
        }
        self.pool.vouch(lent, to).await?;
        repeating::raise(&self.store, &self.config.policy, &mut span.blocks).await?;
        let changes = self.store.apply_span(span).await?;
        self.metrics.caught_up(verified, blocks);
        if let Some(ledger) = grown {
            self.ledger = ledger;
        }
        if let Some(trail) = Trail::new([to], to.number) {
            self.trail = trail;
        }
        self.tell(&changes);
        Ok(())
    }
}

async fn block_at(follower: &Follower, number: u64) -> Result<Block, FollowError> {
    let hash = follower.height(number).await?.hash;
    follower.block(Wanted::Exactly { hash, number }, hash).await
}

async fn block_above(follower: &Follower, below: Header) -> Result<Block, FollowError> {
    let hash = follower.height(below.number + 1).await?.hash;
    follower.block(Wanted::Above(below), hash).await
}
