//! An indexer whose providers and clock are in the tests' hands.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::B256;
use interdict_core::alert::{AlertId, Confirmation};
use interdict_core::deployment::{Contract, Delays, Deployment, Parameters, SCHEMA};
use interdict_indexer::abroad::Teller;
use interdict_indexer::chain::pool::Source;
use interdict_indexer::chain::transport::{Answer, Posted, Request, Transport, TransportError};
use interdict_indexer::clock::Clock;
use interdict_indexer::config::{Abroad, Config, Overrides};
use interdict_indexer::metrics::Format;
use interdict_indexer::run::{StartError, Status, Wiring, Works, assemble};
use interdict_indexer::store::{Filter, Home};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chain::{BLOCKLIST, CHAIN, Chain, code_hash};
use crate::log;

/// Time that passes between two turns, in milliseconds.
const TURN_MS: u64 = 500;
/// Virtual time after which a test gives up, in milliseconds.
const PATIENCE_MS: u64 = 15 * 60 * 1000;

/// A clock that stands still until it is turned.
#[derive(Debug, Default)]
pub struct HandClock {
    elapsed_ms: AtomicU64,
    set_by: AtomicI64,
}

impl HandClock {
    pub fn turn(&self, ms: u64) {
        self.elapsed_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        1_700_000_000 + self.elapsed().as_secs().cast_signed() + self.set_by.load(Ordering::Relaxed)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.elapsed_ms.load(Ordering::Relaxed))
    }
}

/// What was asked.
pub struct Asked<'a> {
    pub method: &'a str,
    pub params: &'a Value,
}

/// What becomes of an honest answer.
pub type Lie = fn(&Asked<'_>, Answer) -> Result<Answer, TransportError>;

/// A provider with a chain of its own, that can be made to lie.
#[derive(Debug)]
pub struct Node {
    state: Mutex<(Chain, Option<Lie>)>,
    pub asked: AtomicU64,
    /// Requests over HTTP: a batch is one.
    pub posts: AtomicU64,
}

impl Node {
    pub fn with(chain: Chain) -> Arc<Self> {
        log::listen();
        let (asked, posts) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { state: Mutex::new((chain, None)), asked, posts })
    }

    /// The hash of its block 0.
    pub fn genesis(&self) -> B256 {
        self.state.lock().unwrap().0.0[0].hash
    }

    pub fn lies(&self, lie: Option<Lie>) {
        self.state.lock().unwrap().1 = lie;
    }

    pub fn holds(&self, chain: Chain) {
        self.state.lock().unwrap().0 = chain;
    }

    fn answer(&self, request: &Request) -> Result<Answer, TransportError> {
        self.posts.fetch_add(1, Ordering::Relaxed);
        match serde_json::from_str(&request.body).unwrap() {
            Value::Array(requests) => {
                let mut all = Vec::new();
                for request in &requests {
                    let answer = self.one(request)?;
                    match serde_json::from_slice::<Value>(&answer.body) {
                        Ok(body) if answer.status == 200 && answer.cut.is_none() => all.push(body),
                        // It is an answer to all of them.
                        _ => return Ok(answer),
                    }
                }
                let body = Value::Array(all).to_string().into_bytes();
                Ok(Answer { status: 200, body, ..Answer::default() })
            }
            request => self.one(&request),
        }
    }

    fn one(&self, request: &Value) -> Result<Answer, TransportError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let asked =
            Asked { method: request["method"].as_str().unwrap(), params: &request["params"] };
        let (chain, lie) = &*self.state.lock().unwrap();
        let result = chain.answer(asked.method, asked.params);
        let body = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
        let honest = Answer { status: 200, body: body.to_string().into(), ..Answer::default() };
        lie.map_or(Ok(honest.clone()), |lie| lie(&asked, honest))
    }
}

impl Transport for Node {
    fn post(&self, request: Request) -> Posted<'_> {
        Box::pin(async move { self.answer(&request) })
    }
}

/// What an indexer ends up with: where its cursor stands, and every alert.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub cursor: u64,
    pub alerts: Vec<(AlertId, Confirmation)>,
}

/// An indexer that is turned by hand.
pub struct Desk {
    pub works: Works,
    pub clock: Arc<HandClock>,
    pub home: Home,
    folder: TempDir,
}

impl Desk {
    /// The figures of now, as Prometheus reads them.
    pub(crate) fn figures(&self) -> String {
        self.works.metrics.encode(Format::OpenMetrics).unwrap()
    }

    pub async fn with(nodes: &[Arc<Node>]) -> Self {
        Self::try_with(nodes).await.unwrap()
    }

    pub async fn try_with(nodes: &[Arc<Node>]) -> Result<Self, StartError> {
        let named = nodes.iter().zip('a'..).map(|(node, name)| {
            Source::over(Arc::clone(node) as Arc<dyn Transport>, format!("http://{name}"))
        });
        Self::over(named.collect(), &nodes[0]).await
    }

    pub async fn over(providers: Vec<Source>, node: &Node) -> Result<Self, StartError> {
        Self::as_told(providers, node, |_| {}).await
    }

    /// One whose configuration is changed before it starts.
    pub async fn as_told(
        providers: Vec<Source>,
        node: &Node,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, StartError> {
        Self::in_folder(tempfile::tempdir().unwrap(), providers, node, change).await
    }

    async fn in_folder(
        folder: TempDir,
        providers: Vec<Source>,
        node: &Node,
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, StartError> {
        let mut config = configured(&folder, CHAIN, node.genesis());
        change(&mut config);
        Self::open(folder, config, providers, None).await
    }

    /// The same database after the process is gone and there is another.
    pub async fn killed(
        self,
        providers: Vec<Source>,
        node: &Node,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let Self { works, folder, .. } = self;
        works.store.close().await;
        drop(works);
        Self::in_folder(folder, providers, node, change).await.unwrap()
    }

    /// An indexer of a list that is kept on another chain, and told of by somebody.
    pub async fn abroad(node: &Arc<Node>, list: &Home, teller: Arc<dyn Teller>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = configured(&folder, CHAIN, list.genesis_hash);
        let indexer = "http://127.0.0.1:1".parse().unwrap();
        config.abroad =
            Some(Abroad { indexer, token: None, genesis_hash: node.genesis(), from_block: 1 });
        let transport = Arc::clone(node) as Arc<dyn Transport>;
        let providers = vec![Source::over(transport, "http://a".to_owned())];
        Self::open(folder, config, providers, Some(teller)).await.unwrap()
    }

    async fn open(
        folder: TempDir,
        config: Config,
        providers: Vec<Source>,
        teller: Option<Arc<dyn Teller>>,
    ) -> Result<Self, StartError> {
        let (chain_id, genesis_hash) = (config.chain_id, config.genesis_hash());
        let home = Home { chain_id, genesis_hash, blocklist: BLOCKLIST };
        let clock = Arc::new(HandClock::default());
        let wiring = Wiring {
            providers,
            teller,
            receiver: None,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        let works = Box::pin(assemble(config, wiring)).await?;
        Ok(Self { works, clock, home, folder })
    }

    pub fn status(&self) -> Status {
        self.works.status.borrow().clone()
    }

    /// Turns once, and lets time pass.
    pub async fn turn(&mut self) {
        self.works.indexer.turn().await;
        self.clock.turn(TURN_MS);
    }

    /// Turns until the indexer is as expected; the virtual time that it took.
    pub async fn until(&mut self, what: &str, reached: impl Fn(&Status) -> bool) -> Duration {
        let began = self.clock.elapsed();
        while !reached(&self.status()) {
            let waited = self.clock.elapsed().saturating_sub(began);
            let patience = Duration::from_millis(PATIENCE_MS);
            assert!(waited < patience, "{what} did not come: {:?}", self.status());
            self.turn().await;
        }
        self.clock.elapsed().saturating_sub(began)
    }

    /// Turns so often.
    pub async fn turns(&mut self, count: u32) {
        for _ in 0..count {
            self.turn().await;
        }
    }

    pub async fn outcome(&self) -> Outcome {
        let (alerts, _) = self.works.store.alerts(&Filter::default(), None, 500).await.unwrap();
        let mut alerts: Vec<_> =
            alerts.iter().map(|alert| (alert.id, alert.confirmation)).collect();
        alerts.sort_by_key(|(id, _)| id.to_string());
        Outcome { cursor: self.status().cursor, alerts }
    }
}

/// What an indexer with honest providers ends up with.
pub async fn clean(chain: &Chain) -> Outcome {
    let mut desk = Desk::with(&[Node::with(chain.clone())]).await;
    let tip = chain.tip();
    desk.until("the head", |status| status.cursor == tip).await;
    desk.turns(2).await;
    desk.outcome().await
}

/// A configuration for a chain that begins with a block.
pub fn configured(folder: &TempDir, chain_id: u64, genesis: B256) -> Config {
    let text = format!(
        "chain_id = {chain_id}\nrpc_url = \"http://127.0.0.1:1\"\ndeployment = \"deployment.json\"\n\
         database = \"interdict.sqlite\"\nbind = \"127.0.0.1:0\"\n\
         [native]\nsymbol = \"ETH\"\ndecimals = 18\ndust_below = \"0.004\"\n"
    );
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("indexer.toml", text);
    let deployment = deployment(chain_id, genesis);
    write("deployment.json", serde_json::to_string(&deployment).unwrap());
    Config::load(&folder.path().join("indexer.toml"), Overrides::default()).unwrap()
}

fn deployment(chain_id: u64, genesis_hash: B256) -> Deployment {
    let contract = Contract { address: BLOCKLIST, code_hash: code_hash() };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id,
        genesis_hash,
        block: 1,
        access_manager: contract,
        seats: contract,
        council: contract,
        signed_act: contract,
        blocklist: contract,
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 1,
            holds_per_day: 1000,
            voting_period_seconds: 1,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}
