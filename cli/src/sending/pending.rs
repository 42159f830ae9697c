//! A transaction on disk before it is broadcast: whoever repeats a command finds its own, and no
//! second one is made beside it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use alloy::consensus::{Transaction as _, TxEnvelope};
use alloy::eips::Decodable2718 as _;
use alloy::primitives::{Address, B256, Bytes};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::file;

/// The name of this format.
const SCHEMA: &str = "interdict.pending/1";

/// More than the longest transaction a node takes, several times.
const PENDING_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Attempts at one transaction, all with one nonce: at most one of them lands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    schema: String,
    pub(super) chain_id: u64,
    pub(super) genesis_hash: B256,
    pub(super) from: Address,
    pub(super) to: Address,
    /// Keccak-256 of the calldata.
    pub(super) data_hash: B256,
    pub(super) nonce: u64,
    pub(super) gas_limit: u64,
    /// The first, then each with which a fee was raised.
    pub(super) attempts: Vec<Attempt>,
}

/// One signed transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    pub(super) hash: B256,
    /// Wei for each unit of gas, at most, and of it to the block's maker.
    pub(super) max_fee: u128,
    pub(super) priority_fee: u128,
    /// The bytes that are broadcast.
    pub(super) raw: Bytes,
}

/// What a transaction is about, whatever it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) chain_id: u64,
    pub(super) genesis_hash: B256,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) data_hash: B256,
}

/// A call that somebody here has signed, and does not know to have landed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) from: Address,
    pub(crate) data: Bytes,
}

impl Pending {
    pub(super) fn new(subject: Subject, nonce: u64, gas_limit: u64, first: Attempt) -> Self {
        let Subject { chain_id, genesis_hash, from, to, data_hash } = subject;
        let (schema, attempts) = (SCHEMA.to_owned(), vec![first]);
        Self { schema, chain_id, genesis_hash, from, to, data_hash, nonce, gas_limit, attempts }
    }

    pub(super) fn subject(&self) -> Subject {
        Subject {
            chain_id: self.chain_id,
            genesis_hash: self.genesis_hash,
            from: self.from,
            to: self.to,
            data_hash: self.data_hash,
        }
    }

    /// The last attempt.
    pub(super) fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// The calldata, out of the bytes that are broadcast.
    fn data(&self) -> Option<Bytes> {
        let mut raw = self.last()?.raw.as_ref();
        Some(TxEnvelope::decode_2718(&mut raw).ok()?.input().clone())
    }

    /// Reads what a sender left on a chain, if it left anything.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let context = || format!("cannot read the pending transaction {}", path.display());
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(context),
            Ok(found) if found.len() > PENDING_BYTES_MAX => {
                return Err(unreadable(path, "it is too long"));
            }
            Ok(_) => {}
        }
        let text = std::fs::read_to_string(path).with_context(context)?;
        match serde_json::from_str::<Self>(&text) {
            Ok(pending) if pending.schema == SCHEMA && !pending.attempts.is_empty() => {
                Ok(Some(pending))
            }
            Ok(pending) => Err(unreadable(path, &format!("its schema is {:?}", pending.schema))),
            Err(why) => Err(unreadable(path, &why.to_string())),
        }
    }

    /// Writes it where only its owner reads: before it lands, what it names is not public.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        file::write_private(path, format!("{}\n", serde_json::to_string_pretty(self)?).as_bytes())
    }
}

/// Where a sender's transaction on a chain is kept.
pub(super) fn path(folder: &Path, chain_id: u64, from: Address) -> PathBuf {
    folder.join(format!("{chain_id}-{from:#x}.json"))
}

/// What all senders of a chain left for one contract. What cannot be read is none of it: whoever
/// sends as that sender is told.
pub(super) fn left(folder: &Path, chain: (u64, B256), to: Address) -> Result<Vec<Left>> {
    let context = || format!("cannot read the folder {}", folder.display());
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(context)?,
    };
    let prefix = format!("{}-0x", chain.0);
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.with_context(context)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.starts_with(&prefix) || path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        if let Ok(Some(pending)) = Pending::read(&path)
            && (pending.chain_id, pending.genesis_hash, pending.to) == (chain.0, chain.1, to)
            && let Some(data) = pending.data()
        {
            all.push(Left { from: pending.from, data });
        }
    }
    Ok(all)
}

/// Keeps other commands from sending as the same sender until it is dropped, or this process ends.
pub(super) fn lock(path: &Path) -> Result<File> {
    let path = path.with_extension("lock");
    let context = || format!("cannot lock {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(context)?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.with_context(context)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(error).with_context(context),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another command sends by this wallet: {}", path.display());
            Err(Failure::new(Exit::Failed, "busy", message)
                .next("wait until it has ended, then run this one again")
                .into())
        }
    }
}

/// Forgets what has landed or was replaced.
pub(super) fn forget(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)
            .with_context(|| format!("cannot remove the landed transaction {}", path.display())),
        _ => Ok(()),
    }
}

fn unreadable(path: &Path, why: &str) -> anyhow::Error {
    let message = format!("{} is no pending transaction of this version: {why}", path.display());
    Failure::new(Exit::Failed, "pending", message)
        .next("look whether your last transaction has landed, then remove the file")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t49_two_commands_of_one_wallet_do_not_send_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [1, 2].map(|n| path(folder.path(), 1, Address::repeat_byte(n)));
        let first = lock(&one).unwrap();
        assert_eq!(Failure::from_error(lock(&one).unwrap_err()).code, "busy");
        lock(&other).unwrap();
        drop(first);
        lock(&one).unwrap();
    }

    #[test]
    fn t49_what_was_signed_is_found_again_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let from = Address::repeat_byte(0xab);
        let path = path(folder.path(), 1, from);
        assert_eq!(Pending::read(&path).unwrap(), None);
        let hash = B256::repeat_byte(3);
        let subject = Subject { chain_id: 1, genesis_hash: hash, from, to: from, data_hash: hash };
        let attempt = Attempt { hash, max_fee: 2, priority_fee: 1, raw: Bytes::from(vec![2]) };
        let pending = Pending::new(subject, 7, 21_000, attempt);
        pending.write(&path).unwrap();
        assert_eq!(Pending::read(&path).unwrap(), Some(pending));
        assert!(!file::is_readable_by_others(&path));
        forget(&path).unwrap();
        forget(&path).unwrap();
        std::fs::write(&path, "{}").unwrap();
        assert!(Pending::read(&path).is_err(), "never taken for none");
    }
}
