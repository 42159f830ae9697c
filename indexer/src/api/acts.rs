//! The acts of the list that are final, for the indexers of other chains.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{ApiError, Pages};
use crate::abroad::{ACTS_MAX_ROWS, Told};
use crate::store::FinalActs;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    after: Option<u32>,
}

/// `GET /v1/acts?after=N`
pub(super) async fn after(
    State(pages): State<Pages>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Told>, ApiError> {
    let Query(asked) = asked.map_err(|rejection| ApiError::Query(rejection.body_text()))?;
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
