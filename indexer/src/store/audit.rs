//! The audit log as it is asked for: see [`interdict_core::audit`].

use alloy_primitives::B256;
use interdict_core::alert::AlertId;
use interdict_core::audit::{Fault, Row};

/// Rows that are read at once when a log is checked or exported.
pub const AUDIT_MAX_ROWS: u32 = 500;

/// Which rows are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this person.
    pub person: Option<String>,
    /// Of this kind; of all kinds that begin with it, if it ends with a dot.
    pub kind: Option<String>,
    /// About this alert.
    pub alert: Option<AlertId>,
}

/// The values of a row as they are in the database, where anybody may have altered them.
pub(super) struct Raw {
    pub(super) number: i64,
    pub(super) at: i64,
    pub(super) person: String,
    pub(super) role: String,
    pub(super) kind: String,
    pub(super) alert: Option<Vec<u8>>,
    pub(super) detail: String,
    pub(super) hash: Vec<u8>,
}

impl Raw {
    /// The row, or what is wrong with it.
    pub(super) fn read(self) -> Result<Row, Fault> {
        let number = u64::try_from(self.number).unwrap_or_default();
        let fault = |reason: &str| Fault { number, reason: reason.to_owned() };
        let alert = self.alert.map(|bytes| hex::encode(bytes).parse()).transpose();
        let alert: Option<AlertId> = alert.map_err(|_| fault("its alert is no alert's id"))?;
        let hash = B256::try_from(self.hash.as_slice()).map_err(|_| fault("its hash is none"))?;
        let Self { at, person, role, kind, detail, .. } = self;
        Ok(Row { number, at, person, role, kind, alert, detail, hash })
    }
}
