//! Reads the council's proposals through a provider: those that it made since the last look, and
//! how each of those that are open stands.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, Bytes, LogData, U64, U256};
use alloy_sol_types::SolEvent;
use interdict_core::deployment::Deployment;
use serde::Deserialize;
use serde_json::json;

use super::{Made, Proposal, abi};
use crate::chain::rpc::{Rpc, RpcError};

/// Widest range of blocks that is asked for at once.
const RANGE_MAX_BLOCKS: u64 = 10_000;
/// Blocks that are looked at again: a proposal in them may have been taken back and made anew.
const AGAIN_BLOCKS: u64 = 128;
/// Proposals that are remembered; of more the newest are.
pub const KEPT_MAX_PROPOSALS: usize = 200;

/// Why the proposals are not known.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// The provider was not heard.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The provider has no newest block.
    #[error("the provider has no newest block")]
    NoHead,
    /// The council's event cannot be read.
    #[error("an event of a proposal's making cannot be read")]
    Event,
    /// A contract answers something else than it should.
    #[error("the answer to {0} is none")]
    Answer(&'static str),
    /// A state that this version does not know.
    #[error("the council is in a state {0} that this version does not know")]
    Course(u8),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    topics: Vec<B256>,
    data: Bytes,
    block_number: U64,
}

/// What the council has before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The newest first, at most [`KEPT_MAX_PROPOSALS`].
    pub proposals: Vec<Proposal>,
    /// How many there are that are older than these.
    pub older: u64,
}

/// Where a proposal stands among all: the block in which it was made, and its id.
type Place = (u64, U256);

/// What is known of the council's proposals.
#[derive(Debug)]
pub struct Reader {
    book: Deployment,
    /// The next block to look at.
    next: u64,
    /// How wide to ask.
    width: u64,
    made: BTreeMap<Place, (Made, Option<Proposal>)>,
    /// Older ones that are not remembered, below the blocks that are looked at again.
    older: u64,
    /// And those in them.
    older_again: BTreeSet<Place>,
}

impl Reader {
    /// Nothing is known yet of the council of a deployment.
    pub fn new(book: Deployment) -> Self {
        let next = book.block;
        let (made, older_again) = (BTreeMap::new(), BTreeSet::new());
        Self { book, next, width: RANGE_MAX_BLOCKS, made, older: 0, older_again }
    }

    /// Reads on, and asks how what is open stands; the newest proposal first.
    ///
    /// # Errors
    /// See [`NotRead`]: what was read before is kept, and the next look goes on from there.
    pub async fn look(&mut self, rpc: &Rpc) -> Result<Look, NotRead> {
        let head = rpc.header_at("latest").await?.ok_or(NotRead::NoHead)?;
        self.read_on(rpc, head.number).await?;
        for (made, stands) in self.made.values_mut() {
            if stands.as_ref().is_none_or(|stands| stands.course.is_open()) {
                *stands = Some(made.ask(rpc, &self.book, head.timestamp).await?);
            }
        }
        let proposals = self.made.values().rev().filter_map(|(_, stands)| stands.clone()).collect();
        Ok(Look { proposals, older: self.older() })
    }

    /// How many there are that are not remembered.
    pub(super) fn older(&self) -> u64 {
        self.older + self.older_again.len() as u64
    }

    /// Begins to read again a little below where it was read to.
    pub(super) fn step_back(&mut self) {
        self.next = self.next.saturating_sub(AGAIN_BLOCKS).max(self.book.block);
        let from = (self.next, U256::ZERO);
        self.made.split_off(&from);
        // What is read again is counted again; what is below stays as it was.
        self.older_again.split_off(&from);
        self.older += std::mem::take(&mut self.older_again).len() as u64;
    }

    /// Remembers proposals that were made up to a block, and of very many the newest.
    pub(super) fn remember(&mut self, made: Vec<(u64, Made)>, to: u64) {
        for (block, made) in made {
            self.made.insert((block, made.id), (made, None));
        }
        while self.made.len() > KEPT_MAX_PROPOSALS {
            if let Some((place, _)) = self.made.pop_first() {
                self.older_again.insert(place);
            }
        }
        self.next = to + 1;
    }

    async fn read_on(&mut self, rpc: &Rpc, head: u64) -> Result<(), NotRead> {
        self.step_back();
        while self.next <= head {
            let to = head.min(self.next.saturating_add(self.width - 1));
            let logs = match self.logs(rpc, to).await {
                Ok(logs) => logs,
                // Nobody agrees on how to say that this is too much: ask for less, and if it was
                // something else the smallest range says so too.
                Err(error) if self.width == 1 => return Err(error.into()),
                Err(RpcError::Refused { .. } | RpcError::TooLarge { .. }) => {
                    self.width = (self.width / 4).max(1);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let mut all = Vec::new();
            for log in logs {
                let data = LogData::new(log.topics, log.data).ok_or(NotRead::Event)?;
                let event =
                    abi::ProposalCreated::decode_log_data(&data).map_err(|_| NotRead::Event)?;
                all.push((log.block_number.to(), Made::read(&self.book, event)));
            }
            self.remember(all, to);
            self.width = (self.width * 2).min(RANGE_MAX_BLOCKS);
        }
        Ok(())
    }

    async fn logs(&self, rpc: &Rpc, to: u64) -> Result<Vec<Log>, RpcError> {
        let filter = json!({
            "address": self.book.council.address,
            "topics": [abi::ProposalCreated::SIGNATURE_HASH],
            "fromBlock": U64::from(self.next),
            "toBlock": U64::from(to),
        });
        Ok(rpc.call("eth_getLogs", json!([filter])).await?.unwrap_or_default())
    }
}
