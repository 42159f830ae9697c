//! The pages over a real store, asked over a real socket.

mod answers;
mod desk;
mod exports;
mod figures;
mod fuzz;
mod login;
mod nouns;
mod roles;
mod site;
mod stream;
mod threats;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::access::Role;
use super::*;
use crate::world::{TOKEN, account, tx};
pub(super) use site::Site;

#[tokio::test]
async fn pages_of_alerts_lead_through_all_of_them() {
    let site = Site::open(5).await;
    let mut ids = Vec::new();
    let mut path = "/v1/alerts?limit=2".to_owned();
    loop {
        let (status, page) = site.json(&path).await;
        assert_eq!(status, StatusCode::OK);
        let page_ids = page["alerts"].as_array().unwrap().iter();
        ids.extend(page_ids.map(|alert| alert["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/alerts?limit=2&cursor={next}");
    }
    let (_, whole) = site.json("/v1/alerts").await;
    let whole: Vec<_> =
        whole["alerts"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids), (5, whole.into_iter().map(str::to_owned).collect()));
}

#[tokio::test]
async fn a_flood_is_one_row_that_says_how_many_there_are() {
    let dust = |n: u8| tx(n.into(), None, 0).transfer(TOKEN, account(2), account(n), 5);
    let paid = tx(99, None, 0).transfer(TOKEN, account(1), account(2), 5);
    let site = Site::of((10..17).map(dust).chain([paid]).collect()).await;
    let (_, page) = site.json("/v1/alerts").await;
    let each = page["alerts"].as_array().unwrap();
    assert!(each.len() == 8 && each.iter().all(|alert| alert["more_like_it"].is_null()));
    let (_, page) = site.json("/v1/alerts?shown=floods").await;
    let rows = page["alerts"].as_array().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (&row["rule"], &row["more_like_it"])).collect();
    let critical = Value::from("direct.outbound.while_listed");
    let (dust, six) = (Value::from("unsolicited_dust"), Value::from(6));
    assert_eq!(rows, [(&critical, &Value::Null), (&dust, &six)]);
    let head = page["alerts"][1]["id"].as_str().unwrap();
    let (_, behind) = site.json(&format!("/v1/alerts?behind={head}")).await;
    assert_eq!(behind["alerts"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn an_alert_is_told_in_people_s_units() {
    let site = Site::open(1).await;
    let (_, page) = site.json("/v1/alerts?severity=critical&listed=").await;
    let id = page["alerts"][0]["id"].as_str().unwrap();
    let (status, alert) = site.json(&format!("/v1/alerts/{id}")).await;
    assert_eq!((status, &alert), (StatusCode::OK, &page["alerts"][0]));
    assert_eq!(alert["amount"]["decimal"], "1.5");
    assert_eq!(alert["amount"]["symbol"], "USDT");
    assert_eq!(alert["direction"], "outbound");
    assert_eq!(alert["counterparty"], account(1).to_string());
    assert_eq!(alert["at"]["tx_hash"].as_str().unwrap().len(), 66);
}

#[tokio::test]
async fn a_wrong_question_says_what_to_do() {
    let site = Site::open(1).await;
    let check = async |path: &str, status: StatusCode, expected: &str| {
        let (got, body) = site.json(path).await;
        assert_eq!(got, status, "{path}");
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(expected), "{path}: {error}");
        assert!(!body["next"].as_str().unwrap().is_empty());
    };
    let bad = StatusCode::BAD_REQUEST;
    check("/v1/alerts?limit=0", bad, "use 1 to 500").await;
    check("/v1/alerts?limit=501", bad, "use 1 to 500").await;
    check("/v1/alerts?severity=huge", bad, "severity").await;
    check("/v1/alerts?listed=0x12", bad, "listed has 2 hex digits").await;
    check("/v1/alerts?cursor=1-2-3", bad, "cursor").await;
    check("/v1/alerts?order=id", bad, "order").await;
    check("/v1/alerts?shown=some", bad, "use each or floods").await;
    check("/v1/alerts?behind=zz", bad, "take the id of an alert").await;
    check("/v1/alerts?shown=floods&behind=zz", bad, "does not go with").await;
    check("/v1/alerts/zz", StatusCode::NOT_FOUND, "zz").await;
    check(&format!("/v1/alerts/{}", "0".repeat(32)), StatusCode::NOT_FOUND, "no alert").await;
    check("/v2", StatusCode::NOT_FOUND, "no such page").await;
}

#[tokio::test]
async fn health_is_red_until_the_chain_is_followed_and_while_it_is_not() {
    let site = Site::open(1).await;
    let (status, health) = site.json("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(health["reason"], "no word from the chain yet");
    site.status.send_modify(|status| {
        status.cursor = 101;
        status.head = Some(104);
    });
    let (status, health) = site.json("/readyz").await;
    assert_eq!((status, &health["lag"]), (StatusCode::OK, &3.into()));
    assert_eq!(health["deliveries_pending"], 1);
    site.status.send_modify(|status| status.stalled = Some("receipts do not verify".to_owned()));
    let (status, health) = site.json("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(health["reason"], "receipts do not verify");
    assert_eq!(site.get("/livez").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_those_who_call_by_a_loopback_name_are_served() {
    let site = Site::open(1).await;
    for (host, expected) in [
        ("evil.example", StatusCode::MISDIRECTED_REQUEST),
        ("127.0.0.1.evil.example:80", StatusCode::MISDIRECTED_REQUEST),
        ("localhost:1", StatusCode::OK),
        ("[::1]:8710", StatusCode::OK),
    ] {
        let request = site.client.get(format!("{}/livez", site.url)).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), expected, "{host}");
    }
}

#[tokio::test]
async fn a_request_has_an_id_in_its_answer_and_in_what_refuses_it() {
    let site = Site::open(1).await;
    let answer = site.by("auditor-one", Method::GET, "/v1/alerts/zz").send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(
        (said["request_id"].as_str(), said["code"].as_str()),
        (Some(&*id), Some("no_alert"))
    );
    let answer = site.by("nobody", Method::GET, "/v1/alerts").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    let answer = site.by("viewer-one", Method::POST, "/v1/alerts").send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
    let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(said["code"], "no_method");
}

#[tokio::test]
async fn each_page_may_do_no_more_than_it_needs_and_is_never_kept() {
    let site = Site::open(1).await;
    for path in web::PAGES {
        let answer = site.get(&path.replace(['{', '}'], "")).await;
        let headers = answer.headers().clone();
        assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        assert_eq!(headers["content-security-policy"], CONTENT_SECURITY_POLICY);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        let status = answer.status();
        let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
        let built = text.contains("/assets/");
        let expected = if built { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        assert_eq!(status, expected, "{path}");
        assert!(built || text.contains("make web"), "{path}: {text}");
        assert!(!text.contains("style=\"") && !text.contains("<script>"), "inline in {path}");
    }
}

#[tokio::test]
async fn what_is_no_page_and_no_asset_is_told_so() {
    let site = Site::open(1).await;
    for path in [
        "/inbox.js",
        "/lists/of/somebody",
        "/assets/",
        "/assets/index.html",
        "/assets/..%2findex.html",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/none.js",
    ] {
        let (status, body) = site.json(path).await;
        assert_eq!(
            (status, &body["error"]),
            (StatusCode::NOT_FOUND, &"there is no such page".into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn figures_have_their_names() {
    let site = Site::open(1).await;
    let bytes = site.get("/metrics").await.bytes().await.unwrap();
    let page = String::from_utf8(bytes.to_vec()).unwrap();
    for name in [
        "interdict_chain_lag_blocks",
        "interdict_cursor_block",
        "interdict_alerts_retracted_total",
        "interdict_outbox_pending 1",
        "interdict_stalled 1",
    ] {
        assert!(page.contains(name), "{name} in\n{page}");
    }
}
