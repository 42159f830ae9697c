//! What is read for those who look, and for nobody else.

use alloy_primitives::B256;
use interdict_core::alert::AlertId;
use interdict_core::ledger::Act;
use interdict_core::policy::Severity;

/// The list as it is stored, from an act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    /// The last accepted block.
    pub cursor: u64,
    /// Its time, unix seconds.
    pub time: u64,
    /// The list's head after the act from which it was asked; `None` if there is no such act.
    pub head: Option<B256>,
    /// The acts after that one, in order.
    pub acts: Vec<Act>,
}

/// One change of one alert, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Its place in the order of telling.
    pub seq: i64,
    /// The alert.
    pub alert: AlertId,
    /// `alert.created`, `alert.updated` or `alert.retracted`.
    pub kind: String,
    /// How heavy the alert is.
    pub severity: Severity,
}

/// How often an address is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// As the listed address.
    pub as_listed: u64,
    /// As the counterparty.
    pub as_counterparty: u64,
}
