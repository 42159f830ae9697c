//! The table of who may do what. The router is built from it and from nothing else, so that a route
//! that is not here is not there.
//!
//! To add a noun: write its handlers into a file of its own, each with `#[utoipa::path(…)]`; give
//! each a row in [`table`] with method, path and who may use it; run `make bless` and look at what
//! changed in `indexer/openapi.json`.

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa::openapi::path::Paths;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::routes;

use super::access::{
    ADMINS, ANALYSTS, AUDITORS, EVERYBODY, EXPORTERS, Needs, READERS, admit, word,
};
use super::{
    BODY_MAX_BYTES, Pages, acts, addresses, alerts, audit, case, dispositions, export, health,
    lists, login, metrics, openapi, people, policy, proposals, screen, session, steps, stream,
    subjects, summary, tokens, web, webhooks,
};

/// Every route there is.
pub(super) fn table() -> Vec<Row> {
    const MANY_SUBJECTS: usize = subjects::BODY_MAX_BYTES;
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const DELETE: Method = Method::DELETE;
    let pages = web::PAGES.into_iter().map(|path| row(GET, path, EVERYBODY, get(web::page)));
    let rest = vec![
        row(GET, "/assets/{name}", EVERYBODY, get(web::asset)),
        row(GET, "/livez", EVERYBODY, routes!(health::live)),
        row(GET, "/readyz", READERS, routes!(health::ready)),
        row(GET, "/metrics", READERS, routes!(metrics::figures)),
        row(GET, "/v1/openapi.json", EVERYBODY, routes!(openapi::page)),
        row(GET, "/v1/session", READERS, routes!(session::mine)),
        row(POST, "/v1/session", EVERYBODY, routes!(session::begin)),
        row(DELETE, "/v1/session", READERS, routes!(session::end)),
        row(GET, "/v1/list", READERS, routes!(lists::page)),
        row(GET, "/v1/list/acts", READERS, routes!(lists::acts)),
        row(GET, "/v1/addresses/{address}", READERS, routes!(addresses::one)),
        row(POST, "/v1/screen", READERS, routes!(screen::screen)),
        row(GET, "/v1/policy", READERS, routes!(policy::page)),
        row(GET, "/v1/subjects", READERS, routes!(subjects::page)),
        row(POST, "/v1/subjects", ADMINS, routes!(subjects::import)).takes(MANY_SUBJECTS),
        row(POST, "/v1/subjects/check", ADMINS, routes!(subjects::check)).takes(MANY_SUBJECTS),
        row(DELETE, "/v1/subjects/{address}", ADMINS, routes!(subjects::remove)),
        row(GET, "/v1/stream", READERS, routes!(stream::listen)),
        row(GET, "/v1/series", READERS, routes!(stream::series)),
        row(GET, "/v1/oidc/login", EVERYBODY, routes!(login::there)),
        row(GET, "/v1/oidc/callback", EVERYBODY, routes!(login::back)),
        row(GET, "/v1/tokens", ADMINS, routes!(tokens::page)),
        row(POST, "/v1/tokens", ADMINS, routes!(tokens::make)),
        row(DELETE, "/v1/tokens/{id}", ADMINS, routes!(tokens::revoke)),
        row(GET, "/v1/acts", READERS, routes!(acts::after)),
        row(GET, "/v1/list/proposals", READERS, routes!(proposals::all)),
        row(GET, "/v1/alerts", READERS, routes!(alerts::page)),
        row(GET, "/v1/alerts/{id}", READERS, routes!(alerts::one)),
        row(GET, "/v1/alerts/{id}/timeline", READERS, routes!(alerts::timeline::page)),
        row(GET, "/v1/alerts/{id}/case.html", READERS, routes!(case::page)),
        row(GET, "/case.css", EVERYBODY, get(case::style)),
        row(POST, "/v1/alerts/{id}/steps", ANALYSTS, routes!(steps::one)),
        row(POST, "/v1/steps", ANALYSTS, routes!(steps::many)),
        row(GET, "/v1/dispositions", READERS, routes!(dispositions::all)),
        row(GET, "/v1/people", READERS, routes!(people::all)),
        row(GET, "/v1/summary", READERS, routes!(summary::summary)),
        row(GET, "/v1/export/alerts.csv", EXPORTERS, routes!(export::csv)),
        row(GET, "/v1/export/alerts.json", EXPORTERS, routes!(export::json)),
        row(GET, "/v1/audit", AUDITORS, routes!(audit::page)),
        row(GET, "/v1/audit/verify", AUDITORS, routes!(audit::verify)),
        row(GET, "/v1/webhooks", webhooks::LOOKERS, routes!(webhooks::all)),
        row(POST, "/v1/webhooks", ADMINS, routes!(webhooks::make)),
        row(GET, "/v1/webhooks/{id}", webhooks::LOOKERS, routes!(webhooks::one)),
        row(Method::PATCH, "/v1/webhooks/{id}", ADMINS, routes!(webhooks::change)),
        row(Method::DELETE, "/v1/webhooks/{id}", ADMINS, routes!(webhooks::remove)),
        row(POST, "/v1/webhooks/{id}/rotate", ADMINS, routes!(webhooks::rotate)),
        row(POST, "/v1/webhooks/{id}/test", ADMINS, routes!(webhooks::test)),
        row(POST, "/v1/webhooks/{id}/replay", ADMINS, routes!(webhooks::replay)),
        row(GET, "/v1/webhooks/{id}/deliveries", webhooks::LOOKERS, routes!(webhooks::deliveries)),
        row(POST, "/v1/webhooks/{id}/deliveries/{seq}/retry", ADMINS, routes!(webhooks::retry)),
    ];
    pages.chain(rest).collect()
}

/// One method of one path.
pub(super) struct Row {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    pub(super) served: Served,
    /// Longest body that is taken, in bytes.
    body_max_bytes: usize,
}

impl Row {
    /// With longer bodies than others take.
    const fn takes(mut self, body_max_bytes: usize) -> Self {
        self.body_max_bytes = body_max_bytes;
        self
    }
}

fn row(method: Method, path: &'static str, needs: Needs, served: impl Into<Served>) -> Row {
    Row { method, path, needs, served: served.into(), body_max_bytes: BODY_MAX_BYTES }
}

/// What answers.
pub(super) struct Served {
    handler: MethodRouter<Pages>,
    /// What the document says of it; `None` for what is a page for people and no part of the API.
    pub(super) described: Option<Described>,
}

/// What the document says of a route.
pub(super) struct Described {
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
    pub(super) paths: Paths,
}

impl From<MethodRouter<Pages>> for Served {
    fn from(handler: MethodRouter<Pages>) -> Self {
        Self { handler, described: None }
    }
}

impl From<(Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<Pages>)> for Served {
    fn from(
        (schemas, paths, handler): (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<Pages>),
    ) -> Self {
        Self { handler, described: Some(Described { schemas, paths }) }
    }
}

/// All routes, each behind its door, none of which lets in more than is taken.
pub(super) fn router(pages: &Pages) -> Router<Pages> {
    table().into_iter().fold(Router::new(), |router, row| {
        let Row { method, path, needs, served, body_max_bytes } = row;
        pages.metrics.http.serves(word(&method), path);
        let door = from_fn_with_state((pages.clone(), needs), admit);
        let limit = RequestBodyLimitLayer::new(body_max_bytes);
        router.route(path, served.handler.route_layer(door).route_layer(limit))
    })
}

/// What is written down of all of them.
pub(super) fn document() -> OpenApi {
    openapi::document(table())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn the_document_speaks_of_the_methods_and_paths_of_the_table() {
        for Row { method, path, served, .. } in table() {
            let Some(Described { paths, .. }) = served.described else {
                assert!(!path.starts_with("/v1"), "{path} is served and not described");
                continue;
            };
            let described: Vec<_> = paths.paths.iter().collect();
            let [(named, item)] = described[..] else { panic!("{path}: one row, one path") };
            assert_eq!(named, path);
            let item = serde_json::to_value(item).unwrap();
            let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
            assert_eq!(methods, [method.as_str().to_ascii_lowercase()], "{path}");
        }
    }

    #[test]
    fn no_method_of_a_path_is_there_twice() {
        let mut seen = BTreeSet::new();
        for Row { method, path, .. } in table() {
            assert!(seen.insert((method.to_string(), path)), "{method} {path}");
        }
    }

    /// Otherwise the document would show one where the other is served.
    #[test]
    fn no_two_schemas_have_one_name() {
        let mut seen = BTreeMap::new();
        for Described { schemas, .. } in table().into_iter().filter_map(|row| row.served.described)
        {
            for (name, schema) in schemas {
                let schema = serde_json::to_value(schema).unwrap();
                let before = seen.insert(name.clone(), schema.clone());
                assert!(before.is_none_or(|before| before == schema), "two schemas named {name}");
            }
        }
    }

    /// A route that somebody adds beside the table would have no door.
    #[test]
    fn nothing_is_served_that_is_not_in_the_table() {
        let room = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
        let mut folders = vec![room];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    // Tests serve what they like.
                    folders.extend((!path.ends_with("tests")).then_some(path));
                    continue;
                }
                if path.ends_with("routes.rs") || path.extension().is_none_or(|end| end != "rs") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let adds = ["Router::new", "Router::default", ".route(", ".nest("];
                if adds.iter().any(|word| text.contains(word)) {
                    found.push(path);
                }
            }
        }
        assert!(found.is_empty(), "{found:?} add routes: only routes.rs may");
    }
}
