//! Who can be asked to look at an alert.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Role;
use super::{ApiError, Pages};

/// Those who work alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct People {
    /// By name.
    people: Vec<Person>,
}

/// Somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    /// The name.
    person: String,
    /// In which role.
    role: Role,
}

/// Those who work alerts
#[utoipa::path(get, path = "/v1/people", tag = "steps",
    responses((status = 200, description = "Analysts, by name", body = People)))]
pub(super) async fn all(State(pages): State<Pages>) -> Result<Json<People>, ApiError> {
    let people = pages.store.analysts(pages.clock.now()).await?;
    let people = people.into_iter().map(|person| Person { person, role: Role::Analyst });
    Ok(Json(People { people: people.collect() }))
}
