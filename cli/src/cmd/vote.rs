//! `vote`: a member's vote on a proposal, after showing what the proposal does. Cast by the member,
//! signed for anyone to send, or sent for those who signed.

use std::path::PathBuf;
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256};
use alloy::sol_types::SolCall as _;
use anyhow::Result;
use serde_json::{Value, json};

use super::sign;
use crate::args::{Global, VoteArgs};
use crate::ballot::{self, Ballot, Ballots, SCHEMA};
use crate::bindings::Council;
use crate::council::{self, Proposal, State};
use crate::deed::Deed;
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::safe::{self, Call};
use crate::sending::Sender;
use crate::typed::message;
use crate::{file, output, text, wallet};

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
        return signed(&deployed, &proposal, &args).await;
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
    check_open(&deployed, &proposal).await?;
    check_seat(&deployed, &proposal, member.address()).await?;
    let receipt = member.send(council, call).await?;
    let cast = [Cast { word, voter: member.address(), transaction: receipt.transaction_hash }];
    report(&deployed, &proposal, &cast, &[]).await
}

/// A vote that was cast.
pub(super) struct Cast {
    word: &'static str,
    voter: Address,
    transaction: B256,
}

/// Where the vote stands after these were cast, and these were not needed any more.
async fn report(
    deployed: &Deployed,
    proposal: &Proposal,
    cast: &[Cast],
    unsent: &[PathBuf],
) -> Result<Report> {
    let (tally, state) = (proposal.tally(deployed).await?, proposal.state(deployed).await?);
    let id = council::shown(proposal.id);
    let mut data = json!({
        "proposal": id,
        "cast": cast.iter().map(as_json).collect::<Vec<_>>(),
        "not_needed": unsent,
        "for": tally.votes_for.to_string(),
        "against": tally.against.to_string(),
        "abstain": tally.abstain.to_string(),
        "needed": tally.needed.to_string(),
        "state": state.word(),
    });
    if let [only] = cast {
        data["vote"] = json!(only.word);
        data["voter"] = json!(only.voter);
        data["transaction"] = json!(only.transaction);
    }
    let mut facts = Vec::new();
    for vote in cast {
        facts.push(("voted", format!("{}, as {}", vote.word, vote.voter)));
        facts.push(("transaction", vote.transaction.to_string()));
    }
    facts.extend([("tally", tally.line()), ("state", state.word().to_owned())]);
    facts.extend(unsent.iter().map(|path| ("not needed", path.display().to_string())));
    let next = match state {
        State::Succeeded => format!("`interdict execute {id}`"),
        _ => format!("other members: `interdict vote {id} --for`"),
    };
    Ok(Report::done(data, text::facts(&facts)).next(next))
}

fn as_json(cast: &Cast) -> Value {
    json!({ "vote": cast.word, "voter": cast.voter, "transaction": cast.transaction })
}

async fn relay_all(
    deployed: &Deployed,
    proposal: &Proposal,
    deeds: &[Deed],
    args: &VoteArgs,
) -> Result<Report> {
    let ballots = checked(deployed, proposal, &args.choice.ballot).await?;
    let n = text::count(ballots.len(), "ballot", "ballots");
    let what = format!("send {n}: {}", Proposal::line(deeds));
    let relayer = Sender::open(&deployed.chain, &args.send, &what).await?;
    let (cast, unsent) = relay(deployed, proposal, ballots, &relayer).await?;
    report(deployed, proposal, &cast, &unsent).await
}

/// Reads ballots and refuses all of them for one that would not count.
pub(super) async fn checked(
    deployed: &Deployed,
    proposal: &Proposal,
    paths: &[PathBuf],
) -> Result<Ballots> {
    check_open(deployed, proposal).await?;
    let ballots = ballot::read(deployed, proposal, paths).await?;
    for voter in ballots.keys() {
        check_seat(deployed, proposal, *voter).await?;
    }
    Ok(ballots)
}

/// Sends ballots until the vote is decided; what comes after that the contract would refuse.
pub(super) async fn relay(
    deployed: &Deployed,
    proposal: &Proposal,
    ballots: Ballots,
    relayer: &Sender<'_>,
) -> Result<(Vec<Cast>, Vec<PathBuf>)> {
    let council = deployed.book.council.address;
    let (mut cast, mut unsent) = (Vec::new(), Vec::new());
    for (voter, (path, ballot)) in ballots {
        if !cast.is_empty() && proposal.state(deployed).await? == State::Succeeded {
            output::progress(&format!("{} is not needed any more", path.display()));
            unsent.push(path);
            continue;
        }
        output::progress(&format!("sending the ballot of {voter}"));
        let receipt = relayer.send(council, ballot.call()).await?;
        cast.push(Cast { word: ballot.word(), voter, transaction: receipt.transaction_hash });
    }
    Ok((cast, unsent))
}

/// A ballot for anyone to send, or what another tool is to sign for one.
async fn signed(deployed: &Deployed, proposal: &Proposal, args: &VoteArgs) -> Result<Report> {
    check_open(deployed, proposal).await?;
    let id = council::shown(proposal.id);
    let elsewhere = &args.elsewhere;
    let taken = sign::taken(elsewhere)?;
    let mut member = None;
    let voter = match args.voter.or(elsewhere.signer) {
        Some(voter) => voter,
        None if taken.is_some() || elsewhere.typed_data.is_some() => {
            let message = "who votes is part of what is signed, and --voter is not given";
            return Err(Failure::new(Exit::Usage, "usage", message)
                .next("add --voter <ADDRESS>")
                .into());
        }
        None => member.insert(wallet::open(&args.send.wallet, deployed.chain.id).await?).address(),
    };
    check_seat(deployed, proposal, voter).await?;
    let (support, _) = args.choice.support();
    let nonce = ballot::nonce(deployed, voter, proposal.id).await?;
    let message = message::Ballot { proposalId: proposal.id, support, voter, nonce };
    let typed = ballot::typed(deployed, message);
    let digest = typed.hashes().digest;
    if let Some(path) = &elsewhere.typed_data {
        file::write(path, format!("{:#}\n", typed.to_json()).as_bytes())?;
        let path = path.display().to_string();
        let data = json!({ "file": path, "digest": digest });
        let next =
            format!("`cast wallet sign --data --from-file {path}`, then vote with --signature 0x…");
        return Ok(Report::done(data, path).next(next));
    }
    let signature = match (taken, member) {
        (Some(signature), _) => signature,
        (None, Some(member)) => typed.sign(&member).await?,
        (None, None) => {
            let member = wallet::open(&args.send.wallet, deployed.chain.id).await?;
            typed.sign(&member).await?
        }
    };
    let (chain_id, council) = (deployed.chain.id, deployed.book.council.address);
    crate::signature::check_by(&deployed.chain, voter, digest, &signature).await?;
    let (schema, proposal) = (SCHEMA.to_owned(), proposal.id);
    let ballot =
        Ballot { schema, chain_id, council, proposal, support, voter, nonce, digest, signature };
    let text = serde_json::to_string_pretty(&ballot)?;
    let data = json!({ "ballot": ballot, "file": args.out });
    let (shown, name) = match &args.out {
        Some(path) => {
            file::write(path, format!("{text}\n").as_bytes())?;
            (path.display().to_string(), path.display().to_string())
        }
        None => (text, "<FILE>".to_owned()),
    };
    Ok(Report::done(data, shown).next(format!("anyone: `interdict vote {id} --ballot {name}`")))
}

/// The council's contract takes a stranger's vote and counts it for nothing.
async fn check_seat(deployed: &Deployed, proposal: &Proposal, account: Address) -> Result<()> {
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let snapshot = Council::proposalSnapshotCall { proposalId: proposal.id };
    let timepoint = chain.ask(council, &snapshot, BlockId::latest()).await?;
    let weight = Council::getVotesCall { account, timepoint };
    if chain.ask(council, &weight, BlockId::pending()).await?.is_zero() {
        let message = format!("{account} had no seat when the proposal was made: it has no vote");
        return Err(Failure::new(Exit::Failed, "not_member", message)
            .next("vote with the key of a member")
            .into());
    }
    let already = Council::hasVotedCall { proposalId: proposal.id, account };
    if chain.ask(council, &already, BlockId::pending()).await? {
        let message = format!("{account} has voted on this proposal already");
        return Err(Failure::new(Exit::Failed, "voted", message)
            .next("a vote cannot be changed: `interdict status` shows the tally")
            .into());
    }
    Ok(())
}

async fn check_open(deployed: &Deployed, proposal: &Proposal) -> Result<()> {
    let opened = async {
        loop {
            match proposal.state(deployed).await? {
                State::Pending => tokio::time::sleep(OPENS_POLL).await,
                state => return anyhow::Ok(state),
            }
        }
    };
    let state = tokio::time::timeout(OPENS_WAIT_MAX, opened).await;
    let (word, next) = match state {
        Ok(state) => match state? {
            State::Active => return Ok(()),
            State::Succeeded => ("has its quorum already", "`interdict execute` it"),
            State::Queued => ("has succeeded and is queued", "`interdict execute` it when due"),
            State::Executed => ("has been executed", "nothing is left to do"),
            State::Defeated => ("was defeated", "propose it again if it still holds"),
            State::Expired => ("has expired", "propose it again if it still holds"),
            State::Canceled => ("was canceled", "propose it again if it still holds"),
            State::Pending => ("is pending", "run again"),
        },
        Err(_) => ("has not opened yet", "run again in a moment"),
    };
    let message = format!("the vote on {} {word}", council::shown(proposal.id));
    Err(Failure::new(Exit::Failed, "not_open", message).next(next).into())
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
