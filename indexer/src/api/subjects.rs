//! Whose dealings are looked after: a page of them, more of them, one less; and what a file of them
//! would change, before it is taken.

use alloy_primitives::Address;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use interdict_core::subject::{Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::Actor;
use super::addresses::address;
use super::asked::{Question, within};
use super::{ApiError, Pages};
use crate::store::{Imported, PAGE_MAX_ROWS};
use crate::subjects::{self, Lines, Wrong};

/// Rows of a page if the caller names no number.
const PAGE_DEFAULT_ROWS: u32 = 100;
/// Longest list of subjects of one request, in bytes: some thousand lines.
pub(super) const BODY_MAX_BYTES: usize = 512 << 10;
/// Most lines that a check shows of each kind; it counts all.
const SHOWN_MAX_LINES: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Rows of the page, 1 to 500.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Subjects.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subjects)]
pub(super) struct Page {
    /// By address.
    subjects: Vec<Subject>,
    /// Cursor of the next page; `None` on the last.
    next: Option<String>,
}

/// Subjects to be looked after.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubjects)]
pub(super) struct More {
    /// Known ones are brought up to date.
    #[schema(min_items = 1, max_items = 1000)]
    subjects: Vec<NewSubject>,
}

/// A subject to be looked after.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSubject {
    /// The address.
    address: String,
    /// What it is.
    kind: SubjectKind,
    /// The venue's own reference: an account number, not a name.
    #[serde(default)]
    #[schema(max_length = 64)]
    reference: String,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedSubjects)]
pub(super) struct Told {
    /// New ones.
    added: u64,
    /// Known ones with another kind or reference.
    changed: u64,
    /// Known ones as they were.
    unchanged: u64,
    /// Those of them that are on the list now: hold their property; two people decide.
    #[schema(value_type = Vec<String>)]
    listed: Vec<Address>,
}

/// What an import of the same lines would do.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = CheckedSubjects)]
pub(super) struct Checked {
    /// New ones.
    added: u64,
    /// Known ones with another kind or reference.
    changed: u64,
    /// Known ones as they are.
    unchanged: u64,
    /// The first 200 that are new or otherwise, in the order of their lines.
    changes: Vec<Change>,
    /// Lines that cannot be read.
    wrong: u64,
    /// The first 200 of them.
    wrong_lines: Vec<WrongLine>,
}

/// A line that is new or says otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedSubject)]
struct Change {
    /// The line, from 1; the first names the columns.
    line: u64,
    /// As it would be.
    subject: Subject,
    /// As it is; `null` if it is new.
    was: Option<Subject>,
}

/// A line that cannot be read.
#[derive(Debug, Serialize, ToSchema)]
struct WrongLine {
    /// The line, from 1.
    line: u64,
    /// What is wrong with it.
    reason: String,
}

impl From<Wrong> for WrongLine {
    fn from(Wrong { line, reason }: Wrong) -> Self {
        Self { line, reason }
    }
}

/// Whose dealings are looked after
#[utoipa::path(get, path = "/v1/subjects", tag = "subjects", params(Asked),
    responses((status = 200, description = "Subjects, by address", body = Page)))]
pub(super) async fn page(
    State(pages): State<Pages>,
    Question(asked): Question<Asked>,
) -> Result<Json<Page>, ApiError> {
    let limit = within(asked.limit.as_deref(), PAGE_DEFAULT_ROWS, PAGE_MAX_ROWS)?;
    let above = asked.cursor.as_deref().filter(|text| !text.is_empty());
    let above: Option<Address> =
        above.map(str::parse).transpose().map_err(|_| ApiError::cursor())?;
    let mut subjects = pages.store.subjects_above(above, limit + 1).await?;
    let more = subjects.len() > limit as usize;
    subjects.truncate(limit as usize);
    let next = subjects.last().filter(|_| more).map(|subject| subject.address.to_string());
    Ok(Json(Page { subjects, next }))
}

/// Look after more
///
/// As JSON, or as the CSV that `interdict-indexer subjects import` reads. All of them or none. What
/// was found of them before is judged anew, a bounded number of findings at a time: the severity of
/// each may change, and what people decided stays. Only dealings with listed addresses are
/// recorded, so that there is nothing else of them to be found; what an own policy calls no finding
/// was not.
#[utoipa::path(post, path = "/v1/subjects", tag = "subjects",
    request_body(content((More = "application/json"), (String = "text/csv"))),
    responses((status = 200, description = "They are looked after", body = Told)))]
pub(super) async fn import(
    State(pages): State<Pages>,
    actor: Actor,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Told>, ApiError> {
    let body = whole(body)?;
    let read = match kind(&headers) {
        "application/json" => json(&body),
        "text/csv" => subjects::rows(&body, "the body".as_ref()).map_err(|error| error.to_string()),
        other => return Err(other_kind(other, "application/json or text/csv")),
    };
    let wrong = |reason| ApiError::Body { status: StatusCode::BAD_REQUEST, reason };
    let read = read.map_err(wrong)?;
    let now = pages.clock.now();
    let Imported { added, changed, unchanged } =
        pages.store.import_subjects(&read, &(&actor).into(), now).await?;
    let list = pages.kept.list(&pages).await?;
    let listed = subjects::listed(&read, &list.ledger, list.time);
    Ok(Json(Told { added, changed, unchanged, listed }))
}

/// What a CSV of subjects would change
///
/// It is read as an import reads it, and nothing is done. With a line that cannot be read, the
/// import would be refused.
#[utoipa::path(post, path = "/v1/subjects/check", tag = "subjects",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "What it would change", body = Checked)))]
pub(super) async fn check(
    State(pages): State<Pages>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Checked>, ApiError> {
    let body = whole(body)?;
    match kind(&headers) {
        "text/csv" => {}
        other => return Err(other_kind(other, "text/csv")),
    }
    let Lines { read, wrong } = subjects::lines(&body);
    let mut checked = Checked { wrong: wrong.len() as u64, ..Checked::default() };
    checked.wrong_lines = wrong.into_iter().take(SHOWN_MAX_LINES).map(WrongLine::from).collect();
    for (line, subject) in read {
        let was = pages.store.subject(subject.address).await?;
        match &was {
            Some(was) if *was == subject => {
                checked.unchanged += 1;
                continue;
            }
            Some(_) => checked.changed += 1,
            None => checked.added += 1,
        }
        if checked.changes.len() < SHOWN_MAX_LINES {
            checked.changes.push(Change { line, subject, was });
        }
    }
    Ok(Json(checked))
}

fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| ApiError::Body {
        status: rejection.status(),
        reason: rejection.body_text(),
    })
}

/// Of which kind a body says that it is.
fn kind(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

fn other_kind(kind: &str, taken: &str) -> ApiError {
    let reason = format!("it is {kind:?}: send {taken}");
    ApiError::Body { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, reason }
}

fn json(body: &[u8]) -> Result<Vec<Subject>, String> {
    let More { subjects } = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if subjects.is_empty() {
        return Err("there is no subject in it".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    let read = |NewSubject { address, kind, reference }: NewSubject| {
        let address = interdict_core::address::parse(&address)
            .map_err(|error| format!("an address {error}"))?;
        let reference = subjects::checked(reference)?;
        if !seen.insert(address) {
            return Err(format!("{address} is there twice"));
        }
        Ok(Subject { address, kind, reference })
    };
    subjects.into_iter().map(read).collect()
}

/// Look after one no longer
#[utoipa::path(delete, path = "/v1/subjects/{address}", tag = "subjects",
    params(("address" = String, Path, description = "The address", pattern = "^(0x)?[0-9a-fA-F]{40}$")),
    responses((status = 204, description = "It is a subject no longer; the record of it stays, and its findings are judged anew"),
        (status = 400, description = "It is no address", body = super::error::Refused)))]
pub(super) async fn remove(
    State(pages): State<Pages>,
    actor: Actor,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    let address = address(&text)?;
    if pages.store.remove_subject(address, &(&actor).into(), pages.clock.now()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let error = format!("{address} is no subject");
    Err(ApiError::refused(StatusCode::NOT_FOUND, "no_subject", error, "see /v1/subjects"))
}
