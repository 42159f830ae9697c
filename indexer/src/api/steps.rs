//! What people do to alerts.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use interdict_core::alert::AlertId;
use interdict_core::audit::Who;
use interdict_core::desk::{Step, StepError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Actor;
use super::alerts::{AlertView, view};
use super::asked::Body;
use super::{ApiError, Pages};
use crate::store::{BULK_MAX_ALERTS, Refusal, Stepping};

/// A step on one alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// The version that the taker saw.
    version: u64,
    /// The step.
    step: Step,
}

/// The alert after a step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stepped {
    /// As it stands now.
    alert: AlertView,
}

/// The same step on several alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Many {
    /// At most 500, each once.
    #[schema(min_items = 1, max_items = 500)]
    alerts: Vec<Seen>,
    /// The step.
    step: Step,
}

/// An alert, and the version that was seen of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// The alert.
    id: String,
    /// The version that the taker saw.
    version: u64,
}

/// On which alerts a step was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// On these it was.
    #[schema(value_type = Vec<String>)]
    done: Vec<AlertId>,
    /// On these it was not.
    refused: Vec<NotTaken>,
}

/// An alert on which a step was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotTaken {
    /// The alert.
    #[schema(value_type = String)]
    id: AlertId,
    /// One word for programs.
    code: &'static str,
    /// What is wrong, for people.
    error: String,
}

/// Take a step on an alert
#[utoipa::path(post, path = "/v1/alerts/{id}/steps", tag = "steps", params(("id" = String, Path)),
    request_body = One, responses(
        (status = 200, description = "The alert as it stands now", body = Stepped),
        (status = 409, description = "Somebody was faster (`alert` is how it stands now), or the \
            step leads nowhere from here", body = super::error::Refused)))]
pub(super) async fn one(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
    Body(One { version, step }): Body<One>,
) -> Result<Json<Stepped>, ApiError> {
    let Ok(parsed) = id.parse() else { return Err(ApiError::NoAlert(id)) };
    let who = who(actor);
    let stepping = stepping(&pages, &step, &who);
    let done = pages.store.step(&[(parsed, version)], stepping).await?;
    match done.into_iter().next() {
        Some((_, Ok(case))) => Ok(Json(Stepped { alert: view(&pages, &case).await? })),
        None | Some((_, Err(Refusal::NoAlert))) => Err(ApiError::NoAlert(id)),
        Some((_, Err(Refusal::Step(error)))) => Err(refused(&error)),
        Some((_, Err(Refusal::Stale(case)))) => {
            let now = view(&pages, &case).await?;
            let now = serde_json::to_value(now).unwrap_or_default();
            Err(ApiError::Refused {
                status: StatusCode::CONFLICT,
                code: STALE,
                error: format!("version {version} is not the last one of this alert"),
                next: "see how it stands now, in `alert`, and take the step again with its version",
                beside: Some(Box::new(("alert", now))),
            })
        }
    }
}

/// Take the same step on several alerts
#[utoipa::path(post, path = "/v1/steps", tag = "steps", request_body = Many, responses(
    (status = 200, description = "On which it was taken, and on which not", body = Taken)))]
pub(super) async fn many(
    State(pages): State<Pages>,
    actor: Actor,
    Body(Many { alerts, step }): Body<Many>,
) -> Result<Json<Taken>, ApiError> {
    let seen = seen(&alerts)?;
    let who = who(actor);
    let answers = pages.store.step(&seen, stepping(&pages, &step, &who)).await?;
    let mut taken = Taken { done: Vec::new(), refused: Vec::new() };
    for (id, answer) in answers {
        let (code, error) = match answer {
            Ok(_) => {
                taken.done.push(id);
                continue;
            }
            Err(Refusal::NoAlert) => ("no_alert", format!("there is no alert {id}")),
            Err(Refusal::Stale(case)) => {
                let version = case.desk.version;
                (STALE, format!("somebody was faster: its version is {version} now"))
            }
            Err(Refusal::Step(error)) => (error.code(), error.to_string()),
        };
        taken.refused.push(NotTaken { id, code, error });
    }
    Ok(Json(taken))
}

/// Somebody was faster.
const STALE: &str = "stale_version";

fn who(actor: Actor) -> Who {
    Who { person: actor.person, role: actor.role.word().to_owned() }
}

fn stepping<'a>(pages: &'a Pages, step: &'a Step, who: &'a Who) -> Stepping<'a> {
    Stepping { step, who, at: pages.clock.now(), calendar: &pages.desk.calendar }
}

/// The alerts of a bulk: some, not too many, each once.
fn seen(alerts: &[Seen]) -> Result<Vec<(AlertId, u64)>, ApiError> {
    let wrong = |reason: String| ApiError::Body { status: StatusCode::BAD_REQUEST, reason };
    if !(1..=BULK_MAX_ALERTS).contains(&alerts.len()) {
        let count = alerts.len();
        return Err(wrong(format!("alerts has {count}: name 1 to {BULK_MAX_ALERTS}")));
    }
    let mut once = BTreeSet::new();
    let mut seen = Vec::with_capacity(alerts.len());
    for Seen { id, version } in alerts {
        let parsed: AlertId = id
            .parse()
            .map_err(|error: interdict_core::alert::AlertIdError| wrong(error.to_string()))?;
        if !once.insert(parsed) {
            return Err(wrong(format!("alerts has {parsed} twice")));
        }
        seen.push((parsed, *version));
    }
    Ok(seen)
}

/// What is wrong with the step itself is a bad request; what does not fit how things stand is a
/// conflict.
fn refused(error: &StepError) -> ApiError {
    let (status, next) = match error {
        StepError::NotClosing(_)
        | StepError::Reason { .. }
        | StepError::Text { .. }
        | StepError::NotHeld
        | StepError::NothingToHold
        | StepError::NoLicence
        | StepError::NotLicensed
        | StepError::Until { .. }
        | StepError::Day { .. } => (StatusCode::BAD_REQUEST, "correct the step and take it again"),
        StepError::NoStep { .. }
        | StepError::Waits { .. }
        | StepError::NothingWaits
        | StepError::Own
        | StepError::NotOwn { .. }
        | StepError::Retracted
        | StepError::OnChain(_)
        | StepError::Awake
        | StepError::WithThem(_)
        | StepError::NothingDue
        | StepError::Reported(_) => {
            (StatusCode::CONFLICT, "see how the alert stands, and what /v1/dispositions allows")
        }
    };
    ApiError::refused(status, error.code(), error.to_string(), next)
}
