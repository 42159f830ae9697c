//! What the nouns say, and that it is what the document says.

use interdict_core::policy::Severity;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::answers::Document;
use super::site::{BEGIN, Site, read};
use crate::report::rfc3339;
use crate::store::{Anew, AuditFilter, Judgement};
use crate::world::account;

async fn told(site: &Site, path: &str, route: &str) -> Value {
    let answer = site.get(path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    Document::read().compare(&Method::GET, route, answer).await
}

async fn screened(site: &Site, body: Value) -> Value {
    let asked = site.client.post(format!("{}/v1/screen", site.url));
    let asked = asked.header("content-type", "application/json").body(body.to_string());
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    Document::read().compare(&Method::POST, "/v1/screen", answer).await
}

#[tokio::test]
async fn what_is_not_known_is_never_clear() {
    let site = Site::open(1).await;
    let (listed, other) = (account(2).to_string(), account(7).to_string());
    let asked = json!({ "addresses": [listed, other, "0x12", ""] });
    let words = |told: &Value| -> Vec<String> {
        let answers = told["answers"].as_array().unwrap();
        answers.iter().map(|answer| answer["answer"].as_str().unwrap().to_owned()).collect()
    };
    let told = screened(&site, asked.clone()).await;
    assert_eq!(words(&told), ["unknown"; 4], "no word from the chain yet");
    assert_eq!(told["answers"][0]["reason"], "no word from the chain yet");
    site.follows();
    let told = screened(&site, asked.clone()).await;
    assert_eq!(words(&told), ["listed", "clear", "unknown", "unknown"]);
    assert_eq!(told["answers"][2]["reason"], "has 2 hex digits after 0x, an address has 40");
    assert_eq!(told["as_of"]["acts"], 1);
    assert!(told["answers"][0]["since"].is_string() && told["answers"][0]["sources"].is_array());
    // Nobody was listed before the first act, and nobody knows what comes.
    let at = |at: &str| json!({ "addresses": [account(2).to_string()], "at": at });
    assert_eq!(words(&screened(&site, at("1970-01-01T00:00:10Z")).await), ["clear"]);
    assert_eq!(words(&screened(&site, at("2999-01-01T00:00:00Z")).await), ["unknown"]);
    site.status.send_modify(|status| status.head = Some(101 + 33));
    let told = screened(&site, asked.clone()).await;
    assert_eq!(words(&told), ["unknown"; 4], "too far behind");
    assert_eq!(told["answers"][0]["reason"], "the indexer is 33 blocks behind the chain");
    site.follows();
    site.status.send_modify(|status| status.stalled = Some("receipts do not verify".to_owned()));
    assert_eq!(words(&screened(&site, asked).await), ["unknown"; 4], "stalled");
}

#[tokio::test]
async fn the_list_is_told_with_its_acts_and_each_address() {
    let site = Site::open(3).await;
    let list = told(&site, "/v1/list", "/v1/list").await;
    assert_eq!(
        (&list["count"], &list["acts"], &list["cursor"]),
        (&json!(1), &json!(1), &json!(101))
    );
    let acts = told(&site, "/v1/list/acts?limit=1", "/v1/list/acts").await;
    assert_eq!(acts["acts"][0]["head"], list["head"]);
    assert_eq!((acts["acts"][0]["kind"].as_str(), &acts["next"]), (Some("list"), &Value::Null));
    assert_eq!(acts["acts"][0]["entries"][0]["address"], account(2).to_string());
    let path = format!("/v1/addresses/{}", account(2));
    let one = told(&site, &path, "/v1/addresses/{address}").await;
    assert_eq!(one["standing"], "listed");
    assert_eq!(one["alerts"], json!({ "as_listed": 3, "as_counterparty": 0 }));
    assert_eq!(one["episodes"][0]["act"], 1);
    assert_eq!(one["episodes"][0]["from"], one["listed_since"]);
    let path = format!("/v1/addresses/{}", account(1));
    let other = told(&site, &path, "/v1/addresses/{address}").await;
    assert_eq!(
        (&other["standing"], other["episodes"].as_array().unwrap().len()),
        (&Value::Null, 0)
    );
    assert_eq!(other["alerts"]["as_counterparty"], 3);
    let (status, wrong) = site.json("/v1/addresses/0x12").await;
    assert_eq!((status, &wrong["code"]), (StatusCode::BAD_REQUEST, &json!("bad_parameter")));
    let policy = told(&site, "/v1/policy", "/v1/policy").await;
    let otherwise = policy["rules"].as_array().unwrap().last().unwrap();
    assert!(otherwise["outcomes"][0]["class"].is_string());
    assert!(policy["document"].as_str().unwrap().contains("version"));
    assert_eq!(told(&site, "/v1/series", "/v1/series").await["points"], json!([]));
}

#[tokio::test]
async fn subjects_come_as_json_or_as_csv_and_each_change_is_audited() {
    let site = Site::open(1).await;
    let document = Document::read();
    let import = |kind: &str, body: String| {
        let asked = site.by("admin-one", Method::POST, "/v1/subjects");
        asked.header("content-type", kind.to_owned()).body(body)
    };
    let row = |n: u8| json!({ "address": account(n), "kind": "customer", "reference": "K-1" });
    let json_body = json!({ "subjects": [row(1), row(3)] }).to_string();
    let answer = import("application/json", json_body).send().await.unwrap();
    let told_of = document.compare(&Method::POST, "/v1/subjects", answer).await;
    assert_eq!(told_of, json!({ "added": 2, "changed": 0, "unchanged": 0, "listed": [] }));
    let csv =
        format!("address,kind,reference\n{},pool,P-1\n{},customer,K-1\n", account(1), account(3));
    let answer = import("text/csv; charset=utf-8", csv).send().await.unwrap();
    let told_of = document.compare(&Method::POST, "/v1/subjects", answer).await;
    assert_eq!(told_of, json!({ "added": 0, "changed": 1, "unchanged": 1, "listed": [] }));
    // The second account is the one that the list names.
    let answer = import("application/json", json!({ "subjects": [row(2)] }).to_string());
    let answer = answer.send().await.unwrap();
    let told_of = document.compare(&Method::POST, "/v1/subjects", answer).await;
    assert_eq!(told_of["listed"], json!([account(2).to_string().to_lowercase()]));
    let path = format!("/v1/subjects/{}", account(2));
    site.by("admin-one", Method::DELETE, &path).send().await.unwrap();
    for (kind, wrong) in [
        ("application/json", "{}".to_owned()),
        ("application/json", json!({ "subjects": [row(1), row(1)] }).to_string()),
        ("application/json", json!({ "subjects": [] }).to_string()),
        ("text/csv", "address,kind\n0x12,pool\n".to_owned()),
    ] {
        let answer = import(kind, wrong).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{kind}");
        document.compare(&Method::POST, "/v1/subjects", answer).await;
    }
    let page = told(&site, "/v1/subjects?limit=1", "/v1/subjects").await;
    assert_eq!(page["subjects"].as_array().unwrap().len(), 1);
    let next = page["next"].as_str().unwrap();
    let page = told(&site, &format!("/v1/subjects?limit=1&cursor={next}"), "/v1/subjects").await;
    assert_eq!((page["subjects"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
    let path = format!("/v1/addresses/{}", account(1));
    assert_eq!(told(&site, &path, "/v1/addresses/{address}").await["subject"]["kind"], "pool");
    let path = format!("/v1/subjects/{}", account(1));
    for expected in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let answer = site.by("admin-one", Method::DELETE, &path).send().await.unwrap();
        assert_eq!(answer.status(), expected);
    }
    let rows = site.store.audit(&AuditFilter::default(), None, 5).await.unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| (&*row.kind, &*row.person, row.at)).collect();
    let imported = ("subjects.imported", "admin-one", BEGIN);
    let removed = ("subject.removed", "admin-one", BEGIN);
    assert_eq!(kinds, [removed, removed, imported, imported, imported]);
}

#[tokio::test]
async fn a_case_tells_what_was_judged_anew_and_how_it_was_judged_before() {
    let site = Site::open(1).await;
    let alert = site.store.history(None).await.unwrap().remove(0);
    let rule = "own_rule".to_owned();
    let (severity, policy) = (Severity::Low, "own-1@00".to_owned());
    let judgement = Judgement { rule, severity, policy, worth: None, awaits_finality: false };
    let anew = Anew { id: alert.id, judgement: Some(judgement) };
    site.store.judge_anew(vec![anew], None, BEGIN).await.unwrap();
    let path = format!("/v1/alerts/{}/timeline", alert.id);
    let timeline = told(&site, &path, "/v1/alerts/{id}/timeline").await;
    let entries = timeline["entries"].as_array().unwrap();
    let said: Vec<_> = entries.iter().map(|one| (&one["kind"], &one["chain"]["rule"])).collect();
    let rule = json!(alert.rule);
    assert_eq!(said, [(&json!("created"), &rule), (&json!("judged_anew"), &json!("own_rule"))]);
    assert_eq!(entries[1]["chain"]["severity"], "low");
}

#[tokio::test]
async fn what_a_csv_of_subjects_would_change_is_told_before_anything_is_done() {
    let site = Site::open(1).await;
    let document = Document::read();
    let sent = |path: &str, body: String| {
        let asked = site.by("admin-one", Method::POST, path);
        asked.header("content-type", "text/csv").body(body)
    };
    let head = "address,kind,reference\n";
    let known = format!("{head}{},customer,K-1\n{},pool,P-1\n", account(1), account(3));
    assert_eq!(sent("/v1/subjects", known).send().await.unwrap().status(), StatusCode::OK);
    let body = format!(
        "{head}{},customer,K-1\n{},pool,P-2\n0x12,pool,\n{},customer,K-5\n",
        account(1),
        account(3),
        account(5)
    );
    let answer = sent("/v1/subjects/check", body.clone()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let checked = document.compare(&Method::POST, "/v1/subjects/check", answer).await;
    assert_eq!((&checked["added"], &checked["changed"]), (&json!(1), &json!(1)));
    assert_eq!((&checked["unchanged"], &checked["wrong"]), (&json!(1), &json!(1)));
    assert_eq!(checked["wrong_lines"][0]["line"], 4);
    assert_eq!(
        (&checked["changes"][0]["line"], &checked["changes"][1]["line"]),
        (&json!(3), &json!(5))
    );
    assert_eq!(checked["changes"][0]["was"]["reference"], "P-1");
    assert_eq!(checked["changes"][0]["subject"]["reference"], "P-2");
    assert_eq!(checked["changes"][1]["was"], Value::Null);
    // All or none: what has a line that cannot be read is not taken, and nothing was.
    let answer = sent("/v1/subjects", body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(read(answer).await.1["error"].as_str().unwrap().contains("line 4"));
    assert_eq!(site.store.subjects().await.unwrap()[1].reference, "P-1");
    let rows = site.store.audit(&AuditFilter::default(), None, 99).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.kind.starts_with("subjects")).count(), 1);
    // Of many it counts all and shows some.
    let many = (1..=300_u32).map(|n| format!("0x{n:040x},customer,\n0x{n},pool,\n"));
    let body = format!("{head}{}", many.collect::<String>());
    let answer = sent("/v1/subjects/check", body).send().await.unwrap();
    let checked = document.compare(&Method::POST, "/v1/subjects/check", answer).await;
    assert_eq!((&checked["added"], &checked["wrong"]), (&json!(300), &json!(300)));
    for shown in ["changes", "wrong_lines"] {
        assert_eq!(checked[shown].as_array().unwrap().len(), 200, "{shown}");
    }
    let asked = site.by("admin-one", Method::POST, "/v1/subjects/check").body("{}");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_token_is_made_for_a_person_and_a_time_and_nothing_else() {
    let site = Site::open(1).await;
    let document = Document::read();
    let made = |body: Value| {
        let asked = site.by("admin-one", Method::POST, "/v1/tokens");
        asked.header("content-type", "application/json").body(body.to_string())
    };
    for wrong in [
        json!({ "person": "", "role": "viewer" }),
        json!({ "person": "a\nb", "role": "viewer" }),
        json!({ "person": "anonymous", "role": "viewer" }),
        json!({ "person": "console", "role": "viewer" }),
        json!({ "person": "ann", "role": "root" }),
        json!({ "person": "ann", "role": "viewer", "days": 0 }),
        json!({ "person": "ann", "role": "viewer", "days": 367 }),
        json!({ "person": "ann", "role": "viewer", "stray": 1 }),
    ] {
        let answer = made(wrong.clone()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        document.compare(&Method::POST, "/v1/tokens", answer).await;
    }
    let answer = made(json!({ "person": "ann", "role": "viewer" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let told = document.compare(&Method::POST, "/v1/tokens", answer).await;
    assert_eq!(told["expires_at"], rfc3339(BEGIN + 90 * 24 * 3600));
    let (_, page) =
        read(site.by("admin-one", Method::GET, "/v1/tokens").send().await.unwrap()).await;
    assert!(page["tokens"].as_array().unwrap().iter().any(|token| token["person"] == "ann"));
}
