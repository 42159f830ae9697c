//! The steps, each by hand, and all of them by chance.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use std::cell::RefCell;
use std::collections::BTreeSet;

use alloy_primitives::{Address, B256};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::take::takes_two;
use super::*;
use crate::alert::Confirmation;

/// 2026-11-25, noon in New York.
const NOW: i64 = 1_795_626_000;
static CALENDAR: Calendar = Calendar::none();

const DISPOSITIONS: [Disposition; 10] = Disposition::ALL;

fn matter(severity: Severity, confirmation: Confirmation) -> Matter {
    Matter { severity, confirmation }
}

fn confirmed(severity: Severity) -> Matter {
    matter(severity, Confirmation::Confirmed)
}

fn by(person: &str) -> Taker<'_> {
    Taker { person, at: NOW, calendar: &CALENDAR }
}

fn held() -> Held {
    let (amount, asset) = ("1.5".to_owned(), "USDT".to_owned());
    Held { amount, asset, wallet: Address::repeat_byte(1), on: date(2026, 11, 25) }
}

fn close(disposition: Disposition, reason: &str) -> Step {
    Step::Close {
        disposition,
        reason: reason.to_owned(),
        narrative: "Because.".to_owned(),
        held: (disposition == Disposition::Blocked).then(held),
        licence: (disposition == Disposition::Licensed).then(|| "L-1".to_owned()),
    }
}

fn release() -> Step {
    Step::Release { reason: "delisted".to_owned(), narrative: "Because.".to_owned() }
}

fn approve() -> Step {
    Step::Approve { narrative: None }
}

/// Steps one after another; what the last one says.
fn all(matter: Matter, steps: &[(&str, Step)]) -> Result<Desk, StepError> {
    steps.iter().try_fold(Desk::new(), |desk, (person, step)| take(&desk, matter, step, by(person)))
}

#[test]
fn a_true_match_is_taken_for_none_by_two_people_only() {
    let critical = confirmed(Severity::Critical);
    let proposing = close(Disposition::FalsePositive, "spoofed");
    let proposed = all(critical, &[("alice", proposing.clone())]).unwrap();
    assert_eq!(proposed.disposition, Disposition::New);
    assert_eq!(proposed.papers.proposal.as_ref().unwrap().by, "alice");
    let then = |person: &str, step: Step| take(&proposed, critical, &step, by(person));
    assert_eq!(then("alice", approve()), Err(StepError::Own));
    assert_eq!(then(" Alice", approve()), Err(StepError::Own), "one name is one person");
    let waits = StepError::Waits { by: "alice".to_owned() };
    assert_eq!(then("bob", proposing.clone()), Err(waits));
    let not_own = StepError::NotOwn { by: "alice".to_owned() };
    assert_eq!(then("bob", Step::Withdraw), Err(not_own));
    assert_eq!(then("alice", Step::Withdraw).unwrap(), Desk::new());
    let no = Step::Decline { narrative: "It was him.".to_owned() };
    assert_eq!(then("bob", no).unwrap(), Desk::new());

    let closed = then("bob", approve()).unwrap();
    assert_eq!(closed.disposition, Disposition::FalsePositive);
    let decision = closed.papers.decision.unwrap();
    assert_eq!((decision.by.as_str(), decision.with.as_deref()), ("alice", Some("bob")));

    let low = all(confirmed(Severity::Low), &[("alice", proposing)]).unwrap();
    assert_eq!((low.disposition, low.papers.proposal), (Disposition::FalsePositive, None));
}

#[test]
fn what_is_held_starts_the_clock_and_a_report_meets_it() {
    let high = confirmed(Severity::High);
    let blocking = close(Disposition::Blocked, "received_from_listed");
    let blocked = all(high, &[("alice", blocking)]).unwrap();
    let due = blocked.papers.report.clone().unwrap();
    assert_eq!((due.kind, due.due_on), (ReportKind::Blocking, date(2026, 12, 10)));
    let report = |on| Step::Report {
        report: ReportKind::Blocking,
        reference: "OFAC-1".to_owned(),
        reported_on: on,
    };
    let early = take(&blocked, high, &report(date(2026, 11, 24)), by("alice")).unwrap_err();
    assert_eq!(early.code(), "bad_day");
    let met = take(&blocked, high, &report(date(2026, 11, 25)), by("alice")).unwrap();
    assert_eq!(met.papers.report.as_ref().unwrap().reported_on, Some(date(2026, 11, 25)));
    let again = take(&met, high, &report(date(2026, 11, 25)), by("alice")).unwrap_err();
    assert_eq!(again, StepError::Reported(date(2026, 11, 25)));
}

#[test]
fn property_is_let_go_by_two_people_also_round_the_corner() {
    let low = confirmed(Severity::Low);
    let blocking = close(Disposition::Blocked, "listed_party");
    let blocked = all(low, &[("alice", blocking.clone())]).unwrap();
    let released = all(low, &[("alice", blocking.clone()), ("bob", release()), ("eve", approve())]);
    let released = released.unwrap();
    assert_eq!((released.disposition, released.papers.held), (Disposition::Released, None));
    assert!(released.papers.report.is_some(), "it is to be reported all the same");

    let reopen = Step::Reopen { reason: "decided_wrongly".to_owned(), narrative: "Hm.".to_owned() };
    let steps = [("alice", blocking), ("bob", reopen)];
    let reopened = all(low, &steps).unwrap();
    assert_eq!(
        (reopened.disposition, reopened.papers.held.is_some()),
        (Disposition::Escalated, true)
    );
    let round = take(&reopened, low, &close(Disposition::NoAction, "no_property"), by("bob"));
    assert!(round.unwrap().papers.proposal.is_some());
    assert!(takes_two(&blocked, Disposition::Licensed, Severity::Low));
}

#[test]
fn what_the_chain_took_back_is_noted_and_closed_as_such() {
    let retracted = matter(Severity::Low, Confirmation::Retracted);
    let gone = close(Disposition::NoAction, NOT_ON_CHAIN);
    let assign = Step::Assign { assignee: "bob".to_owned() };
    assert_eq!(all(retracted, &[("alice", assign)]), Err(StepError::Retracted));
    let other = close(Disposition::NoAction, "no_property");
    assert_eq!(all(retracted, &[("alice", other)]), Err(StepError::Retracted));
    let note = Step::Note { text: "Gone.\nReally.".to_owned() };
    let closed = all(retracted, &[("alice", note), ("alice", gone.clone())]).unwrap();
    assert_eq!(closed.disposition, Disposition::NoAction);
    let there = all(confirmed(Severity::Low), &[("alice", gone)]);
    assert_eq!(there, Err(StepError::OnChain("confirmed")));
}

#[test]
fn what_is_said_must_be_sayable() {
    let check = |step: Step, code: &str| {
        let error = all(confirmed(Severity::Low), &[("alice", step)]).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    };
    let note = |text: &str| Step::Note { text: text.to_owned() };
    check(note(" \n"), "bad_text");
    check(note("a\u{202e}b"), "bad_text");
    check(note("a\0b"), "bad_text");
    check(note(&"ü".repeat(NARRATIVE_MAX_CHARS + 1)), "bad_text");
    check(Step::Assign { assignee: "a\nb".to_owned() }, "bad_text");
    check(close(Disposition::NoAction, "because"), "unknown_reason");
    check(close(Disposition::New, "because"), "not_a_closing_disposition");
    check(close(Disposition::Released, "delisted"), "not_a_closing_disposition");
    check(release(), "no_such_transition");
    for to in ["http://a.example/", "https://", "https://u@a.example/", "javascript:alert(1)", "7"]
    {
        check(Step::Link { to: to.to_owned(), says: "x".to_owned() }, "bad_text");
    }
    let far = Timestamp::from_second(NOW + 91 * 24 * 3600).unwrap();
    check(Step::Snooze { until: far, reason: "later".to_owned() }, "bad_until");
    let mut nothing = close(Disposition::Blocked, "ordered");
    if let Step::Close { held, .. } = &mut nothing {
        *held = None;
    }
    check(nothing.clone(), "held_missing");
    let text = serde_json::to_string(&nothing).unwrap();
    assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), nothing);
    assert!(serde_json::from_str::<Step>(&text.replace("reason", "Reason")).is_err());
}

#[test]
fn every_closed_disposition_has_reasons_and_a_way_to_it() {
    for disposition in DISPOSITIONS {
        let codes: BTreeSet<_> = reasons(disposition).iter().map(|reason| reason.code).collect();
        assert_eq!(codes.len(), reasons(disposition).len(), "{disposition:?}: each code once");
        assert_eq!(
            is_closed(disposition),
            !codes.is_empty() && disposition != Disposition::Escalated
        );
        assert!(!from(disposition).is_empty());
    }
}

const SEVERITIES: [Severity; 5] =
    [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

fn text() -> impl Strategy<Value = String> {
    select(vec!["Because.", "", "two\nlines", "bad\u{7}"]).prop_map(str::to_owned)
}

fn code() -> impl Strategy<Value = String> {
    let codes: Vec<_> =
        DISPOSITIONS.iter().flat_map(|one| reasons(*one)).map(|one| one.code).collect();
    prop_oneof![select(codes), Just("whim")].prop_map(str::to_owned)
}

fn closing() -> impl Strategy<Value = Step> {
    let held = proptest::option::weighted(0.3, Just(held()));
    let licence = proptest::option::weighted(0.3, Just("L-1".to_owned()));
    let right = select(DISPOSITIONS.to_vec()).prop_flat_map(|disposition| {
        let codes: Vec<_> = reasons(disposition).iter().map(|one| one.code).collect();
        let codes = if codes.is_empty() { vec!["whim"] } else { codes };
        select(codes).prop_map(move |code| close(disposition, code))
    });
    let any = (select(DISPOSITIONS.to_vec()), code(), text(), held, licence).prop_map(
        |(disposition, reason, narrative, held, licence)| Step::Close {
            disposition,
            reason,
            narrative,
            held,
            licence,
        },
    );
    prop_oneof![3 => right, 1 => any]
}

fn step() -> impl Strategy<Value = Step> {
    let person = select(vec!["alice", "bob", ""]).prop_map(str::to_owned);
    let day = select(vec![date(2026, 11, 25), date(2026, 11, 20), date(2026, 12, 1)]);
    let kind = select(vec![ReportKind::Blocking, ReportKind::Rejection]);
    let reasoned = || (code(), text());
    prop_oneof![
        2 => person.prop_map(|assignee| Step::Assign { assignee }),
        1 => Just(Step::Unassign),
        2 => reasoned().prop_map(|(reason, narrative)| Step::Escalate { reason, narrative }),
        6 => closing(),
        2 => Just(release()),
        2 => Just("typing_error".to_owned()).prop_map(|reason| Step::BlockedInError {
            reason, narrative: "Because.".to_owned() }),
        2 => Just("new_information".to_owned()).prop_map(|reason| Step::Reopen {
            reason, narrative: "Because.".to_owned() }),
        4 => Just(approve()),
        1 => text().prop_map(|narrative| Step::Decline { narrative }),
        1 => Just(Step::Withdraw),
        1 => text().prop_map(|text| Step::Note { text }),
        1 => Just(Step::Attach { name: "a.pdf".to_owned(), sha256: B256::ZERO, bytes: 1,
            media_type: "application/pdf".to_owned() }),
        1 => Just(Step::Wake),
        1 => (-9..9_i64).prop_map(|hours| Step::Snooze {
            until: Timestamp::from_second(NOW + hours * 3600).unwrap(), reason: "later".to_owned() }),
        1 => (kind, day).prop_map(|(report, reported_on)| Step::Report {
            report, reference: "R".to_owned(), reported_on }),
    ]
}

/// What holds of every state, however one came to it.
fn is_lawful(desk: &Desk) -> Result<(), TestCaseError> {
    let Desk { disposition, assignee, snoozed_until, papers, .. } = desk;
    let closed = is_closed(*disposition);
    prop_assert_eq!(closed, papers.decision.is_some());
    prop_assert!(!closed || snoozed_until.is_none());
    prop_assert!(*disposition != Disposition::New || assignee.is_none());
    prop_assert!(*disposition != Disposition::Assigned || assignee.is_some());
    prop_assert!(*disposition != Disposition::Blocked || papers.held.is_some());
    prop_assert!(*disposition != Disposition::Rejected || papers.report.is_some());
    if let Some(decision) = &papers.decision {
        prop_assert!(known_reason(*disposition, &decision.reason).is_some());
        prop_assert_eq!(*disposition == Disposition::Licensed, decision.licence.is_some());
        let two = two_people(*disposition).takes(decision.severity);
        prop_assert!(!two || decision.with.is_some(), "decided by one: {:?}", decision);
        prop_assert!(decision.with.as_ref() != Some(&decision.by));
    }
    if let Some(proposal) = &papers.proposal {
        prop_assert!(from(proposal.disposition).contains(disposition));
    }
    Ok(())
}

fn walk(
    steps: &[(usize, Step, Confirmation)],
    severity: Severity,
    seen: &RefCell<BTreeSet<&'static str>>,
) -> Result<(), TestCaseError> {
    const PEOPLE: [&str; 3] = ["alice", "bob", "eve"];
    let mut desk = Desk::new();
    for (person, step, confirmation) in steps {
        let person = PEOPLE[*person];
        let matter = matter(severity, *confirmation);
        let Ok(next) = take(&desk, matter, step, by(person)) else { continue };
        is_lawful(&next)?;
        let (was, is) = (desk.disposition, next.disposition);
        prop_assert!(was == is || from(is).contains(&was), "{:?} to {:?}", was, is);
        if step.kind() == Kind::Approve {
            prop_assert!(desk.papers.proposal.as_ref().unwrap().by != person);
        }
        if desk.papers.held.is_some() && next.papers.held.is_none() {
            prop_assert_eq!(step.kind(), Kind::Approve, "let go by one");
        }
        if *confirmation == Confirmation::Retracted && was != is {
            let fits = [Disposition::NoAction, Disposition::Released, Disposition::BlockedInError];
            prop_assert!(fits.contains(&is));
        }
        seen.borrow_mut().insert(error::word(is));
        desk = next;
    }
    Ok(())
}

#[test]
fn no_way_leads_to_an_unlawful_state() {
    const CASES: u32 = 4_000;
    const STEPS_MAX: usize = 24;
    let confirmation = prop_oneof![
        6 => Just(Confirmation::Confirmed),
        2 => Just(Confirmation::Pending),
        1 => Just(Confirmation::Retracted),
    ];
    let steps = proptest::collection::vec((0..3_usize, step(), confirmation), 1..STEPS_MAX);
    let strategy = (steps, select(SEVERITIES.to_vec()));
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let seen = RefCell::default();
    let run =
        TestRunner::new(config).run(&strategy, |(steps, severity)| walk(&steps, severity, &seen));
    if let Err(error) = run {
        panic!("{error}");
    }
    assert_eq!(seen.borrow().len(), DISPOSITIONS.len(), "it comes to each: {seen:?}");
}
