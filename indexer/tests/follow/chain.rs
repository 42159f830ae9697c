//! A real local chain with the real list on it, and a provider in between that can be made to lie.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use alloy_primitives::aliases::U40;
use alloy_primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use axum::Router;
use axum::extract::State;
use interdict_core::contract::IBlocklist;
use interdict_core::deployment::{Contract, Delays, Deployment, Parameters, SCHEMA};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Anvil's first account.
pub const DEPLOYER: Address = address!("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
/// Anvil's second account.
pub const PAYER: Address = address!("0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
/// How long a provisional listing holds, in seconds.
const TERM_SECONDS: u64 = 7 * 24 * 3600;
const HOLDS_PER_DAY: u32 = 1000;

sol! {
    function mint(address to, uint256 value);
    function transfer(address to, uint256 value);
}

/// A running chain with a list and a token.
pub struct Chain {
    pub url: String,
    pub blocklist: Address,
    pub token: Address,
    pub deployment: Deployment,
    client: reqwest::Client,
    _anvil: Child,
}

fn batch(account: Address) -> IBlocklist::Batch {
    let entry = IBlocklist::Entry { account, uid: 26_014, designatedOn: U40::from(1_600_000_000) };
    IBlocklist::Batch {
        manifest: B256::repeat_byte(7),
        sources: 1,
        dataAsOf: U40::from(1_700_000_000),
        entries: vec![entry],
    }
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

async fn anvil() -> (Child, String) {
    let here = project().join("node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    let binary = std::env::var_os("ANVIL").map_or(here, PathBuf::from);
    let mut child = Command::new(&binary)
        .args(["--port", "0", "--slots-in-an-epoch", "4"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}; run npm ci", binary.display()));
    let stdout = child.stdout.take().expect("stdout is piped above");
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(address) = line.strip_prefix("Listening on ") {
            let url = format!("http://{address}");
            // Anvil blocks when nobody reads what it says.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (child, url);
        }
    }
    panic!("anvil ended before it listened");
}

impl Chain {
    pub async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (anvil, url) = anvil().await;
        let mut chain = Self {
            url,
            blocklist: Address::ZERO,
            token: Address::ZERO,
            deployment: deployment(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            _anvil: anvil,
        };
        let genesis = chain.rpc("eth_getBlockByNumber", json!(["0x0", false])).await;
        chain.deployment.genesis_hash = serde_json::from_value(genesis["hash"].clone()).unwrap();
        let manager = chain.deploy("contracts/artifacts/AccessManager.json", DEPLOYER.abi_encode());
        let manager = manager.await;
        let arguments = (manager, U40::from(TERM_SECONDS), U256::from(HOLDS_PER_DAY)).abi_encode();
        chain.blocklist = chain.deploy("contracts/artifacts/Blocklist.json", arguments).await;
        chain.token = chain.deploy("tests/contracts/artifacts/DemoToken.json", vec![]).await;
        let code = chain.rpc("eth_getCode", json!([chain.blocklist, "latest"])).await;
        let code: Bytes = serde_json::from_value(code).unwrap();
        let code_hash = keccak256(&code);
        chain.deployment.blocklist = Contract { address: chain.blocklist, code_hash };
        chain
    }

    pub async fn rpc(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer: Value = serde_json::from_slice(&post(&self.client, &self.url, &body).await)
            .expect("anvil answers JSON");
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Sends a transaction; its receipt.
    pub async fn send(&self, from: Address, to: Address, value: u64, data: Vec<u8>) -> Value {
        let value = U256::from(value);
        let call = json!({ "from": from, "to": to, "value": value, "data": Bytes::from(data) });
        self.sent(call).await
    }

    /// Moves tokens; the height of the block.
    pub async fn pay(&self, from: Address, to: Address, value: u64) -> u64 {
        let data = transferCall { to, value: U256::from(value) }.abi_encode();
        height(&self.send(from, self.token, 0, data).await)
    }

    pub async fn mint(&self, to: Address, value: u64) {
        let data = mintCall { to, value: U256::from(value) }.abi_encode();
        self.send(DEPLOYER, self.token, 0, data).await;
    }

    /// Lists an address; the height of the block.
    pub async fn list(&self, account: Address) -> u64 {
        let batch = batch(account);
        self.act(IBlocklist::listCall { batch }.abi_encode()).await
    }

    /// Holds an address until it is listed or the term is over; the height of the block.
    pub async fn hold(&self, account: Address) -> u64 {
        let batch = batch(account);
        self.act(IBlocklist::listProvisionalCall { batch }.abi_encode()).await
    }

    /// Takes an address off the list; the height of the block.
    pub async fn delist(&self, account: Address) -> u64 {
        let batch = batch(account);
        self.act(IBlocklist::delistCall { batch }.abi_encode()).await
    }

    async fn act(&self, data: Vec<u8>) -> u64 {
        height(&self.send(DEPLOYER, self.blocklist, 0, data).await)
    }

    /// Lets the term of what is held pass, and a block come.
    pub async fn let_holds_lapse(&self) {
        self.rpc("evm_increaseTime", json!([TERM_SECONDS])).await;
        self.mine(1).await;
    }

    pub async fn mine(&self, blocks: u64) {
        self.rpc("anvil_mine", json!([U256::from(blocks)])).await;
    }

    async fn deploy(&self, artifact: &str, arguments: Vec<u8>) -> Address {
        let path = project().join(artifact);
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let artifact: Value = serde_json::from_str(&text).unwrap();
        let mut code = hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap();
        code.extend(arguments);
        let receipt = self.sent(json!({ "from": DEPLOYER, "data": Bytes::from(code) })).await;
        serde_json::from_value(receipt["contractAddress"].clone()).unwrap()
    }

    async fn sent(&self, call: Value) -> Value {
        let receipt = self.rpc("eth_sendTransactionSync", json!([call])).await;
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }
}

fn height(receipt: &Value) -> u64 {
    serde_json::from_value::<U256>(receipt["blockNumber"].clone()).unwrap().to()
}

pub fn deployment() -> Deployment {
    let contract = Contract { address: Address::ZERO, code_hash: B256::ZERO };
    Deployment {
        schema: SCHEMA.to_owned(),
        chain_id: 31_337,
        genesis_hash: B256::ZERO,
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
            term_seconds: TERM_SECONDS,
            holds_per_day: HOLDS_PER_DAY,
            voting_period_seconds: 300,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    }
}

async fn post(client: &reqwest::Client, url: &str, body: &Value) -> Vec<u8> {
    let request = client.post(url).header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

/// What a lying provider does to an answer, knowing what was asked.
pub type Lie = fn(method: &str, params: &Value, answer: &mut Value);

/// A provider that passes everything on to the chain, and can be made to lie.
#[derive(Clone)]
pub struct Provider {
    pub url: String,
    lie: Arc<Mutex<Option<Lie>>>,
    chain: String,
    client: reqwest::Client,
}

impl Provider {
    pub async fn before(chain: &Chain) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (chain, client) = (chain.url.clone(), chain.client.clone());
        let provider = Self { url, lie: Arc::default(), chain, client };
        let router = Router::new().fallback(pass_on).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn lies(&self, lie: Option<Lie>) {
        *self.lie.lock().unwrap() = lie;
    }
}

async fn pass_on(State(provider): State<Provider>, body: axum::body::Bytes) -> String {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut answer: Value =
        serde_json::from_slice(&post(&provider.client, &provider.chain, &request).await).unwrap();
    let lie = *provider.lie.lock().unwrap();
    if let Some(lie) = lie {
        let one = |request: &Value, answer: &mut Value| {
            lie(request["method"].as_str().unwrap(), &request["params"], answer);
        };
        match (request.as_array(), answer.as_array_mut()) {
            (Some(requests), Some(answers)) => {
                requests.iter().zip(answers).for_each(|(request, answer)| one(request, answer));
            }
            _ => one(&request, &mut answer),
        }
    }
    answer.to_string()
}
