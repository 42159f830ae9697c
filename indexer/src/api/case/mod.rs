//! A case as one page that prints well: everything that is known of an alert, for a file on paper.
//! There is no script in it, and every text is escaped: tokens and people write what they like.

#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use interdict_core::audit::Event;
use serde_json::{Value, json};

use super::access::Actor;
use super::alerts::{AlertView, DeskView, Entry, case, entries, view};
use super::{ApiError, Pages};
use crate::report::{Direction, rfc3339};

/// `GET /case.css`
pub(super) async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (headers, include_str!("case.css")).into_response()
}

/// An alert as one page that prints well
#[utoipa::path(get, path = "/v1/alerts/{id}/case.html", tag = "alerts",
    params(("id" = String, Path)),
    responses((status = 200, description = "The page", body = String,
        content_type = "text/html; charset=utf-8")))]
pub(super) async fn page(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let case = case(&pages, &id).await?;
    let entries = entries(&pages, &case).await?;
    let alert = view(&pages, &case).await?;
    let made = rfc3339(pages.clock.now());
    let page = written(&alert, &entries, &made)?;
    // Of no alert, so that a case's history is what was done to it and not who read it.
    let (alert, at) = (None, pages.clock.now());
    let detail = json!({ "alert": case.alert.id });
    let kind = "export.case".to_owned();
    pages.store.audited(Event { who: (&actor).into(), at, kind, alert, detail }).await?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
}

/// A text that is no markup, whatever is in it.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The whole page.
fn written(alert: &AlertView, entries: &[Entry], made: &str) -> Result<String, fmt::Error> {
    let mut page = String::new();
    let report = &alert.report;
    let id = report.id;
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Case {id}</title>\n<link rel=\"stylesheet\" href=\"/case.css\">\n</head>\n<body>\n\
         <header>\n<p>Interdict · case file</p>\n<h1>{} · {}</h1>\n<p><code>{id}</code></p>\n\
         </header>\n<main>\n",
        Plain(&report.severity.to_string()),
        Plain(&word(&alert.desk.disposition)),
    )?;
    section(&mut page, "Why", &why(alert))?;
    section(&mut page, "What happened", &what(alert))?;
    section(&mut page, "Where it stands", &stands(&alert.desk))?;
    timeline(&mut page, entries)?;
    write!(
        page,
        "</main>\n<footer>\n<p>Made {}. A finding is no finding of guilt: it says who dealt with a \
         listed address.</p>\n</footer>\n</body>\n</html>\n",
        Plain(made)
    )?;
    Ok(page)
}

/// What is known, each with its name; what is not known is left out.
type Facts = Vec<(&'static str, Option<String>)>;

fn section(page: &mut String, title: &str, facts: &Facts) -> fmt::Result {
    writeln!(page, "<section>\n<h2>{}</h2>\n<dl>", Plain(title))?;
    for (name, value) in facts {
        if let Some(value) = value {
            writeln!(page, "<dt>{}</dt>\n<dd>{}</dd>", Plain(name), Plain(value))?;
        }
    }
    writeln!(page, "</dl>\n</section>")
}

fn why(alert: &AlertView) -> Facts {
    let report = &alert.report;
    let listing = &report.listing;
    vec![
        ("Rule", Some(report.rule.clone())),
        ("It says", alert.says.clone()),
        ("Asks for", alert.action.clone()),
        ("Policy", Some(report.policy.clone())),
        ("The transfer was", Some(format!("{} the listing", word(&report.phase)))),
        ("Found", Some(word(&report.found_by))),
        ("Listing act", Some(listing.act.to_string())),
        ("Manifest (SHA-256)", Some(listing.manifest.clone())),
        ("Source lists", Some(listing.sources.join(", "))),
        ("Persons (authority’s ids)", Some(listing.uids.join(", "))),
        ("The address is now", Some(word(&listing.standing))),
    ]
}

fn what(alert: &AlertView) -> Facts {
    let report = &alert.report;
    let (amount, at) = (&report.amount, &report.at);
    let says = amount.token_says.as_ref().map(|words| {
        let name = words.name.as_deref().unwrap_or("no name");
        format!("{name} ({})", words.symbol.as_deref().unwrap_or("no symbol"))
    });
    let shown = match (&amount.decimal, &amount.symbol) {
        (Some(decimal), Some(symbol)) => format!("{decimal} {symbol}"),
        _ => format!("{} in the smallest unit", amount.raw),
    };
    vec![
        ("Listed address", Some(report.listed.clone())),
        ("Counterparty", Some(report.counterparty.clone())),
        ("Listed as", Some(word(&report.side))),
        (
            "Direction, for the counterparty",
            report.direction.map(|direction| match direction {
                Direction::Inbound => "inbound".to_owned(),
                Direction::Outbound => "outbound".to_owned(),
            }),
        ),
        ("Kind", Some(word(&amount.kind))),
        ("Amount", Some(shown)),
        (
            "Worth",
            alert.worth.as_ref().zip(alert.reference.as_ref()).map(|(w, r)| format!("{w} {r}")),
        ),
        ("Token", amount.token.clone()),
        ("The token says of itself", says),
        ("Token id", amount.token_id.clone()),
        ("Transaction", Some(at.tx_hash.clone())),
        ("Signed by", Some(at.signer.clone())),
        ("Time", Some(at.time.clone())),
        ("Block", Some(format!("{} of chain {} ({})", at.block, at.chain_id, at.block_hash))),
        ("Log", at.log_index.map(|index| index.to_string())),
        ("The chain says", Some(word(&report.confirmation))),
        ("Proof", Some(word(&report.verification))),
    ]
}

fn stands(desk: &DeskView) -> Facts {
    let decided = desk.decision.as_ref();
    let proposed = desk.proposal.as_ref();
    let filing = desk.report.as_ref();
    vec![
        ("Disposition", Some(word(&desk.disposition))),
        ("Assignee", desk.assignee.clone()),
        ("Snoozed until", desk.snoozed_until.clone()),
        ("Decided by", decided.map(|it| format!("{}, {}", it.by, it.at))),
        ("Second person", decided.and_then(|it| it.with.clone())),
        ("Reason", decided.map(|it| it.reason.clone())),
        ("Licence", decided.and_then(|it| it.licence.clone())),
        (
            "Waits for a second person",
            proposed.map(|it| {
                format!("{} as {}, by {}, {}", it.step, word(&it.disposition), it.by, it.at)
            }),
        ),
        (
            "Held",
            desk.held
                .as_ref()
                .map(|it| format!("{} {} in {}, since {}", it.amount, it.asset, it.wallet, it.on)),
        ),
        (
            "Report",
            filing.map(|it| format!("{} ({}), due {}", word(&it.kind), word(&it.state), it.due_on)),
        ),
        ("Reported", filing.and_then(|it| it.reported_on.clone())),
        ("Reference", filing.and_then(|it| it.reference.clone())),
    ]
}

fn timeline(page: &mut String, entries: &[Entry]) -> fmt::Result {
    page.write_str(
        "<section>\n<h2>Timeline</h2>\n<table>\n<thead><tr><th scope=\"col\">When</th>\
         <th scope=\"col\">What</th><th scope=\"col\">Who</th><th scope=\"col\">Detail</th></tr>\
         </thead>\n<tbody>\n",
    )?;
    for entry in entries {
        let who = match (&entry.role, entry.number) {
            (Some(role), Some(number)) => format!("{} ({role}), audit row {number}", entry.by),
            _ => entry.by.clone(),
        };
        let (at, kind) = (Plain(&entry.at), Plain(&entry.kind));
        write!(page, "<tr><td>{at}</td><td>{kind}</td><td>{}</td><td>", Plain(&who))?;
        for line in details(entry) {
            write!(page, "<p>{}</p>", Plain(&line))?;
        }
        writeln!(page, "</td></tr>")?;
    }
    writeln!(page, "</tbody>\n</table>\n</section>")
}

/// What a step said, or the chain.
fn details(entry: &Entry) -> Vec<String> {
    if let Some(said) = &entry.chain {
        let (confirmation, standing) = (word(&said.confirmation), word(&said.standing));
        return vec![format!("{confirmation}, {}; the address: {standing}", said.severity)];
    }
    let Some(detail) = &entry.detail else { return Vec::new() };
    let mut lines = Vec::new();
    if let (Some(from), Some(to)) = (detail["from"].as_str(), detail["to"].as_str())
        && from != to
    {
        lines.push(format!("{from} → {to}"));
    }
    let members = detail["step"].as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| *name != "kind") {
        match value {
            Value::Null => {}
            Value::String(text) => lines.push(format!("{name}: {text}")),
            other => lines.push(format!("{name}: {other}")),
        }
    }
    lines
}

/// The word that an enum has in JSON, for reading.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        Ok(_) | Err(_) => String::new(),
    }
}
