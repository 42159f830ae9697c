//! Two nodes that are asked the same. A node may lie about the chain, a contract's state, a nonce
//! or a simulation (T48): where a second one is given, of another provider, what only one of them
//! says is not believed. The list's events need no second word, for the contract's head proves
//! them; what becomes of a transaction that was sent is one node's word.

use std::fmt::Display;

use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::primitives::{Address, Bytes, keccak256};
use alloy::providers::Provider as _;
use anyhow::Result;

use super::{Chain, Pinned};
use crate::exit::{Exit, Failure};

/// A node that is further behind the other is no second opinion.
const BEHIND_BLOCKS_MAX: u64 = 64;

/// An answer that is longer is shown by its hash.
const SHOWN_BYTES_MAX: usize = 64;

impl Chain {
    /// With a second node, which must be on the same chain.
    pub(crate) fn with_second(mut self, second: Self) -> Result<Self> {
        let [mine, theirs] = [&self, &second].map(|chain| (chain.id, chain.genesis));
        if mine.0 != theirs.0 {
            return Err(disagree(&self, &second, "the chain id", mine.0, theirs.0));
        }
        if mine.1 != theirs.1 {
            return Err(disagree(&self, &second, "the hash of block 0", mine.1, theirs.1));
        }
        self.second = Some(Box::new(second));
        Ok(self)
    }

    /// The newest block; of two nodes, the newest that both have.
    pub(crate) async fn latest(&self) -> Result<Pinned> {
        let mine = self.block(BlockNumberOrTag::Latest).await?;
        let Some(second) = &self.second else { return Ok(mine) };
        let theirs = second.block(BlockNumberOrTag::Latest).await?;
        let number = mine.number.min(theirs.number);
        if mine.number.abs_diff(theirs.number) > BEHIND_BLOCKS_MAX {
            return Err(disagree(self, second, "the newest block", mine.number, theirs.number));
        }
        let tag = BlockNumberOrTag::Number(number);
        let mine = if mine.number == number { mine } else { self.block(tag).await? };
        let theirs = if theirs.number == number { theirs } else { second.block(tag).await? };
        if mine.hash == theirs.hash {
            return Ok(mine);
        }
        let what = format!("the hash of block {number}");
        Err(disagree(self, second, &what, mine.hash, theirs.hash))
    }

    /// The block that both nodes are asked about: one may have a newer one than the other.
    pub(crate) async fn settled(&self, at: BlockId) -> Result<BlockId> {
        match at {
            BlockId::Number(BlockNumberOrTag::Latest) if self.second.is_some() => {
                Ok(self.latest().await?.id())
            }
            _ => Ok(at),
        }
    }

    /// The number of transactions of an account, of which those that wait are part.
    pub(crate) async fn nonce(&self, account: Address) -> Result<u64> {
        let ask = async |chain: &Self| {
            let nonce = chain.provider.get_transaction_count(account).pending().await;
            nonce.map_err(|e| chain.failed(&e))
        };
        let mine = ask(self).await?;
        let Some(second) = &self.second else { return Ok(mine) };
        let theirs = ask(second).await?;
        if mine == theirs {
            return Ok(mine);
        }
        Err(disagree(self, second, &format!("the nonce of {account}"), mine, theirs))
    }

    /// Refuses answers of the two nodes that are not the same bytes.
    pub(crate) fn check_agree(&self, what: &str, mine: &Bytes, theirs: &Bytes) -> Result<()> {
        match &self.second {
            Some(second) if mine != theirs => {
                Err(disagree(self, second, what, shown(mine), shown(theirs)))
            }
            _ => Ok(()),
        }
    }

    /// Whether a transaction that was only tried ends the same on the second node.
    pub(crate) fn check_tried(&self, mine: Result<Bytes>, theirs: Result<Bytes>) -> Result<Bytes> {
        let Some(second) = &self.second else { return mine };
        let [mine, theirs] = [mine, theirs].map(|tried| tried.map_err(Failure::from_error));
        let what = "the simulated transaction";
        match (mine, theirs) {
            (Err(failed), _) | (_, Err(failed)) if failed.exit != Exit::Reverts => {
                Err(failed.into())
            }
            (Ok(mine), Ok(theirs)) => self.check_agree(what, &mine, &theirs).map(|()| mine),
            (Err(mine), Err(_)) => Err(mine.into()),
            (Ok(mine), Err(why)) => Err(disagree(self, second, what, shown(&mine), why.message)),
            (Err(why), Ok(theirs)) => {
                Err(disagree(self, second, what, why.message, shown(&theirs)))
            }
        }
    }
}

/// What differs, and who says what.
pub(crate) fn disagree(
    first: &Chain,
    second: &Chain,
    what: &str,
    mine: impl Display,
    theirs: impl Display,
) -> anyhow::Error {
    let message = format!(
        "the two nodes disagree on {what}: {} says {mine}, {} says {theirs}",
        first.shown_url(),
        second.shown_url()
    );
    Failure::new(Exit::Stale, "nodes_disagree", message)
        .next("sign and send nothing: one of them lies or is behind; ask a third, or your own")
        .into()
}

fn shown(bytes: &Bytes) -> String {
    if bytes.len() <= SHOWN_BYTES_MAX {
        return bytes.to_string();
    }
    format!("{} bytes that hash to {}", bytes.len(), keccak256(bytes))
}
