//! What is kept between requests: the list as it stands, the last hours in figures, who listens.
//! All of it can be made anew from the database, and all of it is bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use interdict_core::ledger::{Ledger, LedgerError};
use interdict_core::policy::Policy;
use serde::Serialize;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::{ApiError, Pages};
use crate::store::StoreError;

/// Most that listen to the stream.
pub(super) const LISTENERS_MAX: usize = 32;
/// Time between two points of the series.
pub(super) const POINT_EVERY: Duration = Duration::from_mins(1);
/// Points that are kept: a day.
const POINTS_MAX: usize = 24 * 60;

/// How old may be what the figures say of the database: however many ask for them, and however
/// often, it is read no more often than that.
pub(super) const FIGURES_KEPT: Duration = Duration::from_secs(30);

/// What is kept between requests.
#[derive(Debug)]
pub struct Kept {
    /// By what findings are judged.
    pub(super) policy: Arc<Policy>,
    /// When the server stops.
    pub(super) stop: CancellationToken,
    pub(super) listeners: Arc<Semaphore>,
    pub(super) figures: Figures,
    list: Mutex<Arc<Ledger>>,
    points: StdMutex<VecDeque<Point>>,
}

/// When the database was last read for the figures.
#[derive(Debug, Default)]
pub(super) struct Figures(Mutex<Option<Duration>>);

impl Figures {
    /// Reads them unless that was done a moment ago; who asks meanwhile waits for the same reading.
    pub(super) async fn read(
        &self,
        now: Duration,
        reading: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        let mut last = self.0.lock().await;
        if last.is_none_or(|last| now.saturating_sub(last) >= FIGURES_KEPT) {
            reading.await?;
            *last = Some(now);
        }
        Ok(())
    }
}

/// The list as of the last accepted block.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The block.
    pub(super) block: u64,
    /// Its time, unix seconds.
    pub(super) time: u64,
    /// The list.
    pub(super) ledger: Arc<Ledger>,
}

/// How it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Point {
    /// The moment, unix seconds.
    pub(super) at: i64,
    /// Blocks between the newest one and the last accepted one.
    pub(super) lag: Option<u64>,
    /// Alerts that were new since the point before.
    pub(super) alerts: u64,
}

impl Kept {
    /// Nothing yet.
    pub fn new(policy: Arc<Policy>, stop: CancellationToken) -> Self {
        let listeners = Arc::new(Semaphore::new(LISTENERS_MAX));
        let (list, points, figures) = (Mutex::default(), StdMutex::default(), Figures::default());
        Self { policy, stop, listeners, figures, list, points }
    }

    /// The points, oldest first.
    pub(super) fn points(&self) -> Vec<Point> {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        points.iter().cloned().collect()
    }

    pub(super) fn push(&self, point: Point) {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        if points.len() == POINTS_MAX {
            points.pop_front();
        }
        points.push_back(point);
    }

    /// The list as it is stored, of which only what is new is read.
    pub(super) async fn list(&self, pages: &Pages) -> Result<List, ApiError> {
        let mut known = self.list.lock().await;
        let mut state = pages.store.list_after(known.acts()).await?;
        if state.head != Some(known.head()) {
            // Acts that were known are gone with their blocks.
            *known = Arc::default();
            state = pages.store.list_after(0).await?;
        }
        if !state.acts.is_empty() {
            let ledger = Arc::make_mut(&mut known);
            let pushed = state.acts.iter().try_for_each(|act| ledger.push(act));
            if let Err(error) = pushed {
                *known = Arc::default();
                return Err(unfit(&error));
            }
        }
        Ok(List { block: state.cursor, time: state.time, ledger: Arc::clone(&known) })
    }
}

fn unfit(error: &LedgerError) -> ApiError {
    ApiError::refused(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "list",
        format!("the stored acts of the list do not add up: {error}"),
        "restore a backup of the database",
    )
}

/// Writes a point every minute until told to stop.
pub(super) async fn points(pages: Pages) {
    let mut last = None;
    loop {
        let ended = pages.kept.stop.cancelled();
        tokio::select! {
            biased;
            () = ended => return,
            () = tokio::time::sleep(POINT_EVERY) => {}
        }
        // Where the database fails, everything else says so.
        let Ok((end, new)) = pages.store.news_end(last.unwrap_or(i64::MAX)).await else { continue };
        last = Some(end);
        let lag = pages.status.borrow().lag();
        pages.kept.push(Point { at: pages.clock.now(), lag, alerts: new });
    }
}
