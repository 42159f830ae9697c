//! An address: how it stands, every time that it was listed, and every act that named it.

use alloy::primitives::Address;
use anyhow::{Result, bail};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::Act;
use interdict_core::source::Source;
use serde_json::json;

use super::act;
use crate::deployed::Deployed;
use crate::exit::Report;
use crate::list::List;
use crate::list::as_of::View;
use crate::list::rows::{self, Row};
use crate::text;

pub(super) async fn show(deployed: &Deployed, list: List, address: Address) -> Result<Report> {
    let at = list.at;
    let call = IBlocklist::listingOfCall { account: address };
    let listing = deployed.chain.ask(deployed.blocklist(), &call, at.id()).await?;
    let view = View::now(list);
    let known = view.ledger.get(address).cloned().unwrap_or_default();
    let of = |(index, episode)| rows::row(&view, address, index + 1, episode);
    let episodes: Vec<Row> = known.episodes.iter().enumerate().map(of).collect();
    let listed = episodes.last().is_some_and(|row| row.standing.is_listed());
    if (listed, known.protected) != (listing.sanctioned, listing.isProtected) {
        bail!("the events and the contract disagree about {address} at block {}", at.number);
    }
    let named: Vec<&Act> = view
        .acts
        .iter()
        .filter(|act| act.entries.iter().any(|entry| entry.account == address))
        .collect();
    let data = json!({
        "shows": "address",
        "address": address,
        "answer": if listed { "listed" } else { "clear" },
        "protected": known.protected,
        "chain_id": deployed.chain.id,
        "block": at.number,
        "time": at.time,
        "episodes": episodes,
        "acts": named.iter().map(|act| document(act, address)).collect::<Vec<_>>(),
    });
    let protection = if known.protected { "it cannot be listed until unprotected" } else { "none" };
    let facts = text::facts(&[
        ("address", address.to_string()),
        ("now", if listed { "listed" } else { "clear" }.to_owned()),
        ("as of", view.place(deployed.chain.id)),
        ("protection", protection.to_owned()),
        ("listed", text::count(episodes.len(), "time", "times")),
        ("named by", text::count(named.len(), "act", "acts")),
    ]);
    let mut parts = vec![facts];
    parts.extend(episodes.iter().map(paragraph));
    if !named.is_empty() {
        parts.push(acts_table(&named, address));
    }
    Ok(Report::done(data, parts.join("\n\n")))
}

fn paragraph(row: &Row) -> String {
    let moment = |time: Option<u64>, none: &str| time.map_or_else(|| none.to_owned(), text::time);
    let mut facts = vec![
        ("listing", format!("{}, {}", row.episode, row.standing.word())),
        ("sources", row.sources.join(" ")),
        ("since", format!("{} (act {}, block {})", text::time(row.listed_at), row.act, row.block)),
        ("until", moment(row.until, "without end")),
        ("data as of", moment(row.data_as_of, "not said")),
        ("manifest", row.manifest.to_string()),
    ];
    for person in &row.persons {
        let date = person.designated_on.as_deref().unwrap_or("on a day not said");
        let sources = person.sources.join(" ");
        facts.push(("person", format!("uid {}, designated {date} ({sources})", person.uid)));
    }
    text::facts(&facts)
}

fn acts_table(acts: &[&Act], address: Address) -> String {
    let row = |act: &&Act| {
        let uids: Vec<String> = act
            .entries
            .iter()
            .filter(|entry| entry.account == address)
            .map(|entry| entry.uid.to_string())
            .collect();
        [
            act.number.to_string(),
            text::act_kind(act.kind).to_owned(),
            Source::codes(act.sources).join(" "),
            uids.join(" "),
            text::time(act.time),
            act.tx_hash.to_string(),
        ]
    };
    let rows = acts.iter().map(row).collect();
    text::table(["ACT", "DID", "SOURCES", "UID", "TIME", "TRANSACTION"], rows)
}

/// An act without the other addresses that it named.
fn document(act: &Act, address: Address) -> serde_json::Value {
    act::document(act, act.entries.iter().filter(|entry| entry.account == address))
}
