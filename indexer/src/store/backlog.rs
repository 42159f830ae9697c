//! What the desk still has to do, in figures, for those who watch from outside.

use std::collections::BTreeMap;

use interdict_core::policy::Severity;
use jiff::civil::Date;

/// Weights of which it is told how long the oldest that nobody looks at has been there.
pub const HEAVY: [Severity; 2] = [Severity::High, Severity::Critical];
/// Of so many that were found first it is looked when they were written down: the findings of one
/// walk back count as found in one block and are written down one after another.
pub(super) const OLDEST_MAX_ROWS: u32 = 64;

/// The last days of reports that are due soon, by the calendar of business days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Today, where reports are made.
    pub today: Date,
    /// The business day after it.
    pub next_day: Date,
    /// The last day of those that count as due soon.
    pub soon: Date,
}

/// What the desk still has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Open ones by weight; what stands behind the first of a flood is not counted.
    pub open: BTreeMap<Severity, u64>,
    /// Those of them that nobody looks at.
    pub unassigned: BTreeMap<Severity, u64>,
    /// With a step that waits for a second person.
    pub waiting: u64,
    /// Reports that are still to be made.
    pub reports: Reports,
    /// When the oldest that nobody looks at was written down, by our clock, of each weight of
    /// [`HEAVY`] that there is.
    pub oldest: BTreeMap<Severity, i64>,
}

/// Reports that are still to be made, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// Their last day is over.
    pub overdue: u64,
    /// Today is their last day.
    pub today: u64,
    /// The next business day is, or a day before it.
    pub next_day: u64,
    /// Due soon, and later than that.
    pub soon: u64,
}
