//! What the server says of itself and of the desk to those who watch.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::super::kept::{FIGURES_KEPT, LISTENERS_MAX};
use super::Site;
use crate::config::Api;
use crate::world::{TOKEN, account, tx};

impl Site {
    /// The value of a figure; 0 if it is not there.
    async fn figure(&self, name: &str) -> u64 {
        let page = self.by("viewer-one", Method::GET, "/metrics").send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        let page = String::from_utf8(page.bytes().await.unwrap().to_vec()).unwrap();
        let mut values = page.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values.next().map_or(0, |value| value.parse().unwrap())
    }

    async fn asked(&self, method: Method, path: &str) -> StatusCode {
        self.by("viewer-one", method, path).send().await.unwrap().status()
    }
}

#[tokio::test]
async fn requests_are_counted_by_their_routes_and_not_by_what_somebody_makes_up() {
    let site = Site::open(1).await;
    for path in ["/v1/alerts/zz", "/v1/alerts/yy?x=1", "/v1/alerts/%7Bid%7D"] {
        assert_eq!(site.asked(Method::GET, path).await, StatusCode::NOT_FOUND);
    }
    for path in ["/etc/passwd", "/v1/nothing", "/wp-login.php"] {
        assert_eq!(site.asked(Method::GET, path).await, StatusCode::NOT_FOUND);
    }
    let made_up = Method::from_bytes(b"BREW").unwrap();
    assert_eq!(site.asked(made_up, "/v1/alerts").await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(site.asked(Method::GET, "/v1/alerts").await, StatusCode::OK);
    for (route, method, status, count) in [
        ("/v1/alerts/{id}", "GET", "4xx", 3),
        ("none", "GET", "4xx", 3),
        ("/v1/alerts", "other", "4xx", 1),
        ("/v1/alerts", "GET", "2xx", 1),
        ("/v1/alerts", "GET", "5xx", 0),
    ] {
        let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
        let figure = format!("interdict_http_requests_total{{{labels}}}");
        assert_eq!(site.figure(&figure).await, count, "{figure}");
    }
    let took = "interdict_http_request_duration_seconds_count{route=\"/v1/alerts/{id}\"}";
    assert_eq!(site.figure(took).await, 3);
    let page = site.get("/metrics").await.bytes().await.unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(!page.contains("passwd") && !page.contains("zz\"") && !page.contains("BREW"), "{page}");
    assert_eq!(site.figure("interdict_http_requests_in_flight").await, 1, "the one that asks");
}

#[tokio::test]
async fn who_listens_is_under_way_until_the_stream_is_over() {
    let site = Site::open(1).await;
    let listeners = "interdict_stream_listeners";
    let mut ears = Vec::new();
    for _ in 0..LISTENERS_MAX {
        ears.push(site.get("/v1/stream").await);
        site.clock.turn(Duration::from_secs(1));
    }
    let all = LISTENERS_MAX as u64;
    assert_eq!(site.figure(listeners).await, all);
    assert_eq!(site.figure("interdict_http_requests_in_flight").await, all + 1);
    assert_eq!(site.asked(Method::GET, "/v1/stream").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(site.figure("interdict_http_refused_total{limit=\"listeners\"}").await, 1);
    site.stop.cancel();
    for ear in ears {
        ear.bytes().await.unwrap();
    }
    assert_eq!(site.kept.listeners.available_permits(), LISTENERS_MAX);
}

#[tokio::test]
async fn what_a_bound_refuses_is_counted_by_the_bound() {
    let payment = tx(0, None, 0).transfer(TOKEN, account(1), account(2), 1);
    let requests_per_second = 1.try_into().unwrap();
    let site = Site::with(Api { requests_per_second, ..Api::loopback() }, vec![payment]).await;
    let large = site.by("analyst-one", Method::POST, "/v1/steps").body(vec![b' '; 65 << 10]);
    let large = large.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let mut refused = 0;
    for _ in 0..6 {
        let answer = site.by("auditor-one", Method::GET, "/v1/alerts").send().await.unwrap();
        refused += u64::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 2);
    assert_eq!(site.figure("interdict_http_refused_total{limit=\"rate\"}").await, refused);
    assert_eq!(site.figure("interdict_http_refused_total{limit=\"body\"}").await, 1);
}

#[tokio::test]
async fn refused_credentials_are_counted_by_what_was_shown() {
    let site = Site::closed().await;
    let mut wrong = site.tokens["admin-one"].clone();
    wrong.replace_range(wrong.len() - 1.., if wrong.ends_with('0') { "1" } else { "0" });
    let unauthorized = StatusCode::UNAUTHORIZED;
    let none = site.get("/v1/alerts").await;
    assert_eq!(none.status(), unauthorized, "who shows nothing is refused, and nothing is");
    assert_eq!(
        site.by(&wrong, Method::GET, "/v1/alerts").send().await.unwrap().status(),
        unauthorized
    );
    let cookie = site.session("viewer-one").await;
    let ended = site.in_session(&cookie, Method::DELETE, "/v1/session").send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    for _ in 0..2 {
        let over = site.in_session(&cookie, Method::GET, "/v1/alerts").send().await.unwrap();
        assert_eq!(over.status(), unauthorized);
    }
    let login = site.client.post(format!("{}/v1/session", site.url));
    let login = login.header("content-type", "application/json");
    let login = login.body(json!({ "token": wrong }).to_string()).send().await.unwrap();
    assert_eq!(login.status(), unauthorized);
    for (shown, count) in [("token", 1), ("session", 2), ("login", 1), ("provider", 0)] {
        let figure = format!("interdict_credentials_refused_total{{shown=\"{shown}\"}}");
        assert_eq!(site.figure(&figure).await, count, "{shown}");
    }
    // After ten from one address none are looked at.
    for _ in 0..7 {
        site.by(&wrong, Method::GET, "/v1/alerts").send().await.unwrap();
    }
    site.clock.turn(Duration::from_mins(2));
    assert_eq!(site.figure("interdict_http_refused_total{limit=\"guesses\"}").await, 1);
    assert_eq!(site.figure("interdict_credentials_refused_total{shown=\"token\"}").await, 7);
}

#[tokio::test]
async fn the_desk_is_in_the_figures_and_read_no_more_often_than_it_may_be() {
    let site = Site::open(3).await;
    let unassigned = "interdict_desk_unassigned{severity=\"critical\"}";
    assert_eq!(site.figure(unassigned).await, 3);
    assert_eq!(site.figure("interdict_desk_open{severity=\"critical\"}").await, 3);
    assert_eq!(site.figure("interdict_desk_open{severity=\"low\"}").await, 0);
    let oldest = "interdict_desk_oldest_unassigned_timestamp_seconds{severity=\"critical\"}";
    assert_eq!(site.figure(oldest).await, 1, "when it was written down");
    assert_eq!(site.figure("interdict_webhook_pending{endpoint=\"config\"}").await, 3);
    let active = "interdict_webhook_state{endpoint=\"config\",state=\"active\"}";
    assert_eq!(site.figure(active).await, 1);

    let (_, page) = site.json("/v1/alerts").await;
    let alert = &page["alerts"][0];
    let path = format!("/v1/alerts/{}/steps", alert["id"].as_str().unwrap());
    let step = json!({ "kind": "assign", "assignee": "analyst-one" });
    let body = json!({ "version": alert["desk"]["version"], "step": step }).to_string();
    let taken = site.by("analyst-one", Method::POST, &path).body(body);
    let taken = taken.header("content-type", "application/json").send().await.unwrap();
    assert_eq!(taken.status(), StatusCode::OK);
    let second = Duration::from_secs(1);
    site.clock.turn(FIGURES_KEPT.checked_sub(second).unwrap());
    assert_eq!(site.figure(unassigned).await, 3, "it was read a moment ago");
    site.clock.turn(second);
    assert_eq!(site.figure(unassigned).await, 2);
}
