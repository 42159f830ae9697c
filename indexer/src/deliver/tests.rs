//! Against a real receiver: what it gets, and what becomes of what it does not take.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::B256;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use interdict_core::ledger::Kind;
use tempfile::TempDir;

use super::*;
use crate::config;
use crate::metrics::Format;
use crate::store::{CONFIG_ENDPOINT, Configured, EndpointState, Home, Intake};
use crate::world;
use crate::world::{CHAIN, Script, TOKEN, account, assets, block, genesis, place, tx};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Answers with these statuses, then with 200, and remembers what it got.
#[derive(Clone, Default)]
struct Receiver {
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Receiver {
    async fn listening(answers: &[u16]) -> (Self, Target) {
        crate::install_crypto();
        let receiver = Self::default();
        let statuses = answers.iter().map(|code| StatusCode::from_u16(*code).unwrap());
        receiver.answers.lock().unwrap().extend(statuses);
        let take = async |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| {
            receiver.got.lock().unwrap().push((headers, body));
            receiver.answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK)
        };
        let router = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let webhook = config::Webhook { url: url.into(), secret: SECRET.into() };
        (receiver, Target::new(&webhook).unwrap())
    }

    fn ids(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        let id = |headers: &HeaderMap| headers["webhook-id"].to_str().unwrap().to_owned();
        got.iter().map(|(headers, _)| id(headers)).collect()
    }

    fn seqs(&self) -> Vec<i64> {
        let got = self.got.lock().unwrap();
        got.iter().map(|(_, body)| json(body)["data"]["seq"].as_i64().unwrap()).collect()
    }
}

fn sorted(mut seqs: Vec<i64>) -> Vec<i64> {
    seqs.sort_unstable();
    seqs
}

fn json(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap()
}

/// A store with this many alerts to tell.
async fn store(payments: u64) -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) };
    let store = Store::open(&folder.path().join("test.sqlite"), home).await.unwrap();
    store.begin_above(genesis()).await.unwrap();
    let drafts: Vec<_> = (0..payments)
        .map(|n| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000))
        .collect();
    let block = block(genesis(), &drafts);
    let ledger = Script::default().act(Kind::List, place(50, 0, 0), &[account(2)]).ledger();
    let alerts = world::live(&block, &ledger).alerts;
    let header = block.header;
    let (acts, undecoded, lookbacks) = (vec![], vec![], vec![]);
    let now = now();
    let moved = BTreeMap::new();
    let intake = Intake { header, acts, alerts, undecoded, lookbacks, moved, now };
    store.apply(intake).await.unwrap();
    (folder, store)
}

/// Receivers compare the signed time with their own clock.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A clock that stands where it is put.
#[derive(Debug, Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.now().unsigned_abs())
    }
}

/// One who delivers to the receiver of the configuration file.
struct Desk {
    post: Post,
    clock: Arc<Hand>,
    rest: Rest,
}

impl Desk {
    fn over(store: &Store) -> Self {
        let clock = Arc::new(Hand::default());
        let (assets, metrics) = (assets(), Arc::default());
        let post = Post { store: store.clone(), assets, metrics, clock: clock.clone() };
        Self { post, clock, rest: Rest::default() }
    }

    /// A turn at this time.
    async fn turn(&mut self, target: &Target, now: i64) -> Summary {
        self.clock.0.store(now, Ordering::Relaxed);
        let configured = Configured { shown: target.shown().into(), receiver: target.digest() };
        self.post.store.configure(Some(&configured), now).await.unwrap();
        let endpoint = self.post.store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap();
        if endpoint.state == EndpointState::Gone {
            return Summary { gone: true, ..Summary::default() };
        }
        self.post.turn(&endpoint, target, &mut self.rest).await.unwrap()
    }
}

/// A turn of one who has just started.
async fn passed(store: &Store, target: &Target, now: i64) -> Summary {
    Desk::over(store).turn(target, now).await
}

#[tokio::test]
async fn what_arrives_is_signed_and_says_why() {
    let (_folder, store) = store(1).await;
    let (receiver, target) = Receiver::listening(&[]).await;
    let summary = passed(&store, &target, now()).await;
    assert_eq!(summary, Summary { delivered: 1, ..Summary::default() });

    let (headers, body) = receiver.got.lock().unwrap()[0].clone();
    let verifier = standardwebhooks::Webhook::new(SECRET).unwrap();
    verifier.verify(&body, &headers).unwrap();
    let mut altered = body.to_vec();
    *altered.last_mut().unwrap() = b' ';
    assert!(verifier.verify(&altered, &headers).is_err());
    let body = json(&body);
    assert_eq!(body["type"], "alert.created");
    let alert = &body["data"]["alert"];
    assert_eq!(
        (&alert["amount"]["decimal"], &alert["amount"]["raw"]),
        (&"1.5".into(), &"1500000".into())
    );
    assert_eq!(alert["listing"]["sources"][0], "OFAC-SDN");
    assert_eq!(alert["listed"], account(2).to_string());

    let again = passed(&store, &target, now() + 100_000).await;
    assert_eq!(again, Summary::default(), "told once");
}

#[tokio::test]
async fn what_fails_is_told_again_when_due_with_the_same_id_and_bytes() {
    let (_folder, store) = store(1).await;
    let (receiver, target) = Receiver::listening(&[500]).await;
    let start = now();
    assert_eq!(passed(&store, &target, start).await.failed, 1);
    assert_eq!(passed(&store, &target, start + 4).await, Summary::default(), "not due yet");
    assert_eq!(passed(&store, &target, start + 5).await.delivered, 1);
    let ids = receiver.ids();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    let got = receiver.got.lock().unwrap();
    assert_eq!(got[0].1, got[1].1);
}

#[tokio::test]
async fn each_attempt_is_timed_and_counted_by_its_endpoint() {
    let (_folder, store) = store(1).await;
    let mut desk = Desk::over(&store);
    // Whatever comes takes three seconds; the first time it is refused.
    let taking = |State(clock): State<Arc<Hand>>| async move {
        let before = clock.0.fetch_add(3, Ordering::Relaxed);
        if before < 1_000 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    };
    let router = Router::new().route("/hook", post(taking)).with_state(desk.clock.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    crate::install_crypto();
    let webhook = config::Webhook { url: url.into(), secret: SECRET.into() };
    let target = Target::new(&webhook).unwrap();
    assert_eq!(desk.turn(&target, 500).await.failed, 1);
    assert_eq!(desk.turn(&target, 1_000).await.delivered, 1);
    let page = desk.post.metrics.encode(Format::Plain).unwrap();
    for sample in [
        "interdict_delivery_seconds_count 2",
        "interdict_delivery_seconds_sum 6.0",
        "interdict_delivery_seconds_bucket{le=\"2.5\"} 0",
        "interdict_delivery_seconds_bucket{le=\"5.0\"} 2",
        "interdict_deliveries_total{endpoint=\"config\",outcome=\"failed\"} 1",
        "interdict_deliveries_total{endpoint=\"config\",outcome=\"delivered\"} 1",
    ] {
        assert!(page.lines().any(|line| line == sample), "{sample} is not in\n{page}");
    }
}

#[tokio::test]
async fn one_that_fails_does_not_hold_up_the_others() {
    let (_folder, store) = store(3).await;
    let (receiver, target) = Receiver::listening(&[400]).await;
    let summary = passed(&store, &target, now()).await;
    assert_eq!((summary.failed, summary.delivered), (1, 2));
    assert_eq!(sorted(receiver.seqs()), [1, 2, 3]);
}

#[tokio::test]
async fn after_the_last_wait_it_is_dead_and_kept() {
    let (_folder, store) = store(1).await;
    let (_receiver, target) = Receiver::listening(&[500; 10]).await;
    let mut time = now();
    for wait in BACKOFF_SECONDS {
        assert_eq!(passed(&store, &target, time).await.failed, 1);
        time += wait;
    }
    assert_eq!(passed(&store, &target, time).await.dead, 1);
    assert_eq!(passed(&store, &target, time + 1_000_000).await, Summary::default());
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.outbox_pending, counts.outbox_dead), (0, 1));
}

#[tokio::test]
async fn who_is_gone_gets_nothing_more() {
    let (_folder, store) = store(2).await;
    let (receiver, target) = Receiver::listening(&[410, 410]).await;
    assert!(passed(&store, &target, now()).await.gone);
    assert!(passed(&store, &target, now() + 100_000).await.gone);
    let asked = receiver.ids().len();
    assert!((1..=2).contains(&asked), "{asked}");
    assert_eq!(store.counts().await.unwrap().outbox_pending, 2, "nothing is lost");

    let (other, target) = Receiver::listening(&[]).await;
    assert_eq!(passed(&store, &target, now()).await.delivered, 2);
    assert_eq!(sorted(other.seqs()), [1, 2]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (_folder, store) = store(1).await;
    let (receiver, target) = Receiver::listening(&[307]).await;
    assert_eq!(passed(&store, &target, now()).await.failed, 1);
    assert_eq!(receiver.ids().len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    crate::install_crypto();
    let (_folder, store) = store(1).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let endless = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
        socket.write_all(head).await.unwrap();
        // Ends when the sender of the news hangs up.
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let webhook = config::Webhook { url: url.into(), secret: SECRET.into() };
    let target = Target::new(&webhook).unwrap();
    assert_eq!(passed(&store, &target, now()).await.delivered, 1);
    drop(target);
    endless.await.unwrap();
}

#[test]
fn a_target_that_cannot_be_used_is_refused() {
    crate::install_crypto();
    let check = |url: &str, secret: &str| {
        Target::new(&config::Webhook { url: url.into(), secret: secret.into() }).err()
    };
    assert!(check("https://example.org/hook", SECRET).is_none());
    assert!(matches!(check("ftp://example.org/", SECRET), Some(TargetError::Url)));
    assert!(matches!(check("http://me:pw@example.org/", SECRET), Some(TargetError::Url)));
    assert!(matches!(check("http://example.org/", "MDEy"), Some(TargetError::Secret)));
    assert!(matches!(check("http://example.org/", "whsec_MDEy"), Some(TargetError::Secret)));
    let stray = "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!";
    assert!(matches!(check("http://example.org/", stray), Some(TargetError::Secret)));
}
