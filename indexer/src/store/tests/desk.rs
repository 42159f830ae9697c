//! What people do to alerts: one transaction each, and nothing of the chain undoes it.

use std::collections::BTreeMap;

use interdict_core::alert::{Alert, AlertId, Confirmation, Disposition};
use interdict_core::audit::Who;
use interdict_core::desk::{Calendar, Desk, Held, NOT_ON_CHAIN, Step, StepError};
use interdict_core::ledger::Standing;
use interdict_core::policy::Severity;
use jiff::Timestamp;
use jiff::civil::date;

use super::audit::walked;
use super::ground::{Ground, LISTED, intake, paying};
use super::laws::all;
use crate::store::{AuditFilter, Case, Happened, Intake, Refusal, Stepping, Store};
use crate::world::{account, block, genesis};

/// 2026-11-25, noon in New York.
pub(super) const AT: i64 = 1_795_626_000;
static CALENDAR: Calendar = Calendar::none();

pub(super) fn close(disposition: Disposition, reason: &str) -> Step {
    let (amount, asset) = ("1.5".to_owned(), "USDT".to_owned());
    let held = Held { amount, asset, wallet: account(1), on: date(2026, 11, 25) };
    Step::Close {
        disposition,
        reason: reason.to_owned(),
        narrative: "Because.".to_owned(),
        held: (disposition == Disposition::Blocked).then_some(held),
        licence: (disposition == Disposition::Licensed).then(|| "L-1".to_owned()),
    }
}

pub(super) fn assign(person: &str) -> Step {
    Step::Assign { assignee: person.to_owned() }
}

pub(super) async fn steps(
    store: &Store,
    person: &str,
    alerts: &[(AlertId, u64)],
    step: &Step,
) -> Vec<(AlertId, Result<Case, Refusal>)> {
    let who = Who { person: person.to_owned(), role: "analyst".to_owned() };
    let stepping = Stepping { step, who: &who, at: AT, calendar: &CALENDAR };
    store.step(alerts, stepping).await.unwrap()
}

/// A step on one alert as it stands.
pub(super) async fn step(
    store: &Store,
    person: &str,
    alert: AlertId,
    step: &Step,
) -> Result<Case, Refusal> {
    let version = store.case(alert).await.unwrap().unwrap().desk.version;
    steps(store, person, &[(alert, version)], step).await.remove(0).1
}

pub(super) async fn found(store: &Store, payments: u64) -> Vec<Alert> {
    store.apply(intake(&paying(genesis(), payments))).await.unwrap().created
}

pub(super) async fn a_step_and_its_audit_row_are_one(ground: &Ground) {
    let store = ground.begun().await;
    let id = found(&store, 1).await[0].id;
    assert_eq!(store.case(id).await.unwrap().unwrap().desk, Desk::new());
    let assigned = step(&store, "alice", id, &assign("bob")).await.unwrap();
    assert_eq!(assigned.desk.version, 1);
    assert_eq!(assigned.desk.assignee.as_deref(), Some("bob"));
    assert_eq!(store.case(id).await.unwrap().unwrap(), assigned, "what is read is what was done");
    let rows = store.audit(&AuditFilter::default(), None, 9).await.unwrap();
    assert_eq!((rows[0].kind.as_str(), rows[0].alert), ("step.assign", Some(id)));
    let detail = r#"{"from":"new","step":{"assignee":"bob","kind":"assign"},"to":"assigned"}"#;
    assert_eq!(rows[0].detail, detail);

    // Whoever comes too late, or goes nowhere, leaves nothing.
    let late = steps(&store, "eve", &[(id, 0)], &assign("eve")).await.remove(0).1.unwrap_err();
    assert_eq!(late, Refusal::Stale(Box::new(assigned.clone())));
    let nowhere = step(&store, "eve", id, &Step::Wake).await.unwrap_err();
    assert_eq!(nowhere, Refusal::Step(StepError::Awake));
    assert_eq!(walked(&store).await.number, 1);
    assert_eq!(store.case(id).await.unwrap().unwrap(), assigned);

    // If the row cannot be written, nothing is done.
    ground
        .execute(
            "INSERT INTO audit (number, at, person, role, kind, detail, hash) SELECT
        9223372036854775807, at, person, role, kind, detail, hash FROM audit",
        )
        .await
        .unwrap();
    let who = Who { person: "alice".to_owned(), role: "analyst".to_owned() };
    let note = Step::Note { text: "Hm.".to_owned() };
    let stepping = Stepping { step: &note, who: &who, at: AT, calendar: &CALENDAR };
    assert!(store.step(&[(id, 1)], stepping).await.is_err());
    assert_eq!(store.case(id).await.unwrap().unwrap(), assigned);
}

pub(super) async fn of_many_who_take_a_step_at_once_one_does(ground: &Ground) {
    let store = ground.begun().await;
    let id = found(&store, 1).await[0].id;
    let takers = (0..8).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let person = format!("p{n}");
            steps(&store, &person, &[(id, 0)], &assign(&person)).await.remove(0).1.is_ok()
        })
    });
    let mut done = 0;
    for taker in takers.collect::<Vec<_>>() {
        done += u64::from(taker.await.unwrap());
    }
    assert_eq!((done, walked(&store).await.number), (1, 1));
}

pub(super) async fn the_same_step_on_many_says_of_each_what_became_of_it(ground: &Ground) {
    let store = ground.begun().await;
    let alerts = found(&store, 3).await;
    step(&store, "alice", alerts[1].id, &assign("bob")).await.unwrap();
    let none: AlertId = "0".repeat(32).parse().unwrap();
    let seen = [(alerts[0].id, 0), (alerts[1].id, 0), (none, 0), (alerts[2].id, 0)];
    let answers = steps(&store, "alice", &seen, &assign("bob")).await;
    let said: Vec<_> = answers.iter().map(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(said, [true, false, false, true]);
    assert!(matches!(answers[1].1, Err(Refusal::Stale(_))));
    assert_eq!(answers[2].1, Err(Refusal::NoAlert));
    assert_eq!(walked(&store).await.number, 3);
}

pub(super) async fn what_people_decided_outlives_a_reorganisation_and_a_delisting(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 2);
    let alerts = store.apply(intake(&one)).await.unwrap().created;
    let blocking = close(Disposition::Blocked, "ordered");
    let blocked = step(&store, "alice", alerts[0].id, &blocking).await.unwrap();
    assert_eq!(blocked.desk.papers.report.as_ref().unwrap().due_on, date(2026, 12, 10));
    let desk = async |id| store.case(id).await.unwrap().unwrap().desk;

    store.revert_to(100, AT).await.unwrap();
    assert_eq!(desk(alerts[0].id).await, blocked.desk);
    let assigning = step(&store, "alice", alerts[1].id, &assign("bob")).await.unwrap_err();
    assert_eq!(assigning, Refusal::Step(StepError::Retracted));
    store.apply(intake(&one)).await.unwrap();
    assert_eq!(desk(alerts[0].id).await, blocked.desk, "the same alert, found again");

    let two = block(one.header, &[]);
    let moved = BTreeMap::from([(account(LISTED), Standing::Delisted)]);
    store.apply(Intake { moved, ..intake(&two) }).await.unwrap();
    while store.reevaluate(AT).await.unwrap().is_some() {}
    store.confirm_to(two.header, AT).await.unwrap();
    let now = store.case(alerts[0].id).await.unwrap().unwrap();
    assert_eq!(
        (now.alert.standing, now.alert.confirmation),
        (Standing::Delisted, Confirmation::Confirmed)
    );
    assert_eq!(now.desk, blocked.desk);
}

pub(super) async fn a_timeline_has_both_halves_in_order(ground: &Ground) {
    let store = ground.begun().await;
    let one = paying(genesis(), 1);
    let id = store.apply(intake(&one)).await.unwrap().created[0].id;
    step(&store, "alice", id, &assign("bob")).await.unwrap();
    store.revert_to(100, AT + 1).await.unwrap();
    // It is critical: what the chain took back is closed by two people, too.
    let gone = close(Disposition::NoAction, NOT_ON_CHAIN);
    step(&store, "bob", id, &gone).await.unwrap();
    step(&store, "alice", id, &Step::Approve { narrative: None }).await.unwrap();
    let told = store.timeline(id).await.unwrap();
    let kinds: Vec<_> = told
        .iter()
        .map(|told| match told {
            Happened::Chain { kind, .. } => kind.as_str(),
            Happened::Person(row) => row.kind.as_str(),
        })
        .collect();
    let expected =
        ["alert.created", "step.assign", "step.close", "step.approve", "alert.retracted"];
    assert_eq!(kinds, expected, "by our clock");
    let case = store.case(id).await.unwrap().unwrap();
    let decision = case.desk.papers.decision.unwrap();
    assert_eq!((decision.by.as_str(), decision.with.as_deref()), ("bob", Some("alice")));
    assert_eq!(case.alert.disposition, Disposition::NoAction);
}

pub(super) async fn a_summary_counts_what_is_to_be_done(ground: &Ground) {
    let store = ground.begun().await;
    let alerts = found(&store, 6).await;
    step(&store, "alice", alerts[0].id, &assign("bob")).await.unwrap();
    step(&store, "alice", alerts[1].id, &close(Disposition::Blocked, "ordered")).await.unwrap();
    step(&store, "alice", alerts[2].id, &close(Disposition::NoAction, "no_property"))
        .await
        .unwrap();
    let until = Timestamp::from_second(AT + 3600).unwrap();
    let snooze = Step::Snooze { until, reason: "Later.".to_owned() };
    step(&store, "alice", alerts[3].id, &snooze).await.unwrap();
    let soon = date(2026, 12, 10);
    let summary = store.summary("bob", AT, date(2026, 12, 8), soon).await.unwrap();
    assert_eq!(summary.open, BTreeMap::from([(Severity::Critical, 5)]));
    let counts = (summary.unassigned, summary.mine, summary.waiting, summary.snoozed);
    assert_eq!(counts, (4, 1, 1, 1));
    assert_eq!((summary.due_soon, summary.overdue), (1, 0));
    assert!(summary.days.is_empty(), "it was long ago");
    let late =
        store.summary("eve", AT + 3600, date(2026, 12, 11), date(2026, 12, 16)).await.unwrap();
    assert_eq!((late.mine, late.due_soon, late.overdue, late.snoozed), (0, 0, 1, 0));
    let time = i64::try_from(all(&store).await[0].transfer.block_time).unwrap();
    let then = store.summary("bob", time + 100, soon, soon).await.unwrap();
    assert_eq!(then.days.len(), 1);
    assert_eq!(then.days[0].counts, BTreeMap::from([(Severity::Critical, 6)]));
    assert_eq!(store.analysts(AT).await.unwrap(), ["bob"]);
}
