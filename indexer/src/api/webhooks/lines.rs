//! What an endpoint was told and is to be told: looked at, tried, told again.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{event, found, target};
use crate::api::access::Actor;
use crate::api::asked::{Body, Question};
use crate::api::{ApiError, Pages};
use crate::deliver::{Message, Outcome};
use crate::report::rfc3339;
use crate::store::{DELIVERIES_PAGE_MAX_ROWS, DeliveryState, LineRow};

/// Longest that a test waits for its answer, in seconds: less than one request may take.
const TEST_MAX_SECONDS: u64 = 8;
/// Most news that one request has told again.
const REPLAY_MAX_ROWS: i64 = 100_000;
/// Rows of a page if the caller names no number.
const PAGE_DEFAULT_ROWS: u32 = 100;

/// The query as it came.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Asked {
    /// Rows of the page, 1 to 500.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<i64>,
    /// pending, delivered or dead.
    state: Option<DeliveryState>,
}

/// One place of a line.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Delivery {
    /// The number under which it is told.
    seq: i64,
    /// The alert.
    alert: String,
    /// alert.created, alert.updated, alert.retracted or alert.reevaluated.
    kind: String,
    state: DeliveryState,
    /// How often it was tried since it was put in, or since it was asked for anew.
    attempts: u32,
    /// When it is tried next; `null` if at once, or never.
    due_at: Option<String>,
    delivered_at: Option<String>,
    /// What the last failed attempt met.
    last_error: Option<String>,
}

impl From<LineRow> for Delivery {
    fn from(row: LineRow) -> Self {
        Self {
            seq: row.seq,
            alert: row.alert_id,
            kind: row.kind,
            state: row.state,
            attempts: row.attempts,
            due_at: row.due_at.map(rfc3339),
            delivered_at: row.delivered_at.map(rfc3339),
            last_error: row.last_error,
        }
    }
}

/// A page of a line.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Deliveries {
    /// The highest number first.
    deliveries: Vec<Delivery>,
    /// Cursor of the next page; `null` on the last.
    next: Option<i64>,
}

/// What became of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Tested {
    /// Whether the endpoint took it.
    delivered: bool,
    /// What was met, if it did not. Nothing of what the endpoint wrote is in it.
    reason: Option<String>,
}

/// From where on an endpoint is to be told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Replay {
    /// The first number.
    #[schema(minimum = 1)]
    from_seq: i64,
}

/// What is told again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Replayed {
    /// How many.
    replayed: u64,
    /// The last number of it; ask again from the next one if more is wanted.
    through: i64,
}

/// What is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Retried {
    /// Its number.
    seq: i64,
}

/// What an endpoint was told and is to be told
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), Asked),
    responses((status = 200, description = "The highest number first", body = Deliveries)))]
pub(in crate::api) async fn deliveries(
    State(pages): State<Pages>,
    Path(id): Path<String>,
    Question(asked): Question<Asked>,
) -> Result<Json<Deliveries>, ApiError> {
    let limit = asked.limit.unwrap_or(PAGE_DEFAULT_ROWS);
    if !(1..=DELIVERIES_PAGE_MAX_ROWS).contains(&limit) {
        let reason = format!("is {limit}: use 1 to {DELIVERIES_PAGE_MAX_ROWS}");
        return Err(ApiError::Parameter { name: "limit", reason });
    }
    let endpoint = found(&pages, &id).await?;
    let before = asked.cursor.unwrap_or(i64::MAX);
    let rows = pages.store.line(&endpoint.id, asked.state, before, limit).await?;
    let is_full = rows.len() == limit as usize;
    let next = rows.last().filter(|_| is_full).map(|row| row.seq);
    Ok(Json(Deliveries { deliveries: rows.into_iter().map(Delivery::from).collect(), next }))
}

/// Try whether an endpoint takes messages
///
/// Sends a message of type `endpoint.test` at once, which has no number.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 200, description = "What became of it", body = Tested)))]
pub(in crate::api) async fn test(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Json<Tested>, ApiError> {
    let endpoint = found(&pages, &id).await?;
    let way = pages.ways.to(&endpoint).map_err(target)?;
    let now = pages.clock.now();
    let sent = way.send(Message::test(&id, way.shape(), now), now);
    let outcome = tokio::time::timeout(Duration::from_secs(TEST_MAX_SECONDS), sent).await;
    let reason = match outcome {
        Ok(Outcome::Delivered) => None,
        Ok(Outcome::Gone) => Some("HTTP status 410: it says that it is gone".to_owned()),
        Ok(Outcome::Failed { reason, .. }) => Some(reason),
        Err(_) => Some(format!("no answer within {TEST_MAX_SECONDS} s")),
    };
    let detail = json!({ "webhook": id, "met": reason });
    pages.store.audited(event(&pages, actor, "webhook.tested", detail)).await?;
    Ok(Json(Tested { delivered: reason.is_none(), reason }))
}

/// Tell an endpoint again what it was told
///
/// From a number on, under the same numbers and ids, at most 100,000 at once. What was acknowledged
/// more than 90 days ago may not be there any more.
#[utoipa::path(post, path = "/v1/webhooks/{id}/replay", tag = "webhooks",
    params(("id" = String, Path)), request_body = Replay,
    responses((status = 200, description = "How much that is", body = Replayed)))]
pub(in crate::api) async fn replay(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
    Body(Replay { from_seq }): Body<Replay>,
) -> Result<Json<Replayed>, ApiError> {
    let endpoint = found(&pages, &id).await?;
    if from_seq < 1 {
        let reason = format!("is {from_seq}: numbers begin with 1");
        return Err(ApiError::Parameter { name: "from_seq", reason });
    }
    let through = from_seq.saturating_add(REPLAY_MAX_ROWS - 1).min(endpoint.seq);
    let detail = json!({ "webhook": id, "from_seq": from_seq.to_string(), "through": through });
    let event = event(&pages, actor, "webhook.replayed", detail);
    let replayed = pages.store.replay(&id, from_seq..=through, event).await?;
    Ok(Json(Replayed { replayed, through }))
}

/// Try again what was given up
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{seq}/retry", tag = "webhooks",
    params(("id" = String, Path), ("seq" = i64, Path)), responses(
    (status = 200, description = "It is tried again", body = Retried),
    (status = 409, description = "It was not given up")))]
pub(in crate::api) async fn retry(
    State(pages): State<Pages>,
    actor: Actor,
    Path((id, seq)): Path<(String, String)>,
) -> Result<Json<Retried>, ApiError> {
    let endpoint = found(&pages, &id).await?;
    let known = seq.parse().ok().filter(|seq| (1..=endpoint.seq).contains(seq));
    let Some(seq) = known else {
        return Err(ApiError::refused(
            StatusCode::NOT_FOUND,
            "no_delivery",
            format!("nothing was told to this endpoint under number {seq:?}"),
            "take the number from its deliveries",
        ));
    };
    let event = event(&pages, actor, "webhook.retried", json!({ "webhook": id, "seq": seq }));
    if !pages.store.retry_dead(&id, seq, event).await? {
        return Err(ApiError::refused(
            StatusCode::CONFLICT,
            "not_dead",
            format!("number {seq} was not given up"),
            "wait for what is pending; replay what was delivered",
        ));
    }
    Ok(Json(Retried { seq }))
}
