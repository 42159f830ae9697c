//! What people changed: written with each change, read and checked.

use interdict_core::audit::{End, Event, Fault, Row};

use super::{Store, StoreError};
use crate::store::{AUDIT_MAX_ROWS, AuditFilter};

impl Store {
    /// Writes down something that a person did and that changes nothing else in the database, like
    /// a login. What changes something writes its row in its own transaction.
    ///
    /// # Errors
    /// The database failed; nothing is written then.
    pub async fn audited(&self, event: Event) -> Result<Row, StoreError> {
        told!(self, database => database.audited(event))
    }

    /// A page of the log, the newest first: rows below a number, or from the end.
    ///
    /// # Errors
    /// The database failed, or a row cannot be read.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        told!(self, database => database.audit(filter, below, limit))
    }

    /// The next rows of the log after a number, in order, at most [`AUDIT_MAX_ROWS`], each as it is
    /// in the database or with what is wrong with it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn audit_after(&self, number: u64) -> Result<Vec<Result<Row, Fault>>, StoreError> {
        told!(self, database => database.audit_after(number, AUDIT_MAX_ROWS))
    }

    /// Where the log ends.
    ///
    /// # Errors
    /// The database failed, or the last row cannot be read.
    pub async fn audit_end(&self) -> Result<End, StoreError> {
        Ok(self
            .audit(&AuditFilter::default(), None, 1)
            .await?
            .first()
            .map_or_else(End::default, Row::end))
    }
}
