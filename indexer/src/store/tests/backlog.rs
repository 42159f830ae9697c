//! What the desk and the endpoints still wait for, in figures.

use std::collections::BTreeMap;

use interdict_core::alert::Disposition;
use interdict_core::policy::Severity;
use jiff::civil::date;

use super::desk::{assign, close, found, step};
use super::ground::{Ground, NOW, first, intake, lined, paying};
use super::lines::{event, made};
use crate::store::{
    Backlog, CONFIG_ENDPOINT, Deadlines, FRESH_MAX_ROWS, Intake, Reports, Retry, Store, Wish,
};
use crate::world::genesis;

const DAYS: Deadlines =
    Deadlines { today: date(2026, 12, 8), next_day: date(2026, 12, 9), soon: date(2026, 12, 11) };

pub(super) async fn what_is_to_be_done_is_counted_once(ground: &Ground) {
    let store = ground.begun().await;
    assert_eq!(store.backlog(DAYS).await.unwrap(), Backlog::default());
    let alerts = found(&store, 6).await;
    step(&store, "alice", alerts[0].id, &assign("bob")).await.unwrap();
    // Its report is due ten business days later, on the 10th: Thanksgiving is none of them.
    step(&store, "alice", alerts[1].id, &close(Disposition::Blocked, "ordered")).await.unwrap();
    step(&store, "alice", alerts[2].id, &close(Disposition::NoAction, "no_property"))
        .await
        .unwrap();
    let backlog = store.backlog(DAYS).await.unwrap();
    assert_eq!(backlog.open, BTreeMap::from([(Severity::Critical, 5)]));
    assert_eq!(backlog.unassigned, BTreeMap::from([(Severity::Critical, 4)]));
    assert_eq!(backlog.waiting, 1);
    assert_eq!(backlog.oldest, BTreeMap::from([(Severity::Critical, NOW)]));
    let reports = async |days| store.backlog(days).await.unwrap().reports;
    let none = Reports::default();
    assert_eq!(reports(DAYS).await, Reports { soon: 1, ..none });
    let days = |today, next_day, soon| Deadlines {
        today: date(2026, 12, today),
        next_day: date(2026, 12, next_day),
        soon: date(2026, 12, soon),
    };
    assert_eq!(reports(days(9, 10, 14)).await, Reports { next_day: 1, ..none });
    assert_eq!(reports(days(10, 11, 15)).await, Reports { today: 1, ..none });
    assert_eq!(reports(days(11, 14, 16)).await, Reports { overdue: 1, ..none });
    assert_eq!(reports(days(7, 8, 9)).await, none);
}

/// A block with a finding of each weight, taken in at that time.
async fn weighing(store: &Store, height: u64, weights: &[Severity], now: i64) -> Vec<Intake> {
    let below = store.trail().await.unwrap().1.pop().unwrap();
    assert_eq!(below.number, height);
    let mut intake = Intake { now, ..intake(&paying(below, weights.len() as u64)) };
    for (alert, weight) in intake.alerts.iter_mut().zip(weights) {
        alert.severity = *weight;
    }
    store.apply(intake.clone()).await.unwrap();
    vec![intake]
}

pub(super) async fn the_oldest_that_nobody_looks_at_is_told(ground: &Ground) {
    use Severity::{Critical, High, Informational, Low};
    let store = ground.begun().await;
    let begin = genesis().number;
    weighing(&store, begin, &[Informational, Low], 10).await;
    let oldest = async || store.backlog(DAYS).await.unwrap().oldest;
    assert!(oldest().await.is_empty(), "of what weighs little nobody is reminded");
    let first = weighing(&store, begin + 1, &[Critical], 20).await.remove(0).alerts.remove(0);
    weighing(&store, begin + 2, &[Critical, High], 30).await;
    weighing(&store, begin + 3, &[High], 40).await;
    assert_eq!(oldest().await, BTreeMap::from([(High, 30), (Critical, 20)]));
    step(&store, "alice", first.id, &assign("bob")).await.unwrap();
    assert_eq!(oldest().await, BTreeMap::from([(High, 30), (Critical, 30)]));
}

pub(super) async fn the_oldest_news_that_waits_is_told(ground: &Ground) {
    use Severity::{Critical, Informational};
    let store = ground.begun().await;
    let begin = genesis().number;
    lined(&store).await;
    let oldest = async |endpoint| store.line_counts(endpoint).await.unwrap().oldest_at;
    assert_eq!(oldest(CONFIG_ENDPOINT).await, None);
    // More than a line takes: the rest waits in the record.
    let many = FRESH_MAX_ROWS as usize + 2;
    weighing(&store, begin, &vec![Informational; many], 10).await;
    assert_eq!(oldest(CONFIG_ENDPOINT).await, Some(10), "it waits before it has a place");
    lined(&store).await;
    let all: Vec<_> = (1..=i64::from(FRESH_MAX_ROWS)).map(first).collect();
    store.delivered(CONFIG_ENDPOINT, &all, 15).await.unwrap();
    assert_eq!(oldest(CONFIG_ENDPOINT).await, Some(10), "two of them wait in the record");
    weighing(&store, begin + 1, &[Critical], 20).await;
    lined(&store).await;
    let seq = i64::from(FRESH_MAX_ROWS);
    // Number 65 is urgent and overtook: it happened after 66 and 67.
    store.delivered(CONFIG_ENDPOINT, &[first(seq + 2), first(seq + 3)], 25).await.unwrap();
    assert_eq!(oldest(CONFIG_ENDPOINT).await, Some(20));
    store.failed(CONFIG_ENDPOINT, first(seq + 1), "no", Retry::At(9_999)).await.unwrap();
    assert_eq!(oldest(CONFIG_ENDPOINT).await, Some(20), "what failed waits on");
    store.failed(CONFIG_ENDPOINT, first(seq + 1), "no", Retry::Never).await.unwrap();
    assert_eq!(oldest(CONFIG_ENDPOINT).await, None, "what was given up waits for a person");
    let late = made("ep_late", Wish::all());
    assert!(store.make_endpoint(&late, event("webhook.created")).await.unwrap());
    assert_eq!(oldest("ep_late").await, None, "and one who comes late for what comes");
    let lines = store.lines().await.unwrap();
    let lines: Vec<_> = lines.iter().map(|(one, line)| (&*one.id, line.dead)).collect();
    assert_eq!(lines, [("config", 1), ("ep_late", 0)]);
}
