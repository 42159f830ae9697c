//! Which blocks are verified though nothing in them was found: some of each range, and its last.
//!
//! The choice is random, so that a provider cannot know it, and follows from one number, so that
//! it can be had again.

use std::collections::BTreeSet;

/// One block in so many is verified, whatever the range answer says of it.
pub const SAMPLE_ONE_IN_BLOCKS: u64 = 512;

/// A way to choose blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample(u64);

impl Sample {
    /// The way that belongs to a number.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The chosen blocks of a range: one of each [`SAMPLE_ONE_IN_BLOCKS`] of the chain, as far as
    /// it falls into the range, and its last.
    pub fn of(self, from: u64, to: u64) -> BTreeSet<u64> {
        let parts = from / SAMPLE_ONE_IN_BLOCKS..=to / SAMPLE_ONE_IN_BLOCKS;
        let one_of =
            |part: u64| part * SAMPLE_ONE_IN_BLOCKS + mixed(self.0 ^ part) % SAMPLE_ONE_IN_BLOCKS;
        parts.map(one_of).filter(|block| (from..=to).contains(block)).chain([to]).collect()
    }
}

/// Spreads a number over all 64 bits: the finalizer of `SplitMix64`.
const fn mixed(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_chain_has_one_and_each_range_its_last() {
        let sample = Sample::seeded(7);
        assert_eq!(sample.of(9, 9), [9].into());
        let whole = sample.of(0, 100 * SAMPLE_ONE_IN_BLOCKS - 1);
        assert!((100..=101).contains(&whole.len()), "{}", whole.len());
        // However a stretch is cut into ranges, the same blocks are chosen beside their last ones.
        let cut = SAMPLE_ONE_IN_BLOCKS / 3;
        let mut pieces = BTreeSet::new();
        for from in (0..100 * SAMPLE_ONE_IN_BLOCKS).step_by(usize::try_from(cut).unwrap()) {
            let to = (from + cut).min(100 * SAMPLE_ONE_IN_BLOCKS) - 1;
            let chosen = sample.of(from, to);
            assert!(chosen.contains(&to) && chosen.iter().all(|n| (from..=to).contains(n)));
            pieces.extend(chosen);
        }
        assert!(pieces.is_superset(&whole));
        assert_ne!(whole, Sample::seeded(8).of(0, 100 * SAMPLE_ONE_IN_BLOCKS - 1));
    }
}
