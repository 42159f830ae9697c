//! Whether it lives, and whether what it says can be relied upon now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::{ApiError, Pages};
use crate::run::Status;

/// How the indexer stands.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    ready: bool,
    reason: Option<String>,
    warnings: Vec<String>,
    lag: Option<u64>,
    lookbacks_open: u64,
    deliveries_pending: u64,
    deliveries_dead: u64,
    #[serde(flatten)]
    status: Status,
}

/// `GET /livez`: the process answers.
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: 200 while the chain is followed, 503 with the reason while it is not.
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
