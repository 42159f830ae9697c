//! Time, as the indexer is told it: the real one, or one that a simulation turns by hand.

use std::fmt;
use std::time::{Duration, Instant};

/// Two clocks: one that people read and that may jump, and one that only goes on.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day, unix seconds. May be set forward or back at any moment: it is written
    /// down and never waited by.
    fn now(&self) -> i64;

    /// Time since some moment of its own; never goes back.
    fn elapsed(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
