//! One address: how it stands on the list and how it stood, and where it was found.

use alloy_primitives::Address;
use axum::Json;
use axum::extract::{Path, State};
use interdict_core::ledger::{Episode, ListedUid, Standing, UNTIL_MAX};
use interdict_core::source::Source;
use interdict_core::subject::Subject;
use serde::Serialize;
use utoipa::ToSchema;

use super::lists::{day, time_of};
use super::{ApiError, Pages};

/// What is known of an address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AddressHistory)]
pub(super) struct Told {
    /// The address, with checksum.
    address: String,
    /// How it stands now; `None` if it was never listed.
    standing: Option<Standing>,
    /// Whether it cannot be listed until that is undone.
    protected: bool,
    /// Codes of the sources that name it, or did last.
    sources: Vec<String>,
    /// The authorities' ids of the persons.
    uids: Vec<Person>,
    /// Since when it is listed; `None` if it is not.
    listed_since: Option<String>,
    /// When it was listed, the last time first.
    episodes: Vec<Stretch>,
    /// What it is to the venue, if it is a subject.
    subject: Option<Subject>,
    /// How often it was found.
    alerts: Found,
}

/// A person under whom an address is listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedPerson)]
struct Person {
    /// The authority's id.
    uid: String,
    /// Codes of the sources.
    sources: Vec<String>,
    /// The day of the designation, as the authority has it.
    designated_on: Option<String>,
}

/// A stretch during which the address was listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedStretch)]
struct Stretch {
    /// The act that began it.
    act: u32,
    /// Codes of the sources.
    sources: Vec<String>,
    /// The persons.
    uids: Vec<Person>,
    /// When it took effect on chain.
    from: String,
    /// The block of that.
    block: u64,
    /// The publication that it came from, by its own time.
    published: Option<String>,
    /// When it ended or ends; `None` if it does not.
    until: Option<String>,
    /// Whether a vote ratified it, or ended it.
    voted: bool,
    /// SHA-256 of the manifest, the evidence.
    manifest: String,
}

/// How often an address was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimesFound)]
struct Found {
    /// As the listed address.
    as_listed: u64,
    /// As the counterparty.
    as_counterparty: u64,
}

/// One address
#[utoipa::path(get, path = "/v1/addresses/{address}", tag = "list",
    params(("address" = String, Path, description = "The address", pattern = "^(0x)?[0-9a-fA-F]{40}$")),
    responses((status = 200, description = "What is known of it", body = Told),
        (status = 400, description = "It is none", body = super::error::Refused)))]
pub(super) async fn one(
    State(pages): State<Pages>,
    Path(text): Path<String>,
) -> Result<Json<Told>, ApiError> {
    let address = address(&text)?;
    let list = pages.kept.list(&pages).await?;
    let known = list.ledger.get(address);
    let current = known.and_then(|known| known.current(list.time));
    let newest = known.and_then(|known| known.episodes.last());
    let found = pages.store.found(address).await?;
    Ok(Json(Told {
        address: address.to_string(),
        standing: list.ledger.standing(address, list.time),
        protected: known.is_some_and(|known| known.protected),
        sources: newest.map(|episode| Source::codes(episode.sources)).unwrap_or_default(),
        uids: newest.map(|episode| persons(&episode.uids)).unwrap_or_default(),
        listed_since: current.map(|episode| time_of(episode.since)),
        episodes: known
            .into_iter()
            .flat_map(|known| known.episodes.iter().rev())
            .map(stretch)
            .collect(),
        subject: pages.store.subject(address).await?,
        alerts: Found { as_listed: found.as_listed, as_counterparty: found.as_counterparty },
    }))
}

/// An address in a path.
pub(super) fn address(text: &str) -> Result<Address, ApiError> {
    interdict_core::address::parse(text)
        .map_err(|error| ApiError::Parameter { name: "address", reason: error.to_string() })
}

fn persons(uids: &[ListedUid]) -> Vec<Person> {
    let person = |ListedUid { uid, sources, designated_on, .. }: &ListedUid| Person {
        uid: uid.to_string(),
        sources: Source::codes(*sources),
        designated_on: day(*designated_on),
    };
    uids.iter().map(person).collect()
}

fn stretch(episode: &Episode) -> Stretch {
    Stretch {
        act: episode.act,
        sources: Source::codes(episode.sources),
        uids: persons(&episode.uids),
        from: time_of(episode.since),
        block: episode.from.block,
        published: (episode.published != 0).then(|| time_of(episode.published)),
        until: (episode.until != UNTIL_MAX).then(|| time_of(episode.until)),
        voted: episode.voted,
        manifest: episode.manifest.to_string(),
    }
}
