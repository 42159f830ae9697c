//! The course of a proposal: where it stands, who voted, and when it may be executed.

use alloy::eips::BlockId;
use alloy::primitives::{Address, U256};
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use anyhow::{Context as _, Result};
use serde::Serialize;

use super::{Proposal, State, Tally};
use crate::bindings::Council;
use crate::deployed::Deployed;
use crate::list;

/// Where a proposal stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) state: State,
    pub(crate) tally: Tally,
    pub(crate) proposer: Address,
    /// Whether it waits in a queue between its vote and its execution.
    pub(crate) needs_queuing: bool,
    /// From when it may be executed, unix seconds, once that is settled.
    pub(crate) due: Option<u64>,
    /// Until when it may be executed, or queued, unix seconds, once it has succeeded.
    pub(crate) expires: Option<u64>,
}

/// What a member may still do in a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ballot {
    /// No seat when the proposal was made.
    None,
    /// The member's vote is awaited.
    Awaited,
    /// The member has voted.
    Cast,
}

/// One vote, as the council's event tells it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Vote {
    pub(crate) voter: Address,
    #[serde(rename = "vote")]
    pub(crate) choice: &'static str,
    pub(crate) weight: String,
    pub(crate) reason: String,
    pub(crate) block: Option<u64>,
}

/// Asks the council where a proposal stands.
pub(crate) async fn of(deployed: &Deployed, proposal: &Proposal) -> Result<Course> {
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let (id, at) = (proposal.id, BlockId::latest());
    let state = proposal.state(deployed).await?;
    let proposer =
        chain.ask(council, &Council::proposalProposerCall { proposalId: id }, at).await?;
    let queued = Council::proposalNeedsQueuingCall { proposalId: id };
    let needs_queuing = chain.ask(council, &queued, at).await?;
    let (due, expires) = match state {
        State::Succeeded => {
            let window = Council::EXECUTION_WINDOW_SECONDSCall {};
            let window = u64::from(chain.ask(council, &window, at).await?);
            (None, Some(proposal.vote_end.saturating_add(window)))
        }
        State::Queued => {
            let eta = Council::proposalEtaCall { proposalId: id };
            let due: u64 = chain.ask(council, &eta, at).await?.saturating_to();
            (Some(due), Some(due.saturating_add(super::kept(deployed).await?)))
        }
        _ => (None, None),
    };
    let tally = proposal.tally(deployed).await?;
    Ok(Course { state, tally, proposer, needs_queuing, due, expires })
}

/// What a member may still do in the vote on a proposal.
pub(crate) async fn ballot(
    deployed: &Deployed,
    proposal: &Proposal,
    account: Address,
) -> Result<Ballot> {
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let snapshot = Council::proposalSnapshotCall { proposalId: proposal.id };
    let timepoint = chain.ask(council, &snapshot, BlockId::latest()).await?;
    let weight = Council::getVotesCall { account, timepoint };
    // In the block that comes next: the snapshot of a new proposal is the present second.
    if chain.ask(council, &weight, BlockId::pending()).await?.is_zero() {
        return Ok(Ballot::None);
    }
    let voted = Council::hasVotedCall { proposalId: proposal.id, account };
    let voted = chain.ask(council, &voted, BlockId::pending()).await?;
    Ok(if voted { Ballot::Cast } else { Ballot::Awaited })
}

/// Every vote on a proposal, in the order in which they were cast.
pub(crate) async fn votes(deployed: &Deployed, id: U256, until: u64) -> Result<Vec<Vote>> {
    let plain = Council::VoteCast::SIGNATURE_HASH;
    let extended = Council::VoteCastWithParams::SIGNATURE_HASH;
    let filter =
        Filter::new().address(deployed.book.council.address).event_signature(vec![plain, extended]);
    let logs = list::logs(&deployed.chain, &filter, deployed.book.block, until).await?;
    let mut cast = Vec::new();
    for log in logs {
        let data = &log.inner.data;
        let unreadable = "the council's event of a vote cannot be read";
        let (proposal, voter, support, weight, reason) = if log.topic0() == Some(&plain) {
            let e = Council::VoteCast::decode_log_data(data).context(unreadable)?;
            (e.proposalId, e.voter, e.support, e.weight, e.reason)
        } else {
            let e = Council::VoteCastWithParams::decode_log_data(data).context(unreadable)?;
            (e.proposalId, e.voter, e.support, e.weight, e.reason)
        };
        if proposal != id {
            continue;
        }
        let choice = match support {
            0 => "against",
            1 => "for",
            2 => "abstain",
            _ => "unknown",
        };
        let (weight, block) = (weight.to_string(), log.block_number);
        cast.push(Vote { voter, choice, weight, reason, block });
    }
    Ok(cast)
}
