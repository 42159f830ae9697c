//! `status`: the list, its acts and the open proposals.

use std::fmt::Write as _;

use alloy::primitives::U256;
use anyhow::Result;
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Act;
use interdict_core::source::Source;
use serde_json::{Value, json};

use super::show;
use crate::args::Global;
use crate::bindings::{self, Seats, SignedAct};
use crate::chain::Pinned;
use crate::council::course::{self, Course};
use crate::council::{self, Proposal, State};
use crate::deployed::{self, Deployed};
use crate::exit::Report;
use crate::list::List;
use crate::list::freshness::{self, Freshness};
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
    let open = open_proposals(&deployed, list.at.time).await?;
    let as_of: Vec<(Source, u64)> = Source::ALL
        .into_iter()
        .filter_map(|source| Some((source, list.ledger.data_as_of(source.mask())?)))
        .collect();
    let checked = freshness::read(&deployed, list.at).await?;
    let council = council_facts(&deployed, list.at).await?;
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
        "freshness": checked.iter().map(|f| (f.source.code().to_owned(), json!(f)))
            .collect::<serde_json::Map<String, Value>>(),
        "council": council,
        "delays": deployed.book.parameters.delays,
        "last_acts": acts.iter().map(|act| show::document(act, &act.entries)).collect::<Vec<_>>(),
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
    facts.push(("council", council.line()));
    facts.push(("delays", delays(&deployed)));
    let mut report = Report::done(data, "");
    report.next = open.iter().find_map(|proposal| proposal.next.clone());
    let sources = sources_table(&as_of, &checked, list.at.time);
    let tables = [sources, holds_table(&holds), acts_table(&acts), proposals_table(&open)];
    let tables = tables.into_iter().filter(|table| !table.is_empty());
    let parts: Vec<String> = std::iter::once(text::facts(&facts)).chain(tables).collect();
    report.text = parts.join("\n\n");
    Ok(report)
}

#[derive(Clone, Copy, Debug, serde::Serialize)]
struct Council {
    seats: u64,
    /// How many seats decide a vote.
    vote_quorum: u64,
    /// How many sign an act.
    signature_quorum: u64,
}

impl Council {
    fn line(self) -> String {
        let seats = text::count(usize::try_from(self.seats).unwrap_or(usize::MAX), "seat", "seats");
        let (vote, sign) = (self.vote_quorum, self.signature_quorum);
        format!("{seats}; {vote} decide a vote, {sign} sign an act")
    }
}

async fn council_facts(deployed: &Deployed, at: Pinned) -> Result<Council> {
    let (chain, book) = (&deployed.chain, &deployed.book);
    let seats = chain.ask(book.seats.address, &Seats::sizeCall {}, at.id()).await?;
    let signers = chain.ask(book.signed_act.address, &SignedAct::quorumCall {}, at.id()).await?;
    // The seats of a second that is over: of the present one they may still change.
    let timepoint = U256::from(at.time.saturating_sub(1));
    let voters = bindings::Council::quorumCall { timepoint };
    let voters = chain.ask(book.council.address, &voters, at.id()).await?;
    Ok(Council {
        seats: seats.saturating_to(),
        vote_quorum: voters.saturating_to(),
        signature_quorum: signers.saturating_to(),
    })
}

fn delays(deployed: &Deployed) -> String {
    let named = deployed.book.parameters.delays.named();
    let shown = named.map(|(name, wait)| format!("{name} {}", text::duration(wait.into())));
    shown.join(", ")
}

/// Source by source: the newest publication that an act took in, and the keeper's word.
fn sources_table(acted: &[(Source, u64)], checked: &[Freshness], now: u64) -> String {
    let row = |source: Source| {
        let acted = acted.iter().find(|(of, _)| *of == source).map(|(_, time)| *time);
        let checked = checked.iter().find(|of| of.source == source);
        let as_of = acted.max(checked.map(|checked| checked.data_as_of))?;
        let word = checked.map_or_else(
            || "never".to_owned(),
            |checked| {
                let age = text::age(now.saturating_sub(checked.checked_at));
                format!("{}, {age} ago", text::time(checked.checked_at))
            },
        );
        Some([source.to_string(), text::time(as_of), word])
    };
    let rows: Vec<_> = Source::ALL.into_iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    text::table(["SOURCE", "DATA AS OF", "CHECKED"], rows)
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
            text::act_kind(act.kind).to_owned(),
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

async fn open_proposals(deployed: &Deployed, now: u64) -> Result<Vec<Open>> {
    let mut open = Vec::new();
    for proposal in council::proposals(deployed).await? {
        if !proposal.state(deployed).await?.is_open() {
            continue;
        }
        let Course { state, tally, due, expires, .. } = course::of(deployed, &proposal).await?;
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
                text::time(expires.unwrap_or(proposal.vote_end)),
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
                "executable_at": due,
                "expires_at": expires,
            }),
            next: match state {
                // What waits for its delay needs nobody yet.
                _ if due.is_some_and(|due| due > now) => None,
                State::Succeeded | State::Queued => Some(format!("`interdict execute {id}`")),
                _ => Some(format!("each member: `interdict vote {id} --for`")),
            },
        });
    }
    Ok(open)
}

fn proposals_table(open: &[Open]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let rows = open.iter().map(|proposal| proposal.row.clone()).collect();
    text::table(["OPEN PROPOSAL", "DOES", "STATE", "FOR", "UNTIL"], rows)
}
