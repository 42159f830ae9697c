//! News to the receiver: a pass over what is due, at once and after each wait, the same on a happy
//! day and after a crash. A delivery may come twice and carries the same id and bytes then.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::B256;
use reqwest::{StatusCode, Url};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::chain::transport::{Http, Manner, Proxy, Request, Transport, redacted};
use crate::config;
use crate::metrics::Metrics;
use crate::report::{Report, rfc3339};
use crate::screen::Assets;
use crate::store::{Delivery, Retry, Store, StoreError};

/// Most rows that one pass takes on.
pub const PASS_MAX_ROWS: u32 = 64;
/// Most rows that the receiver took before that is written down. A crash tells them again.
const TAKEN_MAX_ROWS: usize = 16;
/// Time for one attempt, in seconds.
pub const ATTEMPT_TIMEOUT_SECONDS: u64 = 15;
/// Most of an answer that is read, in bytes.
pub const ANSWER_MAX_BYTES: usize = 64 << 10;
/// Waits after the first, second … failed attempt, in seconds; after the last the row is dead.
pub const BACKOFF_SECONDS: [i64; 9] =
    [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Why nothing can be delivered to a receiver.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address cannot be used.
    #[error(
        "webhook.url is no http or https address without a user name: write it like https://example.org/hook"
    )]
    Url,
    /// The secret cannot be used.
    #[error(
        "the file of webhook.secret_file holds no secret: write whsec_ and at least 32 random bytes in base64"
    )]
    Secret,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

/// One receiver.
pub struct Target {
    transport: Arc<dyn Transport>,
    shown: String,
    digest: B256,
    signer: standardwebhooks::Webhook,
}

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that the receiver has now.
    pub delivered: u32,
    /// Rows to try again.
    pub failed: u32,
    /// Rows given up.
    pub dead: u32,
    /// The receiver said that it is gone; nothing is sent any more.
    pub gone: bool,
}

impl Summary {
    /// Whether there may be more to do at once.
    pub const fn is_full(&self) -> bool {
        self.delivered + self.failed + self.dead >= PASS_MAX_ROWS
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    seq: i64,
    alert: Report,
}

enum Outcome {
    Delivered,
    Gone,
    Failed(String),
}

// The signer is made of the secret.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl Target {
    /// A receiver, from the configuration; nothing is sent yet.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn new(webhook: &config::Webhook) -> Result<Self, TargetError> {
        let manner = Manner {
            timeout: Duration::from_secs(ATTEMPT_TIMEOUT_SECONDS),
            body_max_bytes: ANSWER_MAX_BYTES,
            proxy: Proxy::Never,
        };
        let http = Http::new(webhook.url.clone(), manner)
            .map_err(|error| TargetError::Client(error.to_string()))?;
        Self::over(Arc::new(http), webhook)
    }

    /// A receiver that is reached by a transport.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn over(
        transport: Arc<dyn Transport>,
        webhook: &config::Webhook,
    ) -> Result<Self, TargetError> {
        /// Shortest signing key, in bytes.
        const KEY_MIN_BYTES: usize = 24;
        let url = webhook.url.expose_secret();
        let parsed = Url::parse(url).map_err(|_| TargetError::Url)?;
        let plain = parsed.username().is_empty() && parsed.password().is_none();
        if !plain || !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            return Err(TargetError::Url);
        }
        let secret = webhook.secret.expose_secret();
        let encoded = secret.strip_prefix("whsec_").ok_or(TargetError::Secret)?;
        // Four characters of base64 carry three bytes.
        if encoded.trim_end_matches('=').len() * 3 / 4 < KEY_MIN_BYTES {
            return Err(TargetError::Secret);
        }
        let signer = standardwebhooks::Webhook::new(secret).map_err(|_| TargetError::Secret)?;
        let digest = B256::from_slice(&Sha256::digest(url));
        Ok(Self { transport, shown: redacted(&parsed), digest, signer })
    }

    /// Scheme and host, fit to be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    async fn attempt(&self, delivery: &Delivery, assets: &Assets, now: i64) -> Outcome {
        let (id, body) = match message(delivery, assets) {
            Ok(body) => body,
            Err(reason) => return Outcome::Failed(reason),
        };
        let Ok(signature) = self.signer.sign(&id, now, body.as_bytes()) else {
            return Outcome::Failed("the body cannot be signed".to_owned());
        };
        let headers = vec![
            (standardwebhooks::HEADER_WEBHOOK_ID, id),
            (standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now.to_string()),
            (standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signature),
        ];
        match self.transport.post(Request { headers, body }).await {
            Err(error) => Outcome::Failed(error.to_string()),
            Ok(answer) => judge(answer.status),
        }
    }
}

/// The id and the bytes of a delivery: the same at every attempt.
fn message(delivery: &Delivery, assets: &Assets) -> Result<(String, String), String> {
    let alert = Report::of(&delivery.alert, assets);
    let id = format!("msg_{}_{}", alert.id, delivery.seq);
    let data = Data { seq: delivery.seq, alert };
    let timestamp = rfc3339(delivery.made_at);
    let body = Body { kind: &delivery.kind, timestamp, data };
    let body = serde_json::to_string(&body).map_err(|error| error.to_string())?;
    Ok((id, body))
}

/// What the receiver says by its status. One that took the news and talks on without end has still
/// taken it.
fn judge(status: u16) -> Outcome {
    match StatusCode::from_u16(status) {
        Ok(status) if status.is_success() => Outcome::Delivered,
        Ok(StatusCode::GONE) => Outcome::Gone,
        Ok(_) | Err(_) => Outcome::Failed(format!("HTTP status {status}")),
    }
}

/// Delivers what is due. One row that fails does not hold up the others.
///
/// # Errors
/// The database failed.
pub async fn pass(
    store: &Store,
    target: &Target,
    assets: &Assets,
    metrics: &Metrics,
    now: i64,
) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    if store.is_gone(target.digest).await? {
        return Ok(Summary { gone: true, ..summary });
    }
    let mut taken = Vec::with_capacity(TAKEN_MAX_ROWS);
    for delivery in store.due_deliveries(now, PASS_MAX_ROWS).await? {
        let outcome = target.attempt(&delivery, assets, now).await;
        let is_taken = matches!(outcome, Outcome::Delivered);
        if is_taken {
            taken.push(delivery.seq);
            summary.delivered += 1;
            metrics.delivery("delivered");
        }
        if !is_taken || taken.len() == TAKEN_MAX_ROWS {
            store.delivered(&std::mem::take(&mut taken), now).await?;
        }
        match outcome {
            Outcome::Delivered => {}
            Outcome::Gone => {
                store.gone(target.digest, now).await?;
                metrics.delivery("gone");
                tracing::error!(receiver = target.shown(), "the receiver says that it is gone");
                return Ok(Summary { gone: true, ..summary });
            }
            Outcome::Failed(reason) => {
                let retry = retry(delivery.attempts, now);
                store.failed(delivery.seq, &reason, retry).await?;
                let dead = retry == Retry::Never;
                summary.failed += u32::from(!dead);
                summary.dead += u32::from(dead);
                metrics.delivery(if dead { "dead" } else { "failed" });
                let (receiver, seq) = (target.shown(), delivery.seq);
                tracing::warn!(receiver, seq, reason, dead, "a delivery failed");
            }
        }
    }
    store.delivered(&taken, now).await?;
    Ok(summary)
}

fn retry(attempts_before: u32, now: i64) -> Retry {
    usize::try_from(attempts_before)
        .ok()
        .and_then(|attempt| BACKOFF_SECONDS.get(attempt))
        .map_or(Retry::Never, |wait| Retry::At(now + wait))
}

#[cfg(test)]
mod tests;
