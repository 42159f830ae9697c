//! A server over a store of its own, on a clock that a test may turn.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::B256;
use interdict_core::audit::Who;
use interdict_core::desk::Calendar;
use interdict_core::ledger::Kind;
use interdict_core::policy::Policy;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::access::Made;
use crate::config::{Api, Oidc, Webhooks};
use crate::deliver::guard::{Guard, PORTS_DEFAULT};
use crate::store::access::NewToken;
use crate::store::{Configured, Home, Intake, Store};
use crate::world::{self, CHAIN, Draft, Script, assets, block, genesis, place};

/// A clock that stands until it is turned.
#[derive(Debug, Default)]
pub(in crate::api) struct Hand(AtomicU64);

/// When it begins, unix seconds.
pub(super) const BEGIN: i64 = 1_800_000_000;

impl Hand {
    pub(in crate::api) fn turn(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> i64 {
        BEGIN + i64::try_from(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub(in crate::api) struct Site {
    _folder: TempDir,
    pub(in crate::api) url: String,
    pub(in crate::api) store: Store,
    pub(in crate::api) status: watch::Sender<Status>,
    pub(in crate::api) client: reqwest::Client,
    pub(in crate::api) clock: Arc<Hand>,
    pub(in crate::api) kept: Arc<Kept>,
    pub(in crate::api) stop: CancellationToken,
    pub(in crate::api) tokens: BTreeMap<String, String>,
}

impl Site {
    pub(in crate::api) async fn open(payments: u64) -> Self {
        let payment = |n| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000);
        Self::of((0..payments).map(payment).collect()).await
    }

    pub(in crate::api) async fn of(drafts: Vec<Draft>) -> Self {
        Self::with(Api::loopback(), drafts).await
    }

    /// Where nobody comes in without credentials.
    pub(in crate::api) async fn closed() -> Self {
        let payment = tx(0, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000);
        let hosts = vec!["interdict.example".to_owned()];
        Self::with(Api { anonymous: None, hosts, ..Api::loopback() }, vec![payment]).await
    }

    pub(in crate::api) async fn with(api: Api, drafts: Vec<Draft>) -> Self {
        Self::made(api, None, drafts).await
    }

    pub(in crate::api) async fn made(api: Api, oidc: Option<Oidc>, drafts: Vec<Draft>) -> Self {
        crate::install_crypto();
        let folder = tempfile::tempdir().unwrap();
        let home = Home { chain_id: CHAIN, genesis_hash: B256::ZERO, blocklist: account(0xb1) };
        let store = Store::open(&folder.path().join("test.sqlite"), home).await.unwrap();
        store.begin_above(genesis()).await.unwrap();
        let block = block(genesis(), &drafts);
        let script = Script::default().act(Kind::List, place(50, 0, 0), &[account(2)]);
        let alerts = world::live(&block, &script.ledger()).alerts;
        let (header, acts) = (block.header, script.0.clone());
        let (undecoded, lookbacks, moved) = (vec![], vec![], BTreeMap::new());
        let intake = Intake { header, acts, alerts, undecoded, lookbacks, moved, now: 1 };
        store.apply(intake).await.unwrap();
        let (status, watched) = watch::channel(Status::default());
        let hand = Arc::new(Hand::default());
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&hand);
        let stop = CancellationToken::new();
        let kept = Arc::new(Kept::new(Policy::standard(), stop.clone()));
        let receiver = Configured { shown: "https://r.example".into(), receiver: B256::ZERO };
        store.configure(Some(&receiver), 1).await.unwrap();
        let allow = vec!["127.0.0.0/8".parse().unwrap()];
        let guard = Guard { allow, ports: PORTS_DEFAULT.to_vec() };
        let webhooks = Webhooks { key_file: Some(folder.path().join("webhooks.key")), guard };
        let pages = Pages {
            store: store.clone(),
            home,
            status: watched,
            metrics: Arc::new(Metrics::default()),
            assets: Arc::new(assets()),
            clock: Arc::clone(&clock),
            proposed: watch::channel(Proposed::default()).1,
            access: Arc::new(Access::new(api, oidc, clock).unwrap()),
            kept: Arc::clone(&kept),
            desk: Arc::new(DeskRules::new(Policy::standard(), Calendar::none())),
            ways: Arc::new(Ways::new(None, &webhooks).unwrap()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, pages));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let tokens = BTreeMap::new();
        let clock = hand;
        let mut site =
            Self { _folder: folder, url, store, status, client, clock, kept, stop, tokens };
        let one = Role::ALL.map(|role| (format!("{role}-one"), role));
        // Some steps take two.
        let two = [("analyst-two", Role::Analyst), ("admin-two", Role::Admin)];
        let two = two.map(|(person, role)| (person.to_owned(), role));
        for (person, role) in one.into_iter().chain(two) {
            let token = site.token(&person, role).await;
            site.tokens.insert(person, token);
        }
        site
    }

    /// A new token of a person, for 90 days.
    pub(in crate::api) async fn token(&self, person: &str, role: Role) -> String {
        let Made { name: id, shown, kept: secret } = Made::token().unwrap();
        let expires_at = self.clock.now() + 90 * 24 * 3600;
        let (person, made_by) = (person.to_owned(), Who::console());
        let token = NewToken { id, secret, person, role, made_by, expires_at };
        self.store.make_token(&token, 1).await.unwrap();
        shown.expose_secret().to_owned()
    }

    /// The indexer follows its chain.
    pub(in crate::api) fn follows(&self) {
        self.status.send_modify(|status| {
            status.cursor = 101;
            status.head = Some(101);
            status.heard = self.clock.elapsed();
        });
    }

    pub(in crate::api) async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// A request as one of the persons that every site knows: `viewer-one`, `analyst-one`, …
    pub(in crate::api) fn by(
        &self,
        person: &str,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let token = self.tokens.get(person).map_or(person, String::as_str);
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(token)
    }

    /// The cookie of a new session of one of them.
    pub(in crate::api) async fn session(&self, person: &str) -> String {
        let asked = self.client.post(format!("{}/v1/session", self.url));
        let asked = asked.header("content-type", "application/json");
        let body = serde_json::json!({ "token": self.tokens[person] }).to_string();
        let answer = asked.body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A request of a page of this server in a session.
    pub(in crate::api) fn in_session(
        &self,
        cookie: &str,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let asked = self.client.request(method, format!("{}{path}", self.url));
        asked
            .header("cookie", cookie)
            .header("x-interdict", "1")
            .header("sec-fetch-site", "same-origin")
    }

    pub(in crate::api) async fn json(&self, path: &str) -> (StatusCode, Value) {
        read(self.get(path).await).await
    }
}

/// Status and body of an answer.
pub(super) async fn read(answer: reqwest::Response) -> (StatusCode, Value) {
    let status = answer.status();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}
