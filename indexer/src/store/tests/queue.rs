//! Whatever happens in whatever order, every endpoint gets what it wishes for, each piece of news
//! under one number, and its numbers have no gap. Held against a model that knows nothing of
//! windows, cursors and what is urgent: the record, filtered.

use std::collections::BTreeMap;

use interdict_core::audit::{Event, Who};
use interdict_core::policy::Severity;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::ground::{Ground, NOW, intake, lined, paying};
use super::lines::made;
use crate::chain::Header;
use crate::store::{
    CONFIG_ENDPOINT, Delivery, DeliveryState, Endpoint, EndpointState, Intake, Retry, Scope, Store,
    Told, Wish,
};
use crate::world::genesis;

/// Sequences that are tried on each database.
const CASES: [u32; 2] = [24, 8];
/// Steps of one sequence.
const STEPS_MAX: usize = 40;
/// The endpoints beside that of the configuration file.
const MADE: [&str; 2] = ["ep_a", "ep_b"];

#[derive(Clone, Debug)]
enum Step {
    /// A block with findings of these weights.
    Find(Vec<u8>),
    /// The last blocks go, and return with other weights.
    Turn { depth: usize, weight: u8 },
    /// A turn of an endpoint: what becomes of each row.
    Deliver { endpoint: usize, outcomes: Vec<Outcome> },
    /// News is put into a line, and the deliverer dies.
    DieAfterLining(usize),
    /// A person asks for everything from a number on.
    Replay { endpoint: usize, from: i64 },
    /// A person pauses an endpoint, or resumes it.
    Pause { endpoint: usize, paused: bool },
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Taken,
    /// It took it, and the deliverer dies before that is written down.
    TakenAndDies,
    Fails,
    Dies,
    GivenUp,
}

fn step() -> impl Strategy<Value = Step> {
    let endpoint = 0..=MADE.len();
    let outcome = prop_oneof![
        6 => Just(Outcome::Taken),
        1 => Just(Outcome::TakenAndDies),
        2 => Just(Outcome::Fails),
        1 => Just(Outcome::Dies),
        1 => Just(Outcome::GivenUp),
    ];
    prop_oneof![
        4 => proptest::collection::vec(0_u8..5, 0..30).prop_map(Step::Find),
        2 => (1_usize..4, 0_u8..5).prop_map(|(depth, weight)| Step::Turn { depth, weight }),
        6 => (endpoint.clone(), proptest::collection::vec(outcome, 0..40))
            .prop_map(|(endpoint, outcomes)| Step::Deliver { endpoint, outcomes }),
        2 => endpoint.clone().prop_map(Step::DieAfterLining),
        1 => (endpoint.clone(), 1_i64..50)
            .prop_map(|(endpoint, from)| Step::Replay { endpoint, from }),
        1 => (endpoint, any::<bool>())
            .prop_map(|(endpoint, paused)| Step::Pause { endpoint, paused }),
    ]
}

fn weight(n: u8) -> Severity {
    use Severity::{Critical, High, Informational, Low, Medium};
    [Informational, Low, Medium, High, Critical][usize::from(n)]
}

/// What an endpoint has, by number: the alert, the kind, the bytes.
type Has = BTreeMap<i64, (String, String, String)>;

struct Run {
    store: Store,
    tips: Vec<Header>,
    has: BTreeMap<String, Has>,
    now: i64,
}

fn id(endpoint: usize) -> &'static str {
    endpoint.checked_sub(1).map_or(CONFIG_ENDPOINT, |at| MADE[at])
}

fn event(now: i64) -> Event {
    let who = Who { person: "ada".to_owned(), role: "admin".to_owned() };
    let (kind, detail) = ("webhook.tried".to_owned(), serde_json::json!({}));
    Event { who, at: now, kind, alert: None, detail }
}

impl Run {
    async fn new(ground: &Ground) -> Self {
        let store = ground.begun().await;
        lined(&store).await;
        let heavy = Wish { kinds: vec![], min_severity: Severity::Medium };
        let kinds = vec!["alert.created".to_owned(), "alert.retracted".to_owned()];
        let some = Wish { kinds, min_severity: Severity::Informational };
        for (id, wish) in MADE.into_iter().zip([heavy, some]) {
            assert!(store.make_endpoint(&made(id, wish), event(NOW)).await.unwrap());
        }
        Self { store, tips: vec![genesis()], has: BTreeMap::new(), now: NOW }
    }

    async fn find(&mut self, weights: &[u8]) {
        let block = paying(*self.tips.last().unwrap(), weights.len() as u64);
        let mut intake = Intake { now: self.now, ..intake(&block) };
        for (alert, n) in intake.alerts.iter_mut().zip(weights) {
            alert.severity = weight(*n);
        }
        self.store.apply(intake).await.unwrap();
        self.tips.push(block.header);
    }

    /// The endpoint takes a row: the same number always brings the same.
    fn takes(&mut self, endpoint: &str, row: &Delivery) {
        let news = (row.alert_id.clone(), row.kind.clone(), row.alert.clone());
        let has = self.has.entry(endpoint.to_owned()).or_default();
        let before = has.insert(row.seq, news.clone());
        assert!(before.is_none_or(|before| before == news), "number {} is two things", row.seq);
    }

    async fn deliver(&mut self, endpoint: &str, outcomes: &[Outcome]) {
        self.store.line_up(endpoint).await.unwrap();
        let due = self.store.due_deliveries(endpoint, self.now, 64).await.unwrap();
        for (row, outcome) in due.iter().zip(outcomes) {
            let tried = row.attempted();
            match outcome {
                Outcome::Taken => {
                    self.takes(endpoint, row);
                    self.store.delivered(endpoint, &[tried], self.now).await.unwrap();
                }
                Outcome::TakenAndDies => return self.takes(endpoint, row),
                Outcome::Dies => return,
                Outcome::Fails => {
                    let retry = Retry::At(self.now + 5);
                    self.store.failed(endpoint, tried, "status 500", retry).await.unwrap();
                }
                Outcome::GivenUp => {
                    let never = Retry::Never;
                    self.store.failed(endpoint, tried, "status 400", never).await.unwrap();
                }
            }
        }
    }

    async fn set(&self, id: &str, state: EndpointState) {
        let endpoint = self.store.endpoint(id).await.unwrap().unwrap();
        let to = Endpoint { state, ..endpoint };
        assert!(self.store.change_endpoint(&to, event(self.now)).await.unwrap());
    }

    async fn step(&mut self, step: &Step) {
        self.now += 1;
        match step {
            Step::Find(weights) => self.find(weights).await,
            Step::Turn { depth, weight } => {
                let kept = self.tips.len().saturating_sub(*depth).max(1);
                let gone = self.tips.split_off(kept);
                let height = self.tips.last().unwrap().number;
                self.store.revert_to(height, self.now).await.unwrap();
                if !gone.is_empty() {
                    self.find(&[*weight; 12]).await;
                }
            }
            Step::Deliver { endpoint, outcomes } => self.deliver(id(*endpoint), outcomes).await,
            Step::DieAfterLining(endpoint) => {
                self.store.line_up(id(*endpoint)).await.unwrap();
            }
            Step::Replay { endpoint, from } => {
                let through = i64::MAX;
                let again = self.store.replay(id(*endpoint), *from..=through, event(self.now));
                again.await.unwrap();
            }
            Step::Pause { endpoint, paused } => {
                let state = if *paused { EndpointState::Paused } else { EndpointState::Active };
                self.set(id(*endpoint), state).await;
            }
        }
    }

    /// From here on all goes well.
    async fn settle(&mut self) {
        for endpoint in 0..=MADE.len() {
            let id = id(endpoint);
            self.set(id, EndpointState::Active).await;
            let dead = Some(DeliveryState::Dead);
            for row in self.store.line(id, dead, i64::MAX, 500).await.unwrap() {
                self.now += 1;
                let again = self.store.retry_dead(id, row.seq, event(self.now)).await.unwrap();
                assert!(again);
            }
            self.now += 10;
            loop {
                let lined = self.store.line_up(id).await.unwrap();
                let due = self.store.due_deliveries(id, self.now, 64).await.unwrap();
                if due.is_empty() && lined.put == 0 && !lined.more {
                    break;
                }
                let taken: Vec<_> = due.iter().map(Delivery::attempted).collect();
                for row in &due {
                    self.takes(id, row);
                }
                self.store.delivered(id, &taken, self.now).await.unwrap();
            }
        }
    }

    /// What each endpoint must have, said once more and simply.
    async fn held(&self) -> Result<(), TestCaseError> {
        let mut record = Vec::new();
        loop {
            let after = record.last().map_or(0, |news: &Told| news.seq);
            let more = self.store.news(after, 500).await.unwrap();
            if more.is_empty() {
                break;
            }
            record.extend(more);
        }
        for endpoint in 0..=MADE.len() {
            let has = self.has.get(id(endpoint)).cloned().unwrap_or_default();
            let wished: Vec<_> = record
                .iter()
                .filter(|news| match endpoint {
                    0 => true,
                    1 => news.alert.severity >= Severity::Medium,
                    _ => matches!(news.kind.as_str(), "alert.created" | "alert.retracted"),
                })
                .map(|news| {
                    let alert = serde_json::to_string(&news.alert).unwrap();
                    (news.alert.id.to_string(), news.kind.clone(), alert)
                })
                .collect();
            let gapless: Vec<_> = (1..).take(wished.len()).collect();
            prop_assert_eq!(has.keys().copied().collect::<Vec<_>>(), gapless);
            // News of one alert comes in its order, whatever overtook what.
            let by_alert = |all: Vec<&(String, String, String)>| {
                let mut by: BTreeMap<String, Vec<_>> = BTreeMap::new();
                for news in all {
                    by.entry(news.0.clone()).or_default().push((news.1.clone(), news.2.clone()));
                }
                by
            };
            prop_assert_eq!(by_alert(wished.iter().collect()), by_alert(has.values().collect()));
        }
        Ok(())
    }
}

async fn tried(ground: &Ground, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut run = Run::new(ground).await;
    run.store.hold(Scope::Deliveries).await.unwrap();
    for step in steps {
        run.step(step).await;
    }
    run.settle().await;
    let held = run.held().await;
    run.store.close().await;
    held
}

fn run(cases: u32, ground: impl AsyncFn() -> Ground) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..STEPS_MAX);
    let result = TestRunner::new(config)
        .run(&steps, |steps| runtime.block_on(async { tried(&ground().await, &steps).await }));
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn i7_i8_every_endpoint_gets_what_it_wishes_for_without_a_gap_on_sqlite() {
    run(CASES[0], async || Ground::sqlite());
}

#[test]
fn i7_i8_every_endpoint_gets_what_it_wishes_for_without_a_gap_on_postgres() {
    run(CASES[1], async || Ground::postgres().await);
}
