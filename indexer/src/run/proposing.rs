//! Looks at the council's proposals now and then. Beside the loop: whatever a provider says or does
//! not say of them, no block waits for it.

use std::sync::Arc;
use std::time::Duration;

use interdict_core::deployment::Deployment;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Status;
use crate::chain::rpc::Rpc;
use crate::clock::Clock;
use crate::proposals::{Look, Proposal, Reader};
use crate::report::rfc3339;

/// Least time between two looks, in seconds.
const REST_SECONDS: u64 = 3;
/// Longest time between two looks, in seconds: a vote ends by the clock, without a block of its
/// own.
const WAIT_MAX_SECONDS: u64 = 60;

/// What is known of the council's proposals.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Proposed {
    /// When it was last asked, RFC 3339; `None` if it never could be.
    pub asked_at: Option<String>,
    /// Who said so: scheme and host of a provider. Nobody proves it.
    pub said_by: Option<String>,
    /// Why there is nothing, or nothing newer; `None` while there is.
    pub trouble: Option<String>,
    /// The newest first, at most 200.
    pub proposals: Vec<Proposal>,
    /// How many there are that are older than these and are not shown, some of which may be open
    /// still: the council's own tools show them.
    pub older: u64,
}

/// Looks at proposals.
#[derive(Debug)]
pub(super) struct Proposing {
    /// At least one; the first that answers is asked.
    pub(super) providers: Vec<Arc<Rpc>>,
    pub(super) clock: Arc<dyn Clock>,
    /// `None` if the council is on another chain.
    pub(super) reader: Option<Reader>,
    pub(super) shown: watch::Sender<Proposed>,
    /// A step of the chain may be one of a proposal.
    pub(super) status: watch::Receiver<Status>,
}

impl Proposing {
    /// A look at the council of a deployment, if it is on this chain, and where what it sees is
    /// shown.
    pub(super) fn new(
        providers: Vec<Arc<Rpc>>,
        clock: Arc<dyn Clock>,
        book: Option<Deployment>,
        status: watch::Receiver<Status>,
    ) -> (Self, watch::Receiver<Proposed>) {
        let trouble = match book {
            Some(_) => "nobody was asked yet",
            None => "the council is on another chain: ask the indexer that follows the list there",
        };
        let trouble = Some(trouble.to_owned());
        let (shown, seen) = watch::channel(Proposed { trouble, ..Proposed::default() });
        (Self { providers, clock, reader: book.map(Reader::new), shown, status }, seen)
    }

    pub(super) async fn run(mut self, stop: CancellationToken) -> &'static str {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return "look at proposals",
                () = self.turn() => {}
            }
        }
    }

    async fn turn(&mut self) {
        let Some(reader) = &mut self.reader else { return std::future::pending().await };
        self.status.mark_unchanged();
        let mut trouble = None;
        for provider in &self.providers {
            match reader.look(provider).await {
                Ok(Look { proposals, older }) => {
                    self.shown.send_replace(Proposed {
                        asked_at: Some(rfc3339(self.clock.now())),
                        said_by: Some(provider.endpoint().to_owned()),
                        trouble: None,
                        proposals,
                        older,
                    });
                    trouble = None;
                    break;
                }
                Err(error) => {
                    tracing::debug!(%error, "the council's proposals could not be read");
                    trouble = Some(error.to_string());
                }
            }
        }
        if trouble.is_some() {
            self.shown.send_modify(|shown| shown.trouble = trouble);
        }
        tokio::time::sleep(Duration::from_secs(REST_SECONDS)).await;
        let longest = Duration::from_secs(WAIT_MAX_SECONDS);
        if let Ok(Err(_)) = tokio::time::timeout(longest, self.status.changed()).await {
            // The loop has ended.
            std::future::pending::<()>().await;
        }
    }
}
