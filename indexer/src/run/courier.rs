//! The deliverer's loop: every endpoint goes at its own pace, so that one that is slow or down
//! holds up nobody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::deliver::{Post, Rest, Summary, Target, Ways};
use crate::store::{CONFIG_ENDPOINT, Endpoint, EndpointState, Hold, Scope, StoreError};

/// Longest wait between two turns of an endpoint, in seconds: nobody tells of what another worker
/// wrote, of an endpoint that somebody made, or that the one who delivered is gone.
const DELIVERY_WAIT_MAX_SECONDS: u64 = 5;

/// Delivers when there is news and when something falls due.
#[derive(Debug)]
pub struct Courier {
    pub(super) post: Post,
    pub(super) ways: Arc<Ways>,
    pub(super) news: Arc<Notify>,
    /// How each endpoint bears up.
    pub(super) rests: Mutex<BTreeMap<String, Rest>>,
}

/// An endpoint and the way to it.
type Told = (Endpoint, Arc<Target>);

impl Courier {
    /// The ways to those who are told.
    pub(super) fn ways(&self) -> Arc<Ways> {
        Arc::clone(&self.ways)
    }

    pub(super) async fn run(self, stop: CancellationToken) -> &'static str {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            error = self.deliver() => {
                tracing::error!(%error, "nothing can be delivered any more");
            }
        }
        "deliverer"
    }

    /// One turn of every endpoint, none of which waits for another, unless another worker delivers.
    ///
    /// # Errors
    /// The database failed.
    pub async fn pass(&self) -> Result<Summary, StoreError> {
        let told = self.told().await?;
        let turns = join_all(told.iter().map(|told| self.turn(told))).await;
        let mut all = Summary::default();
        for summary in turns {
            all += summary?;
        }
        Ok(all)
    }

    /// Turn by turn, for ever.
    ///
    /// # Errors
    /// There can be no next: gives the error.
    async fn deliver(&self) -> StoreError {
        let mut flying = FuturesUnordered::new();
        // When each endpoint has its next turn; `None` while it has one.
        let mut turns: BTreeMap<String, Option<Duration>> = BTreeMap::new();
        loop {
            let told = match self.told().await {
                Ok(told) => told,
                Err(error) if error.is_final() => return error,
                Err(error) => {
                    tracing::error!(%error, "the endpoints cannot be read");
                    Vec::new()
                }
            };
            turns.retain(|id, next| next.is_none() || told.iter().any(|(one, _)| one.id == *id));
            let now = self.post.clock.elapsed();
            for told in told {
                let next = turns.entry(told.0.id.clone()).or_insert(Some(now));
                if next.take_if(|next| *next <= now).is_some() {
                    flying.push(async move {
                        (self.turn(&told).await, self.next(&told.0).await, told.0.id)
                    });
                }
            }
            let longest = Duration::from_secs(DELIVERY_WAIT_MAX_SECONDS);
            let first = turns.values().flatten().min();
            let wait = first.map_or(longest, |first| first.saturating_sub(now).min(longest));
            tokio::select! {
                biased;
                Some((summary, next, id)) = flying.next() => {
                    let now = self.post.clock.elapsed();
                    let next = match summary {
                        Ok(summary) if summary.more => now,
                        Ok(_) => now + next,
                        Err(error) if error.is_final() => return error,
                        Err(error) => {
                            tracing::error!(%error, endpoint = id, "a turn of deliveries failed");
                            now + longest
                        }
                    };
                    turns.insert(id, Some(next));
                }
                () = self.news.notified() => {
                    let now = self.post.clock.elapsed();
                    turns.values_mut().flatten().for_each(|next| *next = now);
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// The endpoints that are told, with the ways to them; none while another worker delivers.
    async fn told(&self) -> Result<Vec<Told>, StoreError> {
        let endpoints = self.post.store.endpoints().await?;
        self.ways.keep_only(&endpoints);
        self.post.metrics.webhooks.endpoints(endpoints.iter());
        let mut told = Vec::new();
        for endpoint in endpoints.into_iter().filter(|one| one.state == EndpointState::Active) {
            match self.ways.to(&endpoint) {
                Ok(target) => told.push((endpoint, target)),
                // Another worker may have it.
                Err(_) if endpoint.id == CONFIG_ENDPOINT => {}
                Err(error) => {
                    let reason = error.to_string();
                    if endpoint.last_error.as_ref() != Some(&reason) {
                        let (id, shown) = (&endpoint.id, &endpoint.shown);
                        tracing::error!(endpoint = id, shown, reason, "there is no way to it");
                        self.post.store.unreached(id, &reason).await?;
                    }
                }
            }
        }
        // Who has nobody to tell leaves it to a worker that has.
        if told.is_empty() {
            return Ok(told);
        }
        match self.post.store.hold(Scope::Deliveries).await? {
            Hold::Theirs { .. } => Ok(Vec::new()),
            Hold::Kept | Hold::Taken => Ok(told),
        }
    }

    async fn turn(&self, (endpoint, target): &Told) -> Result<Summary, StoreError> {
        let mut rest = self.rest(&endpoint.id);
        let turn = self.post.turn(endpoint, target, &mut rest).await;
        let mut rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        rests.insert(endpoint.id.clone(), rest);
        turn
    }

    fn rest(&self, endpoint: &str) -> Rest {
        // A map is whole after every statement, whoever panicked meanwhile.
        let rests = self.rests.lock().unwrap_or_else(PoisonError::into_inner);
        rests.get(endpoint).copied().unwrap_or_default()
    }

    /// How long until an endpoint has something to do again.
    async fn next(&self, endpoint: &Endpoint) -> Duration {
        let longest = Duration::from_secs(DELIVERY_WAIT_MAX_SECONDS);
        let due = match self.post.store.next_due(&endpoint.id).await {
            Ok(Some(due)) => {
                Duration::from_secs(u64::try_from(due - self.post.clock.now()).unwrap_or(0).max(1))
            }
            Ok(None) | Err(_) => longest,
        };
        let rest = self.rest(&endpoint.id).until().saturating_sub(self.post.clock.elapsed());
        due.max(rest).min(longest)
    }
}

#[cfg(test)]
#[path = "courier_tests/mod.rs"]
mod tests;
