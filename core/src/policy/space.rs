//! Every dealing that policies can tell apart. There are finitely many, so that what rules do
//! together is tried and not argued about.

use std::collections::BTreeSet;

use super::dealing::{Dealing, Moment, Value};
use super::word::{Counterparty, Direction, Exposure, SignedBy};
use super::worth::Worth;
use super::{Policy, When};
use crate::transfer::Verification;

/// Most dealings that are tried; a policy that tells more apart is refused.
pub(super) const DEALINGS_MAX: usize = 2_000_000;

const VERIFICATIONS: [Verification; 4] =
    [Verification::Proved, Verification::Sampled, Verification::Agreed, Verification::Unverified];

/// The ends at which some policies look.
pub(super) struct Space {
    moments: Vec<Moment>,
    values: Vec<Value>,
    sources: Vec<u16>,
}

impl Space {
    pub(super) fn of(policies: &[&Policy]) -> Self {
        let whens = || policies.iter().flat_map(|p| &p.rules).map(|rule| &rule.when);
        Self { moments: moments(whens()), values: values(policies), sources: sources(whens()) }
    }

    pub(super) const fn len(&self) -> usize {
        let (moments, values) = (self.moments.len(), self.values.len());
        let places = PLACES.len() * SignedBy::ALL.len() * VERIFICATIONS.len();
        moments.saturating_mul(values).saturating_mul(self.sources.len()).saturating_mul(places)
    }

    /// Shows each of them.
    pub(super) fn each(&self, mut visit: impl FnMut(&Dealing)) {
        for &moment in &self.moments {
            for &(exposure, direction, counterparty) in &PLACES {
                for &value in self.values.iter().filter(|value| can_be(exposure, **value)) {
                    for &signed_by in SignedBy::ALL {
                        for verification in VERIFICATIONS {
                            for &sources in &self.sources {
                                visit(&Dealing {
                                    moment,
                                    exposure,
                                    direction,
                                    value,
                                    signed_by,
                                    counterparty,
                                    verification,
                                    sources,
                                });
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What can be together: a party sends or receives, who stands beside does neither, and only where
/// subjects are kept can one be listed.
const PLACES: [(Exposure, Direction, Counterparty); 15] = {
    use Counterparty::{Anyone, Other, Subject};
    use Direction::{Inbound, None, Outbound};
    use Exposure::{Beside, Ownership, Party};
    [
        (Party, Inbound, Anyone),
        (Party, Inbound, Subject),
        (Party, Inbound, Other),
        (Party, Outbound, Anyone),
        (Party, Outbound, Subject),
        (Party, Outbound, Other),
        (Beside, None, Anyone),
        (Beside, None, Subject),
        (Beside, None, Other),
        (Ownership, Inbound, Subject),
        (Ownership, Inbound, Other),
        (Ownership, Outbound, Subject),
        (Ownership, Outbound, Other),
        (Ownership, None, Subject),
        (Ownership, None, Other),
    ]
};

/// Whoever is a party of a movement, something of some token moved.
const fn can_be(exposure: Exposure, value: Value) -> bool {
    !matches!((exposure, value), (Exposure::Party, Value::Bare | Value::Failed))
}

fn moments<'a>(whens: impl Iterator<Item = &'a When>) -> Vec<Moment> {
    let bounds: BTreeSet<u32> = whens.filter_map(|when| when.days_before_at_most).collect();
    let beyond = bounds.last().map_or(0, |last| last.saturating_add(1));
    let before = bounds.into_iter().chain([beyond]).map(|days| Moment::Before { days });
    before.chain([Moment::Boundary, Moment::While, Moment::After]).collect()
}

fn values(policies: &[&Policy]) -> Vec<Value> {
    let asked = policies.iter().flat_map(|p| &p.rules).filter_map(|rule| rule.when.at_least);
    let bounds: BTreeSet<Worth> = asked.chain(policies.iter().map(|p| p.dust_below)).collect();
    let below = bounds.first().and_then(|first| first.0.checked_sub(1)).map(Worth);
    let moved = below.into_iter().chain(bounds).map(Value::Moved);
    moved.chain([Value::Zero, Value::UnknownToken, Value::Bare, Value::Failed]).collect()
}

/// Every choice of the lists that the rules speak of.
fn sources<'a>(whens: impl Iterator<Item = &'a When>) -> Vec<u16> {
    let named = whens.filter_map(|when| when.sources.as_ref()).fold(0, |m, of| m | super::mask(of));
    let mut choices = vec![0];
    for bit in (0..u16::BITS).map(|bit| 1 << bit).filter(|bit| named & bit != 0) {
        choices.extend_from_within(..);
        let half = choices.len() / 2;
        choices[half..].iter_mut().for_each(|mask| *mask |= bit);
    }
    choices
}
