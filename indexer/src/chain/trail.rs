//! The blocks that were accepted, as far back as they may still be taken back.

use std::collections::BTreeMap;

use super::Header;
use super::follow::REORG_DEPTH_MAX_BLOCKS;

/// The accepted headers as far back as a reorganisation may reach.
#[derive(Clone, Debug)]
pub struct Trail {
    headers: BTreeMap<u64, Header>,
    cursor: Header,
    finalized: u64,
}

impl Trail {
    /// A trail of accepted headers, in order of height; `None` if there are none. `finalized` is
    /// the height below which nothing may be taken back.
    pub fn new(headers: impl IntoIterator<Item = Header>, finalized: u64) -> Option<Self> {
        let headers: BTreeMap<_, _> =
            headers.into_iter().map(|header| (header.number, header)).collect();
        let cursor = *headers.last_key_value()?.1;
        Some(Self { headers, cursor, finalized })
    }

    /// The last accepted block.
    pub const fn cursor(&self) -> Header {
        self.cursor
    }

    /// The height up to which the chain is final.
    pub const fn finalized(&self) -> u64 {
        self.finalized
    }

    /// The accepted header at a height, if it is within reach.
    pub fn at(&self, number: u64) -> Option<Header> {
        self.headers.get(&number).copied()
    }

    /// Takes in the next accepted header.
    pub fn push(&mut self, header: Header) {
        self.headers.insert(header.number, header);
        self.cursor = header;
        let oldest = header.number.saturating_sub(REORG_DEPTH_MAX_BLOCKS);
        self.headers = self.headers.split_off(&oldest);
    }

    /// Forgets what lies above a header of the trail.
    pub fn revert_to(&mut self, to: Header) {
        self.headers.split_off(&(to.number + 1));
        self.cursor = to;
    }

    /// Remembers up to where the chain is final; never goes back.
    pub fn finalize(&mut self, number: u64) {
        self.finalized = self.finalized.max(number);
    }
}
