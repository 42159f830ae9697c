//! Each request has an id of its own: in the answer, in every line of the log that it caused, and
//! in what is said when it is refused, so that one can be found by the other. And each is counted.

use std::sync::Arc;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::limits::until_over;
use crate::api::error::{Refused, Said};
use crate::clock::Clock;
use crate::metrics::{Limit, Metrics, NO_ROUTE};

/// Where the id stands in an answer.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Bytes of an id.
const ID_BYTES: usize = 8;

/// By what requests are counted and timed.
#[derive(Clone, Debug)]
pub(in crate::api) struct Watch {
    pub(in crate::api) metrics: Arc<Metrics>,
    pub(in crate::api) clock: Arc<dyn Clock>,
}

/// Gives a request its id, and writes out what is said if it is refused: by a handler, or by a
/// layer or extractor that does not know how this server speaks.
pub(in crate::api) async fn answered(
    State(watch): State<Watch>,
    request: Request,
    next: Next,
) -> Response {
    let Watch { metrics, clock } = watch;
    let (id, begun, under_way) = (id(), clock.elapsed(), metrics.http.begun());
    // The route as it is written in the table: what somebody asks for instead is endless.
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or(NO_ROUTE).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);
    let mut answer = next.run(request).instrument(span.clone()).await;
    let said = said(&mut answer);
    if let Some(limit) = said.as_ref().and_then(|said| limit(answer.status(), said.code)) {
        metrics.http.refused(limit);
    }
    let status = answer.status().as_u16();
    let took = clock.elapsed().saturating_sub(begun);
    metrics.http.answered(&route, word(&method), status, took);
    let mut answer = until_over(written(answer, said, &id), under_way);
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

/// The method as a word of a few: what somebody makes up is one of them.
pub(in crate::api) const fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// The bound that a refused request ran against.
fn limit(status: StatusCode, code: &str) -> Option<Limit> {
    match code {
        "too_often" => Some(Limit::Rate),
        "too_many" => Some(Limit::AtOnce),
        "guessing" => Some(Limit::Guesses),
        "too_slow" => Some(Limit::Time),
        "too_many_listeners" => Some(Limit::Listeners),
        _ if status == StatusCode::PAYLOAD_TOO_LARGE => Some(Limit::Body),
        _ => None,
    }
}

/// What is to be said of a refusal that is not written out yet.
fn said(answer: &mut Response) -> Option<Said> {
    let said = answer.extensions_mut().remove::<Said>();
    let status = answer.status();
    said.or_else(|| is_foreign(status, answer.headers()).then(|| Said::by(status)))
}

fn written(mut answer: Response, said: Option<Said>, id: &str) -> Response {
    let status = answer.status();
    let Some(said) = said else { return answer };
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
