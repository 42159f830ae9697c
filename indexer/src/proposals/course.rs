//! How a proposal stands, as the council's own contracts answer.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use interdict_core::deployment::Deployment;
use serde_json::json;

use super::{Call, Course, DESCRIPTION_MAX_CHARS, Made, NotRead, Proposal, abi, shown};
use crate::chain::rpc::Rpc;
use crate::report::rfc3339;

/// The newest block.
const NEWEST: &str = "latest";
/// The block that comes next: a vote opens and ends by the clock, not by a transaction.
const NEXT: &str = "pending";
/// Stands for what was taken out of a description.
const TAKEN_OUT: char = '\u{fffd}';
/// Characters that change how what stands around them is read.
const UNSEEN: [std::ops::RangeInclusive<char>; 4] = [
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];

impl Made {
    /// Reads the event of a proposal's making.
    pub(super) fn read(book: &Deployment, event: abi::ProposalCreated) -> Self {
        let abi::ProposalCreated { targets, values, calldatas, .. } = event;
        // Of arrays of different lengths, which the council refuses, only what is whole is read.
        let calls = targets.iter().zip(&values).zip(&calldatas);
        let calls = calls.map(|((target, value), data)| Call::read(book, *target, *value, data));
        Self {
            id: event.proposalId,
            proposer: event.proposer,
            description: described(&event.description),
            opened: event.voteStart.saturating_to(),
            ends: event.voteEnd.saturating_to(),
            calls: calls.collect(),
            operations: targets.into_iter().zip(calldatas).collect(),
        }
    }

    /// Asks how it stands at a time of the chain.
    pub(super) async fn ask(
        &self,
        rpc: &Rpc,
        book: &Deployment,
        now: u64,
    ) -> Result<Proposal, NotRead> {
        let council = book.council.address;
        let id = self.id;
        let number = view(rpc, council, abi::stateCall { proposalId: id }, NEXT).await?;
        let course = Course::of(number).ok_or(NotRead::Course(number))?;
        let votes = view(rpc, council, abi::proposalVotesCall { proposalId: id }, NEWEST).await?;
        let due: u64 = view(rpc, council, abi::proposalEtaCall { proposalId: id }, NEWEST)
            .await?
            .saturating_to();
        let needed = if course.is_open() {
            // Before the vote opens its quorum lies in the future; the seats of now are as good.
            let timepoint = U256::from(self.opened.min(now.saturating_sub(1)));
            Some(view(rpc, council, abi::quorumCall { timepoint }, NEWEST).await?.saturating_to())
        } else {
            None
        };
        let course = match course {
            Course::Queued => self.waiting(rpc, book, (due, now)).await?,
            other => other,
        };
        Ok(Proposal {
            id: shown(id),
            course,
            proposer: self.proposer.to_checksum(None),
            description: self.description.clone(),
            vote_opened: time(self.opened),
            vote_ends: time(self.ends),
            due: (due > 0).then(|| time(due)),
            votes_for: votes.forVotes.saturating_to(),
            votes_against: votes.againstVotes.saturating_to(),
            abstentions: votes.abstainVotes.saturating_to(),
            needed,
            calls: self.calls.clone(),
        })
    }

    /// What is queued waits at the access manager, and the council does not hear when the guardian
    /// cancels it there, or when it waited too long.
    async fn waiting(
        &self,
        rpc: &Rpc,
        book: &Deployment,
        (due, now): (u64, u64),
    ) -> Result<Course, NotRead> {
        let (caller, manager) = (book.council.address, book.access_manager.address);
        for (target, data) in &self.operations {
            let call = abi::hashOperationCall { caller, target: *target, data: data.clone() };
            let id = view(rpc, manager, call, NEWEST).await?;
            if !view(rpc, manager, abi::getScheduleCall { id }, NEXT).await?.is_zero() {
                return Ok(Course::Queued);
            }
        }
        let kept = view(rpc, manager, abi::expirationCall {}, NEWEST).await?;
        let over = now >= due.saturating_add(kept.into());
        Ok(if over { Course::Expired } else { Course::Canceled })
    }
}

/// What a contract answers at a block.
async fn view<C: SolCall>(
    rpc: &Rpc,
    contract: Address,
    call: C,
    at: &str,
) -> Result<C::Return, NotRead> {
    let call = json!({ "to": contract, "data": Bytes::from(call.abi_encode()) });
    let answer: Option<Bytes> = rpc.call("eth_call", json!([call, at])).await?;
    let answer = answer.unwrap_or_default();
    C::abi_decode_returns_validate(&answer).map_err(|_| NotRead::Answer(C::SIGNATURE))
}

fn time(seconds: u64) -> String {
    rfc3339(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// A description without what could act, on one line, cut.
pub(super) fn described(text: &str) -> String {
    let harmless = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        unseen if unseen.is_control() || UNSEEN.iter().any(|r| r.contains(&unseen)) => TAKEN_OUT,
        letter => letter,
    };
    let mut kept: String =
        text.trim().chars().map(harmless).take(DESCRIPTION_MAX_CHARS + 1).collect();
    if kept.chars().count() > DESCRIPTION_MAX_CHARS {
        kept = kept.chars().take(DESCRIPTION_MAX_CHARS - 1).collect();
        kept.push('…');
    }
    kept
}
