//! Screening for venues: addresses in, answers out that are never clear where it is not known.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use interdict_core::ledger::{Episode, ListedAddress};
use interdict_core::source::Source;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Body;
use super::kept::List;
use super::lists::time_of;
use super::{ApiError, Pages};

/// Most addresses of one question.
const ADDRESSES_MAX: usize = 1_000;
/// Blocks by which what is known may be behind the chain: as far as it is followed block by block.
const BEHIND_MAX_BLOCKS: u64 = crate::run::CATCH_UP_FROM_BLOCKS;

/// What is asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScreenQuestion)]
pub(super) struct Asked {
    /// Addresses, each with 40 hex digits.
    #[schema(min_items = 1, max_items = 1000)]
    addresses: Vec<String>,
    /// As of when, RFC 3339; now, if nothing is said.
    at: Option<String>,
}

/// What is known.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScreenAnswers)]
pub(super) struct Told {
    /// By which list.
    as_of: AsOf,
    /// An answer for each address, in the order of the question.
    answers: Vec<Answer>,
}

/// The version of the list.
#[derive(Debug, Serialize, ToSchema)]
struct AsOf {
    /// The last accepted block.
    block: u64,
    /// Up to when the list is known.
    time: String,
    /// The keccak fold over all its acts: the same as the contract's.
    head: String,
    /// How many acts it has.
    acts: u32,
}

/// What is known of one address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScreenAnswer)]
struct Answer {
    /// As it was asked.
    address: String,
    /// Listed, clear, or not known: hold what is not known.
    answer: Word,
    /// Codes of the sources that list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<Vec<String>>,
    /// The authorities' ids of the persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    uids: Option<Vec<String>>,
    /// Since when it is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScreenWord)]
enum Word {
    Listed,
    Clear,
    Unknown,
}

/// Screen addresses against the list
#[utoipa::path(post, path = "/v1/screen", tag = "list", request_body = Asked,
    responses((status = 200, description = "An answer for each address", body = Told)))]
pub(super) async fn screen(
    State(pages): State<Pages>,
    Body(asked): Body<Asked>,
) -> Result<Json<Told>, ApiError> {
    let wrong = |reason: String| ApiError::Body { status: StatusCode::BAD_REQUEST, reason };
    let count = asked.addresses.len();
    if !(1..=ADDRESSES_MAX).contains(&count) {
        return Err(wrong(format!("addresses has {count}: send 1 to {ADDRESSES_MAX} at once")));
    }
    let at = asked.at.as_deref().map(|text| {
        let at = text.parse::<jiff::Timestamp>().ok();
        let at = at.and_then(|at| u64::try_from(at.as_second()).ok());
        at.ok_or_else(|| wrong(format!("at is {text:?}: write it like 2026-08-20T12:00:00Z")))
    });
    let at = at.transpose()?;
    // First how it stands, then what is known: a list that falls behind in between says so.
    let list = pages.kept.list(&pages).await?;
    let status = pages.status.borrow().clone();
    let through = status.list_through.map_or(list.time, |through| through.min(list.time));
    let behind = status.lag().filter(|lag| *lag > BEHIND_MAX_BLOCKS);
    let unknown = status
        .unfollowed(pages.clock.elapsed())
        .or_else(|| behind.map(|lag| format!("the indexer is {lag} blocks behind the chain")))
        .or_else(|| {
            let later = at.filter(|at| *at > through);
            later.map(|_| format!("the list is known up to {} only", time_of(through)))
        });
    let moment = at.unwrap_or(through);
    let answer = |address: String| of(&list, address, moment, unknown.as_deref());
    Ok(Json(Told {
        as_of: AsOf {
            block: list.block,
            time: time_of(through),
            head: list.ledger.head().to_string(),
            acts: list.ledger.acts(),
        },
        answers: asked.addresses.into_iter().map(answer).collect(),
    }))
}

fn of(list: &List, address: String, at: u64, unknown: Option<&str>) -> Answer {
    let parsed = interdict_core::address::parse(&address);
    let nothing = Answer {
        address,
        answer: Word::Unknown,
        sources: None,
        uids: None,
        since: None,
        reason: None,
    };
    let parsed = match (parsed, unknown) {
        (Err(error), _) => return Answer { reason: Some(error.to_string()), ..nothing },
        (Ok(_), Some(reason)) => return Answer { reason: Some(reason.to_owned()), ..nothing },
        (Ok(parsed), None) => parsed,
    };
    match list.ledger.get(parsed).and_then(|known| on(known, at)) {
        None => Answer { answer: Word::Clear, ..nothing },
        Some(episode) => Answer {
            answer: Word::Listed,
            sources: Some(Source::codes(episode.sources)),
            uids: Some(episode.uids.iter().map(|known| known.uid.to_string()).collect()),
            since: Some(time_of(episode.since)),
            ..nothing
        },
    }
}

/// The stretch that was on at a time. One that ended has its end in `until`.
fn on(known: &ListedAddress, at: u64) -> Option<&Episode> {
    known.episodes.iter().rev().find(|episode| episode.since <= at && at < episode.until)
}
