//! Each request has an id of its own: in the answer, in every line of the log that it caused, and
//! in what is said when it is refused, so that one can be found by the other.

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::api::error::{Refused, Said};

/// Where the id stands in an answer.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Bytes of an id.
const ID_BYTES: usize = 8;

/// Gives a request its id, and writes out what is said if it is refused: by a handler, or by a
/// layer or extractor that does not know how this server speaks.
pub(in crate::api) async fn answered(request: Request, next: Next) -> Response {
    let id = id();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or("none").to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);
    let answer = next.run(request).instrument(span.clone()).await;
    let mut answer = written(answer, &id);
    let status = answer.status().as_u16();
    span.in_scope(|| {
        if method.is_safe() && answer.status() == StatusCode::OK {
            tracing::debug!(status, "answered");
        } else {
            tracing::info!(status, "answered");
        }
    });
    // Hex digits are a header value.
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert(HEADER, id);
    }
    answer
}

fn id() -> String {
    let mut id = [0; ID_BYTES];
    // Without randomness an id tells nothing, and the request is answered all the same.
    let _ = getrandom::fill(&mut id);
    hex::encode(id)
}

fn written(mut answer: Response, id: &str) -> Response {
    let status = answer.status();
    let said = match answer.extensions_mut().remove::<Said>() {
        Some(said) => said,
        None if !is_foreign(status, answer.headers()) => return answer,
        None => Said::by(status),
    };
    let Said { error, code, next, beside } = said;
    let beside = beside.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let refused = Refused { error, code, next, request_id: id.to_owned(), beside };
    let mut written = (status, Json(refused)).into_response();
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = answer.headers_mut().remove(&name) {
            written.headers_mut().insert(name, value);
        }
    }
    written
}

/// Whether a refusal is in somebody else's words: ours are JSON, or a page for people.
fn is_foreign(status: StatusCode, headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let ours = [&b"application/json"[..], b"text/html"].iter().any(|ours| kind.starts_with(ours));
    (status.is_client_error() || status.is_server_error()) && !ours
}
