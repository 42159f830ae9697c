//! `status`: the list, its acts and the open proposals.

use std::fmt::Write as _;

use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Act, Kind};
use interdict_core::source::Source;
use serde_json::{Value, json};

use crate::args::Global;
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::Report;
use crate::list::List;
use crate::{list, output, text};

const ACTS_SHOWN_MAX: usize = 10;
const HOLDS_SHOWN_MAX: usize = 10;

pub(crate) async fn run(global: &Global) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    output::progress("reading the list from the chain");
    let list = list::read(&deployed).await?;
    let ratified =
        deployed.chain.ask(deployed.blocklist(), &IBlocklist::countCall {}, list.at.id()).await?;
    let holds = holds(&list);
    let open = open_proposals(&deployed).await?;
    let as_of: Vec<(Source, u64)> = Source::ALL
        .into_iter()
        .filter_map(|source| Some((source, list.ledger.data_as_of(source.mask())?)))
        .collect();
    let acts: Vec<&Act> = list.acts.iter().rev().take(ACTS_SHOWN_MAX).collect();

    let data = json!({
        "chain_id": deployed.chain.id,
        "blocklist": deployed.blocklist(),
        "block": list.at.number,
        "time": list.at.time,
        "head": list.ledger.head(),
        "acts": list.ledger.acts(),
        "ratified": ratified,
        "held": holds.iter().map(|(a, until)| json!({ "address": a, "until": until }))
            .collect::<Vec<_>>(),
        "data_as_of": as_of.iter().map(|(s, t)| (s.code().to_owned(), json!(t)))
            .collect::<serde_json::Map<String, Value>>(),
        "last_acts": acts,
        "open_proposals": open.iter().map(|p| &p.data).collect::<Vec<_>>(),
    });
    let mut facts = vec![
        ("chain", deployed.chain.id.to_string()),
        ("list", deployed.blocklist().to_string()),
        ("as of", format!("block {}, {}", list.at.number, text::time(list.at.time))),
        ("acts", list.ledger.acts().to_string()),
        ("head", format!("{}, proved from the events", list.ledger.head())),
        ("ratified", ratified.to_string()),
        ("held", holds.len().to_string()),
    ];
    facts.extend(as_of.iter().map(|(s, t)| ("data as of", format!("{} ({s})", text::time(*t)))));
    let mut report = Report::done(data, "");
    report.next = open.iter().find_map(|proposal| proposal.next.clone());
    let tables = [holds_table(&holds), acts_table(&acts), proposals_table(&open)];
    let tables = tables.into_iter().filter(|table| !table.is_empty());
    let parts: Vec<String> = std::iter::once(text::facts(&facts)).chain(tables).collect();
    report.text = parts.join("\n\n");
    Ok(report)
}

type Hold = (alloy::primitives::Address, u64);

fn holds(list: &List) -> Vec<Hold> {
    let held = list.ledger.addresses().filter_map(|(address, listed)| {
        let episode = listed.current(list.at.time)?;
        episode.is_provisional().then_some((*address, episode.until))
    });
    let mut holds: Vec<Hold> = held.collect();
    holds.sort_by_key(|(address, until)| (*until, *address));
    holds
}

fn holds_table(holds: &[Hold]) -> String {
    if holds.is_empty() {
        return String::new();
    }
    let row = |(address, until): &Hold| [address.to_string(), text::time(*until)];
    let rows = holds.iter().take(HOLDS_SHOWN_MAX).map(row).collect();
    let mut table = text::table(["HELD", "UNTIL"], rows);
    let more = holds.len().saturating_sub(HOLDS_SHOWN_MAX);
    if more > 0 {
        let _ = write!(table, "\n… and {more} more");
    }
    table
}

fn acts_table(acts: &[&Act]) -> String {
    let rows = acts.iter().map(|act| {
        [
            act.number.to_string(),
            kind(act.kind).to_owned(),
            act.entries.len().to_string(),
            sources(act.sources),
            text::time(act.time),
            if act.manifest.is_zero() { "-".to_owned() } else { act.manifest.to_string() },
        ]
    });
    if acts.is_empty() {
        return String::new();
    }
    text::table(["ACT", "KIND", "ENTRIES", "SOURCES", "TIME", "MANIFEST"], rows.collect())
}

fn sources(mask: u16) -> String {
    if mask == 0 { "-".to_owned() } else { Source::codes(mask).join(" ") }
}

struct Open {
    row: [String; 5],
    data: Value,
    next: Option<String>,
}

async fn open_proposals(deployed: &Deployed) -> Result<Vec<Open>> {
    let mut open = Vec::new();
    for proposal in council::proposals(deployed).await? {
        let state = proposal.state(deployed).await?;
        if !state.is_open() {
            continue;
        }
        let tally = proposal.tally(deployed).await?;
        let id = council::shown(proposal.id);
        let does = match proposal.decode(&deployed.book) {
            Ok(deeds) => Proposal::line(&deeds),
            Err(_) => "another matter".to_owned(),
        };
        let votes = format!("{}/{}", tally.votes_for, tally.needed);
        open.push(Open {
            row: [
                id.clone(),
                does.clone(),
                state.word().to_owned(),
                votes,
                text::time(proposal.vote_end),
            ],
            data: json!({
                "proposal": id,
                "does": does,
                "description": proposal.description,
                "state": state.word(),
                "for": tally.votes_for.to_string(),
                "against": tally.against.to_string(),
                "abstain": tally.abstain.to_string(),
                "needed": tally.needed.to_string(),
                "vote_end": proposal.vote_end,
            }),
            next: Some(match state {
                State::Succeeded | State::Queued => format!("`interdict execute {id}`"),
                _ => format!("each member: `interdict vote {id} --for`"),
            }),
        });
    }
    Ok(open)
}

fn proposals_table(open: &[Open]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let rows = open.iter().map(|proposal| proposal.row.clone()).collect();
    text::table(["OPEN PROPOSAL", "DOES", "STATE", "FOR", "CLOSES"], rows)
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ListProvisional => "hold",
        Kind::List => "list",
        Kind::Delist => "delist",
        Kind::Protect => "protect",
        Kind::Unprotect => "unprotect",
        Kind::Retract => "retract",
        Kind::DelistMany => "delist many",
        Kind::Attest => "attest",
    }
}
