//! The council's proposals: written, found again on chain, and read by our own ABI only.

pub(crate) mod course;
pub(crate) mod deed;
mod made;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, U256, aliases::U48, keccak256};
use alloy::sol_types::{SolCall as _, SolValue as _};
use anyhow::{Context as _, Result};
use interdict_core::deployment::Deployment;

use self::deed::Deed;
pub(crate) use self::made::{created, find, find_with_block, proposals, proposals_between};
use crate::bindings::{AccessManager, Council};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};

/// A proposal as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) id: U256,
    pub(crate) targets: Vec<Address>,
    pub(crate) values: Vec<U256>,
    pub(crate) calldatas: Vec<Bytes>,
    /// As it is shown. What is no UTF-8 is replaced here, and is hashed as it is.
    pub(crate) description: String,
    description_hash: B256,
    /// When the vote closes, unix seconds.
    pub(crate) vote_end: u64,
    /// The block that it was made in, once it is made.
    block: Option<u64>,
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
    /// A proposal that is to be made.
    pub(crate) fn of_deeds(book: &Deployment, deeds: &[Deed], description: String) -> Self {
        let (targets, calls): (Vec<_>, Vec<_>) = deeds.iter().map(|deed| deed.call(book)).unzip();
        Self {
            id: U256::ZERO,
            values: vec![U256::ZERO; targets.len()],
            targets,
            calldatas: calls.into_iter().map(Into::into).collect(),
            description_hash: keccak256(description.as_bytes()),
            description,
            vote_end: 0,
            block: None,
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
            descriptionHash: self.description_hash,
        }
        .abi_encode()
    }

    pub(crate) fn execute_call(&self) -> Vec<u8> {
        Council::executeCall {
            targets: self.targets.clone(),
            values: self.values.clone(),
            calldatas: self.calldatas.clone(),
            descriptionHash: self.description_hash,
        }
        .abi_encode()
    }

    /// The id that the council gives to what this would do (the Governor's `hashProposal`): no two
    /// proposals have one, so that who votes on an id votes on what was shown.
    fn bound_id(&self) -> U256 {
        let bound = (
            self.targets.clone(),
            self.values.clone(),
            self.calldatas.clone(),
            self.description_hash,
        );
        keccak256(bound.abi_encode_params()).into()
    }

    /// Reads what it does by our own ABI: what the council does with its list and its seats, and
    /// nothing else.
    pub(crate) fn decode(&self, book: &Deployment) -> Result<Vec<Deed>> {
        let foreign = |why: String| {
            Failure::new(Exit::Failed, "foreign_proposal", format!("this proposal {why}"))
                .next("do not vote by this tool; ask whoever proposed it what it does")
        };
        let lengths = [self.targets.len(), self.values.len(), self.calldatas.len()];
        if lengths[0] == 0 || lengths.iter().any(|length| *length != lengths[0]) {
            return Err(foreign(format!("has {lengths:?} targets, values and calls")).into());
        }
        let calls = self.targets.iter().zip(&self.values).zip(&self.calldatas);
        let deeds = calls.map(|((target, value), data)| {
            if !value.is_zero() {
                return Err(foreign(format!("sends {value} wei to {target}")).into());
            }
            let selector = alloy::hex::encode_prefixed(data.get(..4).unwrap_or(data));
            let Some(deed) = Deed::read(book, *target, data) else {
                let why = format!("calls {target} with {selector}, which is none of our words");
                return Err(foreign(why).into());
            };
            // Else another tool would show another Calldata Digest for the same deed.
            if deed.call(book).1 != **data {
                let why = format!("calls {target} with {selector} in other bytes than ours");
                return Err(foreign(why).into());
            }
            Ok(deed)
        });
        deeds.collect()
    }

    /// All that it does, in a few words.
    pub(crate) fn line(deeds: &[Deed]) -> String {
        deeds.iter().map(Deed::line).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn state(&self, deployed: &Deployed) -> Result<State> {
        let call = Council::stateCall { proposalId: self.id };
        let council = deployed.book.council.address;
        // In the block that comes next: a vote opens by the clock, not by a transaction.
        let number = deployed.chain.ask(council, &call, BlockId::pending()).await?;
        let state = State::ALL
            .into_iter()
            .find(|state| *state as u8 == number)
            .with_context(|| "the council is in a state that this version does not know")?;
        if state == State::Queued && self.scheduled(deployed).await?.is_empty() {
            return self.gone(deployed).await;
        }
        Ok(state)
    }

    /// The calls that wait at the access manager, where the guardian may cancel them.
    pub(crate) async fn scheduled(&self, deployed: &Deployed) -> Result<Vec<(Address, Bytes)>> {
        let (chain, manager) = (&deployed.chain, deployed.book.access_manager.address);
        let caller = deployed.book.council.address;
        let mut waiting = Vec::new();
        for (&target, data) in self.targets.iter().zip(&self.calldatas) {
            let call = AccessManager::hashOperationCall { caller, target, data: data.clone() };
            let id = chain.ask(manager, &call, BlockId::latest()).await?;
            let call = AccessManager::getScheduleCall { id };
            if chain.ask(manager, &call, BlockId::pending()).await? != U48::ZERO {
                waiting.push((target, data.clone()));
            }
        }
        Ok(waiting)
    }

    /// What was queued and waits no more: the council's contract does not hear of it.
    async fn gone(&self, deployed: &Deployed) -> Result<State> {
        let (chain, council) = (&deployed.chain, deployed.book.council.address);
        let call = Council::proposalEtaCall { proposalId: self.id };
        let due: u64 = chain.ask(council, &call, BlockId::latest()).await?.saturating_to();
        let kept = kept(deployed).await?;
        let now = chain.latest().await?.time;
        Ok(if now >= due + kept { State::Expired } else { State::Canceled })
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

/// How long the access manager keeps what was queued once its delay is over, in seconds.
pub(crate) async fn kept(deployed: &Deployed) -> Result<u64> {
    let manager = deployed.book.access_manager.address;
    let call = AccessManager::expirationCall {};
    Ok(deployed.chain.ask(manager, &call, BlockId::latest()).await?.into())
}

/// A proposal's id as it is shown and accepted.
pub(crate) fn shown(id: U256) -> String {
    format!("0x{id:064x}")
}

#[cfg(test)]
mod tests {
    use alloy::primitives::aliases::U40;
    use interdict_core::contract::IBlocklist;
    use interdict_core::deployment::{Contract, Delays, Parameters, SCHEMA};

    use super::*;

    fn book() -> Deployment {
        let contract = |n| Contract { address: Address::repeat_byte(n), code_hash: B256::ZERO };
        Deployment {
            schema: SCHEMA.to_owned(),
            chain_id: 1,
            genesis_hash: B256::ZERO,
            block: 0,
            access_manager: contract(1),
            seats: contract(2),
            council: contract(3),
            signed_act: contract(4),
            blocklist: contract(5),
            parameters: Parameters {
                members: vec![],
                guardian: None,
                keeper: None,
                term_seconds: 3600,
                holds_per_day: 1000,
                voting_period_seconds: 300,
                vote_quorum_percent: 50,
                signature_quorum_percent: 50,
                delays: Delays::DEFAULT,
            },
        }
    }

    fn batch() -> IBlocklist::Batch {
        let entry =
            IBlocklist::Entry { account: Address::repeat_byte(2), uid: 7, designatedOn: U40::ZERO };
        let manifest = B256::repeat_byte(3);
        IBlocklist::Batch { manifest, sources: 1, dataAsOf: U40::from(9), entries: vec![entry] }
    }

    fn deeds() -> Vec<Deed> {
        let one = Address::repeat_byte(7);
        vec![
            Deed::List(batch()),
            Deed::Delist(batch()),
            Deed::DelistMany(batch()),
            Deed::Protect(vec![one]),
            Deed::Unprotect(vec![one]),
            Deed::AddMember(one),
            Deed::RemoveMember(one),
        ]
    }

    #[test]
    fn every_deed_is_read_as_what_was_written() {
        let proposal = Proposal::of_deeds(&book(), &deeds(), "why".to_owned());
        let read = proposal.decode(&book()).unwrap();
        assert_eq!(Proposal::line(&read), Proposal::line(&deeds()));
        assert_eq!(read.len(), deeds().len());
        for (read, written) in read.iter().zip(deeds()) {
            assert_eq!(read.call(&book()), written.call(&book()));
        }
    }

    #[test]
    fn t46_what_is_none_of_our_words_is_not_voted_on() {
        let good = Proposal::of_deeds(&book(), &deeds(), "why".to_owned());
        let foreign = |change: fn(&mut Proposal)| {
            let mut changed = good.clone();
            change(&mut changed);
            assert!(changed.decode(&book()).is_err());
        };
        foreign(|p| p.targets[0] = Address::repeat_byte(1));
        foreign(|p| p.targets[5] = Address::repeat_byte(5));
        foreign(|p| p.values[6] = U256::ONE);
        foreign(|p| p.calldatas[3] = Bytes::from(vec![1, 2]));
        foreign(|p| p.calldatas[0] = [&p.calldatas[0][..], &[0; 32]].concat().into());
        foreign(|p| p.calldatas[5] = [&p.calldatas[5][..], &[0; 32]].concat().into());
        foreign(|p| _ = p.calldatas.pop());
        foreign(|p| _ = p.values.pop());
        foreign(|p| (p.targets, p.values, p.calldatas) = (vec![], vec![], vec![]));
    }
}
