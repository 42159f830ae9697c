//! The nodes behind one address: each honest, and each with its own idea of where the chain ends.

use alloy_primitives::{B256, U64, hex, keccak256};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::fault::Counts;
use crate::list::{BLOCKLIST, CODE};
use crate::story::Chain;
use crate::tree::{CHAIN_ID, Id};

/// One node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    tip: Id,
    /// The newest block that it has seen, on whatever branch.
    seen: Id,
    finalized: Id,
    /// For so many events it hears nothing new.
    deaf: u32,
    went_back: bool,
    /// It knows no `finalized`.
    is_old: bool,
}

/// What was asked, as far as a node understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    ChainId,
    Code,
    /// A header by tag or height.
    At(String),
    /// A block by its hash, without or with its transactions.
    Head(B256),
    Full(B256),
    Receipts(B256),
    /// The same by height.
    FullAt(String),
    ReceiptsAt(String),
    Other,
}

impl Asked {
    pub(crate) fn read(method: &str, params: &Value) -> Self {
        let text = params[0].as_str().unwrap_or_default();
        let hash = text.parse().unwrap_or_default();
        let by_height = !text.is_empty() && text.len() < "0x".len() + 2 * B256::len_bytes();
        match method {
            "eth_chainId" => Self::ChainId,
            "eth_getCode" => Self::Code,
            "eth_getBlockByNumber" if params[1] == true => Self::FullAt(text.to_owned()),
            "eth_getBlockByNumber" => Self::At(text.to_owned()),
            "eth_getBlockByHash" if params[1] == true => Self::Full(hash),
            "eth_getBlockByHash" => Self::Head(hash),
            "eth_getBlockReceipts" if by_height => Self::ReceiptsAt(text.to_owned()),
            "eth_getBlockReceipts" => Self::Receipts(hash),
            _ => Self::Other,
        }
    }

    /// A whole block.
    pub(crate) const fn is_full(&self) -> bool {
        matches!(self, Self::Full(_) | Self::FullAt(_))
    }

    /// The receipts of one.
    pub(crate) const fn is_receipts(&self) -> bool {
        matches!(self, Self::Receipts(_) | Self::ReceiptsAt(_))
    }
}

/// An honest answer: the block that it speaks of, and its JSON.
pub(crate) type Honest = (Option<Id>, String);

const NOTHING: &str = "null";

impl Node {
    pub(crate) fn new(chain: &Chain, rng: &mut StdRng) -> Self {
        Self {
            tip: chain.tip,
            seen: chain.tree.blocks.len(),
            finalized: chain.finalized,
            deaf: 0,
            went_back: false,
            is_old: rng.gen_bool(0.05),
        }
    }

    /// Whether it follows, after an event of the chain.
    pub(crate) fn hear(&mut self, chain: &Chain, rng: &mut StdRng) {
        self.forget(chain);
        if self.deaf > 0 {
            self.deaf -= 1;
            // It may not fall so far behind that it contradicts what is final.
            if chain.tree.descends(self.tip, chain.finalized)
                || chain.tree.descends(chain.finalized, self.tip)
            {
                return;
            }
        }
        match rng.gen_range(0..100) {
            0..2 => self.deaf = rng.gen_range(2..15),
            2..4 => self.go_back(chain, rng),
            4..30 => {}
            _ => self.follow(chain),
        }
        let on_a_dead_branch = !chain.tree.descends(self.tip, chain.finalized)
            && !chain.tree.descends(chain.finalized, self.tip);
        if on_a_dead_branch {
            self.follow(chain);
        }
    }

    /// Knows all that there is to know.
    pub(crate) fn follow(&mut self, chain: &Chain) {
        self.tip = chain.tip;
        self.seen = chain.tree.blocks.len();
        self.finalized = chain.finalized;
        self.went_back = false;
        self.deaf = 0;
    }

    /// Is as good as a node can be.
    pub(crate) fn heal(&mut self, chain: &Chain) {
        self.is_old = false;
        self.follow(chain);
    }

    /// Restores an old copy of itself, or begins anew.
    fn go_back(&mut self, chain: &Chain, rng: &mut StdRng) {
        let number = chain.tree.of(self.tip).number;
        let back = if rng.gen_bool(0.2) { number } else { rng.gen_range(0..=number.min(12)) };
        self.tip = chain.tree.ancestor(self.tip, number - back).unwrap();
        self.seen = self.tip;
        self.went_back = back > 0;
        self.deaf = rng.gen_range(1..6);
        if chain.tree.of(self.finalized).number > chain.tree.of(self.tip).number {
            self.finalized = self.tip;
        }
    }

    fn forget(&mut self, chain: &Chain) {
        while chain.tree.of(self.tip).is_forgotten {
            self.tip = chain.tree.of(self.tip).parent.unwrap();
        }
    }

    fn knows(&self, chain: &Chain, hash: B256) -> Option<Id> {
        let block = chain.tree.by_hash(hash)?;
        (block.id <= self.seen && !block.is_forgotten).then_some(block.id)
    }

    /// Answers as well as it can.
    pub(crate) fn answer(&self, chain: &Chain, asked: &Asked, counts: &mut Counts) -> Honest {
        let nothing = || (None, NOTHING.to_owned());
        let block = |id: Option<Id>, json: fn(&crate::tree::Block) -> &String| {
            id.map_or_else(nothing, |id| (Some(id), json(chain.tree.of(id)).clone()))
        };
        counts.fired_if(37, self.went_back);
        counts.fired_if(41, self.deaf > 0 && !chain.tree.descends(chain.tip, self.tip));
        match asked {
            Asked::ChainId => (None, format!("\"{:#x}\"", U64::from(CHAIN_ID))),
            Asked::Code => (None, format!("\"{}\"", hex::encode_prefixed(CODE))),
            Asked::At(place) => block(self.at(chain, place, counts), |block| &block.head),
            Asked::Head(hash) => block(self.knows(chain, *hash), |block| &block.head),
            Asked::Full(hash) => block(self.knows(chain, *hash), |block| &block.full),
            Asked::Receipts(hash) => block(self.knows(chain, *hash), |block| &block.receipts),
            Asked::FullAt(place) => block(self.at(chain, place, counts), |block| &block.full),
            Asked::ReceiptsAt(place) => {
                block(self.at(chain, place, counts), |block| &block.receipts)
            }
            Asked::Other => nothing(),
        }
    }

    fn at(&self, chain: &Chain, place: &str, counts: &mut Counts) -> Option<Id> {
        match place {
            "latest" => Some(self.tip),
            "finalized" => {
                let lags = self.finalized != chain.finalized;
                counts.fired_if(38, lags || self.is_old);
                (!self.is_old).then_some(self.finalized)
            }
            number => {
                let number = u64::from_str_radix(number.strip_prefix("0x")?, 16).ok()?;
                let found = chain.tree.ancestor(self.tip, number);
                let best = chain.tree.ancestor(chain.tip, number);
                counts.fired_if(8, found.is_none() && best.is_some());
                counts.fired_if(15, found.is_some() && best.is_some() && found != best);
                found
            }
        }
    }

    /// Where it believes that the chain ends.
    pub(crate) const fn tip(&self) -> Id {
        self.tip
    }
}

/// What the deployment file says of the list's code.
pub(crate) fn code_hash() -> B256 {
    keccak256(CODE)
}

/// Where the list is.
pub(crate) const fn blocklist() -> alloy_primitives::Address {
    BLOCKLIST
}
