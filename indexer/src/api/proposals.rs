//! What the council has before it.

use axum::Json;
use axum::extract::State;

use super::Pages;
use crate::run::Proposed;

/// The council's proposals
///
/// The newest first, as one provider says: nobody proves them, and they are never used to judge.
#[utoipa::path(get, path = "/v1/list/proposals", tag = "list", responses(
    (status = 200, description = "Proposals, and how each stands", body = Proposed)))]
pub(super) async fn all(State(pages): State<Pages>) -> Json<Proposed> {
    Json(pages.proposed.borrow().clone())
}
