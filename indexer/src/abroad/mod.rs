//! A list that is kept on another chain than the one that is watched here, as the indexer of that
//! chain tells it.
//!
//! Only what is final there is told, with the time through which nothing is missing. A block is
//! taken in here when that time has come to it, so that each transfer is judged with the list as of
//! its own moment, however far behind the list's chain is: nobody is found too late, and nobody who
//! was taken off the list is found at all. The order across chains is that of time; an act goes
//! before whatever happened here in the same second.

mod asking;

pub use asking::Indexer;

use std::fmt::Debug;
use std::pin::Pin;

use alloy_primitives::{Address, B256};
use interdict_core::deployment::Deployment;
use interdict_core::ledger::{Act, Ledger};
use interdict_core::transfer::Position;
use serde::{Deserialize, Serialize};

use crate::chain::Header;

/// Most acts of one answer.
pub const ACTS_MAX_ROWS: u32 = 256;
/// Most answers that are asked for in a row: the chain waits meanwhile.
const ANSWERS_MAX: u32 = 16;

/// What the indexer of the list's chain tells: `GET /v1/acts?after=N`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Told {
    /// EIP-155 chain id of the list's chain.
    pub chain_id: u64,
    /// Hash of its block 0.
    #[schema(value_type = String)]
    pub genesis_hash: B256,
    /// The list's contract.
    #[schema(value_type = String)]
    pub blocklist: Address,
    /// The time of its last final block, unix seconds; `None` while none is known to be final.
    pub through: Option<u64>,
    /// The list's head after act N; `None` if that act is not final there, or not known.
    #[schema(value_type = Option<String>)]
    pub head: Option<B256>,
    /// The acts after N that are final, in order, at most [`ACTS_MAX_ROWS`].
    pub acts: Vec<Act>,
    /// Whether there are more than these.
    pub more: bool,
    /// Why that chain cannot be followed; `None` while it can.
    pub trouble: Option<String>,
}

/// Why the list is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AbroadError {
    /// There is no answer, or none that can be read.
    #[error("the list's indexer at {indexer} does not tell of the list: {reason}")]
    Silent {
        /// Scheme and host.
        indexer: String,
        /// What came instead.
        reason: String,
    },
    /// It follows another list.
    #[error(
        "the list's indexer follows the list {found}, the deployment file speaks of {expected}: \
         name the indexer of that list in list.indexer"
    )]
    OtherList {
        /// What it follows.
        found: String,
        /// What is configured.
        expected: String,
    },
    /// It cannot follow its own chain.
    #[error("the list's indexer stalls: {0}")]
    Stalled(String),
    /// What it tells does not go on from what is known here.
    #[error(
        "the list's indexer does not have act {after} as it is known here: it was restored from an \
         older backup and has to catch up, or the database here is of another list"
    )]
    Parted {
        /// The last act that is known here.
        after: u32,
    },
    /// The chain here is followed from a block on that came after an act.
    #[error(
        "act {act} was at {time}, before the first block that is followed here: begin on a new \
         database with a list.from_block from before that time"
    )]
    Late {
        /// The act.
        act: u32,
        /// When it was, unix seconds.
        time: u64,
    },
}

/// What is promised of an answer.
pub type Telling<'a> = Pin<Box<dyn Future<Output = Result<Told, AbroadError>> + Send + 'a>>;

/// Who tells of the list.
pub trait Teller: Debug + Send + Sync {
    /// What is final after an act.
    fn tell(&self, after: u32) -> Telling<'_>;
}

/// The list of another chain, as far as it is known.
#[derive(Debug)]
pub struct Abroad {
    teller: std::sync::Arc<dyn Teller>,
    chain_id: u64,
    genesis_hash: B256,
    blocklist: Address,
    /// No act after this one is missing below, up to `through`.
    after: u32,
    acts: Vec<Act>,
    through: u64,
    /// The time of a block that waits for the list.
    awaits: u64,
}

impl Abroad {
    /// The list of a deployment; nothing is asked yet.
    pub fn new(teller: std::sync::Arc<dyn Teller>, deployment: &Deployment) -> Self {
        Self {
            teller,
            chain_id: deployment.chain_id,
            genesis_hash: deployment.genesis_hash,
            blocklist: deployment.blocklist.address,
            after: 0,
            acts: Vec::new(),
            through: 0,
            awaits: 0,
        }
    }

    /// Asks what is new.
    ///
    /// # Errors
    /// See [`AbroadError`]; what was known stays known.
    pub async fn listen(&mut self, ledger: &Ledger) -> Result<(), AbroadError> {
        let (mut after, mut head) = (ledger.acts(), ledger.head());
        let mut acts = Vec::new();
        for _ in 0..ANSWERS_MAX {
            let told = self.teller.tell(after).await?;
            self.check(&told, after, head)?;
            acts.extend(told.acts);
            if let Some(last) = acts.last() {
                (after, head) = (last.number, last.head);
            }
            if !told.more {
                // Acts and time go together: a backup put back there knows less of both for a time.
                self.through = told.through.unwrap_or_default();
                (self.after, self.acts) = (ledger.acts(), acts);
                return match told.trouble {
                    Some(reason) => Err(AbroadError::Stalled(reason)),
                    None => Ok(()),
                };
            }
        }
        // As far as the acts are known here, so is the time.
        self.through = acts.last().map_or(0, |act| act.time.saturating_sub(1));
        (self.after, self.acts) = (ledger.acts(), acts);
        Ok(())
    }

    fn check(&self, told: &Told, after: u32, head: B256) -> Result<(), AbroadError> {
        let list = |chain_id: u64, genesis: B256, list: Address| {
            format!("{list} of chain {chain_id} (genesis {genesis})")
        };
        let found = list(told.chain_id, told.genesis_hash, told.blocklist);
        let expected = list(self.chain_id, self.genesis_hash, self.blocklist);
        if found != expected {
            return Err(AbroadError::OtherList { found, expected });
        }
        let follow = told.acts.iter().zip(after + 1..).all(|(act, next)| act.number == next);
        if told.head != Some(head) || !follow || told.more && told.acts.is_empty() {
            return Err(AbroadError::Parted { after });
        }
        Ok(())
    }

    /// Up to when the list is known, unix seconds.
    pub const fn through(&self) -> u64 {
        self.through
    }

    /// Whether a block may be taken in; if not, it is waited for.
    pub fn reaches(&mut self, time: u64) -> bool {
        self.awaits = if time <= self.through { 0 } else { time };
        self.awaits == 0
    }

    /// Whether what a block waited for has come.
    pub const fn is_awaited(&self) -> bool {
        self.awaits > self.through
    }

    /// The acts that go before what happened in a block, upon a ledger and the block below; at
    /// their place in the chain here.
    ///
    /// # Errors
    /// One of them should have gone before an earlier block.
    pub fn due(
        &self,
        ledger: &Ledger,
        below: u64,
        header: Header,
    ) -> Result<Vec<Act>, AbroadError> {
        let at = Position { block: header.number, tx: 0, log: None };
        let due = |act: &&Act| act.number > ledger.acts() && act.time <= header.time;
        let placed = |act: &Act| {
            let (number, time) = (act.number, act.time);
            if time <= below {
                return Err(AbroadError::Late { act: number, time });
            }
            Ok(Act { at, ..act.clone() })
        };
        self.acts.iter().filter(due).map(placed).collect()
    }

    /// What is to be taken in yet, as if it had been from the beginning: for looking out for whom
    /// it names.
    pub(crate) fn coming(&self) -> Vec<Act> {
        let at = Position { block: 0, tx: 0, log: None };
        self.acts.iter().map(|act| Act { at, ..act.clone() }).collect()
    }

    /// Whether nothing is missing upon a ledger, which may have been taken back.
    pub fn knows(&self, ledger: &Ledger) -> bool {
        self.after <= ledger.acts()
    }
}
