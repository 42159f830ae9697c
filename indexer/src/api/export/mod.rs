//! Alerts as files that go out of the house: page by page, so that no number of them fills the
//! memory. The columns are those that OFAC asks for in a request for a licence (FAQ 1079), and what
//! explains them. Who took what, and whether they have all of it, is in the audit log.

mod record;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::access::Actor;
use super::alerts::{AlertView, Asked, filter, views};
use super::asked::Question;
use super::{ApiError, Pages};
use crate::report::Direction;
use crate::store::{Case, Filter, PAGE_MAX_ROWS, PageCursor, StoreError};
use record::Record;

/// The columns of the file. Those up to `amount` are the ones that FAQ 1079 names.
const COLUMNS: [&str; 35] = [
    "remitter",
    "beneficiary",
    "tx_hash",
    "time",
    "amount",
    "asset",
    "token",
    "amount_raw",
    "worth",
    "reference",
    "chain_id",
    "block",
    "log_index",
    "listed",
    "counterparty",
    "direction",
    "alert",
    "severity",
    "rule",
    "policy",
    "phase",
    "confirmation",
    "listing_act",
    "manifest",
    "sources",
    "uids",
    "standing",
    "disposition",
    "reason",
    "decided_by",
    "second_person",
    "assignee",
    "report_due_on",
    "reported_on",
    "report_reference",
];

/// The two forms.
#[derive(Clone, Copy)]
enum Form {
    Csv,
    Json,
}

/// Alerts as a CSV file
#[utoipa::path(get, path = "/v1/export/alerts.csv", tag = "alerts", params(Asked),
    responses((status = 200, description = "A row for each alert", body = String,
        content_type = "text/csv; charset=utf-8")))]
pub(super) async fn csv(
    State(pages): State<Pages>,
    actor: Actor,
    Question(asked): Question<Asked>,
) -> Result<Response, ApiError> {
    file(pages, &actor, &asked, Form::Csv).await
}

/// Alerts as a JSON file
#[utoipa::path(get, path = "/v1/export/alerts.json", tag = "alerts", params(Asked),
    responses((status = 200, description = "All alerts", body = super::alerts::Exported,
        content_type = "application/json")))]
pub(super) async fn json(
    State(pages): State<Pages>,
    actor: Actor,
    Question(asked): Question<Asked>,
) -> Result<Response, ApiError> {
    file(pages, &actor, &asked, Form::Json).await
}

async fn file(
    pages: Pages,
    actor: &Actor,
    asked: &Asked,
    form: Form,
) -> Result<Response, ApiError> {
    if asked.limit.is_some() || asked.cursor.is_some() {
        let reason = "is not for files: narrow them by the filters".to_owned();
        let name = if asked.limit.is_some() { "limit" } else { "cursor" };
        return Err(ApiError::Parameter { name, reason });
    }
    let filter = filter(asked, pages.clock.now())?;
    let (word, kind, name) = match form {
        Form::Csv => ("csv", "text/csv; charset=utf-8", "attachment; filename=\"alerts.csv\""),
        Form::Json => ("json", "application/json", "attachment; filename=\"alerts.json\""),
    };
    let record = Record::begin(pages.clone(), actor.into(), word, asked.named()).await?;
    let writing = Writing { pages, filter, form, at: Some(Place::Begin), record };
    // A failure on the way cuts the answer off: a file that is not whole is seen to be none.
    let parts = stream::try_unfold(writing, Writing::part);
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// How far a file is written.
struct Writing {
    pages: Pages,
    filter: Filter,
    form: Form,
    /// `None` when it is whole.
    at: Option<Place>,
    record: Record,
}

#[derive(Clone, Copy)]
enum Place {
    Begin,
    Behind(PageCursor),
}

impl Writing {
    async fn part(mut self) -> Result<Option<(Bytes, Self)>, ExportError> {
        let Some(place) = self.at else {
            // Whoever has it all has it in the log before they see its end.
            self.record.end().await?;
            return Ok(None);
        };
        let (first, after) = match place {
            Place::Begin => (true, None),
            Place::Behind(cursor) => (false, Some(cursor)),
        };
        let (cases, next) = self.pages.store.inbox(&self.filter, after, PAGE_MAX_ROWS).await?;
        let alerts = views(&self.pages, &cases).await.map_err(|error| match error {
            ApiError::Store(error) => ExportError::Store(error),
            other => ExportError::View(other.to_string()),
        })?;
        let part = match self.form {
            Form::Csv => rows(&alerts, &cases, first)?,
            Form::Json => members(&alerts, first, next.is_none())?,
        };
        self.at = next.map(Place::Behind);
        self.record.wrote(alerts.len());
        Ok(Some((part, self)))
    }
}

/// Why a file was cut off.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    View(String),
    #[error("a row could not be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("an alert could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

fn members(alerts: &[AlertView], first: bool, last: bool) -> Result<Bytes, ExportError> {
    let mut text = Vec::new();
    if first {
        text.extend_from_slice(b"{\"alerts\":[");
    }
    for (index, alert) in alerts.iter().enumerate() {
        text.extend_from_slice(if first && index == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut text, alert)?;
    }
    if last {
        text.extend_from_slice(b"\n]}\n");
    }
    Ok(text.into())
}

fn rows(alerts: &[AlertView], cases: &[Case], first: bool) -> Result<Bytes, ExportError> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    if first {
        writer.write_record(COLUMNS)?;
    }
    for (alert, case) in alerts.iter().zip(cases) {
        writer.write_record(cells(alert, case).map(guarded))?;
    }
    writer.into_inner().map(Bytes::from).map_err(|error| ExportError::View(error.to_string()))
}

/// Programs for tables take what begins like this for a formula: with an apostrophe before it, it
/// is a text.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        return format!("'{cell}");
    }
    cell
}

fn cells(alert: &AlertView, case: &Case) -> [String; 35] {
    let AlertView { report, desk, .. } = alert;
    let transfer = &case.alert.transfer;
    let or = |text: &Option<String>| text.clone().unwrap_or_default();
    let decision = desk.decision.as_ref();
    let filing = desk.report.as_ref();
    [
        transfer.from.to_string(),
        transfer.to.to_string(),
        report.at.tx_hash.clone(),
        report.at.time.clone(),
        // Of what is not in the asset table nobody knows the decimals.
        or(&report.amount.decimal),
        or(&report.amount.symbol),
        or(&report.amount.token),
        report.amount.raw.clone(),
        or(&alert.worth),
        or(&alert.reference),
        report.at.chain_id.to_string(),
        report.at.block.to_string(),
        report.at.log_index.map(|index| index.to_string()).unwrap_or_default(),
        report.listed.clone(),
        report.counterparty.clone(),
        match report.direction {
            Some(Direction::Inbound) => "inbound".to_owned(),
            Some(Direction::Outbound) => "outbound".to_owned(),
            None => String::new(),
        },
        report.id.to_string(),
        report.severity.to_string(),
        report.rule.clone(),
        report.policy.clone(),
        word(&report.phase),
        word(&report.confirmation),
        report.listing.act.to_string(),
        report.listing.manifest.clone(),
        report.listing.sources.join(" "),
        report.listing.uids.join(" "),
        word(&report.listing.standing),
        word(&desk.disposition),
        decision.map(|decision| decision.reason.clone()).unwrap_or_default(),
        decision.map(|decision| decision.by.clone()).unwrap_or_default(),
        decision.and_then(|decision| decision.with.clone()).unwrap_or_default(),
        or(&desk.assignee),
        filing.map(|filing| filing.due_on.clone()).unwrap_or_default(),
        filing.and_then(|filing| filing.reported_on.clone()).unwrap_or_default(),
        filing.and_then(|filing| filing.reference.clone()).unwrap_or_default(),
    ]
}

/// The word that an enum has in JSON.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let check = |cell: &str, expected: &str| assert_eq!(guarded(cell.to_owned()), expected);
        check("=HYPERLINK(\"https://a.example\")", "'=HYPERLINK(\"https://a.example\")");
        for first in ["+", "-", "@", "\t", "\r", "\n"] {
            check(&format!("{first}1"), &format!("'{first}1"));
        }
        check("1.5", "1.5");
        check("", "");
    }
}
