//! What the API is, written down as `OpenAPI` 3.1. Each handler says what is its own; what holds
//! for all of them is added here. The document is committed, and a test compares.

use std::sync::LazyLock;

use axum::Json;
use axum::http::Method;
use serde_json::json;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
    ResponseBuilder, extensions::Extensions,
};
use utoipa::{PartialSchema, ToSchema};

use super::access::Needs;
use super::error::Refused;
use super::routes::{self, Described, Row};

/// The document of this version.
static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(routes::document);
/// The schema of every refusal.
const REFUSED: &str = "Refused";
/// A token in a header.
const TOKEN: &str = "token";
/// A session in a cookie.
const SESSION: &str = "session";

/// This document
#[utoipa::path(get, path = "/v1/openapi.json", tag = "api",
    responses((status = 200, description = "The document", content_type = "application/json")))]
pub(super) async fn page() -> Json<&'static OpenApi> {
    Json(&DOCUMENT)
}

/// The document of a table.
pub(super) fn document(table: Vec<Row>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Interdict indexer")
        .version("1")
        .description(Some(
            "Who dealt with a listed address. Amounts are decimal strings, addresses have their \
             checksums, times are RFC 3339. Pages are taken with the cursor of the page before. \
             A refusal says in `next` what to do, and in `request_id` where the log speaks of it.",
        ))
        .build();
    let mut api = OpenApiBuilder::new().info(info).build();
    let mut components = ComponentsBuilder::new()
        .schema(REFUSED, Refused::schema())
        .security_scheme(
            TOKEN,
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        )
        .security_scheme(
            SESSION,
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-interdict"))),
        );
    let mut nested = Vec::new();
    Refused::schemas(&mut nested);
    components = components.schemas_from_iter(nested);
    for Row { method, needs, served, .. } in table {
        let Some(Described { schemas, mut paths }) = served.described else { continue };
        components = components.schemas_from_iter(schemas);
        for (path, item) in &mut paths.paths {
            if let Some(operation) = operation(item, &method) {
                operation.operation_id = Some(name(&method, path));
                complete(path, operation, needs);
            }
        }
        api.paths.merge(paths);
    }
    api.components = Some(components.build());
    api
}

/// What programs that are made from the document call a route: its method and path.
fn name(method: &Method, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<_> = words.filter(|word| *word != "v1").collect();
    format!("{}_{}", method.as_str().to_ascii_lowercase(), words.join("_"))
}

fn operation<'i>(item: &'i mut PathItem, method: &Method) -> Option<&'i mut Operation> {
    match *method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::PATCH => item.patch.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

/// Adds what holds for every route: who may use it, and how it refuses.
fn complete(path: &str, operation: &mut Operation, needs: Needs) {
    let mut refusals = vec![
        ("421", "The server is not called by this name"),
        ("429", "Too many requests: `Retry-After` says when to ask again"),
        ("500", "The database failed"),
        ("503", "There was no answer in time"),
    ];
    if let Needs::OneOf(roles) = needs {
        refusals.push(("401", "Nobody said who asks, or the credentials are not known"));
        refusals.push(("403", "The role is not enough, or another site asks"));
        operation.security = Some(vec![
            SecurityRequirement::new(TOKEN, [""; 0]),
            SecurityRequirement::new(SESSION, [""; 0]),
        ]);
        let roles = Extensions::builder().add("x-roles", json!(roles)).build();
        operation.extensions.get_or_insert_default().merge(roles);
    }
    if operation.parameters.is_some() {
        refusals.push(("400", "A parameter cannot be read"));
    }
    if path.contains('{') {
        refusals.push(("404", "There is no such thing"));
    }
    if operation.request_body.is_some() {
        refusals.push(("400", "The body cannot be read"));
        refusals.push(("413", "The body is too long"));
        refusals.push(("415", "The body is of another kind"));
    }
    for (status, says) in refusals {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(refusal(says)));
    }
}

fn refusal(says: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(REFUSED))).build();
    ResponseBuilder::new().description(says).content("application/json", content).build()
}

#[cfg(test)]
mod tests {
    use crate::api::routes;

    #[test]
    fn the_document_is_what_is_committed() {
        let written = routes::document().to_pretty_json().unwrap() + "\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        if std::env::var("SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
            std::fs::write(path, written).unwrap();
            return;
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(committed == written, "indexer/openapi.json is not what is served: `make bless`");
    }
}
