//! The list: how it stands, and what was done to it.

use axum::Json;
use axum::extract::State;
use interdict_core::ledger::{Act, ActEntry, Kind, Ledger, UNTIL_MAX};
use interdict_core::source::Source;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Question, within};
use super::kept::List;
use super::{ApiError, Pages};
use crate::report::rfc3339;

/// A source that nobody compared with the list for longer is stale, in seconds: two days, as the
/// alert rules of `indexer/monitoring` have it.
const STALE_SECONDS: u64 = 172_800;
/// Acts of a page if the caller names no number.
const ACTS_DEFAULT_ROWS: u32 = 20;
/// Most acts of a page: each may name hundreds of addresses.
const ACTS_MAX_ROWS: u32 = 100;

/// How the list stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
pub(super) struct Told {
    /// EIP-155 chain id of the chain that is watched.
    chain_id: u64,
    /// The list's contract.
    blocklist: String,
    /// Addresses that are listed now.
    count: u64,
    /// The keccak fold over all acts.
    head: String,
    /// How many acts there are.
    acts: u32,
    /// When each source was last compared with the list.
    freshness: Vec<Fresh>,
    /// The last accepted block.
    cursor: u64,
    /// Up to when the list is known here.
    through: String,
}

/// How fresh the list is of one source.
#[derive(Debug, Serialize, ToSchema)]
struct Fresh {
    /// The source's code.
    source: String,
    /// The publication, by its own time; `None` if none was taken in.
    data_as_of: Option<String>,
    /// When it was last compared; `None` if never.
    checked_at: Option<String>,
    /// Whether that is too long ago.
    stale: bool,
}

/// How the list stands
#[utoipa::path(get, path = "/v1/list", tag = "list",
    responses((status = 200, description = "The list, and how fresh it is", body = Told)))]
pub(super) async fn page(State(pages): State<Pages>) -> Result<Json<Told>, ApiError> {
    let List { block, time, ledger } = pages.kept.list(&pages).await?;
    let through = pages.status.borrow().list_through.unwrap_or(time);
    let now = u64::try_from(pages.clock.now()).unwrap_or_default();
    let listed = ledger.addresses().filter(|(_, known)| known.current(through).is_some());
    Ok(Json(Told {
        chain_id: pages.home.chain_id,
        blocklist: pages.home.blocklist.to_string(),
        count: listed.count().try_into().unwrap_or(u64::MAX),
        head: ledger.head().to_string(),
        acts: ledger.acts(),
        freshness: Source::ALL.iter().filter_map(|source| fresh(&ledger, *source, now)).collect(),
        cursor: block,
        through: time_of(through),
    }))
}

/// Of a source that the list has ever had to do with.
fn fresh(ledger: &Ledger, source: Source, now: u64) -> Option<Fresh> {
    let attested = ledger.freshness(source.mask());
    let taken = ledger.data_as_of(source.mask());
    let data_as_of = attested.map(|fresh| fresh.data_as_of).or(taken)?;
    let checked = attested.map(|fresh| fresh.checked_at);
    Some(Fresh {
        source: source.code().to_owned(),
        data_as_of: Some(time_of(data_as_of)),
        checked_at: checked.map(time_of),
        stale: checked.is_none_or(|checked| now.saturating_sub(checked) > STALE_SECONDS),
    })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Rows of the page, 1 to 100.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Acts of the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Acts)]
pub(super) struct Page {
    /// The newest first.
    acts: Vec<Shown>,
    /// Cursor of the next page; `None` on the last.
    next: Option<String>,
}

/// An act, as people read it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShownAct)]
struct Shown {
    /// From 1, without gaps.
    number: u32,
    /// What it did.
    kind: Kind,
    /// Codes of the sources concerned.
    sources: Vec<String>,
    /// When the listings that it made end; `None` if they do not.
    until: Option<String>,
    /// The publication that it came from, by its own time.
    data_as_of: Option<String>,
    /// SHA-256 of the manifest, the evidence.
    manifest: String,
    /// The list's head after it.
    head: String,
    /// The block.
    block: u64,
    /// When it happened.
    time: String,
    /// The transaction.
    tx_hash: String,
    /// What it named.
    entries: Vec<Entry>,
}

/// An address that an act names.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShownActEntry)]
struct Entry {
    /// The address, with checksum.
    address: String,
    /// The authority's id of the person.
    uid: Option<String>,
    /// The day of the person's designation.
    designated_on: Option<String>,
}

/// What was done to the list
#[utoipa::path(get, path = "/v1/list/acts", tag = "list", params(Asked),
    responses((status = 200, description = "Acts, the newest first", body = Page)))]
pub(super) async fn acts(
    State(pages): State<Pages>,
    Question(asked): Question<Asked>,
) -> Result<Json<Page>, ApiError> {
    let limit = within(asked.limit.as_deref(), ACTS_DEFAULT_ROWS, ACTS_MAX_ROWS)?;
    let below = asked.cursor.as_deref().filter(|text| !text.is_empty());
    let below = below.map(str::parse).transpose().map_err(|_| ApiError::cursor())?;
    let mut acts = pages.store.acts_below(below, limit + 1).await?;
    let more = acts.len() > limit as usize;
    acts.truncate(limit as usize);
    let next = acts.last().filter(|_| more).map(|act| act.number.to_string());
    Ok(Json(Page { acts: acts.iter().map(shown).collect(), next }))
}

fn shown(act: &Act) -> Shown {
    Shown {
        number: act.number,
        kind: act.kind,
        sources: Source::codes(act.sources),
        until: (act.until != UNTIL_MAX && act.until != 0).then(|| time_of(act.until)),
        data_as_of: (act.data_as_of != 0).then(|| time_of(act.data_as_of)),
        manifest: act.manifest.to_string(),
        head: act.head.to_string(),
        block: act.at.block,
        time: time_of(act.time),
        tx_hash: act.tx_hash.to_string(),
        entries: act.entries.iter().map(entry).collect(),
    }
}

fn entry(ActEntry { account, uid, designated_on }: &ActEntry) -> Entry {
    Entry {
        address: account.to_string(),
        uid: (*uid != 0).then(|| uid.to_string()),
        designated_on: day(*designated_on),
    }
}

/// A day that was written as seconds; `None` if it is not known.
pub(super) fn day(seconds: u64) -> Option<String> {
    (seconds != 0).then(|| time_of(seconds).chars().take_while(|c| *c != 'T').collect())
}

/// Unix seconds as RFC 3339.
pub(super) fn time_of(seconds: u64) -> String {
    rfc3339(i64::try_from(seconds).unwrap_or(i64::MAX))
}
