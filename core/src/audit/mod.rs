//! The audit log: everything that a person changed, in a chain of hashes.
//!
//! Each row's hash is SHA-256 over the hash of the row before it and over the row itself as
//! canonical JSON (RFC 8785), so that nothing is altered, removed, inserted or moved without
//! breaking the chain from there on. That the end was cut off, or that everything from a row on was
//! written anew, shows only against the hash of a later row that was kept elsewhere: see
//! [`checkpoint`].

pub mod checkpoint;
#[cfg(test)]
mod tests;

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::alert::AlertId;

/// Longest name of a person, in characters.
pub const PERSON_MAX_CHARS: usize = 64;
/// Longest kind of a row, in characters.
pub const KIND_MAX_CHARS: usize = 64;

/// Whoever changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The name that belongs to a token or a login; or `console`.
    pub person: String,
    /// The role in which it was done; or `console`.
    pub role: String,
}

impl Who {
    /// Somebody with a shell on the machine, who needs no token: a verb of the binary.
    pub fn console() -> Self {
        Self { person: "console".to_owned(), role: "console".to_owned() }
    }
}

/// A change by a person that has no place in the log yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Who did it.
    pub who: Who,
    /// When, unix seconds by our clock.
    pub at: i64,
    /// What was done, a word or two with a dot between: `step.close`, `token.created`.
    pub kind: String,
    /// The alert that it is about, if it is about one.
    pub alert: Option<AlertId>,
    /// Everything else. No secret is ever in it; numbers beyond 2^53 are written as texts.
    pub detail: Value,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its place: from 1, without gaps.
    pub number: u64,
    /// When, unix seconds by our clock.
    pub at: i64,
    /// Who did it.
    pub person: String,
    /// The role in which it was done.
    pub role: String,
    /// What was done.
    pub kind: String,
    /// The alert that it is about, if it is about one.
    pub alert: Option<AlertId>,
    /// Everything else, as canonical JSON.
    pub detail: String,
    /// Over the row before it and itself.
    pub hash: B256,
}

/// Where a log ends: the number and the hash of its last row. An empty one ends at nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Of the last row; 0 if there is none.
    pub number: u64,
    /// Of the last row; zero if there is none.
    pub hash: B256,
}

/// A detail that cannot be written as canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error("what was done cannot be written down: {0}")]
pub struct DetailError(#[from] serde_json::Error);

/// Where a log is not what was written, and how one sees it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("row {number}: {reason}")]
pub struct Fault {
    /// The first row that is not as it was written, by its place in the log.
    pub number: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// What the hash is taken over, beside the hash of the row before.
#[derive(Serialize)]
struct Hashed<'a> {
    alert: Option<AlertId>,
    at: i64,
    detail: &'a Value,
    kind: &'a str,
    number: u64,
    person: &'a str,
    role: &'a str,
}

impl Event {
    /// The row that this event becomes behind the end of a log.
    ///
    /// # Errors
    /// The detail cannot be written as canonical JSON.
    pub fn behind(self, end: End) -> Result<Row, DetailError> {
        let Self { who: Who { person, role }, at, kind, alert, detail } = self;
        let hash = B256::ZERO;
        let text = serde_json_canonicalizer::to_string(&detail)?;
        let mut row =
            Row { number: end.number + 1, at, person, role, kind, alert, detail: text, hash };
        row.hash = row.hashed(&detail, end.hash)?;
        Ok(row)
    }
}

impl Row {
    fn hashed(&self, detail: &Value, before: B256) -> Result<B256, DetailError> {
        let Self { number, at, person, role, kind, alert, .. } = self;
        let (number, at, alert) = (*number, *at, *alert);
        let hashed = Hashed { alert, at, detail, kind, number, person, role };
        let bytes = serde_json_canonicalizer::to_vec(&hashed)?;
        let digest = Sha256::new().chain_update(before).chain_update(bytes).finalize();
        Ok(B256::from_slice(&digest))
    }

    /// Where a log ends of which this is the last row.
    pub const fn end(&self) -> End {
        End { number: self.number, hash: self.hash }
    }
}

impl End {
    /// Goes on by one row, if it is the one that was written behind this end.
    ///
    /// # Errors
    /// It is not: the place where the log is not what was written.
    pub fn with(self, row: &Row) -> Result<Self, Fault> {
        let number = self.number + 1;
        let fault = |reason: &str| Fault { number, reason: reason.to_owned() };
        if row.number != number {
            let found = row.number;
            return Err(fault(&format!("row {found} is in its place: one is missing or moved")));
        }
        let detail: Value = serde_json::from_str(&row.detail)
            .map_err(|_| fault("its detail is no JSON: it was altered"))?;
        // Every byte of the text counts, also those that JSON does not mind.
        let canonical = serde_json_canonicalizer::to_string(&detail);
        if canonical.ok().as_ref() != Some(&row.detail) {
            return Err(fault("its detail is not as it was written: it was altered"));
        }
        match row.hashed(&detail, self.hash) {
            Ok(hash) if hash == row.hash => Ok(row.end()),
            Ok(_) | Err(_) => Err(fault(
                "its hash is not that of this row behind the one before: one of them was altered",
            )),
        }
    }
}
