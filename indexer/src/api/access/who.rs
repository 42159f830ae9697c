//! Who asks: by a token, by a session, or nobody.

use alloy_primitives::B256;
use axum::http::{HeaderMap, header};

use super::{Access, Actor, Cookie};
use crate::access::{reference_of, same, token_of};
use crate::actor::ANONYMOUS;
use crate::api::{ApiError, Pages};
use crate::store::access::TokenId;

/// A use within this time after the last one that was written down is not written down, in seconds.
const USED_SECONDS: i64 = 60;

/// What somebody showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Shown {
    /// Nothing.
    Nothing,
    /// A token.
    Token(TokenId),
    /// A session's cookie.
    Session {
        /// Hash of its reference.
        reference: B256,
        /// When it was begun, unix seconds.
        begun_at: i64,
    },
}

impl Access {
    /// Who shows something, and what. Whoever shows something wrong is not taken for somebody who
    /// shows nothing.
    pub(super) async fn who(
        &self,
        pages: &Pages,
        headers: &HeaderMap,
    ) -> Result<(Actor, Shown), ApiError> {
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let shown = shown.to_str().ok().and_then(|text| text.split_once(' '));
            let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (actor, id) = bearer(pages, shown.map_or("", |(_, token)| token)).await?;
            return Ok((actor, Shown::Token(id)));
        }
        if let Some(cookie) = Cookie::Session.read(headers) {
            return session(pages, cookie).await;
        }
        let anonymous = |role| Actor { person: ANONYMOUS.to_owned(), role };
        let actor = self.config.anonymous.map(anonymous).ok_or(ApiError::Unauthenticated)?;
        Ok((actor, Shown::Nothing))
    }
}

/// Whose token it is.
pub(in crate::api) async fn bearer(
    pages: &Pages,
    shown: &str,
) -> Result<(Actor, TokenId), ApiError> {
    let (id, secret) = token_of(shown).ok_or(ApiError::Unknown)?;
    let now = pages.clock.now();
    let kept = pages.store.token(id).await?.ok_or(ApiError::Unknown)?;
    if !same(&kept.secret, &secret) || !kept.is_live(now) {
        return Err(ApiError::Unknown);
    }
    if kept.used_at.is_none_or(|used| now - used >= USED_SECONDS) {
        pages.store.token_used(id, now).await?;
    }
    Ok((Actor { person: kept.person, role: kept.role }, id))
}

async fn session(pages: &Pages, cookie: &str) -> Result<(Actor, Shown), ApiError> {
    let reference = reference_of(cookie).ok_or(ApiError::Unknown)?;
    let now = pages.clock.now();
    let kept = pages.store.session(reference, now).await?.ok_or(ApiError::Unknown)?;
    if now - kept.used_at >= USED_SECONDS {
        pages.store.session_used(reference, now).await?;
    }
    Ok((kept.actor, Shown::Session { reference, begun_at: kept.begun_at }))
}
