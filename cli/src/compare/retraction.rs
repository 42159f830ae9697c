//! Where a retraction differs from the holds that stood when it was made. Which of them are to end
//! is the council's choice, and no publication's; that they are held, under whom, is on chain.

use std::collections::BTreeSet;

use alloy::primitives::Address;
use interdict_core::ledger::Ledger;
use interdict_core::manifest::Removal;
use interdict_core::retraction::RetractionManifest;
use interdict_core::source::Source;

use super::Difference;
use super::lookalike;
use crate::paper::retraction::{check_reason, holds};

/// Compares what a retraction ends with the list as it stood at a time.
pub(crate) fn retractions(
    theirs: &RetractionManifest,
    ledger: &Ledger,
    time: u64,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let (mut expected, mut sources) = (Vec::new(), BTreeSet::new());
    let named: BTreeSet<Address> = theirs.retract.iter().map(|removal| removal.address).collect();
    for address in named {
        match holds(ledger, time, &[address], &theirs.sources) {
            Ok((held_by, removals)) => {
                sources.extend(held_by.into_iter().map(Source::mask));
                expected.extend(removals);
            }
            Err(why) => {
                let mut message = format!("nothing to retract: {why}");
                if let Some(right) = held_alike(address, ledger, time) {
                    message = format!("{message}. It is a look-alike of {right}, which is held");
                }
                found.push(Difference::new("not_held", message));
            }
        }
    }
    found.extend(persons(&theirs.retract, &expected));
    if found.is_empty() {
        found.extend(needless(&theirs.sources, &sources));
    }
    if let Err(why) = check_reason(&theirs.reason) {
        found.push(Difference::new("reason", format!("the reason {why}")));
    }
    let mut in_order = theirs.sources.clone();
    in_order.sort_by_key(|source| source.mask());
    in_order.dedup();
    if found.is_empty() && (theirs.retract != expected || theirs.sources != in_order) {
        let message = "the retraction names the same in another order, or something twice";
        found.push(Difference::new("order", message));
    }
    found
}

/// The source lists that hold none of the addresses.
fn needless(theirs: &[Source], holding: &BTreeSet<u16>) -> Vec<Difference> {
    let needless = theirs.iter().filter(|source| !holding.contains(&source.mask()));
    let difference = |source: &Source| {
        let message = format!(
            "another source list: the retraction takes off {source}, which holds none of these addresses"
        );
        Difference::new("source", message)
    };
    needless.map(difference).collect()
}

/// The persons under whom an address is held: all of them leave, and no other.
fn persons(theirs: &[Removal], expected: &[Removal]) -> Vec<Difference> {
    let is_held = |removal: &&Removal| expected.iter().any(|e| e.address == removal.address);
    let wrong = theirs.iter().filter(is_held).filter(|removal| !expected.contains(removal));
    let wrong = wrong.map(|Removal { address, uid }| {
        let message = format!(
            "another person: the retraction ends the hold of {address} under uid {uid}, under whom it is not held"
        );
        Difference::new("uid", message)
    });
    let missing = expected.iter().filter(|removal| !theirs.contains(removal));
    let missing = missing.map(|Removal { address, uid }| {
        let message = format!(
            "a hold was left out: {address} is held under uid {uid} too, which the retraction does not end"
        );
        Difference::new("left_out", message)
    });
    wrong.chain(missing).collect()
}

/// An address that is held and looks like this one.
fn held_alike(address: Address, ledger: &Ledger, time: u64) -> Option<Address> {
    let held = ledger.addresses().filter(|(_, listed)| {
        listed.current(time).is_some_and(interdict_core::ledger::Episode::is_provisional)
    });
    let mut alike = held.map(|(account, _)| *account);
    alike.find(|account| *account != address && lookalike::alike(*account, address))
}

#[cfg(test)]
mod tests {
    use interdict_core::ledger::{Kind, UNTIL_MAX};
    use interdict_core::retraction::SCHEMA;

    use super::*;
    use crate::fixture::{NOW, OFAC, account, ledger};

    /// Held are 1 under two persons, 2 under one, both by OFAC; 3 is listed by vote.
    fn kinds(change: impl FnOnce(&mut RetractionManifest)) -> Vec<&'static str> {
        let ledger = ledger(&[
            (Kind::ListProvisional, OFAC, NOW + 1, &[(1, 3), (1, 9), (2, 5)]),
            (Kind::List, OFAC, UNTIL_MAX, &[(3, 3)]),
        ]);
        let named = [account(1), account(2)];
        let (sources, retract) = holds(&ledger, NOW, &named, &[]).unwrap();
        let mut manifest = RetractionManifest {
            schema: SCHEMA.to_owned(),
            chain_id: 1,
            blocklist: Address::ZERO,
            sources,
            reason: "held by mistake".to_owned(),
            retract,
        };
        change(&mut manifest);
        retractions(&manifest, &ledger, NOW).into_iter().map(|found| found.kind).collect()
    }

    #[test]
    fn each_manipulation_has_its_kind() {
        assert_eq!(kinds(|_| ()), [""; 0]);
        let two = |m: &RetractionManifest| {
            m.retract.iter().position(|removal| removal.address == account(2)).unwrap()
        };
        assert_eq!(kinds(|m| m.retract.retain(|r| r.uid != 5)), [""; 0], "the council's choice");
        let slip_in = |n: u8| Removal { address: account(n), uid: 3 };
        assert_eq!(kinds(|m| m.retract.push(slip_in(3))), ["not_held"], "listed by vote");
        assert_eq!(kinds(|m| m.retract.push(slip_in(4))), ["not_held"]);
        let uid = |m: &mut RetractionManifest| {
            let place = two(m);
            m.retract[place].uid = 6;
        };
        assert_eq!(kinds(uid), ["uid", "left_out"]);
        let one = |m: &mut RetractionManifest| m.retract.retain(|r| r.uid != 9);
        assert_eq!(kinds(one), ["left_out"]);
        assert_eq!(kinds(|m| m.sources = vec![Source::Uk]), ["not_held"; 2]);
        assert_eq!(kinds(|m| m.sources.push(Source::Uk)), ["source"]);
        assert_eq!(kinds(|m| m.sources.push(Source::OfacSdn)), ["order"]);
        assert_eq!(kinds(|m| m.retract.reverse()), ["order"]);
        assert_eq!(kinds(|m| m.retract.push(m.retract[0])), ["order"]);
        assert_eq!(kinds(|m| m.reason = "two\nlines".to_owned()), ["reason"]);
    }
}
