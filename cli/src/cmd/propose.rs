//! `propose`: takes a plan to the council's vote.

use std::collections::BTreeSet;

use alloy::eips::BlockId;
use alloy::primitives::Address;
use alloy::sol_types::SolEvent as _;
use anyhow::{Context as _, Result};
use interdict_core::ledger::Kind;
use serde_json::json;

use super::act::addresses;
use super::changes;
use crate::args::{Global, ProposeArgs};
use crate::bindings::Council;
use crate::council::deed::Deed;
use crate::council::{self, Proposal};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::paper::safe::{self, Call};
use crate::plan::Plan;
use crate::plan::diff;
use crate::sending::Sender;
use crate::{list, output, text};

pub(crate) async fn run(global: &Global, args: ProposeArgs) -> Result<Report> {
    let deployed = match &args.plan {
        Some(path) => {
            let plan = Plan::read(path)?;
            let deployed = deployed::open(global).await?;
            let (deed, warning) = of_plan(&deployed, &plan, &args).await?;
            let publication = &plan.manifest.publication;
            let why = format!(
                "of {}, data as of {}, manifest {}",
                publication.source, publication.data_as_of, plan.manifest_hash
            );
            let mut report = submit(&deployed, &[deed], &why, &args).await?;
            report.warnings.extend(warning);
            return Ok(report);
        }
        None => deployed::open(global).await?,
    };
    let deeds = changes::deeds(&deployed, &args.change).await?;
    let reason = args.change.reason.as_deref().unwrap_or_default();
    submit(&deployed, &deeds, &format!("because: {reason}"), &args).await
}

/// The listing, or the delisting, that a plan asks for, and what its proposer should know.
async fn of_plan(
    deployed: &Deployed,
    plan: &Plan,
    args: &ProposeArgs,
) -> Result<(Deed, Option<String>)> {
    plan.frame().check_place(deployed)?;
    output::progress("reading the list from the chain");
    let list = list::read(deployed).await?;
    plan.frame().check_time(list.at.time)?;
    check_moved_by_own_acts(plan, &list)?;
    check_not_empty(plan, args.delist)?;
    if args.delist {
        let batch = plan.manifest.delisting_batch()?;
        let n = batch.entries.iter().map(|e| e.account).collect::<BTreeSet<_>>().len();
        let deed = match diff::delisting(&list.ledger, list.at.time, n) {
            Kind::DelistMany => Deed::DelistMany(batch),
            _ => Deed::Delist(batch),
        };
        return Ok((deed, None));
    }
    let batch = plan.manifest.listing_batch()?;
    let named: BTreeSet<Address> = batch.entries.iter().map(|entry| entry.account).collect();
    if !args.public {
        check_held(&named, &list)?;
    }
    let council = deployed.book.council.address;
    let period = Council::votingPeriodCall {};
    let period = deployed.chain.ask(council, &period, BlockId::latest()).await?;
    let vote_end = list.at.time.saturating_add(period.saturating_to());
    let warning = lapsing(&named, &list, vote_end);
    let deed = Deed::List(batch);
    let (target, call) = deed.call(&deployed.book);
    deployed.chain.simulate(council, target, call).await?;
    Ok((deed, warning))
}

/// Makes the proposal, or the file by which a Safe makes it.
async fn submit(
    deployed: &Deployed,
    deeds: &[Deed],
    why: &str,
    args: &ProposeArgs,
) -> Result<Report> {
    let line = Proposal::line(deeds);
    let what = format!("propose: {line}");
    let council = deployed.book.council.address;
    // The suffix keeps others from proposing the same in the proposer's name.
    let of = |proposer: Address| {
        let description = format!("Interdict: {line} {why} #proposer={proposer}");
        Proposal::of_deeds(&deployed.book, deeds, description)
    };
    if let Some(safe) = args.safe.safe {
        let proposal = of(safe);
        check_new(deployed, &proposal).await?;
        let calls = vec![Call { to: council, data: proposal.propose_call() }];
        if let Some(report) = safe::write(&deployed.chain, &args.safe, &what, calls).await? {
            return Ok(report);
        }
    }
    let proposer = Sender::open(&deployed.chain, &args.send, &what).await?;
    let proposal = of(proposer.address());
    check_new(deployed, &proposal).await?;
    output::progress("simulating and sending");
    let receipt = proposer.send(council, proposal.propose_call()).await?;
    let topic = Council::ProposalCreated::SIGNATURE_HASH;
    let log = receipt.logs().iter().find(|log| log.topic0() == Some(&topic));
    let log = log.with_context(|| format!("{} made no proposal", receipt.transaction_hash))?;
    let made = council::created(log)?;
    report(deployed, &made, &receipt.transaction_hash.to_string()).await
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

/// A proposal is public: who is named by it and not listed now is warned. It does not matter what
/// the plan found: a hold may have ended since.
fn check_held(named: &BTreeSet<Address>, list: &List) -> Result<()> {
    let not_held = |address: &&Address| {
        let listed = list.ledger.get(**address).and_then(|listed| listed.current(list.at.time));
        listed.is_none()
    };
    let open: Vec<&Address> = named.iter().filter(not_held).collect();
    let Some(first) = open.first() else { return Ok(()) };
    let message = format!(
        "{} would be named in public before being held, {first} first: whom the proposal names would be warned",
        addresses(open.len())
    );
    Err(Failure::new(Exit::Failed, "not_held", message)
        .next("hold them first with `interdict sign` and `interdict act`, or add --public; what was held and lapsed needs a new plan")
        .into())
}

/// Whom the proposal names, and whose hold ends while the vote may still be open. That is no reason
/// to propose nothing: a vote that has its quorum ends at once, and the hold ends all the same.
fn lapsing(named: &BTreeSet<Address>, list: &List, vote_end: u64) -> Option<String> {
    let ends = |address: &Address| {
        let episode = list.ledger.get(*address)?.current(list.at.time)?;
        (episode.is_provisional() && episode.until < vote_end).then_some(episode.until)
    };
    let ends: Vec<u64> = named.iter().filter_map(ends).collect();
    let first = ends.iter().min()?;
    Some(format!(
        "the hold of {} ends before the vote must, the first at {}; the vote may go on until {}: vote and execute before, or they are named and not listed",
        addresses(ends.len()),
        text::time(*first),
        text::time(vote_end)
    ))
}
