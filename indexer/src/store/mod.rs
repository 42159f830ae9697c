//! What is remembered: one database, spoken to in verbs. Each verb that writes is one transaction
//! that moves blocks, acts, alerts, outbox and cursor together, so that a crash at any moment
//! leaves a state that belongs together.
//!
//! There are two: a file of `SQLite` for one process, and a database of a `PostgreSQL` server that
//! several workers may share. Both are written out in SQL of their own, beside the function that
//! uses it, under `sqlite` and `postgres`; one suite of tests holds both to the same answers. A
//! delivery may be told twice and is never lost; everything else happens exactly once.

pub mod access;
mod anew;
mod audit;
mod backlog;
mod backup;
mod desk;
mod error;
mod inbox;
mod kin;
mod lease;
mod line;
mod place;
mod postgres;
mod prune;
pub mod shown;
mod sqlite;
mod subjects;
#[cfg(test)]
mod tests;
mod verbs;
mod word;

pub use anew::{Anew, Judgement, SUBJECTS_TOGETHER_MAX};
pub use audit::{AUDIT_MAX_ROWS, AuditFilter};
pub use backlog::{Backlog, Deadlines, HEAVY, Reports};
pub use backup::{Account, BackupError, backup, restore};
pub use desk::{
    BULK_MAX_ALERTS, Case, DUE_SOON_BUSINESS_DAYS, Day, Happened, Refusal, Stepping, Summary,
};
pub use error::StoreError;
pub use inbox::{Filter, Order, PAGE_MAX_ROWS, PageCursor, Shown, Snoozed};
pub use kin::{FloodSizes, Kin};
pub use lease::{Hold, Scope};
pub use line::{
    Attempted, CONFIG_ENDPOINT, Configured, DELIVERIES_PAGE_MAX_ROWS, Delivery, DeliveryState,
    ENDPOINTS_MAX, Endpoint, EndpointState, FRESH_MAX_ROWS, LOOK_MAX_ROWS, LineCounts, LineRow,
    Lined, Sealed, Shape, Told, Wish,
};
pub use place::Place;
pub use prune::{NEWS_KEPT_SECONDS, Prune, Pruned};
pub use verbs::Store;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use interdict_core::alert::Alert;
use interdict_core::ledger::{Act, Standing};
use interdict_core::transfer::Verification;
use serde::{Deserialize, Serialize};

use crate::chain::Header;
use crate::decode::Undecoded;

/// Most findings that one re-evaluation brings up to date.
pub const REEVALUATION_MAX_ROWS: u32 = 256;

/// The newest schema that this program knows. Both databases number theirs alike.
pub(crate) fn newest_schema() -> i64 {
    let newest = |migrator: &sqlx::migrate::Migrator| migrator.iter().map(|m| m.version).max();
    newest(&sqlite::MIGRATIONS).max(newest(&postgres::MIGRATIONS)).unwrap_or_default()
}

/// Sees that a schema is the one that this program knows.
fn current(theirs: i64) -> Result<(), StoreError> {
    match newest_schema() {
        ours if theirs > ours => Err(StoreError::Newer { theirs, ours }),
        ours if theirs < ours => Err(StoreError::Older { theirs, ours }),
        _ => Ok(()),
    }
}

/// Which chain and list a database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Hash of block 0.
    pub genesis_hash: B256,
    /// The list's contract.
    pub blocklist: Address,
}

impl std::fmt::Display for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { chain_id, genesis_hash, blocklist } = self;
        write!(f, "chain {chain_id} (genesis {genesis_hash}), list {blocklist}")
    }
}

/// Everything that one accepted block brings.
#[derive(Clone, Debug)]
pub struct Intake {
    /// The block.
    pub header: Header,
    /// Acts of the list in it.
    pub acts: Vec<Act>,
    /// What screening found in it.
    pub alerts: Vec<Alert>,
    /// Logs to keep.
    pub undecoded: Vec<Undecoded>,
    /// Walks back that its acts ask for.
    pub lookbacks: Vec<Lookback>,
    /// How addresses stand from this block on that stood otherwise below it.
    pub moved: BTreeMap<Address, Standing>,
    /// Our clock, unix seconds.
    pub now: i64,
}

/// Acts of the list that can no longer be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinalActs {
    /// The time of the last final block, unix seconds; `None` while none is known to be final.
    pub through: Option<u64>,
    /// The list's head after the act that they follow; `None` if that one is not final, or not
    /// known.
    pub head: Option<B256>,
    /// In order.
    pub acts: Vec<Act>,
}

impl FinalActs {
    /// From all that are final, beginning with the one that they are to follow.
    fn after(after: u32, through: Option<u64>, mut acts: Vec<Act>, rows_max: u32) -> Self {
        let head = match acts.first() {
            _ if after == 0 => Some(B256::ZERO),
            Some(act) if act.number == after => Some(acts.remove(0).head),
            Some(_) | None => None,
        };
        acts.truncate(rows_max as usize);
        Self { through, head, acts }
    }
}

/// A stretch of final history, taken in at once.
#[derive(Clone, Debug)]
pub struct Span {
    /// The block above which it begins: the cursor.
    pub from: Header,
    /// Its last block.
    pub to: Header,
    /// What its blocks bring, of those that bring something, in order.
    pub blocks: Vec<Intake>,
    /// How addresses stand after it that stood otherwise before.
    pub moved: BTreeMap<Address, Standing>,
    /// How its blocks were come by.
    pub verified: Verification,
    /// Our clock, unix seconds.
    pub now: i64,
}

/// A walk back, begun by an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookback {
    /// The act.
    pub act: u32,
    /// The act's block.
    pub found_at: u64,
    /// The block to look at next.
    pub next: (u64, B256),
    /// The last block to look at.
    pub from_block: u64,
}

/// A stretch of a walk back that has been walked.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The walk as it stood before.
    pub job: Lookback,
    /// The block to look at next; `None` when the walk is over.
    pub next: Option<(u64, B256)>,
    /// What was found.
    pub alerts: Vec<Alert>,
    /// Logs to keep.
    pub undecoded: Vec<Undecoded>,
    /// Which change of the subjects was known when they were judged.
    pub subjects: i64,
    /// Our clock, unix seconds.
    pub now: i64,
}

/// What a write changed of the alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// New ones.
    pub created: Vec<Alert>,
    /// Retracted ones that came back, or pending ones that were confirmed.
    pub updated: u64,
    /// Ones that are no longer part of the chain.
    pub retracted: u64,
    /// Ones whose listed address stands otherwise now, or that are judged otherwise.
    pub reevaluated: u64,
}

/// What the chain's word about finality led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finality {
    /// Alerts up to there are confirmed.
    Confirmed(Changes),
    /// We do not have that block (yet): nothing follows.
    Unknown,
    /// We accepted another block at that height.
    Violated {
        /// Our block.
        ours: B256,
    },
}

/// Which news a receiver gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// A finding.
    Created,
    /// A finding changed: it was confirmed, or came back.
    Updated,
    /// A finding is no longer part of the chain.
    Retracted,
    /// The listed address of a finding stands otherwise now: delisted, say. Or the finding is
    /// judged anew: it is final, or who is looked after has changed.
    Reevaluated,
}

impl News {
    /// The word used in the outbox and in webhooks.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "alert.created",
            Self::Updated => "alert.updated",
            Self::Retracted => "alert.retracted",
            Self::Reevaluated => "alert.reevaluated",
        }
    }
}

/// What becomes of a delivery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Again at this time, unix seconds.
    At(i64),
    /// Never again; kept and shown.
    Never,
}

/// What became of subjects that were imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New ones, and such as come back.
    pub added: u64,
    /// Known ones with another kind or reference.
    pub changed: u64,
    /// Known ones as they were.
    pub unchanged: u64,
}

/// Counts for the health page and the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// News not yet delivered, over all endpoints.
    pub outbox_pending: u64,
    /// News that was given up.
    pub outbox_dead: u64,
    /// Walks back that are not over.
    pub lookbacks_open: u64,
}

impl Counts {
    /// Over all endpoints.
    pub(crate) fn of(lines: &[(Endpoint, LineCounts)], lookbacks_open: u64) -> Self {
        let outbox_pending = lines.iter().map(|(_, line)| line.pending).sum();
        let outbox_dead = lines.iter().map(|(_, line)| line.dead).sum();
        Self { outbox_pending, outbox_dead, lookbacks_open }
    }
}
