//! Alerts: a page of them, and one.

use std::collections::BTreeSet;

use alloy_primitives::Address;
use axum::Json;
use axum::extract::{Path, State};
use interdict_core::alert::Alert;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Question;
use super::{ApiError, Pages};
use crate::report::Report;
use crate::store::{Filter, PAGE_MAX_ROWS, PageCursor, Shown};

/// Rows of a page if the caller names no number.
const PAGE_DEFAULT_ROWS: u32 = 100;

/// The query as it came; an empty filter is none.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Rows of the page, 1 to 500.
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// informational, low, medium, high or critical.
    severity: Option<String>,
    /// pending, confirmed or retracted.
    confirmation: Option<String>,
    /// before, while or after.
    phase: Option<String>,
    /// The listed address.
    listed: Option<String>,
    /// Who dealt with it.
    counterparty: Option<String>,
    /// each, or floods as one row.
    shown: Option<String>,
    /// The alert that heads a flood.
    behind: Option<String>,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page {
    /// The newest transfer first.
    alerts: Vec<Report>,
    /// Cursor of the next page; `None` on the last.
    next: Option<String>,
}

/// A page of alerts
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(Asked),
    responses((status = 200, description = "Alerts, the newest transfer first", body = Page)))]
pub(super) async fn page(
    State(pages): State<Pages>,
    Question(asked): Question<Asked>,
) -> Result<Json<Page>, ApiError> {
    let limit = limit(asked.limit.as_deref())?;
    let after = asked.cursor.as_deref().filter(|text| !text.is_empty()).map(cursor).transpose()?;
    let filter = Filter {
        severity: choice(
            "severity",
            asked.severity.as_deref(),
            "informational, low, medium, high or critical",
        )?,
        confirmation: choice(
            "confirmation",
            asked.confirmation.as_deref(),
            "pending, confirmed or retracted",
        )?,
        phase: choice("phase", asked.phase.as_deref(), "before, while or after")?,
        listed: address("listed", asked.listed.as_deref())?,
        counterparty: address("counterparty", asked.counterparty.as_deref())?,
        shown: shown(asked.shown.as_deref(), asked.behind.as_deref())?,
    };
    let (alerts, next) = pages.store.alerts(&filter, after, limit).await?;
    let mut reports = reports(&pages, &alerts).await?;
    if filter.shown == Shown::Floods {
        let heads: Vec<_> = alerts.iter().map(|alert| alert.id).collect();
        let sizes = pages.store.flood_sizes(&heads).await?;
        for report in &mut reports {
            report.more_like_it = sizes.get(&report.id).copied();
        }
    }
    Ok(Json(Page { alerts: reports, next: next.map(|next| text(&next)) }))
}

/// One alert
#[utoipa::path(get, path = "/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, description = "The alert", body = Report)))]
pub(super) async fn one(
    State(pages): State<Pages>,
    Path(id): Path<String>,
) -> Result<Json<Report>, ApiError> {
    let Ok(parsed) = id.parse() else { return Err(ApiError::NoAlert(id)) };
    let alert = pages.store.alert(parsed).await?.ok_or(ApiError::NoAlert(id))?;
    let words = pages.store.words_of(&alert.transfer.token.into_iter().collect()).await?;
    Ok(Json(Report::of(&alert, &pages.assets).with_words(words.values().next())))
}

/// Alerts as they are shown, with what their tokens say of themselves.
async fn reports(pages: &Pages, alerts: &[Alert]) -> Result<Vec<Report>, ApiError> {
    let tokens: BTreeSet<_> = alerts.iter().filter_map(|alert| alert.transfer.token).collect();
    let words = pages.store.words_of(&tokens).await?;
    let report = |alert: &Alert| {
        let words = alert.transfer.token.and_then(|token| words.get(&token));
        Report::of(alert, &pages.assets).with_words(words)
    };
    Ok(alerts.iter().map(report).collect())
}

fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text else { return Ok(PAGE_DEFAULT_ROWS) };
    let wrong = || ApiError::Parameter {
        name: "limit",
        reason: format!("is {text:?}: use 1 to {PAGE_MAX_ROWS}"),
    };
    let limit = text.parse().map_err(|_| wrong())?;
    if (1..=PAGE_MAX_ROWS).contains(&limit) { Ok(limit) } else { Err(wrong()) }
}

/// Each finding by itself, floods as one row each, or what stands behind the first of one.
fn shown(shown: Option<&str>, behind: Option<&str>) -> Result<Shown, ApiError> {
    let wrong = |name, reason: String| Err(ApiError::Parameter { name, reason });
    match (shown.unwrap_or(""), behind.unwrap_or("")) {
        ("" | "each", "") => Ok(Shown::Each),
        ("floods", "") => Ok(Shown::Floods),
        ("" | "each", id) => match id.parse() {
            Ok(id) => Ok(Shown::Behind(id)),
            Err(_) => wrong("behind", format!("is {id:?}: take the id of an alert")),
        },
        ("floods", _) => wrong("behind", "does not go with shown=floods".to_owned()),
        (other, _) => wrong("shown", format!("is {other:?}: use each or floods")),
    }
}

fn choice<T: DeserializeOwned>(
    name: &'static str,
    text: Option<&str>,
    choices: &str,
) -> Result<Option<T>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = |_| ApiError::Parameter { name, reason: format!("is {text:?}: use {choices}") };
    serde_json::from_value(text.into()).map(Some).map_err(wrong)
}

fn address(name: &'static str, text: Option<&str>) -> Result<Option<Address>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = |error: interdict_core::address::AddressError| ApiError::Parameter {
        name,
        reason: error.to_string(),
    };
    interdict_core::address::parse(text).map(Some).map_err(wrong)
}

/// A place between pages as text: block, transaction, log (`v` for the value), alert.
fn text(place: &PageCursor) -> String {
    let log = place.log.map_or_else(|| "v".to_owned(), |log| log.to_string());
    format!("{}-{}-{log}-{}", place.block, place.tx, place.id)
}

fn cursor(text: &str) -> Result<PageCursor, ApiError> {
    let wrong = || ApiError::Parameter {
        name: "cursor",
        reason: "is none that this server gave: take it from `next` of the page before".to_owned(),
    };
    let parts: Vec<_> = text.split('-').collect();
    let [block, tx, log, id] = parts[..] else { return Err(wrong()) };
    let log = match log {
        "v" => None,
        log => Some(log.parse().map_err(|_| wrong())?),
    };
    Ok(PageCursor {
        block: block.parse().map_err(|_| wrong())?,
        tx: tx.parse().map_err(|_| wrong())?,
        log,
        id: id.parse().map_err(|_| wrong())?,
    })
}
