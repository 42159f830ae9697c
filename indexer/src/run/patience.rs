//! How long to wait after a failure, and when to say that something does not get on.

use std::time::Duration;

/// Failed attempts in a row after which the chain counts as stalled.
pub const STALL_AFTER_ATTEMPTS: u32 = 4;
/// Wait after the first failed attempt, in milliseconds; it doubles.
const BACKOFF_FIRST_MS: u64 = 250;
/// Longest wait between attempts, in milliseconds.
const BACKOFF_MAX_MS: u64 = 30_000;

/// Failed attempts in a row, and when to try again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    failures: u32,
    due: Duration,
    latched: bool,
}

impl Patience {
    /// Whether it is time to try.
    pub(super) fn is_due(&self, elapsed: Duration) -> bool {
        !self.latched && elapsed >= self.due
    }

    /// Takes note of a failure.
    pub(super) fn failed(&mut self, elapsed: Duration) {
        let doublings = self.failures.min(BACKOFF_MAX_MS.ilog2());
        let wait = BACKOFF_FIRST_MS.saturating_mul(1 << doublings).min(BACKOFF_MAX_MS);
        self.failures = self.failures.saturating_add(1);
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

    pub(super) const fn is_stalled(&self) -> bool {
        self.latched || self.failures >= STALL_AFTER_ATTEMPTS
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
}
