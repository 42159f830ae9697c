//! The record of news, the lines in which it waits for each endpoint, and what became of it.

use std::ops::RangeInclusive;

use interdict_core::audit::Event;

use super::{Store, StoreError};
use crate::store::{
    Attempted, Configured, Delivery, DeliveryState, Endpoint, LineCounts, LineRow, Lined, Retry,
    Told,
};

impl Store {
    /// What happened after a piece of news, in order, at most `limit` of it.
    ///
    /// # Errors
    /// The database failed, or a snapshot in it cannot be read.
    pub async fn news(&self, after: i64, limit: u32) -> Result<Vec<Told>, StoreError> {
        told!(self, database => database.news(after, limit))
    }

    /// All endpoints there are.
    ///
    /// # Errors
    /// The database failed.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, StoreError> {
        told!(self, database => database.endpoints())
    }

    /// One endpoint.
    ///
    /// # Errors
    /// The database failed.
    pub async fn endpoint(&self, id: &str) -> Result<Option<Endpoint>, StoreError> {
        told!(self, database => database.endpoint(id))
    }

    /// The configuration file names this receiver, or none. One that it names for the first time is
    /// told everything from the beginning of the record on. On a server, one process that names
    /// none says nothing about the others.
    ///
    /// # Errors
    /// The database failed.
    pub async fn configure(
        &self,
        configured: Option<&Configured>,
        now: i64,
    ) -> Result<(), StoreError> {
        told!(self, database => database.configure(configured, now))
    }

    /// Puts news from the record into the line of an endpoint that is active, as far as there is
    /// room in it: what may accuse somebody first, so that no flood of what accuses nobody holds it
    /// up. Its number is given here, and stays. One transaction: whoever ends in the middle of it
    /// has put nothing.
    ///
    /// # Errors
    /// The lease on deliveries is lost, or the database failed.
    pub async fn line_up(&self, endpoint: &str) -> Result<Lined, StoreError> {
        told!(self, database => database.line_up(endpoint))
    }

    /// What is due in a line, at most `limit` rows: what is urgent first, then what was never
    /// tried, by number, then by when it fell due.
    ///
    /// # Errors
    /// The database failed.
    pub async fn due_deliveries(
        &self,
        endpoint: &str,
        now: i64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        told!(self, database => database.due_deliveries(endpoint, now, limit))
    }

    /// When the next news in a line falls due, unix seconds; `None` if there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn next_due(&self, endpoint: &str) -> Result<Option<i64>, StoreError> {
        told!(self, database => database.next_due(endpoint))
    }

    /// The endpoint has these.
    ///
    /// # Errors
    /// The lease on deliveries is lost, or the database failed.
    pub async fn delivered(
        &self,
        endpoint: &str,
        taken: &[Attempted],
        now: i64,
    ) -> Result<(), StoreError> {
        if taken.is_empty() {
            return Ok(());
        }
        told!(self, database => database.delivered(endpoint, taken, now))
    }

    /// The endpoint does not have it, as far as we know.
    ///
    /// # Errors
    /// The lease on deliveries is lost, or the database failed.
    pub async fn failed(
        &self,
        endpoint: &str,
        tried: Attempted,
        reason: &str,
        retry: Retry,
    ) -> Result<(), StoreError> {
        told!(self, database => database.failed(endpoint, tried, reason, retry))
    }

    /// There is no way to an endpoint now; why.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unreached(&self, endpoint: &str, reason: &str) -> Result<(), StoreError> {
        told!(self, database => database.unreached(endpoint, reason))
    }

    /// Remembers that an endpoint said that it is gone, unless it was changed since.
    ///
    /// # Errors
    /// The lease on deliveries is lost, or the database failed.
    pub async fn gone(&self, endpoint: &Endpoint, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.gone(endpoint, now))
    }

    /// What waits for an endpoint, and what was given up.
    ///
    /// # Errors
    /// The database failed.
    pub async fn line_counts(&self, endpoint: &str) -> Result<LineCounts, StoreError> {
        told!(self, database => database.line_counts(endpoint))
    }

    /// What waits for each endpoint, and what was given up.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lines(&self) -> Result<Vec<(Endpoint, LineCounts)>, StoreError> {
        let mut lines = Vec::new();
        for endpoint in self.endpoints().await? {
            let counts = self.line_counts(&endpoint.id).await?;
            lines.push((endpoint, counts));
        }
        Ok(lines)
    }

    /// Places of a line below a number, the highest first, in a state or in any.
    ///
    /// # Errors
    /// The database failed.
    pub async fn line(
        &self,
        endpoint: &str,
        state: Option<DeliveryState>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<LineRow>, StoreError> {
        told!(self, database => database.line(endpoint, state, before, limit))
    }

    /// A person makes an endpoint; it is told of what happens from now on. `false` if there are as
    /// many as there may be.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn make_endpoint(&self, made: &Endpoint, event: Event) -> Result<bool, StoreError> {
        told!(self, database => database.make_endpoint(made, event))
    }

    /// A person changes an endpoint that was read before; `false` if somebody was faster, and
    /// nothing has changed. What it was told and is to be told stays.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn change_endpoint(&self, to: &Endpoint, event: Event) -> Result<bool, StoreError> {
        told!(self, database => database.change_endpoint(to, event))
    }

    /// A person has an endpoint told again what it was told under these numbers, under the same
    /// ones; how many that are.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn replay(
        &self,
        endpoint: &str,
        seqs: RangeInclusive<i64>,
        event: Event,
    ) -> Result<u64, StoreError> {
        told!(self, database => database.replay(endpoint, seqs, event))
    }

    /// A person has news tried again that was given up; `false` if it was not.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn retry_dead(
        &self,
        endpoint: &str,
        seq: i64,
        event: Event,
    ) -> Result<bool, StoreError> {
        told!(self, database => database.retry_dead(endpoint, seq, event))
    }
}
