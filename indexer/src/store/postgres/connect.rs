//! To the server: from an address that may carry a password to a pool of connections.

use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::store::StoreError;

/// Connections of one worker.
const CONNECTIONS_MAX: u32 = 4;
/// How long to wait for a connection, in seconds.
const ACQUIRE_TIMEOUT_SECONDS: u64 = 10;
/// What may stand behind the question mark. Others are refused, because what is not understood
/// would be written to the log with its value.
const PARAMETERS: [&str; 8] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "application_name", "options"];
/// What every connection asks of the server, whatever the server's own configuration says.
const SESSION: [(&str, &str); 5] = [
    // A commit that was acknowledged is on disk.
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    // Waiting and working end before the caller gives up.
    ("lock_timeout", "10s"),
    ("statement_timeout", "40s"),
    // A worker that hangs in a transaction does not hold up those who would take over.
    ("idle_in_transaction_session_timeout", "20s"),
];

/// Connects; the pool, and the place as it may be shown.
pub(super) async fn connect(url: &SecretString) -> Result<(PgPool, String), StoreError> {
    // TLS of the connections needs it chosen.
    crate::install_crypto();
    let options = options(url)?;
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let place = format!("postgres://{}:{}/{database}", options.get_host(), options.get_port());
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(Duration::from_secs(ACQUIRE_TIMEOUT_SECONDS))
        .connect_with(options)
        .await
        .map_err(|error| StoreError::Unreachable { place: place.clone(), reason: said(&error) })?;
    Ok((pool, place))
}

/// The address as options. An error repeats nothing of it but the name of a parameter.
fn options(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    let wrong = |what: &str| StoreError::Address(what.to_owned());
    let parsed = Url::parse(url.expose_secret()).map_err(|_| wrong("is no address"))?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err(wrong("does not begin with postgres://"));
    }
    let known = |name: &str| PARAMETERS.contains(&name);
    if let Some((name, _)) = parsed.query_pairs().find(|(name, _)| !known(name)) {
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-[].".contains(c));
        let name = if letters { &*name } else { "with strange letters" };
        return Err(StoreError::Address(format!("has a parameter {name} that is not known")));
    }
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(|_| wrong("has a part that cannot be read"))?;
    let options = if options.get_application_name().is_none() {
        options.application_name("interdict-indexer")
    } else {
        options
    };
    Ok(options.options(SESSION))
}

/// What kept us out. A server repeats the user's name, never the password.
fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(_) => "the address has a part that cannot be used".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_cannot_be_used_is_refused_without_being_repeated() {
        for url in [
            "s3cret",
            "mysql://me:s3cret@localhost/x",
            "postgres://me:s3cret@localhost/x?passwd=s3cret",
            "postgres://me:s3cret@localhost/x?s3%20cret=1",
            "postgres://me:s3cret@localhost:99999/x",
            "postgres://me:s3cret@localhost/x?sslmode=s3cret",
            "postgres://me:s3cret@127.0.0.1:1/x",
        ] {
            let error = connect(&url.into()).await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("s3"), "{shown}");
            assert!(error.to_string().contains("postgres://"), "{error}");
        }
    }
}
