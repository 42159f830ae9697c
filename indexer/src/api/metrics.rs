//! Figures for Prometheus.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use interdict_core::desk::new_york_day;

use super::kept::LISTENERS_MAX;
use super::{ApiError, Pages};
use crate::metrics::{Format, Stand};
use crate::store::{DUE_SOON_BUSINESS_DAYS, Deadlines, StoreError};

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
    pages.kept.figures.read(pages.clock.elapsed(), stand(&pages)).await?;
    pages.metrics.listening(LISTENERS_MAX - pages.kept.listeners.available_permits());
    let page = pages.metrics.encode(format)?;
    Ok(([(header::CONTENT_TYPE, kind)], page))
}

/// Reads how the database stands, and shows it.
async fn stand(pages: &Pages) -> Result<(), StoreError> {
    let today = new_york_day(pages.clock.now());
    let after = |days| pages.desk.calendar.after(today, days);
    let days = Deadlines { today, next_day: after(1), soon: after(DUE_SOON_BUSINESS_DAYS) };
    let (backlog, lines) = (pages.store.backlog(days).await?, pages.store.lines().await?);
    let lookbacks_open = pages.store.lookbacks_open().await?;
    pages.metrics.stand(&Stand { backlog, lines, lookbacks_open });
    Ok(())
}

fn asked_for(headers: &HeaderMap) -> (Format, &'static str) {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("application/openmetrics-text")) {
        (Format::OpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    } else {
        (Format::Plain, "text/plain; version=0.0.4; charset=utf-8")
    }
}
