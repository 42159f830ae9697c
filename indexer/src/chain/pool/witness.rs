//! What one provider's word is not enough for: which block is final, and whatever a header does
//! not prove.

use std::collections::BTreeMap;

use alloy_primitives::B256;

use super::{Pool, Standing};
use crate::chain::accept::Wanted;
use crate::chain::follow::FollowError;
use crate::chain::profile::Finality;
use crate::chain::{Block, Header, Update};

/// Most blocks that wait for a second look; then the oldest is looked at before its time.
pub const DOUBTED_MAX_BLOCKS: usize = 4096;

/// Blocks that are not proved by their header alone and not final yet: each is looked at again once
/// it is final. Kept in memory; after a start only new ones are.
#[derive(Debug, Default)]
pub(super) struct Doubted {
    blocks: BTreeMap<u64, Seen>,
}

/// What was seen of a block, and through whom.
#[derive(Clone, Copy, Debug)]
struct Seen {
    hash: B256,
    digest: B256,
    by: usize,
}

impl Pool {
    /// Sees that the providers agree on a final block. One that stands against the majority is set
    /// aside; without a majority nothing is taken in until they agree. Who gives no answer, or does
    /// not have the block yet, has no vote; nor has one that is set aside, but it may agree again.
    pub(super) async fn agree_on(&mut self, at: usize, header: Header) -> Result<(), FollowError> {
        if self.providers.len() == 1 {
            return Ok(());
        }
        let (number, hash) = (header.number, header.hash);
        let mut votes: BTreeMap<B256, Vec<usize>> = BTreeMap::from([(hash, vec![at])]);
        let mut aside = Vec::new();
        for other in self.others(at) {
            let Some(vote) = self.vote(other, number).await else { continue };
            if self.providers[other].is_set_aside() {
                aside.push((other, vote));
            } else {
                votes.entry(vote).or_default().push(other);
            }
        }
        let count: usize = votes.values().map(Vec::len).sum();
        let majority = votes.iter().find(|(_, who)| who.len() * 2 > count).map(|(hash, _)| *hash);
        let Some(right) = majority else {
            self.disputed = Some(number);
            return Err(FollowError::Disputed { number, votes: self.told(&votes) });
        };
        self.disputed = None;
        let cast =
            votes.into_iter().flat_map(|(vote, who)| who.into_iter().map(move |at| (at, vote)));
        for (provider, vote) in cast.chain(aside) {
            self.judge(provider, number, vote, right);
        }
        if right == hash {
            return Ok(());
        }
        let endpoint = self.providers[at].name.clone();
        let reason = format!("it calls {hash} final at block {number}, the others {right}");
        Err(FollowError::Contradicts { endpoint, reason })
    }

    /// The hash that a provider has at a height, if it can say; one that contradicts what was final
    /// has no say.
    async fn vote(&mut self, at: usize, number: u64) -> Option<B256> {
        let provider = &self.providers[at];
        let silent = provider.is_doubtful() || provider.is_resting(self.clock.elapsed());
        if silent || self.identified(at).await.is_err() {
            return None;
        }
        match self.providers[at].follower.height(number).await {
            Ok(header) => {
                self.providers[at].last_error = None;
                Some(header.hash)
            }
            Err(error) => {
                tracing::debug!(%error, number, "a provider does not vote on a final block");
                self.providers[at].last_error = Some(error.to_string());
                None
            }
        }
    }

    /// Sets a provider aside, or takes it back in.
    fn judge(&mut self, at: usize, number: u64, vote: B256, right: B256) {
        let provider = &mut self.providers[at];
        match (vote == right, provider.is_set_aside()) {
            (true, true) => {
                tracing::info!(provider = provider.name, number, "a provider agrees again");
                provider.standing = Standing::Unchecked;
            }
            (false, false) => {
                let name = &provider.name;
                provider.set_aside(format!(
                    "{name} has {vote} at the final block {number}, the majority {right}"
                ));
            }
            (true, false) | (false, true) => {}
        }
    }

    fn told(&self, votes: &BTreeMap<B256, Vec<usize>>) -> String {
        let names = |who: &[usize]| {
            let names: Vec<_> = who.iter().map(|at| self.providers[*at].name.as_str()).collect();
            names.join(", ")
        };
        let told: Vec<_> =
            votes.iter().map(|(hash, who)| format!("{hash} ({})", names(who))).collect();
        told.join(", ")
    }

    /// Has each block of a step confirmed, and remembers it until it is final.
    pub(super) async fn witness(&mut self, at: usize, update: &Update) -> Result<(), FollowError> {
        if self.profile.is_proved() {
            return Ok(());
        }
        if let Some(to) = update.reverted() {
            self.doubted.blocks.split_off(&(to.number + 1));
        }
        for block in update.committed() {
            self.confirm(at, block).await?;
            if self.is_final(at, block.header) {
                continue;
            }
            if self.doubted.blocks.len() >= DOUBTED_MAX_BLOCKS
                && let Some(oldest) = self.doubted.blocks.keys().next().copied()
            {
                self.look_again(oldest).await?;
            }
            let seen = Seen { hash: block.header.hash, digest: block.digest(), by: at };
            self.doubted.blocks.insert(block.header.number, seen);
        }
        Ok(())
    }

    /// Whether a block is so far below the head that it was final when it was taken in.
    fn is_final(&self, at: usize, header: Header) -> bool {
        let head = self.providers[at].follower.head().map_or(0, |head| head.number);
        match self.profile.finality {
            Finality::Tag => false,
            Finality::Depth(depth) => header.number.saturating_add(depth) <= head,
        }
    }

    /// Sees that a second provider says the same of a block, where its header does not prove all.
    pub(super) async fn confirm(&mut self, at: usize, block: &Block) -> Result<(), FollowError> {
        if self.profile.is_proved() {
            return Ok(());
        }
        let Header { hash, number, .. } = block.header;
        self.compare(at, number, hash, block.digest()).await
    }

    /// Looks again at blocks that are final now, through a provider other than the first.
    pub(super) async fn look_again(&mut self, up_to: u64) -> Result<(), FollowError> {
        while let Some((number, seen)) =
            self.doubted.blocks.first_key_value().map(|(number, seen)| (*number, *seen))
            && number <= up_to
        {
            self.compare(seen.by, number, seen.hash, seen.digest).await?;
            self.doubted.blocks.remove(&number);
        }
        Ok(())
    }

    /// Compares what one provider said of a block with what the next one says that can be asked.
    async fn compare(
        &mut self,
        by: usize,
        number: u64,
        hash: B256,
        digest: B256,
    ) -> Result<(), FollowError> {
        let now = self.clock.elapsed();
        for other in self.others(by) {
            if !self.providers[other].is_usable(now) || self.identified(other).await.is_err() {
                continue;
            }
            let wanted = Wanted::Exactly { hash, number };
            let theirs = self.providers[other].follower.block(wanted, hash).await;
            let Ok(theirs) = self.heard(other, theirs) else { continue };
            if theirs.digest() == digest {
                return Ok(());
            }
            let name = |at: usize| self.providers[at].name.clone();
            return Err(FollowError::Unconfirmed { first: name(by), second: name(other), number });
        }
        Err(FollowError::NoSecond { number, why: self.troubles() })
    }
}
