//! What is served over HTTP. `routes` has the table of all routes and of who may use each, `access`
//! finds out who asks; each noun has a file of its own. What is served is written down in
//! `indexer/openapi.json`.

mod access;
mod acts;
mod addresses;
mod alerts;
mod asked;
mod audit;
mod case;
mod desk;
mod dispositions;
mod error;
mod export;
mod health;
mod kept;
mod lists;
mod login;
mod metrics;
mod openapi;
mod people;
mod policy;
mod proposals;
mod routes;
mod screen;
mod session;
mod steps;
mod stream;
mod subjects;
mod summary;
#[cfg(test)]
mod tests;
mod tokens;
mod web;
mod webhooks;

pub use access::Access;
pub use desk::DeskRules;
pub use error::ApiError;
pub use kept::Kept;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::clock::Clock;
use crate::deliver::Ways;
use crate::metrics::Metrics;
use crate::run::{Proposed, Status};
use crate::screen::Assets;
use crate::store::{Home, Store};

/// Largest request body of a route that says nothing else, in bytes.
const BODY_MAX_BYTES: usize = 64 << 10;
/// Time for one request, in seconds.
const REQUEST_TIMEOUT_SECONDS: u64 = 10;
/// What the pages may do: run their own script, use their own style and letters, ask their own
/// server.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     font-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

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
    /// What the council has before it.
    pub proposed: watch::Receiver<Proposed>,
    /// Who is let in.
    pub access: Arc<Access>,
    /// What is kept between requests.
    pub kept: Arc<Kept>,
    /// What the desk works by.
    pub desk: Arc<DeskRules>,
    /// The ways to those who are told.
    pub ways: Arc<Ways>,
}

/// All pages.
pub fn router(pages: Pages) -> Router {
    let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let timeout = Duration::from_secs(REQUEST_TIMEOUT_SECONDS);
    let called = from_fn_with_state(pages.clone(), access::called_by_its_name);
    let (metrics, clock) = (Arc::clone(&pages.metrics), Arc::clone(&pages.clock));
    let watch = access::Watch { metrics, clock };
    routes::router(&pages)
        .fallback(async || ApiError::NoPage)
        .method_not_allowed_fallback(async || ApiError::Method)
        .with_state(pages)
        .layer(called)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, timeout))
        .layer(from_fn_with_state(watch, access::answered))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

/// Serves until told to stop; says which part it is.
pub async fn serve(listener: TcpListener, pages: Pages) -> &'static str {
    let stopped = pages.kept.stop.clone().cancelled_owned();
    let points = tokio::spawn(kept::points(pages.clone()));
    let service = router(pages).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stopped).await;
    points.abort();
    if let Err(error) = served {
        tracing::error!(%error, "the server failed");
    }
    "server"
}
