//! News in the lines of those who are to hear it.

use alloy_primitives::B256;
use interdict_core::alert::Alert;
use interdict_core::audit::{Event, Who};
use interdict_core::policy::Severity;

use super::ground::{Ground, NOW, configured, first, intake, lined, paying};
use crate::chain::{Block, Header};
use crate::store::{
    AuditFilter, CONFIG_ENDPOINT, ENDPOINTS_MAX, Endpoint, EndpointState, FRESH_MAX_ROWS, Retry,
    Scope, Sealed, Shape, Store, Wish,
};
use crate::world::genesis;

/// A block above another with findings of these weights.
async fn weighing(store: &Store, below: Header, weights: &[Severity]) -> (Block, Vec<Alert>) {
    let block = paying(below, weights.len() as u64);
    let mut intake = intake(&block);
    for (alert, weight) in intake.alerts.iter_mut().zip(weights) {
        alert.severity = *weight;
    }
    let alerts = intake.alerts.clone();
    store.apply(intake).await.unwrap();
    (block, alerts)
}

async fn due(store: &Store, now: i64) -> Vec<i64> {
    let due = store.due_deliveries(CONFIG_ENDPOINT, now, 999).await.unwrap();
    due.iter().map(|news| news.seq).collect()
}

pub(super) async fn news_waits_until_it_is_due_or_dead(ground: &Ground) {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 3))).await.unwrap();
    lined(&store).await;
    store.delivered(CONFIG_ENDPOINT, &[first(1)], NOW).await.unwrap();
    let reason = "HTTP status 500";
    store.failed(CONFIG_ENDPOINT, first(2), reason, Retry::At(NOW + 5)).await.unwrap();
    store.failed(CONFIG_ENDPOINT, first(3), reason, Retry::Never).await.unwrap();
    assert!(due(&store, NOW + 4).await.is_empty());
    let due = store.due_deliveries(CONFIG_ENDPOINT, NOW + 5, 9).await.unwrap();
    assert_eq!((due[0].seq, due[0].attempts), (2, 1));
    assert_eq!(store.next_due(CONFIG_ENDPOINT).await.unwrap(), Some(NOW + 5));
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.outbox_pending, counts.outbox_dead), (1, 1));
    let endpoint = store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap();
    assert_eq!((endpoint.delivered_at, endpoint.seq), (Some(NOW), 3));
    assert_eq!(endpoint.last_error.as_deref(), Some(reason));
}

pub(super) async fn a_line_that_is_full_takes_more_when_it_has_room(ground: &Ground) {
    let store = ground.begun().await;
    let all = 3 * FRESH_MAX_ROWS;
    let weights = vec![Severity::Informational; all as usize];
    let (block, _) = weighing(&store, genesis(), &weights).await;
    lined(&store).await;
    let room: Vec<_> = (1..=i64::from(FRESH_MAX_ROWS)).collect();
    assert_eq!(due(&store, NOW).await, room);
    assert_eq!(store.counts().await.unwrap().outbox_pending, u64::from(all), "and it is counted");
    // What failed once makes room for what was not tried yet, and comes behind it.
    let reason = "HTTP status 400";
    store.failed(CONFIG_ENDPOINT, first(1), reason, Retry::At(NOW)).await.unwrap();
    store.delivered(CONFIG_ENDPOINT, &[first(2)], NOW).await.unwrap();
    weighing(&store, block.header, &[Severity::Critical]).await;
    lined(&store).await;
    let told = due(&store, NOW).await;
    assert_eq!(told[0], 65, "what is urgent overtook what waits in the record");
    assert_eq!(told[1..], [(3..=64).collect(), vec![66], vec![1]].concat());
}

pub(super) async fn what_is_urgent_overtakes_and_no_finding_is_told_out_of_order(ground: &Ground) {
    use Severity::{Critical, Informational};
    let store = ground.begun().await;
    // More than a line takes, so that the finding that comes back heavier waits in the record.
    let many = vec![Informational; 2 * FRESH_MAX_ROWS as usize];
    let (_, _) = weighing(&store, genesis(), &many).await;
    lined(&store).await;
    store.revert_to(genesis().number, NOW).await.unwrap();
    let mut heavier = many.clone();
    *heavier.last_mut().unwrap() = Critical;
    let (_, alerts) = weighing(&store, genesis(), &heavier).await;
    let raised = alerts.last().unwrap().id.to_string();
    let mut told = Vec::new();
    loop {
        lined(&store).await;
        let due = store.due_deliveries(CONFIG_ENDPOINT, NOW, 1).await.unwrap();
        let Some(next) = due.into_iter().next() else { break };
        store.delivered(CONFIG_ENDPOINT, &[next.attempted()], NOW).await.unwrap();
        told.push((next.alert_id, next.kind, next.seq));
    }
    let mut seqs: Vec<_> = told.iter().map(|(.., seq)| *seq).collect();
    let of_raised: Vec<_> = told.iter().enumerate().filter(|(_, one)| one.0 == raised).collect();
    let kinds: Vec<_> = of_raised.iter().map(|(_, one)| one.1.as_str()).collect();
    assert_eq!(kinds, ["alert.created", "alert.retracted", "alert.updated"]);
    assert_eq!(of_raised.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1, 2]);
    seqs.sort_unstable();
    let gapless: Vec<_> = (1..).take(3 * many.len()).collect();
    assert_eq!(seqs, gapless, "each once, and no number is left out");
}

pub(super) async fn a_receiver_that_is_gone_stays_gone_under_its_address(ground: &Ground) {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 2))).await.unwrap();
    lined(&store).await;
    let endpoint = store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap();
    let earlier = crate::store::Endpoint { version: 0, ..endpoint.clone() };
    store.gone(&earlier, NOW).await.unwrap();
    let state = async || store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap().state;
    assert_eq!(state().await, EndpointState::Active, "it was another address that is gone");
    store.gone(&endpoint, NOW).await.unwrap();
    store.configure(Some(&configured(1)), NOW).await.unwrap();
    assert_eq!(state().await, EndpointState::Gone);
    assert_eq!(store.counts().await.unwrap().outbox_pending, 2, "nothing is lost");
    store.configure(Some(&configured(2)), NOW).await.unwrap();
    assert_eq!(state().await, EndpointState::Active);
    store.configure(Some(&configured(1)), NOW).await.unwrap();
    assert_eq!(state().await, EndpointState::Gone);
    store.hold(Scope::Deliveries).await.unwrap();
    assert_eq!(store.line_up(CONFIG_ENDPOINT).await.unwrap().put, 0);
}

pub(super) async fn each_line_has_its_own_numbers_and_wishes(ground: &Ground) {
    use Severity::{Critical, High, Informational, Low};
    let store = ground.begun().await;
    let weights = [Informational, Critical, Low, High, Informational];
    weighing(&store, genesis(), &weights).await;
    lined(&store).await;
    let wish = Wish { kinds: vec!["alert.created".to_owned()], min_severity: High };
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert!(store.make_endpoint(&made("ep_2", wish), event("webhook.created")).await.unwrap());
    weighing(&store, genesis(), &weights).await;
    store.line_up("ep_2").await.unwrap();
    assert!(store.due_deliveries("ep_2", NOW, 9).await.unwrap().is_empty(), "they were known");
    let (_, alerts) = weighing(&store, paying(genesis(), 5).header, &weights).await;
    assert!(!store.line_up("ep_2").await.unwrap().more);
    store.revert_to(genesis().number, NOW).await.unwrap();
    assert_eq!(store.line_up("ep_2").await.unwrap().put, 0, "that is no news of its kind");
    let told = store.due_deliveries("ep_2", NOW, 9).await.unwrap();
    let told: Vec<_> = told.iter().map(|news| (news.seq, news.alert_id.clone())).collect();
    assert_eq!(told, [(1, alerts[1].id.to_string()), (2, alerts[3].id.to_string())]);

    // Nobody is told of what becomes of another.
    store.delivered("ep_2", &[first(1), first(2)], NOW).await.unwrap();
    assert_eq!(due(&store, NOW).await.len(), 5);
    let theirs = store.line_counts("ep_2").await.unwrap();
    assert_eq!((theirs.pending, theirs.dead), (0, 0));
}

pub(super) async fn what_comes_of_an_attempt_from_before_a_replay_does_not_count(ground: &Ground) {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 2))).await.unwrap();
    lined(&store).await;
    let before = store.due_deliveries(CONFIG_ENDPOINT, NOW, 9).await.unwrap();
    store.delivered(CONFIG_ENDPOINT, &[before[0].attempted()], NOW).await.unwrap();
    let again = store.replay(CONFIG_ENDPOINT, 1..=9, event("webhook.replayed")).await.unwrap();
    assert_eq!(again, 2);
    // The second was on its way when its receiver lost everything and asked for it.
    store.delivered(CONFIG_ENDPOINT, &[before[1].attempted()], NOW).await.unwrap();
    store.failed(CONFIG_ENDPOINT, before[0].attempted(), "late", Retry::Never).await.unwrap();
    assert_eq!(due(&store, NOW).await, [2, 1], "what was not told yet goes first");
    let mut again = store.due_deliveries(CONFIG_ENDPOINT, NOW, 9).await.unwrap();
    again.sort_by_key(|news| news.seq);
    assert!(again.iter().zip(&before).all(|(again, before)| again.alert == before.alert));
    let taken: Vec<_> = again.iter().map(crate::store::Delivery::attempted).collect();
    store.delivered(CONFIG_ENDPOINT, &taken, NOW).await.unwrap();
    assert!(due(&store, NOW).await.is_empty());
}

pub(super) async fn each_change_by_a_person_is_a_row_of_the_audit_log(ground: &Ground) {
    let store = ground.begun().await;
    store.apply(intake(&paying(genesis(), 2))).await.unwrap();
    lined(&store).await;
    let kinds = async || -> Vec<_> {
        let rows = store.audit(&AuditFilter::default(), None, 99).await.unwrap();
        rows.into_iter().rev().map(|row| row.kind).collect()
    };
    for n in 1..ENDPOINTS_MAX {
        let one = made(&format!("ep_{n}"), Wish::all());
        assert!(store.make_endpoint(&one, event("webhook.created")).await.unwrap());
    }
    let one_more = made("ep_more", Wish::all());
    assert!(!store.make_endpoint(&one_more, event("webhook.created")).await.unwrap());
    let one = store.endpoint("ep_1").await.unwrap().unwrap();
    let paused = Endpoint { state: EndpointState::Paused, ..one.clone() };
    assert!(store.change_endpoint(&paused, event("webhook.changed")).await.unwrap());
    assert!(!store.change_endpoint(&paused, event("webhook.changed")).await.unwrap(), "too late");
    let now = store.endpoint("ep_1").await.unwrap().unwrap();
    assert_eq!((now.state, now.version), (EndpointState::Paused, one.version + 1));
    let sealed = Sealed::default();
    let removed = Endpoint { state: EndpointState::Removed, sealed, ..now };
    assert!(store.change_endpoint(&removed, event("webhook.removed")).await.unwrap());
    assert_eq!(store.endpoint("ep_1").await.unwrap(), None);
    assert!(!store.retry_dead(CONFIG_ENDPOINT, 1, event("webhook.retried")).await.unwrap());
    store.failed(CONFIG_ENDPOINT, first(1), "HTTP status 400", Retry::Never).await.unwrap();
    assert!(store.retry_dead(CONFIG_ENDPOINT, 1, event("webhook.retried")).await.unwrap());
    assert_eq!(due(&store, NOW).await, [2, 1], "behind what was never tried");
    let mut expected = vec!["webhook.created"; ENDPOINTS_MAX as usize - 1];
    expected.extend(["webhook.changed", "webhook.removed", "webhook.retried"]);
    assert_eq!(kinds().await, expected, "what changed nothing left no row");
}

/// What a person does.
pub(super) fn event(kind: &str) -> Event {
    let who = Who { person: "ada".to_owned(), role: "admin".to_owned() };
    Event { who, at: NOW, kind: kind.to_owned(), alert: None, detail: serde_json::json!({}) }
}

/// An endpoint as a person makes it.
pub(super) fn made(id: &str, wish: Wish) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        name: id.to_owned(),
        shown: "https://r.example".to_owned(),
        receiver: B256::repeat_byte(7),
        sealed: Sealed { url: Some(vec![1]), secret: Some(vec![2]), before: None },
        shape: Shape::Standard,
        wish,
        state: EndpointState::Active,
        removal_by: None,
        version: 1,
        seq: 0,
        delivered_at: None,
        last_error: None,
    }
}
