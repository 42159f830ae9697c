//! What acts do to the list, in words: who comes, who leaves, how many there are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use alloy::primitives::Address;
use anyhow::{Context as _, Result};
use interdict_core::ledger::{Act, Episode, Kind, Ledger};
use interdict_core::source::Source;

use crate::text;

/// The difference between two states of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// A line for each address that leaves some list.
    pub(crate) removals: Vec<String>,
    /// A line for each address and person that comes, or is listed for good.
    pub(crate) additions: Vec<String>,
    /// How many addresses are listed and ratified before and after: the contract's `count`.
    pub(crate) count: (usize, usize),
}

impl Effect {
    /// Removals first and all of them, then so many additions, then the count.
    pub(crate) fn text(&self, additions_max: usize) -> String {
        let mut text = String::new();
        for line in self.removals.iter().chain(self.additions.iter().take(additions_max)) {
            let _ = writeln!(text, "{line}");
        }
        if let more @ 1.. = self.additions.len().saturating_sub(additions_max) {
            let _ = writeln!(text, "… and {more} more additions; the plan file has all of them");
        }
        let (before, after) = self.count;
        let _ = write!(text, "listed for good: {before} before, {after} after");
        text
    }
}

/// What the acts, which follow upon the ledger, do to a list as it stood at a time.
pub(crate) fn of(before: &Ledger, time: u64, acts: &[Act]) -> Result<Effect> {
    let mut after = before.clone();
    for act in acts {
        after.push(act).context("the acts of the plan do not follow upon the list")?;
    }
    let end = acts.last().map_or(time, |act| act.time);
    let count = (ratified(before, time), ratified(&after, end));
    let mut effect = Effect { count, ..Effect::default() };
    let held: BTreeMap<Address, u64> = acts
        .iter()
        .filter(|act| act.kind == Kind::ListProvisional)
        .flat_map(|act| act.entries.iter().map(|entry| (entry.account, act.until)))
        .collect();
    for act in acts {
        let lists = Source::codes(act.sources).join(", ");
        match act.kind {
            Kind::Delist | Kind::DelistMany | Kind::Retract => {
                effect.removals.extend(removals(act, &lists, &after));
            }
            Kind::List => {
                let lines = act.entries.iter().map(|entry| {
                    let current = before.get(entry.account).and_then(|l| l.current(time));
                    let how = addition(held.get(&entry.account).copied(), current);
                    format!("+ {} {how} under uid {} of {lists}", entry.account, entry.uid)
                });
                effect.additions.extend(lines);
            }
            _ => {}
        }
    }
    Ok(effect)
}

fn removals(act: &Act, lists: &str, after: &Ledger) -> Vec<String> {
    let mut uids: BTreeMap<Address, Vec<String>> = BTreeMap::new();
    for entry in &act.entries {
        uids.entry(entry.account).or_default().push(entry.uid.to_string());
    }
    let line = |(account, uids): (Address, Vec<String>)| {
        let stays = after.get(account).and_then(|listed| listed.current(act.time));
        let then = stays.map_or_else(
            || "listed no more".to_owned(),
            |episode| format!("still listed by {}", Source::codes(episode.sources).join(", ")),
        );
        format!("– {account} leaves {lists}, uid {}: {then}", uids.join(" and "))
    };
    uids.into_iter().map(line).collect()
}

fn addition(held_until: Option<u64>, before: Option<&Episode>) -> String {
    match (held_until, before) {
        (Some(until), _) => {
            format!("held until {}, then listed for good by the vote", text::time(until))
        }
        (None, Some(episode)) if episode.is_provisional() => {
            format!("held until {}, listed for good by the vote", text::time(episode.until))
        }
        (None, Some(_)) => "is listed, and joined by another listing".to_owned(),
        (None, None) => "listed by the vote, without a hold before".to_owned(),
    }
}

fn ratified(ledger: &Ledger, time: u64) -> usize {
    let listed = ledger.addresses().filter_map(|(_, listed)| listed.current(time));
    listed.filter(|episode| !episode.is_provisional()).count()
}

#[cfg(test)]
mod tests {
    use interdict_core::ledger::UNTIL_MAX;

    use super::*;
    use crate::fixture::{NOW, OFAC, account, acts};

    #[test]
    fn who_leaves_is_said_first_and_of_whom_nothing_is_left_out() {
        let uk = Source::Uk.mask();
        let all = acts(&[
            (Kind::List, OFAC, UNTIL_MAX, &[(1, 1), (2, 2)]),
            (Kind::List, uk, UNTIL_MAX, &[(2, 7)]),
            (Kind::ListProvisional, OFAC, NOW, &[(3, 3)]),
            (Kind::List, OFAC, UNTIL_MAX, &[(3, 3), (4, 4), (1, 11)]),
            (Kind::Delist, OFAC, 5, &[(1, 1), (1, 11), (2, 2)]),
        ]);
        let before = Ledger::replay(&all[..2]).unwrap();
        let effect = of(&before, 2, &all[2..]).unwrap();
        let [one, two, three, four] = [1, 2, 3, 4].map(account);
        let mut removals = [
            (one, format!("– {one} leaves OFAC-SDN, uid 1 and 11: listed no more")),
            (two, format!("– {two} leaves OFAC-SDN, uid 2: still listed by UK")),
        ];
        removals.sort();
        assert_eq!(effect.removals, removals.map(|(_, line)| line));
        let until = text::time(NOW);
        assert_eq!(
            effect.additions,
            [
                format!(
                    "+ {three} held until {until}, then listed for good by the vote under uid 3 of OFAC-SDN"
                ),
                format!(
                    "+ {four} listed by the vote, without a hold before under uid 4 of OFAC-SDN"
                ),
                format!(
                    "+ {one} is listed, and joined by another listing under uid 11 of OFAC-SDN"
                ),
            ]
        );
        assert_eq!(effect.count, (2, 3));
        let folded = effect.text(1);
        assert_eq!(folded.lines().filter(|line| line.starts_with('–')).count(), 2);
        assert!(folded.contains("… and 2 more additions"), "{folded}");
    }

    #[test]
    fn acts_that_do_not_follow_are_refused() {
        let all = acts(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, 1)])]);
        let ledger = Ledger::replay(&all).unwrap();
        assert!(of(&ledger, NOW, &all).is_err());
    }
}
