//! The node over HTTP, and what it counts.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::asked::{self, Answer, Asked, View};
use crate::kept::Chain;

/// Longest request, in bytes.
const REQUEST_MAX_BYTES: usize = 4 << 20;

#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Most logs of one answer.
    pub cap: Option<usize>,
    /// How many of the last blocks are published one by one.
    pub fresh: u64,
    /// Time between two of those.
    pub fresh_every: Duration,
}

#[derive(Debug, Default)]
struct Counted {
    requests: BTreeMap<String, u64>,
    posts: u64,
    bytes: u64,
    /// When fresh blocks were published and when their receipts were first given out, in µs.
    published: BTreeMap<u64, u128>,
    served: BTreeMap<u64, u128>,
}

#[derive(Debug)]
struct Node {
    chain: Chain,
    rules: Rules,
    /// Published fresh blocks; they begin to come when `/begin` is asked for.
    fresh: Mutex<u64>,
    counted: Mutex<Counted>,
}

impl Node {
    fn view(&self) -> View {
        let fresh = *self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let finalized = self.chain.plan.last() - self.rules.fresh;
        View { latest: finalized + fresh, finalized, cap: self.rules.cap }
    }

    fn count(&self, change: impl FnOnce(&mut Counted)) {
        change(&mut self.counted.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Serves until the process is ended.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: tokio::net::TcpListener, chain: Chain, rules: Rules) -> Result<()> {
    let node = Arc::new(Node {
        chain,
        rules,
        fresh: Mutex::new(0),
        counted: Mutex::new(Counted::default()),
    });
    let router = Router::new()
        .route("/", post(asked_for))
        .route("/stats", get(stats))
        .route("/begin", post(begin))
        .layer(DefaultBodyLimit::max(REQUEST_MAX_BYTES))
        .with_state(node);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn asked_for(State(node): State<Arc<Node>>, body: Bytes) -> Response {
    node.count(|counted| counted.posts += 1);
    let request: Value = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return error.to_string().into_response(),
    };
    let view = node.view();
    let mut parts = Vec::new();
    if let Value::Array(requests) = request {
        parts.push(Bytes::from_static(b"["));
        for (place, request) in requests.into_iter().enumerate() {
            if place > 0 {
                parts.push(Bytes::from_static(b","));
            }
            one(&node, view, request, &mut parts);
        }
        parts.push(Bytes::from_static(b"]"));
    } else {
        one(&node, view, request, &mut parts);
    }
    let bytes: usize = parts.iter().map(Bytes::len).sum();
    node.count(|counted| counted.bytes += u64::try_from(bytes).unwrap_or(0));
    // Small parts go out as one; a slice of the logs goes out as it lies.
    let body = if bytes < 1 << 20 {
        Body::from(parts.concat())
    } else {
        Body::from_stream(tokio_stream::iter(parts.into_iter().map(Ok::<_, Infallible>)))
    };
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

fn one(node: &Node, view: View, request: Value, parts: &mut Vec<Bytes>) {
    let asked: Asked = match serde_json::from_value(request) {
        Ok(asked) => asked,
        Err(error) => {
            parts.push(error.to_string().into());
            return;
        }
    };
    node.count(|counted| *counted.requests.entry(asked.method.clone()).or_default() += 1);
    let answer = asked::answer(&node.chain, view, &asked);
    if asked.method == "eth_getBlockReceipts" {
        note_served(node, view, &asked);
    }
    let head = format!(r#"{{"jsonrpc":"2.0","id":{},"#, asked.id);
    match answer {
        Answer::Result(result) => parts.push(format!(r#"{head}"result":{result}}}"#).into()),
        Answer::Logs(logs) => {
            parts.push(format!(r#"{head}"result":["#).into());
            parts.push(logs);
            parts.push(Bytes::from_static(b"]}"));
        }
        Answer::Error(code, message) => {
            let error = json!({ "code": code, "message": message });
            parts.push(format!(r#"{head}"error":{error}}}"#).into());
        }
    }
}

fn note_served(node: &Node, view: View, asked: &Asked) {
    let hash = asked.params.first().and_then(Value::as_str).and_then(|hash| hash.parse().ok());
    let number = hash.and_then(|hash| node.chain.number_of(hash));
    if let Some(number) = number.filter(|number| *number > view.finalized) {
        node.count(|counted| _ = counted.served.entry(number).or_insert_with(now_us));
    }
}

/// What has been asked for and given out so far, and what it cost.
async fn stats(State(node): State<Arc<Node>>) -> Response {
    let cpu = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = cpu.rsplit(')').next().map_or(0, |rest| {
        rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum()
    });
    let counted = node.counted.lock().unwrap_or_else(PoisonError::into_inner);
    let plan = node.chain.plan;
    let view = node.view();
    let text = json!({
        "requests": counted.requests, "posts": counted.posts, "bytes": counted.bytes,
        "cpu_ms": ticks * 10, "latest": view.latest, "finalized": view.finalized,
        "transfers": plan.blocks * plan.per_block, "hits": plan.hits(view.finalized),
        "hits_in_all": plan.hits(plan.last()),
        "published_us": counted.published, "served_us": counted.served,
    });
    ([(CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

/// Begins to publish the fresh blocks.
async fn begin(State(node): State<Arc<Node>>) -> &'static str {
    let node = Arc::clone(&node);
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(node.rules.fresh_every);
        for _ in 0..node.rules.fresh {
            tick.tick().await;
            let mut fresh = node.fresh.lock().unwrap_or_else(PoisonError::into_inner);
            *fresh += 1;
            let number = node.chain.plan.last() - node.rules.fresh + *fresh;
            node.count(|counted| _ = counted.published.insert(number, now_us()));
        }
    });
    "begun\n"
}

fn now_us() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros())
}
