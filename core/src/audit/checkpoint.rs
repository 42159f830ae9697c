//! What is kept elsewhere, so that the end of the log cannot be cut off or written anew unseen: the
//! number and hash of a row, signed with Ed25519 (RFC 8032).

use alloy_primitives::{Address, B256, Bytes, hex};
pub use ed25519_dalek::SigningKey;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{End, Fault};

/// The name of this format.
pub const FORMAT: &str = "interdict.audit-checkpoint/1";

/// How far a log went at one moment, and whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// [`FORMAT`].
    pub format: String,
    /// EIP-155 chain id of the list.
    pub chain_id: u64,
    /// The list's contract.
    pub blocklist: Address,
    /// Number of the last row.
    pub number: u64,
    /// Hash of the last row.
    pub hash: B256,
    /// When it was made, unix seconds by our clock.
    pub made_at: i64,
}

/// A checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// What is signed, as canonical JSON.
    pub checkpoint: Checkpoint,
    /// By whom: 32 bytes. It names the key; that it is the right one is for the reader to know.
    pub public_key: B256,
    /// Over the canonical JSON of the checkpoint: 64 bytes.
    pub signature: Bytes,
}

/// Why a checkpoint proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Of another format.
    #[error("it has format {0:?}, this version reads {FORMAT:?}")]
    Format(String),
    /// It cannot be written down.
    #[error("it cannot be written as canonical JSON: {0}")]
    Canonical(#[from] serde_json::Error),
    /// Signed by another key than the one that is trusted.
    #[error("it is signed by {theirs}, not by {ours}")]
    OtherKey {
        /// Its own.
        theirs: B256,
        /// The trusted one.
        ours: B256,
    },
    /// No key at all.
    #[error("{0} is no Ed25519 key")]
    NoKey(B256),
    /// The signature does not fit.
    #[error("its signature is not that of its content")]
    Signature,
    /// Of another list.
    #[error("it is of the log of chain {chain_id}, list {blocklist}")]
    OtherLog {
        /// Chain id.
        chain_id: u64,
        /// The list.
        blocklist: Address,
    },
}

impl Checkpoint {
    /// Of a log that ends there.
    pub fn of(end: End, chain_id: u64, blocklist: Address, made_at: i64) -> Self {
        let End { number, hash } = end;
        Self { format: FORMAT.to_owned(), chain_id, blocklist, number, hash, made_at }
    }

    fn bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        Ok(serde_json_canonicalizer::to_vec(self)?)
    }

    /// The same, signed.
    ///
    /// # Errors
    /// It cannot be written as canonical JSON.
    pub fn sign(self, key: &SigningKey) -> Result<Signed, CheckpointError> {
        let signature = key.sign(&self.bytes()?).to_bytes().into();
        let public_key = B256::new(key.verifying_key().to_bytes());
        Ok(Signed { checkpoint: self, public_key, signature })
    }
}

impl Signed {
    /// The checkpoint, if it is signed by the key that is trusted and is of this log.
    ///
    /// # Errors
    /// It is not.
    pub fn open(
        self,
        trusted: B256,
        chain_id: u64,
        blocklist: Address,
    ) -> Result<Checkpoint, CheckpointError> {
        let Self { checkpoint, public_key, signature } = self;
        if checkpoint.format != FORMAT {
            return Err(CheckpointError::Format(checkpoint.format));
        }
        if public_key != trusted {
            return Err(CheckpointError::OtherKey { theirs: public_key, ours: trusted });
        }
        let key =
            VerifyingKey::from_bytes(&trusted.0).map_err(|_| CheckpointError::NoKey(trusted))?;
        let signature =
            Signature::from_slice(&signature).map_err(|_| CheckpointError::Signature)?;
        key.verify_strict(&checkpoint.bytes()?, &signature)
            .map_err(|_| CheckpointError::Signature)?;
        let of = (checkpoint.chain_id, checkpoint.blocklist);
        if of != (chain_id, blocklist) {
            return Err(CheckpointError::OtherLog { chain_id: of.0, blocklist: of.1 });
        }
        Ok(checkpoint)
    }
}

/// Compares the rows of a log with what was kept of it, while they go by.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The lowest number first.
    points: Vec<(u64, B256)>,
    /// The highest number up to which the log has been compared.
    through: u64,
}

impl Kept {
    /// From any number of checkpoints.
    pub fn new(checkpoints: &[Checkpoint]) -> Self {
        let mut points: Vec<_> = checkpoints.iter().map(|one| (one.number, one.hash)).collect();
        points.sort_unstable();
        Self { points, through: 0 }
    }

    /// A row goes by that fits the one before it.
    ///
    /// # Errors
    /// It is not the one of which a checkpoint was made.
    pub fn compare(&mut self, end: End) -> Result<(), Fault> {
        let here = self.points.iter().filter(|(number, _)| *number == end.number);
        for (number, hash) in here {
            if *hash != end.hash {
                let from = self.through + 1;
                let reason = format!(
                    "the checkpoint of row {number} has another hash: rows {from} to {number} are \
                     not those that were written"
                );
                return Err(Fault { number: from, reason });
            }
            self.through = *number;
        }
        Ok(())
    }

    /// The log is over.
    ///
    /// # Errors
    /// It went further when a checkpoint was made.
    pub fn finish(&self, end: End) -> Result<(), Fault> {
        match self.points.iter().find(|(number, _)| *number > end.number) {
            None => Ok(()),
            Some((number, _)) => {
                let reason = format!(
                    "it is gone: the log ends at row {}, and a checkpoint was made of row {number}",
                    end.number
                );
                Err(Fault { number: end.number + 1, reason })
            }
        }
    }
}

/// A public key from its hex digits.
///
/// # Errors
/// It has none of 32 bytes.
pub fn public_key(text: &str) -> Result<B256, hex::FromHexError> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key)?;
    Ok(B256::new(key))
}
