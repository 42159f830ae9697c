//! Proposals as the council's events tell them, each believed only with what its id binds.

use alloy::primitives::{U256, keccak256};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use anyhow::{Context as _, Result, ensure};

use super::{Proposal, shown};
use crate::bindings::Council;
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};
use crate::list;

mod event {
    alloy::sol! {
        /// What the council's event says of a proposal's making. The description is as bytes, for
        /// anyone may propose, and its hash is of what was written.
        struct Made {
            uint256 id;
            address proposer;
            address[] targets;
            uint256[] values;
            string[] signatures;
            bytes[] calldatas;
            uint256 voteStart;
            uint256 voteEnd;
            bytes description;
        }
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
    logs.iter().map(created).collect()
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
    let block = proposal.block.context("the node gave a proposal without its block")?;
    Ok((proposal, block))
}

/// Reads the event of a proposal's making. A node may give one proposal's id with what another does
/// (T46, T48): what does not hash to its id is refused.
pub(crate) fn created(log: &Log) -> Result<Proposal> {
    let unreadable = "the council's event of a proposal cannot be read";
    ensure!(log.topics() == [Council::ProposalCreated::SIGNATURE_HASH], unreadable);
    let made = event::Made::abi_decode_params(&log.inner.data.data).context(unreadable)?;
    let proposal = Proposal {
        id: made.id,
        targets: made.targets,
        values: made.values,
        calldatas: made.calldatas,
        description_hash: keccak256(&made.description),
        description: String::from_utf8_lossy(&made.description).into_owned(),
        vote_end: made.voteEnd.saturating_to(),
        block: log.block_number,
    };
    let bound = proposal.bound_id();
    if bound == proposal.id {
        return Ok(proposal);
    }
    let message = format!(
        "the node gives the proposal {} with what the proposal {} would do: it lies",
        shown(proposal.id),
        shown(bound)
    );
    Err(Failure::new(Exit::Stale, "wrong_proposal", message)
        .next("vote on nothing that this node shows: ask another by --rpc-url, or your own")
        .into())
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, LogData};

    use super::*;

    fn proposal(description: &[u8]) -> Proposal {
        Proposal {
            id: U256::ZERO,
            targets: vec![Address::repeat_byte(5)],
            values: vec![U256::ZERO],
            calldatas: vec![vec![1, 2, 3, 4].into()],
            description: String::from_utf8_lossy(description).into_owned(),
            description_hash: keccak256(description),
            vote_end: 2,
            block: None,
        }
    }

    /// The council's event that gives an id, and what a proposal does.
    fn told(id: U256, proposal: &Proposal, description: &[u8]) -> Log {
        let made = event::Made {
            id,
            proposer: Address::repeat_byte(8),
            targets: proposal.targets.clone(),
            values: proposal.values.clone(),
            signatures: vec![String::new(); proposal.targets.len()],
            calldatas: proposal.calldatas.clone(),
            voteStart: U256::from(1),
            voteEnd: U256::from(proposal.vote_end),
            description: description.to_vec().into(),
        };
        let topics = vec![Council::ProposalCreated::SIGNATURE_HASH];
        let data = LogData::new_unchecked(topics, made.abi_encode_params().into());
        let inner = alloy::primitives::Log { address: Address::repeat_byte(3), data };
        Log { inner, ..Log::default() }
    }

    #[test]
    fn t46_an_id_is_believed_only_with_what_it_binds() {
        let [one, other] = [proposal(b"one"), proposal(b"other")];
        let read = created(&told(one.bound_id(), &one, b"one")).unwrap();
        assert_eq!((read.id, read.vote_end, &*read.description), (one.bound_id(), 2, "one"));
        let refused = created(&told(other.bound_id(), &one, b"one")).unwrap_err();
        let refused = Failure::from_error(refused);
        assert_eq!((refused.exit, refused.code), (Exit::Stale, "wrong_proposal"));
    }

    /// Anyone may write what is no text: that is a proposal like any other, and spoils no command.
    #[test]
    fn t46_a_description_that_is_no_text_keeps_its_hash() {
        let odd = proposal(b"\xff");
        let read = created(&told(odd.bound_id(), &odd, b"\xff")).unwrap();
        assert_eq!(read.description, "\u{fffd}");
        assert_eq!(read.execute_call(), odd.execute_call());
    }
}
