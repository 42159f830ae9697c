//! Tokens: which there are, a new one, one less.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{Actor, Role};
use super::asked::Body;
use super::{ApiError, Pages};
use crate::access::{Made, TOKEN_DAYS_MAX};
use crate::actor::person;
use crate::report::rfc3339;
use crate::store::access::{AccessToken, NewToken};

const DAY_SECONDS: i64 = 24 * 3600;
/// How long a token lets in if nothing else is said, in days.
const TOKEN_DAYS_DEFAULT: u16 = 90;

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(super) struct Page {
    /// The newest first, at most 1,000.
    tokens: Vec<Token>,
}

/// A token, without what would let in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Token {
    /// Its name: the part between the underscores.
    id: String,
    /// Whose it is.
    person: String,
    /// What it may do.
    role: Role,
    /// Who made it.
    made_by: String,
    /// When it was made.
    made_at: String,
    /// When it ends.
    expires_at: String,
    /// When it was last used, to the minute.
    used_at: Option<String>,
    /// When it was revoked.
    revoked_at: Option<String>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(super) struct Asked {
    /// Whose it is: a person, or a program.
    #[schema(min_length = 1, max_length = 64)]
    person: String,
    /// What it may do.
    role: Role,
    /// How long it lets in; 90 if nothing is said.
    #[schema(minimum = 1, maximum = 366)]
    days: Option<u16>,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeToken)]
pub(super) struct Told {
    /// What lets in. It is shown this once.
    token: String,
    /// Its name.
    id: String,
    /// When it ends.
    expires_at: String,
}

impl From<AccessToken> for Token {
    fn from(token: AccessToken) -> Self {
        Self {
            id: hex::encode(token.id),
            person: token.person,
            role: token.role,
            made_by: token.made_by,
            made_at: rfc3339(token.made_at),
            expires_at: rfc3339(token.expires_at),
            used_at: token.used_at.map(rfc3339),
            revoked_at: token.revoked_at.map(rfc3339),
        }
    }
}

/// Which tokens there are
#[utoipa::path(get, path = "/v1/tokens", tag = "access",
    responses((status = 200, description = "Tokens, the newest first", body = Page)))]
pub(super) async fn page(State(pages): State<Pages>) -> Result<Json<Page>, ApiError> {
    let tokens = pages.store.tokens().await?.into_iter().map(Token::from).collect();
    Ok(Json(Page { tokens }))
}

/// Make a token
#[utoipa::path(post, path = "/v1/tokens", tag = "access", request_body = Asked,
    responses((status = 201, description = "It is made", body = Told)))]
pub(super) async fn make(
    State(pages): State<Pages>,
    actor: Actor,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Told>), ApiError> {
    let wrong = |reason: String| ApiError::Body { status: StatusCode::BAD_REQUEST, reason };
    let person = person(&asked.person).map_err(|error| wrong(format!("person {error}")))?;
    let days = asked.days.unwrap_or(TOKEN_DAYS_DEFAULT);
    if !(1..=TOKEN_DAYS_MAX).contains(&days) {
        return Err(wrong(format!("days is {days}: use 1 to {TOKEN_DAYS_MAX}")));
    }
    let Made { name: id, shown, kept: secret } = Made::token()?;
    let now = pages.clock.now();
    let expires_at = now + i64::from(days) * DAY_SECONDS;
    let token =
        NewToken { id, secret, person, role: asked.role, made_by: (&actor).into(), expires_at };
    pages.store.make_token(&token, now).await?;
    let token = shown.expose_secret().to_owned();
    let told = Told { token, id: hex::encode(id), expires_at: rfc3339(expires_at) };
    Ok((StatusCode::CREATED, Json(told)))
}

/// Revoke a token
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 204, description = "It lets nobody in any more")))]
pub(super) async fn revoke(
    State(pages): State<Pages>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut name = [0; 8];
    let known = hex::decode_to_slice(&id, &mut name).is_ok();
    if known && pages.store.revoke_token(name.into(), &(&actor).into(), pages.clock.now()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::refused(
        StatusCode::NOT_FOUND,
        "no_token",
        format!("there is no live token {id}"),
        "take the id from /v1/tokens",
    ))
}
