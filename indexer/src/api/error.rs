//! Why a request was not answered, and how that is said.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::access::Role;
use crate::store::StoreError;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter that cannot be read.
    #[error("{name} {reason}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong, and what is right.
        reason: String,
    },
    /// The query string as a whole cannot be read.
    #[error("the query cannot be read: {0}")]
    Query(String),
    /// The body cannot be read.
    #[error("the body cannot be read: {reason}")]
    Body {
        /// What kind of wrong it is.
        status: StatusCode,
        /// What is wrong.
        reason: String,
    },
    /// There is no such alert.
    #[error("there is no alert {0}")]
    NoAlert(String),
    /// There is no such page.
    #[error("there is no such page")]
    NoPage,
    /// The page is not asked like this.
    #[error("this page is not asked with this method")]
    Method,
    /// The server was called by another name.
    #[error("this server is not called {0:?}")]
    Host(String),
    /// Nobody said who asks.
    #[error("this is not for everybody: say who asks")]
    Unauthenticated,
    /// The credentials are nobody's.
    #[error("the credentials are unknown, expired or revoked")]
    Unknown,
    /// A login elsewhere is not believed.
    #[error("the login is refused: {0}")]
    Login(String),
    /// The provider of logins gives no answer.
    #[error("the provider of logins gives no answer that can be used")]
    Provider,
    /// The role is not enough.
    #[error("this is not for the role {role}: it needs {needs}")]
    Forbidden {
        /// The role of who asks.
        role: Role,
        /// What it takes.
        needs: String,
    },
    /// A page of another site, or none that this server gave, asks with a person's cookie.
    #[error("a session changes things only from the pages of this server")]
    CrossSite,
    /// Somebody guesses.
    #[error("too many wrong credentials came from this address")]
    Guessing {
        /// Seconds to wait.
        after: u64,
    },
    /// Somebody asks too often.
    #[error("too many requests")]
    TooOften {
        /// Seconds to wait.
        after: u64,
    },
    /// Somebody asks too much at once.
    #[error("too many requests at the same time")]
    TooMany,
    /// There is no randomness.
    #[error("the system gives no randomness")]
    Random(#[from] getrandom::Error),
    /// A noun's own reason.
    #[error("{error}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// One word for programs.
        code: &'static str,
        /// What is wrong, for people.
        error: String,
        /// What to do now.
        next: &'static str,
        /// What else stands in the answer, under its name.
        beside: Option<Box<(&'static str, Value)>>,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// The figures could not be written.
    #[error("the figures could not be written")]
    Figures(#[from] std::fmt::Error),
}

impl ApiError {
    /// A noun's own reason, with nothing beside it.
    pub(super) const fn refused(
        status: StatusCode,
        code: &'static str,
        error: String,
        next: &'static str,
    ) -> Self {
        Self::Refused { status, code, error, next, beside: None }
    }

    /// A cursor that this server did not give.
    pub(super) fn cursor() -> Self {
        let reason = "is none that this server gave: take it from `next` of the page before";
        Self::Parameter { name: "cursor", reason: reason.to_owned() }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Parameter { .. } | Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Body { status, .. } | Self::Refused { status, .. } => *status,
            Self::NoAlert(_) | Self::NoPage => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Unauthenticated | Self::Unknown | Self::Login(_) => StatusCode::UNAUTHORIZED,
            Self::Provider => StatusCode::BAD_GATEWAY,
            Self::Forbidden { .. } | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Guessing { .. } | Self::TooOften { .. } | Self::TooMany => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Store(_) | Self::Figures(_) | Self::Random(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Parameter { .. } => "bad_parameter",
            Self::Query(_) => "bad_query",
            Self::Body { .. } => "bad_body",
            Self::NoAlert(_) => "no_alert",
            Self::NoPage => "no_page",
            Self::Method => "no_method",
            Self::Host(_) => "other_host",
            Self::Unauthenticated => "unauthenticated",
            Self::Unknown => "unknown_credentials",
            Self::Login(_) => "login_refused",
            Self::Provider => "no_provider",
            Self::Forbidden { .. } => "forbidden",
            Self::CrossSite => "cross_site",
            Self::Guessing { .. } => "guessing",
            Self::TooOften { .. } => "too_often",
            Self::TooMany => "too_many",
            Self::Random(_) => "no_randomness",
            Self::Refused { code, .. } => code,
            Self::Store(_) => "database",
            Self::Figures(_) => "figures",
        }
    }

    const fn next(&self) -> &'static str {
        match self {
            Self::Parameter { .. } | Self::Query(_) => "correct the query and ask again",
            Self::Body { .. } => "correct the body and ask again: see /v1/openapi.json",
            Self::NoAlert(_) => "take the id from /v1/alerts",
            Self::NoPage | Self::Method => "see /v1/openapi.json",
            Self::Host(_) => {
                "call it by a name that it is configured for, on this machine 127.0.0.1"
            }
            Self::Unauthenticated => "send a token as `Authorization: Bearer …`, or log in",
            Self::Login(_) => "begin again at /v1/oidc/login",
            Self::Provider => "log in with a token, or later; the log says why",
            Self::Unknown => "have an admin make a new token, or log in again",
            Self::Forbidden { .. } => "ask somebody who has that role",
            Self::CrossSite => "send X-Interdict: 1 from a page of this server, or use a token",
            Self::Guessing { .. } | Self::TooOften { .. } | Self::TooMany => {
                "wait as long as Retry-After says"
            }
            Self::Refused { next, .. } => next,
            Self::Store(_) | Self::Figures(_) | Self::Random(_) => "see the log of the indexer",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Store(error) = &self {
            tracing::error!(%error, "a request failed");
        }
        let (status, error) = (self.status(), self.to_string());
        let (code, next) = (self.code(), self.next());
        let after = match self {
            Self::Guessing { after } | Self::TooOften { after } => Some(after.max(1)),
            Self::TooMany => Some(1),
            _ => None,
        };
        let beside = match self {
            Self::Refused { beside, .. } => beside.map(|beside| *beside),
            _ => None,
        };
        let mut answer = status.into_response();
        answer.extensions_mut().insert(Said { error, code, next, beside });
        if let Some(after) = after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        answer
    }
}

/// What is to be said, before it is known under which id: see [`super::access::answered`].
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) error: String,
    pub(super) code: &'static str,
    pub(super) next: &'static str,
    pub(super) beside: Option<(&'static str, Value)>,
}

impl Said {
    /// What a status says by itself, where a layer gave nothing else.
    pub(super) fn by(status: StatusCode) -> Self {
        let (error, code, next) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                ("the body is longer than is taken here", "too_large", "send less at once")
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                ("there is no answer within 10 s", "too_slow", "ask for less at once, or later")
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                ("this page is not asked with this method", "no_method", "see /v1/openapi.json")
            }
            other => (
                other.canonical_reason().unwrap_or("refused"),
                "refused",
                "see /v1/openapi.json and the log of the indexer",
            ),
        };
        Self { error: error.to_owned(), code, next, beside: None }
    }
}

/// What is said when a request is refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Refused {
    /// What is wrong, for people.
    pub(super) error: String,
    /// One word for programs.
    pub(super) code: &'static str,
    /// What to do now.
    pub(super) next: &'static str,
    /// Under which id the log speaks of it.
    pub(super) request_id: String,
    /// What else belongs to it, as the route says.
    #[serde(flatten)]
    pub(super) beside: BTreeMap<String, Value>,
}
