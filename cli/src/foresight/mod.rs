//! The course of a plan: the acts that come of it, in order, and the list's head after each. Pure:
//! what a node simulates must come out as foreseen here.

pub(crate) mod effect;
pub(crate) mod revert;
pub(crate) mod simulation;

use alloy::primitives::B256;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind, UNTIL_MAX};
use interdict_core::transfer::Position;

use crate::plan::Plan;

/// Between an act and the next in the course as foreseen: a slot of Ethereum's.
const STEP_SECONDS: u64 = 12;

/// Where foreseen acts stand: nowhere yet.
pub(crate) const NOWHERE: Position = Position { block: 0, tx: 0, log: None };

/// What the chain's rules add to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// How long a hold lasts, in seconds.
    pub(crate) term: u64,
    /// By which function what leaves is taken off.
    pub(crate) delisting: Kind,
    /// How long that waits in the council's queue, in seconds.
    pub(crate) delay: u64,
}

/// One act that is to come.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) batch: IBlocklist::Batch,
    /// When it is queued, unix seconds, if it must wait.
    pub(crate) queued: Option<u64>,
    /// When it lands, unix seconds.
    pub(crate) lands: u64,
    /// End of the listings that it makes.
    pub(crate) until: u64,
}

/// The acts of a plan, each as early as it can land.
pub(crate) fn steps(plan: &Plan, rules: Rules) -> Result<Vec<Step>> {
    let mut time = u64::try_from(plan.created_at.as_second())?;
    let mut steps = Vec::new();
    let holding = plan.holding_batch()?;
    if !holding.entries.is_empty() {
        time += STEP_SECONDS;
        let (kind, until) = (Kind::ListProvisional, time + rules.term);
        steps.push(Step { kind, batch: holding, queued: None, lands: time, until });
    }
    let listing = plan.manifest.listing_batch()?;
    if !listing.entries.is_empty() {
        time += STEP_SECONDS;
        let (kind, until) = (Kind::List, UNTIL_MAX);
        steps.push(Step { kind, batch: listing, queued: None, lands: time, until });
    }
    let batch = plan.manifest.delisting_batch()?;
    if !batch.entries.is_empty() {
        let queued = time + STEP_SECONDS;
        let lands = queued + rules.delay;
        let kind = rules.delisting;
        steps.push(Step { kind, batch, queued: Some(queued), lands, until: lands });
    }
    Ok(steps)
}

/// The acts that the steps make of a list with this head and so many acts.
pub(crate) fn foresee(steps: &[Step], head: B256, acts: u32) -> Vec<Act> {
    let mut head = head;
    let numbered = steps.iter().zip(acts + 1..);
    numbered
        .map(|(step, number)| {
            let entry = |e: &IBlocklist::Entry| ActEntry {
                account: e.account,
                uid: e.uid,
                designated_on: e.designatedOn.to(),
            };
            let mut act = Act {
                number,
                kind: step.kind,
                sources: step.batch.sources,
                until: step.until,
                data_as_of: step.batch.dataAsOf.to(),
                manifest: step.batch.manifest,
                head: B256::ZERO,
                at: NOWHERE,
                time: step.lands,
                tx_hash: B256::ZERO,
                entries: step.batch.entries.iter().map(entry).collect(),
            };
            act.head = act.fold(head);
            head = act.head;
            act
        })
        .collect()
}
