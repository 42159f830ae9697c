//! The past of a newly listed address: a walk down from the block below its listing, block by
//! block along the parent hashes, so that the walk can leave the chain nowhere.
//!
//! Each call walks one bounded stretch; where it stands is in the store, so that it may be
//! interrupted at any moment.

use std::collections::BTreeMap;
use std::time::Duration;

use interdict_core::ledger::Ledger;

use crate::chain::accept::Wanted;
use crate::chain::follow::FollowError;
use crate::chain::pool::{Lane, Pool};
use crate::decode::UndecodedKind;
use crate::screen::{self, Assets, Evidence};
use crate::store::{Lookback, Stretch};
use crate::traces;

/// Most blocks that one stretch covers.
pub const STRETCH_MAX_BLOCKS: u32 = 32;
/// Time after which a stretch ends, in seconds: the head waits meanwhile.
const STRETCH_MAX_SECONDS: u64 = 5;

/// A stretch, with what is counted and not kept.
#[derive(Clone, Debug)]
pub struct Walked {
    /// What is to be recorded.
    pub stretch: Stretch,
    /// How many unreadable logs there were, by kind.
    pub undecoded_counts: BTreeMap<UndecodedKind, u64>,
    /// Transactions with a finding whose signer is the provider's word.
    pub unproved_signers: u64,
    /// Transactions about whose calls two providers differ.
    pub traces_differing: u64,
}

/// Walks the next stretch of a job.
///
/// # Errors
/// A block could not be fetched or does not verify; the walk stands where it stood.
pub async fn walk(
    pool: &mut Pool,
    chain_id: u64,
    ledger: &Ledger,
    assets: &Assets,
    job: Lookback,
    now: i64,
) -> Result<Walked, FollowError> {
    let newly = screen::newly_listed(ledger, job.act);
    let (alerts, undecoded) = (Vec::new(), Vec::new());
    let mut walked = Walked {
        stretch: Stretch { job, next: Some(job.next), alerts, undecoded, now },
        undecoded_counts: BTreeMap::new(),
        unproved_signers: 0,
        traces_differing: 0,
    };
    let until = pool.elapsed() + Duration::from_secs(STRETCH_MAX_SECONDS);
    for step in 0..STRETCH_MAX_BLOCKS {
        if step > 0 && (pool.elapsed() > until || !pool.is_ready()) {
            break;
        }
        let Some((number, hash)) = walked.stretch.next else { break };
        let block = pool.block(Wanted::Exactly { hash, number }, hash).await?;
        let known = traces::of(pool, Lane::Back, &block).await?;
        let evidence = Evidence { traces: known.traces.as_ref(), ..Evidence::proved(&block) };
        let mut found = screen::back_upon(chain_id, &evidence, ledger, job.act, &newly, assets);
        found.keep(known.undecoded);
        walked.traces_differing += known.differing;
        walked.stretch.alerts.extend(found.alerts);
        walked.stretch.undecoded.extend(found.undecoded);
        for (kind, count) in found.undecoded_counts {
            *walked.undecoded_counts.entry(kind).or_default() += count;
        }
        walked.unproved_signers += found.unproved_signers;
        walked.stretch.next = number
            .checked_sub(1)
            .filter(|below| *below >= job.from_block)
            .map(|below| (below, block.header.parent));
    }
    Ok(walked)
}
