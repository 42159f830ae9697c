//! News to those who are to hear it: a turn of one endpoint over what is due in its line, at once
//! and after each wait, the same on a happy day and after a crash. A delivery may come twice and
//! carries the same id and bytes then. Endpoints know nothing of each other.

pub mod guard;
mod message;
#[cfg(test)]
pub(crate) mod receiver;
mod rest;
mod target;
#[cfg(test)]
mod tests;
mod vault;
mod ways;

pub use message::{Message, TEST_TYPE};
pub use rest::{REST_MAX_SECONDS, Rest, TIRED_AFTER_FAILURES};
pub use target::{
    ANSWER_MAX_BYTES, ATTEMPT_TIMEOUT_SECONDS, Outcome, RETRY_AFTER_MAX_SECONDS, Target,
    TargetError, digest,
};
pub use vault::{HoldsSealed, Vault, VaultError};
pub use ways::{Ways, new_secret};

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::clock::Clock;
use crate::metrics::{Attempt, Metrics};
use crate::screen::Assets;
use crate::store::{Attempted, Delivery, Endpoint, Retry, Store, StoreError};

/// Most rows that one turn takes on.
pub const PASS_MAX_ROWS: u32 = 64;
/// Most requests that are on the way to one endpoint. They set out in the order of their numbers,
/// so that one may overtake as many others less one; never one of the same alert.
pub const ON_THE_WAY_MAX: usize = 4;
/// Most rows that an endpoint took before that is written down. A crash tells them again.
const TAKEN_MAX_ROWS: usize = 16;
/// Waits after the first, second … failed attempt, in seconds; after the last the row is dead.
pub const BACKOFF_SECONDS: [i64; 9] =
    [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// What a turn did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows that the endpoint has now.
    pub delivered: u32,
    /// Rows to try again.
    pub failed: u32,
    /// Rows given up.
    pub dead: u32,
    /// The endpoint said that it is gone; nothing is sent any more.
    pub gone: bool,
    /// There may be more to do at once.
    pub more: bool,
}

impl std::ops::AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.dead += other.dead;
        self.gone |= other.gone;
        self.more |= other.more;
    }
}

/// What every turn needs.
#[derive(Debug)]
pub struct Post {
    /// Where news is recorded and waits.
    pub store: Store,
    /// The assets whose amounts mean something.
    pub assets: Assets,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// One turn of one endpoint: puts news into its line and tries what is due. One row that fails does
/// not hold up the others.
struct Turn<'a> {
    post: &'a Post,
    endpoint: &'a Endpoint,
    target: &'a Target,
    rest: &'a mut Rest,
    summary: Summary,
    taken: Vec<Attempted>,
}

impl Post {
    /// One turn of an endpoint that is told.
    ///
    /// # Errors
    /// The database failed.
    pub async fn turn(
        &self,
        endpoint: &Endpoint,
        target: &Target,
        rest: &mut Rest,
    ) -> Result<Summary, StoreError> {
        if rest.lasts(self.clock.elapsed()) {
            return Ok(Summary::default());
        }
        let rows = rest.rows();
        let lined = self.store.line_up(&endpoint.id).await?;
        let due = self.store.due_deliveries(&endpoint.id, self.clock.now(), rows).await?;
        let more = lined.more || due.len() >= rows as usize;
        let taken = Vec::with_capacity(TAKEN_MAX_ROWS);
        let summary = Summary { more, ..Summary::default() };
        let turn = Turn { post: self, endpoint, target, rest, summary, taken };
        turn.over(due.into()).await
    }

    async fn attempt(&self, target: &Target, delivery: &Delivery) -> Outcome {
        match Message::of(delivery, target.shape(), &self.assets) {
            Err(reason) => Outcome::Failed { reason, retry_after: None, is_of_news: true },
            // The time is that of the attempt: receivers compare it with their own clock.
            Ok(message) => {
                let begun = self.clock.elapsed();
                let outcome = target.send(message, self.clock.now()).await;
                self.metrics.webhooks.took(self.clock.elapsed().saturating_sub(begun));
                outcome
            }
        }
    }
}

impl Turn<'_> {
    async fn over(mut self, mut waiting: VecDeque<Delivery>) -> Result<Summary, StoreError> {
        let (post, target) = (self.post, self.target);
        let mut flying = FuturesUnordered::new();
        // News of one alert goes one after another.
        let mut aloft: BTreeSet<String> = BTreeSet::new();
        loop {
            while flying.len() < ON_THE_WAY_MAX && !self.rest.lasts(post.clock.elapsed()) {
                let next = waiting.iter().position(|one| !aloft.contains(&one.alert_id));
                let Some(delivery) = next.and_then(|next| waiting.remove(next)) else { break };
                aloft.insert(delivery.alert_id.clone());
                flying.push(async move {
                    let outcome = post.attempt(target, &delivery).await;
                    (delivery, outcome)
                });
            }
            let Some((delivery, outcome)) = flying.next().await else { break };
            aloft.remove(&delivery.alert_id);
            self.came_of(&delivery, outcome).await?;
            if self.summary.gone {
                return Ok(self.summary);
            }
        }
        self.write_down().await?;
        Ok(self.summary)
    }

    /// Writes down what came of an attempt.
    async fn came_of(&mut self, delivery: &Delivery, outcome: Outcome) -> Result<(), StoreError> {
        let Post { store, metrics, clock, .. } = self.post;
        let came = |attempt| metrics.webhooks.attempted(&self.endpoint.id, attempt);
        match outcome {
            Outcome::Delivered => {
                self.rest.took();
                self.taken.push(delivery.attempted());
                self.summary.delivered += 1;
                came(Attempt::Delivered);
                if self.taken.len() == TAKEN_MAX_ROWS {
                    self.write_down().await?;
                }
            }
            Outcome::Gone => {
                self.write_down().await?;
                store.gone(self.endpoint, clock.now()).await?;
                self.summary.gone = true;
                came(Attempt::Gone);
                let receiver = self.target.shown();
                tracing::error!(receiver, "the receiver says that it is gone");
            }
            Outcome::Failed { reason, retry_after, is_of_news } => {
                self.write_down().await?;
                if !is_of_news {
                    self.rest.failed(clock.elapsed(), retry_after);
                }
                let asked = retry_after.map_or(0, |wait| wait.as_secs().try_into().unwrap_or(0));
                let retry = retry(delivery.attempts, clock.now(), asked);
                let id = &self.endpoint.id;
                store.failed(id, delivery.attempted(), &reason, retry).await?;
                let dead = retry == Retry::Never;
                self.summary.failed += u32::from(!dead);
                self.summary.dead += u32::from(dead);
                came(if dead { Attempt::Dead } else { Attempt::Failed });
                let (receiver, seq) = (self.target.shown(), delivery.seq);
                tracing::warn!(endpoint = id, receiver, seq, reason, dead, "a delivery failed");
            }
        }
        Ok(())
    }

    async fn write_down(&mut self) -> Result<(), StoreError> {
        let Post { store, clock, .. } = self.post;
        let taken = std::mem::take(&mut self.taken);
        store.delivered(&self.endpoint.id, &taken, clock.now()).await
    }
}

/// When to try again; no sooner than the receiver asks for.
fn retry(attempts_before: u32, now: i64, asked_seconds: i64) -> Retry {
    usize::try_from(attempts_before)
        .ok()
        .and_then(|attempt| BACKOFF_SECONDS.get(attempt))
        .map_or(Retry::Never, |wait| Retry::At(now + (*wait).max(asked_seconds)))
}
