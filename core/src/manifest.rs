//! The manifest: what an act says and where it comes from, as canonical JSON whose exact bytes are
//! hashed on chain.
//!
//! Canonical is RFC 8785. The hash is SHA-256, so that `sha256sum` of the file is the value that
//! the contract's events carry. No person's name is in it: the authority's id is enough.

use alloy_primitives::{Address, B256, aliases::U40};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::contract::IBlocklist;
use crate::source::Source;
use crate::uid;

/// The name of this format.
pub const SCHEMA: &str = "interdict.manifest/1";

/// Where the entries were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The source list.
    pub source: Source,
    /// Format of the file, by the name of its reader: `ofac-enhanced`, `uk-xml`, `csv`.
    pub format: String,
    /// SHA-256 of the file's exact bytes.
    pub sha256: B256,
    /// SHA-256 of the file beside it that continues it, where the publication is in two files
    /// (`SDN_COMMENTS.CSV` beside `SDN.CSV`): the entries follow from both, so both are evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments_sha256: Option<B256>,
    /// The publication's own timestamp.
    pub data_as_of: Timestamp,
}

/// What kind of account an address is on the list's chain, as seen when the plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// No code.
    Eoa,
    /// Code.
    Contract,
    /// A delegation designator (EIP-7702): still somebody's key.
    Delegated,
}

/// One listing with its evidence: an address under a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEntry {
    /// The address, in lower case.
    pub address: Address,
    /// The person's number on chain, [`uid::of`] the authority's id; a decimal string in JSON.
    #[serde(with = "uid::decimal")]
    pub uid: u64,
    /// The authority's own id of the person as printed, without white space around it: OFAC's uid,
    /// the UK's `UniqueID`, the EU's `logicalId`, the number of an Israeli order.
    pub authority_id: String,
    /// The day of the person's designation, if the source says it.
    pub designated_on: Option<Date>,
    /// The last day on which the designation holds, where the authority sets one (orders of
    /// Israel's NBCTF). No date here ends a listing on chain: the next publication's plan does.
    pub valid_until: Option<Date>,
    /// Program codes, or the names of regimes where the authority has no codes; sorted.
    pub programs: Vec<String>,
    /// The address byte for byte as published; every form, if it was published in several.
    pub published: Vec<String>,
    /// The tickers under which it was published, sorted.
    pub tickers: Vec<String>,
    /// The authority's own ids of the published addresses, sorted.
    pub features: Vec<String>,
    /// What kind of account it is.
    pub kind: AccountKind,
}

/// One address that is to be delisted, under the person whose listing ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// The address.
    pub address: Address,
    /// The person's number on chain; a decimal string in JSON. The id that it was made of is in the
    /// manifest that listed the address.
    #[serde(with = "uid::decimal")]
    pub uid: u64,
}

/// A guard that a person overrode, by a flag of its name. It is part of what the chain's hash
/// binds, so that nobody can say later that a plan went through without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Override {
    /// More of the list leaves than a whole file would let leave.
    Shrink,
    /// The publication is older than what is on chain.
    Older,
    /// An address that has stood on the source's list for years is not published.
    MissingCanary,
    /// The publication names an address that no list may ever hold; it is set aside.
    NeverList,
    /// The publication has a type of digital currency that is not known.
    UnknownType,
    /// A second publication of the same authority names others.
    Disagreement,
    /// Rows of the publication are cut, so that addresses are missing.
    Truncated,
    /// The publication has no address that can be read. What it has not at all may leave.
    Empty,
    /// The publication has an address in mixed case with a wrong checksum; it is set aside.
    BadChecksum,
}

impl Override {
    /// All of them, in the order in which a manifest names them.
    pub const ALL: [Self; 9] = [
        Self::Shrink,
        Self::Older,
        Self::MissingCanary,
        Self::NeverList,
        Self::UnknownType,
        Self::Disagreement,
        Self::Truncated,
        Self::Empty,
        Self::BadChecksum,
    ];

    /// The flag by which a person overrides the guard.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Shrink => "--allow-shrink",
            Self::Older => "--allow-older",
            Self::MissingCanary => "--allow-missing-canary",
            Self::NeverList => "--allow-never-list",
            Self::UnknownType => "--allow-unknown-type",
            Self::Disagreement => "--allow-disagreement",
            Self::Truncated => "--allow-truncated",
            Self::Empty => "--allow-empty",
            Self::BadChecksum => "--allow-bad-checksum",
        }
    }
}

/// What one publication changes on one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// EIP-155 chain id of the list.
    pub chain_id: u64,
    /// The list's contract.
    pub blocklist: Address,
    /// Where the entries were read.
    pub publication: Publication,
    /// The guards that were overridden; each once, sorted.
    pub overrides: Vec<Override>,
    /// To be listed or ratified; sorted by address, then uid.
    pub list: Vec<ManifestEntry>,
    /// To be delisted; sorted by address, then uid.
    pub delist: Vec<Removal>,
}

/// A manifest that cannot become an act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Its bytes cannot be made.
    #[error("cannot be written as canonical JSON: {0}")]
    Canonical(String),
    /// A date that the contract cannot hold.
    #[error("{0} lies outside what the contract holds (1970 to 36812)")]
    Date(String),
    /// A uid that is not made of the id beside it.
    #[error("the id {authority_id:?} has the uid {expected}, the manifest says {uid}")]
    Uid {
        /// The authority's id in the manifest.
        authority_id: String,
        /// The uid in the manifest.
        uid: u64,
        /// The uid of that id.
        expected: u64,
    },
}

impl Manifest {
    /// The exact bytes: canonical JSON, no newline at the end.
    ///
    /// # Errors
    /// [`ManifestError::Canonical`]; does not happen for values that this type can hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        serde_json_canonicalizer::to_vec(self)
            .map_err(|error| ManifestError::Canonical(error.to_string()))
    }

    /// SHA-256 of the exact bytes: what the contract's acts carry.
    ///
    /// # Errors
    /// As [`Self::to_bytes`].
    pub fn hash(&self) -> Result<B256, ManifestError> {
        self.to_bytes().map(|bytes| B256::new(Sha256::digest(bytes).into()))
    }

    /// The batch that lists, or ratifies, what this manifest lists.
    ///
    /// # Errors
    /// A date that the contract cannot hold, or a uid that does not belong to its id.
    pub fn listing_batch(&self) -> Result<IBlocklist::Batch, ManifestError> {
        let entry = |entry: &ManifestEntry| {
            let (authority_id, uid) = (&entry.authority_id, entry.uid);
            let expected = uid::of(authority_id);
            if expected != uid {
                let authority_id = authority_id.clone();
                return Err(ManifestError::Uid { authority_id, uid, expected });
            }
            let designated_on = match entry.designated_on {
                None => U40::ZERO,
                Some(date) => seconds(date.to_string(), midnight(date))?,
            };
            Ok(IBlocklist::Entry {
                account: entry.address,
                uid: entry.uid,
                designatedOn: designated_on,
            })
        };
        self.batch(self.list.iter().map(entry).collect::<Result<_, _>>()?)
    }

    /// The batch that takes off the list what this manifest delists.
    ///
    /// # Errors
    /// A date that the contract cannot hold.
    pub fn delisting_batch(&self) -> Result<IBlocklist::Batch, ManifestError> {
        let entry = |removal: &Removal| IBlocklist::Entry {
            account: removal.address,
            uid: removal.uid,
            designatedOn: U40::ZERO,
        };
        self.batch(self.delist.iter().map(entry).collect())
    }

    fn batch(&self, entries: Vec<IBlocklist::Entry>) -> Result<IBlocklist::Batch, ManifestError> {
        let as_of = self.publication.data_as_of;
        Ok(IBlocklist::Batch {
            manifest: self.hash()?,
            sources: self.publication.source.mask(),
            dataAsOf: seconds(as_of.to_string(), Some(as_of.as_second()))?,
            entries,
        })
    }
}

fn midnight(date: Date) -> Option<i64> {
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_second())
}

fn seconds(shown: String, seconds: Option<i64>) -> Result<U40, ManifestError> {
    seconds
        .and_then(|seconds| u64::try_from(seconds).ok())
        .and_then(|seconds| U40::try_from(seconds).ok())
        .ok_or(ManifestError::Date(shown))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            schema: SCHEMA.to_owned(),
            chain_id: 31337,
            blocklist: Address::repeat_byte(0xb1),
            publication: Publication {
                source: Source::OfacSdn,
                format: "ofac-enhanced".to_owned(),
                sha256: B256::repeat_byte(7),
                comments_sha256: None,
                data_as_of: "2026-08-20T14:02:11Z".parse().unwrap(),
            },
            overrides: Vec::new(),
            list: vec![ManifestEntry {
                address: address!("0x8576aCC5C05D6Ce88f4e49bf65BdF0C62F91353C"),
                uid: 26014,
                authority_id: "26014".to_owned(),
                valid_until: None,
                designated_on: Some("2020-09-10".parse().unwrap()),
                programs: vec!["CYBER2".to_owned()],
                published: vec!["0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c".to_owned()],
                tickers: vec!["ETH".to_owned()],
                features: vec!["42980".to_owned()],
                kind: AccountKind::Eoa,
            }],
            delist: Vec::new(),
        }
    }

    #[test]
    fn the_bytes_are_canonical_and_survive_a_round_trip() {
        let bytes = manifest().to_bytes().unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.starts_with(r#"{"blocklist":"0x"#), "keys in order, no spaces: {text}");
        assert!(text.contains(r#""data_as_of":"2026-08-20T14:02:11Z""#), "{text}");
        let read: Manifest = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read.hash(), manifest().hash());
        assert_eq!(read, manifest());
    }

    #[test]
    fn every_field_moves_the_hash() {
        let original = manifest().hash().unwrap();
        let moved = |change: fn(&mut Manifest)| {
            let mut changed = manifest();
            change(&mut changed);
            assert_ne!(changed.hash().unwrap(), original);
        };
        moved(|m| m.chain_id = 1);
        moved(|m| m.list[0].uid += 1);
        moved(|m| m.list[0].authority_id.push('0'));
        moved(|m| m.list[0].valid_until = m.list[0].designated_on);
        moved(|m| m.list[0].kind = AccountKind::Contract);
        moved(|m| m.publication.sha256 = B256::ZERO);
        moved(|m| m.overrides.push(Override::Shrink));
        moved(|m| m.delist.push(Removal { address: Address::ZERO, uid: 1 }));
    }

    #[test]
    fn a_uid_of_64_bits_keeps_its_last_digit() {
        let mut manifest = manifest();
        manifest.list[0].authority_id = "CYB0042".to_owned();
        manifest.list[0].uid = uid::of("CYB0042");
        let bytes = manifest.to_bytes().unwrap();
        let read: Manifest = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(read.list[0].uid, uid::of("CYB0042"));
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.contains(&format!(r#""uid":"{}""#, uid::of("CYB0042"))), "{text}");
        let padded = text.replace(r#""uid":""#, r#""uid":"0"#);
        assert!(serde_json::from_str::<Manifest>(&padded).is_err(), "one way to write a uid");
    }

    #[test]
    fn a_uid_belongs_to_the_id_beside_it() {
        let mut manifest = manifest();
        manifest.list[0].uid += 1;
        assert!(matches!(
            manifest.listing_batch(),
            Err(ManifestError::Uid { expected: 26014, .. })
        ));
    }

    #[test]
    fn the_batch_carries_the_manifest() {
        let batch = manifest().listing_batch().unwrap();
        assert_eq!(batch.manifest, manifest().hash().unwrap());
        assert_eq!(batch.sources, 1);
        assert_eq!(batch.entries[0].designatedOn.to::<u64>(), 1_599_696_000);
        assert_eq!(batch.dataAsOf.to::<u64>(), 1_787_234_531);
    }
}
