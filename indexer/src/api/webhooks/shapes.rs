//! Endpoints, as they are asked for and shown.

use axum::http::StatusCode;
use interdict_core::policy::Severity;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ApiError;
use crate::report::rfc3339;
use crate::store::{Endpoint, EndpointState, LineCounts, News, Shape};

/// Longest name of an endpoint, in characters.
const NAME_MAX_CHARS: usize = 64;
/// Hours for which the secret before signs, if nobody says otherwise.
const ROTATION_DEFAULT_HOURS: u32 = 24;
/// Longest time for which the secret before signs, in hours.
const ROTATION_MAX_HOURS: u32 = 168;

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(in crate::api) struct Webhook {
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
    /// Scheme and host; the rest of the address may be a secret.
    pub(super) url: String,
    pub(super) shape: Shape,
    /// Which kinds of news it gets; all if it is empty.
    pub(super) kinds: Vec<String>,
    /// How heavy its news is at least.
    pub(super) min_severity: Severity,
    pub(super) state: EndpointState,
    /// Who has proposed its removal.
    pub(super) removal_by: Option<String>,
    /// Until when it is signed with the secret before as well.
    pub(super) both_until: Option<String>,
    /// News that it is still to get.
    pub(super) pending: u64,
    /// News that was given up.
    pub(super) dead: u64,
    pub(super) last_delivered_at: Option<String>,
    /// What the last failed attempt met.
    pub(super) last_error: Option<String>,
    /// The number of its last piece of news.
    pub(super) seq: i64,
}

impl Webhook {
    pub(super) fn of(endpoint: &Endpoint, counts: LineCounts, now: i64) -> Self {
        let until = endpoint.sealed.before.as_ref().map(|(_, until)| *until);
        Self {
            id: endpoint.id.clone(),
            name: endpoint.name.clone(),
            url: endpoint.shown.clone(),
            shape: endpoint.shape,
            kinds: endpoint.wish.kinds.clone(),
            min_severity: endpoint.wish.min_severity,
            state: endpoint.state,
            removal_by: endpoint.removal_by.clone(),
            both_until: until.filter(|until| now < *until).map(rfc3339),
            pending: counts.pending,
            dead: counts.dead,
            last_delivered_at: endpoint.delivered_at.map(rfc3339),
            last_error: endpoint.last_error.clone(),
            seq: endpoint.seq,
        }
    }
}

/// All endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Webhooks {
    pub(super) webhooks: Vec<Webhook>,
}

/// An endpoint to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct New {
    /// What people call it: one line, at most 64 characters.
    pub(super) name: String,
    /// Its address, https.
    #[schema(value_type = String)]
    pub(super) url: SecretString,
    #[serde(default = "standard")]
    pub(super) shape: Shape,
    /// alert.created, alert.updated, alert.retracted, alert.reevaluated; all if it is left out.
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    #[serde(default = "anything")]
    pub(super) min_severity: Severity,
}

const fn standard() -> Shape {
    Shape::Standard
}

const fn anything() -> Severity {
    Severity::Informational
}

/// Whether an endpoint is to be told.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Wanted {
    Active,
    Paused,
}

impl From<Wanted> for EndpointState {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Active => Self::Active,
            Wanted::Paused => Self::Paused,
        }
    }
}

/// What of an endpoint is to be otherwise.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Changed {
    pub(super) name: Option<String>,
    #[schema(value_type = Option<String>)]
    pub(super) url: Option<SecretString>,
    pub(super) shape: Option<Shape>,
    pub(super) kinds: Option<Vec<String>>,
    pub(super) min_severity: Option<Severity>,
    pub(super) state: Option<Wanted>,
    /// true withdraws a proposal to remove it.
    pub(super) keep: Option<bool>,
}

impl Changed {
    pub(super) const fn is_more_than_state(&self) -> bool {
        self.name.is_some()
            || self.url.is_some()
            || self.shape.is_some()
            || self.kinds.is_some()
            || self.min_severity.is_some()
            || self.keep.is_some()
    }
}

/// An endpoint that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Made {
    pub(super) webhook: Webhook,
    /// By which what it is told is signed. Shown once.
    pub(super) secret: String,
}

/// A new secret is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Rotation {
    /// For how many hours the secret before signs as well: 0 to 168, 24 if it is left out.
    keep_hours: Option<u32>,
}

impl Rotation {
    pub(super) fn seconds(&self) -> Result<i64, ApiError> {
        let hours = self.keep_hours.unwrap_or(ROTATION_DEFAULT_HOURS);
        if hours > ROTATION_MAX_HOURS {
            let reason = format!("is {hours}: use 0 to {ROTATION_MAX_HOURS}");
            return Err(ApiError::Parameter { name: "keep_hours", reason });
        }
        Ok(i64::from(hours) * 3_600)
    }
}

/// A new secret.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Rotated {
    pub(super) webhook: Webhook,
    /// By which what it is told is signed from now on. Shown once.
    pub(super) secret: String,
    /// Until when the secret before signs as well.
    pub(super) both_until: String,
}

/// A name that fits on a line.
pub(super) fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let count = name.chars().count();
    if (1..=NAME_MAX_CHARS).contains(&count) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    let reason = format!("is no name: use one line of 1 to {NAME_MAX_CHARS} characters");
    Err(ApiError::Parameter { name: "name", reason })
}

/// Kinds of news that there are, each once.
pub(super) fn checked_kinds(mut kinds: Vec<String>) -> Result<Vec<String>, ApiError> {
    let words = News::ALL.map(News::word);
    kinds.sort_unstable();
    kinds.dedup();
    match kinds.iter().find(|kind| !words.contains(&kind.as_str())) {
        None => Ok(kinds),
        Some(kind) => Err(ApiError::refused(
            StatusCode::BAD_REQUEST,
            "no_such_kind",
            format!("there is no news of kind {kind:?}"),
            "use alert.created, alert.updated, alert.retracted and alert.reevaluated",
        )),
    }
}
