//! `execute`: puts a proposal that succeeded into force, or into the queue where it must wait.

use alloy::eips::BlockId;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use serde_json::json;

use super::act;
use super::vote::{self, Relayed};
use crate::args::{ExecuteArgs, Global};
use crate::bindings::Council;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::paper::safe::{self, Call};
use crate::sending::{self, Sender};
use crate::{output, text};

pub(crate) async fn run(global: &Global, args: ExecuteArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    let line = Proposal::line(&proposal.decode(&deployed.book)?);
    let mut relayer = None;
    if args.safe.safe.is_none() && is_left(&deployed, &proposal)? {
        let what = format!("execute: {line}");
        let sender = relayer.insert(Sender::open(&deployed.chain, &args.send, &what).await?);
        if let Some(report) = resumed(&deployed, &proposal, sender).await? {
            return Ok(report);
        }
    }
    let mut votes = Relayed::default();
    if !args.ballots.is_empty() {
        votes = relay(&deployed, &proposal, &line, &args, &mut relayer).await?;
    }
    let ending = match votes.failure.take() {
        Some(failure) => Err(failure.into()),
        None => after_vote(&deployed, &proposal, &line, &args, relayer, &votes).await,
    };
    ending.or_else(|error| votes.failed(&proposal, Failure::from_error(error)))
}

/// Whether somebody here has signed the execution, or the queueing, and does not know that it
/// landed.
fn is_left(deployed: &Deployed, proposal: &Proposal) -> Result<bool> {
    let left = sending::left(&deployed.chain, deployed.book.council.address)?;
    let own = [proposal.execute_call(), proposal.queue_call()];
    Ok(left.iter().any(|left| own.iter().any(|call| *left.data == **call)))
}

/// Goes on with what this sender has signed before.
async fn resumed(
    deployed: &Deployed,
    proposal: &Proposal,
    relayer: &Sender<'_>,
) -> Result<Option<Report>> {
    let (council, votes) = (deployed.book.council.address, Relayed::default());
    if relayer.has_left(council, &proposal.execute_call())? {
        return execute(deployed, proposal, relayer, &votes).await.map(Some);
    }
    if relayer.has_left(council, &proposal.queue_call())? {
        return queue(deployed, proposal, relayer, &votes).await.map(Some);
    }
    Ok(None)
}

/// Sends the ballots that are given, while the vote is open.
async fn relay<'a>(
    deployed: &'a Deployed,
    proposal: &Proposal,
    line: &str,
    args: &ExecuteArgs,
    relayer: &mut Option<Sender<'a>>,
) -> Result<Relayed> {
    let ballots = vote::read(deployed, proposal, &args.ballots).await?;
    let state = proposal.state(deployed).await?;
    let is_open = matches!(state, State::Pending | State::Active);
    if !is_open && !vote::is_left(deployed, &ballots)? {
        output::warn(&format!("the vote is {}: no ballot is sent", state.word()));
        return Ok(Relayed::default());
    }
    // Where it was closed meanwhile, what comes next says how.
    let (mut votes, rest, _) = vote::sorted(deployed, proposal, ballots).await?;
    if !rest.is_empty() {
        if relayer.is_none() {
            let n = text::count(rest.len(), "ballot", "ballots");
            let what = format!("send {n} and execute: {line}");
            *relayer = Some(Sender::open(&deployed.chain, &args.send, &what).await?);
        }
        if let Some(relayer) = relayer {
            votes.send(deployed, proposal, rest, relayer).await?;
        }
    }
    Ok(votes)
}

/// Queues or executes, whichever comes now.
async fn after_vote(
    deployed: &Deployed,
    proposal: &Proposal,
    line: &str,
    args: &ExecuteArgs,
    relayer: Option<Sender<'_>>,
    votes: &Relayed,
) -> Result<Report> {
    let queues = match proposal.state(deployed).await? {
        State::Succeeded => needs_queuing(deployed, proposal).await?,
        State::Queued => {
            check_due(deployed, proposal).await?;
            false
        }
        state => return Err(not_executable(deployed, proposal, state).await?.into()),
    };
    let what = format!("{}: {line}", if queues { "queue" } else { "execute" });
    let data = if queues { proposal.queue_call() } else { proposal.execute_call() };
    let calls = vec![Call { to: deployed.book.council.address, data }];
    if let Some(report) = safe::write(&deployed.chain, &args.safe, &what, calls).await? {
        return Ok(report);
    }
    let relayer = match relayer {
        Some(relayer) => relayer,
        None => Sender::open(&deployed.chain, &args.send, &what).await?,
    };
    if queues {
        queue(deployed, proposal, &relayer, votes).await
    } else {
        execute(deployed, proposal, &relayer, votes).await
    }
}

async fn execute(
    deployed: &Deployed,
    proposal: &Proposal,
    relayer: &Sender<'_>,
    votes: &Relayed,
) -> Result<Report> {
    output::progress("simulating and sending");
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let receipt = relayer.send(council, proposal.execute_call()).await?;
    // A change of seats is no act of the list.
    let act = act::acts_of(deployed, &receipt).await?.pop();
    let count =
        chain.ask(deployed.blocklist(), &IBlocklist::countCall {}, BlockId::latest()).await?;
    let mut data = votes.data();
    data["proposal"] = json!(council::shown(proposal.id));
    data["queued"] = json!(false);
    data["act"] = json!(act.as_ref().map(|act| act.number));
    data["kind"] = json!(act.as_ref().map(|act| act.kind));
    data["head"] = json!(act.as_ref().map(|act| act.head));
    data["count"] = json!(count);
    data["transaction"] = json!(receipt.transaction_hash);
    data["gas_used"] = json!(receipt.gas_used);
    let mut facts = votes.facts();
    facts.push(("executed", council::shown(proposal.id)));
    if let Some(act) = act {
        facts.extend([("act", act.number.to_string()), ("head", act.head.to_string())]);
    }
    facts.extend([
        ("ratified", act::addresses(usize::try_from(count)?)),
        ("transaction", receipt.transaction_hash.to_string()),
        ("gas", receipt.gas_used.to_string()),
    ]);
    Ok(Report::done(data, text::facts(&facts)).next("`interdict status`"))
}

async fn queue(
    deployed: &Deployed,
    proposal: &Proposal,
    relayer: &Sender<'_>,
    votes: &Relayed,
) -> Result<Report> {
    output::progress("queueing: this proposal must wait before it is executed");
    let council = deployed.book.council.address;
    let receipt = relayer.send(council, proposal.queue_call()).await?;
    let due = due(deployed, proposal).await?;
    let id = council::shown(proposal.id);
    let mut data = votes.data();
    data["proposal"] = json!(id);
    data["queued"] = json!(true);
    data["executable_at"] = json!(due);
    data["transaction"] = json!(receipt.transaction_hash);
    let mut facts = votes.facts();
    facts.extend([
        ("queued", id.clone()),
        ("executable", format!("from {}", text::time(due))),
        ("transaction", receipt.transaction_hash.to_string()),
    ]);
    Ok(Report::done(data, text::facts(&facts))
        .next(format!("from {}: `interdict execute {id}`", text::time(due))))
}

async fn check_due(deployed: &Deployed, proposal: &Proposal) -> Result<()> {
    let due = due(deployed, proposal).await?;
    let call = Council::clockCall {};
    let council = deployed.book.council.address;
    let now: u64 = deployed.chain.ask(council, &call, BlockId::pending()).await?.to();
    if now >= due {
        return Ok(());
    }
    let (id, due) = (council::shown(proposal.id), text::time(due));
    let message = format!("the proposal {id} is queued until {due}");
    let next = format!("from {due}: `interdict execute {id}`");
    Err(Failure::new(Exit::Failed, "not_due", message).next(next).into())
}

async fn due(deployed: &Deployed, proposal: &Proposal) -> Result<u64> {
    let call = Council::proposalEtaCall { proposalId: proposal.id };
    let council = deployed.book.council.address;
    let due = deployed.chain.ask(council, &call, BlockId::latest()).await?;
    Ok(due.saturating_to())
}

async fn needs_queuing(deployed: &Deployed, proposal: &Proposal) -> Result<bool> {
    let call = Council::proposalNeedsQueuingCall { proposalId: proposal.id };
    deployed.chain.ask(deployed.book.council.address, &call, BlockId::latest()).await
}

async fn not_executable(deployed: &Deployed, proposal: &Proposal, state: State) -> Result<Failure> {
    let tally = proposal.tally(deployed).await?.line();
    let id = council::shown(proposal.id);
    let message = format!("the proposal {id} is {}: {tally}", state.word());
    let failure = Failure::new(Exit::Failed, "not_executable", message);
    Ok(match state {
        State::Pending | State::Active => {
            failure.next(format!("more members: `interdict vote {id} --for`"))
        }
        State::Executed => failure.next("nothing is left to do: `interdict status`"),
        _ => failure.next("propose it again if it still holds"),
    })
}
