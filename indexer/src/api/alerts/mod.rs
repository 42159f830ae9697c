//! Alerts: a page of them, one, and what happened to it.

mod asked;
pub(super) mod timeline;
mod view;

pub(super) use asked::{Asked, filter};
pub(super) use timeline::{Entry, entries};
pub(super) use view::{AlertView, DeskView, views};

use axum::Json;
use axum::extract::{Path, State};
use interdict_core::alert::AlertId;
use serde::Serialize;
use utoipa::ToSchema;

use self::asked::{cursor, limit, text};
use super::asked::Question;
use super::{ApiError, Pages};
use crate::store::{Case, Shown};

/// All alerts that are asked for, as a file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Exported {
    /// In the order that was asked for.
    alerts: Vec<AlertView>,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page {
    /// In the order that was asked for.
    alerts: Vec<AlertView>,
    /// Cursor of the next page; `None` on the last.
    next: Option<String>,
}

/// A page of alerts
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(Asked),
    responses((status = 200, description = "Alerts, in the order that was asked for", body = Page)))]
pub(super) async fn page(
    State(pages): State<Pages>,
    Question(asked): Question<Asked>,
) -> Result<Json<Page>, ApiError> {
    let limit = limit(asked.limit.as_deref())?;
    let after = asked.cursor.as_deref().filter(|text| !text.is_empty()).map(cursor).transpose()?;
    let filter = filter(&asked, pages.clock.now())?;
    let (cases, next) = pages.store.inbox(&filter, after, limit).await?;
    let mut alerts = views(&pages, &cases).await?;
    if filter.shown == Shown::Floods {
        let heads: Vec<_> = cases.iter().map(|case| case.alert.id).collect();
        let sizes = pages.store.flood_sizes(&heads).await?;
        for view in &mut alerts {
            view.report.more_like_it = sizes.get(&view.report.id).copied();
        }
    }
    Ok(Json(Page { alerts, next: next.map(|next| text(&next)) }))
}

/// One alert
#[utoipa::path(get, path = "/v1/alerts/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, description = "The alert", body = AlertView)))]
pub(super) async fn one(
    State(pages): State<Pages>,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, ApiError> {
    let case = case(&pages, &id).await?;
    Ok(Json(view(&pages, &case).await?))
}

/// The alert of an id as it stands in a path.
pub(super) async fn case(pages: &Pages, id: &str) -> Result<Case, ApiError> {
    let none = || ApiError::NoAlert(id.to_owned());
    let parsed: AlertId = id.parse().map_err(|_| none())?;
    pages.store.case(parsed).await?.ok_or_else(none)
}

/// One alert as it is shown.
pub(super) async fn view(pages: &Pages, case: &Case) -> Result<AlertView, ApiError> {
    let mut views = views(pages, std::slice::from_ref(case)).await?;
    views.pop().ok_or_else(|| ApiError::NoAlert(case.alert.id.to_string()))
}
