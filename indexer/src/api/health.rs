//! Whether it lives, and whether what it says can be relied upon now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, Pages};
use crate::run::Status;

/// How the indexer stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Whether what is shown can be relied upon.
    ready: bool,
    /// Why not.
    reason: Option<String>,
    /// What a person should look at all the same.
    warnings: Vec<String>,
    /// Blocks between the newest one and the last accepted one.
    lag: Option<u64>,
    /// Walks back that are not over.
    lookbacks_open: u64,
    /// News not yet delivered.
    deliveries_pending: u64,
    /// News that was given up.
    deliveries_dead: u64,
    #[serde(flatten)]
    status: Status,
}

/// Whether the process answers
#[utoipa::path(get, path = "/livez", tag = "health",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain")))]
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Whether the chain is followed, and what can be said of it
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, description = "It is followed", body = Health),
    (status = 503, description = "It is not, for the reason given", body = Health)))]
pub(super) async fn ready(
    State(pages): State<Pages>,
) -> Result<(StatusCode, Json<Health>), ApiError> {
    let status = pages.status.borrow().clone();
    let counts = pages.store.counts().await?;
    let reason = status.trouble(pages.clock.elapsed());
    let code = if reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let health = Health {
        ready: reason.is_none(),
        reason,
        warnings: status.warnings(),
        lag: status.lag(),
        lookbacks_open: counts.lookbacks_open,
        deliveries_pending: counts.outbox_pending,
        deliveries_dead: counts.outbox_dead,
        status,
    };
    Ok((code, Json(health)))
}
