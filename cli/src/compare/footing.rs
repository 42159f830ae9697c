//! The footing of a plan, a proposal or an act: the state of the list that it was made upon, found
//! on the chain again.

use std::collections::BTreeSet;

use alloy::eips::BlockId;
use alloy::primitives::{B256, Bytes, U256};
use alloy::rpc::types::BlockNumberOrTag;
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, ActEntry, Kind, Ledger};

use super::{Difference, STALE};
use crate::bindings::SignedAct;
use crate::chain::Pinned;
use crate::council::deed::Deed;
use crate::council::{self, Proposal};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::list::List;
use crate::paper::frame::Frame;
use crate::plan::diff;
use crate::plan::planning::Base;
use crate::text;

/// What is on chain and is compared: a proposal, or an act that was executed.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// How it is called in a sentence.
    pub(crate) what: String,
    pub(crate) kind: Kind,
    pub(crate) batch: IBlocklist::Batch,
    /// Of a proposal, the call that it makes of the list.
    pub(crate) proposed: Option<Proposed>,
    /// The acts that were there when it was proposed, or before it was done.
    acts_before: u32,
    /// The block in which it was proposed, or the one before it was done.
    block: u64,
}

/// A proposal's call of the list.
#[derive(Clone, Debug)]
pub(crate) struct Proposed {
    /// Its exact bytes, as they stand on chain.
    pub(crate) calldata: Bytes,
    /// Which kind of delisting it had to be, as the list stood when it was proposed.
    pub(crate) delisting: Kind,
}

/// Where something was found to stand, and what a person should know of that.
#[derive(Debug)]
pub(crate) struct Footing {
    pub(crate) base: Base,
    pub(crate) differences: Vec<Difference>,
    pub(crate) warnings: Vec<String>,
}

/// The subject that a proposal's id names.
pub(crate) async fn proposal(deployed: &Deployed, list: &List, id: U256) -> Result<Subject> {
    let (proposal, block) = council::find_with_block(deployed, id).await?;
    let deeds = proposal.decode(&deployed.book).map_err(|error| {
        let mut failure = Failure::from_error(error);
        failure.exit = Exit::Stale;
        failure
    })?;
    let [deed] = &*deeds else { return Err(not_one(&deeds)) };
    let (Some(kind), Some(batch)) = (deed.kind(), deed.batch()) else {
        return Err(not_one(&deeds));
    };
    let acts_before = acts_up_to(list, block);
    let ledger = Ledger::replay(list.acts.iter().filter(|act| act.number <= acts_before))?;
    let time = deployed.chain.block(BlockNumberOrTag::Number(block)).await?.time;
    let leaving: BTreeSet<_> = batch.entries.iter().map(|entry| entry.account).collect();
    let delisting = diff::delisting(&ledger, time, leaving.len());
    let calldata = proposal.calldatas.first().cloned().unwrap_or_default();
    Ok(Subject {
        what: "the proposal".to_owned(),
        kind,
        batch: batch.clone(),
        proposed: Some(Proposed { calldata, delisting }),
        acts_before,
        block,
    })
}

/// A publication leads to a listing or a delisting, to one and to nothing else.
fn not_one(deeds: &[Deed]) -> anyhow::Error {
    let message =
        format!("this proposal would {}: no publication gives that", Proposal::line(deeds));
    Failure::new(Exit::Stale, "foreign_proposal", message)
        .next("`interdict show` it, and ask whoever proposed it why")
        .into()
}

/// The subject that an act's number names.
pub(crate) fn act(list: &List, number: u32) -> Result<Subject> {
    let act = list.acts.iter().find(|act| act.number == number).ok_or_else(|| {
        let message = format!("the list has no act {number}, its last is {}", list.ledger.acts());
        Failure::new(Exit::Failed, "no_act", message).next("`interdict status` shows the acts")
    })?;
    if matches!(act.kind, Kind::Protect | Kind::Unprotect | Kind::Retract | Kind::Attest) {
        let message = format!("act {number} is of kind {:?}: no publication gives it", act.kind);
        return Err(Failure::new(Exit::Failed, "no_publication", message)
            .next("verify acts that list or delist")
            .into());
    }
    Ok(Subject {
        what: format!("act {number}"),
        kind: act.kind,
        batch: batch(act)?,
        proposed: None,
        acts_before: number - 1,
        block: act.at.block.saturating_sub(1),
    })
}

fn batch(act: &Act) -> Result<IBlocklist::Batch> {
    let seconds = |n: u64| alloy::primitives::aliases::U40::try_from(n);
    let entry = |e: &ActEntry| {
        let (account, uid) = (e.account, e.uid);
        Ok(IBlocklist::Entry { account, uid, designatedOn: seconds(e.designated_on)? })
    };
    Ok(IBlocklist::Batch {
        manifest: act.manifest,
        sources: act.sources,
        dataAsOf: seconds(act.data_as_of).context("the act's date is beyond 40 bits")?,
        entries: act.entries.iter().map(entry).collect::<Result<_>>()?,
    })
}

/// The footing of what is on chain: the list before the first act of the same manifest, for a hold
/// comes before its ratification, and both are of one plan.
pub(crate) async fn of_subject(
    deployed: &Deployed,
    list: &List,
    subject: &Subject,
) -> Result<Footing> {
    let same = |act: &&Act| act.manifest == subject.batch.manifest && act.kind != Kind::Attest;
    let first = list.acts.iter().find(same).filter(|act| act.number <= subject.acts_before);
    let (acts, block) = first.map_or((subject.acts_before, subject.block), |act| {
        (act.number - 1, act.at.block.saturating_sub(1))
    });
    let at = deployed.chain.block(BlockNumberOrTag::Number(block)).await?;
    let mut footing = upon(deployed, list, acts, at).await?;
    footing.base.nonce = 0;
    Ok(footing)
}

/// The footing of a plan or a retraction, with its manifest: the list in the block that its frame
/// names. If that block is not on the chain nobody knows where it was made, and the rest of it is
/// compared with the list after the act and at the time that it names itself.
pub(crate) async fn of_framed(
    deployed: &Deployed,
    list: &List,
    frame: &Frame,
    manifest: B256,
) -> Result<Footing> {
    let (named, what) = (frame.at_block, frame.framed.name());
    let found = if named.number <= list.at.number {
        Some(deployed.chain.block(BlockNumberOrTag::Number(named.number)).await?)
    } else {
        None
    };
    let mut footing = match found {
        Some(at) if at.hash == named.hash => {
            let mut footing = upon(deployed, list, acts_up_to(list, at.number), at).await?;
            footing.differences.extend(another_time(frame, at));
            footing
        }
        found => {
            let time = u64::try_from(frame.created_at.as_second()).unwrap_or(0);
            let at = Pinned { time, ..list.at };
            let mut footing = upon(deployed, list, acts_named(list, frame), at).await?;
            let message = found.map_or_else(
                || {
                    format!(
                        "another block: {what} was made in block {}, the chain has only {}",
                        named.number, list.at.number
                    )
                },
                |found| {
                    format!(
                        "another block: {what} names block {} with the hash {}, on the chain it has {}",
                        named.number, named.hash, found.hash
                    )
                },
            );
            footing.differences.push(Difference::new("block", message));
            footing
        }
    };
    let acts = footing.base.ledger.acts();
    footing.differences.extend(stranger(list, acts, frame, manifest));
    Ok(footing)
}

fn another_time(frame: &Frame, at: Pinned) -> Option<Difference> {
    let (what, stated) = (frame.framed.name(), frame.created_at);
    let is_right = i128::from(stated.as_second()) == i128::from(at.time);
    let message = format!(
        "another time: {what} says it was made at {stated}, its block is of {}",
        text::time(at.time)
    );
    (!is_right).then(|| Difference::new("block", message))
}

/// Since it was made the list may have changed by its own acts only.
fn stranger(list: &List, acts: u32, frame: &Frame, manifest: B256) -> Option<Difference> {
    let mut later = list.acts.iter().filter(|act| act.number > acts && act.kind != Kind::Attest);
    let stranger = later.find(|act| act.manifest != manifest)?;
    let message = format!(
        "the list has changed since {}, by act {} of another manifest {}",
        frame.framed.name(),
        stranger.number,
        stranger.manifest
    );
    Some(Difference::new(STALE, message))
}

/// The acts up to the one that a frame names, if the list has it; all of them, if not.
fn acts_named(list: &List, frame: &Frame) -> u32 {
    let is_named = |act: &&Act| act.number == frame.act_count && act.head == frame.head;
    list.acts.iter().find(is_named).map_or(list.ledger.acts(), |act| act.number)
}

async fn upon(deployed: &Deployed, list: &List, acts: u32, at: Pinned) -> Result<Footing> {
    let (before, after): (Vec<&Act>, Vec<&Act>) =
        list.acts.iter().partition(|act| act.number <= acts);
    let ledger = Ledger::replay(before)?;
    let signed = after.iter().filter(|a| matches!(a.kind, Kind::ListProvisional | Kind::Retract));
    let call = SignedAct::nonceCall {};
    let signed_act = deployed.book.signed_act.address;
    let nonce = deployed.chain.ask(signed_act, &call, list.at.id()).await?;
    let nonce = u64::try_from(nonce).context("the signed act's nonce is beyond 64 bits")?;
    let nonce = nonce.saturating_sub(u64::try_from(signed.count())?);
    // A node that keeps no old states is asked for the newest, and that is said.
    let mut warnings = Vec::new();
    let mut codes_at = at.id();
    if let Err(error) = deployed.chain.code(deployed.blocklist(), codes_at).await {
        let failure = Failure::from_error(error);
        if failure.exit == Exit::Stale {
            return Err(failure.into());
        }
        codes_at = BlockId::latest();
        let number = at.number;
        warnings.push(format!(
            "the node keeps no state of block {number}: which addresses are contracts is as of now"
        ));
    }
    let base = Base { ledger, at, codes_at, nonce };
    Ok(Footing { base, differences: Vec::new(), warnings })
}

/// The number of the last act in a block or before it.
fn acts_up_to(list: &List, block: u64) -> u32 {
    list.acts
        .iter()
        .take_while(|act| act.at.block <= block)
        .map(|act| act.number)
        .last()
        .unwrap_or(0)
}
