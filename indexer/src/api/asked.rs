//! What a request brings, read; what cannot be read is refused in the words of this server.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::ApiError;

/// The query string.
#[derive(Debug)]
pub(super) struct Question<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Question<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = Query::from_request_parts(parts, state).await;
        let refused = |rejection: QueryRejection| ApiError::Query(rejection.body_text());
        read.map(|Query(question)| Self(question)).map_err(refused)
    }
}

/// A body of JSON.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let read = Json::from_request(request, state).await;
        read.map(|Json(body)| Self(body)).map_err(|rejection: JsonRejection| ApiError::Body {
            // What is JSON and is not what was asked for is as wrong as what is no JSON.
            status: match rejection {
                JsonRejection::JsonDataError(_) => axum::http::StatusCode::BAD_REQUEST,
                ref other => other.status(),
            },
            reason: rejection.body_text(),
        })
    }
}

/// How many rows a page is to have.
pub(super) fn within(text: Option<&str>, default: u32, max: u32) -> Result<u32, ApiError> {
    let Some(text) = text else { return Ok(default) };
    let limit = text.parse().ok().filter(|limit| (1..=max).contains(limit));
    let wrong =
        || ApiError::Parameter { name: "limit", reason: format!("is {text:?}: use 1 to {max}") };
    limit.ok_or_else(wrong)
}
