//! The pages for people: what `make web` built, as it stands in the binary. Everything they show
//! they ask from `/v1`, like any other reader.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::ApiError;

/// What Vite wrote; nothing but a placeholder in a tree in which it has not run. A debug build
/// reads it from there each time.
#[derive(RustEmbed)]
#[folder = "../web/dist/"]
#[allow_missing = true]
struct Built;

/// Every address of a page. They are one document, which reads its own address; whatever else is
/// asked is no page, and told so.
pub(super) const PAGES: [&str; 11] = [
    "/",
    "/alerts/{id}",
    "/addresses",
    "/addresses/{address}",
    "/list",
    "/screen",
    "/health",
    "/audit",
    "/settings",
    "/settings/{part}",
    "/sign-in",
];

/// The name of an asset is made from what is in it, so that it never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What stands at `/` where the pages were not built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
     <title>Interdict</title>\n<h1>The pages are not in this binary</h1>\n\
     <p>Run <code>make web</code> and build the indexer again. Everything that they show is at \
     <a href=\"/v1/alerts\">/v1/alerts</a> and <a href=\"/readyz\">/readyz</a>.</p>\n</html>\n";

/// `GET` of any of [`PAGES`]
pub(super) async fn page() -> Response<Body> {
    match Built::get("index.html") {
        Some(file) => answer("text/html; charset=utf-8", file),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            NOT_BUILT,
        )
            .into_response(),
    }
}

/// `GET /assets/{name}`
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response<Body>, ApiError> {
    let kind = kind(&name).ok_or(ApiError::NoPage)?;
    let file = Built::get(&format!("assets/{name}")).ok_or(ApiError::NoPage)?;
    let mut response = answer(kind, file);
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(response)
}

fn answer(kind: &'static str, file: EmbeddedFile) -> Response<Body> {
    ([(header::CONTENT_TYPE, kind)], Body::from(file.data.into_owned())).into_response()
}

/// The kinds of file that a build of the pages has, by their endings.
fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}
