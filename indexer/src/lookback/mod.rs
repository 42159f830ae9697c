//! The past of a newly listed address: down from the block below its listing, each block named by
//! the parent hash of the one above, so that the walk can leave the chain nowhere.
//!
//! There are three ways down. [`steps`] asks for one block after another, by its hash: the way
//! where nothing is final yet, where providers trace, where headers do not prove everything, and
//! wherever a provider does not give what the others need. [`batched`] is the way over final
//! history: whole blocks, many in one request, each proved and linked to the one above. With
//! `catch_up = "sampled"` it is [`ranged`]: the logs that name the newly listed addresses, by
//! ranges of blocks, of which only those with a hit and a sample are proved. What is found so is
//! marked as sampled, as when catching up; a transaction's own value, its signer and its callee
//! are seen only in blocks that are looked at.
//!
//! Each call walks one bounded stretch; where it stands is in the store, so that it may be
//! interrupted at any moment.

mod batched;
mod filter;
mod gait;
mod ranged;
mod steps;

pub use filter::FILTER_MAX_ADDRESSES;
pub use gait::{Gait, LONG_AFTER_REFUSAL_BLOCKS};

use std::collections::BTreeSet;
use std::time::Duration;

use alloy_primitives::{Address, B256};
use interdict_core::ledger::Ledger;
use interdict_core::transfer::Verification;

use self::gait::Way;
use crate::catchup::Mode;
use crate::catchup::sift::Watch;
use crate::chain::follow::FollowError;
use crate::chain::pool::{LentBack, Pool};
use crate::chain::{Block, Header};
use crate::clock::Clock;
use crate::screen::{self, Criteria, Evidence, Screened};
use crate::store::Lookback;
use crate::traces::Known;

/// Time after which a stretch ends, in seconds: the head waits meanwhile.
const STRETCH_MAX_SECONDS: u64 = 5;
/// What a stretch keeps, of findings and of logs that cannot be read, after which it ends.
const STRETCH_MAX_KEPT: usize = 1_000;
/// Requests that a whole block takes.
const BLOCK_REQUESTS: u64 = 2;

/// Where a walk stands: a height, and the hash of the block there.
pub type Place = (u64, B256);

/// What is to be walked, and what it is judged by.
#[derive(Debug)]
pub struct Errand<'a> {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The list's contract.
    pub list: Address,
    /// The list as it stands.
    pub ledger: &'a Ledger,
    /// By what it is judged.
    pub criteria: Criteria<'a>,
    /// How final history is read.
    pub mode: Mode,
    /// The last block that the chain calls final and that we accepted.
    pub finalized: u64,
    /// The walk as it stands.
    pub job: Lookback,
}

/// A stretch that was walked, with what is counted and not kept.
#[derive(Debug)]
pub struct Walked {
    /// The walk as it stood before.
    pub job: Lookback,
    /// The block to look at next; `None` when the walk is over.
    pub next: Option<Place>,
    /// What was found.
    pub found: Screened,
    /// How its blocks were come by.
    pub verified: Verification,
    /// How many blocks it covers.
    pub blocks: u64,
    /// Transactions about whose calls two providers differ.
    pub traces_differing: u64,
    /// Ranges whose logs were not those of their blocks, or could not be read.
    pub ranges_refused: u64,
    /// Why it ends where it does, if something failed. What was walked before stays walked.
    pub broken: Option<FollowError>,
}

impl Walked {
    /// Whether it covers anything.
    pub fn got_on(&self) -> bool {
        self.next != Some(self.job.next)
    }

    fn begin(job: Lookback, verified: Verification) -> Self {
        Self {
            job,
            next: Some(job.next),
            found: Screened::default(),
            verified,
            blocks: 0,
            traces_differing: 0,
            ranges_refused: 0,
            broken: None,
        }
    }

    /// Goes on below a block that is known to belong to the chain. What lies between it and where
    /// the walk stood is covered.
    fn pass(&mut self, header: Header) {
        let above = self.next.map_or(header.number, |(number, _)| number);
        self.blocks += above.saturating_sub(header.number) + 1;
        self.next = header
            .number
            .checked_sub(1)
            .filter(|below| *below >= self.job.from_block)
            .map(|below| (below, header.parent));
    }
}

/// Whether so much was found that it is to be recorded before there is more.
const fn is_full(found: &Screened) -> bool {
    found.alerts.len() + found.undecoded.len() >= STRETCH_MAX_KEPT
}

/// Whom a walk looks for.
#[derive(Debug)]
struct Search<'a> {
    errand: &'a Errand<'a>,
    newly: BTreeSet<Address>,
    watch: Watch,
    clock: &'a dyn Clock,
    until: Duration,
}

impl<'a> Search<'a> {
    fn of(errand: &'a Errand<'a>, clock: &'a dyn Clock) -> Self {
        let newly = screen::newly_listed(errand.ledger, errand.job.act);
        let watch = Watch::only(newly.iter().copied());
        let until = clock.elapsed() + Duration::from_secs(STRETCH_MAX_SECONDS);
        Self { errand, newly, watch, clock, until }
    }

    /// What a verified block says of whom is looked for.
    fn screen(&self, block: &Block, known: Known, verified: Verification) -> Screened {
        let Errand { chain_id, ledger, criteria, job, .. } = *self.errand;
        let traces = known.traces.as_ref();
        let evidence = Evidence { traces, verified, ..Evidence::proved(block) };
        let newly = &self.newly;
        let mut found = screen::back(chain_id, &evidence, ledger, job.act, newly, criteria);
        found.keep(known.undecoded);
        found
    }

    /// Whether the head has waited long enough.
    fn is_late(&self) -> bool {
        self.clock.elapsed() > self.until
    }

    /// The lowest block to look at.
    const fn lowest(&self) -> u64 {
        self.errand.job.from_block
    }
}

/// Walks the next stretch of a job, in the way that suits where it stands.
pub async fn walk(
    pool: &mut Pool,
    gait: &mut Gait,
    clock: &dyn Clock,
    errand: &Errand<'_>,
) -> Walked {
    let search = Search::of(errand, clock);
    let way = if pool.traces() { Way::Steps } else { gait.way(errand) };
    let lent = match way {
        Way::Steps => Ok(None),
        Way::Batches | Way::Ranges => pool.lend_back().await,
    };
    let lent = match lent {
        Ok(Some(lent)) => lent,
        Ok(None) => {
            let mut walked = Walked::begin(errand.job, Verification::Proved);
            walked.broken = steps::walk(pool, &search, &mut walked).await.err();
            return walked;
        }
        Err(error) => {
            let mut walked = Walked::begin(errand.job, Verification::Proved);
            walked.broken = Some(error);
            return walked;
        }
    };
    let (mut walked, outcome) = walk_with(pool, gait, &lent, &search, way).await;
    // It got on, whatever happened then; and whose fault that is, the pool knows.
    let noted = if walked.got_on() { pool.returned_back(&lent, Ok(())) } else { Ok(()) };
    let outcome = outcome.or_else(|error| pool.returned_back(&lent, Err(error)));
    walked.broken = noted.and(outcome).err();
    walked
}

async fn walk_with(
    pool: &mut Pool,
    gait: &mut Gait,
    lent: &LentBack,
    search: &Search<'_>,
    way: Way,
) -> (Walked, Result<(), FollowError>) {
    match way {
        Way::Ranges => {
            let mut walked = Walked::begin(search.errand.job, Verification::Sampled);
            let outcome = ranged::walk(pool, gait, lent, search, &mut walked).await;
            (walked, outcome)
        }
        Way::Batches | Way::Steps => {
            let mut walked = Walked::begin(search.errand.job, Verification::Proved);
            let outcome = batched::walk(gait, lent, search, &mut walked).await;
            (walked, outcome)
        }
    }
}
