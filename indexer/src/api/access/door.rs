//! The door of a route: finds out who asks, and lets in who may.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{ANONYMOUS, Access, Actor, Needs};
use crate::api::{ApiError, Pages};

/// Lets a request through to its handler if who asks may use it.
pub(in crate::api) async fn admit(
    State((pages, needs)): State<(Pages, Needs)>,
    mut request: Request,
    next: Next,
) -> Response {
    if needs != Needs::Nobody {
        let who = match pages.access.who(request.headers()) {
            Ok(who) => who,
            Err(error) => return error.into_response(),
        };
        if !needs.allow(who.role) {
            return ApiError::Forbidden { role: who.role, needs: needs.to_string() }
                .into_response();
        }
        request.extensions_mut().insert(who);
    }
    next.run(request).await
}

impl Access {
    fn who(&self, headers: &HeaderMap) -> Result<Actor, ApiError> {
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let shown = shown.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            return self.bearer(shown.unwrap_or_default()).ok_or(ApiError::Unknown);
        }
        let anonymous = |role| Actor { person: ANONYMOUS.to_owned(), role };
        self.anonymous.map(anonymous).ok_or(ApiError::Unauthenticated)
    }

    #[cfg(test)]
    fn bearer(&self, shown: &str) -> Option<Actor> {
        self.known.get(shown).cloned()
    }

    #[cfg(not(test))]
    #[allow(clippy::unused_self, reason = "until tokens are kept")]
    const fn bearer(&self, _shown: &str) -> Option<Actor> {
        None
    }
}

impl<S: Sync> FromRequestParts<S> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Unauthenticated)
    }
}
