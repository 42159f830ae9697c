//! The laws of the ledger, on acts written by hand.

use alloy_primitives::{Address, B256};

use super::*;

const OFAC: u16 = 1;
const UK: u16 = 2;
const WEEK: u64 = 7 * 24 * 3600;

fn account(n: u8) -> Address {
    Address::repeat_byte(n)
}

fn place(block: u64) -> Position {
    Position { block, tx: 0, log: Some(1) }
}

/// Block `n` has time `1000 * n`.
struct Script(Vec<Act>);

impl Script {
    fn act(mut self, kind: Kind, sources: u16, block: u64, accounts: &[u8]) -> Self {
        let time = block * 1000;
        let until = match kind {
            Kind::ListProvisional => time + WEEK,
            Kind::List => UNTIL_MAX,
            Kind::Delist | Kind::DelistMany | Kind::Retract => time,
            Kind::Protect | Kind::Unprotect | Kind::Attest => 0,
        };
        let mut act = Act {
            number: u32::try_from(self.0.len()).unwrap() + 1,
            kind,
            sources,
            until,
            data_as_of: 5,
            manifest: B256::repeat_byte(9),
            head: B256::ZERO,
            at: place(block),
            time,
            tx_hash: B256::ZERO,
            entries: accounts
                .iter()
                .map(|n| ActEntry { account: account(*n), uid: (*n).into(), designated_on: 0 })
                .collect(),
        };
        act.head = act.fold(self.0.last().map(|last| last.head).unwrap_or_default());
        self.0.push(act);
        self
    }

    fn ledger(&self) -> Ledger {
        Ledger::replay(&self.0).unwrap()
    }
}

fn word(ledger: &Ledger, n: u8, block: u64) -> &'static str {
    match ledger.phase(account(n), place(block), block * 1000) {
        None => "never",
        Some(Phase::Before(_)) => "before",
        Some(Phase::While(_)) => "while",
        Some(Phase::After(_)) => "after",
    }
}

#[test]
fn a_listing_is_asked_as_of_a_place() {
    let ledger = Script(vec![])
        .act(Kind::List, OFAC, 10, &[1])
        .act(Kind::Delist, OFAC, 20, &[1])
        .act(Kind::List, OFAC, 30, &[1])
        .ledger();
    let words: Vec<_> = [9, 10, 19, 20, 29, 30, 99].map(|b| word(&ledger, 1, b)).into();
    assert_eq!(words, ["before", "while", "while", "after", "after", "while", "while"]);
    assert_eq!(word(&ledger, 2, 15), "never");
}

#[test]
fn a_hold_ends_by_itself_and_a_ratified_one_does_not() {
    let lapses = Script(vec![]).act(Kind::ListProvisional, OFAC, 10, &[1]).ledger();
    let last = 10 + WEEK / 1000;
    assert_eq!(word(&lapses, 1, last), "while");
    assert_eq!(word(&lapses, 1, last + 1), "after");
    assert!(lapses.get(account(1)).unwrap().episodes[0].is_provisional());

    let holds = Script(vec![])
        .act(Kind::ListProvisional, OFAC, 10, &[1])
        .act(Kind::List, OFAC, 11, &[1])
        .ledger();
    assert_eq!(word(&holds, 1, last + 1), "while");
    let episodes = &holds.get(account(1)).unwrap().episodes;
    assert_eq!((episodes.len(), episodes[0].act), (1, 1), "ratifying keeps the beginning");
}

#[test]
fn an_address_stays_while_a_source_names_it() {
    let ledger = Script(vec![])
        .act(Kind::List, OFAC, 10, &[1])
        .act(Kind::List, UK, 11, &[1])
        .act(Kind::Delist, OFAC, 12, &[1])
        .ledger();
    assert_eq!(word(&ledger, 1, 12), "while");
    assert_eq!(ledger.get(account(1)).unwrap().episodes[0].sources, UK);
}

#[test]
fn what_is_held_can_be_retracted_and_what_many_leave_is_left() {
    let ledger = Script(vec![])
        .act(Kind::ListProvisional, OFAC, 10, &[1])
        .act(Kind::List, OFAC | UK, 11, &[2, 3])
        .act(Kind::Retract, OFAC, 12, &[1])
        .act(Kind::DelistMany, OFAC | UK, 13, &[2])
        .act(Kind::DelistMany, UK, 14, &[3])
        .ledger();
    assert_eq!([11, 12].map(|block| word(&ledger, 1, block)), ["while", "after"]);
    assert_eq!([12, 13].map(|block| word(&ledger, 2, block)), ["while", "after"]);
    assert_eq!(word(&ledger, 3, 14), "while");
    assert_eq!(ledger.get(account(3)).unwrap().episodes[0].sources, OFAC);
}

#[test]
fn an_attestation_changes_the_head_and_no_address() {
    let before = Script(vec![]).act(Kind::List, OFAC, 10, &[1]);
    let after = Script(before.0.clone()).act(Kind::Attest, UK, 11, &[]);
    assert_ne!(before.ledger().head(), after.ledger().head());
    assert!(before.ledger().addresses().eq(after.ledger().addresses()));
    assert_eq!(after.ledger().data_as_of(UK), Some(5));
}

#[test]
fn freshness_is_what_was_attested_last_and_nothing_else() {
    let listed = Script(vec![]).act(Kind::List, OFAC, 10, &[1]);
    assert_eq!(listed.ledger().freshness(OFAC), None);

    let mut attested = listed.act(Kind::Attest, OFAC | UK, 11, &[]).act(Kind::Attest, UK, 12, &[]);
    // An error heals: a later one goes, whatever it says.
    attested.0[2].data_as_of = 4;
    attested.0[2].head = attested.0[2].fold(attested.0[1].head);
    let ledger = attested.ledger();
    let fresh = |data_as_of, block: u64| Some(Freshness { data_as_of, checked_at: block * 1000 });
    assert_eq!([OFAC, UK].map(|bit| ledger.freshness(bit)), [fresh(5, 11), fresh(4, 12)]);
}

#[test]
fn a_dropped_altered_or_reordered_event_is_noticed() {
    let script =
        Script(vec![]).act(Kind::List, OFAC, 10, &[1, 2, 3]).act(Kind::Delist, OFAC, 12, &[2]);
    script.ledger();

    let tampered = |change: fn(&mut Vec<Act>)| {
        let mut acts = script.0.clone();
        change(&mut acts);
        Ledger::replay(&acts).unwrap_err()
    };
    assert!(matches!(tampered(|a| a.swap(0, 1)), LedgerError::Gap { last: 0, found: 2 }));
    assert!(matches!(tampered(|a| a[0].entries.truncate(2)), LedgerError::Head { act: 1, .. }));
    assert!(matches!(tampered(|a| a[0].entries.swap(0, 1)), LedgerError::Head { act: 1, .. }));
    assert!(matches!(tampered(|a| a[1].entries[0].uid += 1), LedgerError::Head { act: 2, .. }));
    assert!(matches!(tampered(|a| a[1].kind = Kind::List), LedgerError::Head { act: 2, .. }));
    assert!(matches!(tampered(|a| a[1].until += 1), LedgerError::Head { act: 2, .. }));
}

#[test]
fn a_standing_changes_by_acts_and_by_time() {
    let script = Script(vec![])
        .act(Kind::ListProvisional, OFAC, 10, &[1, 2, 3])
        .act(Kind::List, OFAC, 20, &[1])
        .act(Kind::Retract, OFAC, 30, &[2])
        .act(Kind::Delist, OFAC, 40, &[1]);
    let ledger = script.ledger();
    let held_until = 10_000 + WEEK;
    let at = |n, time| ledger.standing(account(n), time);
    assert_eq!(at(1, 50_000), Some(Standing::Delisted));
    assert_eq!(at(2, 50_000), Some(Standing::Retracted));
    assert_eq!(at(3, held_until - 1), Some(Standing::Provisional));
    assert_eq!(at(3, held_until), Some(Standing::Lapsed));
    assert_eq!(at(4, 50_000), None);

    let upto = |acts: usize| Ledger::replay(&script.0[..acts]).unwrap();
    let moved = |acts: usize, after, through| {
        let moved = upto(acts).moved(&upto(acts - 1), &script.0[acts - 1..acts], after, through);
        moved.into_iter().map(|(address, standing)| (address[0], standing)).collect::<Vec<_>>()
    };
    let held = Standing::Provisional;
    assert_eq!(moved(1, 9_000, 10_000), [(1, held), (2, held), (3, held)]);
    assert_eq!(moved(2, 19_000, 20_000), [(1, Standing::Listed)]);
    assert_eq!(moved(3, 29_000, 30_000), [(2, Standing::Retracted)]);
    assert_eq!(moved(4, 39_000, 40_000), [(1, Standing::Delisted)]);

    // Time alone: at the exact second, once, and only for the hold that nobody ratified.
    let quiet = |after, through| ledger.moved(&ledger, &[], after, through);
    assert!(quiet(held_until - 2, held_until - 1).is_empty());
    assert_eq!(quiet(held_until - 1, held_until), [(account(3), Standing::Lapsed)].into());
    assert!(quiet(held_until, held_until + 9).is_empty());
    assert!(quiet(held_until, held_until).is_empty());
}

#[test]
fn an_act_on_one_source_of_two_moves_nobody() {
    let script = Script(vec![]).act(Kind::List, OFAC, 10, &[1]).act(Kind::List, UK, 20, &[1]).act(
        Kind::Delist,
        OFAC,
        30,
        &[1],
    );
    let earlier = Ledger::replay(&script.0[..2]).unwrap();
    assert!(script.ledger().moved(&earlier, &script.0[2..], 29_000, 30_000).is_empty());
}
