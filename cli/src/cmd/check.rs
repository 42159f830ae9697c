//! `check`: whether an address is listed. Whatever cannot be answered is unknown, never clear.

use alloy::primitives::Address;
use anyhow::{Result, bail};
use interdict_core::contract::IBlocklist;
use interdict_core::ledger::{Episode, UNTIL_MAX};
use interdict_core::source::Source;
use serde_json::json;

use crate::args::{CheckArgs, Global};
use crate::deployed::{self, Deployed};
use crate::exit::{Exit, Failure, Report};
use crate::{list, text};

pub(crate) async fn run(global: &Global, args: CheckArgs) -> Result<Report> {
    match answer(global, args.address).await {
        Ok(report) => Ok(report),
        Err(error) => Ok(unknown(args.address, error)),
    }
}

async fn answer(global: &Global, address: Address) -> Result<Report> {
    let deployed = deployed::open(global).await?;
    let (chain, list) = (&deployed.chain, deployed.blocklist());
    let at = chain.latest().await?;
    let call = IBlocklist::isSanctionedCall { account: address };
    let sanctioned = chain.ask(list, &call, at.id()).await?;
    let listing = chain.ask(list, &IBlocklist::listingOfCall { account: address }, at.id()).await?;
    if sanctioned != listing.sanctioned {
        bail!("the list contradicts itself about {address} at block {}", at.number);
    }
    let (number, time) = (at.number, at.time);
    let mut data = json!({
        "answer": if sanctioned { "listed" } else { "clear" },
        "address": address,
        "chain_id": chain.id,
        "block": number,
        "time": time,
    });
    let place = format!("block {number} of chain {}, {}", chain.id, text::time(time));
    if !sanctioned {
        let mut facts = vec![("clear", address.to_string()), ("as of", place)];
        if listing.episode > 0 {
            facts.push(("was listed", format!("until {}", text::time(listing.until.to()))));
        }
        return Ok(Report::done(data, text::facts(&facts)));
    }
    let until: u64 = listing.until.to();
    let sources = Source::codes(listing.sources);
    data["sources"] = json!(sources);
    data["since"] = json!(listing.since.to::<u64>());
    data["until"] = json!((until != UNTIL_MAX).then_some(until));
    data["provisional"] = json!(listing.provisional);
    data["act"] = json!(listing.act.to::<u32>());
    let state = if listing.provisional { "held by signatures" } else { "ratified by vote" };
    let mut facts = vec![
        ("listed", address.to_string()),
        ("as of", place),
        ("sources", sources.join(" ")),
        ("state", state.to_owned()),
        ("since", format!("{} (act {})", text::time(listing.since.to()), listing.act)),
        ("until", text::time(until)),
    ];
    let mut warnings = Vec::new();
    // The contract's answer stands by itself; the events add who and by which document.
    match why(&deployed, address).await {
        Ok(episode) => {
            // As words: a number of 64 bits loses its last digits in most readers of JSON.
            let uids: Vec<_> = episode.uids.iter().map(|known| known.uid.to_string()).collect();
            data["uids"] = json!(uids);
            data["manifest"] = json!(episode.manifest);
            facts.push(("uid", uids.join(" ")));
            facts.push(("manifest", episode.manifest.to_string()));
        }
        Err(error) => warnings.push(format!("the reason cannot be read: {error:#}")),
    }
    let mut report = Report::new(Exit::Changes, data, text::facts(&facts));
    report.warnings = warnings;
    Ok(report)
}

async fn why(deployed: &Deployed, address: Address) -> Result<Episode> {
    let list = list::read(deployed).await?;
    let listed = list.ledger.get(address).and_then(|listed| listed.current(list.at.time));
    match listed {
        Some(episode) => Ok(episode.clone()),
        None => bail!("the events at block {} do not list it", list.at.number),
    }
}

fn unknown(address: Address, error: anyhow::Error) -> Report {
    let failure = Failure::from_error(error);
    let data = json!({ "answer": "unknown", "address": address, "reason": failure.message });
    let mut report = Report::new(Exit::Failed, data, format!("unknown  {address}"));
    report.failure = Some(failure);
    report
}
