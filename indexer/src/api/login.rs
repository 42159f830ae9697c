//! Logins elsewhere: there, and back.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::Deserialize;
use utoipa::IntoParams;

use super::access::{Caller, Cookie, Oidc};
use super::asked::Question;
use super::session::begun;
use super::{ApiError, Pages};
use crate::metrics::Credentials;

/// What the provider sends a browser back with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// What is exchanged for who it is.
    code: Option<String>,
    /// What the login was begun with.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

fn provider(pages: &Pages) -> Result<&Oidc, ApiError> {
    let none = || {
        let error = "nobody logs in elsewhere here".to_owned();
        ApiError::refused(StatusCode::NOT_FOUND, "no_oidc", error, "begin a session with a token")
    };
    pages.access.oidc().ok_or_else(none)
}

/// Log in elsewhere
#[utoipa::path(get, path = "/v1/oidc/login", tag = "access", responses(
    (status = 303, description = "The login is at the provider"),
    (status = 404, description = "No provider is configured", body = super::error::Refused),
    (status = 502, description = "The provider gives no answer", body = super::error::Refused)))]
pub(super) async fn there(State(pages): State<Pages>) -> Result<impl IntoResponse, ApiError> {
    let login = provider(&pages)?.begin().await?;
    let to = HeaderValue::try_from(login.url).map_err(|_| ApiError::Provider)?;
    let cookie = Cookie::Login.set(&login.cookie)?;
    let headers = AppendHeaders([(header::LOCATION, to), (header::SET_COOKIE, cookie)]);
    Ok((StatusCode::SEE_OTHER, headers))
}

/// Come back from a login
#[utoipa::path(get, path = "/v1/oidc/callback", tag = "access", params(Asked), responses(
    (status = 303, description = "A session is begun: the cookie has its reference"),
    (status = 401, description = "The login is not believed", body = super::error::Refused),
    (status = 404, description = "No provider is configured", body = super::error::Refused),
    (status = 502, description = "The provider gives no answer", body = super::error::Refused)))]
pub(super) async fn back(
    State(pages): State<Pages>,
    caller: Caller,
    headers: HeaderMap,
    Question(asked): Question<Asked>,
) -> Result<impl IntoResponse, ApiError> {
    let provider = provider(&pages)?;
    let looked_at = async {
        if let Some(error) = asked.error {
            let word: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
            return Err(ApiError::Login(format!("the provider says {word}")));
        }
        let gone =
            || ApiError::Login("this browser has begun no login, or too long ago".to_owned());
        let cookie = Cookie::Login.read(&headers).ok_or_else(gone)?;
        let state = asked.state.unwrap_or_default();
        provider.end(cookie, &state, asked.code.unwrap_or_default()).await
    };
    let actor = pages.access.guarded(&pages, caller, Credentials::Provider, looked_at).await?;
    tracing::info!(person = actor.person, role = %actor.role, "logged in");
    let (session, _) = begun(&pages, &headers, actor, None).await?;
    let headers = AppendHeaders([
        (header::LOCATION, HeaderValue::from_static("/")),
        (header::SET_COOKIE, session),
        (header::SET_COOKIE, Cookie::Login.set("")?),
    ]);
    Ok((StatusCode::SEE_OTHER, headers))
}
