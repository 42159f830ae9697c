//! What people ask of a policy before they adopt it, and of a finding afterwards: which rule
//! decides and why, and what another policy would say. Nothing here changes anything.

mod check;
mod described;
mod replay;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use interdict_core::policy::{Policy, PolicyError};
use serde::Serialize;

use crate::args::{Args, PolicyVerb};
use crate::config::{ConfigError, PolicyFile};
use crate::manifests::ManifestsError;
use crate::store::StoreError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database did not do as told.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored acts do not replay.
    #[error("the database's acts of the list do not add up: {0}; restore a backup of it")]
    Ledger(#[from] interdict_core::ledger::LedgerError),
    /// The manifests cannot be read.
    #[error(transparent)]
    Manifests(#[from] ManifestsError),
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The policy cannot be relied on.
    #[error("{path} is no policy that can be relied on: {reason}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        reason: PolicyError,
    },
    /// The description cannot be read.
    #[error("this describes no dealing: {0}; see `interdict-indexer policy check --help`")]
    Dealing(String),
    /// There is no such finding.
    #[error("the database has no finding {0}: take the id from an alert")]
    NoAlert(interdict_core::alert::AlertId),
    /// The finding cannot be judged anew.
    #[error("the listing by which {0} was judged is not in the database any more")]
    NoListing(interdict_core::alert::AlertId),
}

/// Does what is asked; what to tell of it.
///
/// # Errors
/// See [`AskError`].
pub async fn run(args: &Args, verb: &PolicyVerb) -> Result<String, AskError> {
    match verb {
        PolicyVerb::Check(check) => check::run(args, check).await,
        PolicyVerb::Replay { policy, json } => {
            let config = args.load(Some(PolicyFile::Draft(policy.clone())))?;
            let replayed = replay::run(&config).await?;
            Ok(if *json { document(&replayed) } else { replayed.to_string() })
        }
    }
}

/// The policy that is named, else the configuration's, else the default one.
fn policy(args: &Args, named: Option<&Path>) -> Result<Arc<Policy>, AskError> {
    let Some(path) = named else {
        return Ok(match &args.config {
            Some(_) => args.load(None)?.policy,
            None => Policy::standard(),
        });
    };
    let text = std::fs::read_to_string(path)
        .map_err(|reason| AskError::File { path: path.to_owned(), reason })?;
    Policy::parse(&text)
        .map(Arc::new)
        .map_err(|reason| AskError::Policy { path: path.to_owned(), reason })
}

/// A result as one JSON document, as every command prints it (`cli/schema/envelope.json`).
pub(crate) fn document(data: &impl Serialize) -> String {
    serde_json::json!({
        "schema_version": 1, "success": true, "data": data, "errors": [], "warnings": [],
    })
    .to_string()
}
