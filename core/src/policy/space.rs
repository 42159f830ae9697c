//! Every dealing that policies can tell apart. There are finitely many, so that what rules do
//! together is tried and not argued about.

use std::collections::{BTreeMap, BTreeSet};

use super::dealing::{Dealing, Moment, Value};
use super::programs::Programs;
use super::word::{Counterparty, Direction, Exposure, Finality, SignedBy};
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
    /// Of programs that the same rules name, one.
    programs: Vec<String>,
    finalities: &'static [Finality],
}

impl Space {
    pub(super) fn of(policies: &[&Policy]) -> Self {
        let whens = || policies.iter().flat_map(|p| &p.rules).map(|rule| &rule.when);
        let is_asked = whens().any(|when| when.finality.is_some());
        Self {
            moments: moments(whens()),
            values: values(policies),
            sources: sources(whens()),
            programs: programs(whens()),
            finalities: if is_asked { Finality::ALL } else { &[Finality::Pending] },
        }
    }

    pub(super) fn len(&self) -> usize {
        let (moments, values) = (self.moments.len(), self.values.len());
        let places = PLACES.len() * SignedBy::ALL.len() * VERIFICATIONS.len();
        let choices = u32::try_from(self.programs.len()).map_or(None, |n| 2_usize.checked_pow(n));
        let last = places * self.finalities.len();
        [values, self.sources.len(), choices.unwrap_or(usize::MAX), last]
            .into_iter()
            .fold(moments, usize::saturating_mul)
    }

    /// What is said beside the dealing itself: lists, programs, finality. What is not known of
    /// programs fits as if there were none.
    fn listings(&self) -> Vec<(u16, Programs, Finality)> {
        let programs = choices(&self.programs);
        let of = |sources: &u16| {
            let sources = *sources;
            programs.iter().flat_map(move |programs| {
                let finalities = self.finalities.iter();
                finalities.map(move |finality| (sources, programs.clone(), *finality))
            })
        };
        self.sources.iter().flat_map(of).collect()
    }

    /// Shows each of them.
    pub(super) fn each(&self, mut visit: impl FnMut(&Dealing)) {
        let listings = self.listings();
        for &moment in &self.moments {
            for &(exposure, direction, counterparty) in &PLACES {
                for &value in self.values.iter().filter(|value| can_be(exposure, **value)) {
                    for &signed_by in SignedBy::ALL {
                        for verification in VERIFICATIONS {
                            for (sources, programs, finality) in &listings {
                                visit(&Dealing {
                                    moment,
                                    exposure,
                                    direction,
                                    value,
                                    signed_by,
                                    counterparty,
                                    verification,
                                    sources: *sources,
                                    programs: programs.clone(),
                                    finality: *finality,
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

/// Of programs that the same rules name no policy tells one from another.
fn programs<'a>(whens: impl Iterator<Item = &'a When>) -> Vec<String> {
    let mut named: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (rule, when) in whens.enumerate() {
        for code in when.program.iter().flatten() {
            named.entry(code).or_default().push(rule);
        }
    }
    let apart: BTreeMap<_, _> = named.into_iter().map(|(code, rules)| (rules, code)).collect();
    apart.into_values().cloned().collect()
}

/// Every choice of some programs.
fn choices(codes: &[String]) -> Vec<Programs> {
    let mut choices: Vec<Vec<&String>> = vec![Vec::new()];
    for code in codes {
        choices.extend_from_within(..);
        let half = choices.len() / 2;
        choices[half..].iter_mut().for_each(|choice| choice.push(code));
    }
    choices.into_iter().map(|choice| Programs::all(choice.into_iter().cloned())).collect()
}
