//! The verbs of who may come in.

use alloy_primitives::B256;
use interdict_core::audit::Who;

use super::Store;
use crate::store::StoreError;
use crate::store::access::{AccessToken, NewSession, NewToken, Session, TokenId};

impl Store {
    /// Keeps a new token.
    ///
    /// # Errors
    /// The database failed.
    pub async fn make_token(&self, token: &NewToken, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.make_token(token, now))
    }

    /// One token, live or not.
    ///
    /// # Errors
    /// The database failed.
    pub async fn token(&self, id: TokenId) -> Result<Option<AccessToken>, StoreError> {
        told!(self, database => database.token(id))
    }

    /// The tokens, newest first, at most [`crate::store::access::TOKENS_MAX_ROWS`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn tokens(&self) -> Result<Vec<AccessToken>, StoreError> {
        told!(self, database => database.tokens())
    }

    /// A token was used.
    ///
    /// # Errors
    /// The database failed.
    pub async fn token_used(&self, id: TokenId, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.token_used(id, now))
    }

    /// A token lets nobody in any more, nor do the sessions that were begun with it; whether it did
    /// before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_token(&self, id: TokenId, by: &Who, now: i64) -> Result<bool, StoreError> {
        told!(self, database => database.revoke_token(id, by, now))
    }

    /// Whether any token lets somebody in.
    ///
    /// # Errors
    /// The database failed.
    pub async fn has_credentials(&self, now: i64) -> Result<bool, StoreError> {
        told!(self, database => database.has_credentials(now))
    }

    /// Keeps a new session.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_session(&self, session: &NewSession, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.begin_session(session, now))
    }

    /// The session of a reference, if it is on: neither ended nor too old, nor its token dead.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session(&self, reference: B256, now: i64) -> Result<Option<Session>, StoreError> {
        told!(self, database => database.session(reference, now))
    }

    /// A session was used.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session_used(&self, reference: B256, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.session_used(reference, now))
    }

    /// A session is over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_session(&self, reference: B256, by: &Who, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.end_session(reference, by, now))
    }
}
