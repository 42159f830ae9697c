//! What cannot be verified is said within a minute on every channel, and the cursor has not moved:
//! the health page, the figures and the log; `web/tests/browser` sees that the pages' banner shows
//! what the health page says.

use std::sync::Arc;

use alloy_primitives::U256;
use interdict_core::desk::Calendar;
use interdict_core::policy::Policy;
use interdict_indexer::api::{Access, DeskRules, Kept, Pages, router};
use interdict_indexer::chain::transport::{Answer, TransportError};
use interdict_indexer::clock::Clock;
use interdict_indexer::config::Webhooks;
use interdict_indexer::deliver::Ways;
use interdict_indexer::screen::{Asset, Assets};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::chain::Chain;
use crate::desk::{Asked, Desk, Lie, Node};
use crate::log;

const TIP: u64 = 12;
/// The block that cannot be verified.
const TARGET: u64 = 6;

fn chain() -> Chain {
    Chain::of(TIP + 1)
}

/// The pages of an indexer, served for real.
pub struct Site {
    pub url: String,
    client: reqwest::Client,
}

impl Site {
    pub async fn of(desk: &Desk) -> Self {
        let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::ZERO };
        let pages = Pages {
            store: desk.works.store.clone(),
            home: desk.home,
            status: desk.works.status.clone(),
            metrics: Arc::clone(&desk.works.metrics),
            assets: Arc::new(Assets { native, tokens: [].into() }),
            clock: Arc::clone(&desk.clock) as Arc<dyn Clock>,
            proposed: tokio::sync::watch::channel(interdict_indexer::run::Proposed::default()).1,
            access: Arc::new(Access::loopback(Arc::clone(&desk.clock) as Arc<dyn Clock>)),
            kept: Arc::new(Kept::new(Policy::standard(), CancellationToken::new())),
            desk: Arc::new(DeskRules::new(Policy::standard(), Calendar::none())),
            ways: Arc::new(Ways::new(None, &Webhooks::default()).unwrap()),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router(pages)).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { url, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn page(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap())
    }

    async fn ready(&self) -> (u16, Value) {
        let (status, page) = self.page("/readyz").await;
        (status, serde_json::from_str(&page).unwrap())
    }
}

fn about_target(asked: &Asked<'_>) -> bool {
    asked.params[0] == json!(chain().0[6].hash)
}

/// Runs into a lie about the target and sees that everybody is told within a minute.
async fn is_told(lie: Lie, reason: &str) {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    let site = Site::of(&desk).await;
    node.lies(Some(lie));
    desk.until("the block below", |status| status.cursor == TARGET - 1).await;
    let met = desk.clock.elapsed();
    while site.ready().await.0 == 200 {
        desk.turn().await;
        assert!(desk.clock.elapsed().saturating_sub(met).as_secs() <= 60, "nobody is told");
    }
    let (code, health) = site.ready().await;
    let told = health["reason"].as_str().unwrap();
    assert!(code == 503 && told.contains(reason), "{health}");
    assert_eq!(health["cursor"], TARGET - 1, "the cursor has not moved");
    assert_eq!(health["providers"][0]["provider"], "http://a");
    assert!(health["providers"][0]["last_error"].as_str().unwrap().contains(reason), "{health}");
    let figures = site.page("/metrics").await.1;
    assert!(figures.contains("interdict_stalled 1"), "{figures}");
    assert!(figures.contains("interdict_provider_failures_total{provider=\"http://a\"}"));
    let log = log::text();
    assert!(log.contains("ERROR") && log.contains("stalled") && log.contains(reason), "{log}");

    node.lies(None);
    desk.until("the head", |status| status.cursor == TIP).await;
    desk.turns(2).await;
    let (code, health) = site.ready().await;
    assert_eq!((code, &health["reason"]), (200, &Value::Null));
    assert!(site.page("/metrics").await.1.contains("interdict_stalled 0"));
}

#[tokio::test]
async fn a_block_that_does_not_verify_is_told() {
    is_told(
        |asked, mut answer| {
            if asked.method == "eth_getBlockReceipts" && about_target(asked) {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
                body["result"][0]["logs"] = json!([]);
                answer.body = body.to_string().into_bytes();
            }
            Ok(answer)
        },
        "block 6 ",
    )
    .await;
}

#[tokio::test]
async fn a_block_that_cannot_be_read_is_told() {
    is_told(
        |asked, answer| {
            let lie = about_target(asked);
            Ok(if lie { Answer { body: b"<html>".to_vec(), ..answer } } else { answer })
        },
        "a web page",
    )
    .await;
}

#[tokio::test]
async fn a_silent_provider_is_told() {
    is_told(
        |asked, answer| {
            if !about_target(asked) {
                return Ok(answer);
            }
            Err(TransportError("connection refused".to_owned()))
        },
        "connection refused",
    )
    .await;
}

#[tokio::test]
async fn one_that_only_asks_for_patience_is_told() {
    is_told(
        |asked, answer| {
            if !about_target(asked) {
                return Ok(answer);
            }
            let retry_after = Some(std::time::Duration::from_mins(10));
            Ok(Answer { status: 429, retry_after, body: vec![], ..answer })
        },
        "too often",
    )
    .await;
}

/// The loop itself hangs: nobody turns it, and the health page still says so.
#[tokio::test]
async fn a_loop_that_hangs_is_told() {
    let node = Node::with(chain());
    let mut desk = Desk::with(std::slice::from_ref(&node)).await;
    let site = Site::of(&desk).await;
    desk.until("the head", |status| status.cursor == TIP).await;
    assert_eq!(site.ready().await.0, 200);
    desk.clock.turn(50_000);
    let (code, health) = site.ready().await;
    let reason = health["reason"].as_str().unwrap();
    assert!(code == 503 && reason.starts_with("no word from the chain for 5"), "{health}");
    assert!(site.page("/metrics").await.1.contains("interdict_stalled 1"));
}

/// A provider that is set aside is shown though the chain is followed without it.
#[tokio::test]
async fn one_that_is_set_aside_is_shown() {
    let nodes = [Node::with(chain()), Node::with(chain()), Node::with(chain())];
    let mut desk = Desk::with(&nodes).await;
    let site = Site::of(&desk).await;
    nodes[1].holds(chain().up_to(6).longer(6, 9));
    desk.until("the verdict", |status| !status.warnings().is_empty()).await;
    desk.turns(4).await;
    let (code, health) = site.ready().await;
    assert_eq!(code, 200, "the chain is followed: {health}");
    assert!(health["warnings"][0].as_str().unwrap().contains("http://b has"), "{health}");
    assert_eq!(health["providers"][1]["state"], "set_aside");
    let figures = site.page("/metrics").await.1;
    assert!(figures.contains("interdict_provider_up{provider=\"http://b\"} 0"), "{figures}");
    assert!(figures.contains("interdict_provider_up{provider=\"http://a\"} 1"), "{figures}");
}
