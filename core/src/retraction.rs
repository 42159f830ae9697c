//! The manifest of a retraction: which holds the council ends by its signatures, and why, as
//! canonical JSON whose exact bytes are hashed on chain.
//!
//! A retraction follows from no publication, so it has a reason where a manifest has its source.
//! As in any manifest, no person's name belongs into it: the authority's uid is enough.

use alloy_primitives::{Address, B256, aliases::U40};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::contract::IBlocklist;
use crate::manifest::{ManifestError, Removal};
use crate::source::Source;

/// The name of this format.
pub const SCHEMA: &str = "interdict.retraction-manifest/1";

/// What one retraction ends on one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetractionManifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// EIP-155 chain id of the list.
    pub chain_id: u64,
    /// The list's contract.
    pub blocklist: Address,
    /// The source lists that let go of the addresses, sorted.
    pub sources: Vec<Source>,
    /// Why, in the council's own words.
    pub reason: String,
    /// What is held no more; sorted by address, then uid.
    pub retract: Vec<Removal>,
}

impl RetractionManifest {
    /// The exact bytes: canonical JSON, no newline at the end.
    ///
    /// # Errors
    /// [`ManifestError::Canonical`]; does not happen for values that this type can hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        serde_json_canonicalizer::to_vec(self)
            .map_err(|error| ManifestError::Canonical(error.to_string()))
    }

    /// SHA-256 of the exact bytes: what the contract's act carries.
    ///
    /// # Errors
    /// As [`Self::to_bytes`].
    pub fn hash(&self) -> Result<B256, ManifestError> {
        self.to_bytes().map(|bytes| B256::new(Sha256::digest(bytes).into()))
    }

    /// The batch of the act. Its `dataAsOf` is 0, for no publication says what it does.
    ///
    /// # Errors
    /// As [`Self::to_bytes`].
    pub fn batch(&self) -> Result<IBlocklist::Batch, ManifestError> {
        let entry = |removal: &Removal| IBlocklist::Entry {
            account: removal.address,
            uid: removal.uid,
            designatedOn: U40::ZERO,
        };
        Ok(IBlocklist::Batch {
            manifest: self.hash()?,
            sources: self.sources.iter().fold(0, |mask, source| mask | source.mask()),
            dataAsOf: U40::ZERO,
            entries: self.retract.iter().map(entry).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> RetractionManifest {
        RetractionManifest {
            schema: SCHEMA.to_owned(),
            chain_id: 31337,
            blocklist: Address::repeat_byte(0xb1),
            sources: vec![Source::OfacSdn, Source::Eu],
            reason: "held by mistake".to_owned(),
            retract: vec![Removal { address: Address::repeat_byte(7), uid: 9 }],
        }
    }

    #[test]
    fn the_batch_carries_the_manifest_and_every_source() {
        let batch = manifest().batch().unwrap();
        assert_eq!(batch.manifest, manifest().hash().unwrap());
        assert_eq!(batch.sources, 0b101);
        assert_eq!((batch.entries.len(), batch.entries[0].uid), (1, 9));
        assert!(batch.dataAsOf.is_zero());
    }

    #[test]
    fn the_reason_is_part_of_what_is_hashed() {
        let other = RetractionManifest { reason: "for another reason".to_owned(), ..manifest() };
        assert_ne!(other.hash(), manifest().hash());
        let bytes = manifest().to_bytes().unwrap();
        let read: RetractionManifest = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read, manifest());
    }
}
