//! Down over final history by whole blocks, many in one request: each is the one that the block
//! above names as its parent, and is proved from the bytes that came.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use super::gait::{Gait, LONG_AFTER_REFUSAL_BLOCKS};
use super::{BLOCK_REQUESTS, Search, Walked, is_full};
use crate::catchup::batches::{self, Batched};
use crate::catchup::pace::Pace;
use crate::catchup::prove::{Asked, Judge, Proved};
use crate::chain::accept::Wanted;
use crate::chain::follow::{FollowError, Follower};
use crate::chain::pool::LentBack;
use crate::traces::Known;

/// Most blocks that one stretch covers.
pub const STRETCH_MAX_BLOCKS: u64 = 1_024;

/// Walks as far as one stretch goes.
///
/// # Errors
/// A block could not be fetched or does not verify; the walk stands above it.
pub(super) async fn walk(
    gait: &mut Gait,
    lent: &LentBack,
    search: &Search<'_>,
    walked: &mut Walked,
) -> Result<(), FollowError> {
    let follower = &lent.follower;
    let elapsed = || search.clock.elapsed();
    let mut allowed = (lent.allowance / BLOCK_REQUESTS).clamp(1, STRETCH_MAX_BLOCKS);
    let mut running = FuturesOrdered::new();
    let mut next = walked.next.map(|(number, _)| number);
    loop {
        let more = !is_full(&walked.found) && !search.is_late();
        while more
            && running.len() < batches::BATCHES_AT_ONCE
            && allowed > 0
            && let Some(to) = next
        {
            let count = gait.batches.blocks().min(allowed).min(to - search.lowest() + 1);
            let from = to + 1 - count;
            running.push_back(batches::fetch(follower.rpc(), &elapsed, (from, to)));
            allowed -= count;
            next = from.checked_sub(1).filter(|below| *below >= search.lowest());
        }
        let Some(batched) = running.next().await else { return Ok(()) };
        let batched = batched?;
        gait.batches = gait.batches.after(batched.event());
        match batched {
            Batched::Whole(batch) => {
                let blocks: Vec<_> = batch.blocks().collect();
                for bytes in blocks.into_iter().rev() {
                    prove_next(follower, search, walked, bytes).await?;
                }
            }
            Batched::Refused(from, to, error) => {
                tracing::debug!(%error, from, to, "a batch of a walk back was refused");
                refused(gait, (from, to), &error.to_string());
                return Ok(());
            }
        }
    }
}

/// Has the blocks of a batch asked for one by one. Where not even one comes so, more of them are.
fn refused(gait: &mut Gait, (from, to): (u64, u64), reason: &str) {
    if from < to {
        gait.no_batches_from(from);
        return;
    }
    let from = to.saturating_sub(LONG_AFTER_REFUSAL_BLOCKS);
    tracing::warn!(reason, from, to, "no batches are given; walking back block by block");
    gait.no_batches_from(from);
    gait.batches = Pace::of_batches();
}

/// The block at which the walk stands. One that does not prove from a batch is asked for alone, by
/// its hash: then it is accepted or refused as at the head.
async fn prove_next(
    follower: &Follower,
    search: &Search<'_>,
    walked: &mut Walked,
    (block, receipts): (&[u8], &[u8]),
) -> Result<(), FollowError> {
    let Some((number, hash)) = walked.next else { return Ok(()) };
    let (profile, list) = (follower.profile(), search.errand.list);
    let judge = Judge { profile, list, watch: &search.watch };
    let block = match judge.prove(Asked::Exactly { number, hash }, block, receipts) {
        Ok(Proved::Quiet(header, _)) => {
            walked.pass(header);
            return Ok(());
        }
        Ok(Proved::Whole(block)) => *block,
        Err(error) => {
            tracing::debug!(%error, "a block of a batch does not prove");
            follower.block(Wanted::Exactly { hash, number }, hash).await?
        }
    };
    walked.found.append(search.screen(&block, Known::default(), walked.verified));
    walked.pass(block.header);
    Ok(())
}
