//! A finding: somebody dealt with a listed address.

use std::fmt;

use alloy_primitives::{Address, B256, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ledger::Standing;
use crate::policy::{Severity, Worth};
use crate::transfer::Transfer;

/// Bytes of an alert's id: half a SHA-256.
const ID_BYTES: usize = 16;

/// An alert's name: a pure function of what happened, so that finding it again finds the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId([u8; ID_BYTES]);

impl AlertId {
    /// The id of a dealing with `listed`, which stood on `side` of the transfer. `family` groups
    /// the rules that speak of the same exposure, so that a changed policy renames nothing.
    pub fn of(transfer: &Transfer, listed: Address, side: Side, family: &str) -> Self {
        let mut place =
            transfer.position.log.map_or_else(|| "value".to_owned(), |log| log.to_string());
        // The first of several is named as the only one is: what had a name keeps it.
        if transfer.item > 0 {
            place = format!("{place}.{}", transfer.item);
        }
        let digest = Sha256::new()
            .chain_update(transfer.chain_id.to_be_bytes())
            .chain_update(transfer.block_hash)
            .chain_update(transfer.tx_hash)
            .chain_update(place.as_bytes())
            .chain_update(listed)
            .chain_update([side as u8])
            .chain_update(family.as_bytes())
            .finalize();
        let mut id = [0; ID_BYTES];
        id.copy_from_slice(&digest[..ID_BYTES]);
        Self(id)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Text that is no alert id.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no alert id: it has 32 hex digits")]
pub struct AlertIdError(pub String);

impl std::str::FromStr for AlertId {
    type Err = AlertIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut id = [0; ID_BYTES];
        hex::decode_to_slice(text, &mut id).map_err(|_| AlertIdError(text.to_owned()))?;
        Ok(Self(id))
    }
}

impl Serialize for AlertId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What the listed address was to the transfer. The numbers are part of an alert's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Side {
    /// It sent: inbound for the counterparty.
    Sender = 0,
    /// It received: outbound for the counterparty.
    Recipient = 1,
    /// It signed the transaction, and is no party of what this moved. The counterparty is whom it
    /// called or what it created.
    Signer = 2,
    /// It may move, or moved, what belongs to another, who is the counterparty.
    Spender = 3,
    /// It allowed the counterparty to move what belongs to it.
    Owner = 4,
    /// It was called, by the counterparty.
    Callee = 5,
    /// It came to be as a contract; the counterparty created it.
    Created = 6,
    /// It let the counterparty's code act for it (EIP-7702).
    Authority = 7,
    /// Its code acts for the counterparty (EIP-7702).
    Delegate = 8,
}

impl Side {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Sender,
        Self::Recipient,
        Self::Signer,
        Self::Spender,
        Self::Owner,
        Self::Callee,
        Self::Created,
        Self::Authority,
        Self::Delegate,
    ];

    /// The other side of a transfer.
    pub const fn counterparty(self, transfer: &Transfer) -> Address {
        match self {
            Self::Sender | Self::Signer | Self::Owner | Self::Authority => transfer.to,
            Self::Recipient | Self::Callee | Self::Created | Self::Spender | Self::Delegate => {
                transfer.from
            }
        }
    }
}

/// How the transfer stands to the listing, judged as of the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ListingPhase {
    /// Before the address was listed.
    Before,
    /// While it was listed.
    While,
    /// After it was delisted, or its provisional listing had lapsed.
    After,
}

/// How a finding was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FoundBy {
    /// When its block was taken in.
    Live,
    /// By looking back after the address was listed.
    Lookback,
}

/// What the chain says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Confirmation {
    /// In a block that could still be reorganised away.
    Pending,
    /// In a finalized block.
    Confirmed,
    /// In a block, or because of a listing, that is no longer part of the chain.
    Retracted,
}

/// What people have decided about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Disposition {
    /// Nobody has looked at it.
    New,
    /// Somebody is looking at it.
    Assigned,
    /// Handed to the second line.
    Escalated,
    /// Property is held.
    Blocked,
    /// The transaction was refused.
    Rejected,
    /// A licence covers it.
    Licensed,
    /// Not a dealing with a listed address after all.
    FalsePositive,
    /// A true match that asks for nothing.
    NoAction,
    /// Held by mistake.
    BlockedInError,
    /// No longer held.
    Released,
}

impl Disposition {
    /// All of them, in the order of the work.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Assigned,
        Self::Escalated,
        Self::Blocked,
        Self::Rejected,
        Self::Licensed,
        Self::FalsePositive,
        Self::NoAction,
        Self::BlockedInError,
        Self::Released,
    ];
}

/// One finding, with everything that explains it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Pure function of what happened.
    pub id: AlertId,
    /// What happened.
    pub transfer: Transfer,
    /// The listed address.
    pub listed: Address,
    /// The side on which it stood.
    pub side: Side,
    /// How the transfer stands to the listing.
    pub phase: ListingPhase,
    /// How the finding was made.
    pub found_by: FoundBy,
    /// The rule of the policy that fired.
    pub rule: String,
    /// What the rule says of its weight.
    pub severity: Severity,
    /// The policy: its version, and the digest of its document.
    pub policy: String,
    /// What the amount is worth in the policy's reference unit; `None` where nothing moved, or what
    /// moved is not in the asset table.
    #[serde(default)]
    pub worth: Option<Worth>,
    /// The transaction failed.
    #[serde(default)]
    pub failed: bool,
    /// The act that listed the address.
    pub act: u32,
    /// SHA-256 of that act's manifest: the evidence.
    pub manifest: B256,
    /// The source lists that name the address, as bits.
    pub sources: u16,
    /// The persons, by the authorities' ids: see [`crate::uid`].
    pub uids: Vec<u64>,
    /// What the chain says of it.
    pub confirmation: Confirmation,
    /// What people have decided.
    pub disposition: Disposition,
    /// How the listed address stands now. A delisting leaves a finding as it is.
    #[serde(default = "unknown_standing")]
    pub standing: Standing,
    /// Another rule will decide about it once it is final, so that it is judged anew then.
    #[serde(default)]
    pub awaits_finality: bool,
}

/// Findings that were written down before standings were kept.
const fn unknown_standing() -> Standing {
    Standing::Listed
}

impl Alert {
    /// The other side of the transfer: who dealt with the listed address.
    pub const fn counterparty(&self) -> Address {
        self.side.counterparty(&self.transfer)
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;

    use super::*;
    use crate::transfer::{Position, TransferKind, Verification};

    fn transfer(log: Option<u64>, item: u32) -> Transfer {
        Transfer {
            chain_id: 1,
            position: Position { block: 7, tx: 1, log },
            item,
            block_hash: B256::repeat_byte(1),
            block_time: 5,
            tx_hash: B256::repeat_byte(2),
            signer: Address::repeat_byte(3),
            kind: TransferKind::Erc20,
            token: Some(Address::repeat_byte(4)),
            token_id: None,
            from: Address::repeat_byte(5),
            to: Address::repeat_byte(6),
            value: U256::from(9),
            verification: Verification::Proved,
        }
    }

    fn id(log: Option<u64>, item: u32, side: Side) -> String {
        let listed = Address::repeat_byte(6);
        AlertId::of(&transfer(log, item), listed, side, crate::policy::DIRECT).to_string()
    }

    #[test]
    fn what_had_a_name_keeps_it() {
        // As the first version named them.
        assert_eq!(id(Some(2), 0, Side::Recipient), "4d62f9dd1a8c4538093bc0f0592d567f");
        assert_eq!(id(None, 0, Side::Sender), "2b445105740d0b3c786f03587b311aa1");
    }

    #[test]
    fn each_of_several_has_its_own() {
        use std::collections::BTreeSet;
        let sides = [Side::Sender, Side::Recipient, Side::Signer, Side::Spender, Side::Owner];
        let sides = sides.into_iter().chain([Side::Callee, Side::Created, Side::Authority]);
        let mut ids = BTreeSet::new();
        let mut count = 0;
        for side in sides.chain([Side::Delegate]) {
            for log in [None, Some(1), Some(2), Some(12)] {
                for item in [0, 1, 2, 12] {
                    ids.insert(id(log, item, side));
                    count += 1;
                }
            }
        }
        assert_eq!(ids.len(), count);
    }
}
