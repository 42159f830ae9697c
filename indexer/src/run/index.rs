//! The loop: the head of the chain first, then a stretch of a walk back, then wait.

use std::sync::Arc;
use std::time::Duration;

use interdict_core::ledger::{Act, ActError, Ledger, LedgerError};
use interdict_core::policy::Finality as Final;
use interdict_core::subject::Subjects;
use interdict_core::transfer::Verification;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::Status;
use super::catching::Catching;
use super::intake::{self, Beside, Ground, Growing};
use super::patience::{Patience, STALL_AFTER_SECONDS};
use super::rejudging::Rejudging;
use super::repeating;
use crate::abroad::{Abroad, AbroadError};
use crate::chain::follow::{FollowError, Trail};
use crate::chain::pool::{Lane, Pool};
use crate::chain::{Block, Update};
use crate::clock::Clock;
use crate::config::Config;
use crate::decode;
use crate::lookback::Gait;
use crate::manifests::Folder;
use crate::metrics::Metrics;
use crate::screen::Signers;
use crate::store::{Changes, Finality, Hold, Scope, Store, StoreError};
use crate::traces;

/// Blocks taken in before a walk back gets its turn.
const TURN_MAX_BLOCKS: u32 = 32;

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    #[error(transparent)]
    Follow(#[from] FollowError),
    #[error("the list cannot be read: {0}")]
    Act(#[from] ActError),
    #[error(transparent)]
    Abroad(#[from] AbroadError),
    #[error("the list's events do not add up: {0}")]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StepError {
    const fn is_final(&self) -> bool {
        matches!(self, Self::Follow(FollowError::FinalityViolated { .. }))
    }

    /// Whether this process can do nothing more, for people or a supervisor to start another.
    pub(super) const fn is_fatal(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_final())
    }
}

/// Everything that the loop holds in memory. Trail and ledger are derived from the store.
#[derive(Debug)]
pub struct Indexer {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) pool: Pool,
    pub(super) trail: Trail,
    pub(super) ledger: Ledger,
    /// Whose dealings are looked after, and which change of them is known.
    pub(super) subjects: (Subjects, i64),
    /// Under which programs addresses are listed, as far as that is known.
    pub(super) manifests: Folder,
    /// Findings that are being judged anew, if there are any.
    pub(super) rejudging: Option<Box<Rejudging>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) status: watch::Sender<Status>,
    pub(super) news: Arc<Notify>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) head: Patience,
    pub(super) back: Patience,
    pub(super) over: bool,
    pub(super) catching: Catching,
    pub(super) gait: Gait,
    /// The list, if it is on another chain.
    pub(super) abroad: Option<Abroad>,
}

impl Indexer {
    /// Runs until told to stop. Stopping in the middle of a step is safe: what is written is
    /// written in transactions, and memory is thrown away. Ends by itself when the disk cannot be
    /// relied on.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while !self.over {
            let poll = self.config.poll;
            let turn = async {
                if !self.turn().await {
                    tokio::time::sleep(poll).await;
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = turn => {}
            }
        }
    }

    /// One turn of the loop: the head of the chain first, then what a changed list asks for of
    /// older findings and older blocks. Whether there may be more to do at once. Dropping it
    /// halfway is safe.
    pub async fn turn(&mut self) -> bool {
        let leads = self.leads().await;
        let advanced = leads && self.turn_to_head().await;
        let reevaluated = leads && self.turn_to_findings().await;
        let walked = self.turn_to_past().await;
        advanced || reevaluated || walked
    }

    /// Whether it has come to its end by itself: the disk cannot be relied on, and nothing more is
    /// written.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether it is this worker that follows the chain.
    async fn leads(&mut self) -> bool {
        let held = match self.store.hold(Scope::Chain).await {
            Ok(Hold::Kept) => return true,
            // Others may have written since this worker read.
            Ok(Hold::Taken) => self.reread().await,
            Ok(Hold::Theirs { worker }) => {
                let standing_by = Some(worker);
                self.status.send_if_modified(|status| {
                    let news = status.standing_by != standing_by;
                    status.standing_by = standing_by;
                    news
                });
                return false;
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = held {
            if self.head.is_due(self.clock.elapsed()) {
                self.stumbled(error).await;
            }
            return false;
        }
        self.status.send_if_modified(|status| status.standing_by.take().is_some());
        true
    }

    /// Takes in what is new at the head; whether there may be more.
    async fn turn_to_head(&mut self) -> bool {
        self.mind_manifests();
        if let Err(error) = self.mind_subjects().await {
            if self.head.is_due(self.clock.elapsed()) {
                self.stumbled(error.into()).await;
            }
            return false;
        }
        if self.head.is_due(self.clock.elapsed()) {
            match self.hear().await {
                Ok(true) => {}
                Ok(false) => {
                    self.turn_to_finality().await;
                    return false;
                }
                Err(error) => {
                    self.stumbled(error).await;
                    return false;
                }
            }
        }
        if self.head.is_due(self.clock.elapsed()) && self.pool.is_ready() {
            // Rarely taken and large: what is taken all the time is not made to carry it.
            let cursor = self.trail.cursor();
            match Box::pin(self.catch_up()).await {
                Ok(false) => {}
                Ok(true) => {
                    self.recovered();
                    return true;
                }
                Err(error) => {
                    if self.trail.cursor() != cursor {
                        self.recovered();
                    }
                    self.stumbled(error).await;
                    return false;
                }
            }
        }
        for _ in 0..TURN_MAX_BLOCKS {
            if !self.head.is_due(self.clock.elapsed()) || !self.pool.is_ready() {
                self.mind_silence();
                return false;
            }
            match self.step().await {
                Ok(true) => self.recovered(),
                Ok(false) => {
                    self.turn_to_finality().await;
                    return false;
                }
                Err(error) => {
                    self.stumbled(error).await;
                    return false;
                }
            }
        }
        true
    }

    /// Hears of the list, if it is on another chain; whether the chain here may be followed on. A
    /// block that has to wait for the list is not asked for again before it may come.
    async fn hear(&mut self) -> Result<bool, StepError> {
        let Some(abroad) = &mut self.abroad else { return Ok(true) };
        let heard = Box::pin(abroad.listen(&self.ledger)).await;
        let through = Some(abroad.through());
        self.status.send_if_modified(|status| {
            let news = status.list_through != through;
            status.list_through = through;
            news
        });
        heard?;
        Ok(!abroad.is_awaited())
    }

    async fn turn_to_finality(&mut self) {
        match self.confirm().await {
            Ok(()) => self.recovered(),
            Err(error) => self.stumbled(error).await,
        }
    }

    /// Takes one step of the chain; whether there was one.
    async fn step(&mut self) -> Result<bool, StepError> {
        let Some(update) = self.pool.next(&self.trail).await? else { return Ok(false) };
        self.take_in(update).await
    }

    /// Takes in a step of the chain; whether all of it, or a block has to wait for the list.
    async fn take_in(&mut self, update: Update) -> Result<bool, StepError> {
        if let Some(to) = update.reverted() {
            // What was counted may be gone.
            self.rejudging = None;
            let changes = self.store.revert_to(to.number, self.clock.now()).await?;
            self.trail.revert_to(to);
            self.ledger = Ledger::replay(&self.store.acts().await?)?;
            self.metrics.reorgs.inc();
            tracing::warn!(to = to.number, retracted = changes.retracted, "blocks taken back");
            self.tell(&changes);
            if let Some(abroad) = self.abroad.as_mut().filter(|a| !a.knows(&self.ledger)) {
                // Acts were taken back with the blocks that they had gone before.
                Box::pin(abroad.listen(&self.ledger)).await?;
            }
        }
        for block in update.committed() {
            if self.abroad.as_mut().is_some_and(|abroad| !abroad.reaches(block.header.time)) {
                return Ok(false);
            }
            self.take_in_block(block).await?;
        }
        Ok(true)
    }

    /// The acts that belong to a block above one of a time: those in it, or what another chain's
    /// list did meanwhile.
    pub(super) fn acts_of(
        &self,
        block: &Block,
        ledger: &Ledger,
        below: u64,
    ) -> Result<Vec<Act>, StepError> {
        Ok(match &self.abroad {
            None => decode::acts(block, self.config.deployment.blocklist.address)?,
            Some(abroad) => abroad.due(ledger, below, block.header)?,
        })
    }

    /// What blocks are taken in by, if they are come by so.
    pub(super) fn ground(&self, verified: Verification, finality: Final) -> Ground<'_> {
        let Self { config, subjects, metrics, clock, .. } = self;
        let criteria = config.criteria(&subjects.0, &self.manifests.manifests);
        Ground { config, criteria, metrics, verified, finality, now: clock.now() }
    }

    async fn take_in_block(&mut self, block: &Block) -> Result<(), StepError> {
        let header = block.header;
        let known = traces::of(&mut self.pool, Lane::Head, block).await?;
        let mut list = Growing::from(&self.ledger);
        let below = self.trail.cursor().time;
        let acts = self.acts_of(block, &self.ledger, below)?;
        let beside = Beside { acts, known, signers: Signers::Recovered };
        let ground = self.ground(Verification::Proved, Final::Pending);
        let mut intake = intake::of(block, beside, &mut list, &ground)?;
        intake.moved = list.moved(&intake.acts, below, header.time);
        let grown = list.grown();
        let policy = &self.config.policy;
        repeating::raise(&self.store, policy, std::slice::from_mut(&mut intake)).await?;
        let changes = self.store.apply(intake).await?;
        self.trail.push(header);
        if let Some(ledger) = grown {
            self.ledger = ledger;
        }
        self.tell(&changes);
        Ok(())
    }

    async fn confirm(&mut self) -> Result<(), StepError> {
        let known = self.trail.finalized();
        let Some(header) = self.pool.finalized(known).await? else { return Ok(()) };
        match self.store.confirm_to(header, self.clock.now()).await? {
            Finality::Confirmed(changes) => {
                self.trail.finalize(header.number);
                self.tell(&changes);
            }
            Finality::Unknown => {}
            Finality::Violated { ours } => {
                let (number, hash) = (header.number, header.hash);
                return Err(FollowError::OtherBranch { number, hash, ours }.into());
            }
        }
        Ok(())
    }

    /// Tells the log, the figures and the deliverer what changed.
    pub(super) fn tell(&self, changes: &Changes) {
        self.metrics.changed(changes, self.clock.now());
        for alert in &changes.created {
            tracing::info!(
                id = %alert.id, severity = ?alert.severity, rule = alert.rule,
                listed = %alert.listed, counterparty = %alert.counterparty(),
                block = alert.transfer.position.block, "alert"
            );
        }
        if *changes != Changes::default() {
            self.news.notify_one();
        }
        self.show();
    }

    fn show(&self) {
        let before = self.status.borrow().clone();
        let status = Status {
            chain_id: self.config.chain_id,
            cursor: self.trail.cursor().number,
            head: self.pool.newest().map(|head| head.number).or(before.head),
            finalized: self.trail.finalized(),
            listed_addresses: watched(&self.ledger),
            acts: self.ledger.acts(),
            providers: self.pool.states(),
            ..before
        };
        self.metrics.cursor_block.set(status.cursor);
        self.metrics.cursor_time.set(self.trail.cursor().time);
        self.metrics.list(&self.ledger, status.listed_addresses);
        let listed = self.subjects.0.listed(&self.ledger, self.trail.cursor().time).count();
        self.metrics.listed_subjects.set(u64::try_from(listed).unwrap_or(u64::MAX));
        self.metrics.finalized_block.set(status.finalized);
        self.metrics.chain_lag_blocks.set(status.lag().unwrap_or_default());
        self.metrics.providers(&status.providers);
        self.status.send_replace(status);
    }

    fn recovered(&mut self) {
        if self.head.is_stalled() {
            tracing::info!("the chain can be followed again");
        }
        self.head.succeeded(self.clock.elapsed());
        self.status.send_modify(|status| {
            status.stalled = None;
            status.heard = self.clock.elapsed();
        });
        self.show();
    }

    async fn stumbled(&mut self, error: StepError) {
        self.head.failed(self.clock.elapsed());
        if error.is_final() {
            self.head.latch();
        }
        self.over |= error.is_fatal();
        self.metrics.chain_failures.inc();
        let (attempts, latched) = (self.head.failures(), self.head.is_latched());
        // What ends the indexer is said at once: there is no next attempt to say it.
        if self.head.is_stalled() || self.over {
            self.status.send_modify(|status| status.stalled = Some(error.to_string()));
            tracing::error!(%error, attempts, latched, "stalled");
        } else {
            tracing::warn!(%error, attempts, "a step failed");
        }
        // A failed write may have reached the disk all the same: what is there counts.
        if matches!(error, StepError::Store(_))
            && let Err(error) = self.reread().await
        {
            tracing::error!(%error, "the database cannot be read back");
        }
        self.show();
    }

    /// Says once that nobody could be asked for too long, though nothing failed: every provider
    /// wants to be left alone.
    fn mind_silence(&mut self) {
        let status = self.status.borrow().clone();
        let silent = self.clock.elapsed().saturating_sub(status.heard);
        if status.stalled.is_some() || silent < Duration::from_secs(STALL_AFTER_SECONDS) {
            return;
        }
        let reason = format!("no provider may be asked now{}", self.pool.troubles());
        tracing::error!(reason, "stalled");
        self.status.send_modify(|status| status.stalled = Some(reason));
        self.show();
    }

    pub(super) async fn reread(&mut self) -> Result<(), StepError> {
        let (finalized, headers) = self.store.trail().await?;
        if let Some(trail) = Trail::new(headers, finalized) {
            self.trail = trail;
        }
        self.ledger = Ledger::replay(&self.store.acts().await?)?;
        // Others may have taken back what was counted.
        self.rejudging = None;
        Ok(())
    }
}

/// Addresses that are or were listed; the merely protected ones are not looked for.
fn watched(ledger: &Ledger) -> usize {
    ledger.addresses().filter(|(_, known)| !known.episodes.is_empty()).count()
}
