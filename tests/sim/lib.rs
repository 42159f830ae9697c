//! The indexer in a simulated world. Its chain is a tree of real blocks told by nodes that lag, lie
//! and fail; its disk fills up and its process dies at any write and any request; its receiver
//! forgets. Everything follows from a seed, time included, so that what went wrong once can be
//! looked at again.
//!
//! `seed` is one story; `oracle` says what must be known in the end, and shares no code with the
//! indexer; `check` compares.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "what fails here fails the run")]
#![allow(clippy::large_futures, reason = "one runs at a time, at the bottom of an empty stack")]

mod book;
mod check;
mod disk;
mod elsewhere;
mod fault;
mod lie;
mod life;
mod list;
mod neighbour;
mod node;
mod noise;
mod oracle;
mod receiver;
mod report;
mod seed;
mod story;
mod trace;
mod tree;
mod ways;
mod world;

pub use fault::{Counts, ELSEWHERE, Elsewhere, NAMES};
pub use report::{Sum, table};
pub use seed::Outcome;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use trace::Words;

/// A seed on which the indexer was wrong.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The seed.
    pub seed: u64,
    /// What is wrong.
    pub reason: String,
}

/// Runs one seed, printing what happens if told to.
fn one(seed: u64, words: Words) -> Result<Outcome, Wrong> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let run = || runtime.block_on(seed::run(seed, words));
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", said.unwrap_or("without a word")))
    });
    outcome.map_err(|reason| Wrong { seed, reason })
}

/// Runs one seed.
///
/// # Errors
/// What is wrong with the indexer.
pub fn run(seed: u64) -> Result<Outcome, Wrong> {
    one(seed, Words::Digested)
}

/// Runs one seed and prints every request as it comes.
///
/// # Errors
/// What is wrong with the indexer.
pub fn replay(seed: u64) -> Result<Outcome, Wrong> {
    one(seed, Words::Printed)
}

/// Runs many seeds on all cores; stops at as many failures as are wanted.
pub fn many(seeds: std::ops::Range<u64>, wrong_max: usize) -> Sum {
    let started = std::time::Instant::now();
    let next = AtomicU64::new(seeds.start);
    let sum = Mutex::new(Sum::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= seeds.end || sum.lock().unwrap().wrong.len() >= wrong_max {
            return;
        }
        let outcome = run(seed);
        sum.lock().unwrap().add(seed, outcome);
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut sum = sum.into_inner().unwrap();
    sum.wrong.sort_by_key(|wrong| wrong.seed);
    sum.seconds = started.elapsed().as_secs_f64();
    sum
}
