//! The life of one indexer: it starts, turns, delivers, is killed or stopped, and starts again on
//! what it left on the disk.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use alloy_primitives::U256;
use interdict_core::policy::Policy;
use interdict_indexer::abroad::Teller;
use interdict_indexer::catchup::Mode;
use interdict_indexer::chain::pool::Source;
use interdict_indexer::config::{Abroad, Api, Config, Webhook, Webhooks};
use interdict_indexer::deliver::Target;
use interdict_indexer::run::{StartError, Status, Wiring, Works, assemble};
use interdict_indexer::screen::{Asset, Assets};
use interdict_indexer::store::{Place, StoreError};
use rand::Rng;

use crate::book::deployment;
use crate::disk::Held;
use crate::receiver::SECRET;
use crate::story::{FIRST_BLOCK, TOKEN};
use crate::tree::CHAIN_ID;
use crate::ways::{Hook, Neighbour, Provider};
use crate::world::{End, Shared};
use crate::{check, disk, elsewhere};

/// The database's files, and what `SQLite` puts behind their names. The index of the log is memory
/// of the process: it dies with it.
const FILES: [&str; 2] = ["", "-wal"];
/// A page of the database, in bytes.
const PAGE_BYTES: usize = 4096;
/// The database's name in its folder.
const DATABASE: &str = "interdict.sqlite";

/// One indexer, running or not.
pub(crate) struct Life {
    world: Shared,
    /// Holds a folder for each life.
    root: tempfile::TempDir,
    lives: u32,
    works: Option<Works>,
    lookback_from: u64,
    /// An old copy of the database's folder.
    backup: Option<PathBuf>,
    /// The database has its tables.
    is_made: bool,
}

/// What became of something that the indexer was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It did it.
    Whole,
    /// It ended in the middle of it.
    Ended,
}

impl Life {
    pub(crate) fn new(world: Shared, root: tempfile::TempDir, lookback_from: u64) -> Self {
        Self { world, root, lives: 0, works: None, lookback_from, backup: None, is_made: false }
    }

    /// The folder of a life.
    fn folder(&self, life: u32) -> PathBuf {
        self.root.path().join(life.to_string())
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder(self.lives).join(DATABASE)
    }

    /// Its write-ahead log.
    fn log(&self) -> PathBuf {
        self.folder(self.lives).join(format!("{DATABASE}{}", FILES[1]))
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.works.is_some()
    }

    pub(crate) fn status(&self) -> Option<Status> {
        self.works.as_ref().map(|works| works.status.borrow().clone())
    }

    /// Makes the folder of the first life.
    pub(crate) fn be_born(&mut self) {
        std::fs::create_dir(self.folder(0)).unwrap();
        self.world.lock().disk = disk::mount(&self.folder(0));
    }

    /// Starts on what the last life left; whether it runs now. Refuses what it must refuse.
    ///
    /// # Errors
    /// It refused for a reason that it should not have had.
    pub(crate) async fn start(&mut self) -> Result<bool, String> {
        let config = self.config();
        let genesis = self.world.lock().chain.tree.of(0).hash;
        debug_assert_eq!(config.genesis_hash(), genesis);
        let wiring = self.wiring(&config);
        {
            let mut world = self.world.lock();
            world.is_starting = true;
            world.receiver.may_not_know = true;
            world.told_of_another_chain = false;
            world.contradictions = 0;
        }
        let started = self.alive(assemble(config, wiring)).await;
        let told = {
            let mut world = self.world.lock();
            world.is_starting = false;
            world.told_of_another_chain
        };
        let expected = |error: &StartError| match error {
            StartError::Rpc(_)
            | StartError::Follow(_)
            | StartError::NoCode { .. }
            | StartError::OtherCode { .. } => true,
            StartError::Store(error) => matches!(
                error,
                StoreError::Database(_)
                    | StoreError::Migrate(_)
                    | StoreError::Full(_)
                    | StoreError::Busy(_)
                    | StoreError::Disk(_)
                    | StoreError::Stopped
            ),
            _ => false,
        };
        match started {
            None => {
                {
                    let mut world = self.world.lock();
                    let dead = world.disk.is_dead();
                    world.counts.fired_if(54, !self.is_made && dead);
                }
                self.end().await;
                Ok(false)
            }
            Some(Ok(_)) if told => Err("it started on another chain".to_owned()),
            Some(Ok(works)) => {
                self.works = Some(works);
                self.is_made = true;
                Ok(true)
            }
            Some(Err(error)) if expected(&error) => {
                let mut world = self.world.lock();
                let now = world.elapsed_ms;
                world.trace.line(now, format_args!("does not start: {error}"));
                Ok(false)
            }
            Some(Err(error)) => Err(format!("it does not start: {error}")),
        }
    }

    fn wiring(&self, config: &Config) -> Wiring {
        let hook = config.webhook.as_ref().unwrap();
        let target = Target::over(Arc::new(Hook(self.world.clone())), hook).unwrap();
        let provider = Arc::new(Provider(self.world.clone()));
        Wiring {
            providers: vec![Source::over(provider, "http://node".to_owned())],
            teller: config
                .abroad
                .as_ref()
                .map(|_| Arc::new(Neighbour(self.world.clone())) as Arc<dyn Teller>),
            receiver: Some(Arc::new(target)),
            clock: Arc::new(self.world.clone()),
        }
    }

    /// A second indexer on the same database, which must not get it.
    ///
    /// # Errors
    /// It got it.
    pub(crate) async fn second_writer(&mut self) -> Result<(), String> {
        let config = self.config();
        let wiring = self.wiring(&config);
        match self.alive(assemble(config, wiring)).await {
            Some(Err(StartError::Store(StoreError::InUse { .. }))) => {
                self.world.lock().counts.fired(53);
                Ok(())
            }
            Some(Ok(_)) => Err("two indexers have one database".to_owned()),
            Some(Err(_)) | None => Ok(()),
        }
    }

    /// A page of the file is overwritten while nobody runs: a start must refuse it, or the page
    /// held nothing. Then the file is as it was.
    ///
    /// # Errors
    /// It started, and knows something else than it did.
    pub(crate) async fn start_damaged(&mut self) -> Result<(), String> {
        self.stop().await;
        let whole = std::fs::read(self.database()).unwrap_or_default();
        let pages = whole.len() / PAGE_BYTES;
        // What the log holds would hide the damage.
        if !self.is_made
            || pages < 2
            || std::fs::metadata(self.log()).is_ok_and(|log| log.len() > 0)
        {
            return Ok(());
        }
        self.world.lock().disk.hold_lock(Held::ByNobody);
        let before = check::read(&self.database()).await.map_err(|error| error.to_string())?;
        let page = self.world.lock().rng.gen_range(0..pages);
        let mut damaged = whole.clone();
        damaged[page * PAGE_BYTES..][..PAGE_BYTES].fill(0x5a);
        std::fs::write(self.database(), &damaged).unwrap();
        let config = self.config();
        let wiring = self.wiring(&config);
        let said = match self.alive(assemble(config, wiring)).await {
            Some(Err(StartError::Store(StoreError::Damaged { .. }))) => {
                self.world.lock().counts.fired(49);
                Ok(())
            }
            Some(Ok(works)) => {
                works.store.close().await;
                let after = check::read(&self.database()).await.ok().flatten();
                let same = after.map(|facts| facts.digest) == before.map(|facts| facts.digest);
                let wrong = || format!("page {} is damaged, and it starts", page + 1);
                same.then_some(()).ok_or_else(wrong)
            }
            // The nodes are asked first, and may have said nothing of use.
            Some(Err(_)) => Ok(()),
            None => {
                self.end().await;
                Ok(())
            }
        };
        std::fs::remove_file(self.log()).ok();
        std::fs::write(self.database(), whole).unwrap();
        said
    }

    /// One turn of the loop; whether there may be more to do at once.
    pub(crate) async fn turn(&mut self) -> (Done, bool) {
        let Some(mut works) = self.works.take() else { return (Done::Ended, false) };
        let more = self.alive(works.indexer.turn()).await;
        let over = works.indexer.is_over();
        self.works = Some(works);
        match more {
            Some(_) if over => {
                // It ends by itself, because the disk cannot be relied on.
                self.stop().await;
                (Done::Ended, false)
            }
            Some(more) => (Done::Whole, more),
            None => {
                self.end().await;
                (Done::Ended, false)
            }
        }
    }

    /// One pass of the deliverer.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) async fn pass(&mut self) -> (Done, Result<(), StoreError>) {
        let Some(works) = self.works.take() else { return (Done::Ended, Ok(())) };
        let courier = &works.courier;
        let passed = self.alive(courier.pass()).await;
        self.works = Some(works);
        if let Some(passed) = passed {
            return (Done::Whole, passed.map(drop));
        }
        self.end().await;
        (Done::Ended, Ok(()))
    }

    /// Runs something until it is done, or until the process ends in the middle of it.
    async fn alive<T>(&self, task: impl Future<Output = T>) -> Option<T> {
        let mut task = pin!(task);
        poll_fn(|context| {
            let step = AssertUnwindSafe(|| task.as_mut().poll(context));
            let polled = match catch_unwind(step) {
                Ok(polled) => polled,
                Err(_) if self.world.lock().ending == Some(End::Panic) => Poll::Pending,
                Err(unasked) => resume_unwind(unasked),
            };
            let ends = {
                let world = self.world.lock();
                world.disk.is_dead() || world.ending.is_some()
            };
            if ends { Poll::Ready(None) } else { polled.map(Some) }
        })
        .await
    }

    /// The process ends: as it was told to, or because it died in a write.
    async fn end(&mut self) {
        let end = {
            let mut world = self.world.lock();
            let end = world.ending.take().unwrap_or(End::Kill);
            let now = world.elapsed_ms;
            world.trace.line(now, format_args!("ends: {end:?}"));
            end
        };
        match end {
            End::Kill => self.die(),
            End::Stop | End::Panic => {
                self.world.lock().counts.fired(if end == End::Stop { 44 } else { 56 });
                if self.is_running() {
                    self.stop().await;
                } else {
                    // In the middle of a start: nobody can wait until what it opened is closed.
                    self.world.lock().disk.die();
                    self.live_on(&self.folder(self.lives));
                }
            }
        }
    }

    /// Dies: whatever is in memory is gone, and the next life finds the files as they are now.
    pub(crate) fn die(&mut self) {
        self.world.lock().counts.fired(43);
        self.world.lock().disk.die();
        self.works = None;
        self.live_on(&self.folder(self.lives));
    }

    /// Stops as it should.
    pub(crate) async fn stop(&mut self) {
        if let Some(works) = self.works.take() {
            works.store.close().await;
        }
    }

    /// Goes on in a new folder, with the files of another.
    fn live_on(&mut self, from: &std::path::Path) {
        let last = self.folder(self.lives);
        self.lives += 1;
        let next = self.folder(self.lives);
        copy(from, &next);
        disk::unmount(&last);
        // What the last life still has open stays open until its threads have ended.
        std::fs::remove_dir_all(&last).unwrap();
        self.world.lock().disk = disk::mount(&next);
    }

    /// Keeps a copy of the database as it is.
    pub(crate) fn back_up(&mut self) {
        let copy_of = self.root.path().join("backup");
        if self.backup.is_none() && !self.is_running() && self.database().exists() {
            copy(&self.folder(self.lives), &copy_of);
            self.backup = Some(copy_of);
        }
    }

    /// Puts the copy back; whether there was one.
    pub(crate) fn restore(&mut self) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        self.world.lock().disk.die();
        self.works = None;
        self.live_on(&backup);
        std::fs::remove_dir_all(&backup).unwrap();
        true
    }

    /// Begins on an empty database, as a person does after finality was violated.
    pub(crate) fn begin_anew(&mut self) {
        self.world.lock().disk.die();
        self.works = None;
        let empty = self.root.path().join("empty");
        std::fs::create_dir(&empty).unwrap();
        self.live_on(&empty);
        self.is_made = false;
    }

    fn config(&self) -> Config {
        let usdt = Asset { symbol: "USDT".into(), decimals: 6, dust_below: U256::from(10_000_000) };
        let native = Asset { symbol: "ETH".into(), decimals: 18, dust_below: U256::from(1000) };
        let (genesis_hash, is_elsewhere) = {
            let world = self.world.lock();
            (world.chain.tree.of(0).hash, world.chain.elsewhere.is_some())
        };
        let abroad = is_elsewhere.then(|| Abroad {
            indexer: "http://neighbour".parse().unwrap(),
            token: None,
            genesis_hash,
            from_block: FIRST_BLOCK,
        });
        let other = (elsewhere::CHAIN_ID, elsewhere::GENESIS);
        let list = if is_elsewhere { other } else { (CHAIN_ID, genesis_hash) };
        Config {
            chain_id: CHAIN_ID,
            providers: Vec::new(),
            deployment: deployment(list),
            abroad,
            database: Place::File(self.database()),
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            poll: Duration::from_secs(4),
            lookback_from_block: self.lookback_from,
            calendar: interdict_core::desk::Calendar::none(),
            catch_up: Mode::Full,
            policy: Policy::standard(),
            manifests: None,
            assets: Assets { native, tokens: [(TOKEN, usdt)].into() },
            webhooks: Webhooks::default(),
            api: Api::loopback(),
            oidc: None,
            webhook: Some(Webhook { url: "http://receiver".into(), secret: SECRET.into() }),
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        disk::unmount(&self.folder(self.lives));
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for ending in FILES {
        let name = format!("{DATABASE}{ending}");
        if from.join(&name).exists() {
            std::fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}
