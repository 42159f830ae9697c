//! Which alerts are asked for, as it stands in a query.

use alloy_primitives::Address;
use interdict_core::alert::{Disposition, Side};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

use crate::api::ApiError;
use crate::report::Direction;
use crate::store::{Filter, Order, PAGE_MAX_ROWS, PageCursor, Shown, Snoozed};

/// Rows of a page if the caller names no number.
const PAGE_DEFAULT_ROWS: u32 = 100;
/// Longest text that is searched for, in characters.
const WORD_MAX_CHARS: usize = 64;
/// Where nobody has decided yet.
const OPEN: [Disposition; 3] = [Disposition::New, Disposition::Assigned, Disposition::Escalated];

/// The query as it came; an empty filter is none.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct Asked {
    /// Rows of the page, 1 to 500.
    pub(in crate::api) limit: Option<String>,
    /// `next` of the page before.
    pub(in crate::api) cursor: Option<String>,
    /// informational, low, medium, high or critical; several with commas.
    severity: Option<String>,
    /// pending, confirmed or retracted; several with commas.
    confirmation: Option<String>,
    /// before, while or after; several with commas.
    phase: Option<String>,
    /// The listed address.
    listed: Option<String>,
    /// Who dealt with it.
    counterparty: Option<String>,
    /// Where they stand with people: see /v1/dispositions; several with commas.
    disposition: Option<String>,
    /// true: those that are new, assigned or escalated.
    open: Option<String>,
    /// Who looks at them.
    assignee: Option<String>,
    /// all, hide those that are out of sight for a while, or only those.
    snoozed: Option<String>,
    /// true: those with a step that waits for a second person.
    waiting: Option<String>,
    /// true: those with a report that is to be made.
    due: Option<String>,
    /// Not before this time of the chain: RFC 3339, or a day (UTC).
    since: Option<String>,
    /// Before this time of the chain: RFC 3339, or a day (UTC).
    until: Option<String>,
    /// The class of the rule that fired; several with commas.
    rule: Option<String>,
    /// inbound, outbound or none.
    direction: Option<String>,
    /// each, or floods as one row.
    shown: Option<String>,
    /// The alert that heads a flood.
    behind: Option<String>,
    /// newest, or heaviest first.
    order: Option<String>,
}

impl Asked {
    /// What was named of it, as it was named.
    pub(in crate::api) fn named(&self) -> Value {
        let mut named = serde_json::to_value(self).unwrap_or_default();
        if let Some(named) = named.as_object_mut() {
            named.retain(|_, value| value.as_str().is_some_and(|value| !value.is_empty()));
        }
        named
    }
}

/// What is asked for; `now` is our clock, unix seconds.
pub(in crate::api) fn filter(asked: &Asked, now: i64) -> Result<Filter, ApiError> {
    Ok(Filter {
        severity: choices(
            "severity",
            asked.severity.as_deref(),
            "informational, low, medium, high or critical",
        )?,
        confirmation: choices(
            "confirmation",
            asked.confirmation.as_deref(),
            "pending, confirmed or retracted",
        )?,
        phase: choices("phase", asked.phase.as_deref(), "before, while or after")?,
        disposition: dispositions(asked)?,
        rule: rules(asked.rule.as_deref())?,
        side: sides(asked.direction.as_deref())?,
        listed: address("listed", asked.listed.as_deref())?,
        counterparty: address("counterparty", asked.counterparty.as_deref())?,
        assignee: short("assignee", asked.assignee.as_deref())?,
        snoozed: match asked.snoozed.as_deref().unwrap_or("") {
            "" | "all" => Snoozed::All,
            "hide" => Snoozed::Hide(now),
            "only" => Snoozed::Only(now),
            other => return Err(wrong("snoozed", format!("is {other:?}: use all, hide or only"))),
        },
        waiting: yes("waiting", asked.waiting.as_deref())?,
        due: yes("due", asked.due.as_deref())?,
        since: time("since", asked.since.as_deref())?,
        until: time("until", asked.until.as_deref())?,
        shown: shown(asked.shown.as_deref(), asked.behind.as_deref())?,
        order: match asked.order.as_deref().unwrap_or("") {
            "" | "newest" => Order::Newest,
            "heaviest" => Order::Heaviest,
            other => return Err(wrong("order", format!("is {other:?}: use newest or heaviest"))),
        },
    })
}

fn wrong(name: &'static str, reason: String) -> ApiError {
    ApiError::Parameter { name, reason }
}

fn dispositions(asked: &Asked) -> Result<Vec<Disposition>, ApiError> {
    let named =
        choices("disposition", asked.disposition.as_deref(), "one of those in /v1/dispositions")?;
    match (yes("open", asked.open.as_deref())?, named.is_empty()) {
        (false, _) => Ok(named),
        (true, true) => Ok(OPEN.to_vec()),
        (true, false) => Err(wrong("open", "does not go with disposition".to_owned())),
    }
}

fn rules(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let Some(text) = short("rule", text)? else { return Ok(Vec::new()) };
    Ok(text.split(',').map(str::to_owned).collect())
}

fn sides(text: Option<&str>) -> Result<Vec<Side>, ApiError> {
    let direction = match text.unwrap_or("") {
        "" => return Ok(Vec::new()),
        "inbound" => Some(Direction::Inbound),
        "outbound" => Some(Direction::Outbound),
        "none" => None,
        other => {
            let reason = format!("is {other:?}: use inbound, outbound or none");
            return Err(wrong("direction", reason));
        }
    };
    let sides = Side::ALL.into_iter().filter(|side| Direction::of(*side) == direction);
    Ok(sides.collect())
}

fn short(name: &'static str, text: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.contains('\0') || text.chars().count() > WORD_MAX_CHARS * PAGE_MAX_ROWS as usize {
        return Err(wrong(name, "is too long, or no text".to_owned()));
    }
    Ok(Some(text.to_owned()))
}

fn yes(name: &'static str, text: Option<&str>) -> Result<bool, ApiError> {
    match text.unwrap_or("") {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        other => Err(wrong(name, format!("is {other:?}: use true or false"))),
    }
}

fn time(name: &'static str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at.as_second()));
    }
    let day = text.parse::<Date>().ok();
    let midnight = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let midnight = midnight.map(|at| at.timestamp().as_second());
    let reason = || format!("is {text:?}: write it like 2026-08-20 or 2026-08-20T12:00:00Z");
    midnight.map(Some).ok_or_else(|| wrong(name, reason()))
}

pub(super) fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    let Some(text) = text else { return Ok(PAGE_DEFAULT_ROWS) };
    let reason = || wrong("limit", format!("is {text:?}: use 1 to {PAGE_MAX_ROWS}"));
    let limit = text.parse().map_err(|_| reason())?;
    if (1..=PAGE_MAX_ROWS).contains(&limit) { Ok(limit) } else { Err(reason()) }
}

/// Each finding by itself, floods as one row each, or what stands behind the first of one.
fn shown(shown: Option<&str>, behind: Option<&str>) -> Result<Shown, ApiError> {
    match (shown.unwrap_or(""), behind.unwrap_or("")) {
        ("" | "each", "") => Ok(Shown::Each),
        ("floods", "") => Ok(Shown::Floods),
        ("" | "each", id) => match id.parse() {
            Ok(id) => Ok(Shown::Behind(id)),
            Err(_) => Err(wrong("behind", format!("is {id:?}: take the id of an alert"))),
        },
        ("floods", _) => Err(wrong("behind", "does not go with shown=floods".to_owned())),
        (other, _) => Err(wrong("shown", format!("is {other:?}: use each or floods"))),
    }
}

/// Words with commas between them.
fn choices<T: DeserializeOwned>(
    name: &'static str,
    text: Option<&str>,
    choices: &str,
) -> Result<Vec<T>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    let choice = |word: &str| {
        let reason = |_| wrong(name, format!("is {word:?}: use {choices}"));
        serde_json::from_value(word.into()).map_err(reason)
    };
    // More than there are words for can only repeat them.
    text.split(',').take(PAGE_MAX_ROWS as usize).map(choice).collect()
}

fn address(name: &'static str, text: Option<&str>) -> Result<Option<Address>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let reason = |error: interdict_core::address::AddressError| wrong(name, error.to_string());
    interdict_core::address::parse(text).map(Some).map_err(reason)
}

/// A place between pages as text: how heavy (`any` where that is not the order), block,
/// transaction, log (`v` for the value), alert.
pub(super) fn text(place: &PageCursor) -> String {
    let log = place.log.map_or_else(|| "v".to_owned(), |log| log.to_string());
    let severity = place.severity.map_or_else(|| "any".to_owned(), |severity| severity.to_string());
    format!("{severity}-{}-{}-{log}-{}", place.block, place.tx, place.id)
}

pub(super) fn cursor(text: &str) -> Result<PageCursor, ApiError> {
    let none = || {
        let reason = "is none that this server gave: take it from `next` of the page before";
        wrong("cursor", reason.to_owned())
    };
    let parts: Vec<_> = text.split('-').collect();
    let [severity, block, tx, log, id] = parts[..] else { return Err(none()) };
    let log = match log {
        "v" => None,
        log => Some(log.parse().map_err(|_| none())?),
    };
    let severity = match severity {
        "any" => None,
        severity => Some(serde_json::from_value(severity.into()).map_err(|_| none())?),
    };
    Ok(PageCursor {
        severity,
        block: block.parse().map_err(|_| none())?,
        tx: tx.parse().map_err(|_| none())?,
        log,
        id: id.parse().map_err(|_| none())?,
    })
}
