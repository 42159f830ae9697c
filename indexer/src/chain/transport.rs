//! How bytes get out and back: one POST, one bounded answer. Everything that leaves the indexer
//! goes through here, to providers and to receivers alike, so that a simulated network can stand in
//! its place.
//!
//! No URL beyond scheme and host appears in a message, because paths carry keys.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};

/// Time to connect, in seconds.
pub const CONNECT_TIMEOUT_SECONDS: u64 = 10;

/// What is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Headers beside the content type, which is JSON.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the other side asks to be left alone, if it says so.
    pub retry_after: Option<Duration>,
    /// The body after decompression, as far as it was read.
    pub body: Vec<u8>,
    /// Why the body is not whole, if it is not.
    pub cut: Option<Cut>,
}

/// Why a body is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It is longer than may be read.
    TooLong,
    /// It broke off, or took too long; what failed.
    BrokenOff(String),
}

/// The request did not come through, or its answer did not; why, for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// What a [`Transport`] promises.
pub type Posted<'a> = Pin<Box<dyn Future<Output = Result<Answer, TransportError>> + Send + 'a>>;

/// What takes in a body as it comes, and may have enough of it.
pub type Taker<'a> = dyn FnMut(&[u8]) -> ControlFlow<()> + Send + 'a;

/// A way to one other side.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Posts once; there is no retry here.
    fn post(&self, request: Request) -> Posted<'_>;

    /// Posts once and hands on the body as it comes, if the status is 200; `body` stays empty then.
    /// A taker that has enough cuts it as too long. A way that has bodies only as a whole hands
    /// them on as a whole.
    fn stream<'a>(&'a self, request: Request, take: &'a mut Taker<'_>) -> Posted<'a> {
        Box::pin(async move {
            let mut answer = self.post(request).await?;
            if answer.status == reqwest::StatusCode::OK {
                let body = std::mem::take(&mut answer.body);
                if take(&body).is_break() {
                    answer.cut = Some(Cut::TooLong);
                }
            }
            Ok(answer)
        })
    }
}

/// How an [`Http`] goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Time for the whole request.
    pub timeout: Duration,
    /// Most of a body that is read, in bytes after decompression.
    pub body_max_bytes: usize,
    /// Whether a proxy may stand in between.
    pub proxy: Proxy,
}

/// Whether a proxy may stand in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// The one that the environment names, if it names one.
    OfEnvironment,
    /// None: where a request ends up is for us to see.
    Never,
}

/// Over HTTP. No redirect is followed: it could lead anywhere.
pub struct Http {
    client: reqwest::Client,
    url: SecretString,
    body_max_bytes: usize,
}

impl Http {
    /// A way to a URL; nothing is sent yet.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn new(url: SecretString, manner: Manner) -> Result<Self, TransportError> {
        Self::by(reqwest::Client::builder(), url, manner)
    }

    /// A way to a URL whose name is looked up by somebody who may refuse what it leads to. He is
    /// not asked where the URL has an address instead of a name.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn guarded<R: reqwest::dns::Resolve + 'static>(
        url: SecretString,
        manner: Manner,
        resolver: Arc<R>,
    ) -> Result<Self, TransportError> {
        Self::by(reqwest::Client::builder().dns_resolver(resolver), url, manner)
    }

    fn by(
        builder: reqwest::ClientBuilder,
        url: SecretString,
        manner: Manner,
    ) -> Result<Self, TransportError> {
        let builder = match manner.proxy {
            Proxy::OfEnvironment => builder,
            Proxy::Never => builder.no_proxy(),
        };
        let client = builder
            .timeout(manner.timeout)
            .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_SECONDS))
            .redirect(reqwest::redirect::Policy::none())
            .gzip(true)
            .build()
            .map_err(failed)?;
        Ok(Self { client, url, body_max_bytes: manner.body_max_bytes })
    }

    /// Gets once, with a query, and with what lets us in if there is something; there is no retry
    /// here.
    ///
    /// # Errors
    /// No answer came.
    pub async fn get(
        &self,
        query: &str,
        token: Option<&SecretString>,
    ) -> Result<Answer, TransportError> {
        let url = Url::parse(self.url.expose_secret());
        let mut url = url.map_err(|error| TransportError(error.to_string()))?;
        url.set_query(Some(query));
        let mut request = self.client.get(url);
        if let Some(token) = token {
            request = request.bearer_auth(token.expose_secret());
        }
        self.take(request, None).await
    }

    async fn send(
        &self,
        request: Request,
        taker: Option<&mut Taker<'_>>,
    ) -> Result<Answer, TransportError> {
        let mut builder = self.client.post(self.url.expose_secret());
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        self.take(builder.header(CONTENT_TYPE, "application/json").body(request.body), taker).await
    }

    async fn take(
        &self,
        request: reqwest::RequestBuilder,
        mut taker: Option<&mut Taker<'_>>,
    ) -> Result<Answer, TransportError> {
        let mut response = request.send().await.map_err(failed)?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after(&response),
            ..Answer::default()
        };
        taker = taker.filter(|_| answer.status == reqwest::StatusCode::OK);
        loop {
            match (response.chunk().await, &mut taker) {
                (Ok(Some(chunk)), Some(take)) => {
                    if take(&chunk).is_break() {
                        answer.cut = Some(Cut::TooLong);
                        break;
                    }
                }
                (Ok(None), _) => break,
                (Ok(Some(chunk)), None)
                    if answer.body.len() + chunk.len() > self.body_max_bytes =>
                {
                    answer.cut = Some(Cut::TooLong);
                    break;
                }
                (Ok(Some(chunk)), None) => answer.body.extend_from_slice(&chunk),
                (Err(error), _) => {
                    answer.cut = Some(Cut::BrokenOff(failed(error).0));
                    break;
                }
            }
        }
        Ok(answer)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

impl Transport for Http {
    fn post(&self, request: Request) -> Posted<'_> {
        Box::pin(self.send(request, None))
    }

    fn stream<'a>(&'a self, request: Request, take: &'a mut Taker<'_>) -> Posted<'a> {
        Box::pin(self.send(request, Some(take)))
    }
}

/// In seconds, or as a date (RFC 9110, section 10.2.3), which is counted from our own.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// The cause at the bottom says what failed; those above repeat that something did.
fn failed(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    TransportError(cause.to_string())
}

/// Scheme, host and port of a URL: what may be shown of it.
pub fn redacted(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", url.scheme())
}
