//! Who may come in, in the database.

use alloy_primitives::B256;
use interdict_core::audit::Who;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Store;
use super::audit::audited;
use super::row::{self, read_word, word};
use crate::actor::Actor;
use crate::store::StoreError;
use crate::store::access::{
    AccessToken, NewSession, NewToken, SESSION_IDLE_SECONDS, SESSION_MAX_SECONDS, Session,
    TOKENS_MAX_ROWS, TokenId, session_ended, token_revoked,
};

impl Store {
    /// See [`crate::store::Store::make_token`].
    pub async fn make_token(&self, token: &NewToken, now: i64) -> Result<(), StoreError> {
        let NewToken { id, secret, person, role, made_by, expires_at } = token;
        let mut tx = self.write().await?;
        sqlx::query(
            "INSERT INTO access_tokens (id, secret, person, role, made_by, made_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(id.as_slice())
        .bind(secret.as_slice())
        .bind(person)
        .bind(word(role)?)
        .bind(&made_by.person)
        .bind(now)
        .bind(expires_at)
        .execute(&mut *tx)
        .await?;
        audited(&mut tx, token.made(now)).await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::token`].
    pub async fn token(&self, id: TokenId) -> Result<Option<AccessToken>, StoreError> {
        let row = sqlx::query("SELECT * FROM access_tokens WHERE id = ?1")
            .bind(id.as_slice())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(token).transpose()
    }

    /// See [`crate::store::Store::tokens`].
    pub async fn tokens(&self) -> Result<Vec<AccessToken>, StoreError> {
        let rows = sqlx::query("SELECT * FROM access_tokens ORDER BY made_at DESC, id LIMIT ?1")
            .bind(i64::from(TOKENS_MAX_ROWS))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(token).collect()
    }

    /// See [`crate::store::Store::token_used`].
    pub async fn token_used(&self, id: TokenId, now: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE access_tokens SET used_at = ?1 WHERE id = ?2")
            .bind(now)
            .bind(id.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// See [`crate::store::Store::revoke_token`].
    pub async fn revoke_token(&self, id: TokenId, by: &Who, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let revoked = sqlx::query(
            "UPDATE access_tokens SET revoked_at = ?1 WHERE id = ?2 AND revoked_at IS NULL",
        )
        .bind(now)
        .bind(id.as_slice())
        .execute(&mut *tx)
        .await?;
        let revoked = revoked.rows_affected() == 1;
        if revoked {
            audited(&mut tx, token_revoked(id, by, now)).await?;
        }
        tx.commit().await?;
        Ok(revoked)
    }

    /// See [`crate::store::Store::has_credentials`].
    pub async fn has_credentials(&self, now: i64) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM access_tokens WHERE revoked_at IS NULL AND expires_at > ?1 LIMIT 1",
        )
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.is_some())
    }

    /// See [`crate::store::Store::begin_session`].
    pub async fn begin_session(&self, session: &NewSession, now: i64) -> Result<(), StoreError> {
        let NewSession { reference, actor, token } = session;
        let mut tx = self.write().await?;
        sqlx::query(
            "INSERT INTO sessions (reference, person, role, token, begun_at, used_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )
        .bind(reference.as_slice())
        .bind(&actor.person)
        .bind(word(actor.role)?)
        .bind(token.as_ref().map(TokenId::as_slice))
        .bind(now)
        .execute(&mut *tx)
        .await?;
        audited(&mut tx, session.begun(now)).await?;
        Ok(tx.commit().await?)
    }

    /// See [`crate::store::Store::session`].
    pub async fn session(&self, reference: B256, now: i64) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(
            "SELECT s.person, s.role, s.begun_at, s.used_at
             FROM sessions s LEFT JOIN access_tokens t ON t.id = s.token
             WHERE s.reference = ?1 AND s.ended_at IS NULL
                 AND s.begun_at > ?2 AND s.used_at > ?3
                 AND (s.token IS NULL OR (t.revoked_at IS NULL AND t.expires_at > ?4))",
        )
        .bind(reference.as_slice())
        .bind(now - SESSION_MAX_SECONDS)
        .bind(now - SESSION_IDLE_SECONDS)
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(session).transpose()
    }

    /// See [`crate::store::Store::session_used`].
    pub async fn session_used(&self, reference: B256, now: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE sessions SET used_at = ?1 WHERE reference = ?2")
            .bind(now)
            .bind(reference.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// See [`crate::store::Store::end_session`].
    pub async fn end_session(&self, reference: B256, by: &Who, now: i64) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let ended = sqlx::query(
            "UPDATE sessions SET ended_at = ?1 WHERE reference = ?2 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(reference.as_slice())
        .execute(&mut *tx)
        .await?;
        if ended.rows_affected() == 1 {
            audited(&mut tx, session_ended(by, now)).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn token(row: &SqliteRow) -> Result<AccessToken, StoreError> {
    let id: &[u8] = row.try_get("id")?;
    Ok(AccessToken {
        id: id.try_into().map_err(|_| StoreError::Unreadable("id"))?,
        secret: row::hash(row, "secret")?,
        person: row.try_get("person")?,
        role: read_word(row, "role")?,
        made_by: row.try_get("made_by")?,
        made_at: row.try_get("made_at")?,
        expires_at: row.try_get("expires_at")?,
        used_at: row.try_get("used_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}

fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    Ok(Session {
        actor: Actor { person: row.try_get("person")?, role: read_word(row, "role")? },
        begun_at: row.try_get("begun_at")?,
        used_at: row.try_get("used_at")?,
    })
}
