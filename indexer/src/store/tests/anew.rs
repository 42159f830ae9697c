//! What is judged anew: for whom, when, and what of it is told.

use interdict_core::alert::{Alert, AlertId, Disposition};
use interdict_core::audit::Who;
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;
use interdict_core::subject::{Subject, SubjectKind};

use super::desk::{assign, close, step};
use super::ground::{Ground, LISTED, NOW, PAYER, intake, paying};
use super::laws::{all, news};
use crate::chain::Header;
use crate::store::{
    Anew, Changes, Filter, Finality, Intake, Judgement, Lookback, REEVALUATION_MAX_ROWS,
    SUBJECTS_TOGETHER_MAX, Shown, Store, Stretch,
};
use crate::world::{Script, TOKEN, account, block, genesis, place, tx};

async fn import(store: &Store, numbers: &[u8]) {
    let kind = SubjectKind::Customer;
    let subjects = numbers.iter().map(|n| account(*n));
    let subjects = subjects.map(|address| Subject { address, kind, reference: String::new() });
    let subjects: Vec<_> = subjects.collect();
    store.import_subjects(&subjects, &Who::console(), NOW).await.unwrap();
}

fn judgement(rule: &str, severity: Severity) -> Judgement {
    let (rule, policy) = (rule.to_owned(), "own-1@00".to_owned());
    Judgement { rule, severity, policy, worth: None, awaits_finality: false }
}

fn anew(id: AlertId, judgement: Judgement) -> Anew {
    Anew { id, judgement: Some(judgement) }
}

async fn is_judged(store: &Store, through: i64) -> Changes {
    store.judge_anew(vec![], Some(through), NOW).await.unwrap()
}

pub(super) async fn a_changed_subject_is_open_until_its_findings_are_judged(ground: &Ground) {
    let store = ground.begun().await;
    assert_eq!(store.subjects_to_judge().await.unwrap(), None);
    let one = paying(genesis(), 2);
    let two = block(one.header, &[tx(7, None, 0).transfer(TOKEN, account(1), account(LISTED), 9)]);
    let mut found = store.apply(intake(&one)).await.unwrap().created;
    found.extend(store.apply(intake(&two)).await.unwrap().created);
    let ids: Vec<_> = found.iter().map(|alert| alert.id).collect();

    // On either side, in the chain's order, and after one of them.
    import(&store, &[PAYER]).await;
    let through = store.subjects_to_judge().await.unwrap().unwrap();
    assert_eq!(store.findings_to_judge(through, None).await.unwrap(), ids[..2]);
    let after = store.findings_to_judge(through, Some(&found[0])).await.unwrap();
    assert_eq!(after, ids[1..2]);
    import(&store, &[LISTED]).await;
    let both = store.subjects_to_judge().await.unwrap().unwrap();
    assert!(both > through);
    assert_eq!(store.findings_to_judge(through, None).await.unwrap(), ids[..2], "only up to there");
    assert_eq!(store.findings_to_judge(both, None).await.unwrap(), ids, "each once");

    // What came meanwhile stays open.
    assert_eq!(is_judged(&store, through).await, Changes::default());
    assert_eq!(store.subjects_to_judge().await.unwrap(), Some(both));
    is_judged(&store, both).await;
    assert_eq!(store.subjects_to_judge().await.unwrap(), None);

    // Who goes is judged for as who comes; what the chain took back is not judged.
    store.remove_subject(account(PAYER), &Who::console(), NOW).await.unwrap();
    let gone = store.subjects_to_judge().await.unwrap().unwrap();
    assert_eq!(store.findings_to_judge(gone, None).await.unwrap(), ids[..2]);
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert!(store.findings_to_judge(gone, None).await.unwrap().is_empty());
    is_judged(&store, gone).await;
    assert_eq!(store.subjects_to_judge().await.unwrap(), None);
}

pub(super) async fn of_many_changed_subjects_not_all_are_judged_for_at_once(ground: &Ground) {
    let store = ground.begun().await;
    let many = u64::from(SUBJECTS_TOGETHER_MAX) + 5;
    let kind = SubjectKind::Pool;
    let address = |n: u64| alloy_primitives::Address::left_padding_from(&n.to_be_bytes());
    let subjects: Vec<_> = (1..=many)
        .map(|n| Subject { address: address(n), kind, reference: String::new() })
        .collect();
    store.import_subjects(&subjects, &Who::console(), NOW).await.unwrap();
    let first = store.subjects_to_judge().await.unwrap().unwrap();
    assert_eq!(first, i64::from(SUBJECTS_TOGETHER_MAX));
    is_judged(&store, first).await;
    let rest = store.subjects_to_judge().await.unwrap().unwrap();
    assert_eq!(rest, first + 5);
    is_judged(&store, rest).await;
    assert_eq!(store.subjects_to_judge().await.unwrap(), None);
}

pub(super) async fn another_judgement_is_told_once_and_what_people_decided_stays(ground: &Ground) {
    let store = ground.begun().await;
    let found = store.apply(intake(&paying(genesis(), 1))).await.unwrap().created;
    let before = &found[0];
    step(&store, "alice", before.id, &assign("alice")).await.unwrap();
    step(&store, "alice", before.id, &close(Disposition::Blocked, "listed_party")).await.unwrap();
    let desk = store.case(before.id).await.unwrap().unwrap().desk;

    let other = || judgement("own_rule", Severity::Low);
    let changes = store.judge_anew(vec![anew(before.id, other())], None, NOW).await.unwrap();
    assert_eq!(changes, Changes { reevaluated: 1, ..Changes::default() });
    let case = store.case(before.id).await.unwrap().unwrap();
    let Judgement { rule, severity, policy, worth, .. } = other();
    let disposition = Disposition::Blocked;
    let expected = Alert { rule, severity, policy, worth, disposition, ..before.clone() };
    assert_eq!((&case.alert, &case.desk), (&expected, &desk), "closed is closed");
    let told = store.news(0, 9).await.unwrap();
    let kinds: Vec<_> = told.iter().map(|news| news.kind.as_str()).collect();
    assert_eq!(kinds, ["alert.created", "alert.reevaluated"]);
    assert_eq!(told[0].alert, *before, "what was said at first is kept");
    assert_eq!(told[1].alert, expected);

    // The same again, another document that says the same, nothing to say: no news.
    let same = Judgement { policy: "own-2@00".to_owned(), ..other() };
    let nothing = Anew { id: before.id, judgement: None };
    let again = vec![anew(before.id, other()), anew(before.id, same), nothing];
    assert_eq!(store.judge_anew(again, None, NOW).await.unwrap(), Changes::default());
    assert_eq!(store.case(before.id).await.unwrap().unwrap(), case);
    assert_eq!(news(&store).await.len(), 2);
}

pub(super) async fn of_a_flood_that_loses_its_first_the_last_is_shown(ground: &Ground) {
    let store = ground.begun().await;
    let dust = |n| tx(n, None, 0).transfer(TOKEN, account(LISTED), account(1), 1_000_000);
    let drafts: Vec<_> = (1..=4).map(dust).collect();
    let found = store.apply(intake(&block(genesis(), &drafts))).await.unwrap().created;
    let shown = async || {
        let filter = Filter { shown: Shown::Floods, ..Filter::default() };
        let (rows, _) = store.alerts(&filter, None, 9).await.unwrap();
        rows.into_iter().map(|alert| alert.id).rev().collect::<Vec<_>>()
    };
    let id = |n: usize| found[n].id;
    assert_eq!(shown().await, [id(0)]);
    let heavier = |n: usize| vec![anew(id(n), judgement("own_rule", Severity::High))];
    store.judge_anew(heavier(0), None, NOW).await.unwrap();
    assert_eq!(shown().await, [id(0), id(3)], "nobody stands behind one that is no flood");
    assert_eq!(store.flood_sizes(&[id(0), id(3)]).await.unwrap(), [(id(3), 2)].into());
    store.judge_anew(heavier(1), None, NOW).await.unwrap();
    assert_eq!(shown().await, [id(0), id(1), id(3)]);
    // Those that become alike stand behind one another again.
    let lighter = |n: usize| anew(id(n), judgement("own_dust", Severity::Informational));
    store.judge_anew((0..4).map(lighter).collect(), None, NOW).await.unwrap();
    assert_eq!(shown().await.len(), 1, "{:?}", shown().await);
    let head = shown().await[0];
    assert_eq!(store.flood_sizes(&[head]).await.unwrap(), [(head, 3)].into());
}

pub(super) async fn what_awaits_finality_is_found_once_it_is_final(ground: &Ground) {
    let store = ground.begun().await;
    let payments = u64::from(REEVALUATION_MAX_ROWS) + 2;
    let one = paying(genesis(), payments);
    let mut waiting = intake(&one);
    for alert in &mut waiting.alerts {
        alert.awaits_finality = true;
    }
    // One that waits for nothing.
    waiting.alerts[0].awaits_finality = false;
    store.apply(waiting.clone()).await.unwrap();
    assert!(store.findings_final().await.unwrap().is_empty(), "it is not final");
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert!(store.findings_final().await.unwrap().is_empty());
    store.apply(waiting).await.unwrap();
    assert!(all(&store).await.iter().filter(|alert| alert.awaits_finality).count() > 400 / 2);
    let confirmed = store.confirm_to(one.header, NOW).await.unwrap();
    assert!(matches!(confirmed, Finality::Confirmed(_)));
    let first = store.findings_final().await.unwrap();
    assert_eq!(first.len(), REEVALUATION_MAX_ROWS as usize, "in bounded steps");
    // Each is judged once, whatever comes of it.
    let same = |alert: &Alert| judgement(&alert.rule, alert.severity);
    let (other, rest) = first.split_at(1);
    let mut judged = vec![anew(other[0].id, judgement("own_rule", Severity::High))];
    judged.push(Anew { id: rest[0].id, judgement: None });
    judged.extend(rest[1..].iter().map(|alert| anew(alert.id, same(alert))));
    let changes = store.judge_anew(judged, None, NOW).await.unwrap();
    assert_eq!(changes.reevaluated, 1);
    assert_eq!(store.findings_final().await.unwrap().len(), 1);
}

pub(super) async fn what_is_found_by_who_did_not_know_a_subject_is_judged_for_it(ground: &Ground) {
    let store = ground.begun().await;
    import(&store, &[PAYER]).await;
    let changed = store.subjects_changed().await.unwrap();
    is_judged(&store, changed).await;
    let listing = block(genesis(), &[]);
    let past: Header = genesis();
    let job = Lookback {
        act: 1,
        found_at: listing.header.number,
        next: (past.number, past.hash),
        from_block: past.number - 1,
    };
    let acts = Script::default().act(Kind::List, place(101, 0, 0), &[account(LISTED)]).0;
    store.apply(Intake { acts, lookbacks: vec![job], ..intake(&listing) }).await.unwrap();
    let job = store.open_lookback().await.unwrap().unwrap();
    let next = Some((past.number - 1, past.parent));
    let stretch = |next, job, subjects| Stretch {
        job,
        next,
        alerts: vec![],
        undecoded: vec![],
        subjects,
        now: NOW,
    };
    store.walked(stretch(next, job, changed)).await.unwrap();
    assert_eq!(store.subjects_to_judge().await.unwrap(), None, "it knew them");
    let job = store.open_lookback().await.unwrap().unwrap();
    store.walked(stretch(None, job, changed - 1)).await.unwrap();
    assert_eq!(store.subjects_to_judge().await.unwrap(), Some(changed));
}
