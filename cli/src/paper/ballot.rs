//! A member's signed ballot, which anyone may send: the file, and when it counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bytes, U256, Uint};
use alloy::sol_types::SolCall as _;
use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::signature;
use super::typed::{self, Typed, message};
use crate::bindings::Council;
use crate::council::{self, Proposal};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure};

/// The name of this format.
pub(crate) const SCHEMA: &str = "interdict.ballot/1";

const WHAT: &str = "ballot";

/// The words for the numbers that the council's contract gives to a choice.
const CHOICES: [&str; 3] = ["against", "for", "abstain"];

/// One member's signed vote on one proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ballot {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    pub(crate) chain_id: u64,
    pub(crate) council: Address,
    pub(crate) proposal: U256,
    /// 0 against, 1 for, 2 abstain.
    pub(crate) support: u8,
    pub(crate) voter: Address,
    pub(crate) nonce: U256,
    pub(crate) digest: B256,
    /// 65 bytes: r, s, v; or what the voter's ERC-1271 code understands.
    pub(crate) signature: Bytes,
}

/// Ballots by their voter, with the file each came from.
pub(crate) type Ballots = BTreeMap<Address, (PathBuf, Ballot)>;

/// The nonce under which a voter's ballot on a proposal counts: a proposal has its own (the
/// Governor's `NoncesKeyed`), so that a ballot on another one uses up nothing.
pub(crate) async fn nonce(deployed: &Deployed, voter: Address, proposal: U256) -> Result<U256> {
    let key: Uint<192, 3> = proposal.wrapping_to();
    let call = Council::nonces_1Call { owner: voter, key };
    deployed.chain.ask(deployed.book.council.address, &call, BlockId::pending()).await
}

/// Whether a vote on a proposal is cast, or is by what waits for the next block.
pub(crate) async fn has_voted(deployed: &Deployed, voter: Address, proposal: U256) -> Result<bool> {
    let call = Council::hasVotedCall { proposalId: proposal, account: voter };
    deployed.chain.ask(deployed.book.council.address, &call, BlockId::pending()).await
}

/// What a voter signs.
pub(crate) fn typed(deployed: &Deployed, ballot: message::Ballot) -> Typed {
    typed::ballot(ballot, deployed.chain.id, deployed.book.council.address)
}

impl Ballot {
    /// The choice in a word.
    pub(crate) fn word(&self) -> &'static str {
        CHOICES.get(usize::from(self.support)).copied().unwrap_or("unknown")
    }

    /// The call by which anyone casts it.
    pub(crate) fn call(&self) -> Vec<u8> {
        Council::castVoteBySigCall {
            proposalId: self.proposal,
            support: self.support,
            voter: self.voter,
            signature: self.signature.clone(),
        }
        .abi_encode()
    }

    /// Refuses a ballot that would not count for this proposal, or did not.
    async fn check(&self, deployed: &Deployed, proposal: &Proposal, path: &Path) -> Result<()> {
        let refused = |why: &str| signature::refused(path, WHAT, why);
        if self.schema != SCHEMA {
            let why = format!("has schema {:?}, this version reads {SCHEMA:?}", self.schema);
            return Err(refused(&why));
        }
        let (chain_id, council) = (deployed.chain.id, deployed.book.council.address);
        if (self.chain_id, self.council) != (chain_id, council) {
            let message = format!(
                "{} votes at {} on chain {}, not at {council} on chain {chain_id}",
                path.display(),
                self.council,
                self.chain_id,
            );
            return Err(Failure::new(Exit::Stale, "wrong_chain", message)
                .next("have the member vote on this council's proposal")
                .into());
        }
        if self.proposal != proposal.id {
            let (found, wanted) = (council::shown(self.proposal), council::shown(proposal.id));
            return Err(refused(&format!("votes on proposal {found}, not on {wanted}")));
        }
        if usize::from(self.support) >= CHOICES.len() {
            return Err(refused(&format!("has the unknown choice {}", self.support)));
        }
        // A vote that is cast has used its nonce; whether it is to be sent is told by that.
        let next = nonce(deployed, self.voter, self.proposal).await?;
        if self.nonce != next && !has_voted(deployed, self.voter, self.proposal).await? {
            return Err(refused("has been used, or its nonce is another"));
        }
        let message = message::Ballot {
            proposalId: self.proposal,
            support: self.support,
            voter: self.voter,
            nonce: self.nonce,
        };
        let digest = typed(deployed, message).hashes().digest;
        if digest != self.digest {
            return Err(refused(&format!("states the digest {}, it is {digest}", self.digest)));
        }
        let signed = signature::check_by(&deployed.chain, self.voter, digest, &self.signature);
        signed.await.map_err(|why| refused(&why.to_string()))
    }
}

/// Reads ballots and refuses whatever would not count, before any of them is sent.
pub(crate) async fn read(
    deployed: &Deployed,
    proposal: &Proposal,
    paths: &[PathBuf],
) -> Result<Ballots> {
    let mut ballots = Ballots::new();
    for path in paths {
        let ballot: Ballot = signature::read_file(path, WHAT)?;
        ballot.check(deployed, proposal, path).await?;
        if let Some((_, twice)) = ballots.insert(ballot.voter, (path.clone(), ballot)) {
            let why = format!("is a second one of {}", twice.voter);
            return Err(signature::refused(path, WHAT, &why));
        }
    }
    Ok(ballots)
}
