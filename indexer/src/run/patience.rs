//! How long to wait after a failure, and when to say that something does not get on.

use std::time::Duration;

use crate::chain::pool::ATTEMPTS_PER_PROVIDER;

/// Failed attempts in a row after which the chain counts as stalled, with one or two providers.
/// With more it is when each has failed twice.
pub const STALL_AFTER_ATTEMPTS: u32 = 4;
/// However few attempts there were, so long without success is a stall, in seconds: a provider that
/// keeps each request waiting allows but few.
pub const STALL_AFTER_SECONDS: u64 = 30;
/// Wait after the first failed attempt, in milliseconds; it doubles.
const BACKOFF_FIRST_MS: u64 = 250;
/// Longest wait between attempts, in milliseconds.
const BACKOFF_MAX_MS: u64 = 30_000;

/// Failed attempts in a row, and when to try again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    providers: u32,
    failures: u32,
    due: Duration,
    well: Duration,
    failed: Duration,
    latched: bool,
}

impl Patience {
    /// Patience with so many providers, from now on.
    pub(super) fn with(providers: usize, elapsed: Duration) -> Self {
        let providers = u32::try_from(providers).unwrap_or(u32::MAX);
        Self { providers, well: elapsed, ..Self::default() }
    }

    /// Whether it is time to try.
    pub(super) fn is_due(&self, elapsed: Duration) -> bool {
        !self.latched && elapsed >= self.due
    }

    /// Takes note of a success.
    pub(super) fn succeeded(&mut self, elapsed: Duration) {
        *self = Self { providers: self.providers, well: elapsed, ..Self::default() };
    }

    /// Takes note of a failure.
    pub(super) fn failed(&mut self, elapsed: Duration) {
        let doublings = self.failures.min(BACKOFF_MAX_MS.ilog2());
        let wait = BACKOFF_FIRST_MS.saturating_mul(1 << doublings).min(BACKOFF_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        self.failed = elapsed;
        self.due = elapsed + Duration::from_millis(wait);
    }

    /// Never tries again by itself: a person must look.
    pub(super) const fn latch(&mut self) {
        self.latched = true;
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) const fn is_latched(&self) -> bool {
        self.latched
    }

    pub(super) fn is_stalled(&self) -> bool {
        let attempts = self.providers.saturating_mul(ATTEMPTS_PER_PROVIDER);
        let silent = self.failed.saturating_sub(self.well);
        self.latched
            || self.failures >= attempts.max(STALL_AFTER_ATTEMPTS)
            || (self.failures > 0 && silent >= Duration::from_secs(STALL_AFTER_SECONDS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit() {
        let mut patience = Patience::default();
        let mut at = Duration::ZERO;
        for wait_ms in [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            assert!(patience.is_due(at));
            patience.failed(at);
            assert!(!patience.is_due(at + Duration::from_millis(wait_ms - 1)));
            at += Duration::from_millis(wait_ms);
        }
        assert!(patience.is_stalled());
        patience.latch();
        assert!(!patience.is_due(Duration::MAX));
    }

    #[test]
    fn each_provider_may_fail_twice() {
        for (providers, attempts) in [(1, 4), (2, 4), (3, 6), (5, 10)] {
            let mut patience = Patience::with(providers, Duration::ZERO);
            for _ in 1..attempts {
                patience.failed(Duration::ZERO);
                assert!(!patience.is_stalled(), "{providers}");
            }
            patience.failed(Duration::ZERO);
            assert!(patience.is_stalled(), "{providers}");
            patience.succeeded(Duration::ZERO);
            assert!(!patience.is_stalled(), "{providers}");
        }
    }

    #[test]
    fn half_a_minute_without_success_is_a_stall_too() {
        let mut patience = Patience::with(1, Duration::from_secs(100));
        patience.failed(Duration::from_secs(129));
        assert!(!patience.is_stalled());
        patience.failed(Duration::from_secs(130));
        assert!(patience.is_stalled());
    }
}
