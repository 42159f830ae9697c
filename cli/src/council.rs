//! The council's proposals: written, found again on chain, and read by our own ABI only.

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::rpc::types::Filter;
use alloy::sol_types::{SolCall, SolEvent};
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;

use crate::bindings::Council;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::list;

/// A proposal as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) id: U256,
    pub(crate) targets: Vec<Address>,
    pub(crate) values: Vec<U256>,
    pub(crate) calldatas: Vec<alloy::primitives::Bytes>,
    pub(crate) description: String,
    /// When the vote closes, unix seconds.
    pub(crate) vote_end: u64,
}

/// What a proposal does to the list.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    pub(crate) kind: Kind,
    pub(crate) batch: IBlocklist::Batch,
}

/// Where a proposal stands; the numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Active,
    Canceled,
    Defeated,
    Succeeded,
    Queued,
    Expired,
    Executed,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Pending,
        Self::Active,
        Self::Canceled,
        Self::Defeated,
        Self::Succeeded,
        Self::Queued,
        Self::Expired,
        Self::Executed,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::Defeated => "defeated",
            Self::Succeeded => "succeeded",
            Self::Queued => "queued",
            Self::Expired => "expired",
            Self::Executed => "executed",
        }
    }

    /// Whether somebody still has something to do.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Active | Self::Succeeded | Self::Queued)
    }
}

/// Votes against, for and abstaining, and how many for it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub(crate) against: U256,
    pub(crate) votes_for: U256,
    pub(crate) abstain: U256,
    pub(crate) needed: U256,
}

impl Tally {
    pub(crate) fn line(&self) -> String {
        format!(
            "{} for of {} needed, {} against, {} abstaining",
            self.votes_for, self.needed, self.against, self.abstain
        )
    }
}

impl Proposal {
    /// A proposal of one call to the list.
    pub(crate) fn of_call(blocklist: Address, call: Vec<u8>, description: String) -> Self {
        Self {
            id: U256::ZERO,
            targets: vec![blocklist],
            values: vec![U256::ZERO],
            calldatas: vec![call.into()],
            description,
            vote_end: 0,
        }
    }

    pub(crate) fn propose_call(&self) -> Vec<u8> {
        Council::proposeCall {
            targets: self.targets.clone(),
            values: self.values.clone(),
            calldatas: self.calldatas.clone(),
            description: self.description.clone(),
        }
        .abi_encode()
    }

    pub(crate) fn queue_call(&self) -> Vec<u8> {
        Council::queueCall {
            targets: self.targets.clone(),
            values: self.values.clone(),
            calldatas: self.calldatas.clone(),
            descriptionHash: self.description_hash(),
        }
        .abi_encode()
    }

    pub(crate) fn execute_call(&self) -> Vec<u8> {
        Council::executeCall {
            targets: self.targets.clone(),
            values: self.values.clone(),
            calldatas: self.calldatas.clone(),
            descriptionHash: self.description_hash(),
        }
        .abi_encode()
    }

    fn description_hash(&self) -> B256 {
        keccak256(self.description.as_bytes())
    }

    /// Reads what it does by our own ABI: one listing or delisting of our list, and nothing else.
    pub(crate) fn decode(&self, blocklist: Address) -> Result<Decoded> {
        let foreign = |why: String| {
            Failure::new(Exit::Failed, "foreign_proposal", format!("this proposal {why}"))
                .next("do not vote by this tool; ask whoever proposed it what it does")
        };
        let ([target], [value], [data]) = (&*self.targets, &*self.values, &*self.calldatas) else {
            return Err(foreign(format!("makes {} calls, not one", self.targets.len())).into());
        };
        if *target != blocklist || !value.is_zero() {
            return Err(foreign(format!("calls {target} with {value} wei, not the list")).into());
        }
        if let Ok(call) = IBlocklist::listCall::abi_decode_validate(data) {
            return Ok(Decoded { kind: Kind::List, batch: call.batch });
        }
        if let Ok(call) = IBlocklist::delistCall::abi_decode_validate(data) {
            return Ok(Decoded { kind: Kind::Delist, batch: call.batch });
        }
        if let Ok(call) = IBlocklist::delistManyCall::abi_decode_validate(data) {
            return Ok(Decoded { kind: Kind::DelistMany, batch: call.batch });
        }
        Err(foreign("neither lists nor delists".to_owned()).into())
    }

    pub(crate) async fn state(&self, deployed: &Deployed) -> Result<State> {
        let call = Council::stateCall { proposalId: self.id };
        let council = deployed.book.council.address;
        // In the block that comes next: a vote opens by the clock, not by a transaction.
        let number = deployed.chain.ask(council, &call, BlockId::pending()).await?;
        State::ALL
            .into_iter()
            .find(|state| *state as u8 == number)
            .with_context(|| "the council is in a state that this version does not know")
    }

    pub(crate) async fn tally(&self, deployed: &Deployed) -> Result<Tally> {
        let (chain, council) = (&deployed.chain, deployed.book.council.address);
        let at = BlockId::latest();
        let votes = Council::proposalVotesCall { proposalId: self.id };
        let votes = chain.ask(council, &votes, at).await?;
        let snapshot = Council::proposalSnapshotCall { proposalId: self.id };
        let snapshot = chain.ask(council, &snapshot, at).await?;
        // Before the vote opens its quorum lies in the future; the seats of now are as good.
        let now = U256::from(chain.latest().await?.time.saturating_sub(1));
        let quorum = Council::quorumCall { timepoint: snapshot.min(now) };
        let needed = chain.ask(council, &quorum, at).await?;
        let (against, votes_for) = (votes.againstVotes, votes.forVotes);
        Ok(Tally { against, votes_for, abstain: votes.abstainVotes, needed })
    }
}

/// All proposals ever made, in order.
pub(crate) async fn proposals(deployed: &Deployed) -> Result<Vec<Proposal>> {
    let newest = deployed.chain.latest().await?.number;
    proposals_between(deployed, deployed.book.block, newest).await
}

/// The proposals made in these blocks, both included, in order.
pub(crate) async fn proposals_between(
    deployed: &Deployed,
    from: u64,
    to: u64,
) -> Result<Vec<Proposal>> {
    let filter = Filter::new()
        .address(deployed.book.council.address)
        .event_signature(Council::ProposalCreated::SIGNATURE_HASH);
    let logs = list::logs(&deployed.chain, &filter, from, to).await?;
    logs.iter().map(|log| created(&log.inner.data)).collect()
}

/// Finds a proposal by its id.
pub(crate) async fn find(deployed: &Deployed, id: U256) -> Result<Proposal> {
    proposals(deployed).await?.into_iter().find(|proposal| proposal.id == id).ok_or_else(|| {
        let message = format!(
            "the council at {} has no proposal {}",
            deployed.book.council.address,
            shown(id)
        );
        Failure::new(Exit::Failed, "no_proposal", message)
            .next("`interdict status` shows the open proposals")
            .into()
    })
}

/// Finds a proposal by its id, and the block in which it was made.
pub(crate) async fn find_with_block(deployed: &Deployed, id: U256) -> Result<(Proposal, u64)> {
    let proposal = find(deployed, id).await?;
    let filter = Filter::new()
        .address(deployed.book.council.address)
        .event_signature(Council::ProposalCreated::SIGNATURE_HASH);
    let newest = deployed.chain.latest().await?.number;
    for log in list::logs(&deployed.chain, &filter, deployed.book.block, newest).await? {
        if created(&log.inner.data)?.id == id {
            let block = log.block_number.context("the node gave a proposal without its block")?;
            return Ok((proposal, block));
        }
    }
    anyhow::bail!("the proposal {} went while it was read: run again", shown(id))
}

/// Reads the event of a proposal's making.
pub(crate) fn created(log: &alloy::primitives::LogData) -> Result<Proposal> {
    let event = Council::ProposalCreated::decode_log_data(log)
        .context("the council's event of a proposal cannot be read")?;
    Ok(Proposal {
        id: event.proposalId,
        targets: event.targets,
        values: event.values,
        calldatas: event.calldatas,
        description: event.description,
        vote_end: event.voteEnd.saturating_to(),
    })
}

/// A proposal's id as it is shown and accepted.
pub(crate) fn shown(id: U256) -> String {
    format!("0x{id:064x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> IBlocklist::Batch {
        let entry = IBlocklist::Entry {
            account: Address::repeat_byte(2),
            uid: 7,
            designatedOn: alloy::primitives::aliases::U40::ZERO,
        };
        let manifest = B256::repeat_byte(3);
        let data_as_of = alloy::primitives::aliases::U40::from(9);
        IBlocklist::Batch { manifest, sources: 1, dataAsOf: data_as_of, entries: vec![entry] }
    }

    #[test]
    fn only_listings_and_delistings_of_our_list_are_read() {
        let blocklist = Address::repeat_byte(1);
        let of = |call: Vec<u8>| Proposal::of_call(blocklist, call, "why".to_owned());
        let list = of(IBlocklist::listCall { batch: batch() }.abi_encode());
        assert_eq!(list.decode(blocklist).unwrap().kind, Kind::List);
        let delist = of(IBlocklist::delistCall { batch: batch() }.abi_encode());
        assert_eq!(delist.decode(blocklist).unwrap().kind, Kind::Delist);
        let many = of(IBlocklist::delistManyCall { batch: batch() }.abi_encode());
        assert_eq!(many.decode(blocklist).unwrap().kind, Kind::DelistMany);

        assert!(list.decode(Address::repeat_byte(9)).is_err(), "another contract");
        let protect = of(IBlocklist::protectCall { accounts: vec![] }.abi_encode());
        assert!(protect.decode(blocklist).is_err(), "another function");
        let mut paying = list.clone();
        paying.values = vec![U256::ONE];
        assert!(paying.decode(blocklist).is_err(), "with value");
        let mut two = list.clone();
        two.targets.push(blocklist);
        two.values.push(U256::ZERO);
        two.calldatas.push(list.calldatas[0].clone());
        assert!(two.decode(blocklist).is_err(), "two calls");
    }
}
