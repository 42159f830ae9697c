//! A plan for people: what leaves the list first and in full, then what comes, then what a person
//! must look at.

use std::fmt::Write as _;

use interdict_core::manifest::AccountKind;

use super::Plan;
use super::diff::Change;
use super::digest;
use crate::foresight::effect::Effect;
use crate::text::{self, printable};

const ADDITIONS_SHOWN_MAX: usize = 10;

impl Plan {
    /// The plan, with what it does to the list.
    pub(crate) fn summary(&self, effect: &Effect) -> String {
        let mut text = text::facts(&self.facts());
        if self.has_changes() {
            let _ = write!(text, "\n\n{}", effect.text(ADDITIONS_SHOWN_MAX));
            let _ = write!(text, "\nsimulated by {}", self.simulation.method);
            self.show_heads(&mut text);
        }
        self.show_additions(&mut text, ADDITIONS_SHOWN_MAX);
        self.show_the_rest(&mut text);
        text
    }

    /// The plan as its file has it, every row of it.
    pub(crate) fn in_full(&self) -> String {
        let mut text = text::facts(&self.facts());
        self.show_heads(&mut text);
        if !self.manifest.delist.is_empty() {
            let rows =
                self.manifest.delist.iter().map(|r| [r.address.to_string(), r.uid.to_string()]);
            let _ = write!(text, "\n\n{}", text::table(["DELISTED", "UID"], rows.collect()));
        }
        self.show_additions(&mut text, usize::MAX);
        self.show_the_rest(&mut text);
        text
    }

    /// What a person must look at, and the digests to compare.
    fn show_the_rest(&self, text: &mut String) {
        if !self.quarantine.is_empty() {
            let rows = self.quarantine.iter().map(|q| {
                let feature = q.feature.clone().unwrap_or_default();
                [&q.published, &q.uid, &feature, &q.reason].map(|words| printable(words))
            });
            let table = text::table(["QUARANTINED", "UID", "FEATURE", "REASON"], rows.collect());
            let _ = write!(text, "\n\n{table}");
        }
        if !self.calls.is_empty() {
            let _ = write!(text, "\n\n{}", self.digests());
        }
        for (n, note) in self.notes.iter().enumerate() {
            let _ = write!(text, "{}note: {}", if n == 0 { "\n\n" } else { "\n" }, printable(note));
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let publication = &self.manifest.publication;
        let to_hold = match self.count(Change::Hold) {
            0 => "0".to_owned(),
            n => format!(
                "{} ({})",
                text::count(self.held().len(), "address", "addresses"),
                text::count(n, "entry", "entries")
            ),
        };
        let flags: Vec<_> = self.manifest.overrides.iter().map(|o| o.flag()).collect();
        let mut facts = vec![
            ("source", format!("{} as of {}", publication.source, publication.data_as_of)),
            (
                "publication",
                format!("{} sha256 {}", printable(&publication.format), publication.sha256),
            ),
        ];
        if let Some(second) = &self.cross_check {
            let line = format!("sha256 {} as of {}", second.sha256, second.data_as_of);
            facts.push(("cross-check", line));
        }
        facts.extend([
            ("list", format!("{} on chain {}", self.blocklist, self.chain_id)),
            ("head", format!("{} after act {}", self.head, self.act_count)),
            ("manifest", self.manifest_hash.to_string()),
            ("expires", self.expires_at.to_string()),
            ("to delist", self.manifest.delist.len().to_string()),
            ("to hold", to_hold),
            ("to ratify", self.count(Change::Ratify).to_string()),
            ("to join", self.count(Change::Join).to_string()),
            ("by vote", self.count(Change::Vote).to_string()),
            ("unchanged", self.unchanged.to_string()),
            ("quarantine", self.quarantine.len().to_string()),
            ("not EVM", self.other_chains()),
        ]);
        if !flags.is_empty() {
            facts.push(("overridden", flags.join(" ")));
        }
        facts
    }

    /// The head after each act, and of which second it is.
    fn show_heads(&self, text: &mut String) {
        for act in &self.simulation.acts {
            let kind = text::act_kind(act.kind);
            let gas = act.gas.map_or_else(String::new, |gas| format!(", {gas} gas"));
            let time = text::time(act.lands);
            let _ = write!(
                text,
                "\nact {}: {kind} {}{gas}; head {} if it lands at {time}",
                act.act,
                text::count(act.entries, "entry", "entries"),
                act.head
            );
        }
    }

    /// The additions as a table, at most so many rows of it.
    fn show_additions(&self, text: &mut String, rows_max: usize) {
        let list = self.manifest.list.iter().zip(&self.changes);
        let rows: Vec<_> = list
            .take(rows_max)
            .map(|(entry, change)| {
                let date = entry.designated_on.map_or_else(|| "-".to_owned(), |d| d.to_string());
                let address = entry.address.to_string();
                let uid = text::person(&entry.authority_id, entry.uid);
                let words = [entry.programs.join(" "), entry.tickers.join(" ")];
                let [programs, tickers] = words.map(|words| printable(&words));
                let kind = kind(entry.kind).to_owned();
                [change.word().to_owned(), address, uid, date, kind, programs, tickers]
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        let header = ["CHANGE", "ADDRESS", "UID", "DESIGNATED", "KIND", "PROGRAMS", "TICKERS"];
        let _ = write!(text, "\n\n{}", text::table(header, rows));
        if let more @ 1.. = self.manifest.list.len().saturating_sub(rows_max) {
            let _ = write!(text, "\n… and {more} more; the plan file has all of them");
        }
    }

    /// The digests by which a second tool, or a wallet's screen, is compared with this plan.
    fn digests(&self) -> String {
        let message = self.message.iter().flat_map(|message| {
            message.facts().map(|(name, value)| (format!("signed act: {name}"), value))
        });
        let calls = self.calls.iter().map(|call| {
            let name = format!("{}: {}", call.function, digest::CALLDATA_DIGEST);
            (name, call.calldata_digest.to_string())
        });
        let all: Vec<_> = message.chain(calls).collect();
        let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        text::facts(&all)
    }

    fn other_chains(&self) -> String {
        let total: u64 = self.not_evm.values().sum();
        let tickers: Vec<_> =
            self.not_evm.iter().map(|(ticker, n)| format!("{} {n}", printable(ticker))).collect();
        if tickers.is_empty() {
            return "0".to_owned();
        }
        format!("{total} ({})", tickers.join(", "))
    }
}

/// What to say of an account's kind.
pub(crate) const fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Eoa => "eoa",
        AccountKind::Contract => "contract",
        AccountKind::Delegated => "delegated",
    }
}
