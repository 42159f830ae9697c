//! What people do to alerts, and what they ask of them.

use interdict_core::alert::AlertId;
use jiff::civil::Date;

use super::{Filter, PageCursor, Store, StoreError};
use crate::store::{Backlog, Case, Deadlines, Happened, Refusal, Stepping, Summary};

impl Store {
    /// One alert, and where it stands with people.
    ///
    /// # Errors
    /// The database failed.
    pub async fn case(&self, id: AlertId) -> Result<Option<Case>, StoreError> {
        told!(self, database => database.case(id))
    }

    /// A page of alerts, as they are asked for, and where the next page begins.
    ///
    /// # Errors
    /// The database failed.
    pub async fn inbox(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Case>, Option<PageCursor>), StoreError> {
        told!(self, database => database.inbox(filter, after, limit))
    }

    /// Takes a step on each of some alerts, of which the taker saw these versions: one transaction,
    /// with a row of the audit log for each alert on which it was taken.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn step(
        &self,
        alerts: &[(AlertId, u64)],
        stepping: Stepping<'_>,
    ) -> Result<Vec<(AlertId, Result<Case, Refusal>)>, StoreError> {
        told!(self, database => database.step(alerts, stepping))
    }

    /// What happened to an alert, the oldest first: all that the chain said of it, and the last
    /// that people did.
    ///
    /// # Errors
    /// The database failed, or what it holds cannot be read.
    pub async fn timeline(&self, id: AlertId) -> Result<Vec<Happened>, StoreError> {
        told!(self, database => database.timeline(id))
    }

    /// Those who work alerts, by name: who may, or does.
    ///
    /// # Errors
    /// The database failed.
    pub async fn analysts(&self, now: i64) -> Result<Vec<String>, StoreError> {
        told!(self, database => database.analysts(now))
    }

    /// The documents of all policies that were ever judged by.
    ///
    /// # Errors
    /// The database failed.
    pub async fn policies(&self) -> Result<Vec<String>, StoreError> {
        told!(self, database => database.policies())
    }

    /// How much there is to do, and for a person; `soon` is the last day of reports that count as
    /// due soon.
    ///
    /// # Errors
    /// The database failed.
    pub async fn summary(
        &self,
        person: &str,
        now: i64,
        today: Date,
        soon: Date,
    ) -> Result<Summary, StoreError> {
        told!(self, database => database.summary(person, now, today, soon))
    }

    /// What the desk still has to do, whoever asks: see [`Store::summary`] for one person's.
    ///
    /// # Errors
    /// The database failed.
    pub async fn backlog(&self, days: Deadlines) -> Result<Backlog, StoreError> {
        told!(self, database => database.backlog(days))
    }
}
