//! What is served over HTTP: alerts as JSON, health, figures, and the pages. Loopback only,
//! and only to those who call it by a loopback name: otherwise any web page could reach it through
//! a name that it makes point here.

mod acts;
mod alerts;
mod health;
mod metrics;
#[cfg(test)]
mod tests;
mod web;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::run::Status;
use crate::screen::Assets;
use crate::store::{Home, Store, StoreError};

/// Largest request body, in bytes.
const BODY_MAX_BYTES: usize = 64 << 10;
/// Time for one request, in seconds.
const REQUEST_TIMEOUT_SECONDS: u64 = 10;
/// The names by which this server may be called.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
/// What the pages may do: run their own script, use their own style and letters, ask their own
/// server.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     font-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// What the pages are made from.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The database.
    pub store: Store,
    /// Which chain and list it belongs to.
    pub home: Home,
    /// How the indexer stands.
    pub status: watch::Receiver<Status>,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// The assets whose amounts mean something.
    pub assets: Arc<Assets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter that cannot be read.
    #[error("{name} {reason}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong, and what is right.
        reason: String,
    },
    /// The query string as a whole cannot be read.
    #[error("the query cannot be read: {0}")]
    Query(String),
    /// There is no such alert.
    #[error("there is no alert {0}")]
    NoAlert(String),
    /// There is no such page.
    #[error("there is no such page")]
    NoPage,
    /// The server was called by another name.
    #[error("this server is not called {0:?}")]
    Host(String),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The figures could not be written.
    #[error("the figures could not be written")]
    Figures(#[from] std::fmt::Error),
}

impl ApiError {
    const fn next(&self) -> &'static str {
        match self {
            Self::Parameter { .. } | Self::Query(_) => "correct the query and ask again",
            Self::NoAlert(_) => "take the id from /v1/alerts",
            Self::NoPage => "there are /, /v1/acts, /v1/alerts, /livez, /readyz and /metrics",
            Self::Host(_) => "call it as 127.0.0.1 or localhost",
            Self::Store(_) | Self::Figures(_) => "see the log of the indexer",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Parameter { .. } | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::NoAlert(_) | Self::NoPage => StatusCode::NOT_FOUND,
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Store(error) => {
                tracing::error!(%error, "a request failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Figures(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({ "error": self.to_string(), "next": self.next() }))).into_response()
    }
}

/// All pages.
pub fn router(pages: Pages) -> Router {
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let timeout = Duration::from_secs(REQUEST_TIMEOUT_SECONDS);
    let pages_for_people = |router: Router<Pages>, path: &&str| router.route(path, get(web::page));
    web::PAGES
        .iter()
        .fold(Router::new(), pages_for_people)
        .route("/assets/{name}", get(web::asset))
        .route("/v1/acts", get(acts::after))
        .route("/v1/alerts", get(alerts::page))
        .route("/v1/alerts/{id}", get(alerts::one))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::figures))
        .fallback(async || ApiError::NoPage)
        .with_state(pages)
        .layer(from_fn(called_by_a_loopback_name))
        .layer(RequestBodyLimitLayer::new(BODY_MAX_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

/// Serves until told to stop; says which part it is.
pub async fn serve(listener: TcpListener, pages: Pages, stop: CancellationToken) -> &'static str {
    let stopped = stop.cancelled_owned();
    let served = axum::serve(listener, router(pages)).with_graceful_shutdown(stopped).await;
    if let Err(error) = served {
        tracing::error!(%error, "the server failed");
    }
    "server"
}

async fn called_by_a_loopback_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    if HOSTS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        next.run(request).await
    } else {
        ApiError::Host(host.to_owned()).into_response()
    }
}
