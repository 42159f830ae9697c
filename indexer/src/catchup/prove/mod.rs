//! Blocks proved from the bytes of an answer: header hash, parent link, transactions root and
//! receipts root are recomputed without building what the bytes say.
//!
//! Only a block that may concern the list is read in full, by `accept` as at the head of the chain.
//! So is one that is written in a way not known here, or that does not prove: `accept` has the last
//! word, so that whatever this reader gets wrong can cost time and never a block.

mod receipts;
mod rlp;
#[cfg(test)]
mod tests;
mod transactions;

use alloy_consensus::proofs::ordered_trie_root_encoded;
use alloy_primitives::{Address, B256};
use alloy_rpc_types_eth::Header as RpcHeader;

use self::rlp::Items;
use super::json::Cursor;
use super::scan::RawLog;
use super::sift::{self, Said, Watch};
use crate::chain::accept::{self, AcceptError, Wanted};
use crate::chain::profile::Profile;
use crate::chain::wire::{RpcBlock, RpcReceipt};
use crate::chain::{Block, Header};

/// Which block was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    /// The one above a block that is already taken in.
    Above(Header),
    /// Whichever the provider has at this height.
    Height(u64),
    /// This very block, which one that is known names as its parent.
    Exactly {
        /// Its height.
        number: u64,
        /// Its hash.
        hash: B256,
    },
}

impl Asked {
    const fn number(self) -> u64 {
        match self {
            Self::Above(below) => below.number + 1,
            Self::Height(number) | Self::Exactly { number, .. } => number,
        }
    }

    /// What `accept` is to see to, given the block's own word for its hash, which it recomputes.
    const fn wanted(self, hash: B256) -> Wanted {
        match self {
            Self::Above(below) => Wanted::Above(below),
            Self::Height(number) => Wanted::Exactly { hash, number },
            Self::Exactly { number, hash } => Wanted::Exactly { hash, number },
        }
    }
}

/// What a block is proved against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'w> {
    /// What its header proves.
    pub(crate) profile: Profile,
    /// The list's contract.
    pub(crate) list: Address,
    /// The addresses that are looked for.
    pub(crate) watch: &'w Watch,
}

/// A block that was proved.
#[derive(Clone, Debug)]
pub(crate) enum Proved {
    /// Nothing in it can concern the list; what its logs are, for comparing.
    Quiet(Header, Said),
    /// To be looked at.
    Whole(Box<Block>),
}

impl Proved {
    /// Its header.
    pub(crate) const fn header(&self) -> Header {
        match self {
            Self::Quiet(header, _) => *header,
            Self::Whole(block) => block.header,
        }
    }
}

/// Why a block was not proved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    /// It is no block and receipts.
    #[error("block {0} or its receipts cannot be read: {1}")]
    Unreadable(u64, String),
    /// It does not verify.
    #[error(transparent)]
    Accept(#[from] AcceptError),
}

impl Judge<'_> {
    /// Proves a block from the JSON of itself and of its receipts.
    pub(crate) fn prove(
        &self,
        asked: Asked,
        block: &[u8],
        receipts: &[u8],
    ) -> Result<Proved, ProveError> {
        if let Some((header, said)) = self.quiet(asked, block, receipts) {
            return Ok(Proved::Quiet(header, said));
        }
        self.prove_whole(asked, block, receipts)
    }

    /// The same of a block that is known to be looked at.
    pub(crate) fn prove_whole(
        &self,
        asked: Asked,
        block: &[u8],
        receipts: &[u8],
    ) -> Result<Proved, ProveError> {
        let unreadable =
            |error: serde_json::Error| ProveError::Unreadable(asked.number(), error.to_string());
        let block: RpcBlock = serde_json::from_slice(block).map_err(unreadable)?;
        let receipts: Vec<RpcReceipt> = serde_json::from_slice(receipts).map_err(unreadable)?;
        let wanted = asked.wanted(block.header.hash);
        let block = accept::block(&self.profile, block, receipts, wanted)?;
        Ok(Proved::Whole(Box::new(block)))
    }

    /// The block if it proves, is written in the usual way, and has nothing to look at.
    fn quiet(&self, asked: Asked, block: &[u8], receipts: &[u8]) -> Option<(Header, Said)> {
        let mut items = Items::for_answer(block.len());
        let (header, transactions_root) = self.body(block, &mut items)?;
        let rpc: RpcHeader = serde_json::from_slice(&header).ok()?;
        if transactions_root != rpc.inner.transactions_root {
            return None;
        }
        let header = accept::wanted_header(&self.profile, &rpc, asked.wanted(rpc.hash)).ok()?;
        let transactions = items.len();

        let mut items = Items::for_answer(receipts.len());
        // Only a block that was asked for by its height is compared with what was said of it.
        let compared = matches!(asked, Asked::Height(_));
        let mut said = Said { logs: 0, fold: compared.then_some(B256::ZERO) };
        let mut take = |log: &RawLog<'_>| {
            let mut log = *log;
            log.block = header.number;
            let quiet = !sift::is_of(&log, self.list) && !said.hears(&log, self.watch).ok()?;
            quiet.then_some(())
        };
        receipts::read(&mut Cursor::new(receipts), &mut items, &mut take)?;
        let proved = items.len() == transactions
            && ordered_trie_root_encoded(&items.all()) == rpc.inner.receipts_root;
        proved.then_some((header, said))
    }

    /// The block's fields without its transactions, and the root of those; `None` also if one of
    /// them is to be looked at.
    fn body(&self, block: &[u8], items: &mut Items) -> Option<(Vec<u8>, B256)> {
        let mut header = Vec::with_capacity(block.len().min(4 << 10));
        let mut cursor = Cursor::new(block);
        let mut found = false;
        cursor.eat(b'{')?;
        header.push(b'{');
        loop {
            let start = cursor.rest();
            match cursor.key()? {
                b"transactions" if !found => {
                    found = true;
                    transactions::read(&mut cursor, items, &mut |address| self.passes(address))?;
                }
                b"withdrawals" | b"uncles" => _ = cursor.value()?,
                _ => {
                    cursor.value()?;
                    if header.len() > 1 {
                        header.push(b',');
                    }
                    header.extend_from_slice(&start[..start.len() - cursor.rest().len()]);
                }
            }
            if !cursor.more(b'}')? {
                break;
            }
        }
        header.push(b'}');
        found.then(|| (header, ordered_trie_root_encoded(&items.all())))
    }

    /// Whether an address that a transaction names is none to look at. Whoever was ever to be
    /// listed counts: it is `screen` that judges as of the block.
    fn passes(&self, address: Address) -> Option<()> {
        (!self.watch.names(address, u64::MAX)).then_some(())
    }
}
