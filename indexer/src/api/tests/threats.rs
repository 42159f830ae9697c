//! The threats of the list in the design, each by its number.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::access::Role;
use super::super::subjects;
use super::answers::Document;
use super::site::{Site, read};
use crate::config::Api;
use crate::store::AuditFilter;
use crate::world::account;

async fn status(asked: reqwest::RequestBuilder) -> StatusCode {
    asked.send().await.unwrap().status()
}

#[tokio::test]
async fn t35_no_name_that_another_points_here_is_served() {
    let site = Site::closed().await;
    for (host, expected) in [
        ("interdict.example", StatusCode::OK),
        ("INTERDICT.example:443", StatusCode::OK),
        ("127.0.0.1:80", StatusCode::OK),
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("interdict.example.evil", StatusCode::MISDIRECTED_REQUEST),
        ("evil.example:interdict.example", StatusCode::MISDIRECTED_REQUEST),
        ("", StatusCode::MISDIRECTED_REQUEST),
    ] {
        let asked = site.by("viewer-one", Method::GET, "/v1/alerts").header("host", host);
        assert_eq!(status(asked).await, expected, "{host}");
    }
}

#[tokio::test]
async fn t36_guessing_ends_before_it_begins() {
    let site = Site::closed().await;
    let mut wrong = site.tokens["admin-one"].clone();
    wrong.replace_range(wrong.len() - 1.., if wrong.ends_with('0') { "1" } else { "0" });
    for guess in 0..10 {
        let asked = site.by(&wrong, Method::GET, "/v1/tokens");
        // Whoever asks for a proxy's address changes nothing.
        let asked = asked.header("x-forwarded-for", format!("198.51.100.{guess}"));
        assert_eq!(status(asked).await, StatusCode::UNAUTHORIZED, "guess {guess}");
    }
    for person in [&*wrong, "admin-one"] {
        let answer = site.by(person, Method::GET, "/v1/tokens").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()["retry-after"], "61");
        assert_eq!(read(answer).await.1["code"], "guessing");
    }
    let login = json!({ "token": site.tokens["admin-one"] }).to_string();
    let asked = site.client.post(format!("{}/v1/session", site.url));
    let asked = asked.header("content-type", "application/json").body(login);
    assert_eq!(status(asked).await, StatusCode::TOO_MANY_REQUESTS, "nor by the other door");
    site.clock.turn(Duration::from_mins(1));
    assert_eq!(status(site.by("admin-one", Method::GET, "/v1/tokens")).await, StatusCode::OK);
}

#[tokio::test]
async fn t36_a_token_ends_and_its_sessions_with_it() {
    let site = Site::closed().await;
    let (_, made) = read(
        site.by("admin-one", Method::POST, "/v1/tokens")
            .header("content-type", "application/json")
            .body(json!({ "person": "bob", "role": "analyst", "days": 1 }).to_string())
            .send()
            .await
            .unwrap(),
    )
    .await;
    let (token, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    let (_, who) = read(site.by(token, Method::GET, "/v1/session").send().await.unwrap()).await;
    assert_eq!((&who["person"], &who["role"]), (&json!("bob"), &json!("analyst")));
    let (_, listed) =
        read(site.by("admin-one", Method::GET, "/v1/tokens").send().await.unwrap()).await;
    let secret = token.rsplit('_').next().unwrap();
    assert!(!listed.to_string().contains(secret), "the secret is shown once");
    let of = |listed: &Value| {
        let tokens = listed["tokens"].as_array().unwrap();
        tokens.iter().find(|token| token["id"] == id).unwrap().clone()
    };
    assert!(of(&listed)["used_at"].is_string());
    let mut site = site;
    site.tokens.insert("bob".to_owned(), token.to_owned());
    let cookie = site.session("bob").await;
    let mine = || site.in_session(&cookie, Method::GET, "/v1/session");
    assert_eq!(status(mine()).await, StatusCode::OK);
    let path = format!("/v1/tokens/{id}");
    let revoke = || site.by("admin-one", Method::DELETE, &path);
    assert_eq!(status(revoke()).await, StatusCode::NO_CONTENT);
    assert_eq!(status(revoke()).await, StatusCode::NOT_FOUND);
    assert_eq!(status(mine()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(site.by(token, Method::GET, "/v1/session")).await, StatusCode::UNAUTHORIZED);
    // What was done is in the audit log, and by whom.
    let rows = site.store.audit(&AuditFilter::default(), None, 10).await.unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| (&*row.kind, &*row.person)).collect();
    let expected =
        [("token.revoked", "admin-one"), ("session.begun", "bob"), ("token.created", "admin-one")];
    assert_eq!(kinds[..3], expected);
    // Time ends the others.
    let cookie = site.session("viewer-one").await;
    site.clock.turn(Duration::from_hours(91 * 24));
    assert_eq!(
        status(site.in_session(&cookie, Method::GET, "/v1/session")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(site.by("viewer-one", Method::GET, "/v1/session")).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn t36_a_session_ends_when_nobody_uses_it_and_after_half_a_day() {
    let site = Site::closed().await;
    let cookie = site.session("viewer-one").await;
    let mine = |cookie: &str| site.in_session(cookie, Method::GET, "/v1/session");
    for _ in 0..23 {
        site.clock.turn(Duration::from_mins(30));
        assert_eq!(status(mine(&cookie)).await, StatusCode::OK);
    }
    site.clock.turn(Duration::from_mins(30));
    assert_eq!(status(mine(&cookie)).await, StatusCode::UNAUTHORIZED, "after 12 hours");
    let cookie = site.session("viewer-one").await;
    site.clock.turn(Duration::from_hours(1));
    assert_eq!(status(mine(&cookie)).await, StatusCode::UNAUTHORIZED, "after an idle hour");
    // A login gives a new reference and ends the one before.
    let (first, other) = (site.session("viewer-one").await, site.session("viewer-one").await);
    assert_ne!(first, other);
    let ended = site.in_session(&first, Method::DELETE, "/v1/session");
    assert_eq!(status(ended).await, StatusCode::NO_CONTENT);
    assert_eq!(status(mine(&first)).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(mine(&other)).await, StatusCode::OK, "and nobody else's");
}

#[tokio::test]
async fn t37_another_site_changes_nothing_in_the_name_of_who_is_logged_in() {
    let site = Site::closed().await;
    let cookie = site.session("admin-one").await;
    let url = format!("{}/v1/tokens", site.url);
    let body = json!({ "person": "eve", "role": "admin" }).to_string();
    let asked = || {
        let asked = site.client.post(&url).header("cookie", &cookie).body(body.clone());
        asked.header("content-type", "application/json")
    };
    for (name, value) in [
        ("accept", "*/*"),
        ("x-interdict", "1"),
        ("sec-fetch-site", "same-origin"),
        ("origin", "https://evil.example"),
    ] {
        let answer = asked().header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
        assert_eq!(read(answer).await.1["code"], "cross_site");
    }
    let crossed = asked().header("x-interdict", "1").header("sec-fetch-site", "cross-site");
    assert_eq!(status(crossed).await, StatusCode::FORBIDDEN);
    let origin = asked().header("x-interdict", "1").header("origin", &site.url);
    assert_eq!(status(origin).await, StatusCode::CREATED, "from a page of this server");
    // Nor is anybody logged in by another site.
    let login = site.client.post(format!("{}/v1/session", site.url));
    let login = login.header("content-type", "application/json");
    let login = login.header("sec-fetch-site", "cross-site").header("x-interdict", "1");
    let token = json!({ "token": site.tokens["viewer-one"] }).to_string();
    assert_eq!(status(login.body(token)).await, StatusCode::FORBIDDEN);
    // A form cannot send JSON, and nothing else is read.
    let form = site.by("admin-one", Method::POST, "/v1/tokens");
    let form = form.header("content-type", "text/plain").body(body.clone());
    assert_eq!(status(form).await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let headers = site.get("/v1/openapi.json").await.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
    assert!(!headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn t38_no_parameter_reaches_a_statement() {
    let site = Site::closed().await;
    let document = Document::read();
    let mut tried = 0;
    for (path, item) in document.0["paths"].as_object().unwrap() {
        if !path.starts_with("/v1") || path.contains("oidc") {
            continue;
        }
        let Some(get) = item.get("get") else { continue };
        let parameters = get["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            let name = parameter["name"].as_str().unwrap();
            for word in ["' OR '1'='1", "1; DROP TABLE alerts--", "\" UNION SELECT 1", "\u{0}", "%"]
            {
                let filled = path.replace("{address}", &account(2).to_string());
                let (mut url, of_path) =
                    (reqwest::Url::parse(&site.url).unwrap(), parameter["in"] == "path");
                if of_path {
                    let plain = path.split('/').filter(|step| !step.is_empty());
                    let mut steps = url.path_segments_mut().unwrap();
                    for step in plain {
                        steps.push(if step.starts_with('{') { word } else { step });
                    }
                } else {
                    url.set_path(&filled.replace("{id}", &"0".repeat(32)));
                    url.query_pairs_mut().append_pair(name, word);
                }
                let role = get["x-roles"][0].as_str().unwrap_or("viewer");
                let token = &site.tokens[&format!("{role}-one")];
                let answer = site.client.get(url.clone()).bearer_auth(token).send().await.unwrap();
                assert!(answer.status().as_u16() < 500, "{url}");
                document.compare(&Method::GET, path, answer).await;
                tried += 1;
                site.clock.turn(Duration::from_secs(1));
            }
        }
    }
    assert!(tried > 40, "{tried}");
}

#[tokio::test]
async fn t39_no_page_body_or_hurry_is_without_bound() {
    let site = Site::closed().await;
    for path in ["/v1/alerts", "/v1/list/acts", "/v1/subjects"] {
        for limit in ["0", "501", "-1", "99999999999999999999", "x", ""] {
            let asked = site.by("viewer-one", Method::GET, &format!("{path}?limit={limit}"));
            assert_eq!(status(asked).await, StatusCode::BAD_REQUEST, "{path} {limit}");
        }
    }
    let screened = |addresses: Vec<String>| {
        let asked = site.by("viewer-one", Method::POST, "/v1/screen");
        let asked = asked.header("content-type", "application/json");
        asked.body(json!({ "addresses": addresses }).to_string())
    };
    let many = vec![account(1).to_string(); 1_000];
    assert_eq!(status(screened(many)).await, StatusCode::OK);
    assert_eq!(status(screened(vec!["0x".to_owned(); 1_001])).await, StatusCode::BAD_REQUEST);
    assert_eq!(status(screened(vec![])).await, StatusCode::BAD_REQUEST);
    let long = screened(vec!["a".repeat(65 << 10)]);
    let answer = long.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(read(answer).await.1["code"], "too_large");
    // A list of subjects may be longer, and has its end as well.
    for (bytes, expected) in [
        (subjects::BODY_MAX_BYTES, StatusCode::BAD_REQUEST),
        (subjects::BODY_MAX_BYTES + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let asked = site.by("admin-one", Method::POST, "/v1/subjects");
        let asked = asked.header("content-type", "text/csv").body("a".repeat(bytes));
        assert_eq!(status(asked).await, expected, "{bytes}");
    }
}

#[tokio::test]
async fn t39_who_asks_too_often_is_told_when_to_ask_again_and_others_are_served() {
    let slow = Api { requests_per_second: 2.try_into().unwrap(), ..Api::loopback() };
    let site = Site::with(slow, vec![]).await;
    let session = || site.by("viewer-one", Method::GET, "/v1/session");
    for _ in 0..8 {
        assert_eq!(status(session()).await, StatusCode::OK);
    }
    let answer = session().send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(status(site.by("analyst-one", Method::GET, "/v1/session")).await, StatusCode::OK);
    site.clock.turn(Duration::from_secs(1));
    assert_eq!(status(session()).await, StatusCode::OK);
}

#[tokio::test]
async fn t40_what_belongs_to_one_is_not_reached_by_another() {
    let site = Site::closed().await;
    let (_, made) = read(
        site.by("admin-one", Method::POST, "/v1/tokens")
            .header("content-type", "application/json")
            .body(json!({ "person": "carol", "role": "viewer" }).to_string())
            .send()
            .await
            .unwrap(),
    )
    .await;
    let path = format!("/v1/tokens/{}", made["id"].as_str().unwrap());
    for role in [Role::Viewer, Role::Analyst, Role::Auditor] {
        let person = format!("{role}-one");
        let ended = site.by(&person, Method::DELETE, &path);
        assert_eq!(status(ended).await, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(
            status(site.by(&person, Method::GET, "/v1/tokens")).await,
            StatusCode::FORBIDDEN
        );
    }
    let mine = site.by(made["token"].as_str().unwrap(), Method::GET, "/v1/session");
    assert_eq!(status(mine).await, StatusCode::OK, "it still lets in");
}

#[tokio::test]
async fn t42_no_header_says_who_somebody_is() {
    let site = Site::closed().await;
    for (name, value) in [
        ("x-forwarded-user", "admin-one"),
        ("x-remote-user", "admin-one"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-host", "interdict.example"),
        ("forwarded", "for=127.0.0.1"),
        ("x-request-id", "admin"),
        ("authorization", "Basic YWRtaW46YWRtaW4="),
        ("cookie", "__Host-interdict=00"),
        ("cookie", "person=admin-one; role=admin"),
    ] {
        let asked = site.client.get(format!("{}/v1/tokens", site.url)).header(name, value);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}: {value}");
        assert_ne!(answer.headers()["x-request-id"], "admin");
    }
}
