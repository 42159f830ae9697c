//! A proposal: what it would do, in full, where its vote stands, and when it may be executed.

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolInterface as _;
use anyhow::Result;
use interdict_core::ledger::Kind;
use serde_json::{Value, json};

use super::super::vote;
use crate::bindings::{AccessManager, IBlocklist, Seats};
use crate::council::course::{self, Course, Vote};
use crate::council::deed::Deed;
use crate::council::{self, Proposal, State};
use crate::deployed::Deployed;
use crate::exit::Report;
use crate::list::List;
use crate::text;

pub(super) async fn show(deployed: &Deployed, list: &List, proposal: &Proposal) -> Result<Report> {
    let course = course::of(deployed, proposal).await?;
    let votes = course::votes(deployed, proposal.id, list.at.number).await?;
    let deeds = proposal.decode(&deployed.book).ok();
    let id = council::shown(proposal.id);
    let tally = &course.tally;
    let calls: Vec<Value> = proposal
        .targets
        .iter()
        .zip(&proposal.calldatas)
        .map(|(target, data)| {
            json!({ "target": target, "data": data, "call": function(deployed, *target, data) })
        })
        .collect();
    let data = json!({
        "shows": "proposal",
        "proposal": id,
        "description": proposal.description,
        "proposer": course.proposer,
        "kind": deeds.as_deref().and_then(kind),
        "does": deeds.as_deref().map(Proposal::line),
        "calls": calls,
        "state": course.state.word(),
        "for": tally.votes_for.to_string(),
        "against": tally.against.to_string(),
        "abstain": tally.abstain.to_string(),
        "needed": tally.needed.to_string(),
        "votes": votes,
        "vote_end": proposal.vote_end,
        "needs_queuing": course.needs_queuing,
        "executable_at": course.due,
        "expires_at": course.expires,
    });
    let content = match &deeds {
        Some(deeds) => vote::describe(proposal, deeds),
        None => foreign(deployed, proposal),
    };
    let facts = text::facts(&[
        ("proposer", course.proposer.to_string()),
        ("state", course.state.word().to_owned()),
        ("tally", tally.line()),
        ("execution", execution(deployed, &course, deeds.as_deref().unwrap_or_default())),
    ]);
    let mut parts = vec![content, facts];
    if !votes.is_empty() {
        parts.push(votes_table(&votes));
    }
    let mut report = Report::done(data, parts.join("\n\n"));
    report.next = match course.state {
        State::Pending | State::Active => {
            Some(format!("each member: `interdict vote {id} --for` or --against"))
        }
        // What waits for its delay needs nobody yet.
        _ if course.due.is_some_and(|due| due > list.at.time) => None,
        State::Succeeded | State::Queued => Some(format!("`interdict execute {id}`")),
        _ => None,
    };
    Ok(report)
}

/// Which kind of act it is, if it is one act and nothing else.
fn kind(deeds: &[Deed]) -> Option<Kind> {
    match deeds {
        [deed] => deed.kind(),
        _ => None,
    }
}

/// When it may be executed, and until when, in words.
fn execution(deployed: &Deployed, course: &Course, deeds: &[Deed]) -> String {
    let delays = &deployed.book.parameters.delays;
    // The slowest of its calls decides.
    let wait = deeds.iter().map(|deed| deed.delay(delays)).max().filter(|wait| *wait > 0);
    let delay = wait.map(|wait| format!(" of {}", text::duration(wait.into()))).unwrap_or_default();
    let until = course.expires.map(|end| format!(", until {}", text::time(end)));
    let until = until.unwrap_or_default();
    match (course.state, course.due) {
        (_, Some(due)) => format!("from {}{until}", text::time(due)),
        (State::Executed, _) => "done".to_owned(),
        (State::Canceled | State::Defeated | State::Expired, _) => "never".to_owned(),
        (State::Succeeded, _) if course.needs_queuing => {
            format!("now into the queue{until}; then after its delay{delay}")
        }
        (State::Succeeded, _) => format!("now{until}"),
        _ if course.needs_queuing => format!("after the vote and its delay{delay}"),
        _ => "as soon as the vote succeeds".to_owned(),
    }
}

/// What is neither a listing nor a delisting, by our own contracts' ABI, or as its bare bytes.
fn foreign(deployed: &Deployed, proposal: &Proposal) -> String {
    let mut facts = vec![("proposal", council::shown(proposal.id))];
    for (target, data) in proposal.targets.iter().zip(&proposal.calldatas) {
        facts.push(("calls", target.to_string()));
        facts.push(("with", call(deployed, *target, data)));
    }
    facts.push(("vote closes", text::time(proposal.vote_end)));
    text::facts(&facts)
}

/// The name of the function that is called, if this system has it.
fn function(deployed: &Deployed, target: Address, data: &Bytes) -> Option<String> {
    let call = decoded(deployed, target, data)?;
    call.split_once('(').map(|(name, _)| name.to_owned())
}

fn call(deployed: &Deployed, target: Address, data: &Bytes) -> String {
    let call = decoded(deployed, target, data);
    call.unwrap_or_else(|| format!("{data}, which no contract of this system understands"))
}

fn decoded(deployed: &Deployed, target: Address, data: &Bytes) -> Option<String> {
    let book = &deployed.book;
    if target == book.blocklist.address {
        IBlocklist::IBlocklistCalls::abi_decode(data).map(|call| format!("{call:?}")).ok()
    } else if target == book.seats.address {
        Seats::SeatsCalls::abi_decode(data).map(|call| format!("{call:?}")).ok()
    } else if target == book.access_manager.address {
        AccessManager::AccessManagerCalls::abi_decode(data).map(|call| format!("{call:?}")).ok()
    } else {
        None
    }
}

fn votes_table(votes: &[Vote]) -> String {
    let row = |vote: &Vote| {
        let reason = text::printable(&vote.reason);
        [vote.voter.to_string(), vote.choice.to_owned(), vote.weight.clone(), reason]
    };
    text::table(["VOTER", "VOTE", "SEATS", "REASON"], votes.iter().map(row).collect())
}
