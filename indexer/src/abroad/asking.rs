//! The indexer of the list's chain, asked over HTTP.

use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;

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
    token: Option<SecretString>,
}

impl Indexer {
    /// The indexer at an address, and by what it lets us in; nothing is sent yet.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn at(mut url: Url, token: Option<SecretString>) -> Result<Self, TransportError> {
        let shown = redacted(&url);
        url.set_path("/v1/acts");
        let manner = Manner {
            timeout: Duration::from_secs(TIMEOUT_SECONDS),
            body_max_bytes: ANSWER_MAX_BYTES,
            proxy: Proxy::Never,
        };
        Ok(Self { http: Http::new(String::from(url).into(), manner)?, shown, token })
    }

    async fn ask(&self, after: u32) -> Result<Told, AbroadError> {
        let silent = |reason: String| AbroadError::Silent { indexer: self.shown.clone(), reason };
        let answer = self.http.get(&format!("after={after}"), self.token.as_ref()).await;
        let answer = answer.map_err(|error| silent(error.0))?;
        match answer {
            Answer { status: 200, cut: None, body, .. } => {
                serde_json::from_slice(&body).map_err(|error| silent(error.to_string()))
            }
            Answer { status: 200, .. } => Err(silent("its answer broke off".to_owned())),
            Answer { status: status @ (401 | 403), .. } => Err(silent(format!(
                "HTTP status {status}: make a token there with `interdict-indexer tokens create \
                 --role viewer`, and name its file in list.token_file"
            ))),
            Answer { status, .. } => Err(silent(format!("HTTP status {status}"))),
        }
    }
}

impl Teller for Indexer {
    fn tell(&self, after: u32) -> Telling<'_> {
        Box::pin(self.ask(after))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::State;
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::routing::get;

    use super::*;

    type Shown = Arc<Mutex<Vec<Option<String>>>>;

    /// An indexer that lets in who shows the right token, and remembers what each showed.
    async fn asked(State(shown): State<Shown>, headers: HeaderMap) -> (StatusCode, &'static str) {
        let token = headers.get(header::AUTHORIZATION).map(|it| it.to_str().unwrap().to_owned());
        let is_right = token.as_deref() == Some("Bearer idx_right");
        shown.lock().unwrap().push(token);
        if is_right { (StatusCode::OK, "{}") } else { (StatusCode::UNAUTHORIZED, "") }
    }

    #[tokio::test]
    async fn the_token_is_shown_to_the_lists_indexer_and_to_nobody_else() {
        crate::install_crypto();
        let shown = Shown::default();
        let router = Router::new().route("/v1/acts", get(asked)).with_state(shown.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        for (token, expected) in [
            (None, "HTTP status 401: make a token there"),
            (Some("idx_wrong"), "HTTP status 401: make a token there"),
            // It is let in, and the answer is no list.
            (Some("idx_right"), "missing field"),
        ] {
            let indexer = Indexer::at(url.clone(), token.map(SecretString::from)).unwrap();
            let said = indexer.tell(0).await.unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
            let told = format!("{said} {indexer:?}");
            assert!(!told.contains("idx_"), "{told}");
        }
        let shown = shown.lock().unwrap().clone();
        let bearer = |token: &str| Some(format!("Bearer {token}"));
        assert_eq!(shown, [None, bearer("idx_wrong"), bearer("idx_right")]);
    }
}
