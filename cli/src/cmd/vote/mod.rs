//! `vote`: a member's vote on a proposal, after showing what the proposal does. Cast by the member,
//! signed for anyone to send, or sent for those who signed.

mod relay;
mod signed;

use std::time::Duration;

use alloy::eips::BlockId;
use alloy::primitives::Address;
use alloy::sol_types::SolCall as _;
use anyhow::Result;
use serde_json::json;

use self::relay::Cast;
pub(super) use self::relay::{Relayed, is_left, read, sorted};
use crate::args::{Global, VoteArgs};
use crate::bindings::Council;
use crate::council::deed::Deed;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::paper::ballot;
use crate::paper::safe::{self, Call};
use crate::sending::Sender;
use crate::{output, text};

/// A vote opens in the second after its proposal: the block that holds it is soon there.
const OPENS_WAIT_MAX: Duration = Duration::from_secs(30);
const OPENS_POLL: Duration = Duration::from_millis(300);

pub(crate) async fn run(global: &Global, args: VoteArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    let deeds = proposal.decode(&deployed.book)?;
    output::show(&describe(&proposal, &deeds));
    if !args.choice.ballot.is_empty() {
        return relay_all(&deployed, &proposal, &deeds, &args).await;
    }
    let (support, word) = args.choice.support();
    let elsewhere = &args.elsewhere;
    let by_signature = elsewhere.signature.is_some() || elsewhere.signature_file.is_some();
    if args.sign_only || by_signature || elsewhere.typed_data.is_some() {
        return signed::run(&deployed, &proposal, &args).await;
    }
    let what = format!("vote {word}: {}", Proposal::line(&deeds));
    let council = deployed.book.council.address;
    let call = Council::castVoteCall { proposalId: proposal.id, support }.abi_encode();
    if let Some(safe) = args.safe.safe {
        check_open(&deployed, &proposal).await?;
        check_seat(&deployed, &proposal, safe).await?;
        let calls = vec![Call { to: council, data: call.clone() }];
        if let Some(report) = safe::write(&deployed.chain, &args.safe, &what, calls).await? {
            return Ok(report);
        }
    }
    output::progress(&format!("voting {word}"));
    let member = Sender::open(&deployed.chain, &args.send, &what).await?;
    // What this wallet signed before and left is taken up, also where the vote is decided by it.
    if !member.has_left(council, &call)? {
        check_open(&deployed, &proposal).await?;
        check_seat(&deployed, &proposal, member.address()).await?;
    }
    let receipt = member.send(council, call).await?;
    let cast = Cast { word, voter: member.address(), transaction: receipt.transaction_hash };
    report(&deployed, &proposal, Relayed::of(cast)).await
}

async fn relay_all(
    deployed: &Deployed,
    proposal: &Proposal,
    deeds: &[Deed],
    args: &VoteArgs,
) -> Result<Report> {
    let ballots = relay::read(deployed, proposal, &args.choice.ballot).await?;
    let (mut votes, rest) = relay::sorted_while_open(deployed, proposal, ballots).await?;
    if !rest.is_empty() {
        let n = text::count(rest.len(), "ballot", "ballots");
        let what = format!("send {n}: {}", Proposal::line(deeds));
        let relayer = Sender::open(&deployed.chain, &args.send, &what).await?;
        votes.send(deployed, proposal, rest, &relayer).await?;
    }
    report(deployed, proposal, votes).await
}

/// Where the vote stands after all that.
async fn report(deployed: &Deployed, proposal: &Proposal, mut votes: Relayed) -> Result<Report> {
    if let Some(failure) = votes.failure.take() {
        return votes.failed(proposal, failure);
    }
    let (tally, state) = (proposal.tally(deployed).await?, proposal.state(deployed).await?);
    let id = council::shown(proposal.id);
    let mut data = votes.data();
    data["proposal"] = json!(id);
    data["for"] = json!(tally.votes_for.to_string());
    data["against"] = json!(tally.against.to_string());
    data["abstain"] = json!(tally.abstain.to_string());
    data["needed"] = json!(tally.needed.to_string());
    data["state"] = json!(state.word());
    if let [only] = &*votes.cast {
        data["vote"] = json!(only.word);
        data["voter"] = json!(only.voter);
        data["transaction"] = json!(only.transaction);
    }
    let mut facts = votes.facts();
    facts.extend([("tally", tally.line()), ("state", state.word().to_owned())]);
    let report = Report::done(data, text::facts(&facts));
    Ok(match state {
        State::Succeeded | State::Queued => report.next(format!("`interdict execute {id}`")),
        State::Pending | State::Active => {
            report.next(format!("other members: `interdict vote {id} --for`"))
        }
        _ => report,
    })
}

/// The council's contract takes a stranger's vote and counts it for nothing.
async fn check_weight(deployed: &Deployed, proposal: &Proposal, account: Address) -> Result<()> {
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let snapshot = Council::proposalSnapshotCall { proposalId: proposal.id };
    let timepoint = chain.ask(council, &snapshot, BlockId::latest()).await?;
    let weight = Council::getVotesCall { account, timepoint };
    if !chain.ask(council, &weight, BlockId::pending()).await?.is_zero() {
        return Ok(());
    }
    let message = format!("{account} had no seat when the proposal was made: it has no vote");
    Err(Failure::new(Exit::Failed, "not_member", message)
        .next("vote with the key of a member")
        .into())
}

async fn check_seat(deployed: &Deployed, proposal: &Proposal, account: Address) -> Result<()> {
    check_weight(deployed, proposal, account).await?;
    if !ballot::has_voted(deployed, account, proposal.id).await? {
        return Ok(());
    }
    let message = format!("{account} has voted on this proposal already");
    Err(Failure::new(Exit::Failed, "voted", message)
        .next("a vote cannot be changed: `interdict status` shows the tally")
        .into())
}

async fn check_open(deployed: &Deployed, proposal: &Proposal) -> Result<()> {
    match opened(deployed, proposal).await? {
        State::Active => Ok(()),
        state => Err(not_open(proposal, state).into()),
    }
}

/// Where it stands once it is open, for which it waits a moment.
async fn opened(deployed: &Deployed, proposal: &Proposal) -> Result<State> {
    let opened = async {
        loop {
            match proposal.state(deployed).await? {
                State::Pending => tokio::time::sleep(OPENS_POLL).await,
                state => return anyhow::Ok(state),
            }
        }
    };
    tokio::time::timeout(OPENS_WAIT_MAX, opened).await.unwrap_or(Ok(State::Pending))
}

fn not_open(proposal: &Proposal, state: State) -> Failure {
    let (word, next) = match state {
        State::Succeeded => ("has its quorum already", "`interdict execute` it"),
        State::Queued => ("has succeeded and is queued", "`interdict execute` it when due"),
        State::Executed => ("has been executed", "nothing is left to do"),
        State::Defeated => ("was defeated", "propose it again if it still holds"),
        State::Expired => ("has expired", "propose it again if it still holds"),
        State::Canceled => ("was canceled", "propose it again if it still holds"),
        State::Pending | State::Active => ("has not opened yet", "run again in a moment"),
    };
    let message = format!("the vote on {} {word}", council::shown(proposal.id));
    Failure::new(Exit::Failed, "not_open", message).next(next)
}

/// The proposal for people, in full: every address it names.
pub(super) fn describe(proposal: &Proposal, deeds: &[Deed]) -> String {
    let facts = text::facts(&[
        ("proposal", council::shown(proposal.id)),
        ("says", text::printable(&proposal.description)),
        ("vote closes", text::time(proposal.vote_end)),
    ]);
    let deeds = deeds.iter().map(Deed::describe);
    deeds.chain([facts]).collect::<Vec<_>>().join("\n\n")
}
