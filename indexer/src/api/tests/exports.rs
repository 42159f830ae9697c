//! What goes out of the house is in the audit log: who took it, what they asked for, and how far it
//! went.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Site;
use crate::store::AuditFilter;
use crate::world::{TOKEN, account, tx};

/// How long a test waits for what must come, at most.
const PATIENCE: Duration = Duration::from_mins(1);
/// Findings of a file that no buffer on the way holds as a whole.
const MANY: u64 = 12_000;

impl Site {
    /// The rows about exports, the oldest first: who, what, and the rest.
    async fn exports(&self) -> Vec<(String, String, Value)> {
        let filter = AuditFilter { kind: Some("export.".to_owned()), ..AuditFilter::default() };
        let rows = self.store.audit(&filter, None, 99).await.unwrap();
        let told = |text: &str| serde_json::from_str(text).unwrap();
        rows.into_iter().rev().map(|row| (row.person, row.kind, told(&row.detail))).collect()
    }

    async fn takes(&self, person: &str, path: &str) -> StatusCode {
        let answer = self.by(person, Method::GET, path).send().await.unwrap();
        let status = answer.status();
        answer.bytes().await.unwrap();
        status
    }
}

fn row(person: &str, kind: &str, detail: Value) -> (String, String, Value) {
    (person.to_owned(), kind.to_owned(), detail)
}

#[tokio::test]
async fn who_takes_what_is_written_down_before_and_after() {
    let site = Site::open(3).await;
    let path = "/v1/export/alerts.csv?severity=critical&rule=";
    assert_eq!(site.takes("analyst-one", path).await, StatusCode::OK);
    let last = site.store.audit(&AuditFilter::default(), None, 2).await.unwrap();
    let begun = last[1].number;
    let filter = json!({ "severity": "critical" });
    let mut expected = vec![
        row("analyst-one", "export.begun", json!({ "form": "csv", "filter": filter })),
        row("analyst-one", "export.ended", json!({ "begun": begun, "rows": 3 })),
    ];
    assert_eq!(site.exports().await, expected);
    let path = "/v1/export/alerts.json?phase=after";
    assert_eq!(site.takes("auditor-one", path).await, StatusCode::OK);
    let filter = json!({ "phase": "after" });
    expected.extend([
        row("auditor-one", "export.begun", json!({ "form": "json", "filter": filter })),
        row("auditor-one", "export.ended", json!({ "begun": begun + 2, "rows": 0 })),
    ]);
    assert_eq!(site.exports().await, expected);
    let (_, page) = site.json("/v1/alerts").await;
    let id = page["alerts"][0]["id"].as_str().unwrap();
    let path = format!("/v1/alerts/{id}/case.html");
    assert_eq!(site.takes("viewer-one", &path).await, StatusCode::OK);
    expected.push(row("viewer-one", "export.case", json!({ "alert": id })));
    // What is refused took nothing out.
    assert_eq!(site.takes("viewer-one", "/v1/export/alerts.csv").await, StatusCode::FORBIDDEN);
    let wrong = "/v1/export/alerts.csv?severity=huge";
    assert_eq!(site.takes("analyst-one", wrong).await, StatusCode::BAD_REQUEST);
    let none = format!("/v1/alerts/{}/case.html", "0".repeat(32));
    assert_eq!(site.takes("analyst-one", &none).await, StatusCode::NOT_FOUND);
    assert_eq!(site.exports().await, expected);
    let (_, timeline) = site.json(&format!("/v1/alerts/{id}/timeline")).await;
    assert_eq!(timeline["entries"].as_array().unwrap().len(), 1, "it was read, and nothing done");
}

#[tokio::test]
async fn what_is_cut_off_is_written_down_as_that() {
    let payment = |n: u64| tx(n, None, 0).transfer(TOKEN, account(1), account(2), n + 1);
    let site = Site::of((0..MANY).map(payment).collect()).await;
    let asked = site.by("analyst-one", Method::GET, "/v1/export/alerts.json");
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = answer.bytes_stream();
    body.next().await.unwrap().unwrap();
    drop(body);
    let cut_off = async {
        loop {
            let rows = site.exports().await;
            if rows.len() > 1 {
                return rows;
            }
            tokio::task::yield_now().await;
        }
    };
    let rows = tokio::time::timeout(PATIENCE, cut_off).await.unwrap();
    let (kinds, last): (Vec<_>, _) = (rows.iter().map(|row| &*row.1).collect(), &rows[1].2);
    assert_eq!(kinds, ["export.begun", "export.cut_off"]);
    let written = last["rows"].as_u64().unwrap();
    assert!((1..MANY).contains(&written), "{last}");
    site.store.close().await;
}
