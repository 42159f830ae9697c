//! One receiver: how it is reached, by which secrets what it gets is signed, and what its answer
//! means.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::B256;
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::guard::Refused;
use super::message::Message;
use super::vault::VaultError;
use crate::chain::transport::{Http, Manner, Proxy, Request, Transport, redacted};
use crate::config;
use crate::store::Shape;

/// Time for one attempt, in seconds.
pub const ATTEMPT_TIMEOUT_SECONDS: u64 = 15;
/// Most of an answer that is read, in bytes.
pub const ANSWER_MAX_BYTES: usize = 64 << 10;
/// Longest that a receiver's wish to be left alone is followed, in seconds.
pub const RETRY_AFTER_MAX_SECONDS: u64 = 3_600;

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
    /// Its address may not be reached.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What is secret of it cannot be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The configuration file does not name it any more.
    #[error("the configuration file of this process has no [webhook]")]
    NotConfigured,
}

/// One receiver.
pub struct Target {
    transport: Arc<dyn Transport>,
    shown: String,
    digest: B256,
    shape: Shape,
    /// The last one ends at a time, if it is there.
    signers: Vec<(standardwebhooks::Webhook, Option<i64>)>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver says that it is gone.
    Gone,
    /// It does not have it, as far as we know.
    Failed {
        /// What was met, for people. Nothing of what the receiver wrote is in it.
        reason: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
        /// The answer is about this piece of news, so that others may fare better.
        is_of_news: bool,
    },
}

// The signers are made of the secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl Target {
    /// The receiver of the configuration; nothing is sent yet.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn new(webhook: &config::Webhook) -> Result<Self, TargetError> {
        let http = Http::new(webhook.url.clone(), manner())
            .map_err(|error| TargetError::Client(error.to_string()))?;
        Self::over(Arc::new(http), webhook)
    }

    /// The receiver of the configuration, reached by a transport.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn over(
        transport: Arc<dyn Transport>,
        webhook: &config::Webhook,
    ) -> Result<Self, TargetError> {
        let parsed = Url::parse(webhook.url.expose_secret()).map_err(|_| TargetError::Url)?;
        let plain = parsed.username().is_empty() && parsed.password().is_none();
        if !plain || !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            return Err(TargetError::Url);
        }
        let signers = vec![(signer(&webhook.secret)?, None)];
        Self::made(transport, &webhook.url, Shape::Standard, signers)
    }

    /// A receiver of any shape, with a secret of before that still signs.
    pub(super) fn made(
        transport: Arc<dyn Transport>,
        url: &SecretString,
        shape: Shape,
        signers: Vec<(standardwebhooks::Webhook, Option<i64>)>,
    ) -> Result<Self, TargetError> {
        let parsed = Url::parse(url.expose_secret()).map_err(|_| TargetError::Url)?;
        let digest = digest(url);
        Ok(Self { transport, shown: redacted(&parsed), digest, shape, signers })
    }

    /// Scheme and host, fit to be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// SHA-256 of its address.
    pub const fn digest(&self) -> B256 {
        self.digest
    }

    /// How news looks to it.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Sends a message once.
    pub async fn send(&self, message: Message, now: i64) -> Outcome {
        let Message { id, body } = message;
        let lasting = self.signers.iter().filter(|(_, until)| until.is_none_or(|end| now < end));
        let signed: Result<Vec<_>, _> =
            lasting.map(|(signer, _)| signer.sign(&id, now, body.as_bytes())).collect();
        let Ok(signatures) = signed else {
            return Outcome::failed("the body cannot be signed".to_owned());
        };
        let headers = vec![
            (standardwebhooks::HEADER_WEBHOOK_ID, id),
            (standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, now.to_string()),
            (standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signatures.join(" ")),
        ];
        match self.transport.post(Request { headers, body }).await {
            Err(error) => Outcome::failed(error.to_string()),
            Ok(answer) => judge(answer.status, answer.retry_after),
        }
    }
}

impl Outcome {
    /// A failure of the way there.
    pub(super) const fn failed(reason: String) -> Self {
        Self::Failed { reason, retry_after: None, is_of_news: false }
    }
}

/// How receivers are spoken to.
pub(super) fn manner() -> Manner {
    Manner {
        timeout: Duration::from_secs(ATTEMPT_TIMEOUT_SECONDS),
        body_max_bytes: ANSWER_MAX_BYTES,
        proxy: Proxy::Never,
    }
}

/// What signs by a secret.
pub(super) fn signer(secret: &SecretString) -> Result<standardwebhooks::Webhook, TargetError> {
    /// Shortest signing key, in bytes.
    const KEY_MIN_BYTES: usize = 24;
    let secret = secret.expose_secret();
    let encoded = secret.strip_prefix("whsec_").ok_or(TargetError::Secret)?;
    // Four characters of base64 carry three bytes.
    if encoded.trim_end_matches('=').len() * 3 / 4 < KEY_MIN_BYTES {
        return Err(TargetError::Secret);
    }
    standardwebhooks::Webhook::new(secret).map_err(|_| TargetError::Secret)
}

/// SHA-256 of an address.
pub fn digest(url: &SecretString) -> B256 {
    B256::from_slice(&Sha256::digest(url.expose_secret()))
}

/// What the receiver says by its status. One that took the news and talks on without end has still
/// taken it.
fn judge(status: u16, retry_after: Option<Duration>) -> Outcome {
    match StatusCode::from_u16(status) {
        Ok(status) if status.is_success() => Outcome::Delivered,
        Ok(StatusCode::GONE) => Outcome::Gone,
        Ok(_) | Err(_) => Outcome::Failed {
            reason: format!("HTTP status {status}"),
            retry_after: retry_after
                .map(|wait| wait.min(Duration::from_secs(RETRY_AFTER_MAX_SECONDS))),
            is_of_news: matches!(status, 400 | 409 | 413 | 415 | 422),
        },
    }
}
