//! What a policy judges: one listed address on one side of one transfer.

use super::programs::Programs;
use super::word::{Counterparty, Direction, Exposure, Finality, Phase, SignedBy};
use super::worth::Worth;
use crate::alert::{ListingPhase, Side};
use crate::transfer::{TransferKind, Verification};

/// The rule family of direct dealings; part of the alert's id.
pub const DIRECT: &str = "direct";

/// The rule family of what stands beside a dealing; part of the alert's id.
pub const OTHER: &str = "other";

/// What a transfer's amount is, as far as the asset table can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing moved, and what is allowed is nothing.
    Zero,
    /// A known asset moved, of this worth.
    Moved(Worth),
    /// A token outside the asset table: anyone can emit such a log, so it proves little.
    UnknownToken,
    /// It is no movement: a call, a creation, a delegation. The chain itself says so, whatever a
    /// contract logs.
    Bare,
    /// The transaction failed: nothing moved, somebody tried.
    Failed,
}

impl Value {
    /// What it is worth, where something of known worth moved, or nothing of a known asset.
    pub const fn worth(self) -> Option<Worth> {
        match self {
            Self::Zero => Some(Worth(0)),
            Self::Moved(worth) => Some(worth),
            Self::UnknownToken | Self::Bare | Self::Failed => None,
        }
    }
}

/// How a transfer stands to the listing, with how long before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So many whole days before the listing.
    Before {
        /// The days.
        days: u32,
    },
    /// Before the act, and not certainly before the listing: see [`Phase::Boundary`].
    Boundary,
    /// While the address was listed.
    While,
    /// After that.
    After,
}

impl Moment {
    /// Without the days.
    pub const fn phase(self) -> Phase {
        match self {
            Self::Before { .. } => Phase::Before,
            Self::Boundary => Phase::Boundary,
            Self::While => Phase::While,
            Self::After => Phase::After,
        }
    }
}

impl From<Moment> for ListingPhase {
    /// By the act's place on the chain alone.
    fn from(moment: Moment) -> Self {
        match moment {
            Moment::Before { .. } | Moment::Boundary => Self::Before,
            Moment::While => Self::While,
            Moment::After => Self::After,
        }
    }
}

impl Exposure {
    /// The exposure of an address that is no subject, on one side of what happened.
    pub const fn of(kind: TransferKind, side: Side) -> Self {
        if matches!(kind, TransferKind::Wrap | TransferKind::Unwrap) {
            return Self::Beside;
        }
        match side {
            Side::Sender | Side::Recipient => Self::Party,
            Side::Signer
            | Side::Spender
            | Side::Owner
            | Side::Callee
            | Side::Created
            | Side::Authority
            | Side::Delegate => Self::Beside,
        }
    }

    /// The rule family, as an alert's id has it: who the subjects are renames nothing.
    pub const fn family(kind: TransferKind, side: Side) -> &'static str {
        match Self::of(kind, side) {
            Self::Ownership | Self::Party => DIRECT,
            Self::Beside => OTHER,
        }
    }
}

impl Direction {
    /// Which way value went, by the side of the listed address.
    pub const fn of(kind: TransferKind, side: Side) -> Self {
        match (Exposure::of(kind, side), side) {
            (Exposure::Party, Side::Sender) => Self::Inbound,
            (Exposure::Party, _) => Self::Outbound,
            (Exposure::Ownership | Exposure::Beside, _) => Self::None,
        }
    }
}

/// What the policy judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealing {
    /// How the transfer stands to the listing.
    pub moment: Moment,
    /// How near the listed address was.
    pub exposure: Exposure,
    /// Which way value went.
    pub direction: Direction,
    /// What the amount is.
    pub value: Value,
    /// Who signed the transaction.
    pub signed_by: SignedBy,
    /// Who the counterparty is to whoever runs this.
    pub counterparty: Counterparty,
    /// How far it is proved that it happened.
    pub verification: Verification,
    /// The source lists that name the address, as bits.
    pub sources: u16,
    /// The programs under which they do.
    pub programs: Programs,
    /// Whether it can still be taken back.
    pub finality: Finality,
}
