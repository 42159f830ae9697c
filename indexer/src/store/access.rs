//! Who may come in, as it is remembered: by hashes, never by what somebody would come in with.

use alloy_primitives::{B256, FixedBytes};

use crate::actor::{Actor, Role};
use interdict_core::audit::{Event, Who};
use serde_json::json;

/// Longest session, in seconds: 12 hours.
pub const SESSION_MAX_SECONDS: i64 = 12 * 3600;
/// After this time without a request a session is over, in seconds.
pub const SESSION_IDLE_SECONDS: i64 = 3600;
/// Most tokens that are shown, the newest first.
pub const TOKENS_MAX_ROWS: u32 = 1_000;

/// The part of a token that names it.
pub type TokenId = FixedBytes<8>;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub id: TokenId,
    /// SHA-256 of its secret.
    pub secret: B256,
    /// Whose it is.
    pub person: String,
    /// As what.
    pub role: Role,
    /// Who makes it.
    pub made_by: Who,
    /// When it ends, unix seconds.
    pub expires_at: i64,
}

/// A token, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Its name.
    pub id: TokenId,
    /// SHA-256 of its secret.
    pub secret: B256,
    /// Whose it is.
    pub person: String,
    /// As what.
    pub role: Role,
    /// Who made it.
    pub made_by: String,
    /// When it was made, unix seconds.
    pub made_at: i64,
    /// When it ends, unix seconds.
    pub expires_at: i64,
    /// When it was last used, to the minute.
    pub used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

impl AccessToken {
    /// Whether it lets somebody in.
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// SHA-256 of what its cookie says.
    pub reference: B256,
    /// Whose it is.
    pub actor: Actor,
    /// The token that it was begun with.
    pub token: Option<TokenId>,
}

/// A session that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub actor: Actor,
    /// When it was begun, unix seconds.
    pub begun_at: i64,
    /// When it was last used, to the minute.
    pub used_at: i64,
}

/// What the audit log says of what is done here. Both databases write the same.
impl NewToken {
    pub(super) fn made(&self, at: i64) -> Event {
        let Self { id, person, role, made_by, expires_at, .. } = self;
        let detail = json!({
            "token": hex::encode(id), "person": person, "role": role, "expires_at": expires_at,
        });
        event(made_by.clone(), at, "token.created", detail)
    }
}

impl NewSession {
    pub(super) fn begun(&self, at: i64) -> Event {
        let by = self.token.map_or_else(|| "oidc".to_owned(), hex::encode);
        event((&self.actor).into(), at, "session.begun", json!({ "by": by }))
    }
}

pub(super) fn token_revoked(id: TokenId, by: &Who, at: i64) -> Event {
    event(by.clone(), at, "token.revoked", json!({ "token": hex::encode(id) }))
}

pub(super) fn session_ended(by: &Who, at: i64) -> Event {
    event(by.clone(), at, "session.ended", json!({}))
}

fn event(who: Who, at: i64, kind: &str, detail: serde_json::Value) -> Event {
    Event { who, at, kind: kind.to_owned(), alert: None, detail }
}
