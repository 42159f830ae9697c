//! The audit log: read, and checked.

use axum::Json;
use axum::extract::State;
use interdict_core::audit::{End, Fault, Row};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::asked::Question;
use super::{ApiError, Pages};
use crate::report::rfc3339;
use crate::store::{AuditFilter, PAGE_MAX_ROWS, Store, StoreError};

/// Rows of a page if the caller names no number.
const PAGE_DEFAULT_ROWS: u32 = 100;
/// Longest text that is searched for, in characters.
const WORD_MAX_CHARS: usize = 64;

/// The query as it came; an empty filter is none.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedRows {
    /// Rows of the page, 1 to 500.
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Who did it.
    person: Option<String>,
    /// What was done, like step.close; all that begin with it, if it ends with a dot.
    kind: Option<String>,
    /// The alert that it is about.
    alert: Option<String>,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditPage {
    /// The newest first.
    rows: Vec<AuditRow>,
    /// Cursor of the next page; `None` on the last.
    next: Option<String>,
}

/// A row of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditRow {
    /// Its place: from 1, without gaps.
    number: u64,
    /// When.
    at: String,
    /// Who.
    person: String,
    /// In which role.
    role: String,
    /// What was done.
    kind: String,
    /// The alert that it is about.
    alert_id: Option<String>,
    /// Everything else.
    detail: Value,
    /// SHA-256 of the hash before and of this row.
    hash: String,
}

/// Whether the log is what was written.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Whether every row fits the one before it.
    whole: bool,
    /// Rows that do.
    rows: u64,
    /// Hash of the last of them: compare it with one that was kept elsewhere, because that the end
    /// was cut off or written anew does not show in the log itself.
    head: String,
    /// The first row that does not.
    broken_at: Option<u64>,
    /// What is wrong with it.
    reason: Option<String>,
}

/// The audit log
#[utoipa::path(get, path = "/v1/audit", tag = "audit", params(AskedRows),
    responses((status = 200, description = "The newest first", body = AuditPage)))]
pub(super) async fn page(
    State(pages): State<Pages>,
    Question(asked): Question<AskedRows>,
) -> Result<Json<AuditPage>, ApiError> {
    let limit = limit(asked.limit.as_deref())?;
    let below = number("cursor", asked.cursor.as_deref())?;
    let alert = asked.alert.as_deref().filter(|text| !text.is_empty());
    let wrong = |text: &str| ApiError::Parameter {
        name: "alert",
        reason: format!("is {text:?}: take the id of an alert"),
    };
    let filter = AuditFilter {
        person: word("person", asked.person)?,
        kind: word("kind", asked.kind)?,
        alert: alert.map(|text| text.parse().map_err(|_| wrong(text))).transpose()?,
    };
    let rows = pages.store.audit(&filter, below, limit).await?;
    let full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let last = rows.last().map(|row| row.number).filter(|number| full && *number > 1);
    let rows = rows.into_iter().map(shown).collect();
    Ok(Json(AuditPage { rows, next: last.map(|number| number.to_string()) }))
}

/// Whether the audit log is what was written
#[utoipa::path(get, path = "/v1/audit/verify", tag = "audit",
    responses((status = 200, description = "The verdict", body = Verdict)))]
pub(super) async fn verify(State(pages): State<Pages>) -> Result<Json<Verdict>, ApiError> {
    let (end, fault) = walk(&pages.store).await?;
    Ok(Json(Verdict {
        whole: fault.is_none(),
        rows: end.number,
        head: end.hash.to_string(),
        broken_at: fault.as_ref().map(|fault| fault.number),
        reason: fault.map(|fault| fault.reason),
    }))
}

/// How far the log is what was written, and the first row that is not.
async fn walk(store: &Store) -> Result<(End, Option<Fault>), StoreError> {
    let mut end = End::default();
    loop {
        let rows = store.audit_after(end.number).await?;
        if rows.is_empty() {
            return Ok((end, None));
        }
        for row in rows {
            match row.and_then(|row| end.with(&row)) {
                Ok(next) => end = next,
                Err(fault) => return Ok((end, Some(fault))),
            }
        }
    }
}

fn shown(row: Row) -> AuditRow {
    AuditRow {
        number: row.number,
        at: rfc3339(row.at),
        person: row.person,
        role: row.role,
        kind: row.kind,
        alert_id: row.alert.map(|alert| alert.to_string()),
        // What is no JSON any more is shown as the text that it is.
        detail: serde_json::from_str(&row.detail).unwrap_or(Value::String(row.detail)),
        hash: row.hash.to_string(),
    }
}

fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(PAGE_DEFAULT_ROWS) };
    let limit = text.parse().ok().filter(|limit| (1..=PAGE_MAX_ROWS).contains(limit));
    let reason = || format!("is {text:?}: use 1 to {PAGE_MAX_ROWS}");
    limit.ok_or_else(|| ApiError::Parameter { name: "limit", reason: reason() })
}

fn number(name: &'static str, text: Option<&str>) -> Result<Option<u64>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let reason = "is none that this server gave: take it from `next` of the page before".to_owned();
    text.parse().map(Some).map_err(|_| ApiError::Parameter { name, reason })
}

fn word(name: &'static str, text: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.contains('\0') || text.chars().count() > WORD_MAX_CHARS {
        let reason = format!("is longer than {WORD_MAX_CHARS} characters, or no text");
        return Err(ApiError::Parameter { name, reason });
    }
    Ok(Some(text))
}
