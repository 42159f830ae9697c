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
use super::transport::{
    Answer, Cut, Http, Manner, Proxy, Request, Taker, Transport, TransportError, redacted,
};
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

/// The number of a request that stands alone.
const ID: u64 = 1;

/// A request as JSON-RPC 2.0 writes it.
pub fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
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
        let body = self.post(method, &request(ID, method, &params)).await?;
        match self.result(method, &body)? {
            None => Ok(None),
            Some(result) => serde_json::from_str(result.get())
                .map(Some)
                .map_err(|error| self.malformed(method, error.to_string())),
        }
    }

    /// What a whole response to one request says; `None` if its result is null.
    fn result<'b>(
        &self,
        method: &'static str,
        body: &'b [u8],
    ) -> Result<Option<&'b RawValue>, RpcError> {
        let malformed = |reason| self.malformed(method, reason);
        if body.first() == Some(&b'<') {
            return Err(malformed("a web page".to_owned()));
        }
        let response: Response<'_> =
            serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
        match (response.result, response.error) {
            (Some(_), Some(_)) => Err(malformed("a result and an error at once".to_owned())),
            (None, Some(complaint)) => Err(self.refused(method, &complaint, None)),
            (_, None) if response.id != Some(ID.into()) => {
                Err(malformed(format!("its id is {:?}, not {ID}", response.id)))
            }
            (result, None) => Ok(result),
        }
    }

    /// Asks so many things at once, and hands on the bytes of the answer as they come; what they
    /// say is not looked at.
    ///
    /// # Errors
    /// See [`RpcError`]; a taker that has enough of it makes the answer too large.
    pub async fn stream(
        &self,
        method: &'static str,
        requests: &[Value],
        take: &mut Taker<'_>,
    ) -> Result<(), RpcError> {
        let body = match requests {
            [one] => one.to_string(),
            many => json!(many).to_string(),
        };
        let count = u64::try_from(requests.len()).unwrap_or(u64::MAX);
        self.requests.fetch_add(count, Ordering::Relaxed);
        let request = Request { body, ..Request::default() };
        let answer = self.transport.stream(request, take).await;
        self.whole(method, answer).map(|_| ())
    }

    /// Sees that a response has an empty list for its result: what is left of one whose list was
    /// taken out.
    ///
    /// # Errors
    /// See [`RpcError`]; what the provider says instead of a result is one.
    pub fn emptied(&self, method: &'static str, body: &[u8]) -> Result<(), RpcError> {
        match self.result(method, body)? {
            Some(list) if list.get().split_ascii_whitespace().eq(["[]"]) => Ok(()),
            Some(list) if list.get().split_ascii_whitespace().eq(["[", "]"]) => Ok(()),
            _ => Err(self.malformed(method, "its result is no list".to_owned())),
        }
    }

    /// The error of a provider's complaint about one request of a batch.
    pub fn complained(&self, method: &'static str, code: i64, message: String) -> RpcError {
        self.refused(method, &Complaint { code, message }, None)
    }

    /// The error of an answer that is none.
    pub fn malformed(&self, method: &'static str, reason: String) -> RpcError {
        RpcError::Malformed { endpoint: self.endpoint.clone(), method, reason }
    }

    async fn post(&self, method: &'static str, request: &Value) -> Result<Vec<u8>, RpcError> {
        let request = Request { body: request.to_string(), ..Request::default() };
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.transport.post(request).await;
        self.whole(method, answer)
    }

    /// The body of an answer that came whole and well.
    fn whole(
        &self,
        method: &'static str,
        answer: Result<Answer, TransportError>,
    ) -> Result<Vec<u8>, RpcError> {
        let endpoint = self.endpoint.clone();
        let answer = match answer {
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
mod tests;
