//! The verbs, as everybody else speaks them. Whoever has a [`Store`] does not know which database
//! is behind it.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::Address;
use interdict_core::alert::{Alert, AlertId};
use interdict_core::audit::Who;
use interdict_core::ledger::{Act, Standing};
use interdict_core::policy::Policy;
use interdict_core::subject::Subject;

use super::{
    Changes, Counts, Filter, FinalActs, Finality, FloodSizes, Hold, Home, Imported, Intake, Kin,
    Lookback, PageCursor, Place, Scope, Span, StoreError, Stretch, postgres, sqlite,
};
use crate::chain::Header;
use crate::screen::Tally;
use crate::tokens::Words;

/// The database. Clones share it; it is released when the last one is gone.
#[derive(Clone, Debug)]
pub enum Store {
    /// One file, one process.
    Sqlite(sqlite::Store),
    /// A server that several workers may share.
    Postgres(postgres::Store),
}

/// Has the database at hand do a verb, watched by its guard.
macro_rules! told {
    ($store:expr, $database:ident => $verb:expr) => {
        match $store {
            Store::Sqlite($database) => $database.guard($verb).await,
            Store::Postgres($database) => $database.guard($verb).await,
        }
    };
}

mod access;
mod anew;
mod audit;
mod desk;
mod shown;
mod webhooks;

impl Store {
    /// Opens or makes a database and sees that it belongs to this chain and list.
    ///
    /// # Errors
    /// Another process has it, it belongs elsewhere, it is damaged or of a newer version, or it
    /// cannot be reached or read.
    pub async fn open(place: impl Into<Place>, home: Home) -> Result<Self, StoreError> {
        match place.into() {
            Place::File(path) => Ok(Self::Sqlite(sqlite::Store::open(&path, home).await?)),
            Place::Server { url, lease } => {
                Ok(Self::Postgres(postgres::Store::open(&url, home, lease).await?))
            }
        }
    }

    /// Opens a database that an indexer may be using, for short reads and for what does not concern
    /// the chain: who looks after it meanwhile is not disturbed.
    ///
    /// # Errors
    /// It is not there, is of another version, belongs elsewhere, or cannot be reached or read.
    pub async fn open_beside(place: &Place, home: Home) -> Result<Self, StoreError> {
        match place {
            Place::File(path) => Ok(Self::Sqlite(sqlite::Store::open_beside(path, home).await?)),
            Place::Server { url, lease } => {
                Ok(Self::Postgres(postgres::Store::open_beside(url, home, *lease).await?))
            }
        }
    }

    /// Waits for running statements, gives back what is leased, and closes the database.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(database) => database.close().await,
            Self::Postgres(database) => database.close().await,
        }
    }

    /// Takes the lease on a part of the work, or keeps it. While it is held no other worker writes
    /// there. A lone process holds everything from the start.
    ///
    /// # Errors
    /// The database failed.
    pub async fn hold(&self, scope: Scope) -> Result<Hold, StoreError> {
        told!(self, database => database.hold(scope))
    }

    /// Sets the block above which to begin, unless there is one already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_above(&self, header: Header) -> Result<(), StoreError> {
        told!(self, database => database.begin_above(header))
    }

    /// The height up to which the chain is final, and the accepted headers as far back as
    /// a reorganisation may reach, lowest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn trail(&self) -> Result<(u64, Vec<Header>), StoreError> {
        told!(self, database => database.trail())
    }

    /// All acts of the list, in order.
    ///
    /// # Errors
    /// The database failed, or an act in it cannot be read.
    pub async fn acts(&self) -> Result<Vec<Act>, StoreError> {
        told!(self, database => database.acts())
    }

    /// The acts after one that are final, in order, at most so many.
    ///
    /// # Errors
    /// The database failed, or an act in it cannot be read.
    pub async fn final_acts(&self, after: u32, rows_max: u32) -> Result<FinalActs, StoreError> {
        told!(self, database => database.final_acts(after, rows_max))
    }

    /// Takes in a block with everything that it brings, and moves the cursor onto it.
    ///
    /// # Errors
    /// The cursor is not at the block's parent, the chain's lease is lost, or the database failed.
    pub async fn apply(&self, intake: Intake) -> Result<Changes, StoreError> {
        told!(self, database => database.apply(intake))
    }

    /// Takes in a span of final history with everything that its blocks bring, and moves the cursor
    /// onto its last block, which is final: what was pending below is confirmed. Of its headers
    /// only that one is kept, because below it nothing can be taken back.
    ///
    /// # Errors
    /// The cursor is not where the span begins, the chain's lease is lost, or the database failed.
    pub async fn apply_span(&self, span: Span) -> Result<Changes, StoreError> {
        told!(self, database => database.apply_span(span))
    }

    /// Takes back every block above a height. What they found is retracted and told; their acts
    /// and the walks back that these began are gone.
    ///
    /// # Errors
    /// There is no accepted block at that height, the chain's lease is lost, or the database
    /// failed.
    pub async fn revert_to(&self, height: u64, now: i64) -> Result<Changes, StoreError> {
        told!(self, database => database.revert_to(height, now))
    }

    /// Confirms what was found up to a block that the chain calls final, if we accepted that very
    /// block; headers far below it are forgotten.
    ///
    /// # Errors
    /// The chain's lease is lost, or the database failed.
    pub async fn confirm_to(&self, finalized: Header, now: i64) -> Result<Finality, StoreError> {
        told!(self, database => database.confirm_to(finalized, now))
    }

    /// Brings the next findings whose address stands otherwise up to date, at most
    /// [`super::REEVALUATION_MAX_ROWS`]; `None` if there are none.
    ///
    /// # Errors
    /// The chain's lease is lost, or the database failed.
    pub async fn reevaluate(&self, now: i64) -> Result<Option<Changes>, StoreError> {
        told!(self, database => database.reevaluate(now))
    }

    /// Writes down how every address stands, if nothing is written down of that yet: a database
    /// from before standings were kept.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_standings(
        &self,
        standings: &BTreeMap<Address, Standing>,
    ) -> Result<(), StoreError> {
        told!(self, database => database.begin_standings(standings))
    }

    /// The walk back to go on with, which is ours from now on; the oldest act first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open_lookback(&self) -> Result<Option<Lookback>, StoreError> {
        told!(self, database => database.open_lookback())
    }

    /// Records a stretch that was walked, if the walk still stands where it stood when the stretch
    /// was begun; otherwise nothing changes and there is nothing to tell.
    ///
    /// # Errors
    /// The walk's lease is lost, or the database failed.
    pub async fn walked(&self, stretch: Stretch) -> Result<Changes, StoreError> {
        told!(self, database => database.walked(stretch))
    }

    /// One alert.
    ///
    /// # Errors
    /// The database failed.
    pub async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        told!(self, database => database.alert(id))
    }

    /// A page of alerts, the newest transfer first, and where the next page begins.
    ///
    /// # Errors
    /// The database failed.
    pub async fn alerts(
        &self,
        filter: &Filter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<(Vec<Alert>, Option<PageCursor>), StoreError> {
        told!(self, database => database.alerts(filter, after, limit))
    }

    /// Findings that stand, in the chain's order, after one of them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn history(&self, after: Option<&Alert>) -> Result<Vec<Alert>, StoreError> {
        told!(self, database => database.history(after))
    }

    /// How many more findings there are behind some that head a flood; none is left out that has
    /// any.
    ///
    /// # Errors
    /// The database failed.
    pub async fn flood_sizes(&self, heads: &[AlertId]) -> Result<FloodSizes, StoreError> {
        told!(self, database => database.flood_sizes(heads))
    }

    /// What there was of a pair under a rule before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn kin(&self, kin: &Kin) -> Result<Tally, StoreError> {
        told!(self, database => database.kin(kin))
    }

    /// Everybody whose dealings are looked after now, by address.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subjects(&self) -> Result<Vec<Subject>, StoreError> {
        told!(self, database => database.subjects())
    }

    /// A number that grows with every change of the subjects.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subjects_changed(&self) -> Result<i64, StoreError> {
        told!(self, database => database.subjects_changed())
    }

    /// Adds subjects, and brings known ones up to date; nobody else is touched. It counts for
    /// blocks that are taken in from then on; what was found before is judged anew.
    ///
    /// # Errors
    /// The database failed; nothing has changed then.
    pub async fn import_subjects(
        &self,
        subjects: &[Subject],
        by: &Who,
        now: i64,
    ) -> Result<Imported, StoreError> {
        told!(self, database => database.import_subjects(subjects, by, now))
    }

    /// Somebody is no subject any more; whether it was one. The record of it stays, and what was
    /// found of it is judged anew.
    ///
    /// # Errors
    /// The database failed.
    pub async fn remove_subject(
        &self,
        address: Address,
        by: &Who,
        now: i64,
    ) -> Result<bool, StoreError> {
        told!(self, database => database.remove_subject(address, by, now))
    }

    /// Keeps the document of a policy that is judged by, if it is not kept yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep_policy(&self, policy: &Policy, now: i64) -> Result<(), StoreError> {
        told!(self, database => database.keep_policy(policy, now))
    }

    /// Counts for the health page and the metrics.
    ///
    /// # Errors
    /// The database failed.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let lookbacks_open = self.lookbacks_open().await?;
        Ok(Counts::of(&self.lines().await?, lookbacks_open))
    }

    /// Walks back that are not over.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lookbacks_open(&self) -> Result<u64, StoreError> {
        told!(self, database => database.lookbacks_open())
    }

    /// Tokens that a finding names and that were not asked yet, at most `limit`; those asked in
    /// vain come last.
    ///
    /// # Errors
    /// The database failed.
    pub async fn unasked_tokens(&self, limit: u32) -> Result<Vec<Address>, StoreError> {
        told!(self, database => database.unasked_tokens(limit))
    }

    /// A token was asked, and this is what it said. What it said first stays.
    ///
    /// # Errors
    /// The database failed.
    pub async fn token_said(
        &self,
        token: Address,
        words: &Words,
        now: i64,
    ) -> Result<(), StoreError> {
        told!(self, database => database.token_said(token, words, now))
    }

    /// A token could not be asked; after so many attempts it counts as one that says nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn token_not_heard(
        &self,
        token: Address,
        attempts_max: u32,
        now: i64,
    ) -> Result<(), StoreError> {
        told!(self, database => database.token_not_heard(token, attempts_max, now))
    }

    /// What these tokens said, as far as they were asked and said something.
    ///
    /// # Errors
    /// The database failed.
    pub async fn words_of(
        &self,
        tokens: &BTreeSet<Address>,
    ) -> Result<BTreeMap<Address, Words>, StoreError> {
        told!(self, database => database.words_of(tokens))
    }
}
