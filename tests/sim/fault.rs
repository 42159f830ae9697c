//! The faults by their numbers, how often each has truly happened, and what each seed is in for.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// The highest number.
pub const LAST: u8 = 70;

/// A fault that this simulation has no place for.
pub struct Elsewhere {
    /// The fault.
    pub number: u8,
    /// Why it has none.
    pub reason: &'static str,
    /// The test that tries it, if there is one.
    pub test: Option<&'static str>,
}

/// Faults of other layers.
pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        number: 50,
        reason: "the database here is SQLite",
        test: Some("f50_a_commit_that_was_cut_happened_once_or_not_at_all"),
    },
    Elsewhere {
        number: 51,
        reason: "the database here is SQLite",
        test: Some("f51_a_replica_that_lacks_the_last_commits_is_brought_up_to_date"),
    },
    Elsewhere {
        number: 69,
        reason: "a chain of its own floods",
        test: Some("f69_all_of_it_is_told_within_bounded_memory"),
    },
    Elsewhere {
        number: 70,
        reason: "people ask, by the API",
        test: Some("f70_a_receiver_that_lost_some_closes_its_gap"),
    },
];

/// What each fault is.
pub const NAMES: [&str; LAST as usize + 1] = [
    "",
    "receipts of the newest block empty",
    "receipts of an old block empty",
    "receipts cut off at an end",
    "one log left out",
    "a receipt without its logs",
    "receipts or logs of another block",
    "nothing where there is something",
    "asked beyond a lagging node's head",
    "unknown hash answered with an empty list",
    "pruned block answered empty or in part",
    "error 4444 or another for pruned data",
    "another block than was asked for",
    "header altered",
    "log or transaction altered",
    "nodes disagree at a height",
    "logs marked as removed",
    "log index doubled, moved or missing",
    "bloom empty or full where it should not be",
    "transaction of unknown type",
    "a transaction that no root knows",
    "odd numbers, missing or added fields",
    "another chain id or genesis",
    "result and error at once, wrong id",
    "a web page, broken text, deep nesting",
    "429, or the same in JSON",
    "500, 502, 503, 504",
    "no connection",
    "body cut off",
    "stall",
    "body too long",
    "too much asked for at once",
    "all down for six hours",
    "reorganisation",
    "reorganisation between two requests",
    "back to a branch left before",
    "chain shorter than it was",
    "node goes back",
    "finalized lags, goes back, is absent",
    "reorganisation below finality",
    "the same after a long empty stretch",
    "node stays on a stale branch",
    "very many logs in a block",
    "SIGKILL in a write or a request",
    "SIGTERM in the middle of a block",
    "killed between commit, sending and marking",
    "disk full",
    "database locked by another",
    "disk does not synchronise",
    "a damaged page at a start",
    "PostgreSQL lost around COMMIT",
    "failover to an older replica",
    "yesterday's backup",
    "two writers",
    "killed in a migration",
    "clock jumps",
    "a task panics in the middle of a request",
    "listing and dealing in one block",
    "listing taken back after findings",
    "list's chain lags",
    "lookback killed and resumed",
    "listed again",
    "doubled entries in an act",
    "receiver down for 72 hours",
    "5xx, 429, 3xx, 4xx of the receiver",
    "taken, but the answer was lost",
    "receiver that talks without end",
    "one piece of news is always refused",
    "receiver gone",
    "very many alerts at once",
    "gap at the receiver",
];

/// How often each fault has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts([u64; LAST as usize + 1]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; LAST as usize + 1])
    }
}

impl Counts {
    /// It has happened.
    pub(crate) fn fired(&mut self, fault: u8) {
        self.0[usize::from(fault)] += 1;
    }

    pub(crate) fn fired_if(&mut self, fault: u8, has: bool) {
        self.0[usize::from(fault)] += u64::from(has);
    }

    /// How often one has happened.
    pub fn of(&self, fault: u8) -> u64 {
        self.0[usize::from(fault)]
    }

    /// How often any has.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

/// What a seed is in for, beside what its chain does.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of a thousand requests, how many go wrong on the way.
    pub(crate) transport: u32,
    /// Of a thousand answers, how many are altered.
    pub(crate) lies: u32,
    /// The alterations of this seed.
    pub(crate) kinds: Vec<u8>,
    /// Of a thousand steps, how many meet trouble with process or disk.
    pub(crate) trouble: u32,
    /// Of a thousand steps, how many change the receiver's mood.
    pub(crate) moods: u32,
    /// Requests that are answered at once; more are refused.
    pub(crate) batch_max: usize,
    /// What the seed is about, beside the ordinary.
    pub(crate) theme: Theme,
}

/// What a seed may be about, beside the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Nothing.
    Ordinary,
    /// What was final is rewritten; a person starts anew.
    FinalityViolated,
    /// The same after a long empty stretch.
    FinalityViolatedLate,
    /// An old copy of the database is put back.
    Backup,
    /// The receiver says that it is gone.
    Gone,
    /// The receiver refuses one piece of news for ever.
    Poison,
}

/// Alterations of answers, by number.
pub(crate) const LIES: [u8; 21] =
    [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 23, 24];

/// Troubles on the way.
pub(crate) const TRANSPORT: [u8; 6] = [25, 26, 27, 28, 29, 30];

impl Plan {
    pub(crate) fn draw(rng: &mut StdRng) -> Self {
        let mut kinds = LIES.to_vec();
        kinds.shuffle(rng);
        kinds.truncate(rng.gen_range(6..=LIES.len()));
        let theme = match rng.gen_range(0..100) {
            0..3 => Theme::FinalityViolated,
            3..6 => Theme::FinalityViolatedLate,
            6..10 => Theme::Backup,
            10..15 => Theme::Gone,
            15..21 => Theme::Poison,
            _ => Theme::Ordinary,
        };
        Self {
            transport: *[90, 120, 150].choose(rng).unwrap(),
            lies: *[120, 180, 250].choose(rng).unwrap(),
            kinds,
            trouble: *[40, 100, 200].choose(rng).unwrap(),
            moods: *[50, 150, 300].choose(rng).unwrap(),
            batch_max: *[0, 2, 10, 1_000].choose(rng).unwrap(),
            theme,
        }
    }
}
