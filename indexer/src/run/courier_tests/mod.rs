//! The deliverer before real receivers: an office with a store, a clock that stands where it is
//! put, and endpoints as people make them.

mod changes;
mod faults;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use alloy_primitives::B256;
use axum::http::header;
use interdict_core::audit::{Event, Who};
use interdict_core::ledger::Kind;
use interdict_core::policy::Severity;
use secrecy::{ExposeSecret, SecretString};
use standardwebhooks::Webhook;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::chain::Header;
use crate::chain::transport::{Http, Manner, Proxy};
use crate::clock::Clock;
use crate::config::{self, Webhooks};
use crate::deliver::guard::Guard;
use crate::deliver::receiver::{Answer, Receiver, json};
use crate::deliver::{ATTEMPT_TIMEOUT_SECONDS, HoldsSealed, new_secret};
use crate::store::{DeliveryState, Home, Intake, Sealed, Shape, Store, Wish};
use crate::world;
use crate::world::{CHAIN, Script, TOKEN, account, assets, block, genesis, place, tx};

const HOUR: i64 = 3_600;
const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Clocks that stand where they are put.
#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.now().unsigned_abs())
    }
}

/// An indexer's store and deliverer, with endpoints as people make them.
struct Office {
    _folder: TempDir,
    store: Store,
    clock: Arc<Hand>,
    courier: Courier,
    tip: Header,
}

fn event(at: i64) -> Event {
    let who = Who { person: "ada".to_owned(), role: "admin".to_owned() };
    Event { who, at, kind: "webhook.tried".into(), alert: None, detail: serde_json::json!({}) }
}

impl Office {
    async fn open() -> Self {
        Self::with(None).await
    }

    /// With a receiver of the configuration file.
    async fn with(configured: Option<Target>) -> Self {
        crate::install_crypto();
        let folder = tempfile::tempdir().unwrap();
        let home = Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) };
        let store = Store::open(&folder.path().join("test.sqlite"), home).await.unwrap();
        store.begin_above(genesis()).await.unwrap();
        // Receivers compare the signed time with their own clock.
        let now = jiff::Timestamp::now().as_second();
        let clock = Arc::new(Hand(AtomicI64::new(now)));
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let key_file = Some(folder.path().join("webhooks.key"));
        let webhooks = Webhooks { key_file, guard: Guard { allow, ports: vec![443] } };
        let ways = Arc::new(Ways::new(configured.map(Arc::new), &webhooks).unwrap());
        store.configure(ways.configured().as_ref(), now).await.unwrap();
        let post = Post {
            store: store.clone(),
            assets: assets(),
            metrics: Arc::default(),
            clock: clock.clone(),
        };
        let courier = Courier { post, ways, news: Arc::default(), rests: Mutex::default() };
        Self { _folder: folder, store, clock, courier, tip: genesis() }
    }

    /// Makes an endpoint, as the API does; its secret.
    async fn tell(&self, id: &str, url: &str) -> SecretString {
        let secret = new_secret().unwrap();
        let reached = self.courier.ways.reach(id, &url.into(), HoldsSealed::No).unwrap();
        let sealed = self.courier.ways.seal_secret(id, &secret, HoldsSealed::No).unwrap();
        let endpoint = Endpoint {
            id: id.to_owned(),
            name: id.to_owned(),
            shown: reached.shown.shown,
            receiver: reached.shown.receiver,
            sealed: Sealed { url: Some(reached.url), secret: Some(sealed), before: None },
            shape: Shape::Standard,
            wish: Wish::all(),
            state: EndpointState::Active,
            removal_by: None,
            version: 1,
            seq: 0,
            delivered_at: None,
            last_error: None,
        };
        assert!(self.store.make_endpoint(&endpoint, event(self.clock.now())).await.unwrap());
        secret
    }

    /// A block with findings.
    async fn find(&mut self, payments: u64) {
        let drafts: Vec<_> = (0..payments)
            .map(|n| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000))
            .collect();
        let block = block(self.tip, &drafts);
        let ledger = Script::default().act(Kind::List, place(50, 0, 0), &[account(2)]).ledger();
        let alerts = world::live(&block, &ledger).alerts;
        let (header, now) = (block.header, self.clock.now());
        let (acts, undecoded, lookbacks) = (vec![], vec![], vec![]);
        let moved = BTreeMap::new();
        let intake = Intake { header, acts, alerts, undecoded, lookbacks, moved, now };
        self.store.apply(intake).await.unwrap();
        self.tip = header;
    }

    async fn pass(&self) -> Summary {
        self.courier.pass().await.unwrap()
    }

    /// Passes until there is nothing more to do at once.
    async fn passes(&self) -> Summary {
        let mut all = Summary::default();
        loop {
            let summary = self.pass().await;
            all += summary;
            if !summary.more {
                return all;
            }
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn endpoint(&self, id: &str) -> Endpoint {
        self.store.endpoint(id).await.unwrap().unwrap()
    }

    async fn dead(&self, id: &str) -> Vec<i64> {
        let dead = Some(DeliveryState::Dead);
        let rows = self.store.line(id, dead, i64::MAX, 500).await.unwrap();
        rows.into_iter().map(|row| row.seq).collect()
    }
}

fn sorted(mut all: Vec<i64>) -> Vec<i64> {
    all.sort_unstable();
    all
}

fn gapless(count: usize) -> Vec<i64> {
    (1..).take(count).collect()
}

/// A way to a receiver for whom nobody waits long.
fn impatient(url: &str) -> Target {
    let timeout = Duration::from_millis(300);
    let manner = Manner { timeout, body_max_bytes: 64 << 10, proxy: Proxy::Never };
    let http = Arc::new(Http::new(url.into(), manner).unwrap());
    Target::over(http, &config::Webhook { url: url.into(), secret: SECRET.into() }).unwrap()
}
