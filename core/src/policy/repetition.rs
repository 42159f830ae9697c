//! What a finding is together with earlier ones of the same pair: a listed address and a
//! counterparty.
//!
//! Only what happened while the address was listed is counted together, and of that only what came
//! before on the chain: so that no finding changes by a later one, and what a reorganisation takes
//! back takes with it whatever was raised because of it. What happens within one hour counts as one
//! time: a flood is no habit. And a bound counts once: what was raised begins the count anew.

use super::{Outcome, Rule, Worth};

/// What becomes of a finding that is not the first of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raise {
    /// How far back to look, in days.
    pub within_days: u32,
    /// From so many times on, this one included; 0 where only the sum counts.
    pub times: u32,
    /// From this sum on, this one included; zero where only the times count.
    pub at_least: Worth,
    /// What is said of it then.
    pub outcome: Outcome,
}

/// What there was of the same kind, in the time in which it counts and since it was last raised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// Different hours, this finding's own not among them.
    pub hours: u32,
    /// What it was worth.
    pub worth: Worth,
}

impl Rule {
    /// What is said of a finding of this worth, given what there was before it.
    pub fn raised(&self, worth: Worth, repeated: Earlier, summed: Earlier) -> &Outcome {
        let sum = |raise: &&Raise| worth.plus(summed.worth) >= raise.at_least;
        let times = |raise: &&Raise| repeated.hours.saturating_add(1) >= raise.times;
        let raise = self.summed.as_ref().filter(sum);
        let raise = raise.or_else(|| self.repeated.as_ref().filter(times));
        raise.map_or(&self.outcome, |raise| &raise.outcome)
    }
}
