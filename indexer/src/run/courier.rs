//! The deliverer's loop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::deliver::{self, Summary, Target};
use crate::metrics::Metrics;
use crate::screen::Assets;
use crate::store::{Hold, Scope, Store, StoreError};

/// Longest wait between two passes of the deliverer, in seconds: nobody tells it of what another
/// worker wrote, or that the one who delivered is gone.
const DELIVERY_WAIT_MAX_SECONDS: u64 = 5;

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
                turn = self.turn() => {
                    if let Err(error) = turn {
                        tracing::error!(%error, "nothing can be delivered any more");
                        return "deliverer";
                    }
                }
            }
        }
    }

    /// Delivers what is due now, unless another worker does.
    ///
    /// # Errors
    /// The database failed.
    pub async fn pass(&self) -> Result<Summary, StoreError> {
        let Self { store, target, assets, metrics, .. } = self;
        if let Hold::Theirs { .. } = store.hold(Scope::Deliveries).await? {
            return Ok(Summary::default());
        }
        deliver::pass(store, target, assets, metrics, self.clock.now()).await
    }

    /// One pass, and the wait for the next.
    ///
    /// # Errors
    /// There can be no next.
    async fn turn(&self) -> Result<(), StoreError> {
        let wait = match self.pass().await {
            Ok(summary) if summary.is_full() => return Ok(()),
            Ok(_) => self.until_due().await,
            Err(error) if error.is_final() => return Err(error),
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
        Ok(())
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
