use interdict_core::ledger::{Kind, UNTIL_MAX};

use super::*;
use crate::fixture::{NOW, OFAC, account, designation, ledger, reading};

const MAINNET: u64 = 1;

/// How a guard ends without and with its override, and what is written down then.
fn check(which: Override, code: &str, guard: impl Fn(&mut Guards<'_>) -> Result<(), GuardError>) {
    let refused = guard(&mut Guards::new(&[])).unwrap_err();
    assert_eq!(refused.code(), code);
    assert!(refused.next().contains(which.flag()), "{}", refused.next());
    let others: Vec<_> = Override::ALL.into_iter().filter(|o| *o != which).collect();
    assert!(guard(&mut Guards::new(&others)).is_err(), "{code} gives way to another flag");
    let allowed = [which];
    let mut guards = Guards::new(&allowed);
    assert_eq!(guard(&mut guards), Ok(()));
    assert_eq!(guards.used(), [which]);
}

/// A guard that has nothing to say, whatever is allowed, leaves no trace.
fn silent(guard: impl Fn(&mut Guards<'_>) -> Result<(), GuardError>) {
    assert_eq!(guard(&mut Guards::new(&[])), Ok(()));
    let mut guards = Guards::new(&Override::ALL);
    assert_eq!(guard(&mut guards), Ok(()));
    assert_eq!(guards.used(), [], "an override that was not needed");
}

#[test]
fn a_publication_without_addresses_needs_a_word() {
    silent(|guards| guards.empty(&reading(&[designation(1, 1)])));
    check(Override::Empty, "zero", |guards| guards.empty(&reading(&[])));
}

#[test]
fn a_wrong_checksum_needs_a_word_and_another_fault_does_not() {
    let quarantined = |published: &str| {
        let mut reading = reading(&[designation(1, 1)]);
        reading.quarantine.push(Quarantined {
            published: published.to_owned(),
            uid: "900005".to_owned(),
            feature: None,
            reason: "a person must look".to_owned(),
        });
        reading
    };
    let wrong = quarantined("0xC0f74EEd632E96C35a22d67AB4aa481Da852E4FA");
    check(Override::BadChecksum, "bad_checksum", |guards| guards.bad_checksum(&wrong));
    let said = Guards::new(&[]).bad_checksum(&wrong).unwrap_err().to_string();
    assert!(said.contains("0xC0f74EEd632E96C35a22d67AB4aa481Da852E4FA under 900005"), "{said}");
    for other in ["0xC0f74EEd632E96C35a22d67AB4aa481Da852E4F", "0x12", ""] {
        silent(|guards| guards.bad_checksum(&quarantined(other)));
    }
}

#[test]
fn fifteen_percent_may_leave_and_no_more() {
    for (leaving, listed) in [(0, 0), (15, 100), (1, 7)] {
        silent(|guards| guards.shrink(leaving, listed));
    }
    for (leaving, listed) in [(16, 100), (1, 6), (57, 100)] {
        check(Override::Shrink, "shrink", |guards| guards.shrink(leaving, listed));
    }
}

#[test]
fn an_older_publication_needs_a_word() {
    silent(|guards| guards.older(5, None));
    silent(|guards| guards.older(5, Some(5)));
    check(Override::Older, "older", |guards| guards.older(4, Some(5)));
}

#[test]
fn a_canary_counts_for_a_first_plan_and_while_it_is_listed() {
    let published = |missing: usize| {
        let mut reading = reading(&[designation(1, 1)]);
        for (n, (_, canary)) in known::CANARIES.iter().enumerate().filter(|(n, _)| *n != missing) {
            let uid = u64::try_from(n).unwrap();
            reading.designations.push(crate::source::Designation {
                address: *canary,
                uid,
                ..designation(1, 1)
            });
        }
        reading
    };
    let empty = Ledger::default();
    let all = usize::MAX;
    silent(|guards| guards.canaries(&published(all), &empty, NOW, MAINNET));
    check(Override::MissingCanary, "missing_canary", |guards| {
        guards.canaries(&published(3), &empty, NOW, MAINNET)
    });
    silent(|guards| guards.canaries(&published(3), &empty, NOW, LOCAL_CHAIN));

    // Later it counts only while the chain lists it, on whichever chain.
    let others = ledger(&[(Kind::List, OFAC, UNTIL_MAX, &[(1, 1)])]);
    silent(|guards| guards.canaries(&published(3), &others, NOW, MAINNET));
    let listed = with_canary(Kind::List);
    check(Override::MissingCanary, "missing_canary", |guards| {
        guards.canaries(&published(3), &listed, NOW, LOCAL_CHAIN)
    });
    silent(|guards| guards.canaries(&published(2), &listed, NOW, MAINNET));
    silent(|guards| guards.canaries(&published(3), &with_canary(Kind::Delist), NOW, MAINNET));
}

/// A list that has the fourth canary, or had it.
fn with_canary(last: Kind) -> Ledger {
    let kinds: &[Kind] = if last == Kind::List { &[Kind::List] } else { &[Kind::List, last] };
    let written: Vec<crate::fixture::Written<'_>> =
        kinds.iter().map(|kind| (*kind, OFAC, UNTIL_MAX, &[(9, 9)][..])).collect();
    let mut acts = crate::fixture::acts(&written);
    let mut head = alloy::primitives::B256::ZERO;
    for act in &mut acts {
        act.entries[0].account = known::CANARIES[3].1;
        act.head = act.fold(head);
        head = act.head;
    }
    Ledger::replay(&acts).unwrap()
}

#[test]
fn what_no_list_may_hold_is_refused_and_then_set_aside() {
    let own = [account(2)];
    let publication = || reading(&[designation(1, 1), designation(2, 2)]);
    check(Override::NeverList, "never_list", |guards| {
        guards.never_list(&mut publication(), &Ledger::default(), &own)
    });
    let mut allowed = publication();
    let allowed_flags = [Override::NeverList];
    let mut guards = Guards::new(&allowed_flags);
    guards.never_list(&mut allowed, &Ledger::default(), &own).unwrap();
    assert_eq!((allowed.designations.len(), allowed.quarantine.len()), (1, 1));
    assert_eq!(allowed.quarantine[0].reason, "it cannot be listed: part of this system");
}

#[test]
fn what_is_protected_is_set_aside_without_a_word() {
    let ledger = ledger(&[(Kind::Protect, 0, 0, &[(1, 0)])]);
    let mut reading = reading(&[designation(1, 1), designation(2, 2)]);
    silent(|guards| guards.never_list(&mut reading.clone(), &ledger, &[]));
    Guards::new(&[]).never_list(&mut reading, &ledger, &[]).unwrap();
    assert_eq!(reading.quarantine[0].reason, "it cannot be listed: it is protected");
}

#[test]
fn a_type_that_was_never_seen_needs_a_look() {
    let typed = |listed: &str, other: &str| {
        let mut reading = reading(&[designation(1, 1)]);
        reading.designations[0].tickers = vec![listed.to_owned()];
        reading.not_evm.insert(other.to_owned(), 3);
        reading
    };
    silent(|guards| guards.unknown_type(&typed("BNB", "XBT")));
    check(Override::UnknownType, "unknown_type", |guards| {
        guards.unknown_type(&typed("ETH", "TON"))
    });
    check(Override::UnknownType, "unknown_type", |guards| {
        guards.unknown_type(&typed("BASE", "XBT"))
    });
    let error = Guards::new(&[]).unknown_type(&typed("ETH", "TON")).unwrap_err();
    assert!(error.to_string().contains("TON (3 published)"), "{error}");
    let mut own = typed("ETH", "TON");
    own.source = interdict_core::source::Source::Own;
    silent(|guards| guards.unknown_type(&own));
}

#[test]
fn two_publications_of_one_authority_must_agree() {
    let one = reading(&[designation(1, 1), designation(2, 2)]);
    silent(|guards| guards.agree(&one, &one.clone()));
    let other = reading(&[designation(1, 1), designation(2, 3)]);
    check(Override::Disagreement, "disagreement", |guards| guards.agree(&one, &other));
    let said = Guards::new(&[]).agree(&one, &other).unwrap_err().to_string();
    let [first, second] = [2, 3].map(|uid| format!("{} under uid {uid}", account(2)));
    assert!(said.contains(&format!("1 only in the first: {first}")), "{said}");
    assert!(said.contains(&format!("1 only in the second: {second}")), "{said}");
}

#[test]
fn an_old_publication_and_one_of_the_future_are_spoken_of() {
    let day = |days: i64| Timestamp::from_second(days * DAY_SECONDS).unwrap();
    assert_eq!(age_alarm(day(0), day(AGE_ALARM_DAYS)), None);
    assert!(age_alarm(day(0), day(AGE_ALARM_DAYS + 1)).unwrap().contains("31 days old"));
    assert!(age_alarm(day(1), day(0)).unwrap().contains("one of the clocks"));
}
