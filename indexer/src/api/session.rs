//! Sessions of browsers: begun with a token, or with a login elsewhere.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{Actor, Caller, Cookie, Role, Shown, bearer, from_our_page, is_browser};
use super::asked::Body;
use super::{ApiError, Pages};
use crate::access::{Made, reference_of};
use crate::metrics::Credentials;
use crate::report::rfc3339;
use crate::store::access::{NewSession, SESSION_MAX_SECONDS, TokenId};

/// What a session is begun with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login)]
pub(super) struct Asked {
    /// A token.
    #[schema(value_type = String)]
    token: SecretString,
}

/// Who somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct Who {
    /// The name; `anonymous` of who showed nothing.
    person: String,
    /// What may be done.
    role: Role,
    /// By what it is known.
    via: Via,
    /// When the session ends at the latest.
    ends_at: Option<String>,
}

/// By what it is known who somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Via {
    Nothing,
    Token,
    Session,
}

/// Begin a session with a token
#[utoipa::path(post, path = "/v1/session", tag = "access", request_body = Asked, responses(
    (status = 201, description = "It is begun: the cookie has its reference", body = Who),
    (status = 401, description = "The token is unknown, expired or revoked", body = super::error::Refused),
    (status = 403, description = "A page of another site asks", body = super::error::Refused)))]
pub(super) async fn begin(
    State(pages): State<Pages>,
    caller: Caller,
    headers: HeaderMap,
    Body(asked): Body<Asked>,
) -> Result<impl IntoResponse, ApiError> {
    // Nobody is to be logged in as somebody else by the page of another site.
    if is_browser(&headers) {
        from_our_page(&Method::POST, &headers)?;
    }
    let looked_at = bearer(&pages, asked.token.expose_secret());
    let (actor, token) =
        pages.access.guarded(&pages, caller, Credentials::Login, looked_at).await?;
    let (cookie, who) = begun(&pages, &headers, actor, Some(token)).await?;
    Ok((StatusCode::CREATED, AppendHeaders([(header::SET_COOKIE, cookie)]), Json(who)))
}

/// Begins a session, and ends the one that the browser had.
pub(super) async fn begun(
    pages: &Pages,
    headers: &HeaderMap,
    actor: Actor,
    token: Option<TokenId>,
) -> Result<(axum::http::HeaderValue, Who), ApiError> {
    let now = pages.clock.now();
    if let Some(before) = Cookie::Session.read(headers).and_then(reference_of) {
        pages.store.end_session(before, &(&actor).into(), now).await?;
    }
    let Made { shown, kept: reference, .. } = Made::reference()?;
    let session = NewSession { reference, actor, token };
    pages.store.begin_session(&session, now).await?;
    let who = who(session.actor, Shown::Session { reference, begun_at: now });
    Ok((Cookie::Session.set(shown.expose_secret())?, who))
}

/// Who asks
#[utoipa::path(get, path = "/v1/session", tag = "access",
    responses((status = 200, description = "Who it is", body = Who)))]
pub(super) async fn mine(actor: Actor, shown: Shown) -> Json<Who> {
    Json(who(actor, shown))
}

fn who(Actor { person, role }: Actor, shown: Shown) -> Who {
    let (via, ends_at) = match shown {
        Shown::Nothing => (Via::Nothing, None),
        Shown::Token(_) => (Via::Token, None),
        Shown::Session { begun_at, .. } => {
            (Via::Session, Some(rfc3339(begun_at + SESSION_MAX_SECONDS)))
        }
    };
    Who { person, role, via, ends_at }
}

/// End the session
#[utoipa::path(delete, path = "/v1/session", tag = "access",
    responses((status = 204, description = "There is none any more")))]
pub(super) async fn end(
    State(pages): State<Pages>,
    actor: Actor,
    shown: Shown,
) -> Result<impl IntoResponse, ApiError> {
    if let Shown::Session { reference, .. } = shown {
        pages.store.end_session(reference, &(&actor).into(), pages.clock.now()).await?;
    }
    let cookie = Cookie::Session.set("")?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie)])))
}
