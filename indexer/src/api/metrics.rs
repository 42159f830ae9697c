//! Figures for Prometheus.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::{ApiError, Pages};

/// Figures for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200,
    description = "OpenMetrics text", body = String, content_type = "application/openmetrics-text")))]
pub(super) async fn figures(State(pages): State<Pages>) -> Result<impl IntoResponse, ApiError> {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let status = pages.status.borrow().clone();
    let trouble = status.trouble(pages.clock.elapsed());
    pages.metrics.stalled.set(trouble.is_some().into());
    let page = pages.metrics.encode(pages.store.counts().await?)?;
    Ok(([(header::CONTENT_TYPE, TYPE)], page))
}
