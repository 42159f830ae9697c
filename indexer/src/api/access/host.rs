//! By which name the server may be called. A web page can make a name of its own point here (DNS
//! rebinding); then the browser takes what is served here for that page's own.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::{ApiError, Pages};

/// The names by which this machine calls itself. No name that another points here is one of them.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Lets a request through that is for this server.
pub(in crate::api) async fn called_by_its_name(
    State(pages): State<Pages>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let configured = pages.access.config.hosts.iter().map(String::as_str);
    // A configured name may have a port; then it must be called with it.
    let mut known = LOOPBACK.into_iter().chain(configured);
    if known.any(|known| known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(host)) {
        next.run(request).await
    } else {
        ApiError::Host(host.to_owned()).into_response()
    }
}
