//! `execute`: puts a proposal that succeeded into force, or into the queue where it must wait.

use alloy::eips::BlockId;
use alloy::signers::local::PrivateKeySigner;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use serde_json::json;

use super::act;
use crate::args::{ExecuteArgs, Global};
use crate::bindings::Council;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::{output, text, wallet};

pub(crate) async fn run(global: &Global, args: ExecuteArgs) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let proposal = council::find(&deployed, args.proposal).await?;
    proposal.decode(deployed.blocklist())?;
    let state = proposal.state(&deployed).await?;
    let needs_queuing = needs_queuing(&deployed, &proposal).await?;
    match state {
        State::Succeeded if needs_queuing => {
            let relayer = wallet::open(&args.wallet)?;
            queue(&deployed, &proposal, &relayer).await
        }
        State::Succeeded => {
            let relayer = wallet::open(&args.wallet)?;
            execute(&deployed, &proposal, &relayer).await
        }
        State::Queued => {
            check_due(&deployed, &proposal).await?;
            let relayer = wallet::open(&args.wallet)?;
            execute(&deployed, &proposal, &relayer).await
        }
        state => Err(not_executable(&deployed, &proposal, state).await?.into()),
    }
}

async fn execute(
    deployed: &Deployed,
    proposal: &Proposal,
    relayer: &PrivateKeySigner,
) -> Result<Report> {
    output::progress("simulating, sending, waiting for the receipt");
    let (chain, council) = (&deployed.chain, deployed.book.council.address);
    let receipt = chain.send(relayer, council, proposal.execute_call()).await?;
    let act = act::act_of(deployed, &receipt).await?;
    let count =
        chain.ask(deployed.blocklist(), &IBlocklist::countCall {}, BlockId::latest()).await?;
    let data = json!({
        "proposal": council::shown(proposal.id),
        "queued": false,
        "act": act.number,
        "kind": act.kind,
        "head": act.head,
        "count": count,
        "transaction": receipt.transaction_hash,
        "gas_used": receipt.gas_used,
    });
    let facts = text::facts(&[
        ("act", act.number.to_string()),
        ("head", act.head.to_string()),
        ("ratified", act::addresses(usize::try_from(count)?)),
        ("transaction", receipt.transaction_hash.to_string()),
        ("gas", receipt.gas_used.to_string()),
    ]);
    Ok(Report::done(data, facts).next("`interdict status`"))
}

async fn queue(
    deployed: &Deployed,
    proposal: &Proposal,
    relayer: &PrivateKeySigner,
) -> Result<Report> {
    output::progress("queueing: this proposal must wait before it is executed");
    let council = deployed.book.council.address;
    let receipt = deployed.chain.send(relayer, council, proposal.queue_call()).await?;
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
    let message = format!("the proposal is queued until {}", text::time(due));
    Err(Failure::new(Exit::Failed, "not_due", message).next("run again then").into())
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
