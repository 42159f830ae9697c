//! The node that shows the recorded chain, and the receiver that hears of it, over real HTTP.

use std::sync::Arc;

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::SolValue;
use anyhow::{Context, Result};
use axum::Router;
use axum::body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::chain::{Block, CHAIN_ID, CODE};
use crate::scene::Scene;
use crate::story::Stage;

/// The secret that receiver and indexer share.
pub const SECRET: &str = "whsec_aW50ZXJkaWN0IGxvY2FsIGNoYWluIHRlc3Qgc2VjcmV0";
/// JSON-RPC's code for a method that is not known.
const UNKNOWN_METHOD: i64 = -32_601;

/// A running node and receiver; they end when this is dropped.
#[derive(Debug)]
pub struct Servers {
    /// Root of the node.
    pub node: String,
    /// Where deliveries go.
    pub receiver: String,
    tasks: [AbortHandle; 2],
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl Servers {
    /// Starts both on free ports.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(scene: &Arc<Scene>) -> Result<Self> {
        let node = Router::new().route("/", post(answer)).with_state(Arc::clone(scene));
        let webhook = Arc::new(Webhook::new(SECRET).context("this is no webhook secret")?);
        let state = (Arc::clone(scene), webhook);
        let receiver = Router::new().route("/hook", post(receive)).with_state(state);
        let (node, first) = listen(node).await?;
        let (receiver, second) = listen(receiver).await?;
        Ok(Self {
            node: format!("http://{node}"),
            receiver: format!("http://{receiver}/hook"),
            tasks: [first, second],
        })
    }
}

async fn listen(router: Router) -> Result<(std::net::SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port can be had")?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, task.abort_handle()))
}

async fn answer(State(scene): State<Arc<Scene>>, body: body::Bytes) -> (StatusCode, String) {
    scene.event();
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return (StatusCode::BAD_REQUEST, String::new());
    };
    let said = match request.as_array() {
        None => answer_one(&scene, &request),
        Some(batch) => {
            let said: Vec<_> = batch.iter().map(|one| answer_one(&scene, one)).collect();
            format!("[{}]", said.join(","))
        }
    };
    (StatusCode::OK, said)
}

fn answer_one(scene: &Scene, request: &Value) -> String {
    let method = request["method"].as_str().unwrap_or_default();
    let id = &request["id"];
    match result(scene.stage(), method, &request["params"]) {
        Some(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
        None => json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": UNKNOWN_METHOD, "message": "the method is not available" },
        })
        .to_string(),
    }
}

/// What an honest node says, as JSON; `None` if it does not know the method.
fn result(stage: &Stage, method: &str, params: &Value) -> Option<String> {
    let null = || "null".to_owned();
    let said = |block: Option<&Arc<Block>>| {
        let said = |block: &Arc<Block>| {
            if params[1] == json!(true) { block.whole.clone() } else { block.bare.clone() }
        };
        block.map_or_else(null, said)
    };
    let by_hash = |hash: &Value| {
        let hash: B256 = serde_json::from_value(hash.clone()).ok()?;
        stage.chain.blocks().iter().find(|block| block.hash == hash)
    };
    Some(match method {
        "eth_chainId" => json!(format!("{CHAIN_ID:#x}")).to_string(),
        "eth_getCode" => json!(Bytes::from_static(CODE)).to_string(),
        "eth_blockNumber" => json!(format!("{:#x}", stage.chain.tip())).to_string(),
        "eth_getBlockByNumber" => {
            said(place(stage, &params[0]).and_then(|number| stage.chain.at(number)))
        }
        "eth_getBlockByHash" => said(by_hash(&params[0])),
        "eth_getBlockReceipts" => {
            by_hash(&params[0]).map_or_else(null, |block| block.receipts.clone())
        }
        "eth_call" => json!(Bytes::from(word(&params[0])?)).to_string(),
        "eth_getLogs" => Value::Array(logs(stage, &params[0])).to_string(),
        _ => return None,
    })
}

/// What the token says when it is asked for its symbol, its name or its decimals.
fn word(call: &Value) -> Option<Vec<u8>> {
    let asked = call["input"].as_str().or(call["data"].as_str())?;
    Some(match asked {
        "0x95d89b41" => "USDT".abi_encode(),
        "0x06fdde03" => "Tether USD".abi_encode(),
        "0x313ce567" => U256::from(6).abi_encode(),
        _ => return None,
    })
}

fn place(stage: &Stage, place: &Value) -> Option<u64> {
    match place.as_str()? {
        "latest" => Some(stage.chain.tip()),
        "finalized" | "safe" => Some(stage.finalized),
        height => u64::from_str_radix(height.strip_prefix("0x")?, 16).ok(),
    }
}

fn logs(stage: &Stage, filter: &Value) -> Vec<Value> {
    let from = place(stage, &filter["fromBlock"]).unwrap_or(0);
    let to = place(stage, &filter["toBlock"]).unwrap_or(u64::MAX);
    let inside = |block: &&Arc<Block>| match filter["blockHash"].as_str() {
        Some(hash) => block.hash.to_string() == hash,
        None => (from..=to).contains(&block.number),
    };
    let blocks = stage.chain.blocks().iter().filter(inside);
    blocks.flat_map(|block| &block.logs).filter(|log| passes(log, filter)).cloned().collect()
}

/// Whether a log passes a filter's addresses and topics: each one value, several, or any.
fn passes(log: &Value, filter: &Value) -> bool {
    let is = |wanted: &Value, found: &Value| {
        let same = |one: &Value| {
            let (one, found) = (one.as_str(), found.as_str());
            one.zip(found).is_some_and(|(one, found)| one.eq_ignore_ascii_case(found))
        };
        wanted.is_null() || same(wanted) || wanted.as_array().is_some_and(|w| w.iter().any(same))
    };
    let topics = filter["topics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut numbered = topics.iter().enumerate();
    is(&filter["address"], &log["address"])
        && numbered.all(|(place, wanted)| is(wanted, &log["topics"][place]))
}

async fn receive(
    State((scene, webhook)): State<(Arc<Scene>, Arc<Webhook>)>,
    headers: HeaderMap,
    body: body::Bytes,
) -> StatusCode {
    scene.event();
    if let Err(error) = webhook.verify(&body, &headers) {
        scene.refused(format!("a delivery is signed wrong: {error}"));
        return StatusCode::BAD_REQUEST;
    }
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    scene.delivered(id, &String::from_utf8_lossy(&body));
    StatusCode::NO_CONTENT
}
