//! What a policy may make of finality: a finding is written down when its block is taken in, and
//! judged anew when that is final.

use super::space::Space;
use super::{Dealing, Finality, Policy, Rule, Verdict};

/// Why rules cannot wait for finality as they do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is a finding only before, or only after its block is final: written down too late, or
    /// for nothing. By the rules that decide then.
    Missed(usize, usize),
    /// What counts together with others would be another sum tomorrow.
    Counted(usize, usize),
}

/// The first pair of rules that cannot be so: while pending, and once final.
pub(super) fn unfit(policy: &Policy) -> Option<Unfit> {
    if policy.rules.iter().all(|rule| rule.when.finality.is_none()) {
        return None;
    }
    let mut found = None;
    Space::of(&[policy]).each(|dealing| {
        if found.is_some() {
            return;
        }
        let Some((pending, finalized)) = policy.awaited(dealing) else { return };
        let is_nothing = |rule: &Rule| rule.outcome.verdict == Verdict::Nothing;
        let counts = |rule: &Rule| rule.repeated.is_some() || rule.summed.is_some();
        if is_nothing(pending) != is_nothing(finalized) {
            found = Some(Unfit::Missed(pending.line, finalized.line));
        } else if counts(pending) || counts(finalized) {
            found = Some(Unfit::Counted(pending.line, finalized.line));
        }
    });
    found
}

impl Policy {
    /// The rule that decides about what is pending and the one that will once it is final, if they
    /// are two.
    fn awaited(&self, dealing: &Dealing) -> Option<(&Rule, &Rule)> {
        if dealing.finality == Finality::Finalized {
            return None;
        }
        let later = Dealing { finality: Finality::Finalized, ..dealing.clone() };
        let (pending, finalized) = (self.judge(dealing), self.judge(&later));
        (pending.line != finalized.line).then_some((pending, finalized))
    }

    /// Whether another rule will decide about a dealing once it is final.
    pub fn awaits_finality(&self, dealing: &Dealing) -> bool {
        self.awaited(dealing).is_some()
    }
}
