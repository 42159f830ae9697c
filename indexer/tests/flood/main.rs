//! Floods (T26 to T28): in one hour, as much dust, zero-value `transferFrom`, fake tokens and
//! look-alikes as somebody likes to pay for. None of it accuses anybody, none of it is dropped, the
//! inbox shows it in a handful of rows, and what is real is told first.
//!
//! A tenth of what is measured otherwise: `FLOOD=100000 cargo test -p interdict-indexer --test
//! flood -- --nocapture` has the whole of it, and says how much memory it took.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]

#[path = "../faults/chain.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod chain;
#[path = "../faults/desk.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod desk;
#[path = "../faults/log.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod log;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use alloy_primitives::{Address, Log, U256};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use interdict_core::alert::Alert;
use interdict_core::audit::Who;
use interdict_core::policy::Severity;
use interdict_core::subject::{Subject, SubjectKind};
use interdict_indexer::chain::pool::Source;
use interdict_indexer::chain::transport::Transport;
use interdict_indexer::clock::SystemClock;
use interdict_indexer::config::Webhook;
use interdict_indexer::deliver::{Post, Rest, Target};
use interdict_indexer::screen::{Asset, Assets};
use interdict_indexer::store::{CONFIG_ENDPOINT, Configured, Filter, Shown, Store};

use serde_json::Value;

use chain::{Chain, Draft, LISTED, PAYER, TOKEN, transfer};
use desk::{Desk, Node};

/// Transfers of the flood if nothing else is said.
const FLOOD: u64 = 10_000;
/// Blocks of an hour, with some left over for its ends.
const BLOCKS: u64 = 290;
/// Transactions of a block.
const TRANSACTIONS: u64 = 10;
/// Rows in which the inbox shows all of it: dust, what moved nothing of the known token and fake
/// tokens, each in two hours at most, and what is real.
const ROWS_MAX: usize = 7;
/// Beyond what the node's chain takes: the indexer, its database's cache, and answers on the way.
/// It follows how full the blocks are, of which many are fetched at once, and not how many there
/// were.
const MEMORY_MAX_BYTES: u64 = 128 << 20;
/// One whole unit of the token.
const UNIT: u64 = 1_000_000;

/// How many of which are found, whom nobody names, and what is real.
#[derive(Debug, Default)]
struct Expected {
    informational: u64,
    look_alikes: u64,
    real: u64,
}

fn size() -> u64 {
    std::env::var("FLOOD").map_or(FLOOD, |text| text.parse().unwrap())
}

fn victim(n: u64) -> Address {
    Address::left_padding_from(&(0x00de_ad00_0000 + n).to_be_bytes())
}

/// An address that looks like the listed one where people look: at both ends.
fn look_alike(n: u64) -> Address {
    let mut bytes = LISTED.into_array();
    bytes[6..14].copy_from_slice(&n.to_be_bytes());
    Address::from(bytes)
}

/// One of the flood, each kind in its turn.
fn one(n: u64, expected: &mut Expected) -> Log {
    let anyone = victim(n);
    let invented = |token: Address| Log { address: token, ..transfer(LISTED, anyone, 900 * UNIT) };
    if n % 4 == 3 {
        expected.look_alikes += 1;
    } else {
        expected.informational += 1;
    }
    match n % 4 {
        // To one victim in eight again and again: an hour is one time, and it is no sum.
        0 if n.is_multiple_of(8) => transfer(LISTED, victim(0), 1),
        0 => transfer(LISTED, anyone, UNIT),
        1 => transfer(LISTED, anyone, 0),
        // Some of one fake token, some each of its own.
        2 if n % 8 == 2 => invented(Address::repeat_byte(0xfa)),
        2 => invented(victim(0xfa_0000_0000 + n)),
        _ => transfer(look_alike(n), anyone, 1),
    }
}

/// An hour of it, with a payment in its midst.
fn flooded(size: u64) -> (Chain, Expected) {
    let mut expected = Expected::default();
    let mut chain = Chain::of(2);
    let mut sent = 0;
    for block in 1..=BLOCKS {
        let until = size * block / BLOCKS;
        let mut drafts = vec![Vec::new(); usize::try_from(TRANSACTIONS).unwrap()];
        for (n, place) in (sent..until).zip((0..drafts.len()).cycle()) {
            drafts[place].push(one(n, &mut expected));
        }
        if block == BLOCKS / 2 {
            expected.real += 1;
            drafts[3].push(transfer(PAYER, LISTED, 250 * UNIT));
        }
        sent = until;
        let drafts: Vec<_> = drafts.into_iter().map(Draft::logging).collect();
        chain = chain.and(0, &drafts);
    }
    (chain, expected)
}

/// A line of what the system says of this process, in bytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

/// Every row that some filter shows.
async fn all(store: &Store, filter: &Filter) -> Vec<Alert> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = store.alerts(filter, after, 500).await.unwrap();
        found.extend(page);
        match next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

async fn count(store: &Store, severity: Severity) -> u64 {
    all(store, &Filter { severity: vec![severity], ..Filter::default() }).await.len() as u64
}

async fn desk(node: &Arc<Node>) -> Desk {
    let transport = Arc::clone(node) as Arc<dyn Transport>;
    let usdt = Asset { symbol: "USDT".into(), decimals: 6, dust_below: U256::from(10 * UNIT) };
    let source = Source::over(transport, "http://a".to_owned());
    let told = Desk::as_told(vec![source], node, |config| {
        config.assets.tokens.insert(TOKEN, usdt);
    });
    told.await.unwrap()
}

#[tokio::test]
async fn t28_a_flood_accuses_nobody_hides_nothing_and_fills_no_memory() {
    let size = size();
    let (chain, expected) = flooded(size);
    let tip = chain.tip();
    let node = Node::with(chain);
    let before = memory("VmRSS");
    // From here on the highest is counted anew.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let mut desk = desk(&node).await;
    desk.until("the head", |status| status.cursor == tip).await;
    desk.turns(2).await;
    let took = memory("VmHWM").saturating_sub(before);
    let store = &desk.works.store;

    assert_eq!(expected.look_alikes + expected.informational, size);
    assert_eq!(count(store, Severity::Informational).await, expected.informational);
    assert_eq!(count(store, Severity::Critical).await, expected.real);
    for severity in [Severity::Low, Severity::Medium, Severity::High] {
        assert_eq!(count(store, severity).await, 0, "{severity}");
    }

    let shown = Filter { shown: Shown::Floods, ..Filter::default() };
    let rows = all(store, &shown).await;
    assert!(rows.len() <= ROWS_MAX, "{} rows", rows.len());
    let real = rows.iter().filter(|row| row.severity == Severity::Critical);
    assert_eq!(real.count() as u64, expected.real);
    let heads: Vec<_> = rows.iter().map(|row| row.id).collect();
    let behind: u64 = store.flood_sizes(&heads).await.unwrap().values().sum();
    assert_eq!(behind + rows.len() as u64, expected.informational + expected.real);

    let say =
        format!("flood of {size}: {} rows shown, {} KiB more memory\n", rows.len(), took >> 10);
    std::io::stderr().lock().write_all(say.as_bytes()).unwrap();
    assert!(took < MEMORY_MAX_BYTES, "{took} bytes");
    f69_all_of_it_is_told_within_bounded_memory(store).await;
}

/// Memory for telling any amount of news: what is on the way, and the database's cache.
const TELLING_MAX_BYTES: u64 = 48 << 20;

/// A receiver that remembers which numbers came, and how heavy the first news was.
#[derive(Debug, Default)]
struct Told {
    seqs: BTreeSet<i64>,
    first: Vec<Value>,
}

async fn take(State(told): State<Arc<Mutex<Told>>>, body: Bytes) {
    let body: Value = serde_json::from_slice(&body).unwrap();
    let mut told = told.lock().unwrap();
    told.seqs.insert(body["data"]["seq"].as_i64().unwrap());
    if told.first.len() < 4 {
        told.first.push(body["data"]["alert"]["severity"].clone());
    }
}

async fn f69_all_of_it_is_told_within_bounded_memory(store: &Store) {
    let told = Arc::new(Mutex::new(Told::default()));
    let router = Router::new().route("/", post(take)).with_state(Arc::clone(&told));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".into();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let target = Target::new(&Webhook { url: url.into(), secret }).unwrap();
    let configured = Configured { shown: target.shown().into(), receiver: target.digest() };
    store.configure(Some(&configured), 0).await.unwrap();
    let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::ZERO };
    let assets = Assets { native, tokens: [].into() };
    let (store, metrics, clock) = (store.clone(), Arc::default(), Arc::new(SystemClock::default()));
    let post = Post { store, assets, metrics, clock };
    let news = post.store.counts().await.unwrap().outbox_pending;

    let (before, begun) = (memory("VmRSS"), Instant::now());
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let mut rest = Rest::default();
    while post.store.counts().await.unwrap().outbox_pending > 0 {
        let endpoint = post.store.endpoint(CONFIG_ENDPOINT).await.unwrap().unwrap();
        while post.turn(&endpoint, &target, &mut rest).await.unwrap().more {}
    }
    let (took, seconds) = (memory("VmHWM").saturating_sub(before), begun.elapsed().as_secs_f64());
    let told = told.lock().unwrap();
    assert!(told.seqs.iter().copied().eq(1..=i64::try_from(news).unwrap()), "each, and no gap");
    assert!(told.first.contains(&"critical".into()), "what is real is among the first on the way");
    let say = format!("{news} told in {seconds:.1} s, {} KiB more memory\n", took >> 10);
    std::io::stderr().lock().write_all(say.as_bytes()).unwrap();
    assert!(took < TELLING_MAX_BYTES, "{took} bytes");
}

#[tokio::test]
async fn subjects_that_are_imported_while_it_runs_count_from_the_next_block_on() {
    let paid = |n: u64| [Draft::logging(vec![transfer(victim(n), LISTED, 50 * UNIT)])];
    let chain = Chain::of(2).and(0, &paid(1));
    let node = Node::with(chain.clone());
    let mut desk = desk(&node).await;
    desk.until("the first", |status| status.cursor == 2).await;
    let store = desk.works.store.clone();
    let kind = SubjectKind::Customer;
    let subject = |n| Subject { address: victim(n), kind, reference: n.to_string() };
    store.import_subjects(&[subject(3)], &Who::console(), 1).await.unwrap();
    let chain = chain.and(0, &paid(1)).and(0, &paid(3));
    node.holds(chain.clone());
    desk.until("two more", |status| status.cursor == 4).await;
    store.remove_subject(victim(3), &Who::console(), 2).await.unwrap();
    node.holds(chain.and(0, &paid(1)));
    desk.until("the last", |status| status.cursor == 5).await;
    let mut found = all(&store, &Filter::default()).await;
    found.sort_by_key(|alert| alert.transfer.position);
    let rules: Vec<_> = found.iter().map(|alert| alert.rule.as_str()).collect();
    let outbound = "direct.outbound.while_listed";
    assert_eq!(rules, [outbound, "no_subject", outbound, outbound]);
}
