//! Which way down suits where a walk stands, and how much is asked for at once.

use super::Errand;
use crate::catchup::Mode;
use crate::catchup::pace::Pace;
use crate::catchup::sample::Sample;

/// Blocks that are walked in a slower way before a provider is asked again for what it did not give
/// at all.
pub const LONG_AFTER_REFUSAL_BLOCKS: u64 = 4_096;

/// A way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Block by block.
    Steps,
    /// Whole blocks, many in one request.
    Batches,
    /// The logs of ranges.
    Ranges,
}

/// What walks back keep from one stretch to the next.
#[derive(Clone, Copy, Debug)]
pub struct Gait {
    pub(super) ranges: Pace,
    pub(super) batches: Pace,
    pub(super) sample: Sample,
    /// The walk that the rest is about.
    act: u32,
    /// From here up no ranges are used.
    no_ranges_from: u64,
    /// From here up no batches are used.
    no_batches_from: u64,
}

impl Gait {
    /// The sample is chosen by a number that no provider should know.
    pub const fn new(seed: u64) -> Self {
        Self {
            ranges: Pace::of_ranges(),
            batches: Pace::of_batches(),
            sample: Sample::seeded(seed),
            act: 0,
            no_ranges_from: u64::MAX,
            no_batches_from: u64::MAX,
        }
    }

    /// The way for the next stretch, where headers prove everything and nobody traces.
    pub(super) fn way(&mut self, errand: &Errand<'_>) -> Way {
        let job = &errand.job;
        if self.act != job.act {
            let (no_ranges_from, no_batches_from) = (u64::MAX, u64::MAX);
            *self = Self { act: job.act, no_ranges_from, no_batches_from, ..*self };
        }
        let number = job.next.0;
        let over_final_history = number <= errand.finalized && number >= job.from_block;
        match errand.mode {
            _ if !over_final_history => Way::Steps,
            Mode::Sampled if number < self.no_ranges_from => Way::Ranges,
            Mode::Full | Mode::Sampled if number < self.no_batches_from => Way::Batches,
            Mode::Full | Mode::Sampled => Way::Steps,
        }
    }

    /// Has each block from this one up proved instead.
    pub(super) const fn no_ranges_from(&mut self, number: u64) {
        self.no_ranges_from = number;
    }

    /// Has each block from this one up asked for by itself instead.
    pub(super) const fn no_batches_from(&mut self, number: u64) {
        self.no_batches_from = number;
    }
}
