//! Two lists of addresses under persons, and where they differ.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use interdict_core::contract::IBlocklist;
use interdict_core::manifest::{ManifestEntry, Removal};
use serde_json::Value;

use super::Difference;
use super::lookalike;
use crate::text::{self, printable};

/// An address under a person, and what is said of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    address: Address,
    uid: u64,
    facts: BTreeMap<String, String>,
}

impl Row {
    pub(super) fn of_entry(entry: &ManifestEntry) -> Self {
        let mut facts = BTreeMap::new();
        if let Ok(Value::Object(fields)) = serde_json::to_value(entry) {
            let fields = fields.into_iter().filter(|(name, _)| name != "address" && name != "uid");
            facts.extend(fields.map(|(name, value)| (name, shown(&value))));
        }
        Self { address: entry.address, uid: entry.uid, facts }
    }

    pub(super) fn of_removal(removal: &Removal) -> Self {
        Self { address: removal.address, uid: removal.uid, facts: BTreeMap::new() }
    }

    pub(super) fn of_chain(entry: &IBlocklist::Entry) -> Self {
        let day = match entry.designatedOn.to() {
            0 => "nothing".to_owned(),
            seconds => text::day(seconds),
        };
        let facts = BTreeMap::from([("designated_on".to_owned(), day)]);
        Self { address: entry.account, uid: entry.uid, facts }
    }
}

/// A value of a manifest as a person reads it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => printable(text),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActWord {
    Listing,
    Removal,
}

/// Whose rows are compared with ours, and what they would do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub(super) what: &'a str,
    pub(super) act: ActWord,
}

impl Sides<'_> {
    pub(super) fn rows(self, theirs: &[Row], ours: &[Row]) -> Vec<Difference> {
        let key = |row: &Row| (row.address, row.uid);
        let (their_keys, our_keys): (BTreeSet<_>, BTreeSet<_>) =
            (theirs.iter().map(key).collect(), ours.iter().map(key).collect());
        let mut found = Vec::new();
        for row in ours {
            if let Some(theirs) = theirs.iter().find(|theirs| key(theirs) == key(row)) {
                found.extend(self.facts(theirs, row));
            }
        }
        let mut extra: Vec<_> = their_keys.difference(&our_keys).copied().collect();
        let mut missing: Vec<_> = our_keys.difference(&their_keys).copied().collect();
        let mut swapped = Vec::new();
        extra.retain(|extra| {
            let Some(place) = partner(*extra, &missing) else { return true };
            swapped.push(self.swapped(*extra, missing.remove(place)));
            false
        });
        let extra = extra.into_iter().map(|(address, uid)| self.extra(address, uid));
        let missing = missing.into_iter().map(|(address, uid)| self.missing(address, uid));
        let all = swapped.into_iter().chain(extra).chain(missing).chain(found);
        let mut all: Vec<_> = all.collect();
        if all.is_empty() && theirs.len() != ours.len() {
            let message = format!("{} names an entry twice", self.what);
            all.push(Difference::new("order", message));
        }
        all
    }

    fn extra(self, address: Address, uid: u64) -> Difference {
        let what = self.what;
        match self.act {
            ActWord::Listing => Difference::new(
                "slipped_in",
                format!(
                    "an entry was slipped in: {what} lists {address} under uid {uid}, which your publication does not give"
                ),
            ),
            ActWord::Removal => Difference::new(
                "hidden_removal",
                format!(
                    "a removal is hidden in it: {what} takes {address} of uid {uid} off the list, which your publication does not give"
                ),
            ),
        }
    }

    fn missing(self, address: Address, uid: u64) -> Difference {
        let what = self.what;
        match self.act {
            ActWord::Listing => Difference::new(
                "left_out",
                format!(
                    "an entry was left out: your publication names {address} under uid {uid}, {what} does not"
                ),
            ),
            ActWord::Removal => Difference::new(
                "removal_left_out",
                format!(
                    "a removal was left out: {address} of uid {uid} has left your publication, {what} leaves it on the list"
                ),
            ),
        }
    }

    fn swapped(self, theirs: (Address, u64), ours: (Address, u64)) -> Difference {
        let what = self.what;
        let ((address, uid), (right, right_uid)) = (theirs, ours);
        if address == right {
            let message = format!(
                "another person: {what} has {address} under uid {uid}, your publication under uid {right_uid}"
            );
            return Difference::new("uid", message);
        }
        let mut message = format!(
            "another address: where your publication has {right} (uid {right_uid}), {what} has {address} (uid {uid})"
        );
        if !lookalike::alike(address, right) {
            return Difference::new("address", message);
        }
        message.push_str(
            ". It is a look-alike: the first and the last four digits are the same, the others are not",
        );
        Difference::new("look_alike", message)
    }

    fn facts(self, theirs: &Row, ours: &Row) -> Vec<Difference> {
        let names: BTreeSet<_> = theirs.facts.keys().chain(ours.facts.keys()).collect();
        let value = |row: &Row, name: &String| {
            row.facts.get(name).cloned().unwrap_or_else(|| "nothing".to_owned())
        };
        let differ = names.into_iter().filter(|name| value(theirs, name) != value(ours, name));
        differ
            .map(|name| {
                let (what, address, uid) = (self.what, ours.address, ours.uid);
                let (a, b) = (value(theirs, name), value(ours, name));
                let (kind, field) = field(name);
                let message = format!(
                    "{field}: of {address} under uid {uid} {what} says {a}, your publication and the chain say {b}"
                );
                Difference::new(kind, message)
            })
            .collect()
    }
}

/// Which of the missing the extra stands for: a look-alike of it, the same address, or the only
/// other one of the person.
fn partner(extra: (Address, u64), missing: &[(Address, u64)]) -> Option<usize> {
    let place = |fits: &dyn Fn(&(Address, u64)) -> bool| missing.iter().position(fits);
    let of_person = || missing.iter().filter(|m| m.1 == extra.1).count();
    place(&|m| lookalike::alike(m.0, extra.0))
        .or_else(|| place(&|m| m.0 == extra.0))
        .or_else(|| place(&|m| m.1 == extra.1).filter(|_| of_person() == 1))
}

/// What kind of difference it is when a field differs, and the field in words.
fn field(name: &str) -> (&'static str, String) {
    let words = match name {
        "designated_on" => return ("date", "another date of designation".to_owned()),
        "kind" => return ("kind", "another kind of account".to_owned()),
        "programs" => "the programs",
        "published" => "the published form",
        "tickers" => "the tickers",
        "features" => "the authority's ids of the address",
        other => other,
    };
    ("evidence", format!("other evidence, {words}"))
}
