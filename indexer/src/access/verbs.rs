//! The verbs `tokens create`, `tokens list` and `tokens revoke`.

use std::fmt;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use interdict_core::audit::Who;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::Made;
use crate::actor::{NoPerson, Role, person};
use crate::args::TokensVerb;
use crate::config::Config;
use crate::policy::document;
use crate::report::rfc3339;
use crate::store::access::{AccessToken, NewToken, TokenId};
use crate::store::{Store, StoreError};
use crate::upkeep;

const DAY_SECONDS: i64 = 24 * 3600;

/// Why the tokens are as they were.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// The database did not do as told.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name is none.
    #[error("--person {0}")]
    Person(#[from] NoPerson),
    /// There is no randomness.
    #[error("the system gives no randomness: {0}; no token was made")]
    Random(#[from] getrandom::Error),
    /// There is no such token, or it is revoked already.
    #[error("there is no live token {}: see `interdict-indexer tokens list`", hex::encode(.0))]
    Unknown(TokenId),
}

/// Does what is asked; what to tell of it.
///
/// # Errors
/// See [`TokensError`].
pub async fn run(config: &Config, verb: &TokensVerb) -> Result<String, TokensError> {
    let now = jiff::Timestamp::now().as_second();
    let store = open(config, verb).await?;
    let done = match verb {
        TokensVerb::Create { person, role, days } => {
            create(&store, person, *role, i64::from(*days), now).await
        }
        TokensVerb::List { json } => list(&store, now).await.map(|list| match json {
            true => document(&list),
            false => list.to_string(),
        }),
        TokensVerb::Revoke { id } => match store.revoke_token(*id, &Who::console(), now).await {
            Ok(true) => Ok(format!("{} lets nobody in any more", hex::encode(id))),
            Ok(false) => Err(TokensError::Unknown(*id)),
            Err(error) => Err(error.into()),
        },
    };
    store.close().await;
    done
}

/// The first token is made before there is a database: an indexer that others can reach does not
/// start without one. Whoever looks for one that is there makes no database by mistake.
async fn open(config: &Config, verb: &TokensVerb) -> Result<Store, StoreError> {
    let home = upkeep::home(config);
    if !matches!(verb, TokensVerb::Create { .. }) {
        return Store::open_beside(&config.database, home).await;
    }
    match Store::open(&config.database, home).await {
        Err(StoreError::InUse { .. }) => Store::open_beside(&config.database, home).await,
        opened => opened,
    }
}

async fn create(
    store: &Store,
    name: &str,
    role: Role,
    days: i64,
    now: i64,
) -> Result<String, TokensError> {
    let Made { name: id, shown, kept: secret } = Made::token()?;
    let (person, made_by) = (person(name)?, Who::console());
    let expires_at = now + days * DAY_SECONDS;
    store.make_token(&NewToken { id, secret, person, role, made_by, expires_at }, now).await?;
    Ok(shown.expose_secret().to_owned())
}

/// The tokens that there are.
#[derive(Debug, Serialize)]
struct List {
    tokens: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    person: String,
    role: Role,
    state: &'static str,
    made_by: String,
    made_at: String,
    expires_at: String,
    used_at: Option<String>,
}

async fn list(store: &Store, now: i64) -> Result<List, TokensError> {
    let listed = |token: AccessToken| Listed {
        id: hex::encode(token.id),
        state: match token.revoked_at {
            Some(_) => "revoked",
            None if token.expires_at <= now => "expired",
            None => "live",
        },
        person: token.person,
        role: token.role,
        made_by: token.made_by,
        made_at: rfc3339(token.made_at),
        expires_at: rfc3339(token.expires_at),
        used_at: token.used_at.map(rfc3339),
    };
    Ok(List { tokens: store.tokens().await?.into_iter().map(listed).collect() })
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tokens.is_empty() {
            return write!(f, "there are no tokens: make one with `tokens create`");
        }
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header(["id", "person", "role", "state", "made by", "expires", "last used"]);
        for Listed { id, person, role, state, made_by, expires_at, used_at, .. } in &self.tokens {
            let used = used_at.as_deref().unwrap_or("never");
            table.add_row([id, person, role.word(), state, made_by, expires_at, used]);
        }
        write!(f, "{}", table.trim_fmt())
    }
}
