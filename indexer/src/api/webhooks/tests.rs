//! Endpoints, as admins make, change and remove them over a real socket.

use axum::http::header;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::api::tests::Site;
use crate::deliver::receiver::{Answer, Receiver};
use crate::store::AuditFilter;

/// A request and its answer.
async fn ask(
    site: &Site,
    person: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let mut request = site.by(person, method, path);
    if let Some(body) = body {
        let json = "application/json";
        request = request.header(header::CONTENT_TYPE, json).body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
}

async fn made(site: &Site, url: &str) -> (String, Value) {
    let body = json!({ "name": "Case system", "url": url, "min_severity": "high" });
    let (status, made) = ask(site, "admin-one", Method::POST, "/v1/webhooks", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    (format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap()), made)
}

/// What of the audit log is about endpoints.
async fn rows(site: &Site) -> Vec<interdict_core::audit::Row> {
    let filter = AuditFilter { kind: Some("webhook.".to_owned()), ..AuditFilter::default() };
    site.store.audit(&filter, None, 99).await.unwrap()
}

async fn kinds(site: &Site) -> Vec<String> {
    rows(site).await.into_iter().rev().map(|row| row.kind).collect()
}

#[tokio::test]
async fn an_endpoint_is_made_tried_and_shown_without_its_secrets() {
    let site = Site::open(1).await;
    let (receiver, url) = Receiver::listening([200]).await;
    let (path, made) = made(&site, &format!("{url}?key=tell-nobody")).await;
    let secret = made["secret"].as_str().unwrap();
    let host = url.trim_end_matches("/hook");
    assert_eq!(made["webhook"]["url"], host);
    assert_eq!((&made["webhook"]["state"], &made["webhook"]["seq"]), (&"active".into(), &0.into()));

    let test = format!("{path}/test");
    let (status, tested) = ask(&site, "admin-one", Method::POST, &test, None).await;
    assert_eq!((status, &tested["delivered"]), (StatusCode::OK, &true.into()), "{tested}");
    let (headers, body) = receiver.got().remove(0);
    // By the site's clock: the library would compare the time with this machine's.
    let said = |name: &str| headers[name].to_str().unwrap();
    let (id, at) = (said("webhook-id"), said("webhook-timestamp").parse().unwrap());
    let signature = Webhook::new(secret).unwrap().sign(id, at, &body).unwrap();
    assert_eq!(said("webhook-signature"), signature);
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["type"], "endpoint.test");

    let (_, all) = ask(&site, "auditor-one", Method::GET, "/v1/webhooks", None).await;
    let (_, one) = ask(&site, "auditor-one", Method::GET, &path, None).await;
    assert_eq!(all["webhooks"].as_array().unwrap().len(), 2, "with that of the configuration");
    assert_eq!(all["webhooks"][1], one);
    let log = rows(&site).await.iter().map(|row| row.detail.clone()).collect::<String>();
    for shown in [all.to_string(), one.to_string(), tested.to_string(), log] {
        assert!(!shown.contains(secret) && !shown.contains("tell-nobody"), "{shown}");
    }
    assert_eq!(kinds(&site).await, ["webhook.created", "webhook.tested"]);
    for person in ["viewer-one", "analyst-one", "auditor-one"] {
        let (status, _) = ask(&site, person, Method::POST, &test, None).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{person}");
    }
}

#[tokio::test]
async fn what_a_receiver_writes_is_shown_to_nobody() {
    let site = Site::open(0).await;
    let said = Some((header::SERVER, "inner-secrets".to_owned()));
    let (_receiver, url) = Receiver::listening([Answer::Status(500, said)]).await;
    let (path, _) = made(&site, &url).await;
    let (status, tested) =
        ask(&site, "admin-one", Method::POST, &format!("{path}/test"), None).await;
    assert_eq!(status, StatusCode::OK);
    let reason = "HTTP status 500";
    assert_eq!(tested, json!({ "delivered": false, "reason": reason }));
}

#[tokio::test]
async fn an_address_inside_is_refused_and_says_who_can_allow_it() {
    let site = Site::open(0).await;
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "http://example.org/",
        "https://u:p@example.org/",
        "https://example.org:22/",
        "nonsense",
    ] {
        let body = json!({ "name": "x", "url": url });
        let (status, said) =
            ask(&site, "admin-one", Method::POST, "/v1/webhooks", Some(body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}");
        assert_eq!(said["code"], "address_refused", "{url}");
    }
    assert!(kinds(&site).await.is_empty());
    // One whose name leads inside is refused when it is reached.
    let (path, _) = made(&site, "https://localhost/").await;
    let (_, tested) = ask(&site, "admin-one", Method::POST, &format!("{path}/test"), None).await;
    assert_eq!(tested["delivered"], false);
}

#[tokio::test]
async fn it_takes_two_to_remove_an_endpoint() {
    let site = Site::open(0).await;
    let (path, _) = made(&site, "https://example.org/hook").await;
    let remove = async |person| ask(&site, person, Method::DELETE, &path, None).await;
    let (status, webhook) = remove("admin-one").await;
    assert_eq!((status, &webhook["removal_by"]), (StatusCode::ACCEPTED, &"admin-one".into()));
    let (status, said) = remove("admin-one").await;
    assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &"needs_second_person".into()));
    let keep = Some(json!({ "keep": true }));
    let (_, kept) = ask(&site, "admin-two", Method::PATCH, &path, keep).await;
    assert_eq!(kept["removal_by"], Value::Null);
    assert_eq!(remove("admin-two").await.0, StatusCode::ACCEPTED);
    assert_eq!(remove("admin-one").await.0, StatusCode::OK);
    let (status, said) = remove("admin-one").await;
    assert_eq!((status, &said["code"]), (StatusCode::NOT_FOUND, &"no_webhook".into()));
    let expected = [
        "webhook.created",
        "webhook.removal_proposed",
        "webhook.changed",
        "webhook.removal_proposed",
        "webhook.removed",
    ];
    assert_eq!(kinds(&site).await, expected);
}

#[tokio::test]
async fn an_endpoint_is_changed_paused_and_given_a_new_secret() {
    let site = Site::open(0).await;
    let (path, first) = made(&site, "https://example.org/hook").await;
    let change = Some(json!({
        "name": "Desk", "shape": "slack", "kinds": ["alert.created", "alert.created"],
        "state": "paused", "url": "https://hooks.example.org/x"
    }));
    let (status, webhook) = ask(&site, "admin-one", Method::PATCH, &path, change).await;
    assert_eq!(status, StatusCode::OK, "{webhook}");
    assert_eq!((&webhook["name"], &webhook["state"]), (&"Desk".into(), &"paused".into()));
    assert_eq!(webhook["kinds"], json!(["alert.created"]));
    assert_eq!(webhook["url"], "https://hooks.example.org");
    assert_eq!(webhook["min_severity"], "high", "what is left out stays");
    for wrong in [
        json!({ "kinds": ["alert.burned"] }),
        json!({ "name": "" }),
        json!({ "name": "a\nb" }),
        json!({ "state": "gone" }),
        json!({ "secret": "mine" }),
    ] {
        let (status, _) = ask(&site, "admin-one", Method::PATCH, &path, Some(wrong.clone())).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let rotate = format!("{path}/rotate");
    let hours = async |hours| {
        let body = Some(json!({ "keep_hours": hours }));
        ask(&site, "admin-one", Method::POST, &rotate, body).await
    };
    assert_eq!(hours(169).await.0, StatusCode::BAD_REQUEST);
    let (status, rotated) = hours(2).await;
    assert_eq!(status, StatusCode::OK, "{rotated}");
    assert_ne!(rotated["secret"], first["secret"]);
    assert_eq!(rotated["webhook"]["both_until"], rotated["both_until"]);
}

#[tokio::test]
async fn the_endpoint_of_the_configuration_file_is_the_operators() {
    let site = Site::open(0).await;
    let path = "/v1/webhooks/config";
    for (method, path, body) in [
        (Method::DELETE, path.to_owned(), None),
        (Method::PATCH, path.to_owned(), Some(json!({ "name": "mine" }))),
        (Method::POST, format!("{path}/rotate"), Some(json!({}))),
    ] {
        let (status, said) = ask(&site, "admin-one", method, &path, body).await;
        assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &"of_configuration".into()));
    }
    let pause = Some(json!({ "state": "paused" }));
    let (status, paused) = ask(&site, "admin-one", Method::PATCH, path, pause).await;
    assert_eq!((status, &paused["state"]), (StatusCode::OK, &"paused".into()));
}

#[tokio::test]
async fn a_line_is_paged_replayed_and_what_is_dead_tried_again() {
    let site = Site::open(5).await;
    let store = &site.store;
    store.line_up("config").await.unwrap();
    let due = store.due_deliveries("config", i64::MAX, 9).await.unwrap();
    let taken: Vec<_> = due[..4].iter().map(crate::store::Delivery::attempted).collect();
    store.delivered("config", &taken, 7).await.unwrap();
    let never = crate::store::Retry::Never;
    store.failed("config", due[4].attempted(), "HTTP status 400", never).await.unwrap();

    let path = "/v1/webhooks/config/deliveries";
    let get = async |query: &str| {
        ask(&site, "auditor-one", Method::GET, &format!("{path}{query}"), None).await
    };
    let seqs = |page: &Value| -> Vec<_> {
        let rows = page["deliveries"].as_array().unwrap().iter();
        rows.map(|row| row["seq"].as_i64().unwrap()).collect()
    };
    let (_, page) = get("?limit=3").await;
    assert_eq!((seqs(&page), &page["next"]), (vec![5, 4, 3], &3.into()));
    let (_, page) = get("?limit=3&cursor=3").await;
    assert_eq!((seqs(&page), &page["next"]), (vec![2, 1], &Value::Null));
    let (_, dead) = get("?state=dead").await;
    assert_eq!(
        (seqs(&dead), &dead["deliveries"][0]["last_error"]),
        (vec![5], &"HTTP status 400".into())
    );
    assert_eq!(get("?limit=0").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(get("?state=lost").await.0, StatusCode::BAD_REQUEST);

    let retry = async |seq: &str| {
        ask(&site, "admin-one", Method::POST, &format!("{path}/{seq}/retry"), None).await
    };
    assert_eq!(retry("5").await, (StatusCode::OK, json!({ "seq": 5 })));
    assert_eq!(retry("5").await.0, StatusCode::CONFLICT);
    assert_eq!(retry("6").await.0, StatusCode::NOT_FOUND);
    assert_eq!(retry("x").await.0, StatusCode::NOT_FOUND);
    let replay = async |from: i64| {
        let body = Some(json!({ "from_seq": from }));
        ask(&site, "admin-one", Method::POST, "/v1/webhooks/config/replay", body).await
    };
    assert_eq!(replay(2).await, (StatusCode::OK, json!({ "replayed": 4, "through": 5 })));
    assert_eq!(replay(0).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(replay(i64::MAX).await.1["replayed"], 0);
    assert_eq!(store.line_counts("config").await.unwrap().pending, 4);
    let expected = ["webhook.retried", "webhook.replayed", "webhook.replayed"];
    assert_eq!(kinds(&site).await, expected);
}
