//! How often a provider may be asked.

use std::num::NonZeroU32;
use std::time::Duration;

/// How much of the future may be used up at once.
const BURST: Duration = Duration::from_secs(1);

/// The requests that a provider's plan allows. A block must not stop halfway for want of a request,
/// so that what it takes is booked afterwards: the budget may be overdrawn by one step, and the
/// next waits until that is paid back. In the long run the rate holds exactly.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    interval: Duration,
    seen: u64,
    paid_until: Duration,
}

impl Budget {
    /// So many requests a second; `None` sets no bound.
    pub fn new(per_second: Option<NonZeroU32>) -> Self {
        let interval =
            per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.get());
        Self { interval, seen: 0, paid_until: Duration::ZERO }
    }

    /// Books the requests made so far, whoever made them.
    pub fn book(&mut self, requests: u64, now: Duration) {
        let new = u32::try_from(requests - self.seen).unwrap_or(u32::MAX);
        self.seen = requests;
        if new > 0 {
            self.paid_until = self.paid_until.max(now) + self.interval.saturating_mul(new);
        }
    }

    /// How many requests may be used up at once.
    pub fn at_once(&self) -> u64 {
        let requests = BURST.as_nanos().checked_div(self.interval.as_nanos());
        requests.map_or(u64::MAX, |requests| u64::try_from(requests).unwrap_or(u64::MAX))
    }

    /// When the next step may begin.
    pub const fn due(&self) -> Duration {
        self.paid_until.saturating_sub(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_holds_in_the_long_run_and_a_step_is_never_cut() {
        let mut budget = Budget::new(NonZeroU32::new(10));
        let (mut now, mut requests) = (Duration::ZERO, 0);
        while now < Duration::from_mins(1) {
            now = now.max(budget.due());
            requests += 3;
            budget.book(requests, now);
            now += Duration::from_millis(1);
        }
        let allowed = (now + BURST).as_millis() / 100;
        assert!(requests >= 600 && u128::from(requests) <= allowed + 3, "{requests} of {allowed}");
    }

    #[test]
    fn without_a_rate_there_is_no_wait() {
        let mut budget = Budget::new(None);
        budget.book(1_000_000, Duration::ZERO);
        assert_eq!(budget.due(), Duration::ZERO);
    }

    #[test]
    fn at_once_there_is_what_a_second_allows() {
        assert_eq!(Budget::new(None).at_once(), u64::MAX);
        assert_eq!(Budget::new(NonZeroU32::new(1)).at_once(), 1);
        assert_eq!(Budget::new(NonZeroU32::new(25)).at_once(), 25);
    }
}
