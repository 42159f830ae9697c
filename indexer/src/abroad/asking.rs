//! The indexer of the list's chain, asked over HTTP.

use std::time::Duration;

use reqwest::Url;

use super::{AbroadError, Teller, Telling, Told};
use crate::chain::transport::{Answer, Http, Manner, Proxy, TransportError, redacted};

/// Time for one answer, in seconds.
const TIMEOUT_SECONDS: u64 = 10;
/// Most of an answer that is read, in bytes: the acts of one answer name at most a few thousand
/// addresses each.
const ANSWER_MAX_BYTES: usize = 64 << 20;

/// An indexer, by its address.
#[derive(Debug)]
pub struct Indexer {
    http: Http,
    shown: String,
}

impl Indexer {
    /// The indexer at an address; nothing is sent yet.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn at(mut url: Url) -> Result<Self, TransportError> {
        let shown = redacted(&url);
        url.set_path("/v1/acts");
        let manner = Manner {
            timeout: Duration::from_secs(TIMEOUT_SECONDS),
            body_max_bytes: ANSWER_MAX_BYTES,
            proxy: Proxy::Never,
        };
        Ok(Self { http: Http::new(String::from(url).into(), manner)?, shown })
    }

    async fn ask(&self, after: u32) -> Result<Told, AbroadError> {
        let silent = |reason: String| AbroadError::Silent { indexer: self.shown.clone(), reason };
        let answer = self.http.get(&format!("after={after}")).await;
        let answer = answer.map_err(|error| silent(error.0))?;
        match answer {
            Answer { status: 200, cut: None, body, .. } => {
                serde_json::from_slice(&body).map_err(|error| silent(error.to_string()))
            }
            Answer { status: 200, .. } => Err(silent("its answer broke off".to_owned())),
            Answer { status, .. } => Err(silent(format!("HTTP status {status}"))),
        }
    }
}

impl Teller for Indexer {
    fn tell(&self, after: u32) -> Telling<'_> {
        Box::pin(self.ask(after))
    }
}
