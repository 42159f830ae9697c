//! A span of final history while it is put together.

use interdict_core::ledger::{Act, Ledger};
use interdict_core::policy::Finality;
use interdict_core::transfer::Verification;

use super::index::{Indexer, StepError};
use super::intake::{self, Beside, Growing};
use crate::catchup::ranges::Nonsense;
use crate::chain::rpc::RpcError;
use crate::chain::{Block, Header};
use crate::screen::Signers;
use crate::store::{Intake, Span};
use crate::traces::Known;

/// Findings of a span after which it is written.
const SPAN_MAX_ALERTS: usize = 1_000;
/// Addresses in acts of the list after which a span is written.
const SPAN_MAX_ENTRIES: usize = 5_000;
/// Blocks with something to keep after which a span is written.
const SPAN_MAX_KEPT_BLOCKS: usize = 256;

/// A span that is being put together.
pub(super) struct Draft<'i> {
    indexer: &'i Indexer,
    list: Growing<'i>,
    blocks: Vec<Intake>,
    alerts: usize,
    entries: usize,
    verified: Verification,
    /// The last block that is known to belong to it.
    pub(super) to: Header,
}

/// A span, and what follows from it for the memory.
pub(super) struct Drafted {
    /// To be written.
    pub(super) span: Span,
    /// The list after it, if it has acts.
    pub(super) grown: Option<Ledger>,
}

impl<'i> Draft<'i> {
    /// An empty span above the cursor.
    pub(super) fn new(indexer: &'i Indexer, verified: Verification) -> Self {
        let (list, to) = (Growing::from(&indexer.ledger), indexer.trail.cursor());
        Self { indexer, list, blocks: Vec::new(), alerts: 0, entries: 0, verified, to }
    }

    /// The list up to here.
    pub(super) fn ledger(&self) -> &Ledger {
        self.list.ledger()
    }

    /// Takes in a block above the last; the acts of the list in it.
    pub(super) fn take(&mut self, block: &Block) -> Result<&[Act], StepError> {
        let acts = self.indexer.acts_of(block, self.list.ledger(), self.to.time)?;
        // Of a sampled span nobody sees who signed in the blocks that are passed over: in the few
        // that are looked at, each signer that a finding rests on is recovered and no other.
        let signers = match self.verified {
            Verification::Sampled => Signers::Claimed,
            _ => Signers::Recovered,
        };
        let beside = Beside { acts, known: Known::default(), signers };
        let ground = self.indexer.ground(self.verified, Finality::Finalized);
        let intake = intake::of(block, beside, &mut self.list, &ground)?;
        self.alerts += intake.alerts.len();
        self.entries += intake.acts.iter().map(|act| act.entries.len()).sum::<usize>();
        self.to = block.header;
        if intake.acts.is_empty() && intake.alerts.is_empty() && intake.undecoded.is_empty() {
            return Ok(&[]);
        }
        self.blocks.push(intake);
        Ok(self.blocks.last().map_or(&[], |intake| &intake.acts))
    }

    /// Whether it is to be written before more is taken in.
    pub(super) const fn is_full(&self) -> bool {
        self.alerts >= SPAN_MAX_ALERTS
            || self.entries >= SPAN_MAX_ENTRIES
            || self.blocks.len() >= SPAN_MAX_KEPT_BLOCKS
    }

    pub(super) fn finish(self) -> Drafted {
        let (from, to) = (self.indexer.trail.cursor(), self.to);
        let acts: Vec<_> = self.blocks.iter().flat_map(|intake| &intake.acts).cloned().collect();
        let moved = self.list.moved(&acts, from.time, to.time);
        let Self { blocks, verified, .. } = self;
        let span = Span { from, to, blocks, moved, verified, now: self.indexer.clock.now() };
        Drafted { span, grown: self.list.grown() }
    }
}

/// Why a range is proved block by block after all.
pub(super) enum Refused {
    /// Its answer cannot be used.
    Nonsense(Nonsense),
    /// It is said to have no logs at all: what a provider says that lags, has pruned them or has
    /// not indexed them.
    Silent,
    /// The provider does not even say what the list says in one of its blocks.
    Much(RpcError),
    /// So many of its blocks are to be looked at whole that the rest may be too.
    Many(usize),
    /// This block has other logs than its answer said: logs were left out, made up or altered.
    Other(u64),
    /// This block has an act of which the answer about the list knew nothing.
    Act(u64),
}

impl Refused {
    /// Whether the provider is at fault.
    pub(super) const fn is_a_fault(&self) -> bool {
        !matches!(self, Self::Silent | Self::Much(_) | Self::Many(_))
    }

    /// Tells it, as a fault of the provider where it is one.
    pub(super) fn tell(&self, from: u64, to: u64) {
        match self {
            Self::Nonsense(reason) => {
                tracing::warn!(%reason, from, to, "a range cannot be used; proving each block");
            }
            Self::Silent => tracing::debug!(from, to, "a range without logs; proving each block"),
            Self::Much(error) => {
                tracing::debug!(%error, from, to, "a range was refused; proving each block");
            }
            Self::Many(blocks) => {
                tracing::debug!(blocks, from, to, "a range with much in it; proving each block");
            }
            Self::Other(block) => {
                tracing::warn!(
                    block,
                    from,
                    to,
                    "a range left out or altered logs; proving each block"
                );
            }
            Self::Act(block) => {
                tracing::warn!(
                    block,
                    from,
                    to,
                    "an act of the list was left out; proving each block"
                );
            }
        }
    }
}
