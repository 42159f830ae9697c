//! One seed: a story with faults, then quiet, in which everything must come right.

use std::path::Path;

use rand::Rng;
use rand::seq::SliceRandom;

use crate::check::{self, Facts};
use crate::disk::{Disk, Held};
use crate::fault::{Counts, Theme};
use crate::life::{Done, Life};
use crate::story::FIRST_BLOCK;
use crate::trace::{Trace, Words};
use crate::world::{End, Shared};

/// Steps of a story.
const STEPS: std::ops::Range<u32> = 25..50;
/// Faults of a story; one that had fewer goes on.
const FAULTS_MIN: u64 = 50;
/// Steps after which a story ends in any case.
const STEPS_MAX: u32 = 400;
/// Steps within which everything must have come right once nothing goes wrong any more.
const SETTLE_MAX_STEPS: u32 = 600;
/// Files that are nobody's to keep: memory, where a machine has such a folder.
const MEMORY: &str = "/dev/shm";
/// Of a hundred steps, after how many the database is looked at.
const LOOK_PERCENT: u32 = 12;
/// Blocks of the long empty stretch before a violation of finality.
const EMPTY_STRETCH_BLOCKS: u32 = 60;
/// How long everybody is down at the longest, in milliseconds.
const OUTAGE_MS: u64 = 6 * 3600 * 1000;

/// What a seed came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How often each fault happened.
    pub counts: Counts,
    /// Everything that was sent and answered, and what is in the database in the end.
    pub digest: String,
    /// Alerts, retracted ones too.
    pub alerts: u64,
    /// Branches that took over.
    pub reorgs: u64,
}

/// How long nobody may answer before the indexer must have said so, in milliseconds.
const SILENCE_MAX_MS: u64 = 60_000;
/// How often it must have had the chance to try.
const SILENT_TRIES_MAX: u32 = 8;

struct Run {
    world: Shared,
    life: Life,
    lookback_from: u64,
    /// What was known at the last look.
    facts: Option<Facts>,
    had_backup: bool,
    /// Since when nobody answers, in milliseconds, and how often the indexer has tried since.
    silence: Option<(u64, u32)>,
    /// The next delivery is the last of this life.
    ends_in_delivery: bool,
}

/// Runs a seed.
///
/// # Errors
/// Says what is wrong with the indexer.
pub(crate) async fn run(seed: u64, words: Words) -> Result<Outcome, String> {
    let memory = Path::new(MEMORY);
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let root = tempfile::Builder::new().prefix("interdict-sim-").tempdir_in(parent).unwrap();
    let world = Shared::new(seed, Trace::new(words), std::sync::Arc::default());
    let lookback_from = *[0, 3, 20, 40].choose(&mut world.lock().rng).unwrap();
    let mut life = Life::new(world.clone(), root, lookback_from);
    life.be_born();
    let mut run = Run {
        world,
        life,
        lookback_from,
        facts: None,
        had_backup: false,
        silence: None,
        ends_in_delivery: false,
    };
    let told = run.story().await;
    told.and(run.settle().await)?;
    let theme = run.world.lock().plan.theme;
    if matches!(theme, Theme::FinalityViolated | Theme::FinalityViolatedLate) {
        run.violate(theme).await?;
    }
    run.life.stop().await;
    let world = run.world.lock();
    let (kept, alerts) = match &run.facts {
        Some(facts) => (facts.digest.as_str(), facts.alerts()),
        None => ("", 0),
    };
    Ok(Outcome {
        counts: world.counts.clone(),
        digest: format!("{} {kept}", world.trace.so_far()),
        alerts,
        reorgs: world.chain.reorgs,
    })
}

impl Run {
    async fn story(&mut self) -> Result<(), String> {
        let steps = {
            let mut world = self.world.lock();
            // Its very first life ends before its tables are made.
            if world.rng.gen_bool(0.1) {
                let pages = world.rng.gen_range(0..30);
                world.disk.kill_in(pages);
            }
            world.rng.gen_range(STEPS)
        };
        for step in 0..STEPS_MAX {
            if step >= steps && self.world.lock().counts.total() >= FAULTS_MIN {
                break;
            }
            self.events();
            self.trouble().await?;
            if [steps / 3, steps * 2 / 3].contains(&step) {
                self.backup().await;
            }
            if !self.life.is_running() && !self.life.start().await? {
                self.pass_time();
                continue;
            }
            let deliver_first = self.world.lock().rng.gen_bool(0.3);
            if deliver_first {
                self.deliver().await?;
            }
            self.life.turn().await;
            self.says_that_it_stands()?;
            if !deliver_first {
                self.deliver().await?;
            }
            self.happened_on_disk();
            if self.world.lock().rng.gen_range(0..100) < LOOK_PERCENT {
                self.look().await?;
            }
            self.pass_time();
        }
        Ok(())
    }

    fn events(&self) {
        let mut world = self.world.lock();
        for _ in 0..world.rng.gen_range(0..=2).min(1) {
            world.happen();
        }
        let per_mille = world.plan.moods;
        if world.rng.gen_ratio(per_mille, 1000) {
            let now = world.now();
            let world = &mut *world;
            world.receiver.change(now, &mut world.rng);
        }
    }

    fn pass_time(&self) {
        let mut world = self.world.lock();
        let roll = world.rng.gen_range(0..1000);
        let seconds = match roll {
            0..6 => world.rng.gen_range(3600..80_000),
            6..100 => world.rng.gen_range(30..600),
            _ => world.rng.gen_range(0..16),
        };
        world.elapsed_ms += seconds * 1000;
    }

    /// What befalls process, disk and clock.
    async fn trouble(&mut self) -> Result<(), String> {
        let roll = {
            let mut world = self.world.lock();
            let per_mille = world.plan.trouble;
            if !world.rng.gen_ratio(per_mille, 1000) {
                return Ok(());
            }
            world.rng.gen_range(0..23)
        };
        match roll {
            0..3 => self.end_in(End::Kill),
            3 => self.ends_in_delivery = true,
            4..6 => self.end_in(End::Stop),
            6..10 => self.on_disk(Disk::kill_in),
            10..14 => self.on_disk(Disk::full_in),
            14..16 => self.on_disk(|disk, n| disk.unsynced_in(n / 4)),
            16 => self.world.lock().disk.hold_lock(Held::ByAnother),
            17 | 18 => self.jump(),
            19 => {
                let mut world = self.world.lock();
                world.down_until_ms = world.elapsed_ms + OUTAGE_MS;
                world.elapsed_ms += world.rng.gen_range(0..OUTAGE_MS);
            }
            20 if self.life.is_running() => self.life.second_writer().await?,
            20 => {}
            21 => self.end_in(End::Panic),
            _ => self.life.start_damaged().await?,
        }
        Ok(())
    }

    fn end_in(&self, end: End) {
        let mut world = self.world.lock();
        world.end_in = Some((world.rng.gen_range(0..14), end));
    }

    fn on_disk(&self, befalls: fn(&Disk, u32)) {
        let mut world = self.world.lock();
        let pages = world.rng.gen_range(0..30);
        befalls(&world.disk, pages);
    }

    /// The machine's clock is set.
    fn jump(&self) {
        let mut world = self.world.lock();
        world.clock_off += *[3600, -3600, -40, 40, -7200].choose(&mut world.rng).unwrap();
        world.counts.fired(55);
    }

    /// An old copy is kept, or put back.
    async fn backup(&mut self) {
        if self.world.lock().plan.theme != Theme::Backup {
            return;
        }
        let was_running = self.life.is_running();
        self.life.stop().await;
        if self.had_backup && self.life.restore() {
            let mut world = self.world.lock();
            world.receiver.numbers_again = true;
            world.counts.fired(52);
            self.facts = None;
        } else if was_running {
            self.life.back_up();
            self.had_backup = true;
        }
    }

    /// Within a minute after everybody has fallen silent the indexer says so.
    fn says_that_it_stands(&mut self) -> Result<(), String> {
        let world = self.world.lock();
        let is_silent = world.elapsed_ms < world.down_until_ms;
        let Some(status) = self.life.status().filter(|_| is_silent) else {
            self.silence = None;
            return Ok(());
        };
        let (since, tries) = self.silence.unwrap_or((world.elapsed_ms, 0));
        self.silence = Some((since, tries + 1));
        let long = world.elapsed_ms - since >= SILENCE_MAX_MS && tries >= SILENT_TRIES_MAX;
        if long && status.stalled.is_none() {
            return Err(format!("nobody has answered for a minute, and it says {status:?}"));
        }
        Ok(())
    }

    /// Counts what the disk did.
    fn happened_on_disk(&self) {
        let mut world = self.world.lock();
        let now = world.elapsed_ms;
        if let Some(reason) = self.life.status().and_then(|status| status.stalled) {
            world.trace.line(now, format_args!("stands: {reason}"));
        }
        let happened = world.disk.happened();
        for _ in 0..happened.full {
            world.counts.fired(46);
        }
        for _ in 0..happened.unsynced {
            world.counts.fired(48);
        }
        world.receiver.may_not_know |= happened.full + happened.unsynced + happened.locked > 0;
        if happened.locked > 0 {
            world.counts.fired(47);
            world.disk.hold_lock(Held::ByNobody);
        }
    }

    async fn deliver(&mut self) -> Result<(), String> {
        if std::mem::take(&mut self.ends_in_delivery) && self.life.is_running() {
            let mut world = self.world.lock();
            world.end_in = Some((world.rng.gen_range(0..4), End::Kill));
        }
        match self.life.pass().await {
            (Done::Ended, _) => self.look().await,
            // The disk may be in trouble, and the next pass does what this one did not.
            (Done::Whole, _) => Ok(()),
        }
    }

    /// Looks at the database between two steps.
    async fn look(&mut self) -> Result<(), String> {
        // Whoever looks waits until nobody holds the lock.
        self.world.lock().disk.hold_lock(Held::ByNobody);
        let facts = check::read(&self.life.database()).await;
        let Some(facts) = facts.map_err(|error| format!("the database: {error}"))? else {
            return Ok(());
        };
        let mut world = self.world.lock();
        facts.hold(&world, self.lookback_from)?;
        if let Some(wrong) = world.receiver.wrong.pop() {
            return Err(wrong);
        }
        world.counts.fired_if(60, facts.open_lookbacks > 0 && !self.life.is_running());
        let now = world.elapsed_ms;
        world.trace.line(now, format_args!("holds {}", facts.digest));
        self.facts = Some(facts);
        Ok(())
    }

    /// Nothing goes wrong any more: within bounds everything must come right.
    async fn settle(&mut self) -> Result<(), String> {
        {
            let mut world = self.world.lock();
            let (world, mut counts) = (&mut *world, Counts::default());
            for _ in 0..3 {
                let tip = world.chain.mine(&mut world.rng, world.chain.tip, &mut counts);
                world.chain.set_tip(tip);
            }
            world.calm();
        }
        let mut last = String::new();
        for _ in 0..SETTLE_MAX_STEPS {
            if !self.life.is_running() && !self.life.start().await? {
                return Err("it does not start although nothing is wrong".to_owned());
            }
            let (_, more) = self.life.turn().await;
            let (_, passed) = self.life.pass().await;
            if let Err(error) = passed {
                // Until the indexer ends, nothing is written after the disk has failed.
                last = format!("a pass failed: {error}");
                self.world.lock().elapsed_ms += 35_000;
                continue;
            }
            let there = {
                let world = self.world.lock();
                let best = world.chain.tree.of(world.chain.tip).number;
                self.life.status().is_some_and(|status| status.cursor == best)
            };
            if more || !there {
                self.world.lock().elapsed_ms += if more { 0 } else { 35_000 };
                continue;
            }
            self.look().await?;
            let Some(facts) = &self.facts else { continue };
            let mut world = self.world.lock();
            match facts.settle(&world) {
                Err(why) => last = why,
                Ok(()) if facts.waiting() > 0 && !world.receiver.is_gone => {
                    last = format!("{} pieces of news are waiting", facts.waiting());
                    // The longest wait between two attempts is a day.
                    world.elapsed_ms += 3_600_000;
                }
                // Numbers were given twice: what the receiver has cannot be told apart.
                Ok(()) if world.receiver.numbers_again => return Ok(()),
                Ok(()) => return facts.received(&world),
            }
            world.elapsed_ms += 35_000;
        }
        let status = self.life.status();
        Err(format!("after {SETTLE_MAX_STEPS} calm steps: {last}; it says {status:?}"))
    }

    /// Something that was taken in is final.
    async fn finalize(&mut self) -> Result<(), String> {
        {
            let mut world = self.world.lock();
            let chain = &mut world.chain;
            let (first, tip) = (FIRST_BLOCK + 1, chain.tip);
            if chain.tree.of(chain.finalized).number >= first {
                return Ok(());
            }
            chain.finalized = chain.tree.ancestor(tip, first).ok_or("the chain is too short")?;
            world.calm();
        }
        self.settle().await
    }

    /// What was final is rewritten: the indexer must stop, say so, and change nothing; on an empty
    /// database it comes right again.
    async fn violate(&mut self, theme: Theme) -> Result<(), String> {
        self.finalize().await?;
        let before = self.facts.as_ref().map(|facts| facts.digest.clone());
        {
            let mut world = self.world.lock();
            let (world, mut counts) = (&mut *world, Counts::default());
            let fault = if theme == Theme::FinalityViolated { 39 } else { 40 };
            let last = world.chain.tree.of(world.chain.finalized).number;
            let depth = world.rng.gen_range(1..=3.min(last - FIRST_BLOCK));
            let fork = world.chain.tree.ancestor(world.chain.finalized, last - depth).unwrap();
            let mut length = world.chain.tree.of(world.chain.tip).number - last + depth + 1;
            if fault == 40 {
                length += u64::from(EMPTY_STRETCH_BLOCKS);
            }
            world.chain.replace_above(fork, length, &mut world.rng, &mut counts);
            world.chain.finalized = fork;
            world.counts.fired(fault);
            world.calm();
        }
        for _ in 0..30 {
            self.life.turn().await;
            self.world.lock().elapsed_ms += 35_000;
        }
        let stalled = self.life.status().and_then(|status| status.stalled);
        if !stalled.is_some_and(|reason| reason.contains("finality violated")) {
            return Err("finality was violated, and the indexer does not say so".to_owned());
        }
        let facts = check::read(&self.life.database()).await.ok().flatten();
        if facts.map(|facts| facts.digest) != before {
            return Err("finality was violated, and a machine rewrote what was final".to_owned());
        }
        // A person looked, and begins on an empty database.
        self.life.begin_anew();
        self.world.lock().receiver.numbers_again = true;
        self.settle().await
    }
}
