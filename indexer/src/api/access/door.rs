//! The door of a route: finds out who asks, and lets in who may.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::cookie::from_our_page;
use super::from;
use super::limits::{Asker, Begun};
use super::{Access, Actor, Needs, Shown};
use crate::api::{ApiError, Pages};
use crate::metrics::Credentials;

/// Lets a request through to its handler if who asks may use it.
pub(in crate::api) async fn admit(
    State((pages, needs)): State<(Pages, Needs)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match enter(&pages, needs, &mut parts).await {
        Ok(begun) => begun.during(next.run(Request::from_parts(parts, body)).await),
        Err(error) => error.into_response(),
    }
}

async fn enter(pages: &Pages, needs: Needs, parts: &mut Parts) -> Result<Begun, ApiError> {
    let (access, limits) = (&pages.access, &pages.access.limits);
    let caller = Caller(from::address(parts, &access.config.proxies));
    parts.extensions.insert(caller);
    if needs == Needs::Nobody {
        return limits.begin(Asker::Address(caller.0));
    }
    let is_token = parts.headers.contains_key(header::AUTHORIZATION);
    let credentials = if is_token { Credentials::Token } else { Credentials::Session };
    let who = access.who(pages, &parts.headers);
    let (actor, shown) = access.guarded(pages, caller, credentials, who).await?;
    if matches!(shown, Shown::Session { .. }) {
        from_our_page(&parts.method, &parts.headers)?;
    }
    let begun = limits.begin(match shown {
        Shown::Nothing => Asker::Address(caller.0),
        Shown::Token(_) | Shown::Session { .. } => Asker::Person(actor.person.clone()),
    })?;
    if !needs.allow(actor.role) {
        return Err(ApiError::Forbidden { role: actor.role, needs: needs.to_string() });
    }
    parts.extensions.insert(actor);
    parts.extensions.insert(shown);
    Ok(begun)
}

impl Access {
    /// Looks at credentials unless too many wrong ones came from there, and counts wrong ones.
    pub(in crate::api) async fn guarded<T>(
        &self,
        pages: &Pages,
        caller: Caller,
        credentials: Credentials,
        looked_at: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        self.limits.may_guess(caller.0)?;
        let answer = looked_at.await;
        if matches!(answer, Err(ApiError::Unknown | ApiError::Login(_))) {
            self.limits.guessed(caller.0);
            pages.metrics.http.credentials_refused(credentials);
        }
        answer
    }
}

/// Caller where a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct Caller(IpAddr);

/// Of a request that came through a door that looked who it is.
macro_rules! left_by_the_door {
    ($($what:ty),*) => {$(
        impl<S: Sync> FromRequestParts<S> for $what {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
                parts.extensions.get::<Self>().cloned().ok_or(ApiError::Unauthenticated)
            }
        }
    )*};
}

left_by_the_door!(Actor, Shown, Caller);
