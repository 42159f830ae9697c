//! How much there is to do.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use interdict_core::desk::new_york_day;
use interdict_core::policy::Severity;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Actor;
use super::{ApiError, Pages};
use crate::store::{DUE_SOON_BUSINESS_DAYS, Summary};

/// How much there is to do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Todo {
    /// Open ones by weight; what stands behind the first of a flood is not counted.
    open: ByWeight,
    /// Open ones that nobody looks at.
    unassigned: u64,
    /// Open ones that the one who asks looks at.
    mine: u64,
    /// With a step that waits for a second person.
    waiting: u64,
    /// With a report that is due within three business days.
    due_soon: u64,
    /// With a report that should have been made.
    overdue: u64,
    /// Out of sight.
    snoozed: u64,
    /// What came on each of the last ninety days (UTC); days without any are not there.
    days: Vec<OneDay>,
}

/// Alerts by weight.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ByWeight {
    informational: u64,
    low: u64,
    medium: u64,
    high: u64,
    critical: u64,
}

/// Alerts of one day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OneDay {
    /// The day.
    day: String,
    /// How many of each weight.
    #[serde(flatten)]
    counts: ByWeight,
}

/// How much there is to do
#[utoipa::path(get, path = "/v1/summary", tag = "alerts",
    responses((status = 200, description = "Counts", body = Todo)))]
pub(super) async fn summary(
    State(pages): State<Pages>,
    actor: Actor,
) -> Result<Json<Todo>, ApiError> {
    let now = pages.clock.now();
    let today = new_york_day(now);
    let soon = pages.desk.calendar.after(today, DUE_SOON_BUSINESS_DAYS);
    let Summary { open, unassigned, mine, waiting, due_soon, overdue, snoozed, days } =
        pages.store.summary(&actor.person, now, today, soon).await?;
    let days = days.iter().map(|one| OneDay { day: one.day.clone(), counts: counts(&one.counts) });
    let (open, days) = (counts(&open), days.collect());
    Ok(Json(Todo { open, unassigned, mine, waiting, due_soon, overdue, snoozed, days }))
}

fn counts(by: &BTreeMap<Severity, u64>) -> ByWeight {
    let of = |severity| by.get(&severity).copied().unwrap_or_default();
    ByWeight {
        informational: of(Severity::Informational),
        low: of(Severity::Low),
        medium: of(Severity::Medium),
        high: of(Severity::High),
        critical: of(Severity::Critical),
    }
}
