//! Signed ballots, sent for those who signed them. What was cast already is passed over, and what
//! was cast is told even where a later ballot fails: the same command again sends the rest.

use std::path::PathBuf;

use alloy::primitives::{Address, B256};
use anyhow::Result;
use serde_json::{Value, json};

use super::{check_weight, not_open, opened};
use crate::council::{self, Proposal, State};
use crate::deployed::Deployed;
use crate::exit::{Exit, Failure, Report};
use crate::paper::ballot::{self, Ballot, Ballots};
use crate::sending::{self, Sender};
use crate::{output, text};

/// A vote that was cast.
pub(in crate::cmd) struct Cast {
    pub(super) word: &'static str,
    pub(super) voter: Address,
    pub(super) transaction: B256,
}

impl Cast {
    fn as_json(&self) -> Value {
        json!({ "vote": self.word, "voter": self.voter, "transaction": self.transaction })
    }
}

/// What became of ballots.
#[derive(Default)]
pub(in crate::cmd) struct Relayed {
    pub(super) cast: Vec<Cast>,
    /// Whose vote was there before: sent by an earlier run, by another relayer, or by themselves.
    already: Vec<Address>,
    /// What came after the vote was decided, which the contract would refuse.
    not_needed: Vec<PathBuf>,
    /// The ballot that failed, and what came after it.
    not_cast: Vec<PathBuf>,
    pub(in crate::cmd) failure: Option<Failure>,
}

/// Why a ballot is not to be sent.
#[derive(Clone, Copy)]
enum Fate {
    Already,
    NotNeeded,
}

/// Reads ballots and refuses all of them for one that could never count.
pub(in crate::cmd) async fn read(
    deployed: &Deployed,
    proposal: &Proposal,
    paths: &[PathBuf],
) -> Result<Ballots> {
    let ballots = ballot::read(deployed, proposal, paths).await?;
    for voter in ballots.keys() {
        check_weight(deployed, proposal, *voter).await?;
    }
    Ok(ballots)
}

/// Whether somebody here has signed the sending of one of these ballots, and does not know that it
/// landed.
pub(in crate::cmd) fn is_left(deployed: &Deployed, ballots: &Ballots) -> Result<bool> {
    let left = sending::left(&deployed.chain, deployed.book.council.address)?;
    let calls: Vec<Vec<u8>> = ballots.values().map(|(_, ballot)| ballot.call()).collect();
    Ok(left.iter().any(|left| calls.iter().any(|call| *left.data == **call)))
}

/// As [`sorted`], and refuses all where the vote is closed and nothing of it was ever sent.
pub(super) async fn sorted_while_open(
    deployed: &Deployed,
    proposal: &Proposal,
    ballots: Ballots,
) -> Result<(Relayed, Ballots)> {
    let (relayed, rest, state) = sorted(deployed, proposal, ballots).await?;
    let is_open = state == State::Active || is_left(deployed, &rest)?;
    if is_open || (rest.is_empty() && !relayed.already.is_empty()) {
        return Ok((relayed, rest));
    }
    Err(not_open(proposal, state).into())
}

/// Takes out what needs no sending, and says where the vote stood then: another relayer may decide
/// it between two looks.
pub(in crate::cmd) async fn sorted(
    deployed: &Deployed,
    proposal: &Proposal,
    ballots: Ballots,
) -> Result<(Relayed, Ballots, State)> {
    let left = sending::left(&deployed.chain, deployed.book.council.address)?;
    let (mut relayed, mut rest) = (Relayed::default(), Ballots::new());
    let state = opened(deployed, proposal).await?;
    for (voter, (path, ballot)) in ballots {
        let call = ballot.call();
        let is_left = left.iter().any(|left| *left.data == *call);
        match fate(deployed, proposal, voter, state).await? {
            Some(fate) if !is_left => relayed.pass_over(fate, voter, path),
            _ => _ = rest.insert(voter, (path, ballot)),
        }
    }
    Ok((relayed, rest, state))
}

async fn fate(
    deployed: &Deployed,
    proposal: &Proposal,
    voter: Address,
    state: State,
) -> Result<Option<Fate>> {
    if ballot::has_voted(deployed, voter, proposal.id).await? {
        return Ok(Some(Fate::Already));
    }
    let is_decided = matches!(state, State::Succeeded | State::Queued | State::Executed);
    Ok(is_decided.then_some(Fate::NotNeeded))
}

impl Relayed {
    pub(super) fn of(cast: Cast) -> Self {
        Self { cast: vec![cast], ..Self::default() }
    }

    fn pass_over(&mut self, fate: Fate, voter: Address, path: PathBuf) {
        match fate {
            Fate::Already => {
                output::progress(&format!("the vote of {voter} is cast already"));
                self.already.push(voter);
            }
            Fate::NotNeeded => {
                output::progress(&format!("{} is not needed any more", path.display()));
                self.not_needed.push(path);
            }
        }
    }

    /// Sends ballots until the vote is decided, or one fails: first what this sender had signed the
    /// sending of before, for nothing else of it can be sent until that has landed.
    pub(in crate::cmd) async fn send(
        &mut self,
        deployed: &Deployed,
        proposal: &Proposal,
        ballots: Ballots,
        sender: &Sender<'_>,
    ) -> Result<()> {
        let council = deployed.book.council.address;
        let (mut first, mut then) = (Vec::new(), Vec::new());
        for (voter, (path, ballot)) in ballots {
            let is_left = sender.has_left(council, &ballot.call())?;
            if is_left { &mut first } else { &mut then }.push((voter, path, ballot));
        }
        let mut all = first.into_iter().chain(then);
        while let Some((voter, path, ballot)) = all.next() {
            match one(deployed, proposal, &ballot, sender).await {
                Ok(Ok(transaction)) => {
                    self.cast.push(Cast { word: ballot.word(), voter, transaction });
                }
                Ok(Err(fate)) => self.pass_over(fate, voter, path),
                Err(error) => {
                    self.failure = Some(Failure::from_error(error));
                    self.not_cast.push(path);
                    self.not_cast.extend(all.map(|(_, path, _)| path));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// For programs; more members may be added.
    pub(in crate::cmd) fn data(&self) -> Value {
        json!({
            "cast": self.cast.iter().map(Cast::as_json).collect::<Vec<_>>(),
            "cast_already": self.already,
            "not_needed": self.not_needed,
            "not_cast": self.not_cast,
        })
    }

    /// For people.
    pub(in crate::cmd) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        for vote in &self.cast {
            facts.push(("voted", format!("{}, as {}", vote.word, vote.voter)));
            facts.push(("transaction", vote.transaction.to_string()));
        }
        facts.extend(self.already.iter().map(|voter| ("cast already", voter.to_string())));
        let named = |word, paths: &[PathBuf]| {
            let fact = |path: &PathBuf| (word, path.display().to_string());
            paths.iter().map(fact).collect::<Vec<_>>()
        };
        facts.extend(named("not needed", &self.not_needed));
        facts.extend(named("not cast", &self.not_cast));
        facts
    }

    /// A failure that came after votes were cast, with what is known of them; or the failure alone.
    pub(in crate::cmd) fn failed(&self, proposal: &Proposal, mut why: Failure) -> Result<Report> {
        if self.cast.is_empty() && self.already.is_empty() {
            return Err(why.into());
        }
        let again = || "the same command again goes on from here".to_owned();
        why.next.get_or_insert_with(again);
        let mut data = self.data();
        data["proposal"] = json!(council::shown(proposal.id));
        let mut report = Report::new(why.exit, data, text::facts(&self.facts()));
        report.failure = Some(why);
        Ok(report)
    }
}

/// Sends one ballot; or says why it needs no sending, also where another was faster.
async fn one(
    deployed: &Deployed,
    proposal: &Proposal,
    ballot: &Ballot,
    sender: &Sender<'_>,
) -> Result<Result<B256, Fate>> {
    let (council, voter) = (deployed.book.council.address, ballot.voter);
    let call = ballot.call();
    let now = async || fate(deployed, proposal, voter, proposal.state(deployed).await?).await;
    if !sender.has_left(council, &call)?
        && let Some(fate) = now().await?
    {
        return Ok(Err(fate));
    }
    output::progress(&format!("sending the ballot of {voter}"));
    let failure = match sender.send(council, call).await {
        Ok(receipt) => return Ok(Ok(receipt.transaction_hash)),
        Err(error) => Failure::from_error(error),
    };
    match failure.exit {
        Exit::Reverts => now().await?.map_or_else(|| Err(failure.into()), |fate| Ok(Err(fate))),
        _ => Err(failure.into()),
    }
}
