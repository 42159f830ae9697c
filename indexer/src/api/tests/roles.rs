//! Every route, asked in every role with both kinds of credentials, and without any.

use reqwest::{Method, RequestBuilder, StatusCode};

use super::super::access::{Needs, Role};
use super::super::routes::{self, Row};
use super::answers::Document;
use super::site::Site;
use crate::world::account;

/// How somebody shows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Token,
    Session,
}

/// A path with something in place of what stands for it.
fn filled(path: &str) -> String {
    let id = "0".repeat(32);
    path.replace("{address}", &account(2).to_string())
        .replace("{name}", "none.js")
        .replace("{seq}", "1")
        .replace("{id}", &id)
}

/// A body that is none, for what takes one: whoever may ask is told so.
fn sent(asked: RequestBuilder, method: &Method) -> RequestBuilder {
    match *method {
        Method::POST | Method::PUT | Method::PATCH => {
            asked.header("content-type", "application/json").body("{}")
        }
        _ => asked,
    }
}

async fn cell(site: &Site, row: &Row, who: Option<(Role, Kind)>) -> reqwest::Response {
    let (method, path) = (row.method.clone(), filled(row.path));
    let asked = match who {
        None => site.client.request(method.clone(), format!("{}{path}", site.url)),
        Some((role, Kind::Token)) => site.by(&format!("{role}-one"), method.clone(), &path),
        Some((role, Kind::Session)) => {
            let cookie = site.session(&format!("{role}-one")).await;
            site.in_session(&cookie, method.clone(), &path)
        }
    };
    sent(asked, &method).send().await.unwrap()
}

#[tokio::test]
async fn every_route_lets_in_who_may_and_nobody_else() {
    let site = Site::closed().await;
    site.follows();
    let document = Document::read();
    let mut cells = 0;
    for row in routes::table() {
        let kinds = [Kind::Token, Kind::Session];
        let known = Role::ALL.into_iter().flat_map(|role| kinds.map(|kind| Some((role, kind))));
        for who in std::iter::once(None).chain(known) {
            let answer = cell(&site, &row, who).await;
            let status = answer.status();
            let told = format!("{} {} by {who:?}: {status}", row.method, row.path);
            match (row.needs, who) {
                (Needs::OneOf(_), None) => assert_eq!(status, StatusCode::UNAUTHORIZED, "{told}"),
                (Needs::OneOf(roles), Some((role, _))) if !roles.contains(&role) => {
                    assert_eq!(status, StatusCode::FORBIDDEN, "{told}");
                }
                (Needs::Nobody | Needs::OneOf(_), _) => {
                    let shut = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                    assert!(!shut.contains(&status), "{told}");
                    // A page for people may not be built in.
                    let is_page = row.served.described.is_none();
                    assert!(is_page || status.as_u16() < 500, "{told}");
                }
            }
            if row.served.described.is_some() {
                document.compare(&row.method, row.path, answer).await;
            }
            cells += 1;
            // As many as there are would be too many within a second of a clock that stands.
            site.clock.turn(std::time::Duration::from_secs(1));
            site.follows();
        }
    }
    assert!(cells >= 9 * 20, "{cells} cells");
}

#[tokio::test]
async fn what_is_not_in_the_table_is_not_there() {
    let site = Site::closed().await;
    for path in
        ["/v1", "/v1/", "/v1/alert", "/v1/alerts/", "/admin", "/v1/tokens/../alerts", "/.env"]
    {
        let answer = site.by("admin-one", Method::GET, path).send().await.unwrap();
        let expected = if path.contains("..") { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(answer.status(), expected, "{path}");
    }
}
