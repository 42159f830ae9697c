//! What a publication changes on the list: per address and person, against what the chain says.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::Address;
use interdict_core::ledger::{Episode, Kind, Ledger, ListedAddress};
use interdict_core::manifest::Removal;
use interdict_core::source::Source;
use interdict_core::uid;
use serde::{Deserialize, Serialize};

use super::doubt::Doubts;
use crate::guard;
use crate::source::{Designation, Reading};

/// How long an address rests after a hold that was not ratified; as in the contract.
const HOLD_PAUSE_SECONDS: u64 = 30 * 24 * 3600;

/// So many the contract always delists by the faster way.
const DELIST_ALWAYS: usize = 3;

/// What is to be done for one address under one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// Not listed: the signed act holds it at once, the vote ratifies it.
    Hold,
    /// Not listed, and held without ratification too recently to be held again: for the vote only.
    Vote,
    /// Held: the vote ratifies it.
    Ratify,
    /// Listed under another person or source: the vote adds this one.
    Join,
}

impl Change {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Vote => "vote",
            Self::Ratify => "ratify",
            Self::Join => "join",
        }
    }
}

/// The whole difference.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Diff {
    /// One for each designation that changes something, in their order.
    pub(crate) changes: Vec<(Designation, Change)>,
    /// Designations that are listed already as published.
    pub(crate) unchanged: usize,
    /// Sorted by address, then uid.
    pub(crate) delist: Vec<Removal>,
    /// Addresses that this source lists now.
    pub(crate) listed: usize,
    /// What a person should know and no act follows from.
    pub(crate) notes: Vec<String>,
}

impl Diff {
    /// How many addresses leave the list.
    pub(crate) fn leaving(&self) -> usize {
        self.delist.iter().map(|removal| removal.address).collect::<BTreeSet<_>>().len()
    }
}

/// Compares a publication with the list as it stands at a time, unix seconds.
pub(crate) fn diff(reading: &Reading, ledger: &Ledger, time: u64) -> Diff {
    let (source, mut diff) = (reading.source, Diff::default());
    for designation in &reading.designations {
        let change = change(designation, ledger.get(designation.address), source, time);
        match change {
            Some(change) => diff.changes.push((designation.clone(), change)),
            None => diff.unchanged += 1,
        }
    }
    let published = Published::of(reading);
    for (address, listed) in ledger.addresses() {
        if let Some(episode) = listed.current(time).filter(|e| e.sources & source.mask() != 0) {
            diff.listed += 1;
            leave(*address, episode, &published, source, &mut diff);
        }
    }
    diff.delist.sort_by_key(|removal| (removal.address, removal.uid));
    diff
}

/// By which function so many addresses leave the list as it stands at a time: whether the contract
/// refuses so many in one `delist`, whatever else the day brings.
pub(crate) fn delisting(ledger: &Ledger, time: u64, leaving: usize) -> Kind {
    let current = |listed: &ListedAddress| listed.current(time).is_some_and(by_vote);
    let ratified = ledger.addresses().filter(|(_, listed)| current(listed)).count();
    let is_share =
        leaving <= DELIST_ALWAYS || leaving * 100 <= ratified * guard::SHRINK_MAX_PERCENT;
    if is_share { Kind::Delist } else { Kind::DelistMany }
}

fn by_vote(episode: &Episode) -> bool {
    !episode.is_provisional()
}

/// Who is published, and about whom the publication cannot be trusted.
struct Published {
    uids: BTreeMap<Address, BTreeSet<u64>>,
    doubts: Doubts,
    /// Persons of whom addresses are missing.
    truncated: BTreeSet<u64>,
}

impl Published {
    fn of(reading: &Reading) -> Self {
        let mut uids: BTreeMap<Address, BTreeSet<u64>> = BTreeMap::new();
        for designation in &reading.designations {
            uids.entry(designation.address).or_default().insert(designation.uid);
        }
        let doubts = Doubts::of(&reading.quarantine);
        let truncated = reading.truncated.iter().map(|id| uid::of(id)).collect();
        Self { uids, doubts, truncated }
    }

    /// Nobody leaves of whom rows are cut, nor whom something unreadable may name.
    fn may_still_name(&self, address: Address, uid: u64) -> bool {
        self.truncated.contains(&uid) || self.doubts.may_name(address, uid)
    }
}

fn change(
    designation: &Designation,
    listed: Option<&ListedAddress>,
    source: Source,
    time: u64,
) -> Option<Change> {
    let Some(episode) = listed.and_then(|listed| listed.current(time)) else {
        let last = listed.and_then(|listed| listed.episodes.last());
        let rests = last.is_some_and(|e| !e.voted && e.until + HOLD_PAUSE_SECONDS > time);
        return Some(if rests { Change::Vote } else { Change::Hold });
    };
    let known = |u: &&interdict_core::ledger::ListedUid| {
        u.uid == designation.uid && u.sources & source.mask() != 0
    };
    match episode.uids.iter().find(known) {
        None => Some(Change::Join),
        Some(_) if episode.is_provisional() => Some(Change::Ratify),
        Some(_) => None,
    }
}

fn leave(
    address: Address,
    episode: &Episode,
    published: &Published,
    source: Source,
    diff: &mut Diff,
) {
    let named = episode.uids.iter().filter(|known| known.sources & source.mask() != 0);
    if let Some(published) = published.uids.get(&address) {
        for gone in named.filter(|known| !published.contains(&known.uid)) {
            let note =
                format!("{address} is no longer published under uid {}, but stays", gone.uid);
            diff.notes.push(note);
        }
    } else if episode.is_provisional() {
        let note =
            format!("{address} is held and not in this publication: its hold lapses by itself");
        diff.notes.push(note);
    } else if let Some(known) = named.clone().find(|k| published.may_still_name(address, k.uid)) {
        let note = format!(
            "{address} stays: it is not published, but an address of uid {} is in quarantine and may be it",
            known.uid
        );
        diff.notes.push(note);
    } else {
        diff.delist.extend(named.map(|known| Removal { address, uid: known.uid }));
    }
}

#[cfg(test)]
mod tests {
    use interdict_core::ledger::{Kind, UNTIL_MAX};

    use super::*;
    use crate::fixture::{NOW, OFAC, account, designation, ledger, reading};
    use crate::source::Quarantined;

    fn quarantined(published: &str, uid: &str) -> Quarantined {
        Quarantined {
            published: published.to_owned(),
            uid: uid.to_owned(),
            feature: None,
            reason: "a person must look".to_owned(),
        }
    }

    fn changes(designations: &[Designation], ledger: &Ledger) -> Vec<(u64, Change)> {
        let diff = diff(&reading(designations), ledger, NOW);
        diff.changes.iter().map(|(d, change)| (d.uid, *change)).collect()
    }

    #[test]
    fn each_standing_has_its_change() {
        let ledger = ledger(&[
            (Kind::List, OFAC, UNTIL_MAX, &[(1, 1)]),
            (Kind::ListProvisional, OFAC, NOW + 1, &[(2, 2)]),
            (Kind::ListProvisional, OFAC, NOW, &[(3, 3)]),
            (Kind::List, Source::Uk.mask(), UNTIL_MAX, &[(4, 4)]),
        ]);
        let published = [
            designation(1, 1),
            designation(1, 11),
            designation(2, 2),
            designation(3, 3),
            designation(4, 4),
            designation(5, 5),
        ];
        let expected = [
            (11, Change::Join),
            (2, Change::Ratify),
            (3, Change::Vote),
            (4, Change::Join),
            (5, Change::Hold),
        ];
        assert_eq!(changes(&published, &ledger), expected);
        assert_eq!(diff(&reading(&published), &ledger, NOW).unchanged, 1);
    }

    #[test]
    fn an_address_leaves_only_when_its_last_person_has_left() {
        let ledger = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, 1), (1, 2), (2, 3), (2, 4)])]);
        let diff = diff(&reading(&[designation(1, 2)]), &ledger, NOW);
        let removals: Vec<_> = diff.delist.iter().map(|r| (r.address, r.uid)).collect();
        assert_eq!(removals, [(account(2), 3), (account(2), 4)]);
        assert_eq!((diff.leaving(), diff.listed, diff.notes.len()), (1, 2, 1));
    }

    #[test]
    fn nobody_is_delisted_over_an_address_that_cannot_be_read() {
        // The first person has two addresses, and of one of them a digit is missing.
        let ledger = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, 1), (2, 2), (3, 1)])]);
        let mut reading = reading(&[]);
        reading.quarantine.push(quarantined(&account(1).to_string()[..41], "1"));
        let found = diff(&reading, &ledger, NOW);
        let removals: Vec<_> = found.delist.iter().map(|r| (r.address, r.uid)).collect();
        let mut expected = vec![(account(2), 2), (account(3), 1)];
        expected.sort_unstable();
        assert_eq!((removals, found.notes.len()), (expected, 1));
        // Whose rows are cut keeps all of them.
        reading.truncated.push("1".to_owned());
        let removals: Vec<_> = diff(&reading, &ledger, NOW).delist.iter().map(|r| r.uid).collect();
        assert_eq!(removals, [2]);
    }

    #[test]
    fn nobody_is_delisted_over_an_address_whose_person_is_not_said() {
        let uk = uid::of("CYB0042");
        let ledger = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, uk), (2, 2), (3, uk)])]);
        let mut reading = reading(&[]);
        // The address under an id that is nobody's, with a wrong checksum even; and something
        // unreadable under an id of words.
        let wrong = account(2).to_string().to_uppercase().replacen("0X", "0x", 1);
        let wrong = wrong.replacen('A', "a", 1);
        assert!(interdict_core::address::parse(&wrong).is_err(), "{wrong}");
        reading.quarantine.push(quarantined(&wrong, "gb-1"));
        let delisted = |reading: &Reading| -> Vec<u64> {
            diff(reading, &ledger, NOW).delist.iter().map(|r| r.uid).collect()
        };
        assert_eq!(delisted(&reading), [uk, uk]);
        reading.quarantine.push(quarantined("see the annex", " CYB0042 "));
        assert_eq!(delisted(&reading), [0; 0]);
    }

    #[test]
    fn what_was_retracted_rests_and_what_was_delisted_does_not() {
        let held = (Kind::ListProvisional, OFAC, NOW + 1, &[(1, 1)][..]);
        let ended_by = |kind: Kind| {
            let ledger = ledger(&[held, (kind, OFAC, 2, &[(1, 1)])]);
            changes(&[designation(1, 1)], &ledger)
        };
        assert_eq!(ended_by(Kind::Retract), [(1, Change::Vote)]);
        assert_eq!(ended_by(Kind::Delist), [(1, Change::Hold)]);
    }

    #[test]
    fn the_slower_way_begins_where_the_contract_says() {
        let check = |leaving: usize, listed: u8, expected: Kind| {
            let rows: Vec<_> = (0..listed).map(|n| (n, n.into())).collect();
            let ledger = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &rows)]);
            assert_eq!(delisting(&ledger, NOW, leaving), expected, "{leaving} of {listed}");
        };
        check(3, 3, Kind::Delist);
        check(4, 4, Kind::DelistMany);
        check(15, 100, Kind::Delist);
        check(16, 100, Kind::DelistMany);
    }

    #[test]
    fn other_sources_and_holds_are_not_delisted() {
        let ledger = ledger(&[
            (Kind::List, Source::Uk.mask(), UNTIL_MAX, &[(1, 1)]),
            (Kind::ListProvisional, OFAC, NOW + 1, &[(2, 2)]),
        ]);
        let diff = diff(&reading(&[]), &ledger, NOW);
        assert_eq!((diff.delist.len(), diff.listed, diff.notes.len()), (0, 1, 1));
    }

    #[test]
    fn the_same_publication_again_changes_nothing() {
        let published = [designation(1, 1), designation(2, 2)];
        let ledger = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, 1), (2, 2)])]);
        let diff = diff(&reading(&published), &ledger, NOW);
        let expected = Diff { unchanged: 2, listed: 2, ..Diff::default() };
        assert_eq!(diff, expected);
    }
}
