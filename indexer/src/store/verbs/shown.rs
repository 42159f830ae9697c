//! The verbs of those who look.

use alloy_primitives::Address;
use interdict_core::ledger::Act;
use interdict_core::subject::Subject;

use super::{Store, StoreError};
use crate::store::shown::{Found, ListState, News};

impl Store {
    /// The list as it is stored: what came after an act that is known already.
    ///
    /// # Errors
    /// The database failed, or an act in it cannot be read.
    pub async fn list_after(&self, known: u32) -> Result<ListState, StoreError> {
        told!(self, database => database.list_after(known))
    }

    /// The acts below one, newest first.
    ///
    /// # Errors
    /// The database failed, or an act in it cannot be read.
    pub async fn acts_below(&self, below: Option<u32>, limit: u32) -> Result<Vec<Act>, StoreError> {
        told!(self, database => database.acts_below(below, limit))
    }

    /// How often an address is found; what was retracted does not count.
    ///
    /// # Errors
    /// The database failed.
    pub async fn found(&self, address: Address) -> Result<Found, StoreError> {
        told!(self, database => database.found(address))
    }

    /// One subject, if it is one now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subject(&self, address: Address) -> Result<Option<Subject>, StoreError> {
        told!(self, database => database.subject(address))
    }

    /// Subjects above an address, in order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subjects_above(
        &self,
        above: Option<Address>,
        limit: u32,
    ) -> Result<Vec<Subject>, StoreError> {
        told!(self, database => database.subjects_above(above, limit))
    }

    /// News after a place, in order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn news_after(&self, seq: i64, limit: u32) -> Result<Vec<News>, StoreError> {
        told!(self, database => database.news_after(seq, limit))
    }

    /// The place of the last news, and how many alerts were new after another place.
    ///
    /// # Errors
    /// The database failed.
    pub async fn news_end(&self, seq: i64) -> Result<(i64, u64), StoreError> {
        told!(self, database => database.news_end(seq))
    }
}
