//! The audit log, as people check it: row by row, and against checkpoints that were kept elsewhere.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use interdict_core::audit::checkpoint::{
    Checkpoint, CheckpointError, Kept, Signed, SigningKey, public_key,
};
use interdict_core::audit::{End, Fault};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::args::{Args, AuditVerb, VerifyAudit};
use crate::config::{Config, ConfigError};
use crate::policy::document;
use crate::store::{Store, StoreError};
use crate::upkeep;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Largest file of a checkpoint or key that is read, in bytes.
const FILE_MAX_BYTES: u64 = 16 << 10;

/// Why nothing is proved.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database did not do as told.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log is not what was written.
    #[error(
        "the audit log was tampered with, {0}; keep the database as it is, and compare with a backup"
    )]
    Tampered(Fault),
    /// A file cannot be read or written.
    #[error("{path}: {reason}; name another file or see its folder")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// A key that others can read.
    #[error("{0} can be read by others: a key is for its owner alone, chmod 600 it")]
    Open(PathBuf),
    /// No key.
    #[error("{0} holds no key: make one with `interdict-indexer audit key`")]
    NoKey(PathBuf),
    /// No public key.
    #[error(
        "{0:?} is no public key: it has 64 hex digits, as `interdict-indexer audit key` prints it"
    )]
    NoPublicKey(String),
    /// A checkpoint that proves nothing.
    #[error("{path} proves nothing: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: CheckpointError,
    },
    /// No checkpoint at all.
    #[error("{path} is no checkpoint: {reason}")]
    NoCheckpoint {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: serde_json::Error,
    },
    /// The system has no randomness.
    #[error("no key can be made: {0}")]
    Random(getrandom::Error),
}

/// A log that is what was written.
#[derive(Debug, Serialize)]
struct Whole {
    rows: u64,
    head: B256,
    /// Checkpoints with which it agrees.
    checkpoints: usize,
}

/// Checks the log.
///
/// # Errors
/// It is not what was written, or see [`AuditError`].
pub async fn verify(config: &Config, asked: &VerifyAudit) -> Result<String, AuditError> {
    let mut points = Vec::new();
    if let Some(text) = &asked.public_key {
        let trusted = public_key(text).map_err(|_| AuditError::NoPublicKey(text.clone()))?;
        for path in &asked.checkpoints {
            points.push(checkpoint(config, path, trusted)?);
        }
    }
    let store = Store::open_beside(&config.database, upkeep::home(config)).await?;
    let walked = walk(&store, Kept::new(&points)).await;
    store.close().await;
    let End { number: rows, hash: head } = walked?;
    let whole = Whole { rows, head, checkpoints: points.len() };
    if asked.json {
        return Ok(document(&whole));
    }
    let against = match points.len() {
        0 => "no checkpoint: that its end was not cut off or written anew is not proved".to_owned(),
        n => format!("and it agrees with {n} of {n} checkpoints"),
    };
    Ok(format!("{rows} rows, each as it was written\nhead {head}\n{against}"))
}

/// Makes a key, or a checkpoint.
///
/// # Errors
/// See [`AuditError`]; no file is left then.
pub async fn checkpoints(config: &Config, key: &Path, out: &Path) -> Result<String, AuditError> {
    let key = read_key(key)?;
    let home = upkeep::home(config);
    let store = Store::open_beside(&config.database, home).await?;
    let walked = walk(&store, Kept::default()).await;
    store.close().await;
    let end = walked?;
    let now = jiff::Timestamp::now().as_second();
    let failed = |reason| AuditError::Checkpoint { path: out.to_owned(), reason };
    let signed =
        Checkpoint::of(end, home.chain_id, home.blocklist, now).sign(&key).map_err(failed)?;
    let text = serde_json::to_string_pretty(&signed)
        .map_err(|reason| failed(CheckpointError::Canonical(reason)))?;
    private(out, &format!("{text}\n"))?;
    let (number, hash, by) = (end.number, end.hash, signed.public_key);
    Ok(format!("row {number}, hash {hash}\nsigned by {by}\nkeep {} elsewhere", out.display()))
}

/// Makes a key; its public half.
///
/// # Errors
/// The file is there already, or see [`AuditError`].
pub fn key(path: &Path) -> Result<String, AuditError> {
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut *secret).map_err(AuditError::Random)?;
    let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex::encode(*secret))));
    private(path, &text)?;
    Ok(hex::encode(SigningKey::from_bytes(&secret).verifying_key().to_bytes()))
}

/// Does what is asked; a key needs no configuration.
///
/// # Errors
/// See [`AuditError`].
pub async fn run(args: &Args, verb: &AuditVerb) -> Result<String, AuditError> {
    match verb {
        AuditVerb::Key { file } => key(file),
        AuditVerb::Checkpoint { key, out } => checkpoints(&args.load(None)?, key, out).await,
    }
}

/// Goes through the whole log, and compares it with what was kept of it.
pub(crate) async fn walk(store: &Store, mut kept: Kept) -> Result<End, AuditError> {
    let mut end = End::default();
    loop {
        let rows = store.audit_after(end.number).await?;
        if rows.is_empty() {
            kept.finish(end).map_err(AuditError::Tampered)?;
            return Ok(end);
        }
        for row in rows {
            let row = row.map_err(AuditError::Tampered)?;
            end = end.with(&row).map_err(AuditError::Tampered)?;
            kept.compare(end).map_err(AuditError::Tampered)?;
        }
    }
}

fn checkpoint(config: &Config, path: &Path, trusted: B256) -> Result<Checkpoint, AuditError> {
    let text = read(path)?;
    let signed: Signed = serde_json::from_str(&text)
        .map_err(|reason| AuditError::NoCheckpoint { path: path.to_owned(), reason })?;
    let home = upkeep::home(config);
    let opened = signed.open(trusted, home.chain_id, home.blocklist);
    opened.map_err(|reason| AuditError::Checkpoint { path: path.to_owned(), reason })
}

fn read_key(path: &Path) -> Result<SigningKey, AuditError> {
    let failed = |reason| AuditError::File { path: path.to_owned(), reason };
    let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(AuditError::Open(path.to_owned()));
    }
    let text = Zeroizing::new(read(path)?);
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    hex::decode_to_slice(text.trim(), &mut *secret)
        .map_err(|_| AuditError::NoKey(path.to_owned()))?;
    Ok(SigningKey::from_bytes(&secret))
}

fn read(path: &Path) -> Result<String, AuditError> {
    let failed = |reason| AuditError::File { path: path.to_owned(), reason };
    let file = File::open(path).map_err(failed)?;
    io::read_to_string(io::Read::take(file, FILE_MAX_BYTES)).map_err(failed)
}

/// A new file that only its owner can read.
fn private(path: &Path, text: &str) -> Result<(), AuditError> {
    let failed = |reason| AuditError::File { path: path.to_owned(), reason };
    let made = File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(failed)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // What is left of it is no key and no checkpoint.
        let _ = std::fs::remove_file(path);
    }
    written.map_err(failed)
}
