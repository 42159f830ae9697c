//! Where findings are delivered, counted as they come.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;

/// The secret that signs deliveries here.
pub const SECRET: &str = "whsec_aW50ZXJkaWN0IGxvY2FsIGNoYWluIHRlc3Qgc2VjcmV0";

/// What came of one alert.
#[derive(Clone, Copy, Debug, Default)]
pub struct Came {
    /// How often it was told as new.
    pub times: u64,
    /// The block of its transfer.
    pub block: u64,
    /// When it came first, in µs of the clock.
    pub at_us: u128,
}

/// A running receiver.
#[derive(Clone, Debug, Default)]
pub struct Receiver(Arc<Mutex<BTreeMap<String, Came>>>);

impl Receiver {
    /// Starts one; where it is.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> Result<(Self, String)> {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let router = Router::new().route("/", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((receiver, url))
    }

    /// What has come so far; forgets it.
    pub fn drain(&self) -> BTreeMap<String, Came> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn take(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let alert = &body["data"]["alert"];
    if body["type"] == "alert.created" {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        let mut came = receiver.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = alert["id"].as_str().unwrap_or_default().to_owned();
        let one = came.entry(id).or_insert_with(|| Came {
            times: 0,
            block: alert["at"]["block"].as_u64().unwrap_or_default(),
            at_us: now,
        });
        one.times += 1;
    }
    StatusCode::NO_CONTENT
}
