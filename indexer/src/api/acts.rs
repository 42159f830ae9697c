//! The acts of the list that are final, for the indexers of other chains.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::Question;
use super::{ApiError, Pages};
use crate::abroad::{ACTS_MAX_ROWS, Told};
use crate::store::FinalActs;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The last act that is known.
    after: Option<u32>,
}

/// The acts of the list that are final, for the indexers of other chains
#[utoipa::path(get, path = "/v1/acts", tag = "list", params(Asked),
    responses((status = 200, description = "Acts, oldest first", body = Told)))]
pub(super) async fn after(
    State(pages): State<Pages>,
    Question(asked): Question<Asked>,
) -> Result<Json<Told>, ApiError> {
    let after = asked.after.unwrap_or_default();
    let trouble = pages.status.borrow().unfollowed(pages.clock.elapsed());
    let mut known = pages.store.final_acts(after, ACTS_MAX_ROWS + 1).await?;
    let more = known.acts.len() > ACTS_MAX_ROWS as usize;
    known.acts.truncate(ACTS_MAX_ROWS as usize);
    let FinalActs { through, head, acts } = known;
    let home = pages.home;
    Ok(Json(Told {
        chain_id: home.chain_id,
        genesis_hash: home.genesis_hash,
        blocklist: home.blocklist,
        through,
        head,
        acts,
        more,
        trouble,
    }))
}
