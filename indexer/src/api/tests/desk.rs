//! The officer's day over HTTP: steps, four eyes, the log of them, and what goes out of the house.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Site;
use crate::world::{STRANGE_TOKEN, TOKEN, account, tx};

impl Site {
    async fn asks(
        &self,
        person: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.by(person, method, path);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(serde_json::to_vec(&body).unwrap());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    async fn first(&self) -> Value {
        self.json("/v1/alerts").await.1["alerts"][0].clone()
    }

    async fn step(&self, person: &str, alert: &Value, step: Value) -> (StatusCode, Value) {
        let path = format!("/v1/alerts/{}/steps", alert["id"].as_str().unwrap());
        let body = json!({ "version": alert["desk"]["version"], "step": step });
        self.asks(person, Method::POST, &path, Some(body)).await
    }

    async fn text(&self, person: &str, path: &str) -> (StatusCode, String) {
        let answer = self.by(person, Method::GET, path).send().await.unwrap();
        let status = answer.status();
        (status, String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap())
    }
}

#[tokio::test]
async fn an_alert_is_worked_and_closed_by_two_people() {
    let site = Site::open(1).await;
    let alert = site.first().await;
    assert_eq!(alert["desk"]["disposition"], "new");
    assert!(alert["says"].as_str().unwrap().len() > 10 && alert["action"] == "hold");
    let assign = json!({ "kind": "assign", "assignee": "analyst-two" });
    let (status, answer) = site.step("analyst-one", &alert, assign.clone()).await;
    assert_eq!(
        (status, &answer["alert"]["desk"]["assignee"]),
        (StatusCode::OK, &"analyst-two".into())
    );

    // Whoever is late sees how it stands now.
    let (status, late) = site.step("analyst-two", &alert, assign).await;
    assert_eq!((status, &late["code"]), (StatusCode::CONFLICT, &"stale_version".into()));
    assert_eq!(late["alert"], answer["alert"]);

    let close = json!({ "kind": "close", "disposition": "false_positive", "reason": "spoofed",
        "narrative": "=cmd()\n<b>It was not he.</b>" });
    let (status, proposed) = site.step("analyst-one", &answer["alert"], close).await;
    assert_eq!(status, StatusCode::OK, "{proposed}");
    assert_eq!(proposed["alert"]["desk"]["proposal"]["by"], "analyst-one");
    let approve = json!({ "kind": "approve" });
    let (status, own) = site.step("analyst-one", &proposed["alert"], approve.clone()).await;
    assert_eq!((status, &own["code"]), (StatusCode::CONFLICT, &"own_proposal".into()));
    let (_, waiting) = site.json("/v1/alerts?waiting=true").await;
    assert_eq!(waiting["alerts"].as_array().unwrap().len(), 1);
    let (status, closed) = site.step("analyst-two", &proposed["alert"], approve).await;
    assert_eq!(status, StatusCode::OK);
    let decision = &closed["alert"]["desk"]["decision"];
    assert_eq!(
        (&decision["by"], &decision["with"]),
        (&"analyst-one".into(), &"analyst-two".into())
    );

    let id = alert["id"].as_str().unwrap();
    let (_, timeline) = site.json(&format!("/v1/alerts/{id}/timeline")).await;
    let kinds: Vec<_> = timeline["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["created", "assign", "close", "approve"]);
    let (status, page) = site.text("viewer-one", &format!("/v1/alerts/{id}/case.html")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("&lt;b&gt;It was not he.&lt;/b&gt;") && !page.contains("<b>"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style=\"") && page.contains("/case.css"));

    let (status, rows) = site
        .asks("auditor-one", Method::GET, &format!("/v1/audit?alert={id}&kind=step."), None)
        .await;
    assert_eq!((status, rows["rows"].as_array().unwrap().len()), (StatusCode::OK, 3));
    let (_, verdict) = site.asks("auditor-one", Method::GET, "/v1/audit/verify", None).await;
    assert_eq!((&verdict["whole"], &verdict["broken_at"]), (&true.into(), &Value::Null));
}

#[tokio::test]
async fn what_is_no_step_is_refused_with_its_reason() {
    let site = Site::open(2).await;
    let alert = site.first().await;
    for (step, status, code) in [
        (json!({ "kind": "wake" }), StatusCode::CONFLICT, "not_snoozed"),
        (json!({ "kind": "note", "text": "" }), StatusCode::BAD_REQUEST, "bad_text"),
        (json!({ "kind": "dance" }), StatusCode::BAD_REQUEST, "bad_body"),
        (json!({ "kind": "note", "text": "x", "more": 1 }), StatusCode::BAD_REQUEST, "bad_body"),
        (
            json!({ "kind": "close", "disposition": "blocked", "reason": "ordered",
                "narrative": "Because." }),
            StatusCode::BAD_REQUEST,
            "held_missing",
        ),
    ] {
        let (got, refused) = site.step("analyst-one", &alert, step.clone()).await;
        assert_eq!((got, refused["code"].as_str().unwrap()), (status, code), "{step}: {refused}");
    }
    let none = json!({ "id": "0".repeat(32), "desk": { "version": 0 } });
    let note = json!({ "kind": "note", "text": "x" });
    assert_eq!(site.step("analyst-one", &none, note.clone()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.step("admin-one", &alert, note.clone()).await.0, StatusCode::FORBIDDEN);

    let (_, page) = site.json("/v1/alerts").await;
    let seen = page["alerts"].as_array().unwrap();
    let mut alerts: Vec<_> =
        seen.iter().map(|it| json!({ "id": it["id"], "version": 0 })).collect();
    alerts.push(json!({ "id": "0".repeat(32), "version": 0 }));
    let bulk = json!({ "alerts": alerts, "step": note });
    let (status, taken) = site.asks("analyst-one", Method::POST, "/v1/steps", Some(bulk)).await;
    assert_eq!((status, taken["done"].as_array().unwrap().len()), (StatusCode::OK, 2));
    assert_eq!(taken["refused"][0]["code"], "no_alert");
    let once = json!({ "id": seen[0]["id"], "version": 1 });
    let twice = json!({ "alerts": [once, once], "step": { "kind": "wake" } });
    let (status, _) = site.asks("analyst-one", Method::POST, "/v1/steps", Some(twice)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_goes_out_has_a_row_for_each_and_no_formula() {
    let paid = |n: u64| tx(n, None, 0).transfer(TOKEN, account(1), account(2), 1_500_000);
    let fake = tx(900, None, 0).transfer(STRANGE_TOKEN, account(2), account(1), 5);
    let site = Site::of((0..620).map(paid).chain([fake]).collect()).await;
    let (status, file) = site.text("analyst-one", "/v1/export/alerts.csv").await;
    assert_eq!(status, StatusCode::OK);
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let columns: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(columns[..5], ["remitter", "beneficiary", "tx_hash", "time", "amount"]);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 621, "more than a page, each once");
    let (one, two) = (account(1).to_string(), account(2).to_string());
    let row = rows.last().unwrap();
    assert_eq!((&row[0], &row[1], &row[4], &row[5]), (one.as_str(), two.as_str(), "1.5", "USDT"));

    let (_, file) = site.text("auditor-one", "/v1/export/alerts.json?severity=critical").await;
    let file: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(file["alerts"].as_array().unwrap().len(), 620);
    let (_, none) = site.text("analyst-one", "/v1/export/alerts.json?severity=low").await;
    assert_eq!(serde_json::from_str::<Value>(&none).unwrap(), json!({ "alerts": [] }));
    assert_eq!(site.text("viewer-one", "/v1/export/alerts.csv").await.0, StatusCode::FORBIDDEN);
    let (status, _) = site.text("analyst-one", "/v1/export/alerts.csv?limit=5").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn how_much_there_is_to_do_and_by_whom() {
    let site = Site::open(3).await;
    let (_, todo) = site.json("/v1/summary").await;
    assert_eq!((&todo["open"]["critical"], &todo["unassigned"]), (&3.into(), &3.into()));
    let (_, people) = site.json("/v1/people").await;
    let names: Vec<_> = people["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["person"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["analyst-one", "analyst-two"]);
    let (_, all) = site.json("/v1/dispositions").await;
    let all = all["dispositions"].as_array().unwrap();
    let released = all.iter().find(|one| one["disposition"] == "released").unwrap();
    assert_eq!(
        (&released["two_people"], &released["from"]),
        (&"always".into(), &json!(["blocked"]))
    );
    let (_, page) = site.json("/v1/alerts?order=heaviest&limit=2&open=true").await;
    let next = page["next"].as_str().unwrap();
    let (_, rest) = site.json(&format!("/v1/alerts?order=heaviest&open=true&cursor={next}")).await;
    assert_eq!((rest["alerts"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
}
