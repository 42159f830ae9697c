//! What happened to one alert: what the chain said of it, and what people did.

use axum::Json;
use axum::extract::{Path, State};
use interdict_core::alert::Confirmation;
use interdict_core::ledger::Standing;
use interdict_core::policy::Severity;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::case;
use crate::api::{ApiError, Pages};
use crate::report::rfc3339;
use crate::store::{Case, Happened};

/// By whom something happened that the chain told.
const CHAIN: &str = "chain";

/// What happened to an alert, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Timeline {
    entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Entry {
    /// When, by our clock.
    pub(in crate::api) at: String,
    /// Of the chain: created, confirmed, returned, retracted, reevaluated (the listed address
    /// stands otherwise) or `judged_anew`; of people: the step.
    pub(in crate::api) kind: String,
    /// Who: `chain`, or a person.
    pub(in crate::api) by: String,
    /// Of the chain: what it said then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::api) chain: Option<Said>,
    /// Of people: number of the audit row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::api) number: Option<u64>,
    /// Of people: in which role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::api) role: Option<String>,
    /// Of people: the step, and from which disposition to which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::api) detail: Option<Value>,
}

/// What the chain said.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Said {
    /// What it says of the finding.
    pub(in crate::api) confirmation: Confirmation,
    /// How heavy the finding was.
    pub(in crate::api) severity: Severity,
    /// The rule that decided.
    pub(in crate::api) rule: String,
    /// The policy: its version, and the digest of its document.
    pub(in crate::api) policy: String,
    /// How the listed address stood.
    pub(in crate::api) standing: Standing,
}

/// What happened to an alert
#[utoipa::path(get, path = "/v1/alerts/{id}/timeline", tag = "alerts",
    params(("id" = String, Path)),
    responses((status = 200, description = "The oldest first", body = Timeline)))]
pub(in crate::api) async fn page(
    State(pages): State<Pages>,
    Path(id): Path<String>,
) -> Result<Json<Timeline>, ApiError> {
    let case = case(&pages, &id).await?;
    Ok(Json(Timeline { entries: entries(&pages, &case).await? }))
}

/// Everything that happened to an alert.
pub(in crate::api) async fn entries(pages: &Pages, case: &Case) -> Result<Vec<Entry>, ApiError> {
    let told = pages.store.timeline(case.alert.id).await?;
    let mut before = None;
    Ok(told.into_iter().map(|told| entry(told, &mut before)).collect())
}

/// Before it is what the chain said last: whether the finding is judged otherwise shows by that.
fn entry(told: Happened, before: &mut Option<(String, Severity)>) -> Entry {
    match told {
        Happened::Chain { kind, at, alert } => {
            let judged = (alert.rule.clone(), alert.severity);
            let is_other = before.replace(judged.clone()).is_some_and(|before| before != judged);
            let said = Said {
                confirmation: alert.confirmation,
                severity: alert.severity,
                rule: alert.rule,
                policy: alert.policy,
                standing: alert.standing,
            };
            let kind = match (kind.as_str(), alert.confirmation) {
                ("alert.updated", Confirmation::Confirmed) => "confirmed",
                ("alert.updated", _) => "returned",
                ("alert.reevaluated", _) if is_other => "judged_anew",
                (other, _) => other.trim_start_matches("alert."),
            };
            let (at, kind, by) = (rfc3339(at), kind.to_owned(), CHAIN.to_owned());
            Entry { at, kind, by, chain: Some(said), number: None, role: None, detail: None }
        }
        Happened::Person(row) => Entry {
            at: rfc3339(row.at),
            kind: row.kind.trim_start_matches("step.").to_owned(),
            by: row.person,
            chain: None,
            number: Some(row.number),
            role: Some(row.role),
            detail: serde_json::from_str(&row.detail).ok(),
        },
    }
}
