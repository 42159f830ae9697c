//! The inbox page and what it is made of. Everything it shows it asks from `/v1/alerts` and
//! `/readyz`, like any other reader.

use axum::http::header;
use axum::response::IntoResponse;

/// `GET /`
pub(super) async fn page() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("inbox.html"))
}

/// `GET /inbox.css`
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("inbox.css"))
}

/// `GET /inbox.js`
pub(super) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("inbox.js"))
}
