//! An act: what it did, to whom, by which evidence, and where it stands in the chain.

use alloy::primitives::B256;
use anyhow::Result;
use interdict_core::ledger::{Act, ActEntry, UNTIL_MAX};
use interdict_core::source::Source;
use serde_json::{Value, json};

use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::text;

pub(super) fn show(list: &List, number: u32) -> Result<Report> {
    let act = list.acts.iter().find(|act| act.number == number).ok_or_else(|| {
        let message = format!("there is no act {number}: the list has {}", list.acts.len());
        Failure::new(Exit::Failed, "no_act", message).next("`interdict status` shows the last acts")
    })?;
    let data = json!({ "shows": "act", "act": document(act, &act.entries) });
    Ok(Report::done(data, paragraph(act)))
}

/// Every act by one manifest: what was held, then ratified, then delisted by it.
pub(super) fn of_manifest(list: &List, manifest: B256) -> Result<Report> {
    let acts: Vec<&Act> = list.acts.iter().filter(|act| act.manifest == manifest).collect();
    if acts.is_empty() {
        let message = format!("{manifest} is neither a proposal's id nor an act's manifest");
        return Err(Failure::new(Exit::Failed, "nothing", message)
            .next("`interdict status` shows the last acts and the open proposals")
            .into());
    }
    let documents: Vec<Value> = acts.iter().map(|act| document(act, &act.entries)).collect();
    let data = json!({ "shows": "manifest", "manifest": manifest, "acts": documents });
    let text: Vec<String> = acts.into_iter().map(paragraph).collect();
    Ok(Report::done(data, text.join("\n\n")))
}

/// An act with some of its entries, for programs.
pub(in crate::cmd) fn document<'a>(
    act: &Act,
    entries: impl IntoIterator<Item = &'a ActEntry>,
) -> Value {
    let entry = |entry: &ActEntry| {
        json!({
            "account": entry.account,
            // As a word: a number of 64 bits loses its last digits in most readers of JSON.
            "uid": entry.uid.to_string(),
            "designated_on": (entry.designated_on > 0).then(|| text::day(entry.designated_on)),
        })
    };
    json!({
        "number": act.number,
        "kind": act.kind,
        "sources": Source::codes(act.sources),
        "until": (act.until != UNTIL_MAX).then_some(act.until),
        "data_as_of": act.data_as_of,
        "manifest": act.manifest,
        "head": act.head,
        "at": act.at,
        "time": act.time,
        "tx_hash": act.tx_hash,
        "entries": entries.into_iter().map(entry).collect::<Vec<_>>(),
    })
}

fn paragraph(act: &Act) -> String {
    let sources = match act.sources {
        0 => "none".to_owned(),
        mask => Source::codes(mask).join(" "),
    };
    let moment = |time| if time == 0 { "-".to_owned() } else { text::time(time) };
    let facts = text::facts(&[
        ("act", act.number.to_string()),
        ("did", text::act_kind(act.kind).to_owned()),
        ("sources", sources),
        ("when", format!("{}, block {}", text::time(act.time), act.at.block)),
        ("until", moment(act.until)),
        ("data as of", moment(act.data_as_of)),
        ("manifest", act.manifest.to_string()),
        ("head", format!("{}, proved from the events", act.head)),
        ("transaction", act.tx_hash.to_string()),
        ("entries", act.entries.len().to_string()),
    ]);
    if act.entries.is_empty() {
        return facts;
    }
    let row = |entry: &ActEntry| {
        let date = entry.designated_on;
        let date = if date == 0 { "-".to_owned() } else { text::day(date) };
        [entry.account.to_string(), entry.uid.to_string(), date]
    };
    let rows = act.entries.iter().map(row).collect();
    format!("{facts}\n\n{}", text::table(["ADDRESS", "UID", "DESIGNATED"], rows))
}
