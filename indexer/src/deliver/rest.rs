//! An endpoint that fails again and again is left alone for a while: its news stays in the record,
//! where it costs nothing and what is urgent still goes first, instead of being tried in vain.

use std::time::Duration;

use super::PASS_MAX_ROWS;

/// After so many failures in a row an endpoint rests.
pub const TIRED_AFTER_FAILURES: u32 = 8;
/// Its first rest, in seconds; each that follows is twice as long.
const REST_MIN_SECONDS: u64 = 5;
/// Its longest rest, in seconds: so long after it is well again it may take until it is told.
pub const REST_MAX_SECONDS: u64 = 300;

/// How an endpoint bears up. Kept in memory: who starts anew tries anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    failures: u32,
    until: Duration,
}

impl Rest {
    /// Whether it is left alone at a moment of the clock that only goes on.
    pub fn lasts(&self, elapsed: Duration) -> bool {
        elapsed < self.until
    }

    /// When it ends.
    pub const fn until(&self) -> Duration {
        self.until
    }

    /// How many rows may be tried: one, to see, where it failed again and again.
    pub const fn rows(&self) -> u32 {
        if self.failures < TIRED_AFTER_FAILURES { PASS_MAX_ROWS } else { 1 }
    }

    /// It took something.
    pub(super) const fn took(&mut self) {
        *self = Self { failures: 0, until: Duration::ZERO };
    }

    /// It failed, and may have asked to be left alone.
    pub(super) fn failed(&mut self, elapsed: Duration, asked: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let times = self.failures.checked_sub(TIRED_AFTER_FAILURES);
        let rest = times.map_or(0, |times| REST_MIN_SECONDS << times.min(16));
        let rest = Duration::from_secs(rest.min(REST_MAX_SECONDS)).max(asked.unwrap_or_default());
        self.until = self.until.max(elapsed + rest);
    }
}
