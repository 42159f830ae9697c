//! The indexer as a whole: the only room that knows all others.

pub mod clock;
mod courier;
mod index;
mod patience;
mod start;

pub use courier::Courier;
pub use index::Indexer;
pub use patience::STALL_AFTER_ATTEMPTS;
pub use start::{Handle, StartError, Wiring, Works, assemble, start};

use serde::Serialize;

/// How the indexer stands, for the health page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
}

impl Status {
    /// Blocks between the newest one and the last accepted one.
    pub fn lag(&self) -> Option<u64> {
        self.head.map(|head| head.saturating_sub(self.cursor))
    }
}
