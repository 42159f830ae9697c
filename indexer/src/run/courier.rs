//! The deliverer's loop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use crate::deliver::{self, Summary, Target};
use crate::metrics::Metrics;
use crate::screen::Assets;
use crate::store::{Store, StoreError};

/// Longest wait between two passes of the deliverer, in seconds.
const DELIVERY_WAIT_MAX_SECONDS: u64 = 60;

/// Delivers when there is news and when something falls due.
#[derive(Debug)]
pub struct Courier {
    pub(super) store: Store,
    pub(super) target: Arc<Target>,
    pub(super) assets: Assets,
    pub(super) metrics: Arc<Metrics>,
    pub(super) news: Arc<Notify>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Courier {
    pub(super) async fn run(self, stop: CancellationToken) -> &'static str {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return "deliverer",
                () = self.turn() => {}
            }
        }
    }

    /// Delivers what is due now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn pass(&self) -> Result<Summary, StoreError> {
        let Self { store, target, assets, metrics, .. } = self;
        deliver::pass(store, target, assets, metrics, self.clock.now()).await
    }

    /// One pass, and the wait for the next.
    async fn turn(&self) {
        let wait = match self.pass().await {
            Ok(summary) if summary.is_full() => return,
            Ok(_) => self.until_due().await,
            Err(error) => {
                tracing::error!(%error, "a delivery pass failed");
                DELIVERY_WAIT_MAX_SECONDS
            }
        };
        tokio::select! {
            biased;
            () = self.news.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(wait)) => {}
        }
    }

    /// Seconds until something falls due.
    async fn until_due(&self) -> u64 {
        match self.store.next_due().await {
            Ok(Some(due)) => u64::try_from(due - self.clock.now())
                .unwrap_or(0)
                .clamp(1, DELIVERY_WAIT_MAX_SECONDS),
            Ok(None) | Err(_) => DELIVERY_WAIT_MAX_SECONDS,
        }
    }
}
