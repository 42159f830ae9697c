//! `propose`: takes a plan to the council's vote.

use std::collections::BTreeSet;

use alloy::eips::BlockId;
use alloy::primitives::Address;
use alloy::sol_types::{SolCall, SolEvent};
use anyhow::{Context as _, Result};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Kind;
use serde_json::json;

use super::act::addresses;
use crate::args::{Global, ProposeArgs};
use crate::bindings::Council;
use crate::council::{self, Proposal};
use crate::deployed::{self, Deployed};
use crate::diff::Change;
use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::plan::Plan;
use crate::{diff, list, output, text, wallet};

pub(crate) async fn run(global: &Global, args: ProposeArgs) -> Result<Report> {
    let plan = Plan::read(&args.plan)?;
    let deployed = deployed::open(global).await?;
    plan.check_place(&deployed)?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    plan.check_time(list.at.time)?;
    check_moved_by_own_acts(&plan, &list)?;
    let (call, what) = if args.delist {
        let batch = plan.manifest.delisting_batch()?;
        let n = batch.entries.iter().map(|e| e.account).collect::<BTreeSet<_>>().len();
        let call = match diff::delisting(&list.ledger, list.at.time, n) {
            Kind::DelistMany => IBlocklist::delistManyCall { batch }.abi_encode(),
            _ => IBlocklist::delistCall { batch }.abi_encode(),
        };
        (call, format!("delist {}", addresses(n)))
    } else {
        if !args.public {
            check_held(&plan, &list)?;
        }
        let batch = plan.manifest.listing_batch()?;
        let n = batch.entries.iter().map(|e| e.account).collect::<BTreeSet<_>>().len();
        (IBlocklist::listCall { batch }.abi_encode(), format!("list {}", addresses(n)))
    };
    check_not_empty(&plan, args.delist)?;
    let list_address = deployed.blocklist();
    if !args.delist {
        let council = deployed.book.council.address;
        deployed.chain.simulate(council, list_address, call.clone()).await?;
    }
    let proposer = wallet::open(&args.wallet)?;
    let description = description(&plan, &what, proposer.address());
    let proposal = Proposal::of_call(list_address, call, description);
    check_new(&deployed, &proposal).await?;
    output::progress("simulating, sending, waiting for the receipt");
    let council = deployed.book.council.address;
    let receipt = deployed.chain.send(&proposer, council, proposal.propose_call()).await?;
    let topic = Council::ProposalCreated::SIGNATURE_HASH;
    let log = receipt.logs().iter().find(|log| log.topic0() == Some(&topic));
    let log = log.with_context(|| format!("{} made no proposal", receipt.transaction_hash))?;
    let made = council::created(&log.inner.data)?;
    report(&deployed, &made, &receipt.transaction_hash.to_string()).await
}

/// A repeated command must find its own proposal.
async fn check_new(deployed: &Deployed, proposal: &Proposal) -> Result<()> {
    let same = |other: &Proposal| {
        (&other.calldatas, &other.description) == (&proposal.calldatas, &proposal.description)
    };
    let Some(made) = council::proposals(deployed).await?.into_iter().find(same) else {
        return Ok(());
    };
    let id = council::shown(made.id);
    let state = made.state(deployed).await?.word();
    Err(Failure::new(
        Exit::Failed,
        "proposed",
        format!("this is proposed already, as {id}, {state}"),
    )
    .next(format!("`interdict vote {id} --for`"))
    .into())
}

async fn report(deployed: &Deployed, made: &Proposal, transaction: &str) -> Result<Report> {
    let council = deployed.book.council.address;
    let queued = Council::proposalNeedsQueuingCall { proposalId: made.id };
    let needs_queuing = deployed.chain.ask(council, &queued, BlockId::latest()).await?;
    let id = council::shown(made.id);
    let data = json!({
        "proposal": id,
        "description": made.description,
        "vote_end": made.vote_end,
        "needs_queuing": needs_queuing,
        "transaction": transaction,
    });
    let facts = text::facts(&[
        ("proposal", id.clone()),
        ("description", made.description.clone()),
        ("vote closes", text::time(made.vote_end)),
        ("transaction", transaction.to_owned()),
    ]);
    Ok(Report::done(data, facts).next(format!("each member: `interdict vote {id} --for`")))
}

/// The suffix keeps others from proposing the same in the proposer's name.
fn description(plan: &Plan, what: &str, proposer: Address) -> String {
    let publication = &plan.manifest.publication;
    let (source, as_of, hash) = (publication.source, publication.data_as_of, plan.manifest_hash);
    format!(
        "Interdict: {what} of {source}, data as of {as_of}, manifest {hash} #proposer={proposer}"
    )
}

fn check_not_empty(plan: &Plan, delist: bool) -> Result<()> {
    let (empty, what, other) = if delist {
        (plan.manifest.delist.is_empty(), "to delist", "leave out --delist")
    } else {
        (plan.manifest.list.is_empty(), "to list", "add --delist to propose its delistings")
    };
    if !empty {
        return Ok(());
    }
    let message = format!("the plan has nothing {what}");
    Err(Failure::new(Exit::Failed, "nothing", message).next(other).into())
}

/// Since the plan was made the list may have changed by the plan's own acts only.
pub(super) fn check_moved_by_own_acts(plan: &Plan, list: &List) -> Result<()> {
    let stranger = list
        .acts
        .iter()
        .filter(|act| act.number > plan.act_count && act.kind != Kind::Attest)
        .find(|act| act.manifest != plan.manifest_hash);
    let before = list.acts.iter().find(|act| act.number == plan.act_count);
    let same_past = before.map_or(plan.act_count == 0, |act| act.head == plan.head);
    match stranger {
        None if same_past => Ok(()),
        None => plan.check_head(list.ledger.head(), list.at),
        Some(act) => {
            let message = format!(
                "the list has changed since the plan, by act {} of another manifest {}",
                act.number, act.manifest
            );
            Err(Failure::new(Exit::Stale, "stale", message)
                .next("make a new plan with `interdict plan`")
                .into())
        }
    }
}

/// A proposal is public: who is named by it and not held is warned.
fn check_held(plan: &Plan, list: &List) -> Result<()> {
    let not_held = |address: &Address| {
        let listed = list.ledger.get(*address).and_then(|listed| listed.current(list.at.time));
        listed.is_none()
    };
    let entries = plan.manifest.list.iter().zip(&plan.changes);
    let named = entries.filter(|(_, change)| matches!(change, Change::Hold | Change::Vote));
    let open: BTreeSet<Address> = named.map(|(e, _)| e.address).filter(not_held).collect();
    let Some(first) = open.first() else { return Ok(()) };
    let message = format!(
        "{} would be named in public before being held, {first} first: whom the proposal names would be warned",
        addresses(open.len())
    );
    Err(Failure::new(Exit::Failed, "not_held", message)
        .next("hold them first with `interdict sign` and `interdict act`, or add --public")
        .into())
}
