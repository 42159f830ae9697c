//! JSON-RPC over HTTP, thin: one request, one bounded answer, and an error that says what came
//! instead. No URL beyond scheme and host appears in a message, because paths carry API keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes, U64};
use alloy_rpc_types_eth::Header as RpcHeader;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::refusal::{self, Refusal};
use super::transport::{Answer, Cut, Http, Manner, Proxy, Request, Transport, redacted};
use super::wire::{RpcBlock, RpcReceipt};

/// Largest answer that is read, in bytes after decompression.
pub const BODY_MAX_BYTES: usize = 64 << 20;
/// Time for a whole request, in seconds. A block takes three requests one after another, and a
/// provider that answers none of them is to be known as silent within a minute.
pub const REQUEST_TIMEOUT_SECONDS: u64 = 20;
/// Gas of a call that only looks: enough for any name, too little for a megabyte of one.
const VIEW_GAS: &str = "0x7a120";
/// How much of a provider's own error message is repeated, in characters.
const MESSAGE_MAX_CHARS: usize = 200;

/// Why a request gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The URL cannot be used.
    #[error(
        "a provider's address is no http or https address: write it like http://127.0.0.1:8545"
    )]
    Url,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
    /// The request did not come through.
    #[error("{endpoint} did not answer {method}: {reason}")]
    Transport {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// What failed.
        reason: String,
    },
    /// Another HTTP status than 200.
    #[error("{endpoint} answered {method} with HTTP status {status}")]
    Status {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The provider wants to be left alone for a while.
    #[error("{endpoint} is asked {method} too often: {reason}")]
    Busy {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// Its own words or status.
        reason: String,
        /// For how long, if it says so.
        retry_after: Option<Duration>,
    },
    /// The provider no longer has it.
    #[error("{endpoint} has pruned what {method} asks for: {reason}")]
    Pruned {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// Its own words.
        reason: String,
    },
    /// The answer is larger than [`BODY_MAX_BYTES`].
    #[error("{endpoint} answered {method} with more than {BODY_MAX_BYTES} bytes")]
    TooLarge {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
    },
    /// The answer is no JSON-RPC 2.0 response to the request.
    #[error("{endpoint} answered {method} with something that is no answer to it: {reason}")]
    Malformed {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The provider says that it cannot.
    #[error("{endpoint} refused {method}: {message} (code {code})")]
    Refused {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// The provider's code.
        code: i64,
        /// The provider's words, cut.
        message: String,
    },
    /// The provider knows nothing of what was asked for.
    #[error("{endpoint} has nothing for {method}: it may lag behind, or have pruned it")]
    Nothing {
        /// Scheme and host.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
    },
}

#[derive(Deserialize)]
struct Response<'a> {
    id: Option<Value>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    error: Option<Complaint>,
}

#[derive(Deserialize)]
struct Complaint {
    code: i64,
    message: String,
}

/// One provider.
#[derive(Debug)]
pub struct Rpc {
    transport: Arc<dyn Transport>,
    endpoint: String,
    requests: AtomicU64,
}

impl Rpc {
    /// A provider at an address; nothing is sent yet.
    ///
    /// # Errors
    /// The address cannot be used.
    pub fn new(url: &SecretString) -> Result<Self, RpcError> {
        let parsed = Url::parse(url.expose_secret()).map_err(|_| RpcError::Url)?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(RpcError::Url);
        }
        let manner = Manner {
            timeout: Duration::from_secs(REQUEST_TIMEOUT_SECONDS),
            body_max_bytes: BODY_MAX_BYTES,
            proxy: Proxy::OfEnvironment,
        };
        let http =
            Http::new(url.clone(), manner).map_err(|error| RpcError::Client(error.to_string()))?;
        Ok(Self::over(Arc::new(http), redacted(&parsed)))
    }

    /// A provider behind a transport, with the name to show for it.
    pub const fn over(transport: Arc<dyn Transport>, endpoint: String) -> Self {
        Self { transport, endpoint, requests: AtomicU64::new(0) }
    }

    /// How often it was asked.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Scheme and host, fit to be shown.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The provider's chain id.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn chain_id(&self) -> Result<u64, RpcError> {
        Ok(self.required::<U64>("eth_chainId", json!([])).await?.to())
    }

    /// The code at an address, at the newest block.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn code(&self, address: Address) -> Result<Bytes, RpcError> {
        self.required("eth_getCode", json!([address, "latest"])).await
    }

    /// What a contract answers to a call without arguments, at the newest block; `None` if the call
    /// fails there, whatever the provider calls that. Nobody proves the answer.
    ///
    /// # Errors
    /// See [`RpcError`]: the contract was not asked, or not heard.
    pub async fn view(&self, contract: Address, call: [u8; 4]) -> Result<Option<Bytes>, RpcError> {
        let call = json!({ "to": contract, "data": Bytes::from(call), "gas": VIEW_GAS });
        match self.required("eth_call", json!([call, "latest"])).await {
            Ok(answer) => Ok(Some(answer)),
            Err(RpcError::Refused { code, message, .. }) if is_failed_call(code, &message) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The header at a tag or height ("latest", "finalized", "0x10"); `None` if the provider has
    /// none there. Not verified.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn header_at(&self, place: &str) -> Result<Option<RpcHeader>, RpcError> {
        self.call("eth_getBlockByNumber", json!([place, false])).await
    }

    /// The header of a block; `None` if the provider does not know it. Not verified.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn header_of(&self, hash: B256) -> Result<Option<RpcHeader>, RpcError> {
        self.call("eth_getBlockByHash", json!([hash, false])).await
    }

    /// A block with its whole transactions. Not verified.
    ///
    /// # Errors
    /// See [`RpcError`]; a block that the provider does not know is one.
    pub async fn block(&self, hash: B256) -> Result<RpcBlock, RpcError> {
        self.required("eth_getBlockByHash", json!([hash, true])).await
    }

    /// A block's receipts. Not verified.
    ///
    /// # Errors
    /// See [`RpcError`]; a block that the provider does not know is one.
    pub async fn receipts(&self, hash: B256) -> Result<Vec<RpcReceipt>, RpcError> {
        self.required("eth_getBlockReceipts", json!([hash])).await
    }

    /// What happened within a block's transactions, as one tree of calls each. Nobody proves it.
    ///
    /// # Errors
    /// See [`RpcError`]; a block that the provider does not know is one.
    pub async fn call_traces(&self, hash: B256) -> Result<Box<RawValue>, RpcError> {
        let how = json!({ "tracer": "callTracer" });
        self.required("debug_traceBlockByHash", json!([hash, how])).await
    }

    /// The same as one flat list. By height: whoever reads it sees of which block it is.
    ///
    /// # Errors
    /// See [`RpcError`]; a block that the provider does not know is one.
    pub async fn block_traces(&self, number: u64) -> Result<Box<RawValue>, RpcError> {
        self.required("trace_block", json!([U64::from(number)])).await
    }

    async fn required<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<T, RpcError> {
        let nothing = || RpcError::Nothing { endpoint: self.endpoint.clone(), method };
        self.call(method, params).await?.ok_or_else(nothing)
    }

    /// Asks for anything; `None` if the provider has nothing. Not verified.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Option<T>, RpcError> {
        /// Requests are never batched, so that one number does for all.
        const ID: u64 = 1;
        let request = json!({ "jsonrpc": "2.0", "id": ID, "method": method, "params": params });
        let body = self.post(method, &request).await?;
        let malformed = |reason: String| RpcError::Malformed {
            endpoint: self.endpoint.clone(),
            method,
            reason,
        };
        if body.first() == Some(&b'<') {
            return Err(malformed("a web page".to_owned()));
        }
        let response: Response<'_> =
            serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
        match (response.result, response.error) {
            (Some(_), Some(_)) => Err(malformed("a result and an error at once".to_owned())),
            (None, Some(complaint)) => Err(self.refused(method, &complaint, None)),
            (_, None) if response.id != Some(ID.into()) => {
                Err(malformed(format!("its id is {:?}, not {ID}", response.id)))
            }
            (None, None) => Ok(None),
            (Some(result), None) => serde_json::from_str(result.get())
                .map(Some)
                .map_err(|error| malformed(error.to_string())),
        }
    }

    async fn post(&self, method: &'static str, request: &Value) -> Result<Vec<u8>, RpcError> {
        let request = Request { body: request.to_string(), ..Request::default() };
        let endpoint = self.endpoint.clone();
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = match self.transport.post(request).await {
            Ok(answer) => answer,
            Err(error) => {
                return Err(RpcError::Transport { endpoint, method, reason: error.to_string() });
            }
        };
        if answer.status != reqwest::StatusCode::OK {
            return Err(self.status(method, &answer));
        }
        match answer.cut {
            None => Ok(answer.body),
            Some(Cut::TooLong) => Err(RpcError::TooLarge { endpoint, method }),
            Some(Cut::BrokenOff(reason)) => Err(RpcError::Transport { endpoint, method, reason }),
        }
    }

    /// What another status than 200 means. Some providers give a complaint along with it.
    fn status(&self, method: &'static str, answer: &Answer) -> RpcError {
        let (endpoint, status, retry_after) =
            (self.endpoint.clone(), answer.status, answer.retry_after);
        if status == reqwest::StatusCode::TOO_MANY_REQUESTS || retry_after.is_some() {
            let reason = format!("HTTP status {status}");
            return RpcError::Busy { endpoint, method, reason, retry_after };
        }
        match serde_json::from_slice::<Response<'_>>(&answer.body) {
            Ok(Response { error: Some(complaint), .. }) => {
                self.refused(method, &complaint, retry_after)
            }
            Ok(_) | Err(_) => RpcError::Status { endpoint, method, status },
        }
    }

    fn refused(
        &self,
        method: &'static str,
        complaint: &Complaint,
        retry_after: Option<Duration>,
    ) -> RpcError {
        let endpoint = self.endpoint.clone();
        let (code, kind) =
            (complaint.code, refusal::read(method, complaint.code, &complaint.message));
        let message: String = complaint.message.chars().take(MESSAGE_MAX_CHARS).collect();
        let reason = format!("{message} (code {code})");
        match kind {
            Refusal::TooOften => RpcError::Busy { endpoint, method, reason, retry_after },
            Refusal::Pruned => RpcError::Pruned { endpoint, method, reason },
            Refusal::Other => RpcError::Refused { endpoint, method, code, message },
        }
    }
}

/// Whether a refusal is the contract's and not the provider's: geth's code for a revert,
/// Nethermind's, and the words of those that have only one code for everything.
fn is_failed_call(code: i64, message: &str) -> bool {
    const CODES: [i64; 2] = [3, -32_015];
    const WORDS: [&str; 6] =
        ["revert", "out of gas", "invalid opcode", "invalid jump", "stack", "evm error"];
    let message = message.to_lowercase();
    CODES.contains(&code) || WORDS.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post;

    use super::*;

    async fn answering(status: StatusCode, body: &'static str) -> Rpc {
        crate::install_crypto();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(post(move || async move { (status, body) }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Rpc::new(&format!("http://user:pass@{address}/v2/secret-key").into()).unwrap()
    }

    async fn refusal(status: StatusCode, body: &'static str) -> RpcError {
        let error = answering(status, body).await.chain_id().await.unwrap_err();
        let shown = error.to_string();
        assert!(!shown.contains("secret") && !shown.contains("pass"), "leaks: {shown}");
        error
    }

    #[tokio::test]
    async fn an_answer_is_read() {
        let body = r#"{"jsonrpc":"2.0","id":1,"result":"0x7a69"}"#;
        assert_eq!(answering(StatusCode::OK, body).await.chain_id().await.unwrap(), 31_337);
    }

    #[tokio::test]
    async fn each_wrong_answer_is_its_own_error() {
        let ok = StatusCode::OK;
        let e = refusal(ok, "<html>busy</html>").await;
        assert!(matches!(&e, RpcError::Malformed { reason, .. } if reason == "a web page"), "{e}");
        let e = refusal(ok, r#"{"jsonrpc":"2.0","id":2,"result":"0x1"}"#).await;
        assert!(matches!(&e, RpcError::Malformed { reason, .. } if reason.contains("id")), "{e}");
        let both = r#"{"jsonrpc":"2.0","id":1,"result":"0x1","error":{"code":1,"message":"x"}}"#;
        let e = refusal(ok, both).await;
        assert!(
            matches!(&e, RpcError::Malformed { reason, .. } if reason.contains("at once")),
            "{e}"
        );
        let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"slow down"}}"#;
        let e = refusal(ok, error).await;
        assert!(matches!(e, RpcError::Busy { retry_after: None, .. }), "{e}");
        let e = refusal(ok, r#"{"jsonrpc":"2.0","id":1,"result":null}"#).await;
        assert!(matches!(e, RpcError::Nothing { .. }), "{e}");
        let e = refusal(ok, r#"{"jsonrpc":"2.0","id":1,"result":"#).await;
        assert!(matches!(e, RpcError::Malformed { .. }), "{e}");
        let e = refusal(StatusCode::TOO_MANY_REQUESTS, "").await;
        assert!(matches!(e, RpcError::Busy { .. }), "{e}");
        let e = refusal(StatusCode::TEMPORARY_REDIRECT, "").await;
        assert!(matches!(e, RpcError::Status { status: 307, .. }), "{e}");
    }

    #[tokio::test]
    async fn a_dead_provider_is_named_without_its_path() {
        crate::install_crypto();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let rpc = Rpc::new(&format!("http://{address}/secret").into()).unwrap();
        let error = rpc.chain_id().await.unwrap_err().to_string();
        assert!(error.starts_with(&format!("http://{address} did not answer")), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
