//! What a receiver reads: a piece of news as Standard Webhooks says, or as a message for Slack. The
//! same bytes at every attempt.

use interdict_core::alert::Alert;
use serde::Serialize;
use serde_json::{Value, json};

use crate::report::{Report, rfc3339};
use crate::screen::Assets;
use crate::store::{Delivery, News, Shape};

/// Type of the message by which a person tries an endpoint.
pub const TEST_TYPE: &str = "endpoint.test";

/// A message: its id, by which a receiver knows it again, and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same at every attempt.
    pub id: String,
    /// The same at every attempt.
    pub body: String,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    seq: i64,
    alert: Report,
}

impl Message {
    /// News, as an endpoint of this shape reads it.
    ///
    /// # Errors
    /// The snapshot cannot be read; says so.
    pub fn of(delivery: &Delivery, shape: Shape, assets: &Assets) -> Result<Self, String> {
        let alert: Alert = serde_json::from_str(&delivery.alert)
            .map_err(|_| "the record of this news cannot be read".to_owned())?;
        let alert = Report::of(&alert, assets);
        let id = format!("msg_{}_{}", delivery.alert_id, delivery.seq);
        let body = match shape {
            Shape::Standard => {
                let timestamp = rfc3339(delivery.made_at);
                let data = Data { seq: delivery.seq, alert };
                serde_json::to_string(&Body { kind: &delivery.kind, timestamp, data })
            }
            Shape::Slack => serde_json::to_string(&slack(&delivery.kind, delivery.seq, &alert)),
        };
        Ok(Self { id, body: body.map_err(|error| error.to_string())? })
    }

    /// A message that says nothing, by which a person sees whether an endpoint takes messages. It
    /// has no place in the line.
    pub fn test(endpoint: &str, shape: Shape, now: i64) -> Self {
        let says = "A test: this endpoint is told of findings.";
        let body = match shape {
            Shape::Standard => json!({
                "type": TEST_TYPE,
                "timestamp": rfc3339(now),
                "data": { "endpoint": endpoint },
            }),
            Shape::Slack => json!({ "text": says, "blocks": [section(says)] }),
        };
        Self { id: format!("msg_test_{endpoint}_{now}"), body: body.to_string() }
    }
}

/// A text and blocks, as an incoming webhook of Slack takes them
/// (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
fn slack(kind: &str, seq: i64, alert: &Report) -> Value {
    let severity = word(&alert.severity);
    let title = format!("{}: {severity}, {}", title(kind), alert.rule);
    let amount = match (&alert.amount.decimal, &alert.amount.symbol) {
        (Some(decimal), Some(symbol)) => format!("{decimal} {symbol}"),
        _ => format!("{} (smallest units of an unknown asset)", alert.amount.raw),
    };
    let field = |name: &str, value: &str| json!({ "type": "mrkdwn", "text": format!("*{name}*\n{}", escaped(value)) });
    let sources = alert.listing.sources.join(", ");
    json!({
        "text": escaped(&title),
        "blocks": [
            section(&title),
            {
                "type": "section",
                "fields": [
                    field("Listed address", &alert.listed),
                    field("Counterparty", &alert.counterparty),
                    field("Amount", &amount),
                    field("On lists", &sources),
                    field("Phase", &word(&alert.phase)),
                    field("Chain says", &word(&alert.confirmation)),
                    field("Transaction", &alert.at.tx_hash),
                    field("Time", &alert.at.time),
                ],
            },
            {
                "type": "context",
                "elements": [{
                    "type": "mrkdwn",
                    "text": escaped(&format!("Alert {}, number {seq}", alert.id)),
                }],
            },
        ],
    })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": escaped(text) } })
}

fn title(kind: &str) -> &str {
    match News::ALL.into_iter().find(|news| news.word() == kind) {
        Some(News::Created) => "New finding",
        Some(News::Updated) => "Finding updated",
        Some(News::Retracted) => "Finding retracted",
        Some(News::Reevaluated) => "Finding re-evaluated",
        None => kind,
    }
}

/// The three characters that mean something to Slack: what stands between them could be a link or
/// call for somebody's attention (docs.slack.dev/messaging/formatting-message-text).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The word that an enum has in JSON.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}
