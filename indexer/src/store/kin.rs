//! Findings that belong together: those of one pair under one rule, and those of a flood.

use std::collections::BTreeMap;

use alloy_primitives::Address;
use interdict_core::alert::{Alert, AlertId};
use interdict_core::policy::Severity;

use crate::screen::HOUR_SECONDS;

/// Whose earlier findings are asked for: live ones, while the address was listed, that stand.
#[derive(Clone, Debug)]
pub struct Kin {
    /// The listed address.
    pub listed: Address,
    /// The counterparty.
    pub counterparty: Address,
    /// The classes that count, raised ones among them.
    pub classes: Vec<String>,
    /// The class of those that were raised for coming again.
    pub repeated: Option<String>,
    /// The class of those that were raised for their sum.
    pub summed: Option<String>,
    /// The first hour that counts, since 1970.
    pub from_hour: u64,
}

/// How a finding is known to the first of its flood.
pub(super) struct Flood {
    pub(super) hour: u64,
    /// Only a token that somebody vouches for makes a flood of its own: of others there are as many
    /// as anyone likes.
    pub(super) token: Option<Address>,
}

impl Flood {
    /// The flood to which a finding belongs; `None` if it is shown by itself, whatever comes.
    pub(super) fn of(alert: &Alert) -> Option<Self> {
        (alert.severity == Severity::Informational).then(|| Self {
            hour: alert.transfer.block_time / HOUR_SECONDS,
            token: alert.worth.and(alert.transfer.token),
        })
    }
}

/// How many more there are behind findings that head a flood.
pub type FloodSizes = BTreeMap<AlertId, u64>;
