//! Where the chain goes next: the next accepted block, a better branch, or a shorter chain.
//!
//! Nothing is taken back before the branch that replaces it has been fetched and verified.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::B256;

use super::accept::{self, AcceptError, Wanted};
use super::profile::{Finality, Profile};
use super::rpc::{Rpc, RpcError};
pub use super::trail::Trail;
use super::{Block, Header, Update};

/// How far back another branch may begin, in blocks.
pub const REORG_DEPTH_MAX_BLOCKS: u64 = 256;
/// How often in a row a provider must say that the chain is shorter than it was and that our last
/// block is unknown: a lagging one says so too, for a moment.
pub const SHORTER_AFTER_POLLS: u32 = 3;

/// Why the next step could not be taken. The cursor stays.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The provider gave no answer.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// What it gave does not verify.
    #[error("{endpoint}: {reason}")]
    Accept {
        /// Scheme and host.
        endpoint: String,
        /// What does not verify.
        reason: AcceptError,
    },
    /// The provider does not have a block that it spoke of.
    #[error("{endpoint} does not have block {number}, which its own chain contains")]
    Missing {
        /// Scheme and host.
        endpoint: String,
        /// The block's number.
        number: u64,
    },
    /// The provider is further behind than a reorganisation may reach.
    #[error(
        "{endpoint} is at block {head}, block {cursor} was accepted already: it lags or was reset; configure another provider if it does not catch up"
    )]
    Behind {
        /// Scheme and host.
        endpoint: String,
        /// Its newest block.
        head: u64,
        /// The last accepted block.
        cursor: u64,
    },
    /// The provider serves another chain.
    #[error(
        "{endpoint} serves chain {found}, chain_id is {expected}: configure a provider of that chain"
    )]
    OtherChain {
        /// Scheme and host.
        endpoint: String,
        /// What it serves.
        found: u64,
        /// What is configured.
        expected: u64,
    },
    /// The provider serves another chain of the same id.
    #[error(
        "{endpoint} serves a chain that begins with {found}, the deployment file's begins with {expected}: the node was reset, or the file is of another chain; deploy again or configure another provider"
    )]
    OtherGenesis {
        /// Scheme and host.
        endpoint: String,
        /// Its block 0.
        found: B256,
        /// The deployment's block 0.
        expected: B256,
    },
    /// A provider contradicts what was final; it is asked again, and the others are.
    #[error("{endpoint} contradicts what was final: {reason}; providers are asked again")]
    Contradicts {
        /// Scheme and host.
        endpoint: String,
        /// What contradicts what.
        reason: String,
    },
    /// Providers name different hashes for a final block, and no majority says which is right.
    #[error(
        "the providers disagree on the final block {number}: {votes}; nothing is taken in until \
         they agree: find out which of them is wrong and take it out of the configuration"
    )]
    Disputed {
        /// The block's number.
        number: u64,
        /// Who says what.
        votes: String,
    },
    /// The chain's headers do not prove everything, and two providers say different things.
    #[error(
        "{first} and {second} differ on block {number}, which its header does not prove: neither \
         is believed; add a third provider"
    )]
    Unconfirmed {
        /// Scheme and host of the one.
        first: String,
        /// Scheme and host of the other.
        second: String,
        /// The block's number.
        number: u64,
    },
    /// The chain's headers do not prove everything, and there is no second provider to ask.
    #[error(
        "block {number} needs the word of a second provider, because its header does not prove all \
         of it, and there is none to ask now{why}"
    )]
    NoSecond {
        /// The block's number.
        number: u64,
        /// Why those that are configured cannot be asked.
        why: String,
    },
    /// No provider that is to trace could be heard.
    #[error("block {number} cannot be traced: {why}; take `traces` from providers that cannot")]
    Untraced {
        /// The block's number.
        number: u64,
        /// What came instead.
        why: String,
    },
    /// There is no provider to ask.
    #[error("no provider can be asked{0}")]
    NoProvider(String),
    /// The chain calls a block final that is on another branch than ours, above what was final:
    /// ours was left, and the provider has not told of the other's head yet.
    #[error(
        "the chain calls block {number} with hash {hash} final, we are on the branch of {ours} and \
         have not been told of the other yet"
    )]
    OtherBranch {
        /// The block's number.
        number: u64,
        /// The final block.
        hash: B256,
        /// Our block at that height.
        ours: B256,
    },
    /// The chain contradicts what was final, or is rewritten further back than can be followed.
    #[error(
        "finality violated: {reason}; a person must find out which chain is right, and start again \
         on a new database if this one followed the wrong one"
    )]
    FinalityViolated {
        /// What contradicts what.
        reason: String,
    },
}

/// Follows one provider's chain.
#[derive(Debug)]
pub struct Follower {
    rpc: Arc<Rpc>,
    profile: Profile,
    head: Option<Header>,
    shorter: u32,
    half: Half,
}

/// What was verified of another branch before a request failed: it is not asked for again, so that
/// a provider that fails now and then can still give a long one.
#[derive(Debug, Default)]
struct Half {
    headers: BTreeMap<B256, Header>,
    blocks: BTreeMap<B256, Block>,
}

impl Follower {
    /// A follower of one provider.
    pub fn new(rpc: Arc<Rpc>, profile: Profile) -> Self {
        Self { rpc, profile, head: None, shorter: 0, half: Half::default() }
    }

    /// Forgets what the provider said of its head: it was not asked for a while.
    pub fn forget(&mut self) {
        self.head = None;
        self.shorter = 0;
        self.half = Half::default();
    }

    /// The newest block that the provider spoke of, if its header verified.
    pub const fn head(&self) -> Option<Header> {
        self.head
    }

    /// The provider, to be asked beside this.
    pub fn shared(&self) -> Arc<Rpc> {
        Arc::clone(&self.rpc)
    }

    /// The provider.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// What the chain's headers prove.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The next step, or `None` if there is none yet.
    ///
    /// # Errors
    /// See [`FollowError`]; asking again is safe.
    pub async fn next(&mut self, trail: &Trail) -> Result<Option<Update>, FollowError> {
        let cursor = trail.cursor();
        let behind = self.head.is_some_and(|head| head.number > cursor.number);
        if !behind {
            self.head = Some(self.header_at("latest").await?);
        }
        let head = self.head.unwrap_or(cursor);
        if head.number <= cursor.number {
            return self.not_longer(trail, head).await;
        }
        self.shorter = 0;
        let next = match self.height(cursor.number + 1).await {
            Ok(next) => next,
            Err(error) => {
                // The head may be gone: ask for it anew next time.
                self.head = None;
                return Err(error);
            }
        };
        if next.parent == cursor.hash {
            let block = self.block(Wanted::Above(cursor), next.hash).await?;
            return Ok(Some(Update::Commit(Box::new(block))));
        }
        self.head = None;
        self.branch(trail, next).await.map(Some)
    }

    /// The header that the chain calls final; `None` if there is none yet.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn finalized(&self) -> Result<Option<Header>, FollowError> {
        let place = match self.profile.finality {
            Finality::Tag => "finalized".to_owned(),
            Finality::Depth(depth) => {
                let below = self.head.and_then(|head| head.number.checked_sub(depth));
                let Some(number) = below else { return Ok(None) };
                format!("{number:#x}")
            }
        };
        match self.rpc.header_at(&place).await {
            Ok(None) | Err(RpcError::Refused { .. }) => Ok(None),
            Ok(Some(header)) => self.verified(accept::header(&self.profile, &header)).map(Some),
            Err(error) => Err(error.into()),
        }
    }

    /// A whole block by its hash, verified.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn block(&self, wanted: Wanted, hash: B256) -> Result<Block, FollowError> {
        let (block, receipts) =
            tokio::try_join!(biased; self.rpc.block(hash), self.rpc.receipts(hash))?;
        self.verified(accept::block(&self.profile, block, receipts, wanted))
    }

    /// The header at a tag or height, verified.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn header_at(&self, place: &str) -> Result<Header, FollowError> {
        let missing = || RpcError::Nothing {
            endpoint: self.rpc.endpoint().to_owned(),
            method: "eth_getBlockByNumber",
        };
        let header = self.rpc.header_at(place).await?.ok_or_else(missing)?;
        self.verified(accept::header(&self.profile, &header))
    }

    /// The hash of block 0. Where the first blocks of a chain cannot be proved it is the provider's
    /// word, which is good enough to tell one chain from another.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn first(&self) -> Result<B256, FollowError> {
        let missing = || RpcError::Nothing {
            endpoint: self.rpc.endpoint().to_owned(),
            method: "eth_getBlockByNumber",
        };
        if self.profile.first_block == 0 {
            return Ok(self.height(0).await?.hash);
        }
        Ok(self.rpc.header_at("0x0").await?.ok_or_else(missing)?.hash)
    }

    /// The header at a height, verified.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn height(&self, number: u64) -> Result<Header, FollowError> {
        let header = self.header_at(&format!("{number:#x}")).await?;
        if header.number != number {
            let (got, got_hash) = (header.number, header.hash);
            let other = AcceptError::OtherBlock { got, got_hash, wanted: number };
            return self.verified(Err(other));
        }
        Ok(header)
    }

    /// The header at a height to begin above, asked for a second time by its hash: one that nobody
    /// but this answer knows would be built upon for ever.
    ///
    /// # Errors
    /// See [`FollowError`].
    pub async fn beginning(&self, number: u64) -> Result<Header, FollowError> {
        let found = self.height(number).await?;
        let missing = || FollowError::Missing { endpoint: self.rpc.endpoint().to_owned(), number };
        let again = self.rpc.header_of(found.hash).await?.ok_or_else(missing)?;
        let wanted = Wanted::Exactly { hash: found.hash, number };
        self.verified(accept::wanted_header(&self.profile, &again, wanted))
    }

    /// The provider's head is at our height or below it.
    async fn not_longer(
        &mut self,
        trail: &Trail,
        head: Header,
    ) -> Result<Option<Update>, FollowError> {
        let cursor = trail.cursor();
        if head.hash == cursor.hash {
            self.shorter = 0;
            return Ok(None);
        }
        let Some(ours) = trail.at(head.number) else {
            let endpoint = self.rpc.endpoint().to_owned();
            let (head, cursor) = (head.number, cursor.number);
            return Err(FollowError::Behind { endpoint, head, cursor });
        };
        if ours.hash != head.hash {
            self.shorter = 0;
            return self.branch(trail, head).await.map(Some);
        }
        if head.number < trail.finalized() {
            // It says nothing against what is final; it has not got there yet.
            let endpoint = self.rpc.endpoint().to_owned();
            let (head, cursor) = (head.number, cursor.number);
            return Err(FollowError::Behind { endpoint, head, cursor });
        }
        // Our own chain, but shorter: the provider lags, or the blocks above are gone.
        if self.rpc.header_of(cursor.hash).await?.is_some() {
            self.shorter = 0;
            return Ok(None);
        }
        self.shorter += 1;
        if self.shorter < SHORTER_AFTER_POLLS {
            return Ok(None);
        }
        self.shorter = 0;
        Ok(Some(Update::Revert { to: head }))
    }

    /// Walks back from the tip of another branch to where it left ours, and fetches it.
    async fn branch(&mut self, trail: &Trail, tip: Header) -> Result<Update, FollowError> {
        let mut headers = vec![tip];
        let mut lowest = tip;
        let fork = loop {
            let below = lowest.number.checked_sub(1).and_then(|number| trail.at(number));
            match below {
                Some(ours) if ours.hash == lowest.parent => break ours,
                Some(_) => {}
                None => return Err(too_deep(trail, lowest)),
            }
            lowest = self.parent(lowest).await?;
            headers.push(lowest);
        };
        revertible(trail, fork)?;
        let mut branch = Vec::with_capacity(headers.len());
        let mut below = fork;
        for header in headers.iter().rev() {
            if !self.half.blocks.contains_key(&header.hash) {
                let block = self.block(Wanted::Above(below), header.hash).await?;
                self.half.blocks.insert(header.hash, block);
            }
            below = *header;
        }
        let mut half = std::mem::take(&mut self.half);
        branch.extend(headers.iter().rev().filter_map(|header| half.blocks.remove(&header.hash)));
        Ok(Update::Reorg { to: fork, branch })
    }

    async fn parent(&mut self, of: Header) -> Result<Header, FollowError> {
        if let Some(known) = self.half.headers.get(&of.parent) {
            return Ok(*known);
        }
        let number = of.number - 1;
        let missing = || FollowError::Missing { endpoint: self.rpc.endpoint().to_owned(), number };
        let header = self.rpc.header_of(of.parent).await?.ok_or_else(missing)?;
        let wanted = Wanted::Exactly { hash: of.parent, number };
        let header = self.verified(accept::wanted_header(&self.profile, &header, wanted))?;
        self.half.headers.insert(header.hash, header);
        Ok(header)
    }

    fn verified<T>(&self, result: Result<T, AcceptError>) -> Result<T, FollowError> {
        result.map_err(|reason| FollowError::Accept {
            endpoint: self.rpc.endpoint().to_owned(),
            reason,
        })
    }
}

/// Whether the chain may be taken back to a block.
fn revertible(trail: &Trail, to: Header) -> Result<(), FollowError> {
    if to.number >= trail.finalized() {
        return Ok(());
    }
    let reason = format!(
        "another branch leaves ours at block {}, block {} was final",
        to.number,
        trail.finalized()
    );
    Err(FollowError::FinalityViolated { reason })
}

fn too_deep(trail: &Trail, lowest: Header) -> FollowError {
    let reason = format!(
        "the chain of block {} does not meet ours within {} blocks of block {}",
        lowest.number,
        REORG_DEPTH_MAX_BLOCKS,
        trail.cursor().number
    );
    FollowError::FinalityViolated { reason }
}
