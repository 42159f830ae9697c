//! A webhook receiver: a real HTTP server that verifies each delivery's signature.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The secret that the receiver and the indexer share in tests.
pub const SECRET: &str = "whsec_aW50ZXJkaWN0IGxvY2FsIGNoYWluIHRlc3Qgc2VjcmV0";

/// One delivery whose signature was right.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The `webhook-id`: the same for every attempt.
    pub id: String,
    /// The body.
    pub body: Value,
}

impl Delivery {
    /// `alert.created`, `alert.updated` or `alert.retracted`.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }

    /// The alert that it speaks of.
    pub fn alert(&self) -> &Value {
        &self.body["data"]["alert"]
    }
}

struct Inner {
    webhook: Webhook,
    deliveries: Mutex<Vec<Delivery>>,
    refused: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

/// A running receiver; it ends with the runtime.
#[derive(Clone)]
pub struct Receiver {
    /// Where deliveries go.
    pub url: String,
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Starts a receiver on a free port.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for a receiver")?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let inner = Arc::new(Inner {
            webhook: Webhook::new(SECRET).context("the test secret is no webhook secret")?,
            deliveries: Mutex::default(),
            refused: Mutex::default(),
            count: watch::Sender::new(0),
        });
        let app = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, inner })
    }

    /// What has come so far, in order.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inner.deliveries.lock().map(|all| all.clone()).unwrap_or_default()
    }

    /// Deliveries whose signature was wrong, with the reason.
    pub fn refused(&self) -> Vec<String> {
        self.inner.refused.lock().map(|all| all.clone()).unwrap_or_default()
    }

    /// Waits until a delivery comes, or has come, that fits.
    ///
    /// # Errors
    /// None came in time; says what did come.
    pub async fn wait_for(
        &self,
        what: &str,
        timeout: Duration,
        fits: impl Fn(&Delivery) -> bool,
    ) -> Result<Delivery> {
        let mut count = self.inner.count.subscribe();
        let found = async {
            loop {
                count.borrow_and_update();
                if let Some(delivery) = self.deliveries().into_iter().find(&fits) {
                    return Ok(delivery);
                }
                count.changed().await.context("the receiver is gone")?;
            }
        };
        match tokio::time::timeout(timeout, found).await {
            Ok(found) => found,
            Err(_) => bail!(
                "{what} did not come in {timeout:?}; came: {:?}; refused: {:?}",
                self.deliveries(),
                self.refused()
            ),
        }
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refuse = |reason: String| {
        if let Ok(mut refused) = inner.refused.lock() {
            refused.push(reason);
        }
        StatusCode::BAD_REQUEST
    };
    if let Err(error) = inner.webhook.verify(&body, &headers) {
        return refuse(error.to_string());
    }
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let Ok(body) = serde_json::from_slice(&body) else {
        return refuse("the body is not JSON".to_owned());
    };
    if let Ok(mut deliveries) = inner.deliveries.lock() {
        deliveries.push(Delivery { id: id.to_owned(), body });
    }
    inner.count.send_modify(|count| *count += 1);
    StatusCode::NO_CONTENT
}
