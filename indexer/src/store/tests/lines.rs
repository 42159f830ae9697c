//! News in the lines of those who are to hear it.

use interdict_core::alert::Alert;
use interdict_core::policy::Severity;

use super::ground::{Ground, NOW, configured, first, intake, lined, paying};
use crate::chain::{Block, Header};
use crate::store::{CONFIG_ENDPOINT, EndpointState, FRESH_MAX_ROWS, Retry, Scope, Store};
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

pub(super) async fn what_is_urgent_overtakes_what_waits_in_the_record_and_no_finding_is_told_out_of_order(
    ground: &Ground,
) {
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
