//! One act of the list, read from the logs of the transaction that made it.

use alloy_primitives::{Address, B256, LogData, keccak256};
use alloy_sol_types::{SolEvent, SolValue};
use serde::{Deserialize, Serialize};

use crate::contract::IBlocklist;
use crate::transfer::Position;

/// `until` of a ratified listing: the largest value that its 40 bits hold.
pub const UNTIL_MAX: u64 = (1 << 40) - 1;

/// What an act did. The numbers are the contract's and part of its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Kind {
    /// Held by signatures until a deadline.
    ListProvisional = 0,
    /// Listed, or ratified, by a vote.
    List = 1,
    /// Taken off the list of some sources.
    Delist = 2,
    /// Protected from being listed.
    Protect = 3,
    /// The protection taken away.
    Unprotect = 4,
    /// What was held by signatures ended by signatures.
    Retract = 5,
    /// Taken off the list of some sources, by the slower way that has no bound.
    DelistMany = 6,
    /// The list compared with the sources, and nothing to change: names no address.
    Attest = 7,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::ListProvisional,
        Self::List,
        Self::Delist,
        Self::Protect,
        Self::Unprotect,
        Self::Retract,
        Self::DelistMany,
        Self::Attest,
    ];
}

/// One address of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActEntry {
    /// The address.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: Address,
    /// The person, by the authority's id (see [`crate::uid`]); 0 for protections.
    pub uid: u64,
    /// The day of the person's designation, unix seconds at 00:00 UTC; 0 if unknown.
    pub designated_on: u64,
}

/// One act, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Act {
    /// From 1, without gaps.
    pub number: u32,
    /// What it did.
    pub kind: Kind,
    /// The source bits concerned; 0 for protections.
    pub sources: u16,
    /// End of the listings it made, unix seconds; [`UNTIL_MAX`] if they do not end.
    pub until: u64,
    /// The publication's own timestamp, unix seconds; 0 for protections.
    pub data_as_of: u64,
    /// SHA-256 of the manifest; zero for protections.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub manifest: B256,
    /// The list's head after this act.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub head: B256,
    /// Where its `Acted` log stands.
    pub at: Position,
    /// When it happened, unix seconds.
    pub time: u64,
    /// Hash of the transaction that made it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tx_hash: B256,
    /// What it named, in order.
    pub entries: Vec<ActEntry>,
}

impl Act {
    /// The head after this act, given the head before: the fold that `IBlocklist.head` documents.
    pub fn fold(&self, before: B256) -> B256 {
        let after_entries = self.entries.iter().fold(before, |head, entry| {
            let words =
                (head, entry.account, word(entry.uid.into()), word(entry.designated_on.into()));
            keccak256(words.abi_encode())
        });
        let words = (
            after_entries,
            word(self.number.into()),
            word(self.kind as u128),
            word(self.sources.into()),
            word(self.until.into()),
            word(self.data_as_of.into()),
            self.manifest,
        );
        keccak256(words.abi_encode())
    }
}

/// A number as the ABI pads it.
fn word(value: u128) -> alloy_primitives::U256 {
    alloy_primitives::U256::from(value)
}

/// Why logs of the contract cannot be read as acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// A log of the contract has another shape than its face says.
    #[error(
        "log {log:?} of block {block} is none of the list's events or does not decode: {reason}"
    )]
    Undecodable {
        /// Block number.
        block: u64,
        /// Log index in the block.
        log: Option<u64>,
        /// What the decoder said.
        reason: String,
    },
    /// Entries without the act that they belong to.
    #[error("{0} entries of act {1} stand without the act itself")]
    Incomplete(usize, u32),
    /// An entry carries another act's number.
    #[error("an entry of act {entry} stands among those of act {act}")]
    Mixed {
        /// The act of the entry.
        entry: u32,
        /// The act that was completed.
        act: u32,
    },
    /// A kind that this version does not know: the list was made by a newer contract.
    #[error("act {act} is of kind {kind}, which this version does not know: update interdict")]
    UnknownKind {
        /// The act's number.
        act: u32,
        /// The number of its kind.
        kind: u8,
    },
}

/// Puts the contract's logs, given in chain order, together into acts.
#[derive(Clone, Debug, Default)]
pub struct ActReader {
    pending: Vec<(u32, ActEntry)>,
}

impl ActReader {
    /// Takes in one log of the contract; gives an act when the log completes one. Logs of the
    /// contract's `AccessManaged` part (`AuthorityUpdated`) are no acts and give `None`.
    ///
    /// # Errors
    /// See [`ActError`]; nothing is skipped.
    pub fn read(
        &mut self,
        log: &LogData,
        at: Position,
        time: u64,
        tx_hash: B256,
    ) -> Result<Option<Act>, ActError> {
        let undecodable =
            |reason: String| ActError::Undecodable { block: at.block, log: at.log, reason };
        let topic = log.topics().first().copied().unwrap_or_default();
        let malformed = |error: alloy_sol_types::Error| undecodable(error.to_string());
        match topic {
            IBlocklist::Listed::SIGNATURE_HASH => {
                let e = IBlocklist::Listed::decode_log_data(log).map_err(malformed)?;
                self.entry(e.act.to(), e.account, e.uid, e.designatedOn.to());
            }
            IBlocklist::Delisted::SIGNATURE_HASH => {
                let e = IBlocklist::Delisted::decode_log_data(log).map_err(malformed)?;
                self.entry(e.act.to(), e.account, e.uid, e.designatedOn.to());
            }
            IBlocklist::Protected::SIGNATURE_HASH => {
                let e = IBlocklist::Protected::decode_log_data(log).map_err(malformed)?;
                self.entry(e.act.to(), e.account, 0, 0);
            }
            IBlocklist::Unprotected::SIGNATURE_HASH => {
                let e = IBlocklist::Unprotected::decode_log_data(log).map_err(malformed)?;
                self.entry(e.act.to(), e.account, 0, 0);
            }
            IBlocklist::Acted::SIGNATURE_HASH => {
                let acted = IBlocklist::Acted::decode_log_data(log).map_err(malformed)?;
                return self.complete(&acted, at, time, tx_hash).map(Some);
            }
            topic if topic == keccak256("AuthorityUpdated(address)") => {}
            topic => return Err(undecodable(format!("no event has the topic {topic}"))),
        }
        Ok(None)
    }

    /// Says that no more logs come.
    ///
    /// # Errors
    /// Entries are left whose act never came.
    pub fn finish(self) -> Result<(), ActError> {
        match self.pending.first() {
            None => Ok(()),
            Some((act, _)) => Err(ActError::Incomplete(self.pending.len(), *act)),
        }
    }

    fn entry(&mut self, act: u32, account: Address, uid: u64, designated_on: u64) {
        self.pending.push((act, ActEntry { account, uid, designated_on }));
    }

    fn complete(
        &mut self,
        acted: &IBlocklist::Acted,
        at: Position,
        time: u64,
        tx_hash: B256,
    ) -> Result<Act, ActError> {
        let number: u32 = acted.act.to();
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| *kind as u8 == acted.kind as u8)
            .ok_or(ActError::UnknownKind { act: number, kind: acted.kind as u8 })?;
        let pending = std::mem::take(&mut self.pending);
        if let Some((entry, _)) = pending.iter().find(|(act, _)| *act != number) {
            return Err(ActError::Mixed { entry: *entry, act: number });
        }
        Ok(Act {
            number,
            kind,
            sources: acted.sources,
            until: acted.until.to(),
            data_as_of: acted.dataAsOf.to(),
            manifest: acted.manifest,
            head: acted.head,
            at,
            time,
            tx_hash,
            entries: pending.into_iter().map(|(_, entry)| entry).collect(),
        })
    }
}
