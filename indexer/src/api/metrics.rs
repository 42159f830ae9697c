//! Figures for Prometheus.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;

use super::{ApiError, Pages};
use crate::metrics::Format;

/// Figures for Prometheus
///
/// In the format that is asked for; the plain one if none is.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200,
    description = "The figures", content(
        (String = "text/plain"), (String = "application/openmetrics-text")))))]
pub(super) async fn figures(
    State(pages): State<Pages>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let status = pages.status.borrow().clone();
    let trouble = status.trouble(pages.clock.elapsed());
    pages.metrics.stalled.set(trouble.is_some().into());
    let (format, kind) = asked_for(&headers);
    let page = pages.metrics.encode(pages.store.counts().await?, format)?;
    Ok(([(header::CONTENT_TYPE, kind)], page))
}

fn asked_for(headers: &HeaderMap) -> (Format, &'static str) {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/openmetrics-text")) {
        (Format::OpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    } else {
        (Format::Plain, "text/plain; version=0.0.4; charset=utf-8")
    }
}
