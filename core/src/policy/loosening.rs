//! What one policy takes more lightly than another: tried over every dealing that either of them
//! can tell apart, and not read off the rules' names.

use std::collections::BTreeMap;

use super::space::{DEALINGS_MAX, Space};
use super::{Dealing, Moment, Policy, Rule, Verdict};

/// What is taken more lightly, and by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosening {
    /// The class that it is now.
    pub class: String,
    /// How heavy it is now.
    pub verdict: Verdict,
    /// The line of the rule that decides now.
    pub line: usize,
    /// The class that it would be.
    pub instead_of: String,
    /// How heavy it would be.
    pub was: Verdict,
    /// One such dealing; `None` if not the dealing but its repetition is taken more lightly.
    pub example: Option<Dealing>,
}

/// In the order of the rules that decide now.
pub(super) fn of(policy: &Policy, than: &Policy) -> Vec<Loosening> {
    let space = Space::of(&[policy, than]);
    let mut found = BTreeMap::new();
    if space.len() > DEALINGS_MAX {
        // Each alone was few enough, so that this is a policy with all that one can have.
        return vec![unknown(policy, than)];
    }
    space.each(|dealing| {
        let (now, was) = (policy.judge(dealing), than.judge(dealing));
        if now.outcome.verdict < was.outcome.verdict {
            let key = (now.line, was.line, false);
            found.entry(key).or_insert_with(|| loosening(now, was, Some(dealing)));
        } else if dealing.moment == Moment::While && !keeps_count(now, was) {
            let key = (now.line, was.line, true);
            found.entry(key).or_insert_with(|| loosening(now, was, None));
        }
    });
    found.into_values().collect()
}

/// Whether repetition and sum raise at least as they did: as soon, and as much. Only what happened
/// while an address was listed is counted together.
fn keeps_count(now: &Rule, was: &Rule) -> bool {
    let pairs = [(&now.repeated, &was.repeated), (&now.summed, &was.summed)];
    pairs.into_iter().all(|(now_raise, was_raise)| match (now_raise, was_raise) {
        (_, None) => true,
        (None, Some(was)) => now.outcome.verdict >= was.outcome.verdict,
        (Some(raise), Some(was)) => {
            now.outcome.verdict >= was.outcome.verdict
                || (raise.outcome.verdict >= was.outcome.verdict
                    && raise.within_days >= was.within_days
                    && raise.times <= was.times
                    && raise.at_least <= was.at_least)
        }
    })
}

fn loosening(now: &Rule, was: &Rule, example: Option<&Dealing>) -> Loosening {
    Loosening {
        class: now.outcome.class.clone(),
        verdict: now.outcome.verdict,
        line: now.line,
        instead_of: was.outcome.class.clone(),
        was: was.outcome.verdict,
        example: example.cloned(),
    }
}

/// Where it cannot be tried, it counts as looser at its first rule.
fn unknown(policy: &Policy, than: &Policy) -> Loosening {
    loosening(&policy.rules[0], &than.rules[0], None)
}
