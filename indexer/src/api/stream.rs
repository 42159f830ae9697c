//! What happens, as it happens: server-sent events (HTML Standard §9.2), and the last hours in
//! figures.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Serialize;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use super::kept::Point;
use super::{ApiError, Pages};
use crate::store::{AuditFilter, StoreError};

/// Time between two looks at what people did; the chain's news is looked for when there is some.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Silence after which a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are read at once.
const READ_MAX_ROWS: u32 = 100;

/// The last hours in figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Series)]
pub(super) struct Told {
    /// Time between two points, in seconds.
    every: u64,
    /// Oldest first; at most a day, and since the start of the indexer.
    points: Vec<Point>,
}

/// The last hours in figures
#[utoipa::path(get, path = "/v1/series", tag = "health",
    responses((status = 200, description = "A point each minute", body = Told)))]
pub(super) async fn series(State(pages): State<Pages>) -> Json<Told> {
    let every = super::kept::POINT_EVERY.as_secs();
    Json(Told { every, points: pages.kept.points() })
}

/// How far a listener is: the news, and what people did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    news: i64,
    steps: u64,
}

impl Place {
    /// From what a browser sends when it comes again.
    fn parse(text: &str) -> Option<Self> {
        let (news, steps) = text.split_once('-')?;
        Some(Self { news: news.parse().ok()?, steps: steps.parse().ok()? })
    }

    /// The end: only what comes is told.
    async fn end(pages: &Pages) -> Result<Self, StoreError> {
        let (news, _) = pages.store.news_end(i64::MAX).await?;
        let last = pages.store.audit(&AuditFilter::default(), None, 1).await?;
        Ok(Self { news, steps: last.first().map_or(0, |row| row.number) })
    }

    fn of(self, event: Event) -> Event {
        event.id(format!("{}-{}", self.news, self.steps))
    }
}

/// One who listens.
struct Listener {
    pages: Pages,
    at: Place,
    /// Events that are read and not sent.
    read: Vec<Event>,
    /// What was last said of the indexer.
    status: Option<serde_json::Value>,
    _permit: OwnedSemaphorePermit,
}

/// What happens, as it happens
///
/// Events: `alert` (id, kind, severity), `step` (alert, version, kind), `status` (cursor, head,
/// lag, ready). Whoever comes again with `Last-Event-ID` misses nothing.
#[utoipa::path(get, path = "/v1/stream", tag = "alerts",
    params(("Last-Event-ID" = Option<String>, Header,
        description = "The last event that was received")),
    responses((status = 200, description = "Events", body = String,
        content_type = "text/event-stream")))]
pub(super) async fn listen(
    State(pages): State<Pages>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let permit = seat(&pages.kept.listeners)?;
    let last = headers.get("last-event-id").filter(|last| !last.is_empty());
    let at = match last.map(|last| last.to_str().ok().and_then(Place::parse)) {
        Some(Some(place)) => place,
        Some(None) => {
            let reason = "is none that this server gave: leave it out".to_owned();
            return Err(ApiError::Parameter { name: "Last-Event-ID", reason });
        }
        None => Place::end(&pages).await?,
    };
    let stop = pages.kept.stop.clone();
    let listener = Listener { pages, at, read: Vec::new(), status: None, _permit: permit };
    let events = unfold(listener, move |mut listener| {
        let stop = stop.clone();
        async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => None,
                event = listener.next() => event.map(|event| (Ok(event), listener)),
            }
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

fn seat(listeners: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ApiError> {
    let many = |_| {
        ApiError::refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_listeners",
            "as many listen to the stream as may".to_owned(),
            "ask /v1/alerts again and again instead, or come later",
        )
    };
    Arc::clone(listeners).try_acquire_owned().map_err(many)
}

impl Listener {
    /// The next event. `None` ends the stream: the browser comes again, and loses nothing.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.read.pop() {
                return Some(event);
            }
            if let Some(event) = self.status() {
                return Some(event);
            }
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the stream cannot be read");
                return None;
            }
            if self.read.is_empty() {
                let _ = tokio::time::timeout(LOOK_EVERY, self.pages.status.changed()).await;
                // However fast the chain goes, nobody reads faster.
                tokio::time::sleep(LOOK_EVERY / 10).await;
            }
        }
    }

    /// Reads what is new, the last first.
    async fn look(&mut self) -> Result<(), StoreError> {
        for news in self.pages.store.news_after(self.at.news, READ_MAX_ROWS).await? {
            self.at.news = news.seq;
            let said = json!({ "id": news.alert, "kind": news.kind, "severity": news.severity });
            self.say("alert", &said);
        }
        for row in self.pages.store.audit_after(self.at.steps).await? {
            // A row that is broken is for `verify-audit`; those after it are told.
            let row = match row {
                Ok(row) => row,
                Err(fault) => {
                    self.at.steps = self.at.steps.max(fault.number);
                    continue;
                }
            };
            self.at.steps = row.number;
            if let Some(alert) = row.alert {
                let said = json!({ "id": alert, "version": row.number, "kind": row.kind });
                self.say("step", &said);
            }
        }
        self.read.reverse();
        Ok(())
    }

    fn say(&mut self, name: &str, said: &serde_json::Value) {
        let event = Event::default().event(name).data(said.to_string());
        self.read.push(self.at.of(event));
    }

    /// How the indexer stands, if that is another now.
    fn status(&mut self) -> Option<Event> {
        let status = self.pages.status.borrow_and_update().clone();
        let ready = status.trouble(self.pages.clock.elapsed()).is_none();
        let (cursor, head, lag) = (status.cursor, status.head, status.lag());
        let said = json!({ "cursor": cursor, "head": head, "lag": lag, "ready": ready });
        if self.status.as_ref() == Some(&said) {
            return None;
        }
        let event = Event::default().event("status").data(said.to_string());
        self.status = Some(said);
        Some(self.at.of(event))
    }
}
