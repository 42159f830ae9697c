//! An act: what it did, to whom, by which evidence, and where it stands in the chain.

use alloy::primitives::B256;
use anyhow::Result;
use interdict_core::ledger::{Act, ActEntry};
use interdict_core::source::Source;
use serde_json::json;

use crate::exit::{Exit, Failure, Report};
use crate::list::List;
use crate::text;

pub(super) fn show(list: &List, number: u32) -> Result<Report> {
    let act = list.acts.iter().find(|act| act.number == number).ok_or_else(|| {
        let message = format!("there is no act {number}: the list has {}", list.acts.len());
        Failure::new(Exit::Failed, "no_act", message).next("`interdict status` shows the last acts")
    })?;
    let data = json!({ "shows": "act", "act": act, "sources": Source::codes(act.sources) });
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
    let data = json!({ "shows": "manifest", "manifest": manifest, "acts": acts });
    let text: Vec<String> = acts.into_iter().map(paragraph).collect();
    Ok(Report::done(data, text.join("\n\n")))
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
