//! The indexer as a whole: the only room that knows all others.

mod asker;
mod catching;
mod courier;
mod draft;
mod index;
mod intake;
mod looking;
mod patience;
mod proposing;
mod rejudging;
mod repeating;
mod start;

pub use crate::clock;
pub use catching::CATCH_UP_FROM_BLOCKS;
pub use courier::Courier;
pub use index::Indexer;
pub use patience::{STALL_AFTER_ATTEMPTS, STALL_AFTER_SECONDS};
pub use proposing::Proposed;
pub use start::{Handle, StartError, Wiring, Works, assemble, start};

use std::time::Duration;

use serde::Serialize;

use crate::chain::pool::{ProviderState, Word};

/// Longest time without a good word from the chain, in seconds.
pub const SILENCE_MAX_SECONDS: u64 = 45;

/// How the indexer stands, for the health page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Status {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// The last accepted block.
    pub cursor: u64,
    /// The newest block that the provider spoke of; `None` before it spoke.
    pub head: Option<u64>,
    /// The last block that the chain calls final and that we accepted.
    pub finalized: u64,
    /// Addresses that are or were listed.
    pub listed_addresses: usize,
    /// Acts of the list taken in.
    pub acts: u32,
    /// Why the chain cannot be followed; `None` while it can.
    pub stalled: Option<String>,
    /// Why a walk back does not get on; `None` while it does.
    pub lookback_stalled: Option<String>,
    /// The worker that follows the chain instead, where several share a database.
    pub standing_by: Option<String>,
    /// Up to when the list is known, unix seconds, where another indexer follows it.
    pub list_through: Option<u64>,
    /// How each provider stands.
    pub providers: Vec<ProviderState>,
    /// When the chain was last followed without a failure, by the clock that never goes back.
    #[serde(skip)]
    pub heard: Duration,
}

impl Status {
    /// Blocks between the newest one and the last accepted one.
    pub fn lag(&self) -> Option<u64> {
        self.head.map(|head| head.saturating_sub(self.cursor))
    }

    /// Why what is shown cannot be relied upon; `None` while it can. Also if the loop itself hangs:
    /// then nobody else says so.
    pub fn trouble(&self, elapsed: Duration) -> Option<String> {
        let standing_by = || {
            let worker = self.standing_by.as_ref();
            worker.map(|worker| format!("another worker follows the chain: {worker}"))
        };
        self.stalled
            .clone()
            .or_else(|| self.lookback_stalled.clone())
            .or_else(standing_by)
            .or_else(|| self.unfollowed(elapsed))
    }

    /// Why the chain is not followed; `None` while it is, be it by another worker.
    pub fn unfollowed(&self, elapsed: Duration) -> Option<String> {
        let silent = elapsed.saturating_sub(self.heard);
        let hung = || {
            (silent >= Duration::from_secs(SILENCE_MAX_SECONDS))
                .then(|| format!("no word from the chain for {} s", silent.as_secs()))
        };
        let not_yet = || self.head.is_none().then(|| "no word from the chain yet".to_owned());
        if self.standing_by.is_some() {
            return None;
        }
        self.stalled.clone().or_else(not_yet).or_else(hung)
    }

    /// What a person should look at though the chain is followed.
    pub fn warnings(&self) -> Vec<String> {
        let bad =
            |provider: &&ProviderState| matches!(provider.state, Word::SetAside | Word::OtherChain);
        let reasons = self.providers.iter().filter(bad).filter_map(|p| p.reason.clone());
        reasons.collect()
    }
}
