//! `execute`: puts a proposal that succeeded into force, or into the queue where it must wait.

use alloy::eips::BlockId;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use serde_json::json;

use super::{act, vote};
use crate::args::{ExecuteArgs, Global};
use crate::bindings::Council;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::safe::{self, Call};
use crate::sending::Sender;
use crate::{output, text};

pub(crate) async fn run(global: &Global, args: ExecuteArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    let line = Proposal::line(&proposal.decode(&deployed.book)?);
    let needs_queuing = needs_queuing(&deployed, &proposal).await?;
    let mut state = proposal.state(&deployed).await?;
    let mut relayer = None;
    let is_open = matches!(state, State::Pending | State::Active);
    if !args.ballots.is_empty() && !is_open {
        output::warn(&format!("the vote is {}: no ballot is sent", state.word()));
    }
    if !args.ballots.is_empty() && is_open {
        let ballots = vote::checked(&deployed, &proposal, &args.ballots).await?;
        let n = text::count(ballots.len(), "ballot", "ballots");
        let what = format!("send {n} and execute: {line}");
        let sender = relayer.insert(Sender::open(&deployed.chain, &args.send, &what).await?);
        vote::relay(&deployed, &proposal, ballots, sender).await?;
        state = proposal.state(&deployed).await?;
    }
    let queues = match state {
        State::Succeeded => needs_queuing,
        State::Queued => {
            check_due(&deployed, &proposal).await?;
            false
        }
        state => return Err(not_executable(&deployed, &proposal, state).await?.into()),
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
        queue(&deployed, &proposal, &relayer).await
    } else {
        execute(&deployed, &proposal, &relayer).await
    }
}

async fn execute(deployed: &Deployed, proposal: &Proposal, relayer: &Sender<'_>) -> Result<Report> {
    output::progress("simulating, sending, waiting for the receipt");
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let receipt = relayer.send(council, proposal.execute_call()).await?;
    // A change of seats is no act of the list.
    let act = act::acts_of(deployed, &receipt).await?.pop();
    let count =
        chain.ask(deployed.blocklist(), &IBlocklist::countCall {}, BlockId::latest()).await?;
    let data = json!({
        "proposal": council::shown(proposal.id),
        "queued": false,
        "act": act.as_ref().map(|act| act.number),
        "kind": act.as_ref().map(|act| act.kind),
        "head": act.as_ref().map(|act| act.head),
        "count": count,
        "transaction": receipt.transaction_hash,
        "gas_used": receipt.gas_used,
    });
    let mut facts = vec![("executed", council::shown(proposal.id))];
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

async fn queue(deployed: &Deployed, proposal: &Proposal, relayer: &Sender<'_>) -> Result<Report> {
    output::progress("queueing: this proposal must wait before it is executed");
    let council = deployed.book.council.address;
    let receipt = relayer.send(council, proposal.queue_call()).await?;
    let due = due(deployed, proposal).await?;
    let id = council::shown(proposal.id);
    let data = json!({
        "proposal": id,
        "queued": true,
        "executable_at": due,
        "transaction": receipt.transaction_hash,
    });
    let facts = text::facts(&[
        ("queued", id.clone()),
        ("executable", format!("from {}", text::time(due))),
        ("transaction", receipt.transaction_hash.to_string()),
    ]);
    Ok(Report::done(data, facts)
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
