//! Who is found, when, and how heavy it is.

use alloy_primitives::{B256, Bytes};
use interdict_core::alert::ListingPhase;
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;

use super::*;
use crate::decode::TRANSFER;
use crate::world::{self, Draft, STRANGE_TOKEN, Script, TOKEN, account, block, genesis, place, tx};

const LISTED: u8 = 0xaa;
const OTHER: u8 = 0xbb;
const UNIT: u64 = 1_000_000;

/// Block 101 with these transactions, screened against a list of these acts.
fn screened(script: &Script, drafts: &[Draft]) -> Screened {
    world::live(&block(genesis(), drafts), &script.ledger())
}

fn listed_before() -> Script {
    Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED)])
}

fn pays(from: u8, to: u8, value: u64) -> Draft {
    tx(1, Some(TOKEN), 0).transfer(TOKEN, account(from), account(to), value)
}

fn rules(screened: &Screened) -> Vec<(&str, Severity, ListingPhase)> {
    screened.alerts.iter().map(|a| (a.rule.as_str(), a.severity, a.phase)).collect()
}

#[test]
fn a_payment_to_a_listed_address_is_critical() {
    let found = screened(&listed_before(), &[pays(OTHER, LISTED, 1)]);
    let expected = ("direct.outbound.while_listed", Severity::Critical, ListingPhase::While);
    assert_eq!(rules(&found), [expected]);
    let alert = &found.alerts[0];
    assert_eq!((alert.listed, alert.counterparty()), (account(LISTED), account(OTHER)));
    assert_eq!((alert.act, alert.sources, &alert.uids[..]), (1, 1, &[26_014][..]));
    assert_eq!(alert.manifest, B256::repeat_byte(9));
}

#[test]
fn a_payment_from_one_is_high_and_dust_is_not() {
    let script = listed_before();
    let found = screened(&script, &[pays(LISTED, OTHER, 10 * UNIT)]);
    assert_eq!(rules(&found)[0].0, "direct.inbound.while_listed");
    let found = screened(&script, &[pays(LISTED, OTHER, 10 * UNIT - 1)]);
    assert_eq!(rules(&found), [("unsolicited_dust", Severity::Informational, ListingPhase::While)]);
}

#[test]
fn dust_that_was_asked_for_is_no_dust() {
    let claim = tx(1, Some(TOKEN), 0);
    let claimant = claim.signer();
    let found = screened(&listed_before(), &[claim.transfer(TOKEN, account(LISTED), claimant, 1)]);
    assert_eq!(rules(&found), [("direct.inbound.solicited", Severity::High, ListingPhase::While)]);
}

#[test]
fn a_lie_about_the_signer_changes_nothing() {
    let mut lied = block(genesis(), &[pays(LISTED, OTHER, 1)]);
    lied.transactions[0].claimed_signer = account(OTHER);
    let found = world::live(&lied, &listed_before().ledger());
    assert_eq!(rules(&found)[0].0, "unsolicited_dust", "not solicited by {}", account(OTHER));
    assert_eq!(found.unproved_signers, 0);
}

#[test]
fn spoofs_accuse_nobody_and_are_kept() {
    let script = listed_before();
    let expected = [("spoof", Severity::Informational, ListingPhase::While)];
    assert_eq!(rules(&screened(&script, &[pays(OTHER, LISTED, 0)])), expected);
    let fake = tx(1, None, 0).transfer(STRANGE_TOKEN, account(OTHER), account(LISTED), UNIT);
    assert_eq!(rules(&screened(&script, &[fake])), expected);
}

#[test]
fn own_value_is_screened_like_a_token() {
    let payment = tx(1, Some(account(LISTED)), 5);
    let payer = payment.signer();
    let found = screened(&listed_before(), &[payment]);
    assert_eq!(rules(&found)[0].0, "direct.outbound.while_listed");
    assert_eq!(found.alerts[0].counterparty(), payer);
}

#[test]
fn before_while_and_after_are_judged_as_of_the_place() {
    let ends = Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED)]).act(
        Kind::Delist,
        place(101, 1, 1),
        &[account(LISTED)],
    );
    // Log 0 is the first transaction's, log 1 the act's, log 2 the last transaction's.
    let drafts = [
        pays(OTHER, LISTED, UNIT),
        tx(2, None, 0).log(account(1), vec![], Bytes::new()),
        tx(3, None, 0).transfer(TOKEN, account(OTHER), account(LISTED), UNIT),
    ];
    let found = screened(&ends, &drafts);
    assert_eq!(found.alerts.len(), 1, "nothing after the delisting");
    assert_eq!(found.alerts[0].transfer.position, place(101, 0, 0));

    let begins = Script::default().act(Kind::ListProvisional, place(101, 1, 1), &[account(LISTED)]);
    let phases: Vec<_> = screened(&begins, &drafts).alerts.iter().map(|a| a.phase).collect();
    assert_eq!(phases, [ListingPhase::Before, ListingPhase::While]);
}

#[test]
fn a_dealing_between_two_listed_addresses_is_found_for_both() {
    let script =
        Script::default().act(Kind::List, place(50, 0, 0), &[account(LISTED), account(OTHER)]);
    let found = screened(&script, &[pays(OTHER, LISTED, 50 * UNIT)]);
    let sides: Vec<_> = found.alerts.iter().map(|a| (a.side, a.listed)).collect();
    assert_eq!(sides, [(Side::Sender, account(OTHER)), (Side::Recipient, account(LISTED))]);
    assert_ne!(found.alerts[0].id, found.alerts[1].id);
}

#[test]
fn who_is_not_listed_is_not_found() {
    let protected = Script::default().act(Kind::Protect, place(50, 0, 0), &[account(LISTED)]);
    assert_eq!(screened(&protected, &[pays(OTHER, LISTED, UNIT)]), Screened::default());
    assert_eq!(screened(&Script::default(), &[pays(OTHER, LISTED, UNIT)]), Screened::default());
}

#[test]
fn looking_back_sees_only_those_whom_the_act_listed() {
    let script = Script::default()
        .act(Kind::List, place(50, 0, 0), &[account(OTHER)])
        .act(Kind::ListProvisional, place(200, 0, 0), &[account(LISTED)])
        .act(Kind::List, place(210, 0, 0), &[account(LISTED)]);
    let ledger = script.ledger();
    assert_eq!(newly_listed(&ledger, 1), [account(OTHER)].into());
    assert_eq!(newly_listed(&ledger, 2), [account(LISTED)].into());
    assert!(newly_listed(&ledger, 3).is_empty(), "ratifying lists nobody anew");

    let past = block(genesis(), &[pays(OTHER, LISTED, UNIT)]);
    let found = world::back(&past, &ledger, 2, &newly_listed(&ledger, 2));
    let expected = ("boundary", Severity::Medium, ListingPhase::Before);
    assert_eq!(rules(&found), [expected], "on the listing's day");
    assert_eq!(found.alerts[0].found_by, FoundBy::Lookback);
    assert_eq!(found.alerts[0].act, 2);
}

#[test]
fn how_long_before_the_listing_counts_in_days() {
    let past = block(genesis(), &[pays(OTHER, LISTED, 10 * UNIT), pays(OTHER, LISTED, UNIT)]);
    let check = |days, first, second| {
        let listed = Script::default().act(Kind::List, place(200, 0, 0), &[account(LISTED)]);
        let ledger = listed.days_later(days).ledger();
        let found = world::back(&past, &ledger, 1, &newly_listed(&ledger, 1));
        let rules: Vec<_> = found.alerts.iter().map(|a| (a.rule.as_str(), a.severity)).collect();
        assert_eq!(rules, [first, second], "{days} days");
        assert!(found.alerts.iter().all(|alert| alert.phase == ListingPhase::Before));
    };
    let recent = ("lookback.pre_listing.recent", Severity::Low);
    let old = ("lookback.pre_listing", Severity::Informational);
    check(0, ("boundary", Severity::Medium), ("boundary", Severity::Medium));
    check(2, recent, old);
    check(90, recent, old);
    check(91, old, old);
    // A publication that was older than its act.
    let mut listed = Script::default().act(Kind::List, place(200, 0, 0), &[account(LISTED)]);
    listed = listed.days_later(91);
    listed.0[0].data_as_of = 86_400;
    listed.0[0].head = listed.0[0].fold(B256::ZERO);
    let ledger = listed.ledger();
    let found = world::back(&past, &ledger, 1, &newly_listed(&ledger, 1));
    assert_eq!(rules(&found)[0].0, "lookback.pre_listing", "the day before it");
    listed.0[0].data_as_of = 5;
    listed.0[0].head = listed.0[0].fold(B256::ZERO);
    let ledger = listed.ledger();
    let found = world::back(&past, &ledger, 1, &newly_listed(&ledger, 1));
    assert_eq!(rules(&found)[0].0, "boundary", "since it");
}

#[test]
fn with_subjects_their_dealings_count_and_others_are_recorded() {
    use interdict_core::policy::Policy;
    use interdict_core::subject::{Subject, SubjectKind, Subjects};
    let subject =
        |n| Subject { address: account(n), kind: SubjectKind::Customer, reference: n.to_string() };
    let of = |subjects: &[u8], drafts: &[Draft]| {
        let (policy, assets) = (Policy::standard(), world::assets());
        let subjects: Subjects = subjects.iter().map(|n| subject(*n)).collect();
        let criteria = Criteria {
            policy: &policy,
            assets: &assets,
            subjects: &subjects,
            manifests: crate::manifests::Manifests::none(),
        };
        let block = block(genesis(), drafts);
        let evidence = Evidence::proved(&block);
        let found = live(world::CHAIN, &evidence, &listed_before().ledger(), criteria);
        rules(&found).iter().map(|(rule, severity, _)| ((*rule).to_owned(), *severity)).collect()
    };
    let is = |found: Vec<(String, Severity)>, rule: &str, severity| {
        assert_eq!(found, [(rule.to_owned(), severity)]);
    };
    let paid = [pays(OTHER, LISTED, 50 * UNIT)];
    is(of(&[], &paid), "direct.outbound.while_listed", Severity::Critical);
    is(of(&[OTHER], &paid), "direct.outbound.while_listed", Severity::Critical);
    is(of(&[0x11], &paid), "no_subject", Severity::Informational);
    is(of(&[LISTED], &paid), "ownership", Severity::Critical);
    is(of(&[LISTED], &[pays(OTHER, LISTED, 0)]), "spoof", Severity::Informational);
}

#[test]
fn unreadable_logs_are_counted_and_those_that_matter_kept() {
    let with_data = |nonce, from: u8| {
        let topics = vec![
            TRANSFER,
            account(from).into_word(),
            account(1).into_word(),
            B256::with_last_byte(1),
        ];
        tx(nonce, None, 0).log(TOKEN, topics, Bytes::from_static(&[0; 32]))
    };
    let malformed = tx(3, None, 0).log(TOKEN, vec![TRANSFER], Bytes::new());
    let drafts = [with_data(1, LISTED), with_data(2, OTHER), malformed];
    let found = screened(&listed_before(), &drafts);
    assert_eq!(found.undecoded_counts, [(UndecodedKind::Malformed, 3)].into());
    let kept: Vec<_> = found.undecoded.iter().map(|log| log.position.tx).collect();
    assert_eq!(kept, [0, 2], "the listed one's, and the one that could be anybody's");
}
